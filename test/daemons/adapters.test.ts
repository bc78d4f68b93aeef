import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdir, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { type ClientName, client } from '../../src/rpc/index.ts';
import { adapterOf } from '../../src/torrents/adapters.ts';
import type { Torrent, Update } from '../../src/torrents/torrent.ts';
import { bencode } from '../tools/bencode.ts';
import { generations, type Suite } from '../tools/chroots.ts';
import type { AddOptions, Daemon, DaemonOptions } from '../tools/daemons/daemon.ts';
import { addToDeluge, callDeluge, startDeluge } from '../tools/daemons/deluge.ts';
import { addToQbittorrent, callQbittorrent, startQbittorrent } from '../tools/daemons/qbittorrent.ts';
import { addToRtorrent, callRtorrent, startRtorrent } from '../tools/daemons/rtorrent.ts';
import { addToTransmission, callTransmission, startTransmission } from '../tools/daemons/transmission.ts';
import { listTorrents } from '../tools/listTorrents.ts';
import { makeTorrent, type Torrent as TestTorrent } from '../tools/torrents.ts';

/** A tracker that says no. */
const REASON = 'unregistered torrent';
const tracker = createServer((_request, response) => response.end(bencode({ 'failure reason': REASON })));
await once(tracker.listen(0, '127.0.0.1'), 'listening');
after(() => tracker.close());
const TRACKER = `http://127.0.0.1:${(tracker.address() as AddressInfo).port}/announce`;

const MAGNET_HASH = '0123456789abcdef0123456789abcdef01234567';
const MAGNET = `magnet:?xt=urn:btih:${MAGNET_HASH}&dn=a%20magnet&tr=${encodeURIComponent(TRACKER)}`;

/** What the test needs of one kind of daemon, past the core. */
interface Kind {
  start(options: DaemonOptions): Promise<Daemon>;
  /** Resolved when it has looked through the payload. */
  add(daemon: Daemon, torrent: TestTorrent, options: AddOptions): Promise<unknown>;
  addMagnet(daemon: Daemon, magnet: string): Promise<unknown>;
  check(daemon: Daemon, infoHash: string): Promise<unknown>;
  /** Wants the first of two files only. */
  wantFirst(daemon: Daemon, infoHash: string): Promise<unknown>;
  /** Lets one torrent download at a time; undefined where there is no queue. */
  limitQueue?(daemon: Daemon): Promise<unknown>;
  /** The words for what the tracker says; undefined where the list has none. */
  readonly trackerError?: string;
  /** The same of sid's version. */
  readonly trackerErrorOfSid?: string;
  /** The words for a payload that is gone or, where that is none, has a folder in its place. */
  readonly payloadError?: RegExp;
  readonly isGoneAnError?: boolean;
  /** What it says of the payload then: that all is there, as before, or nothing. */
  readonly brokenProgress?: number;
  /** How it calls a magnet link before it knows more; undefined: by the name in the link. */
  readonly magnetName?: string;
  /** Where nothing was downloaded yet. */
  readonly emptyRatio?: number;
  /** The same of a magnet link, before it knows more. */
  readonly magnetRatio?: number;
  /** What the versions after bookworm's say instead. */
  readonly later?: { readonly brokenProgress: number; readonly emptyRatio: number };
}

const form = (fields: Record<string, string>) => new URLSearchParams(fields);
const upper = (infoHash: string) => infoHash.toUpperCase();

