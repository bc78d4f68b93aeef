// What real daemons say is in test/daemons; here is what is seldom, and what the feed makes of a daemon's moods.
import assert from 'node:assert/strict';
import test from 'node:test';
import type { RtorrentRPC } from '../../src/rpc/index.ts';
import { rtorrentAdapter } from '../../src/torrents/rtorrent/adapter.ts';
import { quote } from '../../src/torrents/rtorrent/calls.ts';
import { RtorrentFeed } from '../../src/torrents/rtorrent/feed.ts';
import { fromLabels, toLabels } from '../../src/torrents/rtorrent/labels.ts';
import { savePathOf } from '../../src/torrents/rtorrent/torrent.ts';
import type { Torrent } from '../../src/torrents/torrent.ts';
import { fakeClient, HASH, hasAll, list, only, signal } from './support/adapters.ts';

const NUMBERS = {
  'd.is_active': 1 as number | bigint,
  'd.is_meta': 0,
  'd.is_multi_file': 0,
  'd.is_private': 1,
  'd.hashing': 0,
  'd.hashing_failed': 0,
  'd.chunks_hashed': 0,
  'd.bytes_done': 250 as number | bigint,
  'd.size_bytes': 1000 as number | bigint,
  'd.completed_chunks': 2,
  'd.wanted_chunks': 8,
  'd.chunk_size': 100,
  'd.down.rate': 400,
  'd.up.rate': 10,
  'd.down.total': 300,
  'd.up.total': 450,
  'd.ratio': 1500,
  'd.peers_connected': 5,
  'd.peers_complete': 2,
  'd.timestamp.finished': 0,
};
const TEXTS = {
  name: 'x\x07' as unknown,
  message: '',
  custom1: 'films',
  directory: '/srv',
  addtime: '1700000000\n',
  trackers: 'http://a.example:80/announce#udp://B.example:1#dht://#',
};
type Changes = Partial<Record<keyof typeof NUMBERS, number | bigint> & Record<keyof typeof TEXTS, unknown>>;

/** A row as it is asked for. */
function row(changes: Changes, infoHash = HASH): unknown[] {
  const numbers = Object.keys(NUMBERS).map(key => ({ ...NUMBERS, ...changes })[key as keyof typeof NUMBERS]);
  const texts = Object.keys(TEXTS).map(key => ({ ...TEXTS, ...changes })[key as keyof typeof TEXTS]);
  return [[infoHash.toUpperCase(), ...numbers].join(' '), ...texts];
}

const ANSWERS = {
  'system.client_version': '0.16.17',
  'system.time_seconds': 1_700_000_100,
  'directory.default': '/srv/',
  'throttle.global_down.rate': 400,
  'throttle.global_up.rate': 10,
  'd.free_diskspace': 12,
};

async function rtorrent(changes: Changes) {
  const { torrents, ...others } = await list('rtorrent', { ...ANSWERS, 'd.multicall2': [row(changes)] });
  return { ...others, torrent: only(torrents) };
}

test('everything at once', async () => {
  assert.deepEqual(await rtorrent({}), {
    ...{ version: '0.16.17', downloadRate: 400, uploadRate: 10, freeSpace: 12 },
    torrent: {
      ...{ infoHash: HASH, name: 'x\x07', state: 'downloading', progress: 0.25 },
      ...{ downloadRate: 400, uploadRate: 10, eta: 2, size: 1000, totalSize: 1000 },
      ...{ downloaded: 300, uploaded: 450, ratio: 1.5, seeds: 2, leechers: 3, peers: 5 },
      ...{ labels: ['films'], trackerHosts: ['a.example', 'b.example'], savePath: '/srv' },
      ...{ addedAt: 1_700_000_000, completedAt: undefined, isPrivate: true, error: undefined },
    },
  });
});

