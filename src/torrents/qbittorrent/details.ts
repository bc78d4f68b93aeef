/** What qBittorrent tells of one torrent when somebody looks into it. */
import type { QbittorrentRPC, RpcValue } from '../../rpc/index.ts';
import type { Details } from '../adapter.ts';
import {
  type Fields,
  toAddress,
  toAmount,
  toItems,
  toMembers,
  toProgress,
  toRecord,
  toText,
  toTime,
} from '../fields.ts';
import type { FilePriority, Peer, Torrent, TorrentFile, Tracker, TrackerStatus } from '../torrent.ts';

export const details: Details<QbittorrentRPC> = {
  async files(client, torrent, signal) {
    const files = await ask(client, 'torrents/files', torrent, signal);
    return toItems(files).map((file, index) => toFile(toRecord(file), index));
  },
  async trackers(client, torrent, signal) {
    const trackers = toItems(await ask(client, 'torrents/trackers', torrent, signal)).map(toRecord);
    // Among them stand `** [DHT] **` and others that are none.
    return trackers.filter(({ url }) => !toText(url).startsWith('** [')).map(toTracker);
  },
  async peers(client, { infoHash: hash }, signal) {
    const { peers = {} } = toRecord(await client.call('sync/torrentPeers', { hash, rid: 0 }, { signal }));
    return toMembers(peers).map(([key, peer]) => toPeer(key, toRecord(peer)));
  },
  async everything(client, torrent, signal) {
    const { infoHash: hashes } = torrent;
    const [list, ...answers] = await Promise.all([
      client.call('torrents/info', { hashes }, { signal }),
      ...EVERYTHING.map(method => ask(client, method, torrent, signal)),
    ]);
    const [info] = toItems(list);
    return {
      info,
      ...Object.fromEntries(EVERYTHING.map((method, index) => [nameOf(method), answers[index]])),
    };
  },
};

const EVERYTHING = ['torrents/properties', 'torrents/files', 'torrents/trackers', 'torrents/webseeds'];
const nameOf = (method: string) => method.replace('torrents/', '');

function ask(
  client: QbittorrentRPC,
  method: string,
  { infoHash: hash }: Torrent,
  signal: AbortSignal,
): Promise<RpcValue> {
  return client.call(method, { hash }, { signal });
}

/** 7, the highest, is told as high. */
const PRIORITIES: Readonly<Record<number, FilePriority>> = { 0: 'skip', 1: 'normal', 6: 'high', 7: 'high' };

/** @param place its index, where it is not told: up to 4.3. */
function toFile(file: Fields, place: number): TorrentFile {
  return {
    index: toAmount(file.index) ?? place,
    path: toText(file.name),
    size: toAmount(file.size) ?? 0,
    progress: toProgress(file.progress, 1),
    priority: PRIORITIES[Number(file.priority)] ?? 'normal',
  };
}

/** By `status`; 5 and 6, a tracker's error and one out of reach, came with 5.2. */
const STATUSES: Readonly<Record<number, TrackerStatus>> = {
  0: 'disabled',
  1: 'waiting',
  2: 'working',
  3: 'updating',
  4: 'failed',
  5: 'failed',
  6: 'failed',
};

function toTracker(tracker: Fields): Tracker {
  return {
    url: toText(tracker.url),
    tier: toAmount(tracker.tier),
    status: tracker.updating === true ? 'updating' : (STATUSES[Number(tracker.status)] ?? 'waiting'),
    message: toText(tracker.msg) || undefined,
    nextAnnounceAt: toTime(tracker.next_announce), // since 5.2
    seeds: toAmount(tracker.num_seeds),
    leechers: toAmount(tracker.num_leeches),
  };
}

/** @param key all that there is of an address in I2P. */
function toPeer(key: string, peer: Fields): Peer {
  const { flags } = peer;
  return {
    address: peer.ip ? toAddress(peer.ip, peer.port) : key,
    client: toText(peer.client) || undefined,
    progress: toAmount(peer.progress),
    downloadRate: toAmount(peer.dl_speed),
    uploadRate: toAmount(peer.up_speed),
    // `E`: all that is exchanged; `e`: only the handshake was.
    isEncrypted: typeof flags === 'string' ? flags.includes('E') : undefined,
  };
}
