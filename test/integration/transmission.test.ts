/** The Transmission client with a real daemon, from outside: through the core's public face alone. */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  AuthenticationError,
  ConnectionError,
  client,
  RPCError,
  TimeoutError,
  type TransmissionRPC,
} from '../../src/rpc/index.ts';
import type { Daemon } from '../tools/daemons/daemon.ts';
import { callTransmission, startTransmission } from '../tools/daemons/transmission.ts';
import { type FakeServer, startFakeServer } from '../tools/fakes/server.ts';
import { freeze, thaw, unreadRequests } from '../tools/freeze.ts';
import { startNginx } from '../tools/nginx.ts';
import { freePort } from '../tools/ports.ts';
import { makeTorrent } from '../tools/torrents.ts';

const clientOf = ({ url, username, password }: Daemon, options = {}): TransmissionRPC =>
  client('transmission', { url, username, password, ...options });

/** The status changes of a client from now on. */
function hear(rpc: TransmissionRPC): string[] {
  const heard: string[] = [];
  for (const event of ['connecting', 'connected', 'disconnected'] as const)
    rpc.on(event, () => heard.push(event));
  return heard;
}

const failed =
  (Class: new (message: string) => Error, message: string) =>
  (error: unknown): boolean => {
    assert.equal(String(error), `${Class.name}: ${message}`);
    assert.ok(error instanceof Class);
    return true;
  };
const WRONG = failed(AuthenticationError, 'Authentication failed');
const REFUSED = failed(ConnectionError, 'Connection refused');

describe('calls', () => {
  it('bring the whole answer, integers and texts as they are', async () => {
    await using daemon = await startTransmission();
    await using rpc = clientOf(daemon);
    const { arguments: session, result, tag } = await rpc.call('session-get', {}, { tag: 9007199254740993n });
    assert.deepEqual([result, tag], ['success', 9007199254740993n]);
    assert.equal(session?.['rpc-port'], undefined);
    assert.match(String(session?.version), /^\d+\.\d+/);

    const name = 'script-torrent-done-filename';
    const readBack = async (text: string) => {
      await rpc.call('session-set', { [name]: text });
      return (await rpc.call('session-get')).arguments?.[name];
    };
    assert.equal(await readBack('ä €"\\\n'), 'ä €"\\\n');
    // 3.00 writes five hexadecimal digits behind a \u, which is U+1F60 and a zero.
    assert.ok(['😀', '\u1f600'].includes(String(await readBack('😀'))));

    // 3.00 writes it as a bare inf, which is no JSON.
    await rpc.call('session-set', { seedRatioLimit: 1e308 });
    const limit = (await rpc.call('session-get')).arguments?.seedRatioLimit;
    assert.ok(limit === Number.POSITIVE_INFINITY || limit === 1e308);
  });

  it('do what they say, the daemon’s files as witness', async () => {
    await using daemon = await startTransmission();
    await using rpc = clientOf(daemon);
    const torrent = makeTorrent({ name: 'ünï 😀' });
    const answer = await rpc.call('torrent-add', {
      metainfo: torrent.metainfo.toString('base64'),
      paused: true,
    });
    const added = answer.arguments?.['torrent-added'] as { hashString: string };
    assert.equal(added.hashString, torrent.infoHash);
    const again = await rpc.call('torrent-add', { metainfo: torrent.metainfo.toString('base64') });
    assert.ok(again.arguments?.['torrent-duplicate']);
    const ids = [torrent.infoHash];
    await assert.rejects(rpc.call('torrent-remove', { ids: [...ids, ...ids] }), { name: 'ValueError' });
    await assert.rejects(rpc.call('torrent-remove', { ids: undefined }), { name: 'ValueError' });
    await assert.rejects(rpc.call('torrent-remove', ids as never), { name: 'ValueError' });
    const count = async () => (await callTransmission(daemon, 'session-stats')).torrentCount;
    assert.equal(await count(), 1);
    await rpc.call('torrent-remove', { ids });
    assert.equal(await count(), 0);
  });

  it('fail with the daemon’s words', async () => {
    await using daemon = await startTransmission();
    await using rpc = clientOf(daemon);
    const cases: [method: string, args: Record<string, unknown>, message: string, info: unknown][] = [
      ['nosuch', {}, 'Method name not recognized', { arguments: {} }],
      ['session_get', {}, 'Method name not recognized', { arguments: {} }],
      ['torrent-get', {}, 'No fields specified', { arguments: { torrents: [] } }],
      ['torrent-add', { metainfo: 'x' }, 'Invalid or corrupt torrent file', { arguments: {} }],
      [
        'free-space',
        { path: '/no/such' },
        'No such file or directory',
        { arguments: { path: '/no/such', 'size-bytes': -1 } },
      ],
    ];
    for (const [method, args, message, info] of cases) {
      const error = await rpc.call(method, args).catch(reason => reason);
      failed(RPCError, message)(error);
      assert.deepEqual(error.info, info);
    }
    assert.equal(rpc.status, 'connected');
  });

  it('run two hundred at once, each with its own answer', async () => {
    await using daemon = await startTransmission();
    await using rpc = clientOf(daemon);
    const heard = hear(rpc);
    const tags = Array.from({ length: 200 }, (_, index) => index);
    const answers = await Promise.all(tags.map(tag => rpc.call('session-stats', undefined, { tag })));
    assert.deepEqual(
      answers.map(answer => answer.tag),
      tags,
    );
    assert.deepEqual(heard, ['connecting', 'connected']);
  });

  it('bring no more than is wanted', async () => {
    await using daemon = await startTransmission();
    await using rpc = clientOf(daemon, { maxResponseSize: 1000 });
    const words = 'Response too large: more than 1000 bytes';
    await assert.rejects(rpc.call('session-get'), failed(RPCError, words));
    await rpc.call('session-stats');
  });
});

