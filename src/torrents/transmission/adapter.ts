/** Transmission, 3.00 to 4.1. */
import type { TransmissionRPC } from '../../rpc/index.ts';
import type { Adapter } from '../adapter.ts';
import { TransmissionFeed } from './feed.ts';

export const transmissionAdapter: Pick<Adapter<TransmissionRPC>, 'follow'> = {
  follow: client => new TransmissionFeed(client),
};
