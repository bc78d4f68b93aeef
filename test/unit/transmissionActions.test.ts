// What real daemons do is in test/daemons/transmissionActions.test.ts; here is what is seldom.
import assert from 'node:assert/strict';
import test from 'node:test';
import type { NewTorrent } from '../../src/torrents/adapter.ts';
import type { Torrent } from '../../src/torrents/torrent.ts';
import { transmissionAdapter } from '../../src/torrents/transmission/adapter.ts';
import { fakeClient, HASH, signal } from './support/adapters.ts';

const { actions, details } = transmissionAdapter;
const torrent: Torrent = { infoHash: HASH, name: 'x', state: 'stopped', progress: 0 };
const OTHER = '00000000000000000000000000000000000000aa';
/** A client that answers everything with this. */
const answering = (args: object) => {
  const answer = { arguments: args };
  return fakeClient('transmission', { 'torrent-get': answer, 'torrent-add': answer, 'torrent-set': {} });
};

test('each torrent gets the trackers that it does not have', async () => {
  const { rpc, asked } = answering({
    torrents: [
      { hashString: HASH, trackers: [{ announce: 'a' }, { announce: 'c' }] },
      { hashString: OTHER, trackers: [] },
      { hashString: '1', trackers: [] },
      { hashString: '2', trackers: [{ announce: 'b' }, { announce: 'a' }] },
    ],
  });
  await actions.addTrackers?.(rpc, [HASH, OTHER, '1', '2'], ['a', 'b'], signal);
  assert.deepEqual(asked.slice(1), [
    ['torrent-set', { ids: [HASH], trackerAdd: ['b'] }],
    ['torrent-set', { ids: [OTHER, '1'], trackerAdd: ['a', 'b'] }],
  ]);
});

test('no files are no files, and not all', async () => {
  const { rpc, asked } = answering({});
  await actions.setFilePriority(rpc, torrent, [], 'skip', signal);
  assert.deepEqual(asked, []);
  await actions.setFilePriority(rpc, torrent, [3], 'high', signal);
  assert.deepEqual(asked, [['torrent-set', { ids: [HASH], 'files-wanted': [3], 'priority-high': [3] }]]);
});

test('what is there already keeps its labels', async () => {
  const source = { kind: 'link', url: 'magnet:?', infoHash: HASH } as const;
  const added: NewTorrent = { source, savePath: '/srv', labels: ['a'], isStopped: true, unwanted: [1] };
  const args = {
    filename: 'magnet:?',
    'download-dir': '/srv',
    labels: ['a'],
    'files-unwanted': [1],
    paused: true,
  };
  const there = answering({ 'torrent-duplicate': { hashString: HASH.toUpperCase() } });
  assert.deepEqual(await actions.add(there.rpc, added, signal), { infoHash: HASH, isDuplicate: true });
  assert.deepEqual(there.asked, [['torrent-add', args]]);
  const fresh = answering({ 'torrent-added': { hashString: HASH } });
  assert.deepEqual(await actions.add(fresh.rpc, added, signal), { infoHash: HASH, isDuplicate: false });
  assert.deepEqual(fresh.asked, [
    ['torrent-add', args],
    ['torrent-set', { ids: [HASH], labels: ['a'] }],
  ]);
  await assert.rejects(actions.add(answering({}).rpc, added, signal), /Unexpected response/);
});

test('labels that are known, each once', async () => {
  const { rpc } = answering({ torrents: [['labels'], [['b', 'a']], [[]], [['a', 5]], [null]] });
  assert.deepEqual(await actions.labelling.known(rpc, signal), ['a', 'b']);
});

test('trackers', async () => {
  const asked = { announce: 'u', tier: 1, hasAnnounced: true, nextAnnounceTime: 1_800_000_000 };
  const cases = [
    [
      { announceState: 0, hasAnnounced: false },
      { status: 'waiting', nextAnnounceAt: undefined },
    ],
    [
      { announceState: 1, hasAnnounced: false },
      { status: 'waiting', nextAnnounceAt: 1_800_000_000 },
    ],
    [{ announceState: 3 }, { status: 'updating', nextAnnounceAt: undefined }],
    [
      { announceState: 1, lastAnnounceSucceeded: true, lastAnnounceResult: 'Success', seederCount: 3 },
      { status: 'working', message: undefined, seeds: 3, leechers: undefined },
    ],
    [
      {
        announceState: 2,
        lastAnnounceSucceeded: false,
        lastAnnounceResult: 'unregistered',
        leecherCount: -1,
      },
      { status: 'failed', message: 'unregistered', leechers: undefined },
    ],
  ] as const;
  for (const [fields, expected] of cases) {
    const { rpc } = answering({ torrents: [{ trackerStats: [{ ...asked, ...fields }] }] });
    const [tracker] = await details.trackers(rpc, torrent, signal);
    assert.deepEqual({ ...tracker, ...expected }, tracker, JSON.stringify(fields));
  }
});

test('files and peers', async () => {
  const { rpc } = answering({
    torrents: [
      {
        files: [
          { name: 'x/a', length: 10, bytesCompleted: 5 },
          { name: 'x/empty', length: 0, bytesCompleted: 0 },
          { name: 'x/odd', length: 1, bytesCompleted: 0 },
        ],
        fileStats: [
          { wanted: true, priority: -1 },
          { wanted: false, priority: 1 },
          { wanted: true, priority: 'constructor' },
        ],
        peers: [
          {
            ...{ address: '2001:db8::1', port: 6881, clientName: 'c', progress: 0.5, isEncrypted: true },
            ...{ rateToClient: 5, rateToPeer: 6 },
          },
        ],
      },
    ],
  });
  assert.deepEqual(await details.files(rpc, torrent, signal), [
    { index: 0, path: 'x/a', size: 10, progress: 0.5, priority: 'low' },
    { index: 1, path: 'x/empty', size: 0, progress: 1, priority: 'skip' },
    { index: 2, path: 'x/odd', size: 1, progress: 0, priority: 'normal' },
  ]);
  assert.deepEqual(await details.peers(rpc, torrent, signal), [
    {
      ...{ address: '[2001:db8::1]:6881', client: 'c', progress: 0.5, downloadRate: 5, uploadRate: 6 },
      isEncrypted: true,
    },
  ]);
});
