// Every client, by every way that it has to a daemon, against servers that do what no daemon does: each call ends once,
// in time, in one error of the core's, no socket and no timer stays, and the same client works again with an honest one.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inspect } from 'node:util';
import { BtRpcError, type RPCBase } from '../../src/rpc/index.ts';
import { until } from '../tools/until.ts';
import { type Ending, LATE, ROWS, type Row, TIMEOUT, TOO_LARGE } from './support/misdeeds.ts';
import { callOf, SECRET, startTurncoat, type Turncoat, VICTIMS, type Victim } from './support/victims.ts';

/** Milliseconds beyond its timeout that a call may take on a busy machine. */
const MARGIN_MS = 1500;
/** Bytes: small, so that an endless answer ends soon. */
const LARGEST = 64 * 1024 * 1024;
const SMALL = 1024 * 1024;

/** How the call ends with this client, in this phase. */
const endingOf = (row: Row, victim: Victim, isLogIn: boolean): Ending =>
  typeof row.ends === 'function' ? row.ends(victim, isLogIn) : row.ends;

/** Makes a call, which must end as it should, and in time. */
async function attempt(victim: Victim, rpc: RPCBase, ending: Ending): Promise<void> {
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

/** Whatever has come, who watches the wire can look at it. */
function watch(rpc: RPCBase): { exchanges: number; faults: unknown[] } {
  const seen = { exchanges: 0, faults: [] as unknown[] };
  rpc.on('exchange', exchange => {
    seen.exchanges += 1;
    for (const layers of [exchange.request(), exchange.response()]) JSON.stringify(layers);
  });
  rpc.on('listenerError', error => seen.faults.push(error));
  return seen;
}

async function suffer(victim: Victim, row: Row, server: Turncoat, isLogIn: boolean): Promise<void> {
  const before = held();
  const ending = endingOf(row, victim, isLogIn);
  const timeout = ending === LATE ? TIMEOUT.late : TIMEOUT.soon;
  const rpc = server.client({ timeout, maxResponseSize: ending === TOO_LARGE ? SMALL : LARGEST });
  const seen = watch(rpc);
  if (isLogIn) server.restart(row);
  else {
    await rpc.connect();
    server.turn(row);
  }
  await attempt(victim, rpc, ending);
  assert.ok(server.open <= 1 || (await settles(server)), `${server.open} connections`);
  server.restart();
  if (victim.carrier === 'deluge')
    await until(() => server.open === 0 && !rpc.isConnected, 'it is restarted');
  rpc.timeout = TIMEOUT.soon;
  await attempt(victim, rpc, 'answer');
  await rpc.disconnect();
  assert.deepEqual(seen.faults, []);
  await until(() => server.open === 0 && held() <= before, 'no socket and no timer stays');
}

/** Sockets and timers that keep this process alive. */
const held = (): number =>
  process.getActiveResourcesInfo().filter(type => /^(TCPSocketWrap|TLSWrap|PipeWrap|Timeout)$/.test(type))
    .length;

const settles = async (server: Turncoat) => {
  await until(() => server.open <= 1, 'no more than one connection stays');
  return true;
};

for (const victim of VICTIMS) {
  describe(victim.name, async () => {
    let server: Turncoat;
    for (const row of ROWS.filter(({ for: isFor }) => isFor?.(victim) ?? true)) {
      for (const phase of row.when === 'asked' ? ['log-in', 'call'] : ['log-in']) {
        it(`${row.name}, ${phase}`, async () => {
          server ??= await startTurncoat(victim);
          server.restart();
          await suffer(victim, row, server, phase === 'log-in');
        });
      }
    }
    it('is over', async () => {
      await server[Symbol.asyncDispose]();
    });
  });
}
