/** A torrent in qBittorrent's words (`sync/maindata`; fields by src/webui/api/serialize/serialize_torrent.cpp, 4.1 to 5.3). */
import { type Fields, toAmount, toHosts, toKnownState, toProgress, toText, toTime } from '../fields.ts';
import type { Torrent, TorrentState } from '../torrent.ts';

/**
 * By `state` (`torrentStateToString` in the same file). `DL` is on the way down, `UP` is complete; `stopped` was
 * `paused` before 5.0. Stalled is without a peer at the moment, forced is past the queue.
 */
const STATES: Readonly<Record<string, TorrentState>> = {
  downloading: 'downloading',
  stalledDL: 'downloading',
  forcedDL: 'downloading',
  metaDL: 'metadata',
  forcedMetaDL: 'metadata', // since 4.4
  uploading: 'seeding',
  stalledUP: 'seeding',
  forcedUP: 'seeding',
  pausedDL: 'stopped',
  pausedUP: 'stopped',
  stoppedDL: 'stopped',
  stoppedUP: 'stopped',
  queuedDL: 'queued',
  queuedUP: 'queued',
  queuedForChecking: 'queued', // up to 4.1
  checkingDL: 'checking',
  checkingUP: 'checking',
  checkingResumeData: 'checking',
  allocating: 'checking', // up to 4.3: its files are laid out before it begins
  moving: 'moving',
  error: 'error',
  missingFiles: 'error',
};

/** `eta` where there is none (`MAX_ETA` in src/base/bittorrent/torrent.h): 100 days. */
const ETA_INFINITE = 8_640_000;

/** What is kept of a torrent, so that what changes of it can be put in its place. */
const FIELDS = [
  'name',
  'state',
  'progress',
  'dlspeed',
  'upspeed',
  'eta',
  'size',
  'total_size',
  'downloaded',
  'uploaded',
  'ratio',
  'num_seeds',
  'num_leechs',
  'category',
  'tags',
  'tracker',
  'trackers_count', // since 4.4
  'save_path',
  'added_on',
  'completion_on',
  'last_activity',
  'priority',
  'private', // since 5.0
  'infohash_v2', // since 4.4
  'has_tracker_error', // since 5.2
  'has_tracker_warning', // since 5.2
] as const;

/** A torrent before and after some of its fields changed: the same object where none of those kept did. */
export function merge(before: Fields | undefined, changes: Fields): Fields {
  let after: Record<string, unknown> | undefined = before ? undefined : {};
  for (const field of FIELDS) {
    if (!Object.hasOwn(changes, field)) continue;
    after ??= { ...before };
    after[field] = changes[field];
  }
  return after ?? before ?? {};
}

/** Whether a tracker said no to a torrent, or warned of something; what it said is not in these fields. */
export function isComplainedOf({ has_tracker_error, has_tracker_warning }: Fields): boolean {
  return has_tracker_error === true || has_tracker_warning === true;
}

/** What is told of a torrent elsewhere. */
interface Beside {
  /** The addresses of its trackers; undefined where the daemon tells none of any torrent. */
  readonly trackers: Iterable<string> | undefined;
  /** What a tracker said that complained. */
  readonly complaint: string | undefined;
}

/** @param infoHash what its methods take for `hash`. */
export function toTorrent(infoHash: string, fields: Fields, { trackers, complaint }: Beside): Torrent {
  const state = toKnownState(STATES, fields.state);
  const isEtaKnown = state === 'downloading' && fields.eta !== ETA_INFINITE;
  const totalSize = toAmount(fields.total_size);
  const seeds = toAmount(fields.num_seeds);
  const leechers = toAmount(fields.num_leechs);
  const priority = toAmount(fields.priority);
  return {
    infoHash,
    infoHashV2: toText(fields.infohash_v2).toLowerCase() || undefined,
    name: toText(fields.name),
    state,
    progress: toProgress(fields.progress, 1),
    downloadRate: toAmount(fields.dlspeed),
    uploadRate: toAmount(fields.upspeed),
    eta: isEtaKnown ? toAmount(fields.eta) : undefined,
    // -1 before the metadata are there, when the size wanted is 0 (observed on 4.5.2).
    size: totalSize === undefined ? undefined : toAmount(fields.size),
    totalSize,
    downloaded: toAmount(fields.downloaded),
    uploaded: toAmount(fields.uploaded),
    ratio: toAmount(fields.ratio),
    seeds,
    leechers,
    peers: seeds === undefined || leechers === undefined ? undefined : seeds + leechers,
    labels: toLabels(fields.category),
    tags: toTags(fields.tags),
    trackerHosts: toTrackerHosts(fields, trackers),
    savePath: toText(fields.save_path) || undefined,
    addedAt: toTime(fields.added_on),
    completedAt: toTime(fields.completion_on),
    activeAt: toTime(fields.last_activity),
    isPrivate: typeof fields.private === 'boolean' ? fields.private : undefined,
    // From 1; 0 is no place, as of a torrent that is complete.
    queuePosition: priority ? priority - 1 : undefined,
    // All that is told of the daemon's own errors is this state.
    error: fields.state === 'missingFiles' ? 'Missing files' : complaint,
  };
}

function toLabels(category: unknown): readonly string[] | undefined {
  if (typeof category !== 'string') return undefined;
  return category === '' ? [] : [category];
}

/** One text, with a comma between; a tag holds none. */
function toTags(tags: unknown): readonly string[] | undefined {
  if (typeof tags !== 'string') return undefined;
  return tags
    .split(',')
    .map(tag => tag.trim())
    .filter(tag => tag !== '');
}

/** Up to 4.2 only the tracker that works is told. */
function toTrackerHosts(
  { tracker, trackers_count }: Fields,
  trackers: Iterable<string> | undefined,
): readonly string[] | undefined {
  const hosts = toHosts([...(trackers ?? []), toText(tracker)]);
  const isKnown = hosts.length > 0 || trackers !== undefined || trackers_count === 0;
  return isKnown ? hosts : undefined;
}
