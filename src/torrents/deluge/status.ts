/** Asking Deluge about one torrent. */
import type { DelugeRPC } from '../../rpc/index.ts';
import { type Fields, toList } from '../fields.ts';

/** How a torrent stands, by key, not as of some seconds ago; of an unknown one, nothing. No keys are all. */
export async function askStatus(
  client: DelugeRPC,
  infoHash: string,
  keys: readonly string[],
  signal: AbortSignal,
): Promise<Fields> {
  return (await client.call<Fields>('core.get_torrent_status', [infoHash, keys], {}, { signal })) ?? {};
}

/** The dictionaries in a list. */
export function toRecords(value: unknown): readonly Fields[] {
  return toList(value).filter(item => typeof item === 'object' && item !== null) as Fields[];
}
