/** The label that Deluge's plugin gives a torrent (deluge_label/core.py, 0.3: the same in all Deluge 2). */
import type { DelugeRPC } from '../../rpc/index.ts';
import { toList } from '../fields.ts';

/** What the plugin takes. */
const VALID = /^[a-z0-9_.-]*$/;

/**
 * The label as Deluge writes it, lower case; empty is none.
 *
 * @throws Error where they are several, or it is no label of Deluge's.
 */
export function toLabel(labels: readonly string[]): string {
  const label = labels[0]?.toLowerCase() ?? '';
  if (labels.length > 1) throw new Error('A torrent has one label in Deluge');
  if (!VALID.test(label)) throw new Error('Labels in Deluge are of the characters a-z 0-9 _ - . only');
  return label;
}

/** Sets it; one that is not there yet is made. @throws what `toLabel()` and `call()` throw. */
export async function setLabel(
  client: DelugeRPC,
  torrents: readonly string[],
  labels: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const label = toLabel(labels);
  if (label !== '') {
    const known = await client.call('label.get_labels', [], {}, { signal });
    if (!toList(known).includes(label)) await client.call('label.add', [label], {}, { signal });
  }
  await Promise.all(
    torrents.map(infoHash => client.call('label.set_torrent', [infoHash, label], {}, { signal })),
  );
}
