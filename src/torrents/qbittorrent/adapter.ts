/** qBittorrent, 4.1 to 5.3. */
import type { QbittorrentRPC } from '../../rpc/index.ts';
import type { Adapter } from '../adapter.ts';
import { actions } from './actions.ts';
import { details } from './details.ts';
import { QbittorrentFeed } from './feed.ts';

export const qbittorrentAdapter: Adapter<QbittorrentRPC> = {
  follow: client => new QbittorrentFeed(client),
  details,
  actions,
};
