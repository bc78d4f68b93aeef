/** Adding a torrent to qBittorrent, which goes on after it has said yes. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { QbittorrentRPC } from '../../rpc/index.ts';
import { untilAborted } from '../../util/async.ts';
import type { Added, NewTorrent } from '../adapter.ts';
import { toItems, toRecord, toText, toTexts } from '../fields.ts';
import { parseMetainfo } from '../metainfo.ts';
import { isStatus, start } from './calls.ts';

/** Milliseconds between two looks, and in all, until a torrent that was taken must be there. */
const POLL_MS = 50;
const LONGEST_MS = 15_000;

/** It would call a torrent that is there a failure, so that is looked for first. */
export async function add(client: QbittorrentRPC, torrent: NewTorrent, signal: AbortSignal): Promise<Added> {
  const { source, isStopped, unwanted } = torrent;
  const hashes = toHashes(source);
  const present = await find(client, hashes, signal);
  if (present !== undefined) return { infoHash: present, isDuplicate: true };
  hashes.push(...(await send(client, torrent, signal)));
  if (hashes.length === 0) return { infoHash: undefined, isDuplicate: false };

  const infoHash = await appeared(client, hashes, signal);
  if (unwanted.length > 0) {
    const options = { hash: infoHash, id: toOwnNumbers(torrent), priority: 0 };
    await client.call('torrents/filePrio', options, { signal });
    if (!isStopped) await start(client, [infoHash], signal);
  }
  return { infoHash, isDuplicate: false };
}

/** To it, pad files are none. */
function toOwnNumbers({ source, unwanted }: NewTorrent): number[] {
  const files = source.kind === 'file' ? parseMetainfo(source.metainfo).files : [];
  const indexes = new Set(unwanted);
  return files.flatMap(({ index }, place) => (indexes.has(index) ? [place] : []));
}

/** What it may be known by: its v1 info hash, or the beginning of the v2 one, also of a hybrid torrent. */
function toHashes({ infoHash, infoHashV2 }: NewTorrent['source']): string[] {
  return [infoHash, infoHashV2?.slice(0, 40)].filter(hash => hash !== undefined);
}

async function find(
  client: QbittorrentRPC,
  hashes: readonly string[],
  signal: AbortSignal,
): Promise<string | undefined> {
  // Without any it would list all.
  if (hashes.length === 0) return undefined;
  const [found] = toItems(await client.call('torrents/info', { hashes }, { signal }));
  return found === undefined ? undefined : toText(toRecord(found).hash);
}

/** The info hashes, where the daemon tells them: since 5.2, and not of what it has yet to fetch. */
async function send(
  client: QbittorrentRPC,
  { source, savePath, labels, isStopped, unwanted }: NewTorrent,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const isHeldBack = isStopped || unwanted.length > 0;
  const options = {
    ...(source.kind === 'link' && { urls: [source.url] }),
    // Else a torrent that is managed automatically goes elsewhere.
    ...(savePath !== undefined && { savepath: savePath, autoTMM: false }),
    // It makes a category that is not there yet.
    ...(labels.length > 0 && { category: labels[0] }),
    // Renamed in 5.0.
    ...{ paused: isHeldBack, stopped: isHeldBack },
  };
  const file = source.kind === 'file' && { filename: `${source.infoHash}.torrent`, content: source.metainfo };
  const files = file ? ([['torrents', file]] as const) : [];
  try {
    const answer = await client.call('torrents/add', options, { files, signal });
    if (answer === 'Fails.') throw new Error(REFUSAL);
    return typeof answer === 'object' ? (toTexts(toRecord(answer).added_torrent_ids) ?? []) : [];
  } catch (error) {
    throw isStatus(error, 409) ? new Error(REFUSAL, { cause: error }) : error;
  }
}

/** Up to 5.1 it says `Fails.`, since 5.2 `Conflict`, and no more. */
const REFUSAL = 'qBittorrent did not take the torrent';

async function appeared(
  client: QbittorrentRPC,
  hashes: readonly string[],
  signal: AbortSignal,
): Promise<string> {
  for (const end = performance.now() + LONGEST_MS; ; ) {
    const found = await find(client, hashes, signal);
    if (found !== undefined) return found;
    if (performance.now() > end) throw new Error('qBittorrent took the torrent, but does not list it');
    await untilAborted(sleep(POLL_MS), signal);
  }
}
