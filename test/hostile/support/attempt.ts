// A call to whom it may concern, and what must be true of its end.
import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { BtRpcError, type RPCBase } from '../../../src/rpc/index.ts';
import type { Ending } from './misdeeds.ts';
import { callOf, SECRET, type Victim } from './victims.ts';

/** Milliseconds beyond its timeout that a call may take on a busy machine. */
const MARGIN_MS = 1500;
/** Makes a call, which must end as it should, and in time. */
export async function attempt(victim: Victim, rpc: RPCBase, ending: Ending): Promise<void> {
  const start = performance.now();
  const outcome = await callOf(victim, rpc).then(
    value => ({ value }),
    error => ({ error }),
  );
  const elapsed = performance.now() - start;
  assert.ok(elapsed < rpc.timeout * 1000 + MARGIN_MS, `it took ${elapsed} ms`);
  if (ending === 'answer') {
    if ('error' in outcome) throw outcome.error;
    return;
  }
  assert.ok(
    'error' in outcome,
    `there was an answer: ${'value' in outcome && inspect(outcome.value).slice(0, 200)}`,
  );
  const { error } = outcome;
  assert.ok(error instanceof BtRpcError, inspect(error));
  assert.match(error.name, new RegExp(`^(${ending.name})$`), error.message.slice(0, 300));
  assert.match(error.message, ending.message);
  assert.ok(error.message.length < 300_000, `${error.message.length} characters`);
  assert.ok(!inspect(error, { depth: 10 }).includes(SECRET));
}

/** Sockets and timers that keep this process alive. */
export const held = (): number =>
  process.getActiveResourcesInfo().filter(type => /^(TCPSocketWrap|TLSWrap|PipeWrap|Timeout)$/.test(type))
    .length;
