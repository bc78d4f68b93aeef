/** Priorities of files as libtorrent counts them, 0 to 7, of which Deluge uses four (deluge/common.py, 2.0.3). */
import type { DelugeRPC } from '../../rpc/index.ts';
import { toAmount, toList } from '../fields.ts';
import type { FilePriority } from '../torrent.ts';
import { askStatus } from './status.ts';

const PRIORITIES: { readonly [Priority in FilePriority]: number } = {
  skip: 0,
  low: 1,
  normal: 4,
  high: 7,
};

/** Others may have set what is between. */
export function toPriority(value: unknown): FilePriority {
  const number = toAmount(value) ?? PRIORITIES.normal;
  if (number === PRIORITIES.skip) return 'skip';
  if (number === PRIORITIES.normal) return 'normal';
  return number < PRIORITIES.normal ? 'low' : 'high';
}

/**
 * Sets the priority of some files of a torrent. Deluge takes those of all, or passes them over without a word.
 *
 * @throws Error where there are no such files, or none known yet, and what `call()` throws.
 */
export async function setPriority(
  client: DelugeRPC,
  infoHash: string,
  files: readonly number[],
  priority: FilePriority,
  signal: AbortSignal,
): Promise<void> {
  const { file_priorities } = await askStatus(client, infoHash, ['file_priorities'], signal);
  const before = toList(file_priorities);
  if (files.some(index => index >= before.length)) throw new Error('The torrent has no such file');
  const after = before.map((number, index) => (files.includes(index) ? PRIORITIES[priority] : number));
  await client.call('core.set_torrent_options', [[infoHash], { file_priorities: after }], {}, { signal });
}
