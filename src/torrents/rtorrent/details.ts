/** What rTorrent knows of one torrent. */
import type { RtorrentRPC } from '../../rpc/index.ts';
import type { Details } from '../adapter.ts';
import {
  type Fields,
  toAddress,
  toAmount,
  toFields,
  toItems,
  toProgress,
  toText,
  toTime,
} from '../fields.ts';
import type { FilePriority, Peer, TorrentFile, Tracker, TrackerStatus } from '../torrent.ts';
import { callEach, targetOf } from './calls.ts';
import { EVERYTHING } from './everything.ts';
import { toWholeText } from './text.ts';
import { hasOwnFolder } from './torrent.ts';

const FILE = ['f.path', 'f.size_bytes', 'f.size_chunks', 'f.completed_chunks', 'f.priority'];
const TRACKER = [
  't.url',
  't.group',
  't.is_enabled',
  't.is_busy',
  't.success_time_last',
  't.failed_counter',
  't.activity_time_next',
  't.scrape_counter',
  't.scrape_complete',
  't.scrape_incomplete',
];
const PEER = [
  'p.address',
  'p.port',
  'p.client_version',
  'p.completed_percent',
  'p.down_rate',
  'p.up_rate',
  'p.is_encrypted',
];

export const rtorrentDetails: Details<RtorrentRPC> = {
  async files(client, { infoHash, name }, signal) {
    const target = targetOf(infoHash);
    const [isMeta, isMultiFile, directory, rows] = await client.multicall(
      [
        ['d.is_meta', target],
        ['d.is_multi_file', target],
        ['d.directory', target],
        ['f.multicall', target, '', ...FILE.map(command => `${command}=`)],
      ],
      { signal },
    );
    // Of a magnet link it keeps a file of its own.
    if (isMeta === 1) return [];
    const isOwn = hasOwnFolder(toWholeText(directory), name, isMultiFile === 1);
    return toItems(rows).map((row, index) => toFile(toFields(FILE, row), index, isOwn ? `${name}/` : ''));
  },

  async trackers(client, { infoHash, state, error }, signal) {
    const rows = await client.call(
      't.multicall',
      ...[targetOf(infoHash), '', ...TRACKER.map(command => `${command}=`), { signal }],
    );
    const isAsking = state !== 'stopped' && state !== 'error';
    const trackers = toItems(rows).map(row => toTracker(toFields(TRACKER, row), isAsking));
    // It keeps the last words of all trackers together.
    const failed = trackers.filter(({ status }) => status === 'failed');
    const message = /^Tracker: \[(.*)\]$/s.exec(error ?? '')?.[1];
    return trackers.map(tracker =>
      failed.length === 1 && tracker === failed[0] && message ? { ...tracker, message } : tracker,
    );
  },

  async peers(client, { infoHash }, signal) {
    const rows = await client.call(
      'p.multicall',
      ...[targetOf(infoHash), '', ...PEER.map(command => `${command}=`), { signal }],
    );
    return toItems(rows).map(row => toPeer(toFields(PEER, row)));
  },

  /** By command; what this version, or this torrent, has no answer to is left out. */
  async everything(client, { infoHash }, signal) {
    const target = targetOf(infoHash);
    const calls = EVERYTHING.map(method => [method, target] as const);
    const values = await callEach(client, calls, signal, { raiseErrors: false });
    const known = EVERYTHING.map((method, index) => [method, values[index]] as const);
    const told = known.filter(([, value]) => !(value instanceof Error));
    // It knows nothing of the torrent: then each says so.
    if (told.length === 0) throw values[0];
    return Object.fromEntries(told);
  },
};

/** By `f.priority` (`priority_t` in libtorrent's torrent/common.h); there is no low one. */
const PRIORITIES: readonly FilePriority[] = ['skip', 'normal', 'high'];

function toFile(fields: Fields, index: number, folder: string): TorrentFile {
  return {
    index,
    path: folder + toWholeText(fields['f.path']),
    size: toAmount(fields['f.size_bytes']) ?? 0,
    progress: toProgress(fields['f.completed_chunks'], fields['f.size_chunks']),
    priority: PRIORITIES[Number(fields['f.priority'])] ?? 'normal',
  };
}

function toTracker(fields: Fields, isAsking: boolean): Tracker {
  const next = toTime(fields['t.activity_time_next']);
  const isScraped = Boolean(fields['t.scrape_counter']);
  return {
    url: toText(fields['t.url']),
    tier: toAmount(fields['t.group']),
    status: toStatus(fields),
    // One that it does not wait for is now or long ago, or some minutes after 1970 (observed on 0.16.17).
    nextAnnounceAt: isAsking && next !== undefined && next > Date.now() / 1000 ? next : undefined,
    seeds: isScraped ? toAmount(fields['t.scrape_complete']) : undefined,
    leechers: isScraped ? toAmount(fields['t.scrape_incomplete']) : undefined,
  };
}

function toStatus(fields: Fields): TrackerStatus {
  if (!fields['t.is_enabled']) return 'disabled';
  if (fields['t.is_busy']) return 'updating';
  // Those in a row; a success ends them.
  if (fields['t.failed_counter']) return 'failed';
  return fields['t.success_time_last'] ? 'working' : 'waiting';
}

function toPeer(fields: Fields): Peer {
  return {
    address: toAddress(fields['p.address'], fields['p.port']),
    client: toText(fields['p.client_version']) || undefined,
    progress: toProgress(fields['p.completed_percent'], 100),
    downloadRate: toAmount(fields['p.down_rate']),
    uploadRate: toAmount(fields['p.up_rate']),
    isEncrypted: fields['p.is_encrypted'] === 1,
  };
}
