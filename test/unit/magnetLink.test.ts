import assert from 'node:assert/strict';
import test from 'node:test';
import { infoHashesOf, toMagnetLink } from '../../src/torrents/magnetLink.ts';
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
