import assert from 'node:assert/strict';
import test from 'node:test';
import { maskAnnounceUrls } from '../../src/util/announceUrls.ts';

const PASSKEY = '0123456789abcdef0123456789abcdef';

test('of an announce URL the host stays, however a protocol writes it', () => {
  const url = `https://me:secret@tracker.example:443/${PASSKEY}/announce?key=${PASSKEY}`;
  const torrent = Buffer.from(`d8:announce${url.length}:${url}4:infod6:lengthi1e${'x'.repeat(200)}ee`);
  for (const [text, expected] of [
    [JSON.stringify({ trackerList: url }), '{"trackerList":"https://tracker.example:443/…"}'],
    [
      JSON.stringify({ trackerList: `${url}\n\n${url}`, id: 1 }).replaceAll('/', '\\/'),
      '{"trackerList":"https:\\/\\/tracker.example:443/…","id":1}',
    ],
    [`<string>${url.replaceAll('&', '&amp;')}</string>`, '<string>https://tracker.example:443/…</string>'],
    [`#udp://a.example:1/${PASSKEY}#${url}`, '#udp://a.example:1/…#https://tracker.example:443/…'],
    [
      `magnet:?xt=urn:btih:${'a'.repeat(40)}&tr=${encodeURIComponent(url)}`,
      `magnet:?xt=urn:btih:${'a'.repeat(40)}&tr=https%3A%2F%2Ftracker.example%3A443/…`,
    ],
    [`{"metainfo":"${torrent.toString('base64')}"}`, '{"metainfo":"…"}'],
  ] as const) {
    const masked = maskAnnounceUrls(text);
    assert.equal(masked, expected);
    assert.ok(!/secret|0123456789/.test(masked), masked);
  }
});

test('what holds no secret stays', () => {
  for (const text of [
    '{"arguments":{"download-dir":"/srv/torrents"},"result":"success"}',
    'udp://tracker.example:6969',
    'httpd: //x',
  ])
    assert.equal(maskAnnounceUrls(text), text);
});