const KINDS: { readonly [Name in ClientName]: Kind } = {
  transmission: {
    start: startTransmission,
    add: addToTransmission,
    addMagnet: (daemon, filename) => callTransmission(daemon, 'torrent-add', { filename, paused: false }),
    check: (daemon, infoHash) => callTransmission(daemon, 'torrent-verify', { ids: [infoHash] }),
    wantFirst: (daemon, infoHash) =>
      callTransmission(daemon, 'torrent-set', { ids: [infoHash], 'files-unwanted': [1] }),
    limitQueue: daemon => callTransmission(daemon, 'session-set', { 'download-queue-size': 1 }),
    trackerError: REASON,
    payloadError: /^No data found!|^Paused torrent as no data was found!/,
    isGoneAnError: true,
    brokenProgress: 1,
    later: { brokenProgress: 0, emptyRatio: 0 },
  },
  qbittorrent: {
    start: startQbittorrent,
    async add(daemon, torrent, options) {
      await addToQbittorrent(daemon, torrent, options);
      // What is added stopped is not looked through before it is started.
      if (options.share && options.isPaused !== false)
        await KINDS.qbittorrent.check(daemon, torrent.infoHash);
    },
    addMagnet: (daemon, urls) => callQbittorrent(daemon, 'torrents/add', form({ urls })),
    check: (daemon, hashes) => callQbittorrent(daemon, 'torrents/recheck', form({ hashes })),
    wantFirst: (daemon, hash) =>
      callQbittorrent(daemon, 'torrents/filePrio', form({ hash, id: '1', priority: '0' })),
    limitQueue: daemon => {
      const json = JSON.stringify({ queueing_enabled: true, max_active_downloads: 1 });
      return callQbittorrent(daemon, 'app/setPreferences', form({ json }));
    },
    trackerErrorOfSid: REASON,
    emptyRatio: 0,
    magnetRatio: 0,
  },
  deluge: {
    start: startDeluge,
    add: addToDeluge,
    addMagnet: (daemon, magnet) =>
      callDeluge(daemon, 'core.add_torrent_magnet', magnet, { add_paused: false }),
    check: (daemon, infoHash) => callDeluge(daemon, 'core.force_recheck', [infoHash]),
    wantFirst: (daemon, infoHash) =>
      callDeluge(daemon, 'core.set_torrent_options', [infoHash], { file_priorities: [4, 0] }),
    limitQueue: daemon => callDeluge(daemon, 'core.set_config', { max_active_downloading: 1 }),
    trackerError: REASON,
    payloadError: /^Is a directory$/,
  },
  rtorrent: {
    start: startRtorrent,
    add: addToRtorrent,
    addMagnet: (daemon, magnet) => callRtorrent(daemon, 'load.start', '', magnet),
    check: (daemon, infoHash) => callRtorrent(daemon, 'd.check_hash', upper(infoHash)),
    async wantFirst(daemon, infoHash) {
      await callRtorrent(daemon, 'f.priority.set', `${upper(infoHash)}:f1`, '0');
      await callRtorrent(daemon, 'd.update_priorities', upper(infoHash));
    },
    trackerError: `Tracker: [Failure reason "${REASON}"]`,
    magnetName: `${upper(MAGNET_HASH)}.meta`,
    emptyRatio: 0,
    magnetRatio: 0,
  },
};

const SIZE = 131_072;
const single = (name: string) => makeTorrent({ name, size: SIZE, trackers: [TRACKER] });
const TORRENTS = {
  seeding: single('seeding ü.iso'),
  downloading: single('downloading'),
  half: single('stopped half'),
  full: single('stopped full'),
  empty: single('stopped empty'),
  // Without a tracker, as the last error is the one that is told.
  broken: makeTorrent({ name: 'broken', size: SIZE }),
  partial: makeTorrent({
    name: 'partial',
    files: [
      { path: 'wanted', size: SIZE },
      { path: 'unwanted', size: SIZE },
    ],
    trackers: [TRACKER],
  }),
};

/** Adds them all, each in the state of its name. */
async function fill(kind: Kind, daemon: Daemon): Promise<void> {
  const { seeding, downloading, half, full, empty, broken, partial } = TORRENTS;
  await kind.add(daemon, seeding, { share: 1, isPaused: false });
  await kind.add(daemon, downloading, { share: 0.5, isPaused: false });
  await kind.add(daemon, half, { share: 0.5 });
  await kind.add(daemon, full, { share: 1 });
  await kind.add(daemon, empty, {});
  await kind.add(daemon, partial, { share: 0.5, isPaused: false });
  await kind.wantFirst(daemon, partial.infoHash);
  await kind.addMagnet(daemon, MAGNET);
  await kind.add(daemon, broken, { share: 1, isPaused: false });
  const payload = path.join(daemon.home, 'downloads', broken.name);
  await rm(payload);
  if (!kind.isGoneAnError) await mkdir(payload);
  await kind.check(daemon, broken.infoHash);
}

/** What is compared of a torrent. */
const SEEN = ['name', 'state', 'progress', 'downloadRate', 'uploadRate', 'eta', 'size', 'ratio'] as const;
type Picture = Pick<Torrent, (typeof SEEN)[number]>;

function expected(kind: Kind, suite: Suite): Record<string, Picture> {
  const {
    magnetName = 'a magnet',
    magnetRatio,
    emptyRatio,
    brokenProgress = 0,
  } = suite === 'bookworm' ? kind : { ...kind, ...kind.later };
  const rates = { downloadRate: 0, uploadRate: 0, eta: undefined };
  const known = { ...rates, size: SIZE, ratio: 0 };
  const { seeding, downloading, half, full, empty, broken, partial } = TORRENTS;
  return {
    [seeding.infoHash]: { ...known, name: 'seeding ü.iso', state: 'seeding', progress: 1 },
    [downloading.infoHash]: { ...known, name: 'downloading', state: 'downloading', progress: 0.5 },
    [half.infoHash]: { ...known, name: 'stopped half', state: 'stopped', progress: 0.5 },
    [full.infoHash]: { ...known, name: 'stopped full', state: 'stopped', progress: 1 },
    [empty.infoHash]: { ...known, name: 'stopped empty', state: 'stopped', progress: 0, ratio: emptyRatio },
    [partial.infoHash]: { ...known, name: 'partial', state: 'seeding', progress: 1 },
    [MAGNET_HASH]: {
      ...rates,
      name: magnetName,
      state: 'metadata',
      progress: 0,
      size: undefined,
      ratio: magnetRatio,
    },
    [broken.infoHash]: {
      ...known,
      name: 'broken',
      state: 'error',
      progress: brokenProgress,
      ratio: brokenProgress ? 0 : emptyRatio,
    },
  };
}

