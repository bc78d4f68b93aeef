// What real daemons say is in test/daemons; here is what those of other versions say, and what is seldom.
import assert from 'node:assert/strict';
import test from 'node:test';
import { QbittorrentFeed } from '../../src/torrents/qbittorrent/feed.ts';
import { TrackerMap } from '../../src/torrents/qbittorrent/trackers.ts';
import type { Torrent } from '../../src/torrents/torrent.ts';
import { fakeClient, HASH, hasAll, list, only, signal } from './support/adapters.ts';

const FIELDS = {
  name: 'x',
  state: 'downloading',
  progress: 0.25,
  dlspeed: 1000,
  upspeed: 10,
  eta: 90,
  size: 500,
  total_size: 600,
  downloaded: 400,
  uploaded: 200,
  ratio: 0.5,
  num_seeds: 3,
  num_leechs: 4,
  category: 'films/new',
  tags: 'b, ä',
  tracker: '',
  trackers_count: 2,
  save_path: '/srv',
  added_on: 1_700_000_000,
  completion_on: -1,
  last_activity: 1_700_000_100,
  priority: 1,
  private: true,
  infohash_v1: HASH,
  infohash_v2: '',
  magnet_uri: 'magnet:?',
};
type Changes = Partial<Record<keyof typeof FIELDS, unknown>>;

const SERVER_STATE = {
  dl_info_speed: 1000,
  up_info_speed: 10,
  free_space_on_disk: 12,
  use_alt_speed_limits: false,
  queueing: true,
};
const TRACKERS = { 'http://a.example:80/announce?key=secret': [HASH], 'udp://b.example:1': [HASH, 'other'] };

const everything = (fields: Changes, trackers: object = TRACKERS) => ({
  ...{ rid: 7, full_update: true, server_state: SERVER_STATE, trackers },
  torrents: { [HASH]: { ...FIELDS, ...fields } },
});

async function qbittorrent(fields: Changes, version = 'v5.3.0', trackers?: object) {
  const answers = { 'app/version': version, 'sync/maindata': everything(fields, trackers) };
  const { torrents, ...others } = await list('qbittorrent', answers);
  return { ...others, torrent: only(torrents) };
}

test('everything at once', async () => {
  assert.deepEqual(await qbittorrent({}), {
    ...{ version: '5.3.0', downloadRate: 1000, uploadRate: 10, freeSpace: 12, isSlow: false },
    missing: new Set(),
    torrent: {
      ...{ infoHash: HASH, infoHashV2: undefined, name: 'x', state: 'downloading', progress: 0.25 },
      ...{ downloadRate: 1000, uploadRate: 10, eta: 90, size: 500, totalSize: 600 },
      ...{ downloaded: 400, uploaded: 200, ratio: 0.5, seeds: 3, leechers: 4, peers: 7 },
      ...{ labels: ['films/new'], tags: ['b', 'ä'], trackerHosts: ['a.example', 'b.example'] },
      ...{ savePath: '/srv', addedAt: 1_700_000_000, completedAt: undefined, activeAt: 1_700_000_100 },
      ...{ isPrivate: true, queuePosition: 0, error: undefined },
    },
  });
});

test('states', async () => {
  const states: Readonly<Record<string, Torrent['state']>> = {
    stalledDL: 'downloading',
    forcedDL: 'downloading',
    metaDL: 'metadata',
    forcedMetaDL: 'metadata',
    uploading: 'seeding',
    stalledUP: 'seeding',
    forcedUP: 'seeding',
    pausedDL: 'stopped',
    pausedUP: 'stopped',
    stoppedDL: 'stopped',
    stoppedUP: 'stopped',
    queuedDL: 'queued',
    queuedUP: 'queued',
    queuedForChecking: 'queued',
    allocating: 'checking',
    checkingDL: 'checking',
    checkingUP: 'checking',
    checkingResumeData: 'checking',
    moving: 'moving',
    error: 'error',
    missingFiles: 'error',
    unknown: 'stopped',
  };
  for (const [state, expected] of Object.entries(states))
    assert.equal((await qbittorrent({ state })).torrent.state, expected, state);
  for (const state of ['newer', 'constructor', ''])
    assert.equal((await qbittorrent({ state })).torrent.state, 'stopped', state);
});

test('what is not known stays undefined', async () => {
  const v2 = 'ABCDEF01'.repeat(8);
  const cases: readonly [fields: Changes, expected: Partial<Torrent>][] = [
    [{ eta: 8_640_000 }, { eta: undefined }],
    [{ state: 'uploading', eta: 90 }, { eta: undefined }],
    [
      { state: 'metaDL', size: 0, total_size: -1, private: null },
      { size: undefined, totalSize: undefined, isPrivate: undefined },
    ],
    [{ state: 'stoppedDL', size: 0, total_size: 600 }, { size: 0 }],
    [{ ratio: -1 }, { ratio: undefined }],
    [{ state: 'missingFiles' }, { error: 'Missing files' }],
    [{ state: 'error' }, { error: undefined }],
    [
      { category: '', tags: '' },
      { labels: [], tags: [] },
    ],
    [
      { category: undefined, tags: undefined },
      { labels: undefined, tags: undefined },
    ],
    [{ priority: 0 }, { queuePosition: undefined }],
    [{ num_seeds: undefined }, { seeds: undefined, leechers: 4, peers: undefined }],
    // As 4.1 and 4.5.2 say never.
    [
      { completion_on: 4_294_967_295, last_activity: 0 },
      { completedAt: undefined, activeAt: undefined },
    ],
    [{ infohash_v2: v2 }, { infoHashV2: v2.toLowerCase() }],
  ];
  for (const [fields, expected] of cases) hasAll((await qbittorrent(fields)).torrent, expected, fields);
});

