/** rTorrent, 0.9.8 to 0.16. */
import type { RtorrentRPC } from '../../rpc/index.ts';
import type { Adapter } from '../adapter.ts';
import { RtorrentFeed } from './feed.ts';

export const rtorrentAdapter: Pick<Adapter<RtorrentRPC>, 'follow'> = {
  follow: client => new RtorrentFeed(client),
};
