/** The life of a connection, with a daemon that the test plays. */
import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { beforeEach, describe, it } from 'node:test';
import { inspect } from 'node:util';
import { ConnectionStatus, type RPCBase } from '../../src/rpc/base.ts';
import {
  AuthenticationError,
  BtRpcError,
  ConnectionError,
  NotImplementedError,
  RPCError,
  TimeoutError,
  ValueError,
} from '../../src/rpc/errors.ts';
import type { ClientOptions } from '../../src/rpc/options.ts';
import { FakeRPC, type FakeSession, KeyedRPC, settle } from './support/fakeClient.ts';

const failed = (Class: new (message: string) => Error, message: string) => (error: unknown) => {
  assert.equal(String(error), `${Class.name}: ${message}`);
  assert.ok(error instanceof Class);
  return true;
};
const disconnected = failed(ConnectionError, 'Disconnected');
const changed = failed(ConnectionError, 'Connection settings changed');

/** How a promise stands after everything that can happen has happened. */
async function stateOf(promise: Promise<unknown>): Promise<string> {
  let state = 'pending';
  promise.then(
    value => (state = `resolved ${value}`),
    error => (state = String(error)),
  );
  await settle();
  return state;
}

let rpc: FakeRPC;

beforeEach(() => {
  rpc = new FakeRPC();
});

/** A client that is connected, its past forgotten. */
async function connectedRPC(): Promise<FakeRPC> {
  await rpc.connect();
  rpc.heard.length = 0;
  return rpc;
}

describe('status', () => {
  it('is one of three texts', () => {
    assert.deepEqual(ConnectionStatus, {
      connecting: 'connecting',
      connected: 'connected',
      disconnected: 'disconnected',
    });
  });

  it('begins disconnected, and is told once for each change, with the status already changed', async () => {
    assert.deepEqual([rpc.status, rpc.isConnected], ['disconnected', false]);
    await rpc.connect();
    assert.deepEqual([rpc.status, rpc.isConnected], ['connected', true]);
    await rpc.connect();
    await rpc.disconnect();
    await rpc.disconnect();
    assert.deepEqual([rpc.status, rpc.isConnected], ['disconnected', false]);
    assert.deepEqual(rpc.heard, ['connecting', 'connected', 'disconnected']);
  });

  it('is told without arguments', async () => {
    const args: unknown[] = [];
    for (const event of ['connecting', 'connected', 'disconnected'] as const)
      rpc.on(event, (...given: unknown[]) => args.push(...given));
    await rpc.connect();
    await rpc.disconnect();
    assert.deepEqual(args, []);
  });

  it('tells all listeners of one change before the next that a listener makes', async () => {
    const second: string[] = [];
    rpc.on('connected', () => {
      rpc.timeout = 5;
    });
    for (const event of ['connected', 'disconnected'] as const)
      rpc.on(event, () => second.push(`${event} as ${rpc.status}`));
    await assert.rejects(rpc.connect(), changed);
    assert.deepEqual(second, ['connected as connected', 'disconnected as disconnected']);
    assert.deepEqual(rpc.heard, ['connecting', 'connected', 'disconnected']);
    assert.equal(rpc.session.isDestroyed, true);
  });

  it('changes also where listeners throw or reject, which is told', async () => {
    const told: string[] = [];
    rpc.on('listenerError', (error, event) => told.push(`${event}: ${error}`));
    rpc.on('connecting', () => {
      throw new Error('sync');
    });
    rpc.on('connected', async () => {
      throw new Error('async');
    });
    await rpc.connect();
    await settle();
    assert.deepEqual(told, ['connecting: Error: sync', 'connected: Error: async']);
    assert.equal(rpc.isConnected, true);
  });
});

