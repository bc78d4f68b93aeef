/** Adding torrents to Deluge. */
import type { DelugeRPC } from '../../rpc/index.ts';
import type { Added, NewTorrent } from '../adapter.ts';
import { toText } from '../fields.ts';
import { setLabel, toLabel } from './label.ts';
import { setPriority } from './priorities.ts';
import { askStatus } from './status.ts';

export async function addToDeluge(
  client: DelugeRPC,
  torrent: NewTorrent,
  signal: AbortSignal,
): Promise<Added> {
  const { source, labels, unwanted, isStopped } = torrent;
  // Before anything is sent.
  toLabel(labels);
  // Asked before: to one that is there Deluge would add the trackers of the new one.
  if (source.infoHash !== undefined && (await isThere(client, source.infoHash, signal)))
    return { infoHash: source.infoHash, isDuplicate: true };
  const hasChoice = unwanted.length > 0;
  const options = {
    add_paused: isStopped || hasChoice,
    ...(torrent.savePath !== undefined && { download_location: torrent.savePath }),
  };
  const added = await send(client, source, options, signal);
  if (added.isDuplicate) return added;
  const { infoHash } = added;
  if (labels.length > 0) await setLabel(client, [infoHash], labels, signal);
  if (hasChoice) {
    await setPriority(client, infoHash, unwanted, 'skip', signal);
    if (!isStopped) await client.call('core.resume_torrents', [[infoHash]], {}, { signal });
  }
  return added;
}

async function isThere(client: DelugeRPC, infoHash: string, signal: AbortSignal): Promise<boolean> {
  const { hash } = await askStatus(client, infoHash, ['hash'], signal);
  return hash !== undefined;
}

async function send(
  client: DelugeRPC,
  source: NewTorrent['source'],
  options: object,
  signal: AbortSignal,
): Promise<Added & { readonly infoHash: string }> {
  const [method, args] = questionOf(source);
  try {
    const infoHash = toText(await client.call(method, [...args, options], {}, { signal }));
    if (infoHash === '') throw new Error('Deluge did not add it; its log may say why');
    return { infoHash: infoHash.toLowerCase(), isDuplicate: false };
  } catch (error) {
    // `Torrent already in session (…).`, `Torrent already being added (…).` (deluge/core/torrentmanager.py)
    const [, infoHash] = /\balready\b.*\(([0-9a-f]{40})\)/.exec((error as Error).message) ?? [];
    if (infoHash === undefined) throw error;
    return { infoHash, isDuplicate: true };
  }
}

/** An address it fetches itself, and answers when it has what is there. */
function questionOf(source: NewTorrent['source']): readonly [method: string, args: readonly string[]] {
  if (source.kind === 'file')
    return ['core.add_torrent_file', [source.name, Buffer.from(source.metainfo).toString('base64')]];
  const isMagnet = /^magnet:/i.test(source.url);
  return [isMagnet ? 'core.add_torrent_magnet' : 'core.add_torrent_url', [source.url]];
}
