import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseMetainfo } from '../../src/torrents/metainfo.ts';
import { type Bencodable, bencode } from '../tools/bencode.ts';
import { makeTorrent } from '../tools/torrents.ts';
import { makeTorrentV2 } from '../tools/torrentsV2.ts';

const PIECE = 16_384;
const hashes = (count: number) => Buffer.alloc(20 * count, 7);

/** A `.torrent` of one small file, with other members of its info. */
const made = (info: Record<string, Bencodable | undefined> = {}, root: Record<string, Bencodable> = {}) => {
  const all: Record<string, Bencodable | undefined> = {
    name: 'x',
    'piece length': PIECE,
    pieces: hashes(1),
    length: 5,
    ...info,
  };
  const present = Object.entries(all).filter(
    (entry): entry is [string, Bencodable] => entry[1] !== undefined,
  );
  return bencode({ ...root, info: Object.fromEntries(present) });
};
const withFiles = (...files: readonly Bencodable[]) => made({ length: undefined, files });

test('a torrent of one file', () => {
  const torrent = makeTorrent({
    name: 'one file.iso',
    size: 50_000,
    trackers: ['http://a/announce', 'http://b/announce', 'http://a/announce'],
    isPrivate: true,
  });
  assert.deepEqual(parseMetainfo(torrent.metainfo), {
    infoHash: torrent.infoHash,
    infoHashV1: torrent.infoHash,
    infoHashV2: undefined,
    name: 'one file.iso',
    files: [{ path: 'one file.iso', size: 50_000, index: 0 }],
    size: 50_000,
    pieceLength: PIECE,
    isPrivate: true,
    trackers: ['http://a/announce', 'http://b/announce'],
  });
});

test('a torrent of several files, with one tracker', () => {
  const torrent = makeTorrent({
    name: 'several',
    files: [
      { path: 'a', size: 10 },
      { path: 'deep/er/b', size: 40_000 },
      { path: 'empty', size: 0 },
    ],
    trackers: ['udp://t:80'],
  });
  const { files, size, infoHash, isPrivate, trackers } = parseMetainfo(torrent.metainfo);
  assert.deepEqual(files, [
    { path: 'several/a', size: 10, index: 0 },
    { path: 'several/deep/er/b', size: 40_000, index: 1 },
    { path: 'several/empty', size: 0, index: 2 },
  ]);
  assert.equal(size, 40_010);
  assert.equal(infoHash, torrent.infoHash);
  assert.equal(isPrivate, false);
  assert.deepEqual(trackers, ['udp://t:80']);
});

test('a hybrid torrent: both info hashes, and pad files that count but are none', () => {
  const files = [
    { path: 'a', size: 1000 },
    { path: 'b', size: 7000 },
    { path: 'c', size: 5 },
  ];
  const torrent = makeTorrentV2({ name: 'hybrid', files, isHybrid: true });
  const parsed = parseMetainfo(torrent.metainfo);
  assert.equal(parsed.infoHash, torrent.infoHashV1);
  assert.equal(parsed.infoHashV1, torrent.infoHashV1);
  assert.equal(parsed.infoHashV2, torrent.infoHashV2);
  assert.equal(parsed.size, 8005);
  assert.deepEqual(parsed.files, [
    { path: 'hybrid/a', size: 1000, index: 0 },
    { path: 'hybrid/b', size: 7000, index: 2 },
    { path: 'hybrid/c', size: 5, index: 4 },
  ]);

  const { infoHash, infoHashV1, ...v2 } = parseMetainfo(makeTorrentV2({ name: 'hybrid', files }).metainfo);
  assert.equal(infoHashV1, undefined);
  assert.equal(infoHash, v2.infoHashV2?.slice(0, 40));
  assert.deepEqual(v2.files, parsed.files);
});

test('a v2 torrent of one file that is called as the torrent is has no folder', () => {
  const [file] = parseMetainfo(makeTorrentV2({ name: 'x', files: [{ path: 'x', size: 9 }] }).metainfo).files;
  assert.deepEqual(file, { path: 'x', size: 9, index: 0 });
});

