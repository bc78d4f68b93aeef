import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ClientOptions, ConnectionError, DelugeRPC } from '../../src/rpc/index.ts';
import type { Daemon } from '../tools/daemons/daemon.ts';
import { addToDeluge, callDeluge, startDeluge } from '../tools/daemons/deluge.ts';
import { startTransmission } from '../tools/daemons/transmission.ts';
import { makeTorrent } from '../tools/torrents.ts';
import { until } from '../tools/until.ts';

const READER = { username: 'reader', password: 'reading', level: 1 } as const;
const NOBODY = { username: 'nobody', password: 'nothing', level: 0 } as const;

let daemon: Daemon;
before(async () => {
  daemon = await startDeluge({ accounts: [READER, NOBODY] });
});
after(() => daemon?.[Symbol.asyncDispose]());

function clientOf({ url, username, password }: Daemon, options: ClientOptions = {}): DelugeRPC {
  return new DelugeRPC({ url, username, password, ...options });
}

/** The arguments that add a torrent. */
const adding = (name: string) => [`${name}.torrent`, makeTorrent({ name }).metainfo.toString('base64'), {}];

test('it logs in, calls, and says who it talked to', async () => {
  await using rpc = clientOf(daemon);
  assert.equal(await rpc.call('daemon.info'), '2.0.3');
  const methods = await rpc.call<string[]>('daemon.get_method_list');
  assert.ok(methods.includes('core.get_torrents_status') && methods.length > 70);
  assert.deepEqual(await rpc.call('core.get_auth_levels_mappings'), [
    { NONE: 0, READONLY: 1, DEFAULT: 5, NORMAL: 5, ADMIN: 10 },
    { 0: 'NONE', 1: 'READONLY', 5: 'NORMAL', 10: 'ADMIN' },
  ]);
  const { subject, issuer, fingerprint256, validTo } = rpc.peerCertificate ?? assert.fail('no certificate');
  assert.deepEqual([subject, issuer], ['CN=Deluge Daemon', 'CN=Deluge Daemon']);
  assert.match(fingerprint256, /^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
  assert.ok(validTo > new Date());
});

test('its certificate can be pinned, or checked', async () => {
  await using rpc = clientOf(daemon);
  await rpc.connect();
  const fingerprint256 = rpc.peerCertificate?.fingerprint256 ?? '';
  await using pinned = clientOf(daemon, { tls: { fingerprint256 } });
  await pinned.connect();
  for (const tls of [{ fingerprint256: 'ab'.repeat(32) }, { rejectUnauthorized: true }]) {
    await using strict = clientOf(daemon, { tls });
    await assert.rejects(strict.connect(), error => {
      assert.ok(error instanceof ConnectionError && error.message.includes(fingerprint256));
      return true;
    });
  }
});

test('refused credentials, and levels that are too low', async () => {
  const refused: [options: ClientOptions, message: string][] = [
    [{ password: 'wrong' }, 'Authentication failed'],
    [{ username: 'stranger' }, 'Authentication failed'],
    [{ password: '' }, 'Authentication failed'],
    [{ username: '', password: '' }, 'Authentication failed'],
    [NOBODY, 'Not authorized: Your authorization level is 0, but you need 1'],
  ];
  for (const [{ username = daemon.username, password = daemon.password }, message] of refused) {
    await using rpc = clientOf(daemon, { username, password });
    await assert.rejects(rpc.connect(), { name: 'AuthenticationError', message }, message);
    assert.equal(rpc.status, 'disconnected');
  }
  await using reader = clientOf(daemon, { username: READER.username, password: READER.password });
  const message = 'Not authorized: Your authorization level is 1, but you need 5';
  await assert.rejects(reader.call('core.get_config'), { name: 'AuthenticationError', message });
  assert.equal(await reader.call('daemon.info'), '2.0.3');
});

test('errors in the daemon’s own words', async () => {
  await using rpc = clientOf(daemon);
  const unknown = await rpc.call('no.such').catch(error => error);
  assert.deepEqual([unknown.name, unknown.message], ['RPCError', 'RPC call on invalid function: no.such']);
  assert.deepEqual([unknown.info.class, unknown.info.args[1]], ['WrappedException', 'AttributeError']);
  assert.match(unknown.info.traceback, /^Traceback/);
  const hash = '0'.repeat(40);
  const cases: [method: string, args: unknown[], message: string | RegExp][] = [
    ['core.remove_torrent', [hash, false], `torrent_id ${hash} not in session.`],
    ['core.pause_torrent', [hash], `'${hash}'`],
    ['core.get_config_value', [], /missing 1 required positional argument: 'key'/],
  ];
  for (const [method, args, message] of cases) {
    await assert.rejects(rpc.call(method, args), { name: 'RPCError', message });
  }
});

test('values come back as they went', async () => {
  await using rpc = clientOf(daemon);
  const values = [
    ...[0, -1, 43, 44, -33, 2 ** 31, 2 ** 53 - 1, -(2 ** 53) + 1, 2n ** 53n, -(2n ** 63n), 2n ** 64n],
    ...[BigInt('9'.repeat(63)), true, false, null, '', 'ü€😀\0\n', 'x'.repeat(100_000), 1.5, -0.25],
    ...[[], {}, [1, [2, [3]]], JSON.parse('{"__proto__":{"a":null},"my key":[]}')],
  ];
  for (const [index, value] of values.entries()) {
    // It keeps what it does not know, and makes later values of the same type.
    await rpc.call('core.set_config', [{ [`test${index}`]: value }]);
    assert.deepEqual(await rpc.call('core.get_config_value', [`test${index}`]), value, `${index}`);
  }
  await rpc.call('core.set_config', [], { config: { fraction: 0.1, bytes: Buffer.from('ü') } });
  assert.equal(await rpc.call('core.get_config_value', ['fraction']), Math.fround(0.1));
  assert.equal(await callDeluge(daemon, 'core.get_config_value', 'fraction'), Math.fround(0.1));
  assert.equal(await callDeluge(daemon, 'core.get_config_value', 'bytes'), 'ü');
});

test('200 calls at once, each with its own answer', async () => {
  await using rpc = clientOf(daemon);
  const numbers = Array.from({ length: 200 }, (_, index) => index);
  const answers = numbers.map(async number => {
    if (number % 3 === 0) return rpc.call('core.get_torrents_status', [{ id: [] }, ['name']]);
    if (number % 3 === 1) return rpc.call(`no.such.${number}`).catch(error => error.message);
    return rpc.call('core.get_path_size', [`/nowhere/${number}`]);
  });
  for (const [number, answer] of (await Promise.all(answers)).entries()) {
    const expected = [{}, `RPC call on invalid function: no.such.${number}`, -1];
    assert.deepEqual(answer, expected[number % 3]);
  }
});

test('an event comes before the answer to the call that caused it', async () => {
  await using rpc = clientOf(daemon);
  const heard: unknown[] = [];
  await rpc.addEventHandler('TorrentAddedEvent', (...args: unknown[]) => heard.push(args));
  const next = rpc.waitForEvent('ConfigValueChangedEvent');
  const hash = await rpc.call('core.add_torrent_file', adding('event'));
  assert.deepEqual(heard, [[hash, false]]);
  await callDeluge(daemon, 'core.set_config', { max_upload_speed: 7 });
  assert.deepEqual(await next, ['max_upload_speed', 7]);
});

test('a daemon that is killed and comes back: calls fail, subscriptions do not', async () => {
  await using own = await startDeluge();
  await using rpc = clientOf(own);
  const heard: string[] = [];
  for (const event of ['connecting', 'connected', 'disconnected'] as const)
    rpc.on(event, () => heard.push(event));
  const added: unknown[] = [];
  await rpc.addEventHandler('TorrentAddedEvent', (hash: string) => added.push(hash));
  const gone = () => assert.fail('it was removed');
  await rpc.addEventHandler('SessionPausedEvent', gone);
  await rpc.removeEventHandler('SessionPausedEvent', gone);
  const calls = Promise.allSettled([rpc.call('core.get_free_space'), rpc.call('daemon.info')]);
  process.kill(own.pid ?? 0, 'SIGSTOP');
  const stuck = Promise.allSettled([rpc.call('daemon.info'), rpc.call('core.get_config')]);
  await own.kill();
  await calls;
  for (const call of await stuck)
    assert.ok(call.status === 'rejected' && call.reason instanceof ConnectionError);
  await assert.rejects(rpc.call('daemon.info'), { name: 'ConnectionError', message: 'Connection refused' });
  assert.deepEqual(heard, ['connecting', 'connected', 'disconnected', 'connecting', 'disconnected']);
  await own.restart();
  await rpc.connect();
  await callDeluge(own, 'core.pause_session');
  await callDeluge(own, 'core.add_torrent_file', ...adding('again'));
  await until(() => added.length > 0, 'the event of the torrent that somebody else added');
  assert.deepEqual(added, [makeTorrent({ name: 'again' }).infoHash]);
});

test('handlers with wrong credentials do not harm the daemon', async () => {
  await using rpc = clientOf(daemon, { password: 'wrong' });
  await assert.rejects(
    rpc.addEventHandler('SessionPausedEvent', () => {}),
    { name: 'AuthenticationError' },
  );
  await callDeluge(daemon, 'core.pause_session');
  await callDeluge(daemon, 'core.resume_session');
  assert.equal(typeof (await callDeluge(daemon, 'core.get_torrents_status', {}, ['name'])), 'object');
});

test('disconnecting with calls in flight, and calling again', async () => {
  await using rpc = clientOf(daemon);
  await rpc.connect();
  const calls = Promise.allSettled([
    rpc.call('core.get_config'),
    rpc.call('core.get_torrents_status', [{}, []]),
  ]);
  await rpc.disconnect();
  for (const call of await calls) {
    assert.ok(call.status === 'rejected');
    assert.deepEqual([call.reason.name, call.reason.message], ['ConnectionError', 'Disconnected']);
  }
  assert.equal(await rpc.call('daemon.info'), '2.0.3');
});

test('a stopped daemon is a timeout, and late answers are nobody’s', async () => {
  await using own = await startDeluge();
  await using rpc = clientOf(own, { timeout: 1 });
  await rpc.connect();
  process.kill(own.pid ?? 0, 'SIGSTOP');
  await assert.rejects(rpc.call('core.get_config'), {
    name: 'TimeoutError',
    message: 'Timeout after 1 seconds',
  });
  await using second = clientOf(own, { timeout: 1 });
  await assert.rejects(second.connect(), { name: 'TimeoutError', message: 'Timeout after 1 seconds' });
  process.kill(own.pid ?? 0, 'SIGCONT');
  assert.equal(await rpc.call('daemon.info'), '2.0.3');
  assert.equal(rpc.status, 'connected');
});

test('daemon.shutdown is answered, and the connection then lost', async () => {
  await using own = await startDeluge();
  await using rpc = clientOf(own);
  await rpc.connect();
  const lost = new Promise<void>(resolve => rpc.once('disconnected', resolve));
  await rpc.call('daemon.shutdown');
  await lost;
});

test('an address where another daemon answers', async () => {
  await using other = await startTransmission();
  await using rpc = new DelugeRPC({ host: '127.0.0.1', port: other.port, username: 'u', password: 'pass' });
  const message = 'Unexpected response: an HTTP server, not a Deluge daemon';
  await assert.rejects(rpc.connect(), { name: 'RPCError', message });
});

test('torrents in different states', async () => {
  await using own = await startDeluge();
  const torrents = [
    { torrent: makeTorrent({ name: 'whole' }), share: 1, isPaused: false },
    { torrent: makeTorrent({ name: 'half' }), share: 0.5, isPaused: true },
    { torrent: makeTorrent({ name: 'none' }), share: 0, isPaused: false },
  ];
  for (const { torrent, ...options } of torrents) await addToDeluge(own, torrent, options);
  await own.restart();
  await using rpc = clientOf(own);
  const expected = { whole: ['Seeding', 100], half: ['Paused', 50], none: ['Downloading', 0] };
  let states: unknown;
  for (
    const end = Date.now() + 10_000;
    JSON.stringify(states) !== JSON.stringify(expected);
    await sleep(50)
  ) {
    const args = [{}, ['name', 'state', 'progress']];
    const all = await rpc.call<Record<string, Record<string, unknown>>>('core.get_torrents_status', args);
    states = Object.fromEntries(
      Object.values(all).map(({ name, state, progress }) => [name, [state, progress]]),
    );
    if (Date.now() > end) break;
  }
  assert.deepEqual(states, expected);
});
