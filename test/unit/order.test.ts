import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inOrder } from '../../src/torrents/order.ts';

test('torrents are shown by name, numbers as such, and each once', () => {
  const torrents = ['b 10', 'b 9', 'A', 'b 9'].map((name, at) => ({
    infoHash: String(at % 3),
    name,
    state: 'stopped' as const,
    progress: 0,
  }));
  assert.deepEqual(
    inOrder(torrents).map(({ name, infoHash }) => `${name} ${infoHash}`),
    ['A 2', 'b 9 0', 'b 9 1'],
  );
});
