import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import type { DelugeRPC, RtorrentRPC } from '../../src/rpc/index.ts';
import { isWithin } from '../../src/util/versions.ts';
import { listMethods, type MethodSource } from '../../src/workbench/methods.ts';
import { parseParams } from '../../src/workbench/params.ts';

/** What real daemons of these versions answered to. */
const RECORDED: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = JSON.parse(
  readFileSync(path.join(import.meta.dirname, 'support/recordedMethods.json'), 'utf8'),
);
const { signal } = new AbortController();

/** A daemon of this version that is not to be asked. */
const silent = (version?: string): MethodSource<never> => ({
  version: async () => version,
  ask: () => Promise.reject(new Error('Nobody is to be asked')),
});
/** A daemon behind this client, whose version is nobody's business. */
const source = <Client>(rpc: Client): MethodSource<Client> => ({
  version: () => Promise.reject(new Error('The version is not needed')),
  ask: request => request(rpc, signal),
});
const transmission = (version?: string) => listMethods('transmission', silent(version));
const qbittorrent = (version?: string) => listMethods('qbittorrent', silent(version));
const namesOf = (methods: readonly { name: string }[]) => methods.map(({ name }) => name);

test('Transmission has the methods of its version, in both dialects since 4.1.0', async () => {
  for (const [version, names] of Object.entries(RECORDED.transmission ?? {}))
    assert.deepEqual(namesOf(await transmission(version)), [...names].sort(), version);
});

test('qBittorrent has the methods of its version', async () => {
  for (const [version, names] of Object.entries(RECORDED.qbittorrent ?? {})) {
    // Told by its source since 5.0; the recording looked for names that begin with a small letter.
    const known = version === '4.5.2' ? names : [...names, 'torrents/SSLParameters'];
    assert.deepEqual(namesOf(await qbittorrent(version)), [...known].sort(), version);
  }
});

test('a version in between has what the newest before it had', async () => {
  const has = async (version: string, name: string) => namesOf(await qbittorrent(version)).includes(name);
  assert.equal(await has('4.6.7', 'torrents/pause'), true);
  assert.equal(await has('4.6.7', 'torrents/stop'), false);
  assert.equal(await has('5.0.5', 'torrents/pause'), false);
  assert.equal(await has('5.0.5', 'torrents/stop'), true);
  assert.equal(await has('5.0.0rc1', 'torrents/stop'), false);
  assert.deepEqual(await transmission('4.1.9'), await transmission('4.1.4'));
  assert.deepEqual(await transmission('4.0.6'), await transmission('4.1.0-beta.2'));
});

test('an old version has what all have; of an unknown one the newest is assumed', async () => {
  assert.deepEqual(await qbittorrent('4.0.4'), await qbittorrent('4.1.0'));
  assert.deepEqual(await transmission('2.94'), await transmission('3.00'));
  for (const version of [undefined, '', 'nightly', '99'])
    assert.deepEqual(await qbittorrent(version), await qbittorrent('5.3.0'), version);
});

test('names in JSON-RPC have templates with names of JSON-RPC', async () => {
  const templates = new Map((await transmission('4.1.4')).map(({ name, template }) => [name, template]));
  assert.equal(templates.get('torrent-get'), '{"fields": ["id", "name", "status", "percentDone"]}');
  assert.equal(templates.get('torrent_get'), '{"fields": ["id", "name", "status", "percent_done"]}');
  assert.equal(templates.get('torrent_remove'), '{"ids": [], "delete_local_data": false}');
});

/** A client whose answer is this. */
const answering = (answer: unknown) => {
  const calls: unknown[] = [];
  const call = async (...args: unknown[]) => {
    calls.push(args);
    return answer;
  };
  return { calls, rpc: { call } as unknown as DelugeRPC & RtorrentRPC };
};

test('Deluge tells its methods, but for three', async () => {
  const { calls, rpc } = answering(['core.get_config', 'daemon.shutdown', 'daemon.info']);
  const methods = await listMethods('deluge', source(rpc));
  assert.deepEqual(calls, [['daemon.get_method_list', [], {}, { signal }]]);
  assert.deepEqual(
    methods,
    ['core.get_config', 'daemon.info', 'daemon.login', 'daemon.set_event_interest', 'daemon.shutdown'].map(
      name => ({ name, summary: '', template: '[]' }),
    ),
  );
});

test('rTorrent tells its methods; their templates hold no target that makes it abort', async () => {
  const { calls, rpc } = answering([
    't.url',
    'system.listMethods',
    'd.name',
    'd.multicall2',
    'f.path',
    'load.raw',
  ]);
  const methods = await listMethods('rtorrent', source(rpc));
  assert.deepEqual(calls, [['system.listMethods', { signal }]]);
  assert.deepEqual(
    methods.map(({ name, template }) => [name, template]),
    [
      ['d.multicall2', '["", "main", "d.hash=", "d.name="]'],
      ['d.name', '["HASH"]'],
      ['f.path', '["HASH:f0"]'],
      ['load.raw', '[""]'],
      ['system.listMethods', '[]'],
      ['t.url', '["HASH:t0"]'],
    ],
  );
});

test('a list from a daemon is not trusted', async () => {
  const listed = async (answer: unknown) =>
    namesOf(await listMethods('rtorrent', source(answering(answer).rpc)));
  for (const answer of [undefined, null, 7, 'system.listMethods', { length: 1, 0: 'a' }, []])
    assert.deepEqual(await listed(answer), []);
  assert.deepEqual(await listed(['b', '', 7, null, ['c'], {}, 'x'.repeat(201), 'a', 'b', '__proto__']), [
    '__proto__',
    'a',
    'b',
  ]);
  assert.equal((await listed(Array.from({ length: 200_000 }, (_, index) => `m${index}`))).length, 10_000);
});

test('every template is what the kind of client takes', async () => {
  const lists = {
    transmission: await transmission(),
    qbittorrent: await qbittorrent(),
    deluge: await listMethods('deluge', source(answering([]).rpc)),
    rtorrent: await listMethods('rtorrent', source(answering(['d.name', 'f.multicall', 'x']).rpc)),
  };
  for (const [type, methods] of Object.entries(lists)) {
    for (const { name, template } of methods) {
      const parsed = parseParams(type as keyof typeof lists, template);
      assert.ok('value' in parsed, `${name}: ${template}`);
    }
  }
});

test('a version lies between others, one before a release below it', () => {
  const cases: readonly [version: string, since: string | undefined, until: string | undefined, boolean][] = [
    ['3.00', '3.0.0', undefined, true],
    ['3.00', '3.0.1', undefined, false],
    ['4.10.0', '4.9.9', undefined, true],
    ['4.1.0-beta.2', '4.1.0', undefined, false],
    ['4.1.0-dev', '4.0.9', '4.1.0', true],
    ['5.1.0beta1', '5.1.0', undefined, false],
    ['5.1.0', '5.1.0', '5.1.0', false],
    ['4.3.9', '4.1.4', '4.3.0', false],
    ['0', undefined, undefined, true],
  ];
  for (const [version, since, until, expected] of cases)
    assert.equal(isWithin({ since, until }, version), expected, `${version} in ${since} to ${until}`);
});
