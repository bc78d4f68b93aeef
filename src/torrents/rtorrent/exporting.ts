/** Getting the `.torrent` file out of rTorrent. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { RtorrentRPC } from '../../rpc/index.ts';
import { untilAborted } from '../../util/async.ts';
import { toText } from '../fields.ts';
import type { Torrent } from '../torrent.ts';
import { targetOf } from './calls.ts';

/** Milliseconds between two looks, and in all: 0.16 writes the file when it comes to it. */
const POLL_MS = 100;
const LONGEST_MS = 5000;

/**
 * rTorrent keeps it in its session folder, and reads it out by a program; what is binary comes only as text.
 *
 * @throws Error where it has no such folder, or not the metadata yet, and what `call()` throws.
 */
export async function exportTorrent(
  client: RtorrentRPC,
  { infoHash, state }: Torrent,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const folder = toText(await client.call('session.path', '', { signal }));
  if (folder === '') throw new Error('rTorrent keeps no .torrent files: it has no session folder');
  if (state === 'metadata') throw new Error('There is no .torrent file before the metadata are there');
  const file = `${folder.replace(/\/?$/, '/')}${targetOf(infoHash)}.torrent`;
  for (const end = performance.now() + LONGEST_MS; ; await untilAborted(sleep(POLL_MS), signal)) {
    const text = await client.call('execute.capture_nothrow', '', 'base64', file, { signal });
    const bytes = Buffer.from(toText(text), 'base64');
    if (bytes.length > 0) return bytes;
    if (performance.now() > end) throw new Error(`rTorrent could not read ${file}`);
  }
}
