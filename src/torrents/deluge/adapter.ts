/** Deluge 2. */
import type { DelugeRPC } from '../../rpc/index.ts';
import type { Adapter } from '../adapter.ts';
import { DelugeFeed } from './feed.ts';

export const delugeAdapter: Pick<Adapter<DelugeRPC>, 'follow'> = {
  follow: client => new DelugeFeed(client),
};
