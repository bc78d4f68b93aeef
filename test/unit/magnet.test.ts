import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { infoHashesOf, parseMagnet, toMagnetLink } from '../../src/torrents/magnet.ts';
import type { Torrent } from '../../src/torrents/torrent.ts';

const V1 = 'a'.repeat(40);
const V2 = 'b'.repeat(64);
const torrent: Torrent = { infoHash: V1, name: 'a b&tr=http://evil/', state: 'seeding', progress: 1 };

test('a magnet link says what it leads to, and nothing more than was meant', () => {
  const link = new URL(toMagnetLink(torrent, ['http://tracker/announce?key=1&x', 'udp://t:80']));
  assert.equal(link.protocol, 'magnet:');
  assert.deepEqual(
    [...link.searchParams],
    [
      ['xt', `urn:btih:${V1}`],
      ['dn', 'a b&tr=http://evil/'],
      ['tr', 'http://tracker/announce?key=1&x'],
      ['tr', 'udp://t:80'],
    ],
  );
  assert.equal(toMagnetLink({ ...torrent, name: '' }, []), `magnet:?xt=urn:btih:${V1}`);
});

test('half a character in a name breaks no link', () => {
  assert.match(toMagnetLink({ ...torrent, name: '\u{D800}' }, []), /&dn=%EF%BF%BD$/);
});

test('both info hashes of a hybrid torrent, and no v1 where the daemon only cuts the v2', () => {
  assert.match(
    toMagnetLink({ ...torrent, infoHashV2: V2 }, []),
    new RegExp(`xt=urn:btih:${V1}&xt=urn:btmh:1220${V2}`),
  );
  const cut = { ...torrent, infoHash: V2.slice(0, 40), infoHashV2: V2 };
  assert.deepEqual(infoHashesOf(cut), { v2: V2 });
  assert.ok(!toMagnetLink(cut, []).includes('btih'));
});

const parsed = { infoHash: V1, infoHashV2: undefined, name: '', trackers: [] };

test('what a magnet link leads to', () => {
  assert.deepEqual(parseMagnet(`magnet:?xt=urn:btih:${V1}`), parsed);
  assert.deepEqual(parseMagnet(` MAGNET:?dn=x&XT=urn:BTIH:${V1.toUpperCase()}\n`), { ...parsed, name: 'x' });
  const link = `magnet:?dn=a+b%20%C3%A9%26&tr=udp%3A%2F%2Ft%3A80&tr.1=http://u/&tr=udp://t:80&tr=&xt.1=urn:btih:${V1}`;
  assert.deepEqual(parseMagnet(link), { ...parsed, name: 'a b é&', trackers: ['udp://t:80', 'http://u/'] });
  assert.deepEqual(parseMagnet(`magnet:?xt=urn:btmh:1220${V2}`), {
    ...parsed,
    infoHash: V2.slice(0, 40),
    infoHashV2: V2,
  });
  assert.deepEqual(parseMagnet(`magnet:?xt=urn:sha1:x&xt=urn:btmh:1220${V2}&xt=urn:btih:${V1}`), {
    ...parsed,
    infoHashV2: V2,
  });
});

test('an info hash in base32, in either case', () => {
  const { infoHash } = parseMagnet('magnet:?xt=urn:btih:AAAQEAYEAUDAOCAJBIFQYDIOB4IBCEQT');
  assert.equal(infoHash, '000102030405060708090a0b0c0d0e0f10111213');
  assert.equal(parseMagnet('magnet:?xt=urn:btih:aaaqeayeaudaocajbifqydiob4ibceqt').infoHash, infoHash);
});

test('what is wrong with a magnet link', () => {
  const cases: [link: string, message: string][] = [
    ['', 'Not a magnet link: it does not begin with magnet:?'],
    ['magnet:', 'Not a magnet link: it does not begin with magnet:?'],
    ['http://x/', 'Not a magnet link: it does not begin with magnet:?'],
    [
      'magnet:?dn=x&xt=urn:ed2k:1',
      'Not the link of a torrent: it has neither xt=urn:btih: nor xt=urn:btmh: with an info hash',
    ],
    [
      `magnet:?xt=urn:btih:${V1}a`,
      'Not the link of a torrent: its v1 info hash is neither 40 hexadecimal nor 32 base32 digits',
    ],
    [
      `magnet:?xt=urn:btih:${'1'.repeat(32)}`,
      'Not the link of a torrent: its v1 info hash is neither 40 hexadecimal nor 32 base32 digits',
    ],
    [
      `magnet:?xt=urn:btmh:1220${V1}`,
      'Not the link of a torrent: its v2 info hash is not 1220 and 64 hexadecimal digits',
    ],
  ];
  for (const [link, message] of cases) assert.throws(() => parseMagnet(link), { message }, link);
});

test('a link to a torrent leads to it', () => {
  const hex = (length: number) => fc.stringMatching(new RegExp(`^[0-9a-f]{${length}}$`));
  fc.assert(
    fc.property(
      hex(40),
      fc.option(hex(64)),
      fc.string({ unit: 'grapheme' }),
      fc.array(fc.webUrl()),
      (v1, v2, name, trackers) => {
        const link = toMagnetLink({ ...torrent, infoHash: v1, infoHashV2: v2 ?? undefined, name }, trackers);
        const expected = {
          infoHash: v1,
          infoHashV2: v2 ?? undefined,
          name,
          trackers: [...new Set(trackers)],
        };
        assert.deepEqual(parseMagnet(link), expected);
      },
    ),
  );
});

test('whatever text there is, it is a link or refused as none', () => {
  const part = fc.constantFrom('magnet:?', 'xt=', 'urn:btih:', V1, '&', '=', '%', '%FF', 'dn', 'tr', '+');
  fc.assert(
    fc.property(fc.array(fc.oneof(part, fc.string()), { maxLength: 8 }), parts => {
      try {
        assert.match(parseMagnet(parts.join('')).infoHash, /^[0-9a-f]{40}$/);
      } catch (error) {
        assert.match((error as Error).message, /^Not /);
      }
    }),
  );
});