describe('connect()', () => {
  it('connects once for all who ask at the same time', async () => {
    rpc.isOpen = false;
    const connects = [rpc.connect(), rpc.connect(), rpc.connect()];
    await settle();
    assert.equal(rpc.openings.length, 1);
    rpc.opening.succeed();
    assert.deepEqual(await Promise.all(connects), [undefined, undefined, undefined]);
    assert.equal(rpc.openings.length, 1);
  });

  it('lets each who waits try in turn where one fails', async () => {
    rpc.isOpen = false;
    const connects = ['a', 'b', 'c', 'd'].map(() => rpc.connect());
    const states = connects.map(stateOf);
    for (const number of [1, 2, 3]) {
      await settle();
      assert.equal(rpc.openings.length, number);
      if (number < 3) rpc.opening.fail(new ConnectionError(`${number}`));
      else rpc.opening.succeed();
    }
    await Promise.all(states);
    assert.deepEqual(await Promise.all(connects.map(stateOf)), [
      'ConnectionError: 1',
      'ConnectionError: 2',
      'resolved undefined',
      'resolved undefined',
    ]);
    const again = ['connecting', 'disconnected'];
    assert.deepEqual(rpc.heard, [...again, ...again, 'connecting', 'connected']);
  });

  it('tries wrong credentials once for all who wait, calls too', async () => {
    rpc.isOpen = false;
    const refusal = new AuthenticationError('Authentication failed');
    const all = Array.from({ length: 10 }, (_, index) => (index % 2 ? rpc.connect() : rpc.call()));
    await settle();
    rpc.opening.fail(refusal);
    for (const result of await Promise.allSettled(all))
      assert.equal(result.status === 'rejected' && result.reason, refusal);
    assert.equal(rpc.openings.length, 1);
    assert.deepEqual(rpc.heard, ['connecting', 'disconnected']);
    // Who comes later may try again: the password may be another by then.
    const later = rpc.connect();
    assert.equal(rpc.openings.length, 2);
    rpc.opening.succeed();
    await later;
  });

  it('passes on what else goes wrong', async () => {
    rpc.isOpen = false;
    for (const error of [
      new RPCError('Unexpected response: x'),
      new ValueError('no'),
      new TypeError('bug'),
    ]) {
      const connect = rpc.connect();
      rpc.opening.fail(error);
      await assert.rejects(connect, error);
      assert.equal(rpc.status, 'disconnected');
    }
  });

  it('ends with a signal, and the next in line begins', async () => {
    rpc.isOpen = false;
    const controller = new AbortController();
    const first = rpc.connect({ signal: controller.signal });
    const second = rpc.connect();
    const old = rpc.opening;
    controller.abort(new RangeError('mine'));
    assert.equal(old.context.signal.aborted, true);
    await assert.rejects(first, new RangeError('mine'));
    await settle();
    assert.equal(rpc.openings.length, 2);
    // What comes of the attempt that was given up is thrown away.
    old.succeed();
    await settle();
    assert.deepEqual([rpc.status, old.session.isDestroyed], ['connecting', true]);
    rpc.opening.succeed();
    await second;
    assert.deepEqual(rpc.heard, ['connecting', 'disconnected', 'connecting', 'connected']);
    assert.equal(rpc.session.isDestroyed, false);
  });

  it('lets who waits go by a signal of its own, and nobody else', async () => {
    rpc.isOpen = false;
    const controller = new AbortController();
    const first = rpc.connect();
    const second = rpc.connect({ signal: controller.signal });
    controller.abort();
    await assert.rejects(second, { name: 'AbortError' });
    assert.equal(rpc.status, 'connecting');
    rpc.opening.succeed();
    await first;
  });

  it('is over when a listener of its own disconnects, for who waits too', async () => {
    rpc.once('connected', () => void rpc.disconnect());
    await Promise.all([rpc.connect(), rpc.connect()]);
    await settle();
    assert.deepEqual(rpc.heard, ['connecting', 'connected', 'disconnected']);
  });

  it('does not begin where a listener of connecting changes the settings', async () => {
    rpc.once('connecting', () => {
      rpc.timeout = 7;
    });
    await assert.rejects(rpc.connect(), changed);
    assert.equal(rpc.openings.length, 0);
    assert.deepEqual(rpc.heard, ['connecting', 'disconnected']);
  });

  it('fails where the session dies while it is opened', async () => {
    rpc.isOpen = false;
    const connect = rpc.connect();
    rpc.opening.context.lost(new ConnectionError('Connection lost'));
    rpc.opening.succeed();
    await assert.rejects(connect, failed(ConnectionError, 'Connection lost'));
    assert.deepEqual(rpc.heard, ['connecting', 'disconnected']);
    assert.equal(rpc.session.isDestroyed, true);
  });
});

