import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CookieJar } from '../../src/rpc/codec/cookies.ts';

test('a server fills no more than the jar', () => {
  const jar = new CookieJar();
  for (let index = 0; index < 1000; index++) jar.take([`c${index}=${'x'.repeat(100)}`]);
  const names = jar.header?.split('; ').map(pair => pair.split('=')[0]);
  assert.deepEqual([names?.length, names?.[0], names?.at(-1)], [50, 'c950', 'c999']);
  jar.take([`long=${'x'.repeat(5000)}`]);
  assert.ok(!jar.header?.includes('long'));
  assert.ok(jar.secrets.length < 200);
});
