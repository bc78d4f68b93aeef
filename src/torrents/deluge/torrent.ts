/** One torrent as Deluge tells it (keys as in `_create_status_funcs`, deluge/core/torrent.py, 2.0.3). */
import { type Fields, toAmount, toHosts, toKnownState, toProgress, toText, toTime } from '../fields.ts';
import type { Torrent, TorrentState } from '../torrent.ts';

/** What is asked of each torrent. */
export const KEYS: readonly string[] = [
  'name',
  'state',
  'progress',
  'download_payload_rate',
  'upload_payload_rate',
  'eta',
  'total_wanted',
  'total_remaining',
  'total_size',
  'num_files',
  'all_time_download',
  'total_uploaded',
  'ratio',
  'num_seeds',
  'num_peers',
  'trackers',
  'download_location',
  'time_added',
  'completed_time',
  'time_since_transfer',
  'private',
  'queue',
  'message',
  'tracker_status',
];

/** By `state`: `TORRENT_STATE` in deluge/common.py. */
const STATES: Readonly<Record<string, TorrentState>> = {
  Allocating: 'checking', // its files are laid out before it begins
  Checking: 'checking',
  Downloading: 'downloading',
  Seeding: 'seeding',
  Paused: 'stopped',
  Error: 'error',
  Queued: 'queued',
  Moving: 'moving',
};

/** What an answer is read with. */
export interface Reading {
  /** Whether the key `label` was asked for: the plugin that knows it is enabled. */
  readonly hasLabels: boolean;
  /** Whether the daemon looks up how a torrent stands before it tells, not only when something of it changed. */
  readonly isFresh: boolean;
  /** Seconds since 1970. */
  readonly now: number;
}

export function toTorrent(infoHash: string, fields: Fields, { hasLabels, isFresh, now }: Reading): Torrent {
  const state = toState(fields);
  const seeds = toAmount(fields.num_seeds);
  const leechers = toAmount(fields.num_peers);
  const idle = isFresh ? toAmount(fields.time_since_transfer) : undefined;
  return {
    infoHash: infoHash.toLowerCase(),
    name: toText(fields.name),
    state,
    progress: progressOf(fields),
    downloadRate: toAmount(fields.download_payload_rate),
    uploadRate: toAmount(fields.upload_payload_rate),
    // 0 is none: nothing comes in at the moment.
    eta: state === 'downloading' && fields.eta !== 0 ? toAmount(fields.eta) : undefined,
    size: hasMetadata(fields) ? toAmount(fields.total_wanted) : undefined,
    totalSize: hasMetadata(fields) ? toAmount(fields.total_size) : undefined,
    downloaded: toAmount(fields.all_time_download),
    uploaded: toAmount(fields.total_uploaded),
    ratio: toAmount(fields.ratio),
    seeds,
    // `num_peers` is without the seeds.
    leechers,
    peers: seeds === undefined || leechers === undefined ? undefined : seeds + leechers,
    labels: hasLabels ? [toText(fields.label)].filter(Boolean) : undefined,
    trackerHosts: hostsOf(fields.trackers),
    savePath: toText(fields.download_location) || undefined,
    addedAt: toTime(fields.time_added),
    completedAt: toTime(fields.completed_time),
    activeAt: idle === undefined ? undefined : Math.round(now - idle),
    isPrivate: hasMetadata(fields) ? fields.private === true : undefined,
    queuePosition: toAmount(fields.queue),
    error: errorOf(fields),
  };
}

function hostsOf(trackers: unknown): readonly string[] | undefined {
  if (!Array.isArray(trackers)) return undefined;
  return toHosts(trackers.map((tracker: Fields | null) => tracker?.url));
}

function toState(fields: Fields): TorrentState {
  const state = toKnownState(STATES, fields.state);
  return state === 'downloading' && !hasMetadata(fields) ? 'metadata' : state;
}

function hasMetadata({ num_files }: Fields): boolean {
  return num_files !== 0;
}

/** In per cent; of one with an error it says 100, whatever is there. */
function progressOf({ state, progress, total_wanted, total_remaining }: Fields): number {
  if (state !== 'Error') return toProgress(progress, 100);
  return toProgress(Number(total_wanted) - Number(total_remaining), total_wanted);
}

/** `message` is `OK` but for its own errors; `tracker_status` says first what it is (deluge/core/torrentmanager.py). */
function errorOf({ state, message, tracker_status }: Fields): string | undefined {
  if (state === 'Error') return toText(message);
  return /^(?:Error|Warning): (.*)$/s.exec(toText(tracker_status))?.[1];
}
