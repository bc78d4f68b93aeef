// What real daemons do is in test/daemons/qbittorrentActions.test.ts; here is what older versions say, and what is seldom.
import assert from 'node:assert/strict';
import test from 'node:test';
import type { NewTorrent } from '../../src/torrents/adapter.ts';
import { qbittorrentAdapter } from '../../src/torrents/qbittorrent/adapter.ts';
import { QbittorrentFeed } from '../../src/torrents/qbittorrent/feed.ts';
import type { Torrent } from '../../src/torrents/torrent.ts';
import { makeTorrent } from '../tools/torrents.ts';
import { fakeClient, HASH, signal } from './support/adapters.ts';

const { actions, details } = qbittorrentAdapter;
const torrent: Torrent = { infoHash: HASH, name: 'x', state: 'stopped', progress: 0 };
const hashes = [HASH] as const;

/** The daemon says no. */
const refuse = (status: number) => () =>
  Promise.reject(Object.assign(new Error('no'), { name: 'RPCError', info: { status } }));

test('what was renamed, or came later, is done as older versions can', async () => {
  const unknown = ['torrents/start', 'torrents/stop', 'torrents/setTags', 'transfer/setSpeedLimitsMode'];
  const { rpc, asked } = fakeClient('qbittorrent', {
    ...Object.fromEntries(unknown.map(method => [method, refuse(404)])),
    'transfer/speedLimitsMode': '1',
  });
  const done = async (work: Promise<void> | undefined) => {
    await work;
    return asked.splice(0).map(([method]) => method);
  };
  assert.deepEqual(await done(actions.start(rpc, hashes, signal)), ['torrents/start', 'torrents/resume']);
  assert.deepEqual(await done(actions.stop(rpc, hashes, signal)), ['torrents/stop', 'torrents/pause']);
  assert.deepEqual(await done(actions.setTags?.(rpc, hashes, ['a'], signal)), [
    ...['torrents/setTags', 'torrents/removeTags', 'torrents/addTags'],
  ]);
  assert.deepEqual(await done(actions.setTags?.(rpc, hashes, [], signal)), [
    ...['torrents/setTags', 'torrents/removeTags'],
  ]);
  const mode = ['transfer/setSpeedLimitsMode', 'transfer/speedLimitsMode'];
  assert.deepEqual(await done(actions.setSlowMode?.(rpc, true, signal)), mode);
  const toggled = [...mode, 'transfer/toggleSpeedLimitsMode'];
  assert.deepEqual(await done(actions.setSlowMode?.(rpc, false, signal)), toggled);
});

test('another refusal is the answer', async () => {
  const { rpc } = fakeClient('qbittorrent', {
    'torrents/start': refuse(403),
    'torrents/stop': refuse(404),
    'torrents/pause': refuse(404),
    'torrents/setCategory': refuse(409),
    'torrents/createCategory': refuse(403),
    'torrents/export': '',
  });
  const works = [
    actions.start(rpc, hashes, signal),
    actions.stop(rpc, hashes, signal),
    actions.setLabels(rpc, hashes, ['a'], signal),
  ];
  for (const work of works) await assert.rejects(work, { name: 'RPCError' });
  await assert.rejects(async () => actions.export?.(rpc, torrent, signal), /no \.torrent file/);
});

const { metainfo, infoHash } = makeTorrent({
  name: 'x',
  files: ['a', 'b', 'c'].map(path => ({ path, size: 5 })),
});
const file: NewTorrent = {
  source: { kind: 'file', name: 'x', metainfo, infoHash },
  ...{ savePath: undefined, labels: [], isStopped: false, unwanted: [] },
};

/** A daemon that lists a torrent after some looks. */
function taking(answer: unknown, looks = 1) {
  let left = looks;
  return fakeClient('qbittorrent', {
    'torrents/add': answer,
    'torrents/info': () => (left-- > 0 ? [] : [{ hash: infoHash }]),
  });
}

test('a torrent that is there is not added', async () => {
  const { rpc, asked } = taking('Ok.', 0);
  assert.deepEqual(await actions.add(rpc, file, signal), { infoHash, isDuplicate: true });
  assert.deepEqual(asked, [['torrents/info', { hashes: [infoHash] }]]);
});

test('one is waited for until it is there; then what is not wanted is said, and it is started', async () => {
  const { rpc, asked } = taking('Ok.', 3);
  const savePath = '/srv';
  const chosen = { ...file, savePath, labels: ['a'], unwanted: [0, 2, 5] };
  assert.deepEqual(await actions.add(rpc, chosen, signal), { infoHash, isDuplicate: false });
  const others = asked.filter(([method]) => method !== 'torrents/info');
  assert.deepEqual(others, [
    ['torrents/add', { savepath: '/srv', autoTMM: false, category: 'a', paused: true, stopped: true }],
    ['torrents/filePrio', { hash: infoHash, id: [0, 2], priority: 0 }],
    ['torrents/start', { hashes: [infoHash] }],
  ]);
  assert.equal(asked.length - others.length, 4);
});

