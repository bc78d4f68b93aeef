// Every client, by every way that it has to a daemon, against servers that do what no daemon does: each call ends once,
// in time, in one error of the core's, no socket and no timer stays, and the same client works again with an honest one.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RPCBase } from '../../src/rpc/index.ts';
import { until } from '../tools/until.ts';
import { attempt, held } from './support/attempt.ts';
import { type Ending, LATE, ROWS, type Row, TIMEOUT, TOO_LARGE } from './support/misdeeds.ts';
import { startTurncoat, type Turncoat, VICTIMS, type Victim } from './support/victims.ts';

/** Bytes: small, so that an endless answer ends soon. */
const LARGEST = 64 * 1024 * 1024;
const SMALL = 1024 * 1024;

/** How the call ends with this client, in this phase. */
const endingOf = (row: Row, victim: Victim, isLogIn: boolean): Ending =>
  typeof row.ends === 'function' ? row.ends(victim, isLogIn) : row.ends;

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
