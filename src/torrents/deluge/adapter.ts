/** Deluge 2. */
import type { DelugeRPC } from '../../rpc/index.ts';
import type { Adapter } from '../adapter.ts';
import { delugeActions } from './actions.ts';
import { delugeDetails } from './details.ts';
import { DelugeFeed } from './feed.ts';

export const delugeAdapter: Adapter<DelugeRPC> = {
  follow: client => new DelugeFeed(client),
  details: delugeDetails,
  actions: delugeActions,
};