describe('credentials', () => {
  it('that are wrong or missing are refused', async () => {
    await using daemon = await startTransmission({ username: 'fnark', password: 'p:ä/@ %41"' });
    for (const options of [
      { password: 'wrong' },
      { username: 'other' },
      { password: undefined },
      { username: undefined, password: undefined },
    ]) {
      const rpc = clientOf(daemon, options);
      const heard = hear(rpc);
      await assert.rejects(rpc.connect(), WRONG);
      await assert.rejects(rpc.call('session-get'), WRONG);
      assert.deepEqual(heard, ['connecting', 'disconnected', 'connecting', 'disconnected']);
    }
    await using rpc = clientOf(daemon);
    await rpc.connect();
    rpc.url.password = 'wrong';
    await assert.rejects(rpc.call('session-get'), WRONG);
    rpc.url.password = daemon.password;
    await rpc.call('session-get');
  });

  it('that were wrong too often lock everybody out, with the daemon’s words', async () => {
    await using daemon = await startTransmission();
    const authorization = `Basic ${Buffer.from('no:body').toString('base64')}`;
    const fail = () => fetch(daemon.url, { method: 'POST', headers: { authorization }, body: '{}' });
    for (let status = 401; status === 401; ) {
      const response = await fail();
      await response.text();
      ({ status } = response);
    }
    const rpc = clientOf(daemon);
    const words = 'Too many unsuccessful login attempts. Please restart transmission-daemon.';
    await assert.rejects(rpc.connect(), failed(AuthenticationError, words));
    await daemon.restart();
    await rpc.call('session-get');
    await rpc.disconnect();
  });

  it('tried wrong by ten calls are one failure', async () => {
    await using daemon = await startTransmission();
    const wrong = clientOf(daemon, { password: 'wrong' });
    const calls = await Promise.allSettled(Array.from({ length: 10 }, () => wrong.call('session-get')));
    for (const call of calls) WRONG((call as PromiseRejectedResult).reason);
    const response = await fetch(daemon.url, { method: 'POST', body: '{}' });
    // The daemon counts: this is its second.
    assert.match(await response.text(), /\b2 unsuccessful login attempts/);
  });
});

