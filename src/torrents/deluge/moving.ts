/** Moving files to another folder with Deluge. */
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DelugeRPC } from '../../rpc/index.ts';
import { untilAborted } from '../../util/async.ts';
import { toText } from '../fields.ts';
import { askStatus } from './status.ts';

/** Milliseconds that Deluge gets to begin. */
const LONGEST_MS = 5000;
const POLL_MS = 100;

/**
 * Resolves when it has begun: files may take their time. Of a folder that it cannot make it says so in its log only.
 *
 * @throws Error where nothing happens, and what `call()` throws.
 */
export async function moveStorage(
  client: DelugeRPC,
  torrents: readonly string[],
  folder: string,
  signal: AbortSignal,
): Promise<void> {
  await client.call('core.move_storage', [torrents, folder], {}, { signal });
  await Promise.all(torrents.map(infoHash => begun(client, infoHash, folder, signal)));
}

async function begun(
  client: DelugeRPC,
  infoHash: string,
  folder: string,
  signal: AbortSignal,
): Promise<void> {
  for (const deadline = performance.now() + LONGEST_MS; ; await untilAborted(sleep(POLL_MS), signal)) {
    const keys = ['state', 'download_location', 'message'];
    const { state, download_location, message } = await askStatus(client, infoHash, keys, signal);
    // It writes them without what leads nowhere: `/srv//x/../y/` is `/srv/y`.
    const isThere = plain(toText(download_location)) === plain(folder);
    if (state === 'Moving' || isThere) return;
    if (state === 'Error') throw new Error(toText(message));
    if (performance.now() > deadline) throw new Error('Deluge did not move it; its log may say why');
  }
}

const plain = (folder: string) => path.posix.normalize(folder).replace(/(?<=.)\/$/, '');
