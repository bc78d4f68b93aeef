import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { bencode } from '../tools/bencode.ts';
import { makeTorrent } from '../tools/torrents.ts';

test('bencode writes each kind of value', () => {
  assert.equal(bencode(-42).toString(), 'i-42e');
  assert.equal(bencode('ü').toString(), '2:ü');
  assert.deepEqual(bencode(Uint8Array.of(0, 255)), Buffer.from([0x32, 0x3a, 0, 255]));
  assert.equal(bencode(['a', [], 0]).toString(), 'l1:alei0ee');
  assert.equal(bencode({ b: 1, a: { c: '' } }).toString(), 'd1:ad1:c0:e1:bi1ee');
});

test('bencode sorts keys by their bytes, and takes whole numbers only', () => {
  assert.equal(bencode({ '\u{1f600}': 1, '\uffff': 2 }).toString(), 'd3:\uffffi2e4:\u{1f600}i1ee');
  for (const number of [0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])
    assert.throws(() => bencode(number), RangeError);
});

test('the same torrent has the same bytes at every run', () => {
  const single = makeTorrent({
    name: 'one file.iso',
    size: 50_000,
    trackers: ['http://127.0.0.1:1/announce'],
  });
  assert.equal(single.infoHash, 'c6c7e1f46798cfa1711d75955abd1b3d4d7385c4');
  const several = makeTorrent({
    name: 'several',
    files: [
      { path: 'a.bin', size: 10 },
      { path: 'deep/er/b.bin', size: 40_000 },
      { path: 'empty', size: 0 },
    ],
    isPrivate: true,
    pieceLength: 32_768,
  });
  assert.equal(several.infoHash, '56c310d3d4b3cf9b3b09af778bf55ed840bf1f17');
});

test('a torrent without payload in its info has exactly the known form', () => {
  const { metainfo, infoHash } = makeTorrent({
    name: 'x',
    size: 0,
    trackers: ['http://a/', 'http://b/'],
    webSeeds: ['http://c/'],
  });
  const info = 'd6:lengthi0e4:name1:x12:piece lengthi16384e6:pieces0:e';
  assert.equal(
    metainfo.toString(),
    `d8:announce9:http://a/13:announce-listll9:http://a/el9:http://b/ee4:info${info}8:url-listl9:http://c/ee`,
  );
  assert.equal(infoHash, createHash('sha1').update(info).digest('hex'));
});

test('the first part of a payload is written as a download leaves it', async t => {
  const folder = await mkdtemp(path.join(tmpdir(), 'bt-rpc-torrents-'));
  t.after(() => rm(folder, { recursive: true }));
  const torrent = makeTorrent({
    name: 'half',
    files: [
      { path: 'first', size: 300 },
      { path: 'second', size: 100 },
      { path: 'third', size: 400 },
    ],
  });
  await torrent.writePayload(folder, 0.45);
  const [first, second] = torrent.files;
  assert.deepEqual(await readFile(path.join(folder, 'half/first')), first?.content);
  assert.deepEqual(await readFile(path.join(folder, 'half/second')), second?.content.subarray(0, 60));
  await assert.rejects(stat(path.join(folder, 'half/third')), { code: 'ENOENT' });
});
