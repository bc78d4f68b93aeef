/** How torrents and what belongs to them are described in the view. */
import assert from 'node:assert/strict';
import test from 'node:test';
import type { Torrent } from '../../src/torrents/torrent.ts';
import {
  describeFigures,
  describeFile,
  describePeer,
  describeTorrent,
  describeTracker,
  hostOf,
  maskAnnounceUrl,
  spoken,
} from '../../src/ui/tree/words.ts';

const torrent = (some: Partial<Torrent>): Torrent => ({
  infoHash: 'a1',
  name: 'one',
  state: 'stopped',
  progress: 0.374,
  ...some,
});

test('a torrent is described by what counts in its state', () => {
  const busy = {
    downloadRate: 1_200_000,
    uploadRate: 300_000,
    seeds: 5,
    leechers: 4,
    eta: 180,
    ratio: 1.234,
  };
  const expected = {
    downloading: 'downloading · 37 % · ↓ 1.2 MB/s · 3 min · 5 seeds',
    metadata: 'metadata · ↓ 1.2 MB/s ↑ 300 kB/s · 9 peers',
    seeding: 'seeding · ratio 1.23 · ↑ 300 kB/s · 4 peers',
    stopped: 'stopped · 37 %',
    queued: 'queued · 37 %',
    checking: 'checking · 37 %',
    moving: 'moving · 37 %',
    error: 'error · 37 %',
  } as const;
  for (const [state, description] of Object.entries(expected))
    assert.equal(describeTorrent(torrent({ ...busy, state: state as Torrent['state'] })), description);
  assert.equal(describeTorrent(torrent({ state: 'queued', queuePosition: 2 })), 'queued · 37 % · place 3');
});

test('what is not known is not said, nor what is nothing', () => {
  assert.equal(describeTorrent(torrent({ state: 'downloading' })), 'downloading · 37 %');
  assert.equal(describeTorrent(torrent({ state: 'seeding', uploadRate: 0, leechers: 0 })), 'seeding');
  assert.equal(describeTorrent(torrent({ state: 'metadata', progress: 0 })), 'metadata');
});

test("a daemon's own words come last, escaped and shortened", () => {
  const description = describeTorrent(torrent({ state: 'error', error: `no\u202e${'x'.repeat(1000)}` }));
  assert.match(description, /^error · 37 % · no\\u\{202E\}x+…$/);
  assert.ok(description.length < 250);
});

test('a screen reader says words, not signs', () => {
  assert.equal(
    spoken('one', 'downloading · 37 % · ↓ 1.2 MB/s · 5 seeds'),
    'one, downloading, 37 %, down 1.2 MB/s, 5 seeds',
  );
  assert.equal(spoken('↓ 1.2 MB/s ↑ 300 kB/s'), 'down 1.2 MB/s, up 300 kB/s');
  assert.equal(spoken('seeding · ↑ 300 kB/s · 1 peer'), 'seeding, up 300 kB/s, 1 peer');
  assert.equal(spoken('one', undefined, ''), 'one');
});

test("the figures of a client's line", () => {
  const facts = {
    version: '4.1.4',
    downloadRate: 1_200_000,
    uploadRate: 300_000,
    freeSpace: 5e9,
    isSlow: true,
  };
  assert.equal(describeFigures(facts), '↓ 1.2 MB/s ↑ 300 kB/s · 5.0 GB free · slow');
  assert.equal(describeFigures({ version: '4.1.4', downloadRate: 0, uploadRate: 0 }), '');
});

test('files', () => {
  const file = {
    index: 0,
    path: 'album/disc\n1/a.flac',
    size: 1e6,
    progress: 1,
    priority: 'normal',
  } as const;
  assert.equal(describeFile(file), '100 % · 1.0 MB · album/disc\\u{A}1');
  assert.equal(
    describeFile({ ...file, path: 'a.flac', priority: 'skip', progress: 0.999 }),
    '99 % · 1.0 MB · skipped',
  );
});

test('trackers', () => {
  const tracker = { url: 'http://t.example/announce', status: 'failed', message: 'not\u0007 yours' } as const;
  const now = 1_000_000;
  assert.equal(describeTracker(tracker, now), 'failed · not\\u{7} yours');
  assert.equal(
    describeTracker(
      { ...tracker, status: 'working', message: undefined, seeds: 3, leechers: 1, nextAnnounceAt: 1300 },
      now,
    ),
    'working · 3 seeds · 1 peer · next announce in 5 min',
  );
  assert.equal(describeTracker({ url: '', status: 'waiting', nextAnnounceAt: 900 }, now), 'waiting');
});

test('of an announce URL no secret is shown', () => {
  for (const [url, host, masked] of [
    ['http://t.example/announce', 't.example', 'http://t.example/…'],
    ['https://u:passkey@t.example:443/passkey/announce?a=b', 't.example:443', 'https://t.example:443/…'],
    ['udp://[2001:db8::1]:6969', '[2001:db8::1]:6969', 'udp://[2001:db8::1]:6969'],
    ['udp://t.example:6969?passkey', 't.example:6969', 'udp://t.example:6969/…'],
    ['http://t.example\\passkey', 't.example', 'http://t.example/…'],
    ['t.example/passkey', 't.example/…', 't.example/…'],
    ['** [DHT] **', '** [DHT] **', '** [DHT] **'],
  ] as const) {
    assert.equal(hostOf(url), host);
    assert.equal(maskAnnounceUrl(url), masked);
  }
});

test('peers', () => {
  const peer = {
    address: '192.0.2.1:6881',
    client: 'qBittorrent\u200b 5',
    progress: 0.5,
    uploadRate: 2000,
    isEncrypted: true,
  };
  assert.equal(describePeer(peer), 'qBittorrent\\u{200B} 5 · 50 % · ↑ 2.0 kB/s · encrypted');
  assert.equal(describePeer({ address: '192.0.2.1:6881' }), '');
});
