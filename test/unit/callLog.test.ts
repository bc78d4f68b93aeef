/** The line in the log per call. */
import assert from 'node:assert/strict';
import test from 'node:test';
import type { Exchange } from '../../src/rpc/index.ts';
import { CallLog } from '../../src/ui/callLog.ts';

const signal = new AbortController().signal;

function makeLog() {
  const lines: unknown[][] = [];
  const log = new CallLog({ call: (...line) => lines.push(line) }, 'Box');
  const exchanged = (method: string, receivedBytes: number, startedAt = new Date()) =>
    log.exchanged({ method, startedAt, milliseconds: 12, receivedBytes } as Exchange);
  return { lines, log, exchanged };
}

test('a call has the time and the bytes of its own request, also beside others', async () => {
  const { lines, log, exchanged } = makeLog();
  const slow = Promise.withResolvers<string>();
  const first = log.log('a', signal, () => slow.promise);
  await log.log('b', signal, async () => exchanged('b', 2));
  exchanged('a', 1);
  slow.resolve('done');
  assert.equal(await first, 'done');
  assert.deepEqual(lines, [
    ['Box', 'b', 12, 2, 'ok'],
    ['Box', 'a', 12, 1, 'ok'],
  ]);
});

test('a call that sent nothing has no bytes, least of all those of another before it', async () => {
  const { lines, log, exchanged } = makeLog();
  exchanged('a', 1, new Date(0));
  const error = Object.assign(new Error('ids is a function'), { name: 'ValueError' });
  await assert.rejects(
    log.log('a', signal, () => Promise.reject(error)),
    error,
  );
  const [[client, method, milliseconds, bytes, outcome] = []] = lines;
  assert.deepEqual(
    [client, method, bytes, outcome],
    ['Box', 'a', undefined, 'ValueError: ids is a function'],
  );
  assert.ok(typeof milliseconds === 'number' && milliseconds < 1000);
});

test('a call that the user ended is cancelled', async () => {
  const { lines, log } = makeLog();
  await assert.rejects(log.log('a', AbortSignal.abort(), () => Promise.reject(new Error('x'))));
  assert.equal(lines[0]?.at(-1), 'cancelled');
});

test('the address of a torrent that the daemon could not fetch may hold a secret', async () => {
  const { lines, log } = makeLog();
  const address = 'http://tracker.example/download/1.torrent?passkey=secret';
  const fail = (name: string) => Promise.reject(Object.assign(new Error(`404: ${address}`), { name }));
  await assert.rejects(log.log('a', signal, () => fail('RPCError')));
  await assert.rejects(log.log('a', signal, () => fail('ConnectionError')));
  const outcomes = lines.map(line => line.at(-1));
  assert.deepEqual(outcomes, ['RPCError: 404: http://tracker.example/…', `ConnectionError: 404: ${address}`]);
});
