import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { AuthenticationError, DelugeRPC, RPCError, ValueError } from '../../src/rpc/index.ts';
import {
  event,
  type FakeConnection,
  type FakeDaemon,
  frameOf,
  startFakeDeluge,
  text,
} from '../tools/fakes/deluge.ts';
import { startFakeServer } from '../tools/fakes/server.ts';

const PASSWORD = 'sesame-öffne-dich';
const CREDENTIALS = { username: 'ali', password: PASSWORD };

/** A client that is about to talk to a fake, and the fake. */
async function setUp(t: { after(work: () => unknown): void }, daemon?: FakeDaemon, options = {}) {
  const fake = await startFakeDeluge(daemon);
  const rpc = new DelugeRPC({ host: '127.0.0.1', port: fake.port, ...CREDENTIALS, ...options });
  t.after(async () => {
    await rpc.disconnect();
    await fake[Symbol.asyncDispose]();
  });
  const heard: string[] = [];
  for (const each of ['connecting', 'connected', 'disconnected'] as const)
    rpc.on(each, () => heard.push(each));
  return { fake, rpc, heard };
}

/** What stands in a request, in hexadecimal, as Latin-1. */
const latin1 = (...rencode: string[]) =>
  Buffer.from(rencode.join('').replaceAll(' ', ''), 'hex').toString('latin1');

test('the log-in comes first, then calls, each in a frame', async t => {
  const { fake, rpc, heard } = await setUp(t);
  const answer = rpc.call('core.f', [1, { a: [] }], { b: null });
  const connection = await fake.connection(1);
  await connection.asked(2);
  const credentials = `c2${text('ali')}${text(PASSWORD)}`;
  const version = `67${text('client_version')}${text('2.2.0')}`;
  assert.equal(connection.requests[0], latin1('c1c401', text('daemon.login'), credentials, version));
  assert.equal(connection.requests[1], latin1('c1c402', text('core.f'), 'c2016781 61c0', '67816245'));
  connection.say(`c30102 67 ${text('x')} 41001fffffffffffff`);
  assert.deepEqual(await answer, { x: 2 ** 53 - 1 });
  assert.match(rpc.peerCertificate?.subject ?? '', /CN=Deluge Daemon/);
  await rpc.disconnect();
  await connection.closed;
  assert.deepEqual(heard, ['connecting', 'connected', 'disconnected']);
});

test('answers are matched by their ids, in whatever order; those that nobody waits for are dropped', async t => {
  const { fake, rpc } = await setUp(t);
  await rpc.connect();
  const giveUp = new AbortController();
  const calls = [rpc.call('a'), rpc.call('b', [], {}, { signal: giveUp.signal }), rpc.call('c')];
  const [connection] = fake.connections as [FakeConnection];
  await connection.asked(4);
  giveUp.abort(new Error('no more'));
  await assert.rejects(calls[1] as Promise<unknown>, /no more/);
  connection.say(
    `c30103${text('b')}`,
    `c30163${text('x')}`,
    `c30180${text('x')}`,
    'c301c000',
    `c30104${text('c')}`,
  );
  assert.equal(await calls[2], 'c');
  connection.say(`c30102${text('a')}`);
  assert.equal(await calls[0], 'a');
  assert.equal(fake.connections.length, 1);
});

test('a call that takes too long disturbs no other', async t => {
  const { fake, rpc } = await setUp(t, undefined, { timeout: 0.2 });
  await rpc.connect();
  const [connection] = fake.connections as [FakeConnection];
  await assert.rejects(rpc.call('slow'), { name: 'TimeoutError', message: 'Timeout after 0.2 seconds' });
  const quick = rpc.call('quick');
  await connection.asked(3);
  connection.say('c3010201', 'c3010302');
  assert.equal(await quick, 2);
  assert.equal(rpc.status, 'connected');
});

test('a stalled log-in times out, and its connection is closed', async t => {
  const { fake, rpc } = await setUp(t, () => {}, { timeout: 0.2 });
  await assert.rejects(rpc.connect(), { name: 'TimeoutError' });
  await fake.connections[0]?.closed;
  assert.equal(rpc.status, 'disconnected');
});

const failure = (id: string, name: string, args: string) => `c602${id}${text(name)}${args}66${text('tb')}`;