test('an address has no info hash before the daemon has fetched it, but for what it tells itself', async () => {
  const link: NewTorrent = {
    ...file,
    source: { kind: 'link', url: 'http://x.example/', infoHash: undefined },
  };
  const { rpc, asked } = taking('Ok.');
  assert.deepEqual(await actions.add(rpc, link, signal), { infoHash: undefined, isDuplicate: false });
  assert.deepEqual(asked, [['torrents/add', { urls: ['http://x.example/'], paused: false, stopped: false }]]);
  const told = taking({ added_torrent_ids: [infoHash] }, 0);
  assert.deepEqual(await actions.add(told.rpc, link, signal), { infoHash, isDuplicate: false });
});

test('a refusal without words is given some, one with words keeps them', async () => {
  for (const answer of ['Fails.', refuse(409)])
    await assert.rejects(actions.add(taking(answer).rpc, file, signal), /did not take the torrent/);
  await assert.rejects(actions.add(taking(refuse(415)).rpc, file, signal), /^RPCError: no$/);
});

test('an abort ends the wait', async () => {
  const controller = new AbortController();
  const reason = new Error('enough');
  const { rpc } = taking(() => {
    setTimeout(() => controller.abort(reason), 1);
    return 'Ok.';
  }, 1000);
  await assert.rejects(actions.add(rpc, file, controller.signal), reason);
});

test('files, trackers and peers', async () => {
  const { rpc } = fakeClient('qbittorrent', {
    'torrents/files': [
      { name: 'x/a', size: 5, progress: 1, priority: 7 },
      { index: 4, name: 'x/b', size: 5, progress: 0, priority: 0 },
    ],
    'torrents/trackers': [
      { url: '** [DHT] **', status: 2 },
      ...[0, 1, 2, 3, 4, 5, 6, 'translated'].map(status => ({ url: `u${status}`, status, msg: '', tier: 0 })),
      { url: 'now', status: 2, updating: true, next_announce: 1_800_000_000, num_seeds: 3, num_leeches: -1 },
    ],
    'sync/torrentPeers': {
      peers: {
        '::1:5': { ip: '::1', port: 5, client: 'c', progress: 0.5, dl_speed: 1, up_speed: 2, flags: 'D E' },
        'x.b32.i2p': { client: '', flags: 'd e' },
      },
    },
  });
  assert.deepEqual(await details.files(rpc, torrent, signal), [
    { index: 0, path: 'x/a', size: 5, progress: 1, priority: 'high' },
    { index: 4, path: 'x/b', size: 5, progress: 0, priority: 'skip' },
  ]);
  const trackers = await details.trackers(rpc, torrent, signal);
  assert.deepEqual(
    trackers.map(({ url, status }) => `${url} ${status}`),
    [
      ...['u0 disabled', 'u1 waiting', 'u2 working', 'u3 updating', 'u4 failed', 'u5 failed', 'u6 failed'],
      ...['utranslated waiting', 'now updating'],
    ],
  );
  assert.deepEqual(trackers.at(-1), {
    ...{ url: 'now', tier: undefined, status: 'updating', message: undefined },
    ...{ nextAnnounceAt: 1_800_000_000, seeds: 3, leechers: undefined },
  });
  assert.deepEqual(await details.peers(rpc, torrent, signal), [
    { address: '[::1]:5', client: 'c', progress: 0.5, downloadRate: 1, uploadRate: 2, isEncrypted: true },
    {
      ...{ address: 'x.b32.i2p', client: undefined, progress: undefined, downloadRate: undefined },
      ...{ uploadRate: undefined, isEncrypted: false },
    },
  ]);
});

test('what trackers complain of is asked once, for some torrents at a time', async () => {
  const hashOf = (index: number) => String(index).padStart(40, '0');
  const torrents = Object.fromEntries(
    Array.from({ length: 25 }, (_, index) => [hashOf(index), { name: 'x', has_tracker_error: true }]),
  );
  const answers: object[] = [
    { rid: 1, full_update: true, torrents },
    { rid: 2 },
    { rid: 3 },
    { rid: 4, torrents: { [hashOf(0)]: { has_tracker_error: false } } },
  ];
  const saying = [
    { status: 2, msg: 'slow down' },
    { status: 4, msg: 'Connection refused' },
    { status: 5, msg: 'unregistered' },
  ];
  const { rpc, asked } = fakeClient('qbittorrent', {
    'app/version': 'v5.2.0',
    'sync/maindata': () => answers.shift(),
    'torrents/info': ({ hashes: about }: { hashes: string[] }) =>
      about.map((hash, index) => ({ hash, trackers: index === 0 ? saying : saying.slice(0, 2) })),
  });
  const feed = new QbittorrentFeed(rpc);
  const errors = (found: readonly Torrent[]) => found.map(({ error }) => error);
  const first = errors((await feed.all(signal)).torrents);
  assert.deepEqual(first.slice(0, 2), ['unregistered', 'slow down']);
  assert.equal(first.filter(error => error !== undefined).length, 20);
  assert.equal((await feed.changes(signal)).torrents.length, 5, 'the others');
  asked.length = 0;
  assert.deepEqual((await feed.changes(signal)).torrents, []);
  assert.deepEqual(errors((await feed.changes(signal)).torrents), [undefined]);
  assert.deepEqual(
    asked.map(([method]) => method),
    ['sync/maindata', 'sync/maindata'],
  );
});