test('the known info hashes of a torrent, whatever stands around its info', () => {
  const info = 'd6:lengthi0e4:name1:x12:piece lengthi16384e6:pieces0:e';
  const read = (text: string) => parseMetainfo(Buffer.from(text));
  const plain = read(`d4:info${info}e`).infoHash;
  assert.equal(read(`d8:announce3:a:b4:info${info}5:otherli1eee\r\n`).infoHash, plain);
  assert.equal(plain, createHash('sha1').update(info).digest('hex'));
  // Keys out of order, and members that nobody knows, belong to it as they are.
  const odd = 'd4:name1:x6:lengthi0e12:piece lengthi16384e6:pieces0:1:zd1:ai1eee';
  assert.notEqual(read(`d4:info${odd}e`).infoHash, plain);
});

test('names: the one that is said to be UTF-8 first, what is none is replaced', () => {
  const latin = Buffer.from('caf\u00e9', 'latin1');
  assert.equal(parseMetainfo(made({ name: latin })).name, 'caf\uFFFD');
  const nameless = parseMetainfo(made({ name: '' }));
  assert.equal(nameless.name, nameless.infoHash);
  const utf8 = { name: latin, 'name.utf-8': 'caf\u00e9' };
  assert.equal(parseMetainfo(made(utf8)).name, 'caf\u00e9');
  const files = withFiles({ length: 5, path: [latin], 'path.utf-8': ['\ufeffd\u202e', 'AC/DC'] });
  assert.equal(parseMetainfo(files).files[0]?.path, 'x/\ufeffd\u202e/AC/DC');
});

test('a symbolic link is a file without a size', () => {
  const link = { attr: 'l', path: ['link'], 'symlink path': ['a'] };
  const { files } = parseMetainfo(withFiles({ length: 5, path: ['a'] }, link));
  assert.deepEqual(files[1], { path: 'x/link', size: 0, index: 1 });
});

test('a torrent of a hundred thousand files and one of many terabytes', () => {
  const many = Array.from({ length: 100_000 }, (_, at) => ({ length: 1, path: [`f${at}`] }));
  const metainfo = made({ length: undefined, files: many, pieces: hashes(Math.ceil(100_000 / PIECE)) });
  assert.equal(parseMetainfo(metainfo).files.length, 100_000);
  const length = 40 * 2 ** 40;
  const large = made({ length, 'piece length': 2 ** 30, pieces: hashes(length / 2 ** 30) });
  assert.equal(parseMetainfo(large).size, length);
});

const v2Info = { pieces: undefined, length: undefined, 'meta version': 2 };
const leaf = (size: number, root = 32) => ({ '': { length: size, 'pieces root': Buffer.alloc(root) } });