test('the daemon’s errors in its own words, the rest in info', async t => {
  const { fake, rpc } = await setUp(t);
  await rpc.connect();
  const [connection] = fake.connections as [FakeConnection];
  const cases: [name: string, args: string, error: object][] = [
    ['InvalidTorrentError', `c1${text('no such torrent')}`, { name: 'RPCError', message: 'no such torrent' }],
    [
      'WrappedException',
      `c3${text('bad \ntype')}${text('TypeError')}${text('tb2')}`,
      {
        message: 'bad \ntype',
        info: {
          class: 'WrappedException',
          args: ['bad \ntype', 'TypeError', 'tb2'],
          kwargs: {},
          traceback: 'tb',
        },
      },
    ],
    ['Odd', 'c0', { name: 'RPCError', message: 'Odd' }],
    ['Odd', 'c105', { name: 'RPCError', message: 'Odd' }],
    [
      'NotAuthorizedError',
      'c20105',
      {
        name: 'AuthenticationError',
        message: 'Not authorized: Your authorization level is 1, but you need 5',
      },
    ],
    [
      'BadLoginError',
      `c2${text('x')}${text('y')}`,
      { name: 'AuthenticationError', message: 'Authentication failed' },
    ],
  ];
  for (const [index, [name, args, expected]] of cases.entries()) {
    const call = rpc.call('f');
    await connection.asked(index + 2);
    connection.say(failure(`0${index + 2}`, name, args));
    await assert.rejects(call, expected, name);
  }
  assert.equal(rpc.status, 'connected');
});

test('errors are what they are, also where foreign words are left out or look like the password', async t => {
  for (const password of ['abc', 'args']) {
    let logIns = 0;
    const daemon: FakeDaemon = (connection, requests) => {
      if (requests === 1) logIns++;
      if (requests === 1 && logIns > 1) connection.say('c301010a');
      else if (requests > 0) connection.say(failure(`0${requests}`, 'BadLoginError', 'c0'));
    };
    const { rpc } = await setUp(t, daemon, { password });
    await assert.rejects(rpc.connect(), { name: 'AuthenticationError', message: 'Authentication failed' });
    const error = await rpc.call('a').catch((reason: AuthenticationError) => reason);
    assert.ok(error instanceof AuthenticationError);
    assert.deepEqual(Object.keys(error.info as object), ['class', 'args', 'kwargs', 'traceback']);
    assert.ok(rpc.isConnected);
  }
});

test('a daemon that shuts down, and so knows no account, refuses nobody', async t => {
  for (const password of [PASSWORD, 'abc']) {
    const daemon: FakeDaemon = (connection, requests) => {
      if (requests !== 1) return;
      // "Username does not exist" in rencode, then the end that a daemon comes to.
      connection.say(failure('01', 'BadLoginError', `c2${text('Username does not exist')}${text('ali')}`));
      setTimeout(() => connection.end(), 50);
    };
    const { rpc } = await setUp(t, daemon, { password });
    await assert.rejects(rpc.connect(), { name: 'ConnectionError', message: 'Connection lost' });
  }
});

test('refused credentials, or none', async t => {
  for (const [name, username] of [
    ['BadLoginError', 'ali'],
    ['AuthenticationRequired', ''],
  ] as const) {
    const { fake, rpc, heard } = await setUp(
      t,
      (connection, requests) => {
        if (requests === 1) connection.say(failure('01', name, `c2${text('Password')}${text('user')}`));
      },
      username ? {} : { username: '', password: '' },
    );
    const calls = await Promise.allSettled([rpc.call('a'), rpc.connect(), rpc.call('b')]);
    for (const call of calls) {
      assert.ok(call.status === 'rejected' && call.reason instanceof AuthenticationError);
      assert.equal(call.reason.message, 'Authentication failed');
    }
    assert.equal(fake.connections.length, 1);
    await fake.connections[0]?.closed;
    if (!username) assert.ok(fake.connections[0]?.requests[0]?.includes(latin1(`c28080`)));
    assert.deepEqual(heard, ['connecting', 'disconnected']);
  }
});

test('an account that may nothing', async t => {
  const { rpc } = await setUp(t, (connection, requests) => {
    if (requests < 1) return;
    connection.say('c3010100');
    connection.end();
  });
  const message = 'Not authorized: Your authorization level is 0, but you need 1';
  await assert.rejects(rpc.connect(), { name: 'AuthenticationError', message });
});