describe('call()', () => {
  it('connects first', async () => {
    const call = rpc.call();
    await settle();
    rpc.session.calls[0]?.answer('fine');
    assert.equal(await call, 'fine');
    assert.deepEqual(rpc.heard, ['connecting', 'connected']);
  });

  it('waits for a connect() on its way', async () => {
    rpc.isOpen = false;
    const connect = rpc.connect();
    const calls = [rpc.call(), rpc.call()];
    rpc.opening.succeed();
    await connect;
    await settle();
    assert.equal(rpc.openings.length, 1);
    for (const [index, call] of rpc.session.calls.entries()) call.answer(String(index));
    assert.deepEqual(await Promise.all(calls), ['0', '1']);
  });

  it('passes on what the session throws, and stays connected where that is no failure of the transport', async () => {
    await connectedRPC();
    for (const error of [
      new RPCError('No'),
      new ValueError('x'),
      new AuthenticationError('Not authorized'),
      new TypeError(),
    ]) {
      const call = rpc.call();
      rpc.session.calls.at(-1)?.fail(error);
      await assert.rejects(call, thrown => thrown === error);
    }
    assert.deepEqual(rpc.heard, []);
  });

  for (const way of ['a call that fails', 'a report of the session'] as const) {
    it(`loses the connection by ${way}: every call fails, told once, the next reconnects`, async () => {
      await connectedRPC();
      const calls = [rpc.call(), rpc.call(), rpc.call()];
      const cause = new Error('ECONNRESET');
      const error = new ConnectionError('Connection reset', { cause, info: 1 });
      if (way === 'a call that fails') rpc.session.calls[1]?.fail(error);
      else rpc.session.context.lost(error);
      const errors = (await Promise.allSettled(calls)).map(
        result => (result as PromiseRejectedResult).reason,
      );
      for (const each of errors) {
        failed(ConnectionError, 'Connection reset')(each);
        assert.deepEqual([each.cause, each.info], [cause, 1]);
      }
      assert.equal(new Set(errors).size, 3, 'each has a stack of its own');
      if (way === 'a call that fails') assert.equal(errors[1], error);
      assert.deepEqual([rpc.heard, rpc.session.isDestroyed], [['disconnected'], true]);
      // The core never reconnects by itself.
      await settle();
      assert.deepEqual([rpc.heard, rpc.openings.length], [['disconnected'], 1]);
      const next = rpc.call();
      await settle();
      rpc.session.calls[0]?.answer('again');
      assert.equal(await next, 'again');
      assert.deepEqual(rpc.heard, ['disconnected', 'connecting', 'connected']);
    });
  }

  it('keeps what only it knows of a lost connection: the others are told the cause', async () => {
    await connectedRPC();
    const calls = [rpc.call(), rpc.call()];
    const cause = new ConnectionError('Connection reset');
    rpc.session.calls[0]?.fail(new ConnectionError('Request too large', { cause }));
    await assert.rejects(calls[0] ?? assert.fail(), failed(ConnectionError, 'Request too large'));
    await assert.rejects(calls[1] ?? assert.fail(), failed(ConnectionError, 'Connection reset'));
    assert.deepEqual(rpc.heard, ['disconnected']);
  });

  it('fails as its session does', async () => {
    for (const error of [
      new RPCError('Unexpected response: x', { a: 1 }, { cause: 2 }),
      new AuthenticationError('Authentication failed', { cause: 2, info: { a: 1 } }),
    ]) {
      await connectedRPC();
      const call = rpc.call();
      rpc.session.context.lost(error);
      const thrown = await call.catch(reason => reason);
      assert.deepEqual([String(thrown), thrown.info, thrown.cause], [String(error), { a: 1 }, 2]);
      assert.equal(thrown.constructor, error.constructor);
      assert.deepEqual(rpc.heard, ['disconnected']);
    }
  });

  it('is never sent again where its session dies under it', async () => {
    await connectedRPC();
    const call = rpc.call();
    rpc.session.context.lost(new ConnectionError('Connection lost'));
    await assert.rejects(call, ConnectionError);
    await settle();
    assert.equal(rpc.openings.length, 1);
  });

  it('is not sent at all where its session ends before its turn', async () => {
    rpc.once('connected', () => rpc.session.context.lost(new ConnectionError('Connection lost')));
    const calls = [rpc.call(), rpc.call()];
    for (const call of calls) await assert.rejects(call, failed(ConnectionError, 'Connection lost'));
    assert.equal(rpc.session.calls.length, 0);
  });

  it('survives a late report of a session that is gone', async () => {
    await connectedRPC();
    const old = rpc.session;
    await rpc.disconnect();
    const call = rpc.call();
    await settle();
    old.context.lost(new ConnectionError('late'));
    rpc.session.calls[0]?.answer('fine');
    assert.equal(await call, 'fine');
    assert.equal(rpc.isConnected, true);
  });

  it('that a listener of disconnected makes goes to the new connection', async () => {
    for (const lose of [
      () => rpc.session.context.lost(new ConnectionError('Connection lost')),
      () => {
        rpc.timeout = (rpc.timeout % 100) + 1;
      },
    ]) {
      await connectedRPC();
      const old = rpc.call();
      let call: Promise<string> | undefined;
      rpc.once('disconnected', () => {
        call = rpc.call();
      });
      lose();
      await assert.rejects(old, ConnectionError);
      await settle();
      rpc.session.calls[0]?.answer('new');
      assert.equal(await call, 'new');
    }
  });

  it('ends with a signal and disturbs no other; its late answer is dropped', async () => {
    await connectedRPC();
    const controller = new AbortController();
    const first = rpc.call(controller.signal);
    const second = rpc.call();
    const [one, two] = rpc.session.calls;
    controller.abort('because');
    assert.equal(await first.catch(reason => reason), 'because');
    assert.equal(one?.signal.reason, 'because');
    assert.equal(two?.signal.aborted, false);
    one?.answer('late');
    one?.fail(new ConnectionError('late'));
    await settle();
    two?.answer('fine');
    assert.equal(await second, 'fine');
    assert.deepEqual(rpc.heard, []);
  });

  it('that fails late with the transport does no harm', async () => {
    await connectedRPC();
    const controller = new AbortController();
    const call = rpc.call(controller.signal);
    controller.abort();
    await assert.rejects(call);
    rpc.session.calls[0]?.fail(new ConnectionError('late'));
    await settle();
    assert.equal(rpc.isConnected, true);
  });

  it('with a signal that has aborted already sends nothing', async () => {
    const signal = AbortSignal.abort(new RangeError('mine'));
    await assert.rejects(rpc.call(signal), new RangeError('mine'));
    await assert.rejects(rpc.connect({ signal }), new RangeError('mine'));
    assert.deepEqual([rpc.openings.length, rpc.heard], [0, []]);
    await connectedRPC();
    await assert.rejects(rpc.call(signal), new RangeError('mine'));
    assert.equal(rpc.session.calls.length, 0);
  });

  it('takes only an AbortSignal for a signal', async () => {
    for (const signal of ['x', {}, 5] as unknown[] as AbortSignal[])
      await assert.rejects(rpc.call(signal), failed(ValueError, 'signal is no AbortSignal'));
    assert.equal(rpc.openings.length, 0);
  });

  it('leaves no listener on the signal', async () => {
    const { signal } = new AbortController();
    const call = rpc.call(signal);
    await settle();
    rpc.session.calls[0]?.answer('');
    await call;
    assert.deepEqual(getEventListeners(signal, 'abort'), []);
  });
});

