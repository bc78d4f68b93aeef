// What real daemons say is in test/daemons; here is what is seldom, and what the feed makes of a daemon's moods.
import assert from 'node:assert/strict';
import test from 'node:test';
import type { Torrent } from '../../src/torrents/torrent.ts';
import { TransmissionFeed } from '../../src/torrents/transmission/feed.ts';
import { fakeClient, HASH, hasAll, list, only, signal } from './support/adapters.ts';

const FIELDS = {
  id: 1,
  hashString: HASH.toUpperCase(),
  name: 'x',
  status: 4,
  percentDone: 0.25,
  metadataPercentComplete: 1,
  recheckProgress: 0.75,
  rateDownload: 1000,
  rateUpload: 10,
  eta: 90,
  sizeWhenDone: 2 ** 45,
  totalSize: 2 ** 46,
  downloadedEver: 500,
  uploadedEver: 250,
  uploadRatio: 0.5,
  peersConnected: 7,
  labels: ['a', 'b'],
  downloadDir: '/srv',
  addedDate: 1_700_000_000,
  doneDate: 0,
  activityDate: 1_700_000_100,
  isPrivate: true,
  queuePosition: 0,
  error: 0,
  errorString: '',
  trackerList: 'http://a.example:80/announce?key=secret\n\nudp://B.example:1\nhttp://a.example/x\n',
};
type Changes = Partial<Record<keyof typeof FIELDS | 'trackers', unknown>>;

const answer = (args: object) => ({ result: 'success', arguments: args });
/** Torrents as rows of columns. */
const table = (...torrents: readonly Changes[]) => {
  const rows = torrents.map(changes => ({ ...FIELDS, ...changes }));
  return [Object.keys(rows[0] ?? FIELDS), ...rows.map(row => Object.values(row))];
};
const session = {
  version: '4.1.4 (ab)',
  'session-id': 's',
  'download-dir': '/srv',
  'alt-speed-enabled': true,
};
const stats = { downloadSpeed: 1000, uploadSpeed: 10, torrentCount: 1 };
const ANSWERS = {
  'session-get': answer(session),
  'session-stats': answer(stats),
  'free-space': answer({ path: '/srv', 'size-bytes': 12 }),
};

async function transmission(fields: Changes, version = '4.1.4 (ab)') {
  const { torrents, ...others } = await list('transmission', {
    ...ANSWERS,
    'session-get': answer({ ...session, version }),
    'torrent-get': answer({ torrents: table(fields) }),
  });
  return { ...others, torrent: only(torrents) };
}

test('everything at once', async () => {
  assert.deepEqual(await transmission({}), {
    ...{ version: '4.1.4', downloadRate: 1000, uploadRate: 10, freeSpace: 12, isSlow: true },
    torrent: {
      ...{ infoHash: HASH, name: 'x', state: 'downloading', progress: 0.25 },
      ...{ downloadRate: 1000, uploadRate: 10, eta: 90, size: 2 ** 45, totalSize: 2 ** 46 },
      ...{ downloaded: 500, uploaded: 250, ratio: 0.5, peers: 7, labels: ['a', 'b'] },
      ...{ trackerHosts: ['a.example', 'b.example'], savePath: '/srv', isPrivate: true },
      ...{ addedAt: 1_700_000_000, completedAt: undefined, activeAt: 1_700_000_100 },
      ...{ queuePosition: 0, error: undefined },
    },
  });
  const { version } = await transmission({}, '4.1.0-beta.2 (b11bfd9712)');
  assert.equal(version, '4.1.0-beta.2');
});

test('states, and what is not known', async () => {
  const cases: readonly [fields: Changes, expected: Partial<Torrent>][] = [
    [{ status: 0 }, { state: 'stopped', eta: undefined }],
    [{ status: 1 }, { state: 'queued' }],
    [{ status: 2 }, { state: 'checking', progress: 0.75 }],
    [{ status: 3 }, { state: 'queued', progress: 0.25 }],
    [
      { status: 4, metadataPercentComplete: 0.5, percentDone: 0, totalSize: 0 },
      { state: 'metadata', size: undefined, totalSize: undefined, isPrivate: undefined },
    ],
    [{ status: 5 }, { state: 'queued' }],
    [
      { status: 6, eta: 60 },
      { state: 'seeding', eta: undefined },
    ],
    [{ status: 7 }, { state: 'stopped' }],
    [{ status: 'constructor' }, { state: 'stopped' }],
    [
      { status: 0, error: 3, errorString: 'No space left' },
      { state: 'error', error: 'No space left' },
    ],
    [
      { error: 1, errorString: 'Slow down' },
      { state: 'downloading', error: 'Slow down' },
    ],
    [
      { error: 2, errorString: 'Unregistered' },
      { state: 'downloading', error: 'Unregistered' },
    ],
    [
      { eta: -1, uploadRatio: -2 },
      { eta: undefined, ratio: undefined },
    ],
    [{ activityDate: 0 }, { activeAt: undefined }],
    [{ trackerList: '' }, { trackerHosts: [] }],
    [{ trackerList: 'nonsense\nhttp://user:pass@[::1]:80/x' }, { trackerHosts: ['[::1]'] }],
    // As 3.00 has them.
    [
      { trackerList: undefined, trackers: [{ announce: 'http://c.example/announce' }, null] },
      { trackerHosts: ['c.example'] },
    ],
    [
      { trackerList: undefined, labels: undefined, downloadDir: 5, peersConnected: 'many' },
      { trackerHosts: undefined, labels: undefined, savePath: undefined, peers: undefined },
    ],
  ];
  for (const [fields, expected] of cases) hasAll((await transmission(fields)).torrent, expected, fields);
});