test('what is no Deluge daemon is told as what it is', async t => {
  const page = 'HTTP/1.1 400 Bad Request\r\nServer: x\r\n\r\n<html>';
  const cases: [greeting: string | Uint8Array, message: string][] = [
    [page, 'Unexpected response: an HTTP server, not a Deluge daemon'],
    ['SSH-2.0-OpenSSH_9.2\r\n', 'Unexpected response: an SSH server, not a Deluge daemon'],
    [`220 hello ${PASSWORD}\r\n`, 'Unexpected response: 220 hello ***\\u{D}\\u{A}'],
    [Buffer.from('02000000117801', 'hex'), 'Unexpected response: \\u{2}\\u{0}\\u{0}\\u{0}\\u{11}x\\u{1}'],
    [frameOf('07'), 'Unexpected response: a message of an unknown kind'],
    [frameOf('c3010181'), 'Unexpected response: cut short'],
  ];
  for (const [greeting, message] of cases) {
    const { fake, rpc } = await setUp(t, (connection, requests) => requests || connection.write(greeting));
    await assert.rejects(rpc.call('f'), { name: 'RPCError', message });
    await fake.connections[0]?.closed;
    assert.equal(rpc.status, 'disconnected');
  }
});

test('a server without TLS is told as what it is', async () => {
  const answer = 'HTTP/1.1 400 Bad Request\r\n\r\n';
  await using server = await startFakeServer(socket => socket.once('data', () => socket.end(answer)));
  const rpc = new DelugeRPC({ host: '127.0.0.1', port: server.port, ...CREDENTIALS });
  const message = 'Unexpected response: an HTTP server, not a Deluge daemon';
  await assert.rejects(rpc.connect(), { name: 'RPCError', message });
});

test('garbage in the middle fails the calls in flight, and the next call starts anew', async t => {
  const { fake, rpc, heard } = await setUp(t);
  await rpc.connect();
  const calls = Promise.allSettled([rpc.call('a'), rpc.call('b')]);
  await fake.connections[0]?.asked(3);
  fake.connections[0]?.write('garbage');
  for (const call of await calls) {
    assert.ok(call.status === 'rejected' && call.reason instanceof RPCError);
    assert.equal(call.reason.message, 'Unexpected response: garbage');
  }
  assert.deepEqual(heard, ['connecting', 'connected', 'disconnected']);
  const call = rpc.call('c');
  const connection = await fake.connection(2);
  await connection.asked(2);
  connection.say('c3010207');
  assert.equal(await call, 7);
});

test('a connection that ends fails every call in flight', async t => {
  const { fake, rpc, heard } = await setUp(t);
  await rpc.connect();
  const calls = Promise.allSettled([rpc.call('a'), rpc.call('b')]);
  const [connection] = fake.connections as [FakeConnection];
  await connection.asked(3);
  connection.write(frameOf('c30102 80').subarray(0, 8));
  connection.end();
  for (const call of await calls) {
    assert.ok(call.status === 'rejected');
    assert.deepEqual([call.reason.name, call.reason.message], ['ConnectionError', 'Connection lost']);
  }
  assert.deepEqual(heard, ['connecting', 'connected', 'disconnected']);
});

test('disconnecting fails the calls in flight, and closes', async t => {
  const { fake, rpc } = await setUp(t);
  await rpc.connect();
  const call = assert.rejects(rpc.call('a'), { name: 'ConnectionError', message: 'Disconnected' });
  await fake.connections[0]?.asked(2);
  await rpc.disconnect();
  await call;
  await fake.connections[0]?.closed;
});

test('an answer that is too large fails its call only', async t => {
  const { fake, rpc } = await setUp(t, undefined, { maxResponseSize: 1000 });
  await rpc.connect();
  const message = 'Response too large: more than 1000 bytes';
  const large = assert.rejects(rpc.call('large'), { name: 'RPCError', message });
  const small = rpc.call('small');
  const [connection] = fake.connections as [FakeConnection];
  await connection.asked(3);
  connection.say(`c30102 39393939 3a ${'61'.repeat(9999)}`, 'c3010301');
  await large;
  assert.equal(await small, 1);
});