describe('disconnect()', () => {
  it('rejects the calls in flight', async () => {
    await connectedRPC();
    const calls = [rpc.call(), rpc.call()];
    const disconnect = rpc.disconnect();
    for (const call of calls) await assert.rejects(call, disconnected);
    await disconnect;
    assert.deepEqual(rpc.heard, ['disconnected']);
    assert.equal(rpc.session.isDestroyed, true);
  });

  it('waits for a connect() on its way, and for its log-out', async () => {
    rpc.isOpen = false;
    const connect = rpc.connect();
    const disconnect = rpc.disconnect();
    await settle();
    assert.equal(rpc.status, 'connecting');
    rpc.session.hangsOnClose = true;
    rpc.opening.succeed();
    await connect;
    assert.equal(await stateOf(disconnect), 'pending');
    assert.equal(rpc.session.isDestroyed, false);
    rpc.session.closes[0]?.answer();
    await disconnect;
    assert.deepEqual(rpc.heard, ['connecting', 'connected', 'disconnected']);
  });

  it('waits for a connect() that fails', async () => {
    rpc.isOpen = false;
    const connect = rpc.connect();
    const disconnect = rpc.disconnect();
    rpc.opening.fail(new ConnectionError('Connection refused'));
    await assert.rejects(connect, ConnectionError);
    await disconnect;
    assert.deepEqual(rpc.heard, ['connecting', 'disconnected']);
  });

  it('rejects a call that connects', async () => {
    rpc.isOpen = false;
    const calls = [rpc.call(), rpc.call()];
    const disconnect = rpc.disconnect();
    rpc.opening.succeed();
    for (const call of calls) await assert.rejects(call, disconnected);
    await disconnect;
    await settle();
    assert.deepEqual(rpc.heard, ['connecting', 'connected', 'disconnected']);
  });

  it('leaves a call that comes later to a new connection, and is over before that', async () => {
    await connectedRPC();
    const first = rpc.session;
    const disconnect = rpc.disconnect();
    const call = rpc.call();
    const nested = (async () => await disconnect)();
    await nested;
    assert.equal(rpc.status, 'disconnected');
    await settle();
    assert.notEqual(rpc.session, first);
    rpc.session.calls[0]?.answer('new');
    assert.equal(await call, 'new');
    assert.deepEqual(rpc.heard, ['disconnected', 'connecting', 'connected']);
  });

  it('logs out once for all who ask at the same time', async () => {
    await connectedRPC();
    await Promise.all([rpc.disconnect(), rpc.disconnect()]);
    assert.equal(rpc.session.closes.length, 1);
    assert.deepEqual(rpc.heard, ['disconnected']);
  });

  it('takes no notice of a log-out that fails', async () => {
    await connectedRPC();
    rpc.session.hangsOnClose = true;
    const disconnect = rpc.disconnect();
    rpc.session.closes[0]?.fail(new ConnectionError('Connection refused'));
    await disconnect;
    assert.equal(rpc.status, 'disconnected');
  });

  it('lets go at once with a signal, whatever hangs', async () => {
    await connectedRPC();
    rpc.session.hangsOnClose = true;
    const controller = new AbortController();
    const disconnect = rpc.disconnect({ signal: controller.signal });
    await settle();
    assert.equal(rpc.session.isDestroyed, false);
    controller.abort(new RangeError('mine'));
    assert.equal(rpc.status, 'disconnected');
    await assert.rejects(disconnect, new RangeError('mine'));
    assert.equal(rpc.session.isDestroyed, true);
    assert.deepEqual(rpc.heard, ['disconnected']);
  });

  it('lets go at once with a signal that has aborted already', async () => {
    await connectedRPC();
    const call = rpc.call();
    await assert.rejects(rpc.disconnect({ signal: AbortSignal.abort(1) }), error => error === 1);
    assert.deepEqual([rpc.status, rpc.heard], ['disconnected', ['disconnected']]);
    await assert.rejects(call, disconnected);
    assert.deepEqual([rpc.session.closes.length, rpc.session.isDestroyed], [0, true]);
  });

  it('takes with it what waits for a connect() that hangs, and the status stays', async () => {
    rpc.isOpen = false;
    const others = [rpc.connect(), rpc.call(), rpc.connect()];
    const controller = new AbortController();
    const disconnect = rpc.disconnect({ signal: controller.signal });
    controller.abort();
    await assert.rejects(disconnect, { name: 'AbortError' });
    for (const other of others) await assert.rejects(other, disconnected);
    await settle();
    assert.deepEqual([rpc.heard, rpc.openings.length], [['connecting', 'disconnected'], 1]);
  });

  it('is done by await using', async () => {
    let outside: FakeRPC;
    {
      await using inside = new FakeRPC();
      outside = inside;
      await inside.connect();
    }
    assert.equal(outside.status, 'disconnected');
    assert.equal(outside.session.closes.length, 1);
  });
});

