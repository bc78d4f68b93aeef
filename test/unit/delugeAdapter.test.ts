// What real daemons say is in test/daemons; here is what is seldom, and what the feed makes of a daemon's moods.
import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import { delugeAdapter } from '../../src/torrents/deluge/adapter.ts';
import { DelugeFeed } from '../../src/torrents/deluge/feed.ts';
import { KEYS } from '../../src/torrents/deluge/torrent.ts';
import type { Torrent } from '../../src/torrents/torrent.ts';
import { type Asked, fakeClient, HASH, hasAll, list, only, signal } from './support/adapters.ts';

const FIELDS = {
  name: 'x',
  state: 'Downloading',
  progress: Math.fround(33.3),
  download_payload_rate: 1000,
  upload_payload_rate: 10,
  eta: 90,
  total_wanted: 500,
  total_remaining: 400,
  total_size: 700,
  num_files: 1,
  all_time_download: 100,
  total_uploaded: 50,
  ratio: 0.5,
  num_seeds: 2,
  num_peers: 3,
  trackers: [{ url: 'http://a.example:80/announce', tier: 0 }],
  download_location: '/srv',
  time_added: 1_700_000_000,
  completed_time: 0,
  time_since_transfer: 0,
  private: true,
  queue: 4,
  message: 'OK',
  tracker_status: 'Announce OK',
  label: 'films',
};
type Changes = Partial<Record<keyof typeof FIELDS, unknown>>;

const SESSION = {
  payload_download_rate: 1000,
  payload_upload_rate: 10,
  'net.recv_payload_bytes': 7,
  'net.sent_payload_bytes': 7,
  'peer.num_peers_connected': 0,
};
const ANSWERS = {
  'daemon.info': '2.2.0',
  'daemon.authorized_call': true,
  'core.get_enabled_plugins': ['Label'],
  'core.get_free_space': 12,
  'core.get_session_status': SESSION,
};

async function deluge(fields: Changes, answers: Readonly<Record<string, unknown>> = {}) {
  const { torrents, ...others } = await list('deluge', {
    ...ANSWERS,
    'core.get_torrents_status': { [HASH.toUpperCase()]: { ...FIELDS, ...fields } },
    ...answers,
  });
  return { ...others, torrent: only(torrents) };
}

test('everything at once', async t => {
  t.mock.timers.enable({ apis: ['Date'], now: 1_700_000_100_000 });
  const { torrent, ...facts } = await deluge({});
  assert.deepEqual(facts, {
    ...{ version: '2.2.0', downloadRate: 1000, uploadRate: 10, freeSpace: 12, missing: undefined },
  });
  assert.ok(Math.abs(torrent.progress - 0.333) < 1e-6);
  assert.deepEqual(torrent, {
    ...{ infoHash: HASH, name: 'x', state: 'downloading', progress: torrent.progress },
    ...{ downloadRate: 1000, uploadRate: 10, eta: 90, size: 500, totalSize: 700 },
    ...{ downloaded: 100, uploaded: 50, ratio: 0.5, seeds: 2, leechers: 3, peers: 5 },
    ...{ labels: ['films'], trackerHosts: ['a.example'], savePath: '/srv', isPrivate: true },
    ...{ addedAt: 1_700_000_000, completedAt: undefined, activeAt: 1_700_000_100 },
    ...{ queuePosition: 4, error: undefined },
  });
});

test('what is no torrent is told in our words', async () => {
  for (const odd of [null, 5, 'x'])
    await assert.rejects(
      list('deluge', { ...ANSWERS, 'core.get_torrents_status': { [HASH]: odd } }),
      /^Error: Unexpected response/,
    );
});