test('states, and what is not known', async () => {
  const tracker = 'Tracker: [Timed out]';
  const own = 'Low diskspace.';
  const cases: readonly [changes: Changes, expected: Partial<Torrent>][] = [
    [{ 'd.is_active': 0 }, { state: 'stopped', eta: undefined }],
    [
      { 'd.hashing': 1, 'd.is_active': 0, 'd.chunks_hashed': 5 },
      { state: 'checking', progress: 0.5 },
    ],
    [{ 'd.hashing': 3, 'd.is_active': 0, message: own }, { state: 'checking' }],
    [{ 'd.hashing': 3, 'd.hashing_failed': 1 }, { state: 'error' }],
    [
      { 'd.is_meta': 1, 'd.size_bytes': 1 },
      { state: 'metadata', size: undefined, totalSize: undefined, progress: 0, isPrivate: undefined },
    ],
    [{ 'd.is_meta': 1, 'd.is_active': 0 }, { state: 'stopped' }],
    [
      { 'd.completed_chunks': 10, 'd.wanted_chunks': 0, 'd.timestamp.finished': 1_700_000_009 },
      { state: 'seeding', progress: 1, eta: undefined, completedAt: 1_700_000_009 },
    ],
    // Half of it is wanted, and there.
    [
      { 'd.completed_chunks': 5, 'd.wanted_chunks': 0 },
      { state: 'seeding', progress: 1, size: 500, totalSize: 1000 },
    ],
    // Half of it is wanted, half of that there.
    [
      { 'd.completed_chunks': 2, 'd.wanted_chunks': 3 },
      { state: 'downloading', progress: 0.5, size: 500 },
    ],
    [{ message: tracker }, { state: 'downloading', error: tracker }],
    [
      { message: tracker, 'd.is_active': 0 },
      { state: 'stopped', error: tracker },
    ],
    [
      { message: own, 'd.is_active': 0 },
      { state: 'error', error: own },
    ],
    [{ message: own }, { state: 'downloading', error: own }],
    [{ 'd.down.rate': 0 }, { eta: undefined, downloadRate: 0 }],
    [{ 'd.size_bytes': 2n ** 60n, 'd.chunk_size': 2 ** 60, 'd.bytes_done': 2n ** 59n }, { progress: 0.5 }],
    [{ addtime: '' }, { addedAt: undefined }],
    [{ addtime: 'yesterday' }, { addedAt: undefined }],
    [
      { custom1: '', trackers: '' },
      { labels: [], trackerHosts: [] },
    ],
    [{ name: 'a-%F0%9F%98%80-%C3%BC%FF' }, { name: 'a-😀-%C3%BC%FF' }],
    [
      { name: 'x%F0%9F%98%80', directory: '/%C3%BC/x%F0%9F%98%80', 'd.is_multi_file': 1 },
      { name: 'x😀', savePath: '/ü' },
    ],
    [{ name: '%C3%BC 100%' }, { name: '%C3%BC 100%' }],
    [{ name: 'ü %F0%9F%98%80' }, { name: 'ü %F0%9F%98%80' }],
    [{ name: 'x', directory: '/srv/x', 'd.is_multi_file': 1 }, { savePath: '/srv' }],
  ];
  for (const [changes, expected] of cases) hasAll((await rtorrent(changes)).torrent, expected, changes);
});

test('where the files of a torrent lie', () => {
  assert.equal(savePathOf('/srv/x', 'x', true), '/srv');
  assert.equal(savePathOf('/srv/x', 'x', false), '/srv/x');
  assert.equal(savePathOf('/srv/y', 'x', true), '/srv/y');
  assert.equal(savePathOf('/srv/yx', 'x', true), '/srv/yx');
  assert.equal(savePathOf('/x', 'x', true), '/');
  assert.equal(savePathOf('', '', true), '');
});

test('labels as ruTorrent and Flood keep them', () => {
  for (const labels of [[], ['a'], ['ä b', 'c,d'], ['100 %', '"', '$x', '😀']])
    assert.deepEqual(toLabels(fromLabels(labels)), labels);
  assert.deepEqual(toLabels('100%'), ['100%']);
  assert.deepEqual(toLabels('%zz,a,,a'), ['%zz', 'a']);
  assert.match(fromLabels(['ä $b"', 'c']), /^[\w%,]*$/);
});