describe('timeout', () => {
  const late = failed(TimeoutError, 'Timeout after 2 seconds');

  it('bounds connect()', async t => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    rpc = new FakeRPC({ timeout: 2 });
    rpc.isOpen = false;
    const connect = rpc.connect();
    t.mock.timers.tick(1999);
    assert.equal(rpc.status, 'connecting');
    t.mock.timers.tick(1);
    await assert.rejects(connect, late);
    assert.equal(rpc.opening.context.signal.aborted, true);
    rpc.opening.succeed();
    await settle();
    assert.deepEqual([rpc.heard, rpc.session.isDestroyed], [['connecting', 'disconnected'], true]);
  });

  it('bounds call() and disturbs no other; the connection stays', async t => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    rpc = new FakeRPC({ timeout: 2 });
    await connectedRPC();
    const slow = rpc.call();
    t.mock.timers.tick(1000);
    const other = rpc.call();
    t.mock.timers.tick(1000);
    await assert.rejects(slow, late);
    const [one, two] = rpc.session.calls;
    assert.deepEqual([one?.signal.aborted, two?.signal.aborted], [true, false]);
    one?.answer('late');
    two?.answer('fine');
    assert.equal(await other, 'fine');
    assert.deepEqual(rpc.heard, []);
  });

  it('bounds disconnect(), and leaves it disconnected', async t => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    rpc = new FakeRPC({ timeout: 2 });
    await connectedRPC();
    rpc.session.hangsOnClose = true;
    const disconnect = rpc.disconnect();
    t.mock.timers.tick(2000);
    assert.equal(rpc.status, 'disconnected');
    await assert.rejects(disconnect, late);
    assert.deepEqual([rpc.heard, rpc.session.isDestroyed], [['disconnected'], true]);
  });

  it('counts for each from its own start, waiting for the connect() of another included', async t => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    rpc = new FakeRPC({ timeout: 2 });
    rpc.isOpen = false;
    const first = stateOf(rpc.connect());
    t.mock.timers.tick(1500);
    const second = rpc.call();
    t.mock.timers.tick(500);
    assert.equal(await first, 'TimeoutError: Timeout after 2 seconds');
    await settle();
    assert.equal(rpc.openings.length, 2, 'who waited is the next');
    t.mock.timers.tick(1499);
    assert.equal(rpc.status, 'connecting');
    t.mock.timers.tick(1);
    await assert.rejects(second, late);
    assert.equal(rpc.status, 'disconnected');
  });

  it('counts for who waits for a disconnect() too', async t => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    rpc = new FakeRPC({ timeout: 2 });
    await connectedRPC();
    rpc.session.hangsOnClose = true;
    const disconnect = rpc.disconnect();
    t.mock.timers.tick(1000);
    const call = rpc.call();
    rpc.session.closes[0]?.answer();
    await disconnect;
    await settle();
    t.mock.timers.tick(2000);
    await assert.rejects(call, late);
  });

  it('is none beyond a timer, and leaves no timer behind', async t => {
    const set = t.mock.method(globalThis, 'setTimeout');
    const clear = t.mock.method(globalThis, 'clearTimeout');
    for (const timeout of [Number.POSITIVE_INFINITY, 2 ** 31 / 1000, 1e300]) {
      await new FakeRPC({ timeout }).connect();
      assert.equal(set.mock.callCount(), 0, String(timeout));
    }
    await new FakeRPC({ timeout: (2 ** 31 - 1) / 1000 }).connect();
    assert.equal(set.mock.callCount(), 1);
    assert.ok(clear.mock.calls.some(call => call.arguments[0] === set.mock.calls[0]?.result));
  });
});