/** A proxy of our own: whatever name it is asked for, it connects to 127.0.0.1, from the address given. */
function startRelay(localAddress: string): Promise<FakeServer> {
  return startFakeServer(near => {
    near.once('data', head => {
      const port = Number(/^CONNECT \S+:(\d+) /.exec(String(head))?.[1]);
      const far = connect({ host: '127.0.0.1', port, localAddress }, () => {
        near.write('HTTP/1.1 200 Connection established\r\n\r\n');
        near.pipe(far).pipe(near);
      });
      far.on('error', () => near.destroy());
      near.on('close', () => far.destroy());
    });
  });
}

describe('a daemon that refuses', () => {
  it('our address says why', async () => {
    await using daemon = await startTransmission({ settings: { 'rpc-whitelist': '127.0.0.1' } });
    await using relay = await startRelay('127.0.0.2');
    const rpc = clientOf(daemon, { proxyUrl: `http://127.0.0.1:${relay.port}` });
    const words =
      "Unauthorized IP Address. Either disable the IP address whitelist or add your address to it. If you're editing settings.json, see the 'rpc-whitelist' and 'rpc-whitelist-enabled' entries. If you're still using ACLs, use a whitelist instead. See the transmission-daemon manpage for details.";
    await assert.rejects(rpc.call('session-get'), failed(ConnectionError, words));
    assert.equal(rpc.status, 'disconnected');
  });

  it('a host name is told with it', async () => {
    await using daemon = await startTransmission({ username: '' });
    await using relay = await startRelay('127.0.0.1');
    const options = { host: 'box.example', proxyUrl: `http://127.0.0.1:${relay.port}` };
    const rpc = clientOf(daemon, options);
    const words = `Transmission refuses the host name box.example:${daemon.port}`;
    await assert.rejects(rpc.connect(), failed(ConnectionError, words));
    // The name is looked at only where no password is asked for.
    await using closed = await startTransmission({ settings: { 'rpc-host-whitelist': 'other.example' } });
    await using other = clientOf(closed, options);
    await other.connect();
  });

  it('a wrong path moves away, and is not followed', async () => {
    await using daemon = await startTransmission();
    const rpc = clientOf(daemon, { path: '/other' });
    const error = await rpc.call('session-get').catch(reason => reason);
    assert.ok(error instanceof RPCError);
    assert.match(error.message, /^Unexpected response: moved to \S*\/transmission\/web\/$/);
  });
});

describe('a web server before the daemon', () => {
  it('passes calls on, and is told from the daemon where it refuses them', async () => {
    await using daemon = await startTransmission();
    await using nginx = await startNginx({
      username: '',
      config: `client_max_body_size 1k; location / { proxy_pass http://127.0.0.1:${daemon.port}; }`,
    });
    await using rpc = clientOf(daemon, { port: nginx.port });
    assert.equal((await rpc.call('session-get')).result, 'success');
    const metainfo = 'x'.repeat(2000);
    const bytes = JSON.stringify({ method: 'torrent-add', arguments: { metainfo } }).length;
    const words = `Request too large: ${bytes} bytes are more than 127.0.0.1:${nginx.port} takes`;
    await assert.rejects(rpc.call('torrent-add', { metainfo }), failed(RPCError, words));
    await daemon.kill();
    const error = await rpc.call('session-get').catch(reason => reason);
    assert.match(String(error), /^RPCError: Unexpected response: <html>.*502 Bad Gateway/);
    assert.equal(error.info.status, 502);
  });
});

