/** Deluge's torrents (`core.get_torrents_status`; keys as in `_create_status_funcs`, deluge/core/torrent.py, 2.0.3). */
import type { DelugeRPC } from '../../rpc/index.ts';
import type { Adapter, Feed } from '../adapter.ts';
import { type Fields, toAmount, toKnownState, toMembers, toProgress, toText, toVersion } from '../fields.ts';
import type { Torrent, TorrentState, Update } from '../torrent.ts';

const KEYS = [
  'name',
  'state',
  'progress',
  'download_payload_rate',
  'upload_payload_rate',
  'eta',
  'total_wanted',
  'total_remaining',
  'num_files',
  'ratio',
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

export const delugeAdapter: Pick<Adapter<DelugeRPC>, 'follow'> = {
  follow: client => {
    const all: Feed['all'] = signal => list(client, signal);
    return { all, changes: all };
  },
};

async function list(client: DelugeRPC, signal: AbortSignal): Promise<Update> {
  const [version, torrents] = await Promise.all([
    client.call('daemon.info', [], {}, { signal }),
    client.call('core.get_torrents_status', [{}, KEYS], {}, { signal }),
  ]);
  return {
    kind: 'all',
    facts: { version: toVersion(version) },
    torrents: toMembers(torrents).map(([infoHash, fields]) => toTorrent(infoHash, fields as Fields)),
  };
}

function toTorrent(infoHash: string, fields: Fields): Torrent {
  const state = toState(fields);
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
    ratio: toAmount(fields.ratio),
    error: errorOf(fields),
  };
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