describe('a change of settings', () => {
  const changes: Record<string, (client: FakeRPC) => void> = {
    url: client => {
      client.url = 'other';
    },
    'part of the url': client => {
      client.url.port = 1;
    },
    'password in the url': client => {
      client.url.password = 'other';
    },
    proxyUrl: client => {
      client.proxyUrl = 'socks5://other';
    },
    'no proxyUrl': client => {
      client.proxyUrl = undefined;
    },
    'part of the proxyUrl': client => {
      if (client.proxyUrl) client.proxyUrl.host = 'other';
    },
    timeout: client => {
      client.timeout = 59;
    },
    tls: client => {
      client.tls = { rejectUnauthorized: false };
    },
    apiKey: client => {
      client.apiKey = 'other';
    },
    'no apiKey': client => {
      client.apiKey = undefined;
    },
  };
  const make = (name: string) =>
    name.endsWith('apiKey')
      ? new KeyedRPC({ apiKey: 'key' })
      : new FakeRPC({ proxyUrl: 'socks5://proxy', password: 'x' });

  for (const [name, change] of Object.entries(changes)) {
    it(`(${name}) ends the connection at once, and the next call makes another`, async () => {
      rpc = make(name);
      await connectedRPC();
      const { session } = rpc;
      const call = rpc.call();
      change(rpc);
      assert.deepEqual(
        [rpc.status, rpc.heard, session.isDestroyed],
        ['disconnected', ['disconnected'], true],
      );
      await assert.rejects(call, changed);
      const next = rpc.call();
      await settle();
      assert.equal(rpc.openings.length, 2);
      rpc.session.calls[0]?.answer('new');
      assert.equal(await next, 'new');
    });

    it(`(${name}) ends a connect() on its way, and all who wait`, async () => {
      rpc = make(name);
      rpc.isOpen = false;
      const pending = [rpc.connect(), rpc.call(), rpc.connect()];
      change(rpc);
      assert.deepEqual([rpc.status, rpc.heard], ['disconnected', ['connecting', 'disconnected']]);
      for (const each of pending) await assert.rejects(each, changed);
      await settle();
      assert.equal(rpc.openings.length, 1);
      rpc.opening.succeed();
      await settle();
      assert.deepEqual([rpc.status, rpc.session.isDestroyed], ['disconnected', true]);
    });

    it(`(${name}) says nothing while disconnected`, () => {
      rpc = make(name);
      change(rpc);
      assert.deepEqual(rpc.heard, []);
    });
  }

  it('reaches the next session, the parts that were cleared filled in', async () => {
    await connectedRPC();
    rpc.url.port = undefined;
    rpc.url.host = 'box';
    rpc.proxyUrl = 'http://proxy:1';
    rpc.tls = { rejectUnauthorized: false };
    await rpc.connect();
    const { url, proxyUrl, tls } = rpc.session.context;
    assert.equal(url.toString(), 'http://box:9091/transmission/rpc');
    assert.equal(String(proxyUrl), 'http://proxy:1');
    assert.deepEqual(tls, { rejectUnauthorized: false });
  });

  it('is refused by a connect() where its credentials are no text that can be sent', async () => {
    for (const [options, message] of [
      [{ username: 'a\ud800' }, 'url.username has a lone surrogate'],
      [{ password: '\udc00' }, 'url.password has a lone surrogate'],
      [{ proxyUrl: 'http://u:\ud800@proxy' }, 'proxyUrl.password has a lone surrogate'],
    ] as const) {
      const rpc = new FakeRPC(options);
      await assert.rejects(rpc.connect(), new ValueError(message));
      assert.equal(rpc.openings.length, 0);
      assert.equal(rpc.status, 'disconnected');
    }
  });

  it('ends a disconnect() on its way too', async () => {
    await connectedRPC();
    rpc.session.hangsOnClose = true;
    const disconnect = rpc.disconnect();
    rpc.timeout = 5;
    assert.deepEqual([rpc.status, rpc.session.isDestroyed], ['disconnected', true]);
    const [close] = rpc.session.closes;
    await rpc.connect();
    close?.fail(new ConnectionError('Connection lost'));
    await disconnect;
    assert.deepEqual(rpc.heard, ['disconnected', 'connecting', 'connected']);
    assert.equal(rpc.isConnected, true);
  });

  it('forgets whose certificate it was, also where the old session tells it late', async () => {
    const certificate = {
      fingerprint256: 'AA',
      subject: 'CN=a',
      issuer: 'CN=a',
      validFrom: new Date(0),
      validTo: new Date(0),
    };
    rpc.isOpen = false;
    const connect = rpc.connect();
    assert.equal(rpc.peerCertificate, undefined);
    rpc.opening.context.certified(certificate);
    assert.equal(rpc.peerCertificate, certificate);
    rpc.timeout = 5;
    assert.equal(rpc.peerCertificate, undefined);
    rpc.opening.context.certified(certificate);
    assert.equal(rpc.peerCertificate, undefined);
    await assert.rejects(connect, changed);
  });
});

