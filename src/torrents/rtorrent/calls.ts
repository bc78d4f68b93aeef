/** Calls of rTorrent's about torrents, many in as few requests as it takes, and the texts of its own commands. */
import type { MulticallOptions, RPCError, RpcValue, RtorrentCall, RtorrentRPC } from '../../rpc/index.ts';

/** A request of so many, of the usual size, is well below rTorrent's limit, half a megabyte unless it is set. */
const MOST = 1000;

/** The values, in order. @throws what `multicall()` throws. */
export async function callEach(
  client: RtorrentRPC,
  calls: readonly RtorrentCall[],
  signal: AbortSignal,
  options: Pick<MulticallOptions, 'raiseErrors'> = {},
): Promise<(RpcValue | RPCError)[]> {
  const values: (RpcValue | RPCError)[] = [];
  for (let start = 0; start < calls.length; start += MOST)
    values.push(...(await client.multicall(calls.slice(start, start + MOST), { ...options, signal })));
  return values;
}

/** What rTorrent calls a torrent by. */
export const targetOf = (infoHash: string) => infoHash.toUpperCase();

/** Calls these methods, which take nothing but the torrent, one after the other on each. */
export function onEach(torrents: readonly string[], ...methods: readonly string[]): RtorrentCall[] {
  return torrents.flatMap(infoHash => methods.map(method => [method, targetOf(infoHash)] as const));
}

/**
 * A text within a command, which rTorrent reads as it stands: unless it begins with `$`, which makes another command of
 * it, quoted or not (`parse_command_execute` in src/rpc/parse_commands.cc, 0.9.8).
 */
export function quote(text: string): string {
  if (text.startsWith('$')) throw new Error('rTorrent would take it for a command');
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}

/** A text that XML may not be able to carry: as bytes it comes whole, also characters beyond U+FFFF. */
export const toBytes = (text: string): Uint8Array => Buffer.from(text.toWellFormed());