test('what is malformed is refused, with the reason', () => {
  const good = made();
  const cases: [file: Uint8Array | string, reason: string][] = [
    ['', 'it is empty'],
    ['<!DOCTYPE html><html>', 'it is a web page'],
    ['\r\n <html>', 'it is a web page'],
    ['{"error":"not found"}', 'what stands at byte 0 has no meaning'],
    [good.subarray(0, -1), 'it is cut off'],
    [good.subarray(0, 40), 'it is cut off'],
    ['d4:info99999999999:', 'it is cut off'],
    [Buffer.concat([good, good]), `it goes on after its end, from byte ${good.length} on`],
    ['d4:infod', 'it is cut off'],
    ['i1e', 'it has no info'],
    ['de', 'it has no info'],
    ['d4:infoi1ee', 'it has no info'],
    ['d4:infode4:infodee', 'what stands at byte 9 has no meaning'],
    ['d4:infoi01ee', 'what stands at byte 8 has no meaning'],
    ['d4:infoi-0ee', 'what stands at byte 7 has no meaning'],
    ['d4:infoiee', 'what stands at byte 8 has no meaning'],
    [`d4:infoi${'9'.repeat(30)}ee`, 'what stands at byte 8 has no meaning'],
    ['d04:infodee', 'what stands at byte 1 has no meaning'],
    ['d-4:infodee', 'what stands at byte 1 has no meaning'],
    ['di1edee', 'what stands at byte 1 has no meaning'],
    [`${'l'.repeat(1000)}`, 'its values are nested too deeply'],
    [`d1:a${'l'.repeat(1000)}${'e'.repeat(1001)}`, 'its values are nested too deeply'],
    [`l${'i1e'.repeat(3_000_001)}e`, 'it holds too many values'],
    [made({ pieces: undefined }), 'it has no pieces'],
    [made({ pieces: undefined, 'meta version': 3 }), 'it has no pieces'],
    [made({ pieces: 5 }), 'something else stands where a text is due'],
    [made({ pieces: hashes(2) }), 'its pieces do not fit its size'],
    [made({ pieces: hashes(1).subarray(1) }), 'its pieces do not fit its size'],
    [made({ name: undefined }), 'it has no name'],
    [made({ name: 5 }), 'it has no name'],
    [made({ name: '..' }), 'the path of one of its files leads out of its folder'],
    [made({ name: '/etc' }), 'the path of one of its files leads out of its folder'],
    [made({ 'piece length': undefined }), 'its piece length is invalid'],
    [made({ 'piece length': 0 }), 'its piece length is invalid'],
    [made({ 'piece length': -1 }), 'its piece length is invalid'],
    [made({ length: undefined }), 'the size of a file is missing or invalid'],
    [made({ length: -1 }), 'the size of a file is missing or invalid'],
    [made({ length: 'many' }), 'the size of a file is missing or invalid'],
    [made({ files: 5 }), 'its files are no list'],
    [withFiles(), 'it has no files'],
    [made({ length: undefined, files: Array(200_001).fill(1) }), 'it has too many files'],
    [withFiles(5), 'what it says of a file is invalid'],
    [withFiles({ length: 5 }), 'one of its files has no path'],
    [withFiles({ length: 5, path: [] }), 'one of its files has no path'],
    [withFiles({ length: 5, path: 'a' }), 'one of its files has no path'],
    [withFiles({ length: 5, path: [5] }), 'something else stands where a text is due'],
    [withFiles({ length: 5, path: ['a', ''] }), 'one of its files has no name'],
    [withFiles({ length: -5, path: ['a'] }), 'the size of a file is missing or invalid'],
    ...['..', '../a', 'a/../../b', '..\\a', '/a', '\\a', 'C:\\a', 'c:/a'].map(
      (part): [Uint8Array, string] => [
        withFiles({ length: 5, path: ['a', part] }),
        'the path of one of its files leads out of its folder',
      ],
    ),
    [made(v2Info), 'its tree of files is invalid'],
    [made({ ...v2Info, 'file tree': {} }), 'it has no files'],
    [made({ ...v2Info, 'file tree': { '': { length: 1 } } }), 'one of its files has no name'],
    [made({ ...v2Info, 'file tree': { a: { '': 5 } } }), 'what it says of a file is invalid'],
    [made({ ...v2Info, 'file tree': { a: leaf(5, 31) } }), 'one of its files has no pieces'],
    [made({ ...v2Info, 'file tree': { a: leaf(-5) } }), 'the size of a file is missing or invalid'],
    [
      made({ ...v2Info, 'file tree': { '..': leaf(5) } }),
      'the path of one of its files leads out of its folder',
    ],
    [made({ ...v2Info, 'piece length': 20_000, 'file tree': { a: leaf(5) } }), 'its piece length is invalid'],
    [made({ 'meta version': 2 }), 'its tree of files is invalid'],
  ];
  for (const [file, reason] of cases) {
    const bytes = typeof file === 'string' ? Buffer.from(file) : file;
    const message = `Not a .torrent file: ${reason}`;
    assert.throws(() => parseMetainfo(bytes), { message }, bytes.subarray(0, 200).toString());
  }
});

test('whatever bytes there are, they are a torrent or refused as none', () => {
  const good = makeTorrentV2({ name: 'x', files: [{ path: 'a', size: 9 }], isHybrid: true }).metainfo;
  const change = fc.record({
    at: fc.nat(good.length - 1),
    by: fc.uint8Array({ maxLength: 6 }),
    cut: fc.nat(6),
  });
  let whole = 0;
  fc.assert(
    fc.property(fc.array(change, { maxLength: 3 }), changes => {
      let bytes = good;
      for (const { at, by, cut } of changes)
        bytes = Buffer.concat([bytes.subarray(0, at), by, bytes.subarray(at + cut)]);
      try {
        const { infoHash, files } = parseMetainfo(bytes);
        assert.match(infoHash, /^[0-9a-f]{40}$/);
        assert.ok(files.length > 0);
        whole += 1;
      } catch (error) {
        assert.match((error as Error).message, /^Not a \.torrent file: \p{Ll}.*[^.]$/u);
        assert.equal((error as Error).constructor, Error);
      }
    }),
    { numRuns: 3000 },
  );
  assert.ok(whole > 50);
  fc.assert(
    fc.property(fc.uint8Array(), bytes =>
      assert.throws(() => parseMetainfo(bytes), /^Error: Not a \.torrent/),
    ),
  );
});
