/** What Transmission tells of one torrent when somebody looks into it (rpc-spec.md, section 3.3). */
import type { TransmissionRPC } from '../../rpc/index.ts';
import { isWithin } from '../../util/versions.ts';
import type { Details } from '../adapter.ts';
import {
  type Fields,
  toAddress,
  toAmount,
  toItems,
  toProgress,
  toRecord,
  toText,
  toTime,
  toVersion,
} from '../fields.ts';
import type { FilePriority, Peer, Torrent, TorrentFile, Tracker, TrackerStatus } from '../torrent.ts';

export const details: Details<TransmissionRPC> = {
  async files(client, torrent, signal) {
    const { files, fileStats } = await ask(client, torrent, ['files', 'fileStats'], signal);
    const stats = toItems(fileStats ?? []);
    return toItems(files ?? []).map((file, index) =>
      toFile(toRecord(file), toRecord(stats[index] ?? {}), index),
    );
  },
  async trackers(client, torrent, signal) {
    const { trackerStats } = await ask(client, torrent, ['trackerStats'], signal);
    return toItems(trackerStats ?? []).map(tracker => toTracker(toRecord(tracker)));
  },
  async peers(client, torrent, signal) {
    const { peers } = await ask(client, torrent, ['peers'], signal);
    return toItems(peers ?? []).map(peer => toPeer(toRecord(peer)));
  },
  async everything(client, torrent, signal) {
    const { arguments: session } = await client.call('session-get', { fields: ['version'] }, { signal });
    const isNew = isWithin({ since: '4.0.0' }, toVersion(session?.version));
    return ask(client, torrent, isNew ? [...EVERYTHING, ...SINCE_4] : EVERYTHING, signal);
  },
};

/** Fields of one torrent; none where the daemon does not know it. */
async function ask(
  client: TransmissionRPC,
  { infoHash }: Torrent,
  fields: readonly string[],
  signal: AbortSignal,
): Promise<Fields> {
  const { arguments: answer } = await client.call('torrent-get', { ids: [infoHash], fields }, { signal });
  return toRecord(toItems(answer?.torrents)[0] ?? {});
}

const PRIORITIES: Readonly<Record<number, FilePriority>> = { [-1]: 'low', 0: 'normal', 1: 'high' };

function toFile(file: Fields, stats: Fields, index: number): TorrentFile {
  return {
    index,
    path: toText(file.name),
    size: toAmount(file.length) ?? 0,
    progress: file.length === 0 ? 1 : toProgress(file.bytesCompleted, file.length),
    priority: stats.wanted ? (PRIORITIES[Number(stats.priority)] ?? 'normal') : 'skip',
  };
}

/** `announceState`: 0 is not to be asked, 1 waits for its time, 2 for its turn, 3 is being asked. */
const [WAITING, ASKING] = [1, 3];

function toTracker(tracker: Fields): Tracker {
  const words = toText(tracker.lastAnnounceResult);
  return {
    url: toText(tracker.announce),
    tier: toAmount(tracker.tier),
    status: toStatus(tracker),
    message: words === 'Success' ? undefined : words || undefined,
    nextAnnounceAt: tracker.announceState === WAITING ? toTime(tracker.nextAnnounceTime) : undefined,
    seeds: toAmount(tracker.seederCount),
    leechers: toAmount(tracker.leecherCount),
  };
}

/** One that stands in for another, and one of a stopped torrent, waits. */
function toStatus({ announceState, hasAnnounced, lastAnnounceSucceeded }: Fields): TrackerStatus {
  if (announceState === ASKING) return 'updating';
  if (!hasAnnounced) return 'waiting';
  return lastAnnounceSucceeded ? 'working' : 'failed';
}

function toPeer(peer: Fields): Peer {
  return {
    address: toAddress(peer.address, peer.port),
    client: toText(peer.clientName) || undefined,
    progress: toAmount(peer.progress),
    downloadRate: toAmount(peer.rateToClient),
    uploadRate: toAmount(peer.rateToPeer),
    isEncrypted: typeof peer.isEncrypted === 'boolean' ? peer.isEncrypted : undefined,
  };
}

const wordsOf = (text: string) => text.split(/\s+/);

/** All that 3.00 has. */
const EVERYTHING = wordsOf(`activityDate addedDate bandwidthPriority comment corruptEver creator dateCreated
  desiredAvailable doneDate downloadDir downloadedEver downloadLimit downloadLimited editDate error errorString eta
  etaIdle files fileStats hashString haveUnchecked haveValid honorsSessionLimits id isFinished isPrivate isStalled
  labels leftUntilDone magnetLink manualAnnounceTime maxConnectedPeers metadataPercentComplete name peer-limit peers
  peersConnected peersFrom peersGettingFromUs peersSendingToUs percentDone pieces pieceCount pieceSize priorities
  queuePosition rateDownload rateUpload recheckProgress secondsDownloading secondsSeeding seedIdleLimit seedIdleMode
  seedRatioLimit seedRatioMode sizeWhenDone startDate status torrentFile totalSize trackers trackerStats uploadedEver
  uploadLimit uploadLimited uploadRatio wanted webseeds webseedsSendingToUs`);

/** What came after it, which it would call 0; later versions leave out what they do not have. */
const SINCE_4 = wordsOf(`availability bytesCompleted file-count group percentComplete primary-mime-type
  sequential_download sequential_download_from_piece trackerList`);
