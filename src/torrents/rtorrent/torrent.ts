/** One torrent as rTorrent tells it (the same commands in 0.9.8 and 0.16.17: src/command_download.cc). */
import { type Fields, toAmount, toHosts, toItems, toProgress, toText, toTime } from '../fields.ts';
import type { Torrent, TorrentState } from '../torrent.ts';
import { toLabels } from './labels.ts';
import { toWholeText } from './text.ts';

/** Numbers, after the hash: as one text they are half the bytes, and half the time, of a value each (measured). */
const NUMBERS = [
  'd.is_active',
  'd.is_meta',
  'd.is_multi_file',
  'd.is_private',
  'd.hashing',
  'd.hashing_failed',
  'd.chunks_hashed',
  'd.bytes_done',
  'd.size_bytes',
  'd.completed_chunks',
  'd.wanted_chunks',
  'd.chunk_size',
  'd.down.rate',
  'd.up.rate',
  'd.down.total',
  'd.up.total',
  'd.ratio',
  'd.peers_connected',
  'd.peers_complete',
  'd.timestamp.finished',
];
/** The commands that a torrent is read from. */
export const COLUMNS: readonly string[] = [
  `cat=$d.hash=${NUMBERS.map(command => `," ",$${command}=`).join('')}`,
  'd.name=',
  'd.message=',
  'd.custom1=',
  'd.directory=',
  // When it was added, as ruTorrent and Flood write it down; rTorrent itself knows only when it read it last.
  'd.custom=addtime',
  // As ruTorrent asks: a request for each torrent's would be a connection for each.
  'cat="$t.multicall=d.hash=,t.url=,cat={#}"',
];

/** What the columns of a torrent say. @throws Error where it is no such row. */
export function toTorrent(row: unknown): Torrent {
  const [first, named, message, custom1, directory, addtime, trackers] = toItems(row);
  const [hash = '', ...numbers] = toText(first).split(' ');
  if (numbers.length !== NUMBERS.length) throw new Error('Unexpected response: no torrent');
  const fields = Object.fromEntries(NUMBERS.map((command, index) => [command, Number(numbers[index])]));
  const name = toWholeText(named);
  return {
    infoHash: hash.toLowerCase(),
    ...toPicture(fields, toWholeText(message)),
    name,
    labels: toLabels(toText(custom1)),
    trackerHosts: toHosts(toText(trackers).split('#')),
    savePath: savePathOf(toWholeText(directory), name, fields['d.is_multi_file'] === 1) || undefined,
    addedAt: toTime(Number(toText(addtime).trim())),
  };
}

function toPicture(fields: Fields, message: string): Omit<Torrent, 'infoHash' | 'name'> {
  const state = toState(fields, message);
  const isMeta = Boolean(fields['d.is_meta']);
  const size = isMeta ? undefined : sizeOf(fields);
  const done = Number(fields['d.bytes_done']);
  const downloadRate = toAmount(fields['d.down.rate']);
  const peers = toAmount(fields['d.peers_connected']);
  const seeds = toAmount(fields['d.peers_complete']);
  return {
    state,
    progress: progressOf(fields, state, size),
    downloadRate,
    uploadRate: toAmount(fields['d.up.rate']),
    eta:
      state === 'downloading' && size && downloadRate ? Math.ceil((size - done) / downloadRate) : undefined,
    size,
    totalSize: isMeta ? undefined : toAmount(fields['d.size_bytes']),
    downloaded: toAmount(fields['d.down.total']),
    uploaded: toAmount(fields['d.up.total']),
    // Per mille.
    ratio: toAmount(Number(fields['d.ratio']) / 1000),
    seeds,
    leechers: peers === undefined || seeds === undefined ? undefined : peers - seeds,
    peers,
    completedAt: toTime(fields['d.timestamp.finished']),
    isPrivate: isMeta ? undefined : fields['d.is_private'] === 1,
    error: message || undefined,
  };
}

/** Whether the directory of a torrent is a folder of its own, named as it is: of several files, unless somebody set another. */
export function hasOwnFolder(directory: string, name: string, isMultiFile: boolean): boolean {
  return isMultiFile && name !== '' && directory.endsWith(`/${name}`);
}

/** The folder that its file, or the folder of its own, lies in. */
export function savePathOf(directory: string, name: string, isMultiFile: boolean): string {
  if (!hasOwnFolder(directory, name, isMultiFile)) return directory;
  return directory.slice(0, -name.length - 1) || '/';
}

/** rTorrent has no word for it: it shows these one by one. */
function toState(fields: Fields, message: string): TorrentState {
  // It goes on saying that it hashes then, until it is started again (observed on 0.9.8).
  if (fields['d.hashing_failed']) return 'error';
  if (fields['d.hashing'] !== 0) return 'checking';
  if (!fields['d.is_active']) return isOwnMessage(message) ? 'error' : 'stopped';
  if (fields['d.is_meta']) return 'metadata';
  return isDone(fields) ? 'seeding' : 'downloading';
}

/** Whether rTorrent itself says it, not a tracker (`receive_tracker_msg` in src/core/download.cc): why it stopped. */
function isOwnMessage(message: string): boolean {
  return message !== '' && !message.startsWith('Tracker: [');
}

/** Whether all that is wanted is there; `d.complete` is for all there is. */
function isDone(fields: Fields): boolean {
  return fields['d.wanted_chunks'] === 0 && fields['d.completed_chunks'] !== 0;
}

function progressOf(fields: Fields, state: TorrentState, size: number | undefined): number {
  if (state === 'checking') {
    const chunks = Math.ceil(Number(fields['d.size_bytes']) / Number(fields['d.chunk_size']));
    return toProgress(fields['d.chunks_hashed'], chunks);
  }
  return isDone(fields) ? 1 : toProgress(fields['d.bytes_done'], size ?? 0);
}

/** Bytes of what is wanted or there, in whole chunks: what rTorrent has no sum of. */
function sizeOf(fields: Fields): number {
  const chunks = Number(fields['d.completed_chunks']) + Number(fields['d.wanted_chunks']);
  return Math.min(chunks * Number(fields['d.chunk_size']), Number(fields['d.size_bytes']));
}
