/** rTorrent, 0.9.8 to 0.16. */
import type { RtorrentRPC } from '../../rpc/index.ts';
import type { Adapter } from '../adapter.ts';
import { rtorrentActions } from './actions.ts';
import { rtorrentDetails } from './details.ts';
import { RtorrentFeed } from './feed.ts';

export const rtorrentAdapter: Adapter<RtorrentRPC> = {
  follow: client => new RtorrentFeed(client),
  details: rtorrentDetails,
  actions: rtorrentActions,
};