test('an answer that is no torrent is an error', async () => {
  for (const odd of [[], ['x'], [`${HASH} 1 2`], [5]])
    await assert.rejects(list('rtorrent', { ...ANSWERS, 'd.multicall2': [odd] }), /Unexpected response/);
});

// --- Changes -------------------------------------------------------------------------------------------------

const id = (number: number) => number.toString(16).padStart(40, '0');

/** A daemon with some torrents that stand still, and how it is followed. */
async function followed() {
  const still = {
    'd.is_active': 0,
    'd.down.rate': 0,
    'd.up.rate': 0,
    'd.peers_connected': 0,
    'd.peers_complete': 0,
  };
  const torrents = new Map<string, Changes>([0, 1, 2].map(number => [id(number), still]));
  const clock = { now: 0, seconds: 1_700_000_100 };
  /** What the daemon finds by itself. */
  let busy: readonly string[] = [];
  const rows = (infoHashes: Iterable<string>) =>
    [...infoHashes].map(infoHash => row(torrents.get(infoHash) ?? {}, infoHash));
  const { rpc, asked } = fakeClient('rtorrent', {
    ...ANSWERS,
    'system.time_seconds': () => clock.seconds,
    'view.size': () => torrents.size,
    'd.multicall2': () => rows(torrents.keys()),
    'd.multicall.filtered': () => rows(busy),
    catch([hash, column]: [string, string]) {
      const changes = torrents.get(hash.toLowerCase());
      if (!changes) return Object.assign(new Error('not found'), { name: 'RPCError' });
      const order = [/^cat=\$d.hash/, /name/, /message/, /custom1/, /directory/, /addtime/, /t.multicall/];
      return row(changes, hash)[order.findIndex(pattern => pattern.test(column))];
    },
  });
  const feed = new RtorrentFeed(rpc, () => clock.now);
  await feed.all(signal);
  const next = async (...about: readonly string[]) => {
    asked.length = 0;
    const update = await feed.changes(signal, about);
    return {
      update,
      methods: asked.map(([method]) => method).filter(method => !/^(system|throttle|view)/.test(method)),
      told: update.torrents.map(({ infoHash }) => infoHash),
      removed: update.kind === 'changes' ? update.removed : undefined,
    };
  };
  return {
    ...{ clock, torrents, asked, next, still },
    find: (...numbers: number[]) => {
      busy = numbers.map(id);
    },
  };
}

test('nothing new is one request', async () => {
  const { next } = await followed();
  const { methods, told, removed } = await next();
  assert.deepEqual(methods, ['d.multicall.filtered']);
  assert.deepEqual([told, removed], [[], []]);
});

test('it looks for what happened since the last answer, by the clock of the daemon', async () => {
  const { next, clock, asked } = await followed();
  clock.seconds = 1_700_000_200;
  await next();
  await next();
  const [, [, , condition] = []] = asked.find(([method]) => method === 'd.multicall.filtered') ?? [];
  assert.match(condition, /greater=d\.state_changed=,value=1700000198/);
});

test('what moves is asked for until it stands still', async () => {
  const { next, torrents, find, still } = await followed();
  torrents.set(id(1), { ...still, 'd.is_active': 1, 'd.peers_connected': 1, 'd.up.rate': 9 });
  find(1);
  assert.deepEqual((await next()).told, [id(1)]);
  find();
  torrents.set(id(1), { ...still, 'd.up.rate': 4 });
  assert.deepEqual((await next()).told, [id(1)]);
  torrents.set(id(1), still);
  assert.equal((await next()).update.torrents[0]?.uploadRate, 0);
  assert.deepEqual((await next()).told, []);
});

