/** Who turns which daemon's words into torrents. */
import type { ClientName, ClientOf } from '../rpc/index.ts';
import { delugeAdapter } from './deluge.ts';
import { qbittorrentAdapter } from './qbittorrent.ts';
import { rtorrentAdapter } from './rtorrent.ts';
import type { Adapter, Listing } from './torrent.ts';
import { transmissionAdapter } from './transmission.ts';

/** The adapter of each kind of client. */
export const ADAPTERS: { readonly [Name in ClientName]: Adapter<ClientOf<Name>> } = {
  deluge: delugeAdapter,
  qbittorrent: qbittorrentAdapter,
  rtorrent: rtorrentAdapter,
  transmission: transmissionAdapter,
};

/**
 * Everything that is shown of a daemon's torrents, asked anew.
 *
 * @param rpc made by `client(type, …)`.
 * @throws what its `call()` throws, or an Error where the answer is no list of torrents.
 */
export function listTorrents<Name extends ClientName>(
  type: Name,
  rpc: ClientOf<Name>,
  signal: AbortSignal,
): Promise<Listing> {
  return ADAPTERS[type].list(rpc, signal);
}
