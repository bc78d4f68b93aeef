/** Calls that are made otherwise from version to version: the daemon itself tells what it knows. */
import type { QbittorrentRPC, RpcValue } from '../../rpc/index.ts';

/** Calls the first of these methods that the daemon has. */
export async function callFirst(
  client: QbittorrentRPC,
  [method, ...others]: readonly [string, ...string[]],
  options: Record<string, unknown>,
  signal: AbortSignal,
): Promise<RpcValue> {
  try {
    return await client.call(method, options, { signal });
  } catch (error) {
    const [next, ...rest] = others;
    if (next === undefined || !isStatus(error, 404)) throw error;
    return callFirst(client, [next, ...rest], options, signal);
  }
}

/** Starts torrents, or lets the queue have them again; renamed in 5.0. */
export async function start(
  client: QbittorrentRPC,
  hashes: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  await callFirst(client, ['torrents/start', 'torrents/resume'], { hashes }, signal);
}

/** Whether the daemon said no with this status. */
export function isStatus(error: unknown, status: number): boolean {
  const { name, info } = error as Error & { readonly info?: { readonly status?: number } };
  return name === 'RPCError' && info?.status === status;
}
