import assert from 'node:assert/strict';
import test from 'node:test';
import { toHosts, toTime } from '../../src/torrents/fields.ts';

test('hosts of trackers: without port, lower case, each once', () => {
  const urls = [
    'http://Tracker.Example:6969/announce?passkey=secret',
    'udp://TRACKER.example:1337',
    'https://user:password@other.example/announce',
    'http://[2001:DB8::1]:80/announce',
    'wss://192.0.2.1/',
  ];
  assert.deepEqual(toHosts(urls), ['tracker.example', 'other.example', '[2001:db8::1]', '192.0.2.1']);
});

test('what is no announce URL has no host', () => {
  assert.deepEqual(toHosts(['', 'dht://', '** [DHT] **', 'http://', undefined, 7, 'a b']), []);
});

test('times: never is undefined', () => {
  assert.equal(toTime(1_700_000_000), 1_700_000_000);
  assert.equal(toTime(1_700_000_000n), 1_700_000_000);
  for (const never of [0, -1, '', Number.NaN, undefined]) assert.equal(toTime(never), undefined);
});