test('nothing is sent that cannot be, not even a connection opened', async t => {
  const { fake, rpc, heard } = await setUp(t);
  const message = 'args[0].ids is undefined';
  await assert.rejects(rpc.call('f', [{ ids: undefined }]), { name: 'ValueError', message });
  // @ts-expect-error it takes an array
  await assert.rejects(rpc.call('f', { a: 1 }), { name: 'ValueError', message: 'args is an object' });
  await assert.rejects(
    rpc.addEventHandler('E\ud800', () => {}),
    ValueError,
  );
  // @ts-expect-error it takes a function
  await assert.rejects(rpc.addEventHandler('E', 'x'), ValueError);
  assert.deepEqual([heard, fake.connections], [[], []]);
});

test('who watches hears of a log-in that could not be made', async t => {
  await using closing = await startFakeServer(socket => socket.end());
  const { rpc } = await setUp(t, undefined, { port: closing.port });
  const seen: unknown[] = [];
  rpc.on('exchange', ({ method, outcome, error, sentBytes, request, response }) =>
    seen.push([method, outcome, error?.message, sentBytes, request(), response()]),
  );
  await assert.rejects(rpc.call('f'), { name: 'ConnectionError', message: 'Connection lost' });
  assert.deepEqual(seen, [['daemon.login', 'error', 'Connection lost', 0, [], []]]);
});

test('who watches sees each coat, and no secret', async t => {
  const { fake, rpc } = await setUp(t);
  const seen: { method: string; outcome: string; layers: object[][] }[] = [];
  rpc.on('exchange', ({ method, outcome, request, response, ...sizes }) => {
    seen.push({ method, outcome, layers: [request(), response()] });
    assert.ok(sizes.sentBytes > 10 && sizes.receivedBytes >= 0 && sizes.milliseconds >= 0);
  });
  const call = rpc.call('f', [[PASSWORD]]);
  const connection = await fake.connection(1);
  await connection.asked(2);
  connection.say(event('Ignored'), `c30102${text('ok')}`);
  await call;
  const failed = assert.rejects(rpc.call('g'));
  await connection.asked(3);
  connection.say(failure('03', 'E', `c1${text(`your password is ${PASSWORD}`)}`));
  await failed;
  const abort = AbortSignal.abort(new Error('why'));
  await assert.rejects(rpc.call('h', [], {}, { signal: abort }), /why/);
  const late = rpc.call('i', [], {}, { signal: AbortSignal.timeout(20) });
  await assert.rejects(late);
  assert.deepEqual(
    seen.map(({ method, outcome, layers: [request = [], response = []] }) => [
      method,
      outcome,
      request.length,
      response.length,
    ]),
    [
      ['daemon.login', 'ok', 3, 3],
      ['f', 'ok', 3, 3],
      ['g', 'error', 3, 3],
      ['i', 'aborted', 3, 0],
    ],
  );
  const [login, f, g] = seen as [(typeof seen)[0], (typeof seen)[0], (typeof seen)[0]];
  const noBytes = ({ layers }: (typeof seen)[0], side: 0 | 1) =>
    layers[side]?.every(layer => !('bytes' in layer));
  assert.ok(
    noBytes(login, 0) &&
      !noBytes(login, 1) &&
      noBytes(f, 0) &&
      !noBytes(f, 1) &&
      !noBytes(g, 0) &&
      noBytes(g, 1),
  );
  assert.deepEqual(f.layers[1], [
    { kind: 'deluge', head: 'version 1, length 14', size: 19 },
    { kind: 'zlib', bytes: frameOf(`c30102${text('ok')}`).subarray(5), size: 14 },
    { kind: 'rencode', bytes: Buffer.from(`c30102${text('ok')}`, 'hex'), size: 6 },
  ]);
  assert.doesNotMatch(inspect(seen, { depth: 9 }), /sesame/);
});

test('no error shows the password that the other side echoes', async t => {
  const { fake, rpc } = await setUp(t);
  await rpc.connect();
  const call = rpc.call('f').catch(error => error);
  await fake.connections[0]?.asked(2);
  const echo = text(`'${PASSWORD}' and ${Buffer.from(PASSWORD).toString('base64')}`);
  fake.connections[0]?.say(`c60202${echo}c2${echo}67${echo}${echo}67${echo}${echo}${echo}`);
  const error = await call;
  assert.equal(error.message, "'***' and ***");
  const shown =
    inspect(error, { depth: 9, showHidden: true }) +
    error.stack +
    inspect(rpc, { depth: 9, showHidden: true });
  assert.doesNotMatch(
    shown,
    new RegExp(`${PASSWORD}|${Buffer.from(PASSWORD).toString('base64').slice(0, 8)}`),
  );
});
