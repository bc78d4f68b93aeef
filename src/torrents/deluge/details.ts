/** What Deluge knows of one torrent. */
import type { DelugeRPC } from '../../rpc/index.ts';
import type { Details } from '../adapter.ts';
import { type Fields, toAmount, toList, toProgress, toText } from '../fields.ts';
import type { Peer, Torrent, TorrentFile, Tracker, TrackerStatus } from '../torrent.ts';
import { toPriority } from './priorities.ts';
import { askStatus, toRecords } from './status.ts';

export const delugeDetails: Details<DelugeRPC> = {
  async files(client, { infoHash }, signal) {
    const keys = ['files', 'file_progress', 'file_priorities'];
    const { files, file_progress, file_priorities } = await askStatus(client, infoHash, keys, signal);
    const progress = toList(file_progress);
    const priorities = toList(file_priorities);
    return toRecords(files).map((file, index) => toFile(file, index, progress[index], priorities[index]));
  },

  async trackers(client, torrent, signal) {
    const keys = ['trackers', 'tracker', 'tracker_status', 'next_announce', 'total_seeds', 'total_peers'];
    return toTrackers(await askStatus(client, torrent.infoHash, keys, signal), torrent);
  },

  async peers(client, { infoHash }, signal) {
    const { peers } = await askStatus(client, infoHash, ['peers'], signal);
    return toRecords(peers).map(toPeer);
  },

  everything: (client, { infoHash }, signal) => askStatus(client, infoHash, [], signal),
};

function toFile(file: Fields, place: number, progress: unknown, priority: unknown): TorrentFile {
  return {
    index: toAmount(file.index) ?? place,
    path: toText(file.path),
    size: toAmount(file.size) ?? 0,
    progress: toProgress(progress, 1),
    priority: toPriority(priority),
  };
}

/**
 * Deluge keeps one word for the trackers of a torrent together, about the one that worked or else the first
 * (`get_tracker_host` in deluge/core/torrent.py); what stands at each of them is as of when it was added.
 */
function toTrackers(fields: Fields, { state }: Torrent): readonly Tracker[] {
  const trackers = toRecords(fields.trackers);
  const urls = trackers.map(({ url }) => toText(url));
  const current = Math.max(urls.indexOf(toText(fields.tracker)), 0);
  const wait = toAmount(fields.next_announce);
  const isAsking = state !== 'stopped' && state !== 'queued' && state !== 'error';
  return trackers.map(({ tier }, index) => {
    const tracker = { url: urls[index] ?? '', tier: toAmount(tier) };
    if (index !== current) return { ...tracker, status: 'waiting' };
    return {
      ...tracker,
      ...toTrackerStatus(toText(fields.tracker_status)),
      nextAnnounceAt: isAsking && wait ? Math.round(Date.now() / 1000 + wait) : undefined,
      seeds: toAmount(fields.total_seeds),
      leechers: toAmount(fields.total_peers),
    };
  });
}

/** The words of deluge/core/torrentmanager.py. */
function toTrackerStatus(words: string): Pick<Tracker, 'status' | 'message'> {
  const [, kind = words, message] = /^(Error|Warning): (.*)$/s.exec(words) ?? [];
  const statuses: Readonly<Record<string, TrackerStatus>> = {
    'Announce OK': 'working',
    'Announce Sent': 'updating',
    Warning: 'working',
    Error: 'failed',
  };
  return { status: (Object.hasOwn(statuses, kind) && statuses[kind]) || 'waiting', message };
}

function toPeer({ ip, client, progress, down_speed, up_speed }: Fields): Peer {
  return {
    address: toText(ip).replace(/^(.*:.*):(\d+)$/, '[$1]:$2'),
    client: toText(client) || undefined,
    progress: toProgress(progress, 1),
    downloadRate: toAmount(down_speed),
    uploadRate: toAmount(up_speed),
  };
}
