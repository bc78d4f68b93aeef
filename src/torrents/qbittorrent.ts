/** qBittorrent's torrents (`torrents/info`; these fields are the same from 4.1 to 5.3: serialize_torrent.cpp). */
import type { QbittorrentRPC } from '../rpc/index.ts';
import type { Adapter, Feed } from './adapter.ts';
import { type Fields, toAmount, toItems, toKnownState, toProgress, toText, toVersion } from './fields.ts';
import type { Torrent, TorrentState, Update } from './torrent.ts';

/**
 * By `state` (`torrentStateToString` in src/webui/api/serialize/serialize_torrent.cpp). `DL` is on the way down, `UP` is complete; `stopped` was
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

export const qbittorrentAdapter: Pick<Adapter<QbittorrentRPC>, 'follow'> = {
  follow: client => {
    const all: Feed['all'] = signal => list(client, signal);
    return { all, changes: all };
  },
};

async function list(client: QbittorrentRPC, signal: AbortSignal): Promise<Update> {
  const [version, torrents] = await Promise.all([
    client.call('app/version', {}, { signal }),
    client.call('torrents/info', {}, { signal }),
  ]);
  return {
    kind: 'all',
    facts: { version: toVersion(version) },
    torrents: toItems(torrents).map(fields => toTorrent(fields as Fields)),
  };
}

function toTorrent(fields: Fields): Torrent {
  const state = toKnownState(STATES, fields.state);
  const isEtaKnown = state === 'downloading' && fields.eta !== ETA_INFINITE;
  // -1 before the metadata are there, when the size wanted is 0 (observed on 4.5.2).
  const isSizeKnown = toAmount(fields.total_size) !== undefined;
  return {
    // What its methods take for `hash`: of a hybrid torrent, the beginning of its second hash.
    infoHash: toText(fields.hash).toLowerCase(),
    name: toText(fields.name),
    state,
    progress: toProgress(fields.progress, 1),
    downloadRate: toAmount(fields.dlspeed),
    uploadRate: toAmount(fields.upspeed),
    eta: isEtaKnown ? toAmount(fields.eta) : undefined,
    size: isSizeKnown ? toAmount(fields.size) : undefined,
    ratio: toAmount(fields.ratio),
    // All that the list tells of an error is this state; what trackers say would be a request for each torrent.
    error: fields.state === 'missingFiles' ? 'Missing files' : undefined,
  };
}
