/** How torrents, clients and what belongs to them are described in words, foreign text escaped. */
import type {
  ClientFacts,
  FilePriority,
  Peer,
  Torrent,
  TorrentFile,
  TorrentState,
  Tracker,
} from '../../torrents/torrent.ts';
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatProgress,
  formatRate,
  toLabel,
} from '../../util/text.ts';

/** Parts of a description, those that are not known left out. */
export function join(...parts: readonly (string | undefined)[]): string {
  return parts.filter(Boolean).join(' · ');
}

/** As a screen reader says it: pauses for dots, words for arrows. */
export function spoken(...parts: readonly (string | undefined)[]): string {
  return parts
    .filter(Boolean)
    .join(', ')
    .replaceAll(' · ', ', ')
    .replaceAll('↓ ', 'down ')
    .replaceAll(/(?<!,) ↑ /g, ', up ')
    .replaceAll('↑ ', 'up ');
}

/** A rate with its arrow, such as `↓ 1.2 MB/s`; undefined where nothing moves. */
const down = (rate: number | undefined) => (rate ? `↓ ${formatRate(rate)}` : undefined);
const up = (rate: number | undefined) => (rate ? `↑ ${formatRate(rate)}` : undefined);

/** Both rates, such as `↓ 1.2 MB/s ↑ 300 kB/s`; empty where nothing moves. */
export function describeRates({
  downloadRate,
  uploadRate,
}: Pick<Torrent, 'downloadRate' | 'uploadRate'>): string {
  return [down(downloadRate), up(uploadRate)].filter(Boolean).join(' ');
}

/** What counts depends on the state: on the way down the rest, once complete what was given. It begins with the state. */
export function describeTorrent(torrent: Torrent): string {
  return join(torrent.state, ...DESCRIPTIONS[torrent.state](torrent), toLabel(torrent.error ?? ''));
}

type Describe = (torrent: Torrent) => readonly (string | undefined)[];

const describeProgress: Describe = ({ progress }) => [formatProgress(progress)];

const DESCRIPTIONS: { readonly [State in TorrentState]: Describe } = {
  downloading: ({ progress, downloadRate, eta, seeds, peers }) => [
    formatProgress(progress),
    down(downloadRate),
    eta === undefined ? undefined : formatDuration(eta),
    seeds === undefined ? describePeers(peers) : formatCount(seeds, 'seed'),
  ],
  metadata: torrent => [describeRates(torrent), describePeers(peersOf(torrent))],
  seeding: ({ ratio, uploadRate, leechers, peers }) => [
    ratio === undefined ? undefined : `ratio ${ratio.toFixed(2)}`,
    up(uploadRate),
    describePeers(leechers ?? peers),
  ],
  stopped: describeProgress,
  queued: ({ progress, queuePosition }) => [
    formatProgress(progress),
    queuePosition === undefined ? undefined : `place ${queuePosition + 1}`,
  ],
  checking: describeProgress,
  moving: describeProgress,
  error: describeProgress,
};

/** Those connected, whether they have everything or not. */
function peersOf({ seeds = 0, leechers = 0, peers = seeds + leechers }: Torrent): number {
  return peers;
}

function describePeers(count: number | undefined): string | undefined {
  return count ? formatCount(count, 'peer') : undefined;
}

/** The figures at the end of a connected client's line: what moves, and how much room there is. */
export function describeFigures(facts: ClientFacts): string {
  const { freeSpace, isSlow } = facts;
  return join(
    describeRates(facts),
    freeSpace === undefined ? undefined : `${formatBytes(freeSpace)} free`,
    isSlow ? 'slow' : undefined,
  );
}

/** The states as names of groups. */
export const STATE_NAMES: { readonly [State in TorrentState]: string } = {
  error: 'Errors',
  downloading: 'Downloading',
  metadata: 'Fetching Metadata',
  seeding: 'Seeding',
  stopped: 'Stopped',
  queued: 'Queued',
  checking: 'Checking',
  moving: 'Moving',
};

/** A file's own name, and the folders that it is in. */
export function splitPath(path: string): { readonly name: string; readonly folder: string } {
  const at = path.lastIndexOf('/');
  return { name: path.slice(at + 1), folder: path.slice(0, Math.max(at, 0)) };
}

const PRIORITIES: { readonly [Priority in FilePriority]: string | undefined } = {
  skip: 'skipped',
  low: 'low priority',
  normal: undefined,
  high: 'high priority',
};

export function describeFile({ path, progress, size, priority }: TorrentFile): string {
  return join(
    formatProgress(progress),
    formatBytes(size),
    PRIORITIES[priority],
    toLabel(splitPath(path).folder),
  );
}

/** @param now milliseconds since 1970. */
export function describeTracker(tracker: Tracker, now: number): string {
  const { status, message, nextAnnounceAt, seeds, leechers } = tracker;
  const wait = nextAnnounceAt === undefined ? undefined : nextAnnounceAt - now / 1000;
  return join(
    status,
    toLabel(message ?? ''),
    seeds === undefined ? undefined : formatCount(seeds, 'seed'),
    leechers === undefined ? undefined : formatCount(leechers, 'peer'),
    wait === undefined || wait <= 0 ? undefined : `next announce in ${formatDuration(wait)}`,
  );
}

/** The scheme of an address, its host and port, and what follows; a log-in before the host is left out. */
const ADDRESS = /^([a-z][a-z\d+.-]*:\/\/)(?:[^/?#\\\s]*@)?([^/?#\\\s]+)(.*)$/is;

/** A tracker's host and port. */
export function hostOf(announceUrl: string): string {
  return ADDRESS.exec(announceUrl)?.[2] ?? withoutRest(announceUrl);
}

/** An announce URL without what may be a secret: log-in, path and query. */
export function maskAnnounceUrl(announceUrl: string): string {
  const [, scheme, host, rest] = ADDRESS.exec(announceUrl) ?? [];
  return scheme === undefined ? withoutRest(announceUrl) : `${scheme}${host}${rest ? '/…' : ''}`;
}

/** What is no address has no secret either, or one that nobody knows where to look for. */
function withoutRest(text: string): string {
  return text.replace(/[/?#\\].*/s, '/…');
}

export function describePeer({ client, progress, downloadRate, uploadRate, isEncrypted }: Peer): string {
  return join(
    toLabel(client ?? ''),
    progress === undefined ? undefined : formatProgress(progress),
    describeRates({ downloadRate, uploadRate }),
    isEncrypted ? 'encrypted' : undefined,
  );
}