describe('a connection', () => {
  it('is refused where nothing listens, or the host is unknown', async () => {
    const port = await freePort();
    const nobody = client('transmission', `http://127.0.0.1:${port}/transmission/rpc`);
    const heard = hear(nobody);
    await assert.rejects(nobody.connect(), REFUSED);
    await assert.rejects(Promise.all([nobody.call('a'), nobody.call('b')]), REFUSED);
    assert.deepEqual(heard.slice(0, 2), ['connecting', 'disconnected']);
    const unknown = client('transmission', 'http://no-such-host.invalid/transmission/rpc');
    const words = 'Name or service not known: no-such-host.invalid';
    await assert.rejects(unknown.connect(), failed(ConnectionError, words));
  });

  it('survives a restart: ten calls with the old session id go through', async () => {
    await using daemon = await startTransmission();
    await using rpc = clientOf(daemon);
    await rpc.call('session-get');
    await daemon.restart();
    const heard = hear(rpc);
    const answers = await Promise.all(Array.from({ length: 10 }, () => rpc.call('session-stats')));
    assert.deepEqual([new Set(answers.map(answer => answer.result)), heard], [new Set(['success']), []]);
  });

  it('to a daemon that was killed is lost with every call, and made again by the next', async () => {
    await using daemon = await startTransmission();
    await using rpc = clientOf(daemon);
    await rpc.connect();
    const heard = hear(rpc);
    // Stopped where it is, it takes the calls and does not answer.
    await freeze(daemon);
    const calls = Array.from({ length: 5 }, () => rpc.call('session-stats'));
    const over = Promise.allSettled(calls);
    while ((await unreadRequests(daemon.port)) < calls.length) await sleep(20);
    await daemon.kill();
    for (const call of await over) {
      const { reason } = call as PromiseRejectedResult;
      assert.match(String(reason), /^ConnectionError: Connection (lost|reset)$/);
    }
    assert.deepEqual(heard, ['disconnected']);
    await assert.rejects(rpc.call('session-stats'), REFUSED);
    assert.deepEqual(heard, ['disconnected', 'connecting', 'disconnected']);
    await daemon.restart();
    await rpc.call('session-stats');
    assert.deepEqual(heard.slice(3), ['connecting', 'connected']);
  });

  it('to a daemon that hangs times out, and goes on when that does', async () => {
    await using daemon = await startTransmission();
    await using rpc = clientOf(daemon, { timeout: 1 });
    await rpc.connect();
    const heard = hear(rpc);
    await freeze(daemon);
    const late = failed(TimeoutError, 'Timeout after 1 seconds');
    await assert.rejects(rpc.call('session-stats'), late);
    const other = clientOf(daemon, { timeout: 1 });
    await assert.rejects(other.connect(), late);
    assert.equal(other.status, 'disconnected');
    thaw(daemon);
    await rpc.call('session-stats');
    assert.deepEqual(heard, []);
  });

  it('ends with disconnect() although the daemon is down, and with await using', async () => {
    await using daemon = await startTransmission();
    let rpc: TransmissionRPC;
    {
      await using inside = clientOf(daemon);
      rpc = inside;
      await rpc.connect();
    }
    assert.equal(rpc.status, 'disconnected');
    await rpc.connect();
    await daemon.kill();
    await rpc.disconnect();
    assert.equal(rpc.status, 'disconnected');
  });

  it('is another after a change of the URL', async () => {
    await using one = await startTransmission();
    await using two = await startTransmission({ username: one.username, password: one.password });
    await using rpc = clientOf(one);
    const folder = async () => (await rpc.call('session-get')).arguments?.['download-dir'];
    assert.equal(await folder(), `${one.home}/downloads`);
    const heard = hear(rpc);
    rpc.url.port = two.port;
    assert.deepEqual(heard, ['disconnected']);
    assert.equal(await folder(), `${two.home}/downloads`);
    assert.deepEqual(heard, ['disconnected', 'connecting', 'connected']);
  });
});
