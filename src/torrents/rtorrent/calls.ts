/** Many calls of rTorrent's, in as few requests as it takes. */
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
