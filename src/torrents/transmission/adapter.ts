/** Transmission, 3.00 to 4.1. */
import type { TransmissionRPC } from '../../rpc/index.ts';
import type { Adapter } from '../adapter.ts';
import { actions } from './actions.ts';
import { details } from './details.ts';
import { TransmissionFeed } from './feed.ts';

export const transmissionAdapter: Adapter<TransmissionRPC> = {
  follow: client => new TransmissionFeed(client),
  details,
  actions,
};
