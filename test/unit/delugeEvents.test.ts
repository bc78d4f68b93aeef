import assert from 'node:assert/strict';
import { test } from 'node:test';
import { client, DelugeRPC } from '../../src/rpc/index.ts';
import {
  event,
  type FakeConnection,
  type FakeDaemon,
  letIn,
  startFakeDeluge,
  text,
} from '../tools/fakes/deluge.ts';
import { collectGarbage } from './support/garbage.ts';

/** Lets everybody in, and says yes to every subscription, None to every other call. */
const obliging: FakeDaemon = (connection, requests) => {
  const isSubscription = connection.requests.at(-1)?.includes('set_event_interest');
  const id = Buffer.of(requests).toString('hex');
  if (requests > 1) connection.say(`c301 ${id} ${isSubscription ? '43' : '45'}`);
  else letIn(connection, requests);
};

async function setUp(t: { after(work: () => unknown): void }, daemon = obliging) {
  const fake = await startFakeDeluge(daemon);
  const rpc = new DelugeRPC({ host: '127.0.0.1', port: fake.port, username: 'u', password: 'pass' });
  t.after(async () => {
    await rpc.disconnect();
    await fake[Symbol.asyncDispose]();
  });
  const heard: unknown[] = [];
  const hear =
    (name: string) =>
    (...args: unknown[]) =>
      void heard.push([name, ...args]);
  return { fake, rpc, heard, hear };
}

/** The events that a connection has subscribed to, as written in its requests. */
const subscriptions = (connection: FakeConnection | undefined): string[][] =>
  (connection?.requests ?? [])
    .filter(request => request.includes('set_event_interest'))
    .map(request => request.match(/[A-Z][a-zA-Z]*Event/g) ?? []);

test('handlers hear of their events in the order added, also before the answer of the call that caused them', async t => {
  const { fake, rpc, heard, hear } = await setUp(t);
  const first = hear('first');
  await rpc.addEventHandler('AddedEvent', first);
  await rpc.addEventHandler('AddedEvent', hear('second'));
  await rpc.addEventHandler('AddedEvent', first);
  await rpc.addEventHandler('PausedEvent', first);
  const [connection] = fake.connections as [FakeConnection];
  assert.deepEqual(subscriptions(connection), [['AddedEvent'], ['PausedEvent']]);
  connection.say(
    event('OtherEvent'),
    event('AddedEvent', text('hash'), '44'),
    event('PausedEvent'),
    event('AddedEvent', '45'),
  );
  await rpc.call('f').then(hear('answer'));
  assert.deepEqual(heard, [
    ['first', 'hash', false],
    ['second', 'hash', false],
    ['first'],
    ['first', null],
    ['second', null],
    ['answer', null],
  ]);
});

test('a handler that two have added stays where one of them gives up', async t => {
  const { fake, rpc, heard, hear } = await setUp(t);
  const handler = hear('kept');
  const impatient = new AbortController();
  const failing = rpc.addEventHandler('AddedEvent', handler, { signal: impatient.signal });
  const lasting = rpc.addEventHandler('AddedEvent', handler);
  impatient.abort();
  await assert.rejects(failing, { name: 'AbortError' });
  await lasting;

  const late = new AbortController();
  const other = hear('other');
  const removed = rpc.addEventHandler('AddedEvent', other, { signal: late.signal });
  await rpc.removeEventHandler('AddedEvent', other);
  await rpc.addEventHandler('AddedEvent', other);
  late.abort();
  await removed.catch(() => {});

  fake.connections.at(-1)?.say(event('AddedEvent'));
  await rpc.call('f');
  assert.deepEqual(heard, [['kept'], ['other']]);
});

test('the log-in comes before every subscription, and both again after reconnecting', async t => {
  const { fake, rpc, heard, hear } = await setUp(t);
  const gone = hear('gone');
  await Promise.all([
    rpc.addEventHandler('AEvent', hear('a')),
    rpc.addEventHandler('BEvent', hear('b')),
    rpc.addEventHandler('GoneEvent', gone),
  ]);
  await rpc.removeEventHandler('GoneEvent', gone);
  await rpc.removeEventHandler('GoneEvent', gone);
  await rpc.removeEventHandler('AEvent', gone);
  fake.connections[0]?.say(event('GoneEvent'), event('AEvent', '01'));
  await rpc.call('f');
  assert.deepEqual(heard, [['a', 1]]);
  fake.connections[0]?.end();
  await new Promise(resolve => rpc.once('disconnected', () => resolve(undefined)));
  await rpc.connect();
  const again = await fake.connection(2);
  assert.match(again.requests[0] ?? '', /daemon\.login/);
  assert.deepEqual(subscriptions(again), [['AEvent', 'BEvent']]);
  assert.match(again.requests[1] ?? '', /set_event_interest/);
  again.say(event('BEvent'));
  await rpc.call('f');
  assert.deepEqual(heard, [['a', 1], ['b']]);
  for (const connection of fake.connections) assert.match(connection.requests[0] ?? '', /daemon\.login/);
});

test('without handlers nothing is subscribed to', async t => {
  const { fake, rpc, hear } = await setUp(t);
  const handler = hear('x');
  await rpc.addEventHandler('XEvent', handler);
  await rpc.removeEventHandler('XEvent', handler);
  await rpc.disconnect();
  await rpc.connect();
  assert.deepEqual(subscriptions(fake.connections[1]), []);
});

