import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pieces } from '../../src/rpc/pieces.ts';

test('pieces of any size are one in the end, also while they come', () => {
  for (const sizes of [[], [0], [5], [1, 2, 3], Array(5000).fill(1), [100_000, ...Array(3000).fill(7), 9]]) {
    const pieces = new Pieces();
    const given = sizes.map((size, index) => Buffer.alloc(size, index & 0xff));
    for (const [index, piece] of given.entries()) {
      pieces.add(piece);
      if (index % 1500 === 700) assert.deepEqual(pieces.bytes(), Buffer.concat(given.slice(0, index + 1)));
    }
    assert.equal(pieces.size, Buffer.concat(given).length);
    assert.deepEqual(pieces.bytes(), Buffer.concat(given));
    assert.deepEqual(pieces.bytes(), Buffer.concat(given));
  }
});

test('a piece that is alone is not copied', () => {
  const pieces = new Pieces();
  const piece = Buffer.from('abc');
  pieces.add(piece);
  assert.equal(pieces.bytes(), piece);
});