test('states, and what is not known', async () => {
  const cases: readonly [fields: Changes, expected: Partial<Torrent>][] = [
    [{ state: 'Allocating' }, { state: 'checking' }],
    [
      { state: 'Checking', progress: 50 },
      { state: 'checking', progress: 0.5, eta: undefined },
    ],
    [
      { num_files: 0, total_wanted: 0, total_size: 0, private: false },
      { state: 'metadata', size: undefined, totalSize: undefined, isPrivate: undefined },
    ],
    [
      { state: 'Seeding', progress: 100, eta: 60, queue: -1, completed_time: 1_700_000_009 },
      { state: 'seeding', progress: 1, eta: undefined, queuePosition: undefined, completedAt: 1_700_000_009 },
    ],
    [{ state: 'Paused' }, { state: 'stopped' }],
    [
      { state: 'Queued', num_files: 0 },
      { state: 'queued', size: undefined },
    ],
    [{ state: 'Moving' }, { state: 'moving' }],
    [
      { state: 'Error', progress: 100, message: 'Is a directory', tracker_status: 'Error: no' },
      { state: 'error', progress: 0.2, error: 'Is a directory' },
    ],
    [
      { state: 'Error', total_wanted: 0, total_remaining: 0 },
      { state: 'error', progress: 0 },
    ],
    [{ state: 'constructor' }, { state: 'stopped' }],
    [{ tracker_status: 'Error: two\nlines' }, { state: 'downloading', error: 'two\nlines' }],
    [{ tracker_status: 'Warning: slow' }, { error: 'slow' }],
    [{ tracker_status: 'Announce Sent' }, { error: undefined }],
    [
      { eta: 0, ratio: -1 },
      { eta: undefined, ratio: undefined },
    ],
    [
      { eta: -1, progress: Math.fround(100.00001) },
      { eta: undefined, progress: 1 },
    ],
    [{ label: '' }, { labels: [] }],
    [{ time_since_transfer: -1 }, { activeAt: undefined }],
    [{ trackers: [null, {}, 5] }, { trackerHosts: [] }],
    [
      { trackers: 'none', download_location: 5, num_peers: 'many' },
      { trackerHosts: undefined, savePath: undefined, leechers: undefined, peers: undefined },
    ],
  ];
  for (const [fields, expected] of cases) hasAll((await deluge(fields)).torrent, expected, fields);
});

test('without its plugin there are no labels; 2.0.3 does not know when something moved last', async () => {
  const { missing, torrent } = await deluge({}, { 'core.get_enabled_plugins': [], 'daemon.info': '2.0.3' });
  assert.deepEqual([...(missing ?? [])], ['setLabels']);
  assert.equal(torrent.labels, undefined);
  assert.equal(torrent.activeAt, undefined);
});

test('of a folder that is gone no space is known', async () => {
  const fail = (name: string) => () => Promise.reject(Object.assign(new Error('gone'), { name }));
  const { freeSpace } = await deluge({}, { 'core.get_free_space': fail('RPCError') });
  assert.equal(freeSpace, undefined);
  await assert.rejects(deluge({}, { 'core.get_free_space': fail('ConnectionError') }), /gone/);
});

// --- Changes -------------------------------------------------------------------------------------------------

const id = (number: number) => number.toString(16).padStart(40, '0');

/** A daemon with some torrents that stand still, and how it is followed. */
async function followed(t: TestContext, answers: Readonly<Record<string, unknown>> = {}) {
  t.mock.method(performance, 'now', () => clock.now);
  const clock = { now: 1_000_000 };
  const still = { ...FIELDS, state: 'Paused', download_payload_rate: 0, upload_payload_rate: 0, eta: 0 };
  const torrents = new Map<string, Changes>(
    [0, 1, 2].map(number => [id(number), { ...still, num_seeds: 0, num_peers: 0, queue: number }]),
  );
  const session: Record<string, unknown> = { ...SESSION };
  const statusOf = ([filter, keys]: [Record<string, unknown[]>, string[]]) => {
    const isMeant = (hash: string, fields: Changes) =>
      (filter.id?.includes(hash) ?? true) && (filter.num_peers?.includes(fields.num_peers) ?? true);
    return Object.fromEntries(
      [...torrents]
        .filter(([hash, fields]) => isMeant(hash, fields))
        .map(([hash, fields]) => [
          hash,
          Object.fromEntries(Object.entries(fields).filter(([key]) => keys.includes(key))),
        ]),
    );
  };
  const { rpc, asked, tell } = fakeClient('deluge', {
    ...ANSWERS,
    'core.get_session_status': () => ({ ...session }),
    'core.get_torrents_status': statusOf,
    ...answers,
  });
  const feed = new DelugeFeed(rpc);
  const { kind } = await feed.all(signal);
  assert.equal(kind, 'all');
  asked.length = 0;
  /** What is told, and what was asked for it besides the rates. */
  const next = async (...about: readonly string[]) => {
    asked.length = 0;
    const update = await feed.changes(signal, about);
    const questions = asked.filter(([method]) => method !== 'core.get_session_status');
    return {
      update,
      questions: questions.map(toQuestion),
      told: update.torrents.map(({ infoHash }) => infoHash),
    };
  };
  const change = (number: number, fields: Changes) =>
    torrents.set(id(number), { ...still, queue: number, ...torrents.get(id(number)), ...fields });
  return { clock, torrents, session, tell, next, change, feed };
}

/** What is asked for, as told by the filter, and whether in full. */
function toQuestion([method, args]: Asked): unknown {
  if (method !== 'core.get_torrents_status') return method;
  const [filter, keys] = args as [object, readonly string[]];
  return [filter, keys.length > KEYS.length ? 'all' : keys.join()];
}