test('3.00 is asked for trackers, 4.0 for one text of them; of a folder that is not there no space is known', async () => {
  for (const [version, field] of Object.entries({ '3.00 (x)': 'trackers', '4.0.0 (x)': 'trackerList' })) {
    const { rpc, asked } = fakeClient('transmission', {
      ...ANSWERS,
      'session-get': answer({ ...session, version }),
      'torrent-get': answer({ torrents: table({}) }),
      'free-space': () => Promise.reject(Object.assign(new Error('No such file'), { name: 'RPCError' })),
    });
    const { facts } = await new TransmissionFeed(rpc).all(signal);
    assert.equal(facts.freeSpace, undefined);
    const { fields = [] } = asked.find(([method]) => method === 'torrent-get')?.[1] ?? {};
    assert.deepEqual(
      fields.filter((name: string) => name.startsWith('tracker')),
      [field],
    );
  }
});

const OTHER = '00000000000000000000000000000000000000aa';

/** A daemon of two torrents, of which a test says what they do, and its feed after it has asked for everything. */
async function following() {
  const daemon = {
    all: [{}, { id: 2, hashString: OTHER }] as Changes[],
    recent: [] as Changes[],
    removed: [] as number[],
    session: 's',
    now: 1_000_000,
  };
  const torrents = ({ ids }: { ids?: string | string[] }) => {
    if (ids === 'recently-active')
      return answer({ torrents: table(...daemon.recent), removed: daemon.removed });
    const isAsked = ({ hashString = HASH }: Changes) => !ids || ids.includes(hashString as string);
    return answer({ torrents: table(...daemon.all.filter(isAsked)) });
  };
  const { rpc, asked } = fakeClient('transmission', {
    ...ANSWERS,
    'session-get': () => answer({ ...session, 'session-id': daemon.session }),
    'session-stats': () => answer({ ...stats, torrentCount: daemon.all.length }),
    'torrent-get': torrents,
  });
  const feed = new TransmissionFeed(rpc, () => daemon.now);
  await feed.all(signal);
  /** What the next refresh makes of it, and for which torrents it asked. */
  const next = async (...about: string[]) => {
    asked.length = 0;
    const update = await feed.changes(signal, about);
    const ids = asked.filter(([method]) => method === 'torrent-get').map(([, args]) => args.ids);
    const { kind, torrents } = update;
    const removed = update.kind === 'changes' ? update.removed : undefined;
    return { kind, hashes: torrents.map(({ infoHash }) => infoHash), removed, ids };
  };
  return { daemon, next };
}

test('a refresh with nothing new asks for what was active only', async () => {
  const { next } = await following();
  assert.deepEqual(await next(), { kind: 'changes', hashes: [], removed: [], ids: ['recently-active'] });
});

test('what is gone is told by number, once', async () => {
  const { daemon, next } = await following();
  daemon.all.pop();
  daemon.removed = [2, 99];
  assert.deepEqual((await next()).removed, [OTHER]);
  assert.deepEqual((await next()).removed, []);
});

test('a torrent that was removed and added again is there', async () => {
  const { daemon, next } = await following();
  const again = { id: 3, hashString: OTHER };
  daemon.all[1] = again;
  daemon.recent = [again];
  daemon.removed = [2];
  const { kind, hashes, removed } = await next();
  assert.deepEqual({ kind, hashes, removed }, { kind: 'changes', hashes: [OTHER], removed: [] });
});

test('torrents that something was asked of are looked at, and those that are checked', async () => {
  const { daemon, next } = await following();
  assert.deepEqual(await next(OTHER), {
    ...{ kind: 'changes', hashes: [OTHER], removed: [] },
    ids: ['recently-active', [OTHER]],
  });
  daemon.recent = [{ status: 2 }];
  assert.deepEqual((await next(HASH)).ids, ['recently-active']);
  daemon.recent = [];
  assert.deepEqual((await next()).ids, ['recently-active', [HASH]]);
  assert.deepEqual((await next()).ids, ['recently-active'], 'it was seen to be checked no more');
});

test('where one moved in the queue, all others may have', async () => {
  const { daemon, next } = await following();
  daemon.all[1] = { id: 2, hashString: OTHER, queuePosition: 5 };
  assert.deepEqual((await next(OTHER)).ids, ['recently-active', [OTHER], undefined]);
  assert.deepEqual((await next(OTHER)).ids, ['recently-active', [OTHER]]);
});

test('everything is asked after a pause, after a start of the daemon, and where the numbers do not fit', async () => {
  const { daemon, next } = await following();
  daemon.now += 41_000;
  assert.deepEqual((await next()).ids, [undefined]);
  daemon.session = 't';
  assert.equal((await next()).kind, 'all');
  assert.equal((await next()).kind, 'changes');
  daemon.all.push({ id: 3, hashString: '00000000000000000000000000000000000000bb' });
  assert.equal((await next()).kind, 'all');
  assert.equal((await next()).kind, 'changes');
});
