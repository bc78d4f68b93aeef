/** The connections of a client: the gate before their log-ins, and how each ends. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { AuthenticationError, ConnectionError } from '../../src/rpc/index.ts';
import type { Rpc } from '../../src/ui/core.ts';
import { LoginGate } from '../../src/ui/loginGate.ts';
import { Session, type SessionEvents } from '../../src/ui/session.ts';

const signal = new AbortController().signal;
const refusal = new AuthenticationError('Authentication failed');

/** A client whose log-ins end as the test says. */
class FakeRpc {
  isConnected = false;
  disconnects = 0;
  readonly logIns: { readonly succeed: () => void; readonly fail: (error: Error) => void }[] = [];
  on() {}
  connect({ signal }: { signal: AbortSignal }): Promise<void> {
    return new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason));
      this.logIns.push({
        succeed: () => {
          this.isConnected = true;
          resolve();
        },
        fail: reject,
      });
    });
  }
  async disconnect({ signal }: { signal: AbortSignal }): Promise<void> {
    // As the core: with a signal that has aborted it lets go of an attempt to connect.
    if (signal.aborted) for (const logIn of this.logIns) logIn.fail(new ConnectionError('Disconnected'));
    this.isConnected = false;
    this.disconnects += 1;
  }
}

function makeSession(gate = new LoginGate(), events: Partial<SessionEvents> = {}) {
  const made: FakeRpc[] = [];
  const states: string[] = [];
  const session: Session = new Session(
    async () => {
      const rpc = new FakeRpc();
      made.push(rpc);
      return rpc as unknown as Rpc;
    },
    gate,
    { changed: () => states.push(session.state), exchanged: () => {}, ...events },
  );
  return { session, made, states };
}

const logIn = async (rpcs: FakeRpc[]) => {
  while (!rpcs.at(-1)?.logIns.length) await setImmediate();
  return rpcs.at(-1)?.logIns.at(-1) as FakeRpc['logIns'][number];
};

test('a session logs in before the first work, and says how it stands', async () => {
  const { session, made, states } = makeSession();
  const result = session.run(signal, async () => 'done');
  (await logIn(made)).succeed();
  assert.equal(await result, 'done');
  assert.equal(await session.run(signal, async () => 'again'), 'again');
  assert.equal(made[0]?.logIns.length, 1);
  assert.deepEqual(states, ['connecting', 'connected']);
});

test('credentials that were refused in one session are not tried in another, until the gate is opened', async () => {
  const gate = new LoginGate();
  const first = makeSession(gate);
  const second = makeSession(gate);
  const runs = [first, second].map(({ session }) => session.run(signal, async () => 'in'));
  (await logIn(first.made)).fail(refusal);
  for (const run of runs) await assert.rejects(run, refusal);
  await assert.rejects(
    second.session.run(signal, async () => 'in'),
    refusal,
  );
  assert.equal(gate.isClosed, true);
  assert.equal(second.made[0]?.logIns.length, 0);
  gate.open();
  const again = second.session.run(signal, async () => 'in');
  (await logIn(second.made)).succeed();
  assert.equal(await again, 'in');
});

test('a call whose own log-in is refused closes the gate as well', async () => {
  const gate = new LoginGate();
  const { session, made } = makeSession(gate);
  const call = session.run(signal, async () => {
    (made[0] as FakeRpc).isConnected = false;
    throw refusal;
  });
  (await logIn(made)).succeed();
  await assert.rejects(call, refusal);
  assert.equal(gate.isClosed, true);
  assert.equal(session.state, 'failed');
});

test('log-ins wait for each other; one that was given up lets the next one in', async () => {
  const gate = new LoginGate();
  const first = makeSession(gate);
  const second = makeSession(gate);
  const controller = new AbortController();
  const given = first.session.run(controller.signal, async () => 'in');
  await logIn(first.made);
  const waiting = second.session.run(signal, async () => 'in');
  await setImmediate();
  assert.equal(second.made[0]?.logIns.length, 0);
  controller.abort(new Error('Enough'));
  await assert.rejects(given, /Enough/);
  assert.equal(first.session.state, 'idle');
  (await logIn(second.made)).succeed();
  assert.equal(await waiting, 'in');
});

test('closing lets go of an attempt on its way', async () => {
  const { session, made } = makeSession();
  const run = session.run(signal, async () => 'in');
  await logIn(made);
  await session.close();
  await assert.rejects(run, /Disconnected/);
  assert.equal(session.state, 'idle');
  assert.equal(made[0]?.disconnects, 1);
});

test('what was closed while it waited for its turn does not connect any more', async () => {
  const gate = new LoginGate();
  const first = makeSession(gate);
  const second = makeSession(gate);
  const ahead = first.session.run(signal, async () => 'in');
  const behind = second.session.run(signal, async () => 'in');
  const entry = await logIn(first.made);
  await second.session.close();
  entry.succeed();
  await ahead;
  await assert.rejects(behind, /Disconnected/);
  assert.equal(second.made[0]?.logIns.length, 0);
});

test('a client that could not be made is made anew the next time', async () => {
  let isThere = false;
  const rpc = new FakeRpc();
  const session = new Session(
    async () => {
      if (!isThere) throw new Error('The file of certificate authorities cannot be read');
      return rpc as unknown as Rpc;
    },
    new LoginGate(),
    { changed: () => {}, exchanged: () => {} },
  );
  await assert.rejects(
    session.run(signal, async () => 'in'),
    /authorities/,
  );
  assert.equal(session.state, 'failed');
  isThere = true;
  const again = session.run(signal, async () => 'in');
  (await logIn([rpc])).succeed();
  assert.equal(await again, 'in');
  assert.equal(session.error, undefined);
});

test('a daemon that says no is connected; one that is gone is not, until another session has found it', async () => {
  const { session, made, states } = makeSession();
  const run = session.run(signal, () => Promise.reject(new Error('No such method')));
  (await logIn(made)).succeed();
  await assert.rejects(run, /No such method/);
  assert.equal(session.state, 'connected');
  const lost = new ConnectionError('Connection lost');
  await assert.rejects(
    session.run(signal, () => {
      (made[0] as FakeRpc).isConnected = false;
      return Promise.reject(lost);
    }),
    lost,
  );
  assert.equal(session.error, lost);
  session.forgive();
  assert.equal(session.state, 'idle');
  assert.deepEqual(states, ['connecting', 'connected', 'failed', 'idle']);
});