const WAIT_MS = 30_000;
const POLL_MS = 100;

/** Lists again and again, until it shows what is awaited. */
async function listUntil(
  list: () => Promise<Update>,
  isThere: (torrents: readonly Torrent[]) => boolean,
): Promise<Update> {
  for (const deadline = Date.now() + WAIT_MS; ; await sleep(POLL_MS)) {
    const listing = await list();
    if (isThere(listing.torrents) || Date.now() > deadline) return listing;
  }
}

function connect(name: ClientName, { url, username, password }: Daemon) {
  const rpc = client(name, { url, ...(username && { username, password }) });
  const feed = adapterOf(name).follow(rpc);
  return { list: () => feed.all(AbortSignal.timeout(WAIT_MS)), rpc };
}

const stateOf = (torrents: readonly Torrent[], { infoHash }: { infoHash: string }) =>
  torrents.find(torrent => torrent.infoHash === infoHash)?.state;

for (const { suite, chroot } of generations())
  for (const [name, kind] of Object.entries(KINDS) as [ClientName, Kind][])
    describe(`${name} of Debian ${suite}`, () => testPictures(name, kind, suite, chroot));

function testPictures(name: ClientName, kind: Kind, suite: Suite, chroot: string | undefined): void {
  const { trackerErrorOfSid = kind.trackerError } = kind;
  const trackerError = suite === 'sid' ? trackerErrorOfSid : kind.trackerError;

  test(`${name}: the same picture of the same torrents`, async () => {
    await using daemon = await kind.start({ chroot });
    const { rpc, list } = connect(name, daemon);
    await using _ = rpc;
    assert.deepEqual((await list()).torrents, []);

    await fill(kind, daemon);
    const pictures = (torrents: readonly Torrent[]) =>
      Object.fromEntries(
        torrents.map(torrent => [
          torrent.infoHash,
          Object.fromEntries(SEEN.map(field => [field, torrent[field]])),
        ]),
      );
    const words = (torrents: readonly Torrent[], { infoHash }: TestTorrent) =>
      torrents.find(torrent => torrent.infoHash === infoHash)?.error;
    const { torrents } = await listUntil(
      list,
      found =>
        isDeepStrictEqual(pictures(found), expected(kind, suite)) &&
        words(found, TORRENTS.seeding) === trackerError,
    );
    assert.deepEqual(pictures(torrents), expected(kind, suite));
    assert.equal(words(torrents, TORRENTS.seeding), trackerError);
    assert.match(words(torrents, TORRENTS.broken) ?? '', kind.payloadError ?? /^/);
  });

  test(`${name}: checking is seen while it lasts`, async () => {
    await using daemon = await kind.start({ chroot });
    const { rpc, list } = connect(name, daemon);
    await using _ = rpc;
    const big = makeTorrent({ name: 'big', size: 100_000_000, trackers: [TRACKER] });
    await kind.add(daemon, big, { share: 1, isPaused: false });
    await listUntil(list, torrents => stateOf(torrents, big) === 'seeding');
    // Deluge looks at what it does only now and then: what is too short may be over by then.
    const checkAndList = async () => {
      await kind.check(daemon, big.infoHash);
      return list();
    };
    const { torrents } = await listUntil(checkAndList, found => stateOf(found, big) === 'checking');
    assert.equal(stateOf(torrents, big), 'checking');
  });

  const { limitQueue } = kind;
  if (!limitQueue) return;
  test(`${name}: one downloads, one is queued`, async () => {
    await using daemon = await kind.start({ chroot });
    const { rpc, list } = connect(name, daemon);
    await using _ = rpc;
    await limitQueue(daemon);
    for (const torrent of [TORRENTS.half, TORRENTS.empty])
      await kind.add(daemon, torrent, { isPaused: false });
    const states = (torrents: readonly Torrent[]) => torrents.map(({ state }) => state).sort();
    const { torrents } = await listUntil(list, found => states(found).join() === 'downloading,queued');
    assert.deepEqual(states(torrents), ['downloading', 'queued']);
  });
}

test('a refresh that is aborted rejects with the reason', async () => {
  await using daemon = await startTransmission();
  const { username, password, url } = daemon;
  await using rpc = client('transmission', { url, username, password });
  const reason = new Error('enough');
  await assert.rejects(listTorrents('transmission', rpc, AbortSignal.abort(reason)), reason);
});