test('up to 4.2 the tracker that works is the only one that is told', async () => {
  const cases: readonly [fields: Changes, version: string, expected: readonly string[] | undefined][] = [
    [{ tracker: 'http://a.example/announce' }, 'v4.2.5', ['a.example']],
    [{ trackers_count: undefined }, 'v4.2.5', undefined],
    [{ trackers_count: 0 }, 'v4.2.5', []],
    [{}, 'v4.3.0', []],
    [{ tracker: 'http://a.example/announce' }, 'v4.3.0', ['a.example']],
  ];
  for (const [fields, version, expected] of cases)
    assert.deepEqual((await qbittorrent(fields, version, {})).torrent.trackerHosts, expected, version);
});

test('what a version or its settings cannot do', async () => {
  const cases = { 'v4.1.0': ['reannounce', 'setTags', 'export'], 'v4.4.5': ['export'], 'v4.5.0': [] };
  for (const [version, expected] of Object.entries(cases))
    assert.deepEqual([...((await qbittorrent({}, version)).missing ?? [])], expected, version);
  const { missing } = await list('qbittorrent', {
    'app/version': 'v5.3.0',
    'sync/maindata': { ...everything({}), server_state: { ...SERVER_STATE, queueing: false } },
  });
  assert.deepEqual(missing, new Set(['moveInQueue']));
});

const OTHER = '00000000000000000000000000000000000000aa';

/** A feed that has asked for everything, and then gets these answers. */
async function following(...answers: readonly object[]) {
  const left = [everything({}), ...answers];
  const { rpc, asked } = fakeClient('qbittorrent', {
    'app/version': 'v5.3.0',
    'sync/maindata': () => left.shift(),
  });
  const feed = new QbittorrentFeed(rpc);
  await feed.all(signal);
  return { feed, asked };
}

test('a refresh with nothing new is one question after the last answer', async () => {
  const { feed, asked } = await following({ rid: 8 }, { rid: 9 });
  asked.length = 0;
  for (const rid of [7, 8]) {
    const update = await feed.changes(signal);
    assert.deepEqual([update.kind, update.torrents], ['changes', []]);
    assert.equal(update.facts.downloadRate, 1000);
    assert.deepEqual(asked.splice(0), [['sync/maindata', { rid }]]);
  }
});

test('what changed is put in the place of what was', async () => {
  const { feed } = await following(
    { rid: 8, torrents: { [HASH]: { progress: 0.5 } }, server_state: { dl_info_speed: 5 } },
    { rid: 9, torrents: { [HASH]: { reannounce: 5, time_active: 6 } } },
    {
      rid: 10,
      torrents: { [OTHER]: FIELDS },
      torrents_removed: [HASH],
      trackers_removed: Object.keys(TRACKERS),
    },
  );
  const first = await feed.changes(signal);
  hasAll(only(first.torrents), { name: 'x', progress: 0.5, trackerHosts: ['a.example', 'b.example'] }, first);
  assert.deepEqual([first.facts.downloadRate, first.facts.uploadRate], [5, 10]);
  assert.deepEqual((await feed.changes(signal)).torrents, [], 'nothing that is shown');
  const last = await feed.changes(signal);
  assert.ok(last.kind === 'changes');
  assert.deepEqual(last.removed, [HASH]);
  assert.deepEqual(
    last.torrents.map(({ infoHash, trackerHosts }) => [infoHash, trackerHosts]),
    [[OTHER, []]],
  );
});

test('trackers that come and go change the torrents that have them', async () => {
  const { feed } = await following(
    { rid: 8, trackers: { 'udp://b.example:1': ['other'], 'http://c.example/': [HASH] } },
    { rid: 9, trackers_removed: ['http://a.example:80/announce?key=secret'] },
  );
  assert.deepEqual(only((await feed.changes(signal)).torrents).trackerHosts, ['a.example', 'c.example']);
  assert.deepEqual(only((await feed.changes(signal)).torrents).trackerHosts, ['c.example']);
});

test('a daemon that forgot us tells everything, and nothing is left of before', async () => {
  const { feed } = await following({ rid: 1, full_update: true, server_state: { dl_info_speed: 1 } });
  const update = await feed.changes(signal);
  assert.deepEqual([update.kind, update.torrents], ['all', []]);
  assert.deepEqual([update.facts.downloadRate, update.facts.uploadRate], [1, undefined]);
});

test('an answer that is no list of torrents is an error', async () => {
  for (const odd of [
    '',
    null,
    [],
    {},
    { rid: 1, full_update: true, torrents: 5 },
    { rid: 2, torrents: { x: 5 } },
  ])
    await assert.rejects(
      (await following(odd as object)).feed.changes(signal),
      /Unexpected response/,
      String(odd),
    );
  // What was asked to be everything must be that.
  const { feed } = await following({ rid: 8 });
  await assert.rejects(feed.all(signal), /Unexpected response/);
});

test('trackers and torrents, both ways', () => {
  const map = new TrackerMap();
  assert.deepEqual(map.set('u', ['a', 'b']), ['a', 'b']);
  assert.deepEqual(map.set('v', ['b']), ['b']);
  assert.deepEqual([...map.of('b')], ['u', 'v']);
  assert.deepEqual(map.set('u', ['b', 'c', 5]), ['a', 'c']);
  assert.deepEqual([...map.of('a')], []);
  assert.deepEqual(map.set('v', []), ['b']);
  assert.deepEqual(map.set('w', 'no list'), []);
  assert.deepEqual([...map.of('b')], ['u']);
});