test('what something was asked of is asked for, and may be gone', async () => {
  const { next, torrents } = await followed();
  assert.deepEqual((await next(id(2))).told, [id(2)]);
  torrents.delete(id(2));
  const { told, removed, methods } = await next(id(2));
  assert.deepEqual([told, removed], [[], [id(2)]]);
  assert.ok(!methods.includes('d.multicall2'));
  assert.deepEqual((await next(id(2))).removed, []);
});

test('everything is asked where somebody is missing, after a minute, and where much was asked of', async () => {
  const { next, torrents, clock, find, still } = await followed();
  torrents.delete(id(0));
  assert.equal((await next()).update.kind, 'all');
  assert.equal((await next()).update.kind, 'changes');
  torrents.set(id(5), still);
  find(5);
  assert.equal((await next()).update.kind, 'changes');
  for (const step of [61_000, -3_600_000]) {
    clock.now += step;
    assert.equal((await next()).update.kind, 'all');
    assert.equal((await next()).update.kind, 'changes');
  }
  const many = Array.from({ length: 101 }, (_, number) => id(number));
  assert.equal((await next(...many)).update.kind, 'all');
});

// --- Details and actions -------------------------------------------------------------------------------------

const { actions, details } = rtorrentAdapter;
const TORRENT: Torrent = { infoHash: HASH, name: 'x', state: 'downloading', progress: 0 };

test('how trackers stand', async t => {
  t.mock.timers.enable({ apis: ['Date'], now: 1_700_000_000_000 });
  const url = 'http://a/announce';
  // Enabled, busy, last success, failures in a row, next announce, scrapes, seeds, leechers.
  const cases: readonly [row: readonly number[], expected: object][] = [
    [[1, 0, 0, 0, 300, 0, 0, 0], { status: 'waiting', nextAnnounceAt: undefined }],
    [[0, 0, 5, 0, 0, 0, 0, 0], { status: 'disabled', nextAnnounceAt: undefined }],
    [[1, 1, 5, 0, 0, 0, 0, 0], { status: 'updating', nextAnnounceAt: undefined }],
    [[1, 0, 5, 0, 1_700_000_060, 1, 3, 4], { status: 'working', nextAnnounceAt: 1_700_000_060 }],
    [
      [1, 0, 5, 2, 1_700_000_060, 0, 0, 0],
      { status: 'failed', nextAnnounceAt: 1_700_000_060, message: 'no' },
    ],
  ];
  for (const [row, expected] of cases) {
    const { rpc } = fakeClient('rtorrent', { 't.multicall': [[url, 1, ...row]] });
    const scraped = row[5] ? { seeds: 3, leechers: 4 } : { seeds: undefined, leechers: undefined };
    assert.deepEqual(await details.trackers(rpc, { ...TORRENT, error: 'Tracker: [no]' }, signal), [
      { url, tier: 1, ...scraped, ...expected },
    ]);
  }
});

test('peers over IPv6', async () => {
  const { rpc } = fakeClient('rtorrent', {
    'p.multicall': [['2001:db8::1', 6881, 'x', 50, 1, 2, 1]],
  });
  assert.deepEqual(await details.peers(rpc, TORRENT, signal), [
    {
      ...{ address: '[2001:db8::1]:6881', client: 'x', progress: 0.5 },
      ...{ downloadRate: 1, uploadRate: 2, isEncrypted: true },
    },
  ]);
});

test('texts within commands', () => {
  assert.equal(quote('/a "b" \\ $c; (d), {e}'), '"/a \\"b\\" \\\\ $c; (d), {e}"');
  // rTorrent would run it, quoted or not.
  assert.throws(() => quote('$execute.throw=reboot'), /command/);
});

test('many torrents are many calls, but no request is too large', async () => {
  const sizes: number[] = [];
  const multicall = async (calls: readonly unknown[]) => {
    sizes.push(calls.length);
    return calls.map(() => 0);
  };
  const many = Array.from({ length: 1200 }, (_, number) => id(number)) as [string, ...string[]];
  await actions.start({ multicall } as unknown as RtorrentRPC, many, signal);
  assert.deepEqual(sizes, [1000, 1000, 400]);
});
