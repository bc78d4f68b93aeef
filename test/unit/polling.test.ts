/** Refreshes: one at a time, with pauses that grow while nothing works, and none where nobody looks. */
import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { Polling } from '../../src/ui/polling.ts';

/** Polls that the test answers, with a clock that it moves. */
function makePolling(t: TestContext, seconds: number | undefined) {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const asked: { readonly signal: AbortSignal; readonly answer: (isWorking: boolean) => void }[] = [];
  const state = { mayPoll: true };
  const polling = new Polling({
    ask: signal =>
      new Promise(resolve => {
        asked.push({ signal, answer: resolve });
        signal.addEventListener('abort', () => resolve(false));
      }),
    mayPoll: () => state.mayPoll,
    interval: () => (seconds === undefined ? undefined : seconds * 1000),
  });
  return {
    polling,
    asked,
    state,
    answer: async (isWorking: boolean) => {
      asked.at(-1)?.answer(isWorking);
      await setImmediate();
    },
    wait: (milliseconds: number) => t.mock.timers.tick(milliseconds),
  };
}

test('one at a time, and the next after the interval', async t => {
  const { polling, asked, answer, wait } = makePolling(t, 2);
  void polling.now();
  void polling.now();
  wait(10_000);
  assert.equal(asked.length, 1);
  await answer(true);
  wait(1999);
  assert.equal(asked.length, 1);
  wait(1);
  assert.equal(asked.length, 2);
});

test('pauses grow while nothing works, up to a quarter of a minute, and are short again after', async t => {
  const { polling, asked, answer, wait } = makePolling(t, 2);
  void polling.now();
  for (const [index, pause] of [4000, 8000, 15_000, 15_000].entries()) {
    await answer(false);
    wait(pause - 1);
    assert.equal(asked.length, index + 1, `before ${pause}`);
    wait(1);
    assert.equal(asked.length, index + 2, `after ${pause}`);
  }
  await answer(true);
  wait(2000);
  assert.equal(asked.length, 6);
});

test('a daemon that comes back is found soon, however long the interval', async t => {
  const { polling, asked, answer, wait } = makePolling(t, 600);
  void polling.now();
  await answer(false);
  wait(15_000);
  assert.equal(asked.length, 2);
  await answer(true);
  wait(599_999);
  assert.equal(asked.length, 2);
  wait(1);
  assert.equal(asked.length, 3);
});

test('an interval of years is not taken for none', async t => {
  const { polling, asked, answer, wait } = makePolling(t, 1e12);
  void polling.now();
  await answer(true);
  wait(2 ** 31 - 2);
  assert.equal(asked.length, 1);
  wait(1);
  assert.equal(asked.length, 2);
});

test('none by itself where nobody looks, and where the interval is never', async t => {
  const hidden = makePolling(t, 2);
  void hidden.polling.now();
  hidden.state.mayPoll = false;
  await hidden.answer(true);
  hidden.wait(60_000);
  assert.equal(hidden.asked.length, 1);
  t.mock.timers.reset();

  const never = makePolling(t, undefined);
  void never.polling.now();
  await never.answer(false);
  never.wait(60_000);
  assert.equal(never.asked.length, 1);
});

test('what was done is asked for after the refresh on its way, unless that was ended: by Disconnect', async t => {
  const { polling, asked, answer } = makePolling(t, 2);
  void polling.now();
  void polling.afterwards();
  await answer(true);
  assert.equal(asked.length, 2);
  void polling.afterwards();
  polling.end();
  await setImmediate();
  assert.equal(asked.at(-1)?.signal.aborted, true);
  assert.equal(asked.length, 2);
});