test('what a handler throws is told, and stops nobody', async t => {
  const { fake, rpc, heard, hear } = await setUp(t);
  rpc.on('listenerError', (error, name) => heard.push([(error as Error).message, name]));
  await rpc.addEventHandler('XEvent', () => {
    throw new Error('thrown');
  });
  await rpc.addEventHandler('XEvent', async () => {
    throw new Error('rejected');
  });
  await rpc.addEventHandler('XEvent', hear('last'));
  fake.connections[0]?.say(event('XEvent', '07'));
  await rpc.call('f');
  assert.deepEqual(heard, [
    ['thrown', 'XEvent'],
    ['last', 7],
    ['rejected', 'XEvent'],
  ]);
  assert.equal(rpc.status, 'connected');
});

test('a handler may end the connection', async t => {
  const { fake, rpc, heard, hear } = await setUp(t);
  await rpc.addEventHandler('XEvent', async () => {
    heard.push('disconnect');
    await rpc.disconnect();
  });
  await rpc.addEventHandler('XEvent', hear('same event'));
  fake.connections[0]?.say(event('XEvent'), event('XEvent'));
  await fake.connections[0]?.closed;
  assert.deepEqual(heard, ['disconnect', ['same event']]);
});

test('the next event is waited for', async t => {
  const { fake, rpc } = await setUp(t);
  const both = Promise.all([rpc.waitForEvent('XEvent'), rpc.waitForEvent('XEvent')]);
  const connection = await fake.connection(1);
  await connection.asked(2);
  connection.say(event('XEvent', '01', '02'), event('XEvent', '03'));
  assert.deepEqual(await both, [
    [1, 2],
    [1, 2],
  ]);
  await rpc.disconnect();
  await rpc.connect();
  assert.deepEqual(subscriptions(fake.connections[1]), []);
});

test('waiting goes on over reconnecting, and ends by its signal', async t => {
  const { fake, rpc } = await setUp(t);
  const abort = new AbortController();
  await rpc.connect();
  const waiting = rpc.waitForEvent('XEvent', { signal: abort.signal });
  const other = rpc.waitForEvent('XEvent');
  await rpc.call('f');
  fake.connections[0]?.end();
  await new Promise(resolve => rpc.once('disconnected', () => resolve(undefined)));
  await rpc.connect();
  abort.abort(new Error('enough'));
  await assert.rejects(waiting, /enough/);
  fake.connections[1]?.say(event('XEvent', '05'));
  assert.deepEqual(await other, [5]);
  await assert.rejects(rpc.waitForEvent('XEvent', { signal: abort.signal }), /enough/);
});

test('a handler that cannot be subscribed is not added', async t => {
  const { fake, rpc, hear } = await setUp(t, connection => connection.end());
  await assert.rejects(rpc.addEventHandler('XEvent', hear('x')), { name: 'ConnectionError' });
  await assert.rejects(rpc.waitForEvent('XEvent'), { name: 'ConnectionError' });
  const aborted = { signal: AbortSignal.abort(new Error('no')) };
  await assert.rejects(rpc.addEventHandler('XEvent', hear('x'), aborted), /no/);
  assert.equal(fake.connections.length, 2);
  assert.equal(
    fake.connections[1]?.requests.some(request => request.includes('XEvent')),
    false,
  );
});

test('a handler that is held weakly goes with its owner', async t => {
  const { fake, rpc, heard, hear } = await setUp(t);
  const kept = hear('kept');
  const strong = hear('weak at first');
  const weak = new WeakRef(kept);
  await (async () => {
    await rpc.addEventHandler('XEvent', hear('gone'), { autoremove: true });
    await rpc.addEventHandler('YEvent', hear('gone'), { autoremove: true });
  })();
  await rpc.addEventHandler('XEvent', kept, { autoremove: true });
  await rpc.addEventHandler('ZEvent', hear('strong'));
  await rpc.addEventHandler('ZEvent', strong, { autoremove: true });
  await collectGarbage();
  fake.connections[0]?.say(event('XEvent'), event('YEvent'), event('ZEvent'));
  await rpc.call('f');
  assert.deepEqual(heard, [['kept'], ['strong'], ['weak at first']]);
  await rpc.disconnect();
  await rpc.connect();
  assert.deepEqual(subscriptions(fake.connections[1]), [['XEvent', 'ZEvent']]);
  assert.equal(weak.deref(), kept);
  assert.ok(strong);
});

test('once somebody asks that a handler be kept, it is', async t => {
  const { fake, rpc, heard, hear } = await setUp(t);
  await (async () => {
    const handler = hear('kept');
    await rpc.addEventHandler('XEvent', handler, { autoremove: true });
    await rpc.addEventHandler('XEvent', handler);
  })();
  await collectGarbage();
  fake.connections[0]?.say(event('XEvent'));
  await rpc.call('f');
  assert.deepEqual(heard, [['kept']]);
});

test('the other clients have no events', async () => {
  for (const name of ['qbittorrent', 'rtorrent', 'transmission'] as const) {
    const rpc = client(name);
    const expected = { name: 'NotImplementedError', message: `Events are not supported for ${rpc.label}` };
    await assert.rejects(
      rpc.addEventHandler('XEvent', () => {}),
      expected,
    );
    await assert.rejects(
      rpc.removeEventHandler('XEvent', () => {}),
      expected,
    );
    await assert.rejects(rpc.waitForEvent('XEvent'), expected);
  }
});