describe('watching the wire', () => {
  const end = { sentBytes: 1, receivedBytes: 2, request: () => [], response: () => [] };

  it('costs nothing without a listener', async () => {
    await connectedRPC();
    assert.equal(rpc.session.context.begin('a'), undefined);
  });

  it('numbers and times the requests of a client, over its connections', async () => {
    const seen: unknown[] = [];
    rpc.on('exchange', ({ id, method, outcome, error }) => seen.push([id, method, outcome, error?.message]));
    await connectedRPC();
    rpc.session.context.begin('a')?.end(end);
    await rpc.disconnect();
    await rpc.connect();
    rpc.session.context.begin('b')?.end({ ...end, error: new RPCError('No') });
    rpc.session.context.begin('c')?.end({ ...end, error: 'stop', isAborted: true });
    assert.deepEqual(seen, [
      [1, 'a', 'ok', undefined],
      [2, 'b', 'error', 'No'],
      [3, 'c', 'aborted', "'stop'"],
    ]);
  });

  it('may begin a call from within, also where the connection is lost', async () => {
    await connectedRPC();
    let nested: Promise<string> | undefined;
    rpc.once('exchange', () => {
      nested = rpc.call();
    });
    const { session } = rpc;
    const call = rpc.call();
    session.calls[0]?.signal.addEventListener('abort', () => session.context.begin('a')?.end(end));
    session.context.lost(new ConnectionError('Connection lost'));
    await assert.rejects(call, ConnectionError);
    await settle();
    assert.deepEqual(rpc.heard, ['disconnected', 'connecting', 'connected']);
    rpc.session.calls[0]?.answer('fine');
    assert.equal(await nested, 'fine');
  });
});

