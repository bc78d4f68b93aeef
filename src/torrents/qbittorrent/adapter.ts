/** qBittorrent, 4.1 to 5.3. */
import type { QbittorrentRPC } from '../../rpc/index.ts';
import type { Adapter } from '../adapter.ts';
import { QbittorrentFeed } from './feed.ts';

export const qbittorrentAdapter: Pick<Adapter<QbittorrentRPC>, 'follow'> = {
  follow: client => new QbittorrentFeed(client),
};