test('nothing new is one small question', async t => {
  const { next } = await followed(t);
  const { update, questions } = await next();
  assert.deepEqual(questions, []);
  assert.deepEqual(
    { ...update, facts: undefined },
    {
      ...{ kind: 'changes', facts: undefined, torrents: [], removed: [] },
    },
  );
});

test('what an event tells of, or something was asked of, is asked for until it stands still', async t => {
  const { next, tell, change, clock } = await followed(t);
  change(1, { state: 'Queued' });
  tell('TorrentStateChangedEvent', id(1).toUpperCase(), 'Queued');
  assert.deepEqual((await next()).questions, [[{ id: [id(1)] }, 'all']]);
  // Deluge may have told what it knew before.
  clock.now += 5000;
  change(1, { progress: 50 });
  assert.deepEqual((await next()).update.torrents[0]?.progress, 0.5);
  clock.now += 5000;
  assert.deepEqual((await next()).questions, [[{ id: [id(1)] }, 'all']]);
  clock.now += 7000;
  assert.deepEqual((await next()).questions, []);
  assert.deepEqual((await next(id(2))).questions, [[{ id: [id(2)] }, 'all']]);
  for (const odd of [undefined, 5, null]) tell('TorrentStateChangedEvent', odd);
  assert.deepEqual((await next()).questions, []);
});

test('torrents come and go', async t => {
  const { next, tell, change, torrents } = await followed(t);
  change(7, {});
  tell('TorrentAddedEvent', id(7), false);
  assert.deepEqual((await next()).told, [id(7)]);
  torrents.delete(id(7));
  tell('TorrentRemovedEvent', id(7));
  const { update } = await next();
  assert.deepEqual(update.kind === 'changes' && update.removed, [id(7)]);
  // One that was gone before anybody could look was never there.
  tell('TorrentAddedEvent', id(8), false);
  tell('TorrentRemovedEvent', id(8));
  const { update: later } = await next();
  assert.deepEqual(later.kind === 'changes' && later.removed, []);
});

test('a seed that a peer connects to is found, and left alone again', async t => {
  const { next, change, session, clock } = await followed(t);
  change(0, { state: 'Seeding' });
  session['peer.num_peers_connected'] = 1;
  change(0, { num_peers: 1, upload_payload_rate: 5 });
  const { told, questions } = await next();
  assert.deepEqual(told, [id(0)]);
  assert.equal(questions.length, 3);
  clock.now += 2000;
  assert.deepEqual((await next()).questions, [[{ id: [id(0)] }, 'all']]);
  session['peer.num_peers_connected'] = 0;
  change(0, { num_peers: 0, upload_payload_rate: 0 });
  assert.equal((await next()).update.torrents[0]?.uploadRate, 0);
  clock.now += 11_000;
  assert.deepEqual((await next()).questions, []);
  // Who came and went between two questions has left something.
  session['net.sent_payload_bytes'] = 8;
  assert.equal((await next()).questions.length, 2);
});

test('who moves in the queue moves others', async t => {
  const { next, tell, change, clock } = await followed(t);
  change(0, { queue: 1 });
  change(1, { queue: 0 });
  tell('TorrentQueueChangedEvent');
  const { questions, update } = await next();
  assert.deepEqual(questions, [[{}, 'queue']]);
  const places = update.torrents.map(({ infoHash, queuePosition }) => [infoHash, queuePosition]);
  assert.deepEqual(places, [
    [id(0), 1],
    [id(1), 0],
  ]);
  clock.now += 20_000;
  assert.deepEqual((await next()).questions, []);
  // One that is done has no place any more.
  change(1, { queue: -1 });
  change(0, { queue: 0 });
  change(2, { queue: 1 });
  tell('TorrentFinishedEvent', id(1));
  assert.deepEqual((await next()).questions, [[{ id: [id(1)] }, 'all']]);
  assert.deepEqual((await next()).told.sort(), [id(0), id(1), id(2)]);
});

test('everything is asked after a gap, and after what may change any torrent', async t => {
  const { next, tell } = await followed(t);
  for (const event of ['disconnected', 'SessionPausedEvent', 'PluginEnabledEvent']) {
    tell(event, 'Label');
    assert.equal((await next()).update.kind, 'all', event);
    assert.equal((await next()).update.kind, 'changes', event);
  }
});

test('everything is asked where most has changed', async t => {
  const { next, tell } = await followed(t);
  for (let number = 0; number <= 500; number++) tell('TorrentStateChangedEvent', id(number), 'Paused');
  assert.equal((await next()).update.kind, 'all');
});

test('who is no administrator does not see the torrents of others', async t => {
  const { next, tell, change } = await followed(t, { 'daemon.authorized_call': false });
  tell('TorrentStateChangedEvent', id(9), 'Paused');
  const { update, questions } = await next();
  assert.equal(update.kind, 'changes');
  assert.deepEqual(questions, []);
  change(9, {});
  tell('TorrentAddedEvent', id(9), false);
  assert.equal((await next()).update.kind, 'all');
});

