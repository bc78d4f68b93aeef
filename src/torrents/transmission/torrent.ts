/** A torrent in Transmission's words (rpc-spec.md, section 3.3; field names of the dialect that every version speaks). */
import { mapInTurns } from '../../util/async.ts';
import { isWithin } from '../../util/versions.ts';
import {
  type Fields,
  toAmount,
  toFields,
  toHosts,
  toItems,
  toKnownState,
  toProgress,
  toText,
  toTexts,
  toTime,
} from '../fields.ts';
import type { Torrent, TorrentState } from '../torrent.ts';

const FIELDS = [
  'id',
  'hashString',
  'name',
  'status',
  'percentDone',
  'metadataPercentComplete',
  'recheckProgress',
  'rateDownload',
  'rateUpload',
  'eta',
  'sizeWhenDone',
  'totalSize',
  'downloadedEver',
  'uploadedEver',
  'uploadRatio',
  'peersConnected',
  'labels',
  'downloadDir',
  'addedDate',
  'doneDate',
  'activityDate',
  'isPrivate',
  'queuePosition',
  'error',
  'errorString',
];

/** What is asked of each torrent. Its trackers are one text since 4.0, a third of the bytes of what 3.00 has. */
export function fieldsOf(version: string): readonly string[] {
  return [...FIELDS, isWithin({ since: '4.0.0' }, version) ? 'trackerList' : 'trackers'];
}

/** By `status`; 1, 3 and 5 wait for a turn to verify, download and seed. */
const STATES: Readonly<Record<number, TorrentState>> = {
  0: 'stopped',
  1: 'queued',
  2: 'checking',
  3: 'queued',
  4: 'downloading',
  5: 'queued',
  6: 'seeding',
};
/** `error`: 1 and 2 are a tracker's warning and error, which do not keep the torrent from working; 3 is our own. */
const ERROR_LOCAL = 3;

/** A torrent, and its number, which is another after each start of the daemon. */
export interface NumberedTorrent {
  readonly id: number;
  readonly torrent: Torrent;
}

/** The torrents of an answer to `torrent-get` in table format: half the bytes and half the time of objects. */
export function toTorrents(table: unknown, signal: AbortSignal): Promise<readonly NumberedTorrent[]> {
  const [columns, ...rows] = toItems(table);
  const names = toItems(columns);
  const make = (row: unknown) => {
    const fields = toFields(names, row);
    return { id: Number(fields.id), torrent: toTorrent(fields) };
  };
  return mapInTurns(rows, make, signal);
}

function toTorrent(fields: Fields): Torrent {
  const state = toState(fields);
  const isKnown = hasMetadata(fields);
  return {
    infoHash: toText(fields.hashString).toLowerCase(),
    name: toText(fields.name),
    state,
    progress: toProgress(state === 'checking' ? fields.recheckProgress : fields.percentDone, 1),
    downloadRate: toAmount(fields.rateDownload),
    uploadRate: toAmount(fields.rateUpload),
    // While it seeds, it is the time until it stops.
    eta: state === 'downloading' ? toAmount(fields.eta) : undefined,
    size: isKnown ? toAmount(fields.sizeWhenDone) : undefined,
    totalSize: isKnown ? toAmount(fields.totalSize) : undefined,
    downloaded: toAmount(fields.downloadedEver),
    uploaded: toAmount(fields.uploadedEver),
    ratio: toAmount(fields.uploadRatio),
    // Which of them have everything is told of each peer only.
    peers: toAmount(fields.peersConnected),
    labels: toTexts(fields.labels),
    trackerHosts: toTrackerHosts(fields),
    savePath: toText(fields.downloadDir) || undefined,
    addedAt: toTime(fields.addedDate),
    completedAt: toTime(fields.doneDate),
    activeAt: toTime(fields.activityDate),
    isPrivate: isKnown && typeof fields.isPrivate === 'boolean' ? fields.isPrivate : undefined,
    queuePosition: toAmount(fields.queuePosition),
    error: fields.error ? toText(fields.errorString) : undefined,
  };
}

function toState(fields: Fields): TorrentState {
  if (fields.error === ERROR_LOCAL) return 'error';
  const state = toKnownState(STATES, fields.status);
  return state === 'downloading' && !hasMetadata(fields) ? 'metadata' : state;
}

function hasMetadata({ metadataPercentComplete }: Fields): boolean {
  return Number(metadataPercentComplete) >= 1;
}

function toTrackerHosts({ trackerList, trackers }: Fields): readonly string[] | undefined {
  // One address a line, an empty line between tiers.
  if (typeof trackerList === 'string') return toHosts(trackerList.split('\n'));
  if (!Array.isArray(trackers)) return undefined;
  return toHosts(trackers.map(tracker => toText(tracker?.announce)));
}
