/** Who turns which daemon's words into torrents. */
import type { ClientName, ClientOf } from '../rpc/index.ts';
import type { Adapter } from './adapter.ts';
import { delugeAdapter } from './deluge/adapter.ts';
import { qbittorrentAdapter } from './qbittorrent/adapter.ts';
import { rtorrentAdapter } from './rtorrent/adapter.ts';
import { transmissionAdapter } from './transmission/adapter.ts';

/** The adapter of each kind of client. */
export const ADAPTERS: { readonly [Name in ClientName]: Adapter<ClientOf<Name>> } = {
  deluge: delugeAdapter,
  qbittorrent: qbittorrentAdapter,
  rtorrent: rtorrentAdapter,
  transmission: transmissionAdapter,
};

/** Any of the core's clients. */
export type AnyClient = ClientOf<ClientName>;

/** The adapter of a kind whose name is known only when it runs; it takes clients of that kind. */
export function adapterOf(type: ClientName): Adapter<AnyClient> {
  return ADAPTERS[type] as Adapter<AnyClient>;
}
