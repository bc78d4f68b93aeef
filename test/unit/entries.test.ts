/** Clients as somebody writes them into the settings. */
import assert from 'node:assert/strict';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import fc from 'fast-check';
import { indexOfClient, originOf, proxyOriginOf, readEntries } from '../../src/ui/entries.ts';

const BOX = { name: 'Box', type: 'transmission', url: 'http://box:9091/transmission/rpc' };
const problemOf = (raw: unknown): string | undefined => {
  const [entry] = readEntries([raw]);
  return entry?.kind === 'invalid' ? entry.problem : undefined;
};

test('an entry as it is used: without credentials, defaults filled in', () => {
  assert.deepEqual(
    readEntries([{ ...BOX, url: 'http://me:pw@box', proxyUrl: 'socks5://a:b@proxy:1080', x: 1 }]),
    [
      {
        kind: 'client',
        name: 'Box',
        type: 'transmission',
        url: BOX.url,
        proxyUrl: 'socks5://proxy:1080',
        timeout: undefined,
        tls: undefined,
      },
    ],
  );
  const [entry] = readEntries([{ ...BOX, url: undefined, timeout: 5, tls: { caFile: '~/ca.pem' } }]);
  assert.ok(entry?.kind === 'client');
  assert.equal(entry.url, 'http://localhost:9091/transmission/rpc');
  assert.equal(entry.timeout, 5);
  assert.deepEqual(entry.tls, {
    fingerprint256: undefined,
    caFile: path.join(os.homedir(), 'ca.pem'),
    insecure: false,
  });
});

test('each mistake is said', () => {
  for (const [change, problem] of [
    [{ name: undefined }, '"name" is missing'],
    [{ name: '  ' }, '"name" is missing'],
    [{ name: 5 }, '"name" must be a text'],
    [{ type: 'utorrent' }, '"type" must be one of: transmission, qbittorrent, deluge, rtorrent'],
    [{ type: 'constructor' }, '"type" must be one of: transmission, qbittorrent, deluge, rtorrent'],
    [{ url: 7 }, '"url" must be a text'],
    [{ url: 'ftp://box' }, 'Scheme must be "http" or "https"'],
    [{ proxyUrl: 'ftp://box' }, /^"proxyUrl": /],
    [{ timeout: -1 }, '"timeout" must be a number of seconds'],
    [{ timeout: '5' }, '"timeout" must be a number of seconds'],
    [{ tls: true }, '"tls" must be an object'],
    [{ tls: { fingerprint256: 'ab:cd' } }, /^"tls\.fingerprint256" must be a SHA-256 fingerprint/],
    [{ tls: { caFile: 'ca.pem' } }, '"tls.caFile" must be an absolute path'],
    [{ tls: { insecure: 'yes' } }, '"tls.insecure" must be true or false'],
  ] as const) {
    const found = problemOf({ ...BOX, ...change });
    if (typeof problem === 'string') assert.equal(found, problem);
    else assert.match(found ?? '', problem);
  }
  for (const raw of [null, 7, 'Box', [BOX]])
    assert.equal(problemOf(raw), 'An entry must be an object with "name", "type" and "url"');
});

test('a bad entry stays in its place, labelled by its name or number, and hides no other', () => {
  const labels = readEntries([7, BOX, { name: 'Odd' }, BOX, { ...BOX, name: 'Last' }]).map(
    ({ kind, name }) => `${kind} ${name}`,
  );
  assert.deepEqual(labels, ['invalid #1', 'client Box', 'invalid Odd', 'invalid Box', 'client Last']);
});

test('a setting that is no list is a mistake too; none is none', () => {
  for (const setting of [{}, 'Box', 7, true])
    assert.deepEqual(
      readEntries(setting).map(({ kind, name }) => [kind, name]),
      [['invalid', 'btRpc.clients']],
    );
  for (const setting of [undefined, null, []]) assert.deepEqual(readEntries(setting), []);
});

test('whatever stands there, reading it throws nothing', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.record({ name: fc.string(), url: fc.string() }), (value, record) => {
      readEntries(value);
      readEntries([value, { ...record, type: 'deluge' }, { ...record, type: 'rtorrent', tls: value }]);
    }),
  );
});

test('a client is found by its name, not a mistake of the same name', () => {
  const setting = [{ name: 'Box', type: 'nosuch' }, 'x', BOX, BOX];
  assert.equal(indexOfClient(setting, 'Box'), 2);
  assert.equal(indexOfClient(setting, 'x'), -1);
});

test('an origin is type, scheme, host and port; of a socket its path', () => {
  const origin = (type: 'transmission' | 'rtorrent' | 'deluge', url: string) => originOf({ type, url });
  assert.equal(origin('transmission', 'http://Box:9091/a'), origin('transmission', 'http://box/b'));
  for (const [type, url] of [
    ['transmission', 'https://box:9091/a'],
    ['transmission', 'http://box:9092/a'],
    ['transmission', 'http://box2:9091/a'],
    ['rtorrent', 'http://box:9091/a'],
  ] as const)
    assert.notEqual(origin(type, url), origin('transmission', 'http://box:9091/a'));
  assert.notEqual(origin('rtorrent', '/run/a'), origin('rtorrent', '/run/b'));
  assert.equal(proxyOriginOf({ proxyUrl: undefined }), undefined);
  assert.notEqual(proxyOriginOf({ proxyUrl: 'http://p:1' }), proxyOriginOf({ proxyUrl: 'socks5://p:1' }));
});
