/** Two hundred calls at once, by each client on each way, and what may happen to its daemon and what is in between. */
import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ClientOptions, RPCBase } from '../../src/rpc/index.ts';
import { freeze, thaw, unreadRequests } from '../tools/freeze.ts';
import { type Heard, hear } from '../tools/hear.ts';
import { assertNothingOpen } from '../tools/leaks.ts';
import { type OpenRoute, openRoute, ROUTES } from '../tools/routes.ts';

const COUNT = 200;
/** Seconds. */
const SHORT_TIMEOUT = 1;

/** How many calls ended. */
interface Ends {
  readonly answers: number;
  /** The errors of the others, as texts, each once. */
  readonly errors: readonly string[];
}

async function endsOf(calls: readonly Promise<unknown>[]): Promise<Ends> {
  const results = await Promise.allSettled(calls);
  const errors = results.flatMap(result => (result.status === 'rejected' ? [result.reason] : []));
  return { answers: calls.length - errors.length, errors: [...new Set(errors.map(String))] };
}

const ALL_ANSWERED: Ends = { answers: COUNT, errors: [] };
const allFailedBy = (error: string): Ends => ({ answers: 0, errors: [error] });

for (const route of ROUTES) {
  const { call, name } = route.tested;

  describe(`${name} ${route.way}`, () => {
    let open: OpenRoute;
    before(async () => {
      open = await openRoute(route);
    });
    after(() => open?.[Symbol.asyncDispose]());

    const storm = (rpc: RPCBase, signal?: AbortSignal) =>
      endsOf(Array.from({ length: COUNT }, () => call(rpc, signal)));

    /** Runs a test with a connected client; then it must still be of use, and have told the truth. */
    const test = (
      title: string,
      run: (rpc: RPCBase, heard: Heard) => Promise<void>,
      options?: ClientOptions,
    ) =>
      it(title, async () => {
        await using rpc = open.client(options);
        const heard = hear(rpc);
        await call(rpc);
        heard.statuses.length = 0;
        await run(rpc, heard);
        await call(rpc);
        await rpc.disconnect();
        heard.check();
        await assertNothingOpen();
      });

    /** Calls that the daemon has, and will not answer before it goes on. */
    async function stuck(rpc: RPCBase, signal?: AbortSignal): Promise<{ ends: Promise<Ends> }> {
      await freeze(open.daemon);
      const ends = storm(rpc, signal);
      while ((await unreadRequests(open.daemon.port)) === 0) await sleep(10);
      return { ends };
    }

    const victims: ['daemon' | 'near', string][] = [['daemon', 'the daemon']];
    if (route.way !== 'direct') victims.push(['near', `the ${route.way} server`]);
    for (const [which, label] of victims) {
      test(`${label} is killed: each call fails, the next connects again`, async (rpc, heard) => {
        const victim = open[which];
        const { ends } = await stuck(rpc);
        await victim.kill();
        if (victim !== open.daemon) thaw(open.daemon);
        const { answers, errors } = await ends;
        assert.deepEqual([answers, errors.length], [0, 1], errors.join());
        const isBehindWeb = route.way === 'tls' && victim === open.daemon && name !== 'rtorrent';
        if (isBehindWeb) {
          assert.match(String(errors), /^RPCError: Unexpected response: .*502 Bad Gateway/);
          assert.deepEqual(heard.statuses, []);
        } else {
          assert.match(
            String(errors),
            /^ConnectionError: (Connection (lost|reset)|rTorrent does not answer|Proxy)/,
          );
          assert.deepEqual(heard.statuses, ['disconnected']);
          const again = await storm(rpc);
          assert.deepEqual([again.answers, again.errors.length], [0, 1], again.errors.join());
        }
        await victim.restart();
        assert.deepEqual(await storm(rpc), ALL_ANSWERED);
      });

      test(`${label} is restarted in between: no call notices`, async (rpc, heard) => {
        const victim = open[which];
        assert.deepEqual(await storm(rpc), ALL_ANSWERED);
        const before = heard.exchanges.length;
        await victim.restart();
        assert.deepEqual(await storm(rpc), ALL_ANSWERED);
        const logIns = heard.exchanges.slice(before).filter(({ method }) => /login/.test(method)).length;
        const isNewSession = victim === open.daemon || name === 'deluge';
        const expected = name === 'qbittorrent' || name === 'deluge' ? Number(isNewSession) : 0;
        assert.equal(logIns, expected, 'log-ins');
      });
    }

    test('the daemon is stopped for a moment: each call is answered', async (rpc, heard) => {
      const { signal } = new AbortController();
      const { ends } = await stuck(rpc, signal);
      thaw(open.daemon);
      assert.deepEqual(await ends, ALL_ANSWERED);
      assert.equal(getEventListeners(signal, 'abort').length, 0);
      assert.deepEqual(heard.statuses, []);
    });

    test(
      'the daemon is stopped for long: time-outs; when it goes on, the same session does',
      async (rpc, heard) => {
        const { ends } = await stuck(rpc);
        const error = `TimeoutError: Timeout after ${SHORT_TIMEOUT} seconds`;
        assert.deepEqual(await ends, allFailedBy(error));
        await using second = open.client({ timeout: SHORT_TIMEOUT });
        await assert.rejects(call(second), { name: 'TimeoutError' });
        thaw(open.daemon);
        // It has the questions of before to answer first.
        while ((await unreadRequests(open.daemon.port)) > 0) await sleep(10);
        assert.deepEqual(await storm(rpc), ALL_ANSWERED);
        assert.deepEqual(heard.statuses, []);
      },
      { timeout: SHORT_TIMEOUT },
    );

    test('one signal aborts them all: with its reason, and the connection stays', async (rpc, heard) => {
      const controller = new AbortController();
      const { ends } = await stuck(rpc, controller.signal);
      controller.abort(new Error('given up'));
      assert.deepEqual(await ends, allFailedBy('Error: given up'));
      assert.equal(getEventListeners(controller.signal, 'abort').length, 0);
      thaw(open.daemon);
      assert.deepEqual(await storm(rpc), ALL_ANSWERED);
      assert.deepEqual(heard.statuses, []);
    });

    test('disconnect(): each call ends with it, and those that follow connect again', async (rpc, heard) => {
      const { ends } = await stuck(rpc);
      const disconnected = rpc.disconnect();
      const after = storm(rpc);
      assert.deepEqual(await ends, allFailedBy('ConnectionError: Disconnected'));
      thaw(open.daemon);
      await disconnected;
      assert.deepEqual(await after, ALL_ANSWERED);
      assert.deepEqual(heard.statuses, ['disconnected', 'connecting', 'connected']);
    });

    test(
      'disconnect() from a daemon that is stopped: it is disconnected at the latest by the time-out',
      async (rpc, heard) => {
        await stuck(rpc);
        const started = performance.now();
        await rpc.disconnect().catch(error => assert.equal(error.name, 'TimeoutError'));
        assert.ok(performance.now() - started < SHORT_TIMEOUT * 1000 + 900);
        assert.deepEqual([rpc.status, heard.statuses], ['disconnected', ['disconnected']]);
        thaw(open.daemon);
        while ((await unreadRequests(open.daemon.port)) > 0) await sleep(10);
      },
      { timeout: SHORT_TIMEOUT },
    );

    test('changed settings: each call ends with them, and those that follow connect again', async (rpc, heard) => {
      const { ends } = await stuck(rpc);
      rpc.timeout += 1;
      assert.deepEqual([rpc.status, heard.statuses], ['disconnected', ['disconnected']]);
      assert.deepEqual(await ends, allFailedBy('ConnectionError: Connection settings changed'));
      const after = storm(rpc);
      thaw(open.daemon);
      assert.deepEqual(await after, ALL_ANSWERED);
      assert.deepEqual(heard.statuses, ['disconnected', 'connecting', 'connected']);
    });
  });
}
