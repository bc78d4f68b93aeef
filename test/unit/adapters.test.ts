// What real daemons say is in test/daemons/adapters.test.ts; here is what those of other versions say,
// and what is seldom: answers recorded, or put together by the sources that the adapters name.
import assert from 'node:assert/strict';
import test from 'node:test';
import type { ClientName } from '../../src/rpc/index.ts';
import type { Torrent } from '../../src/torrents/torrent.ts';
import { hasAll, HASH as LOWER_HASH, list, only } from './support/adapters.ts';

const HASH = LOWER_HASH.toUpperCase();

// --- Deluge --------------------------------------------------------------------------------------------------

const DELUGE = {
  name: 'x',
  state: 'Downloading',
  progress: Math.fround(33.3),
  download_payload_rate: 1000,
  upload_payload_rate: 10,
  eta: 90,
  total_wanted: 500,
  total_remaining: 400,
  num_files: 1,
  ratio: 0.5,
  message: 'OK',
  tracker_status: 'Announce OK',
};

async function deluge(fields: Partial<typeof DELUGE>, version = '2.2.1.dev0+20260307') {
  const answers = {
    'daemon.info': version,
    'core.get_torrents_status': { [HASH]: { ...DELUGE, ...fields } },
  };
  const { torrents, ...others } = await list('deluge', answers);
  return { ...others, torrent: only(torrents) };
}

test('Deluge: everything at once', async () => {
  const { version, torrent } = await deluge({});
  assert.equal(version, '2.2.1.dev0+20260307');
  assert.ok(Math.abs(torrent.progress - 0.333) < 1e-6);
  assert.deepEqual(torrent, {
    ...{ infoHash: HASH.toLowerCase(), name: 'x', state: 'downloading', progress: torrent.progress },
    ...{ downloadRate: 1000, uploadRate: 10, eta: 90, size: 500, ratio: 0.5, error: undefined },
  });
});

test('Deluge: states', async () => {
  const cases: readonly [fields: Partial<typeof DELUGE>, expected: Partial<Torrent>][] = [
    [{ state: 'Allocating' }, { state: 'checking' }],
    [
      { state: 'Checking', progress: 50 },
      { state: 'checking', progress: 0.5, eta: undefined },
    ],
    [
      { num_files: 0, total_wanted: 0 },
      { state: 'metadata', size: undefined },
    ],
    [
      { state: 'Seeding', progress: 100, eta: 60 },
      { state: 'seeding', progress: 1, eta: undefined },
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
  ];
  for (const [fields, expected] of cases) hasAll((await deluge(fields)).torrent, expected, fields);
});

// --- rTorrent ------------------------------------------------------------------------------------------------

const RTORRENT = {
  'd.hash': HASH,
  'd.name': 'x\x07',
  'd.is_active': 1,
  'd.is_meta': 0,
  'd.hashing': 0,
  'd.hashing_failed': 0,
  'd.bytes_done': 250,
  'd.size_bytes': 1000,
  'd.completed_chunks': 2,
  'd.wanted_chunks': 8,
  'd.chunk_size': 100,
  'd.down.rate': 400,
  'd.up.rate': 10,
  'd.ratio': 1500,
  'd.message': '',
};

async function rtorrent(fields: Partial<Record<keyof typeof RTORRENT, unknown>>, version = '0.16.17') {
  const row = Object.values({ ...RTORRENT, ...fields });
  const { torrents, ...others } = await list('rtorrent', {
    'system.client_version': version,
    'd.multicall2': [row],
  });
  return { ...others, torrent: only(torrents) };
}

test('rTorrent: everything at once', async () => {
  assert.deepEqual(await rtorrent({}), {
    version: '0.16.17',
    torrent: {
      ...{ infoHash: HASH.toLowerCase(), name: 'x\x07', state: 'downloading', progress: 0.25 },
      ...{ downloadRate: 400, uploadRate: 10, eta: 2, size: 1000, ratio: 1.5, error: undefined },
    },
  });
});

test('rTorrent: states', async () => {
  const tracker = 'Tracker: [Timed out]';
  const own = 'Low diskspace.';
  const cases: readonly [fields: Parameters<typeof rtorrent>[0], expected: Partial<Torrent>][] = [
    [{ 'd.is_active': 0 }, { state: 'stopped', eta: undefined }],
    [{ 'd.hashing': 1, 'd.is_active': 0 }, { state: 'checking' }],
    [{ 'd.hashing': 3, 'd.is_active': 0, 'd.message': own }, { state: 'checking' }],
    [{ 'd.hashing': 3, 'd.hashing_failed': 1 }, { state: 'error' }],
    [
      { 'd.is_meta': 1, 'd.size_bytes': 1 },
      { state: 'metadata', size: undefined, progress: 0, eta: undefined },
    ],
    [{ 'd.is_meta': 1, 'd.is_active': 0 }, { state: 'stopped' }],
    [
      { 'd.completed_chunks': 10, 'd.wanted_chunks': 0 },
      { state: 'seeding', progress: 1, eta: undefined },
    ],
    // Half of it is wanted, and there.
    [
      { 'd.completed_chunks': 5, 'd.wanted_chunks': 0 },
      { state: 'seeding', progress: 1, size: 500 },
    ],
    // Half of it is wanted, half of that there.
    [
      { 'd.completed_chunks': 2, 'd.wanted_chunks': 3 },
      { state: 'downloading', progress: 0.5, size: 500 },
    ],
    [{ 'd.message': tracker }, { state: 'downloading', error: tracker }],
    [
      { 'd.message': tracker, 'd.is_active': 0 },
      { state: 'stopped', error: tracker },
    ],
    [
      { 'd.message': own, 'd.is_active': 0 },
      { state: 'error', error: own },
    ],
    [{ 'd.message': own }, { state: 'downloading', error: own }],
    [{ 'd.down.rate': 0 }, { eta: undefined, downloadRate: 0 }],
    [{ 'd.size_bytes': 2n ** 60n, 'd.chunk_size': 2 ** 60, 'd.bytes_done': 2n ** 59n }, { progress: 0.5 }],
  ];
  for (const [fields, expected] of cases) hasAll((await rtorrent(fields)).torrent, expected, fields);
});

// --- All -----------------------------------------------------------------------------------------------------

test('no torrents are no torrents, an answer without a list is an error', async () => {
  const empty = {
    'session-get': { arguments: { version: '3.00 (x)' } },
    'session-stats': {},
    'free-space': {},
    'torrent-get': { arguments: { torrents: [['hashString', 'name']] } },
    'app/version': 'v4.1.0',
    'sync/maindata': { rid: 1, full_update: true },
    'daemon.info': '2.0.3',
    'core.get_torrents_status': {},
    'system.client_version': '0.9.8',
    'd.multicall2': [],
  };
  const odd = {
    ...empty,
    'torrent-get': {},
    'sync/maindata': '',
    'core.get_torrents_status': null,
    'd.multicall2': 0,
  };
  const versions = { transmission: '3.00', qbittorrent: '4.1.0', deluge: '2.0.3', rtorrent: '0.9.8' };
  for (const [type, version] of Object.entries(versions) as [ClientName, string][]) {
    const listed = await list(type, empty);
    assert.deepEqual([listed.version, listed.torrents], [version, []]);
    await assert.rejects(list(type, odd), /^Error: Unexpected response/);
  }
});
