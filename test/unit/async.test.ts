import assert from 'node:assert/strict';
import test from 'node:test';
import { mapInTurns } from '../../src/util/async.ts';

/** Takes a while. */
function work(milliseconds: number): void {
  for (const end = performance.now() + milliseconds; performance.now() < end; );
}

test('many items are mapped in their order, and others have their turn meanwhile', async () => {
  let turns = 0;
  const timer = setInterval(() => turns++, 1);
  const doubled = await mapInTurns(
    Array.from({ length: 100 }, (_, index) => index),
    item => {
      work(1);
      return item * 2;
    },
    AbortSignal.timeout(10_000),
  );
  clearInterval(timer);
  assert.deepEqual(doubled.slice(0, 3), [0, 2, 4]);
  assert.equal(doubled.length, 100);
  assert.ok(turns >= 3, `${turns} turns`);
});

test('an abort ends it within a turn', async () => {
  const controller = new AbortController();
  const reason = new Error('enough');
  setTimeout(() => controller.abort(reason), 1);
  let mapped = 0;
  const map = () => {
    work(1);
    mapped += 1;
  };
  await assert.rejects(mapInTurns(Array(1000), map, controller.signal), reason);
  assert.ok(mapped < 500, `${mapped} were mapped`);
});
