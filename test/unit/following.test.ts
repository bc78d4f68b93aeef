import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Following, FULL_EVERY_MS } from '../../src/torrents/following.ts';
import type { Update } from '../../src/torrents/torrent.ts';

const facts = { version: '1' };
const ALL: Update = { kind: 'all', facts, torrents: [] };
const CHANGES: Update = { kind: 'changes', facts, torrents: [], removed: [] };

/** A feed that notes what it is asked for, and answers as told next. */
function follow() {
  const asked: string[] = [];
  const state = { now: 0, answer: async (kind: Update['kind']) => (kind === 'all' ? ALL : CHANGES) };
  const following = new Following(
    {
      all: () => {
        asked.push('all');
        return state.answer('all');
      },
      changes: (_, hashes) => {
        asked.push(['changes', ...hashes].join(' '));
        return state.answer('changes');
      },
    },
    () => state.now,
  );
  const next = (signal = new AbortController().signal, hashes?: readonly string[]) =>
    following.next(signal, hashes);
  return { asked, state, following, next };
}

test('first everything, then what changed, and everything anew every few minutes', async () => {
  const { asked, state, next } = follow();
  assert.equal(await next(), ALL);
  assert.equal(await next(undefined, ['a', 'b']), CHANGES);
  state.now = FULL_EVERY_MS - 1;
  await next();
  state.now = FULL_EVERY_MS;
  await next();
  state.now = 2 * FULL_EVERY_MS - 1;
  await next();
  assert.deepEqual(asked, ['all', 'changes a b', 'changes', 'all', 'changes']);
});

test('everything where the daemon answered so by itself counts as such', async () => {
  const { asked, state, next } = follow();
  await next();
  state.answer = async () => ALL;
  state.now = FULL_EVERY_MS - 1;
  await next();
  state.now = FULL_EVERY_MS + 1;
  await next();
  assert.deepEqual(asked, ['all', 'changes', 'changes']);
});

test('after a call that failed comes everything, until one works', async () => {
  const { asked, state, next } = follow();
  const { answer } = state;
  await next();
  state.answer = async () => {
    throw new Error('no');
  };
  await assert.rejects(next(), { message: 'no' });
  await assert.rejects(next(), { message: 'no' });
  state.answer = answer;
  await next();
  await next();
  assert.deepEqual(asked, ['all', 'changes', 'all', 'all', 'changes']);
});

test('an answer that comes after the call was aborted is refused, and everything asked next', async () => {
  const { asked, state, next } = follow();
  const { answer } = state;
  await next();
  const late = Promise.withResolvers<Update>();
  state.answer = () => late.promise;
  const controller = new AbortController();
  const answered = next(controller.signal);
  controller.abort(new Error('over'));
  late.resolve(CHANGES);
  await assert.rejects(answered, { message: 'over' });
  state.answer = answer;
  await next();
  assert.deepEqual(asked, ['all', 'changes', 'all']);
});

test('who doubts gets everything, also who does while an answer is on its way', async () => {
  const { asked, state, following, next } = follow();
  const { answer } = state;
  await next();
  following.doubt();
  await next();
  const late = Promise.withResolvers<Update>();
  state.answer = () => late.promise;
  const answered = next();
  following.doubt();
  late.resolve(CHANGES);
  assert.equal(await answered, CHANGES);
  state.answer = answer;
  await next();
  await next();
  assert.deepEqual(asked, ['all', 'all', 'changes', 'all', 'changes']);
});