test('when something moved last is no other moment each time', async t => {
  t.mock.timers.enable({ apis: ['Date'], now: 1_700_000_100_000 });
  const { next, change } = await followed(t);
  const at = async () => (await next(id(0))).update.torrents[0]?.activeAt;
  change(0, { time_since_transfer: 10 });
  const first = await at();
  t.mock.timers.tick(3000);
  assert.equal(await at(), first);
  change(0, { time_since_transfer: 1 });
  t.mock.timers.tick(60_000);
  assert.equal(await at(), 1_700_000_162);
});

// --- Details and actions -------------------------------------------------------------------------------------

const { actions, details } = delugeAdapter;
const TORRENT: Torrent = { infoHash: HASH, name: 'x', state: 'downloading', progress: 0 };

/** A Deluge that tells this of the torrent. */
const about = (fields: Readonly<Record<string, unknown>>, answers = {}) =>
  fakeClient('deluge', { 'core.get_torrent_status': fields, ...answers });

test('trackers: one word for all of them', async t => {
  t.mock.timers.enable({ apis: ['Date'], now: 1_700_000_000_000 });
  const trackers = [{ url: 'http://a/announce', tier: 0 }, { url: 'http://b/announce', tier: 1 }, null];
  const cases = {
    '': { status: 'waiting', message: undefined },
    'Announce Sent': { status: 'updating', message: undefined },
    'Announce OK': { status: 'working', message: undefined },
    'Warning: slow': { status: 'working', message: 'slow' },
    'Error: no\nmore': { status: 'failed', message: 'no\nmore' },
    constructor: { status: 'waiting', message: undefined },
  };
  for (const [tracker_status, expected] of Object.entries(cases)) {
    const fields = { trackers, tracker: 'http://b/announce', tracker_status, next_announce: 60 };
    const { rpc } = about({ ...fields, total_seeds: 3, total_peers: -1 });
    assert.deepEqual(await details.trackers(rpc, TORRENT, signal), [
      { url: 'http://a/announce', tier: 0, status: 'waiting' },
      {
        ...{ url: 'http://b/announce', tier: 1, ...expected },
        ...{ nextAnnounceAt: 1_700_000_060, seeds: 3, leechers: undefined },
      },
    ]);
  }
  const { rpc } = about({ trackers, next_announce: 60 });
  const [first] = await details.trackers(rpc, { ...TORRENT, state: 'stopped' }, signal);
  assert.equal(first?.nextAnnounceAt, undefined);
});

test('peers and files that are seldom', async () => {
  const { rpc } = about({
    peers: [{ ip: '2001:db8::1:6881', client: '', progress: 0.5, down_speed: 1, up_speed: 2 }, 5],
    files: [{ path: 'a', size: 1 }, { index: 1, path: 'b', size: 2n ** 40n }, { index: 2 }],
    file_progress: [1],
    file_priorities: [3, 5, 0],
  });
  assert.deepEqual(await details.peers(rpc, TORRENT, signal), [
    { address: '[2001:db8::1]:6881', client: undefined, progress: 0.5, downloadRate: 1, uploadRate: 2 },
  ]);
  assert.deepEqual(await details.files(rpc, TORRENT, signal), [
    { index: 0, path: 'a', size: 1, progress: 1, priority: 'low' },
    { index: 1, path: 'b', size: 2 ** 40, progress: 0, priority: 'high' },
    { index: 2, path: '', size: 0, progress: 0, priority: 'skip' },
  ]);
});

test('a label that Deluge does not take is refused before a torrent is added', async () => {
  const { rpc, asked } = about({});
  const source = { kind: 'file', name: 'x', metainfo: new Uint8Array(), infoHash: HASH } as const;
  const wish = { source, savePath: undefined, isStopped: true, unwanted: [] };
  for (const labels of [['ä'], ['a b'], ['a', 'b']])
    await assert.rejects(actions.add(rpc, { ...wish, labels }, signal), /label/i);
  assert.deepEqual(asked, []);
});

test('a torrent that was being added by another meanwhile is there already', async () => {
  const message = `Torrent already being added (${HASH}).`;
  const { rpc } = about({}, { 'core.add_torrent_magnet': () => Promise.reject(new Error(message)) });
  const source = { kind: 'link', url: `magnet:?xt=urn:btih:${HASH}`, infoHash: HASH } as const;
  const wish = { source, savePath: undefined, labels: [], isStopped: true, unwanted: [] };
  assert.deepEqual(await actions.add(rpc, wish, signal), { infoHash: HASH, isDuplicate: true });
});