describe('a client', () => {
  it('masks the secrets of its settings', async () => {
    rpc = new FakeRPC({ url: 'user:secret1@box', proxyUrl: 'http://secret2:secret3@proxy' });
    await rpc.connect();
    const masker = rpc.session.context.masker('secret4', undefined);
    assert.equal(masker.text('secret1 secret2 secret3 secret4 other'), '*** *** *** *** other');
  });

  it('shows no secret to who inspects it', async () => {
    const options: ClientOptions = { url: 'user:secret1@box', proxyUrl: 'http://secret2:secret3@proxy' };
    const keyed = new KeyedRPC({ apiKey: 'secret4' });
    rpc = new FakeRPC(options);
    await rpc.connect();
    for (const client of [rpc, keyed] as RPCBase<FakeSession>[]) {
      client.on('exchange', () => {});
      for (const text of [
        inspect(client, { showHidden: true, depth: 10, customInspect: false }),
        inspect(client, { showHidden: true, depth: 10 }),
        inspect([client, client.url, client.proxyUrl], { getters: true, depth: 10 }),
        JSON.stringify({ url: client.url, proxyUrl: client.proxyUrl }),
        `${client.url} ${client.proxyUrl}`,
      ])
        assert.doesNotMatch(text, /secret/);
    }
    assert.match(inspect(rpc), /FakeRPC .*http:\/\/box:9091\/transmission\/rpc.*connected/);
  });

  it('has its class’s name and label', () => {
    assert.deepEqual([rpc.name, rpc.label], ['fake', 'Fake']);
  });

  it('has no events unless its class has', async () => {
    const none = failed(NotImplementedError, 'Events are not supported for Fake');
    const handler = () => {};
    await assert.rejects(rpc.addEventHandler('e', handler), none);
    await assert.rejects(rpc.removeEventHandler('e', handler), none);
    await assert.rejects(rpc.waitForEvent('e'), none);
    await assert.rejects(rpc.waitForEvent('e'), BtRpcError);
  });
});
