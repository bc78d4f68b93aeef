import type { ClientName, ClientOf } from '../../src/rpc/index.ts';
import { adapterOf } from '../../src/torrents/adapters.ts';
import type { Update } from '../../src/torrents/torrent.ts';

/** All torrents of a client made by `client(type, …)`, as its adapter sees them at first. */
export function listTorrents<Name extends ClientName>(
  type: Name,
  rpc: ClientOf<Name>,
  signal: AbortSignal,
): Promise<Update> {
  return adapterOf(type).follow(rpc).all(signal);
}
