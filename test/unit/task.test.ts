/** A task ends exactly once, however many ends it is offered. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { TimeoutError, ValueError } from '../../src/rpc/errors.ts';
import { Task } from '../../src/rpc/task.ts';
import { settle } from './support/fakeClient.ts';

const UNBOUNDED = { timeout: Number.POSITIVE_INFINITY, signal: undefined };

it('ends by its work', async () => {
  const siblings = new Set<Task>();
  const task = new Task(siblings);
  task.onEnded = () => assert.fail('not from outside');
  const done = task.run(UNBOUNDED, async self => {
    assert.equal(self, task);
    assert.deepEqual([...siblings], [task]);
    return 5;
  });
  assert.equal(await done, 5);
  assert.equal(siblings.size, 0);
  task.end(new Error('late'));
  assert.equal(task.signal.aborted, false);
});

it('ends by what its work throws', async () => {
  const siblings = new Set<Task>();
  const error = new RangeError('mine');
  await assert.rejects(
    new Task(siblings).run(UNBOUNDED, () => Promise.reject(error)),
    thrown => thrown === error,
  );
  assert.equal(siblings.size, 0);
});

it('does not begin with a signal that has aborted, or that is none', async () => {
  let begun = 0;
  const work = async () => begun++;
  for (const [signal, reason] of [
    [AbortSignal.abort('mine'), 'mine'],
    [{} as AbortSignal, new ValueError('signal is no AbortSignal')],
    [new EventTarget() as AbortSignal, new ValueError('signal is no AbortSignal')],
  ] as const) {
    const siblings = new Set<Task>();
    const task = new Task(siblings);
    let ended = 0;
    task.onEnded = () => ended++;
    const result = await task.run({ timeout: 1, signal }, work).catch(error => error);
    assert.deepEqual(result, reason);
    assert.deepEqual(task.signal.reason, reason);
    assert.deepEqual([begun, ended, siblings.size], [0, 1, 0]);
  }
});

it('tells of its end before its promise does, and after its signal', async () => {
  const order: string[] = [];
  const task = new Task();
  task.signal.addEventListener('abort', () => order.push('signal'));
  task.onEnded = () => order.push('onEnded');
  const run = task.run(UNBOUNDED, () => new Promise(() => {})).catch(() => order.push('promise'));
  task.end(new Error('x'));
  assert.deepEqual(order, ['signal', 'onEnded']);
  await run;
  assert.deepEqual(order, ['signal', 'onEnded', 'promise']);
});

type End = 'value' | 'error' | 'end' | 'signal' | 'time';

it('takes the first of its ends and none of the others', async t => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const ends = fc.constantFrom<End[]>('value', 'error', 'end', 'signal', 'time');
  await fc.assert(
    fc.asyncProperty(fc.array(ends, { minLength: 1, maxLength: 4 }), async order => {
      const { promise, resolve, reject } = Promise.withResolvers<string>();
      const controller = new AbortController();
      const task = new Task();
      let told = 0;
      task.onEnded = () => told++;
      const run = task.run({ timeout: 3, signal: controller.signal }, () => promise);
      const result = run.then(
        value => `resolved ${value}`,
        error => String(error),
      );
      const does: Record<End, () => void> = {
        value: () => resolve('value'),
        error: () => reject(new Error('work')),
        end: () => task.end(new Error('end')),
        signal: () => controller.abort(new Error('signal')),
        time: () => t.mock.timers.tick(3000),
      };
      for (const end of order) {
        does[end]();
        await settle();
      }
      const expected: Record<End, string> = {
        value: 'resolved value',
        error: 'Error: work',
        end: 'Error: end',
        signal: 'Error: signal',
        time: String(new TimeoutError('Timeout after 3 seconds')),
      };
      const first = order[0] as End;
      assert.equal(await result, expected[first]);
      assert.equal(told, first === 'value' || first === 'error' ? 0 : 1);
    }),
    { numRuns: 50 },
  );
});
