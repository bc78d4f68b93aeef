/** The rTorrent client against a real rTorrent, over every way to it. */
import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { AuthenticationError, RPCError, RtorrentRPC, ValueError } from '../../src/rpc/index.ts';
import { type Certificates, makeCertificates } from '../tools/certificates.ts';
import type { Daemon } from '../tools/daemons/daemon.ts';
import { startQbittorrent } from '../tools/daemons/qbittorrent.ts';
import { addToRtorrent, callRtorrent, startRtorrent } from '../tools/daemons/rtorrent.ts';
import { startTransmission } from '../tools/daemons/transmission.ts';
import { startNginx } from '../tools/nginx.ts';
import { startMicrosocks } from '../tools/proxies.ts';
import { makeTorrent } from '../tools/torrents.ts';
import { until } from '../tools/until.ts';

const COMPLETE = makeTorrent({ name: 'complete & <b>.iso', size: 100_000 });
const CONTROLS = makeTorrent({ name: 'ctrl\x01\x07\x1b é€ ]]>' });
const hashOf = (torrent: { infoHash: string }) => torrent.infoHash.toUpperCase();

let certificates: Certificates;
let onPort: Daemon;
let onSocket: Daemon;
let nginx: Daemon;
let nginxTls: Daemon;

/** A daemon, and how to get to it. */
interface Way {
  readonly daemon: () => Daemon;
  readonly client: () => RtorrentRPC;
}

const through = (server: Daemon, options = {}) =>
  new RtorrentRPC({ url: server.url, username: server.username, password: server.password, ...options });

const WAYS: Readonly<Record<string, Way>> = {
  'SCGI over TCP': { daemon: () => onPort, client: () => new RtorrentRPC(onPort.url) },
  'SCGI over a Unix socket': { daemon: () => onSocket, client: () => new RtorrentRPC(onSocket.url) },
  'nginx over HTTP': { daemon: () => onPort, client: () => through(nginx) },
  'nginx over HTTPS': {
    daemon: () => onSocket,
    client: () => through(nginxTls, { tls: { ca: certificates.ca } }),
  },
};

const scgiPass = (to: string) =>
  `scgi_param SCGI 1; scgi_param CONTENT_TYPE $content_type; scgi_param REQUEST_METHOD $request_method; scgi_pass ${to};`;

before(async () => {
  certificates = await makeCertificates();
  onPort = await startRtorrent();
  onSocket = await startRtorrent({ isOnSocket: true });
  const port = scgiPass(`127.0.0.1:${onPort.port}`);
  nginx = await startNginx({
    config: `location /RPC2 { ${port} } location /large { client_max_body_size 0; ${port} }`,
  });
  const socket = scgiPass(`unix:${new URL(onSocket.url).pathname}`);
  nginxTls = await startNginx({ config: `location /RPC2 { ${socket} }`, tls: certificates.valid });
  for (const daemon of [onPort, onSocket]) {
    await addToRtorrent(daemon, COMPLETE, { share: 1, isPaused: false, labels: ['one', 'zwei ü'] });
    await addToRtorrent(daemon, CONTROLS);
  }
});

after(async () => {
  for (const each of [nginxTls, nginx, onSocket, onPort, certificates]) await each?.[Symbol.asyncDispose]();
});

for (const [name, way] of Object.entries(WAYS)) {
  describe(name, () => {
    test('gives what the daemon has', async () => {
      await using rpc = way.client();
      const daemon = way.daemon();
      assert.deepEqual(
        [await rpc.call('system.client_version')],
        await callRtorrent(daemon, 'system.client_version'),
      );
      const fields = ['d.hash=', 'd.name=', 'd.custom1=', 'd.size_bytes=', 'd.complete=', 'd.is_active='];
      const torrents = await rpc.call<unknown[][]>('d.multicall2', '', 'main', ...fields);
      assert.deepEqual(
        torrents.find(([hash]) => hash === hashOf(COMPLETE)),
        [hashOf(COMPLETE), COMPLETE.name, 'one,zwei%20%C3%BC', 100_000, 1, 1],
      );
      assert.deepEqual(
        torrents.find(([hash]) => hash === hashOf(CONTROLS)),
        [hashOf(CONTROLS), CONTROLS.name, '', 65_536, 0, 0],
      );
      assert.deepEqual(
        torrents.map(([hash]) => hash),
        await callRtorrent(daemon, 'download_list'),
      );
      assert.equal(rpc.status, 'connected');
    });

    test('carries values there and back', async () => {
      await using rpc = way.client();
      for (const number of [0, -1, 2 ** 31 - 1, -(2 ** 31), 2 ** 31, 2 ** 53 - 1, -(2 ** 53) + 1])
        assert.equal(await rpc.call('math.add', '', number), number);
      for (const number of [2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n)])
        assert.equal(await rpc.call('math.add', '', number), number);
      assert.equal(await rpc.call('math.add', '', 5n, 3), 8);
      for (const text of ['', ' ', 'a', ' <&>"\' ]]> \n\t ü€ ', 'x'.repeat(100_000)])
        assert.equal(await rpc.call('cat', '', text), text);
      assert.equal(
        await rpc.call('cat', '', ['a', ['b', new Uint8Array([1, 0x1b, 0xc3, 0xbc])]]),
        'ab\x01\x1bü',
      );
    });

    test('adds a torrent as bytes', async () => {
      await using rpc = way.client();
      const torrent = makeTorrent({ name: `added over ${name}`, trackers: ['http://127.0.0.1:1/announce'] });
      assert.equal(await rpc.call('load.raw', '', torrent.metainfo, 'd.custom1.set=here'), 0);
      while (!(await callRtorrent(way.daemon(), 'download_list')).includes(hashOf(torrent))) await sleep(20);
      assert.deepEqual(await callRtorrent(way.daemon(), 'd.name', hashOf(torrent)), [torrent.name]);
      assert.equal(await rpc.call('d.custom1', torrent.infoHash), 'here');
      assert.equal(await rpc.call('d.erase', torrent.infoHash), 0);
      assert.ok(!(await callRtorrent(way.daemon(), 'download_list')).includes(hashOf(torrent)));
    });

    test('calls several methods at once', async () => {
      await using rpc = way.client();
      const calls = [
        ['system.client_version'],
        ['no.such'],
        ['d.name', hashOf(COMPLETE)],
        ['math.add', '', 2n ** 60n],
      ] as const;
      const [version, error, ...others] = await rpc.multicall(calls, { raiseErrors: false });
      assert.deepEqual([version], await callRtorrent(way.daemon(), 'system.client_version'));
      assert.ok(error instanceof RPCError);
      assert.equal(error.message, "Method 'no.such' not defined");
      assert.deepEqual(others, [COMPLETE.name, 2n ** 60n]);
      await assert.rejects(rpc.multicall(calls), {
        name: 'RPCError',
        message: "Method 'no.such' not defined",
      });
      assert.deepEqual(await rpc.multicall([calls[2], calls[3]], { asObject: true }), {
        'd.name': COMPLETE.name,
        'math.add': 2n ** 60n,
      });
      assert.deepEqual(await rpc.multicall([]), []);
    });

    test('knows which methods there are', async () => {
      await using rpc = way.client();
      assert.equal(await rpc.getSupportedMethod('no.such', 'd.multicall2', 'd.name'), 'd.multicall2');
      await assert.rejects(rpc.getSupportedMethod('no.such', 'nor.this'), {
        name: 'ValueError',
        message: "Unsupported method(s): 'no.such', 'nor.this'",
      });
    });

    test('passes on what the daemon has to complain of', async () => {
      await using rpc = way.client();
      const faults: [unknown[], number, string][] = [
        [['no.such'], -506, "Method 'no.such' not defined"],
        [['d.name', 'A'.repeat(40)], -501, 'Could not find info-hash.'],
        [['d.name', 'A'], -501, 'Unsupported target type found.'],
        [['cat', '', true], -501, 'Unsupported type found.'],
        [['cat', '', 1.5], -501, 'Unsupported type found.'],
      ];
      for (const [[method, ...params], faultCode, faultString] of faults)
        await assert.rejects(rpc.call(String(method), ...params), {
          name: 'RPCError',
          message: faultString,
          info: { faultCode, faultString },
        });
      assert.equal(rpc.status, 'connected');
    });

    test('keeps away what would end the daemon', async () => {
      await using rpc = way.client();
      const { pid } = way.daemon();
      for (const number of [2n ** 63n, -(2n ** 63n) - 1n, 2 ** 63, 1e300])
        await assert.rejects(rpc.call('math.add', '', number), ValueError);
      assert.equal(await rpc.call('system.pid'), pid);
    });

    test('does 200 calls at once', async () => {
      await using rpc = way.client();
      const numbers = Array.from({ length: 200 }, (_, index) => index);
      assert.deepEqual(await Promise.all(numbers.map(number => rpc.call('math.add', '', number))), numbers);
      const lists = await Promise.all(
        numbers.slice(0, 64).map(() => rpc.call<string[]>('system.listMethods')),
      );
      for (const list of lists) assert.deepEqual(list, lists[0]);
    });

    test('times out, and goes on', async () => {
      await using rpc = way.client();
      rpc.timeout = 0.3;
      await assert.rejects(rpc.call('execute.nothrow', '', 'sleep', '1'), {
        name: 'TimeoutError',
        message: 'Timeout after 0.3 seconds',
      });
      rpc.timeout = 10;
      assert.equal(await rpc.call('system.pid'), way.daemon().pid);
    });

    test('finds a restarted daemon again', async () => {
      await using rpc = way.client();
      const heard: string[] = [];
      for (const event of ['connecting', 'connected', 'disconnected'] as const)
        rpc.on(event, () => heard.push(event));
      const daemon = way.daemon();
      assert.equal(await rpc.call('system.pid'), daemon.pid);
      await daemon.restart();
      assert.equal(await rpc.call('system.pid'), daemon.pid);
      assert.deepEqual(heard, ['connecting', 'connected']);

      const running = Array.from({ length: 5 }, () => rpc.call('execute.nothrow', '', 'sleep', '2'));
      const ended = Promise.allSettled(running);
      await sleep(200);
      await daemon.kill();
      for (const call of await ended) {
        assert.equal(call.status, 'rejected');
        assert.equal(call.reason.name, 'ConnectionError');
      }
      await assert.rejects(rpc.call('system.pid'), { name: 'ConnectionError' });
      await assert.rejects(rpc.connect(), { name: 'ConnectionError' });
      assert.equal(rpc.status, 'disconnected');
      await daemon.restart();
      assert.equal(await rpc.call('system.pid'), daemon.pid);
      assert.deepEqual(heard.slice(0, 3), ['connecting', 'connected', 'disconnected']);
      assert.deepEqual(heard.slice(-2), ['connecting', 'connected']);
    });
  });
}

describe('requests that are too large', () => {
  const bytes = (size: number) => new Uint8Array(size);

  test('for rTorrent', async () => {
    await using rpc = new RtorrentRPC(onPort.url);
    await assert.rejects(rpc.call('load.raw', '', bytes(450_000)), {
      name: 'RPCError',
      message:
        /^Request too large: 600\d\d\d bytes .* rTorrent \(network\.xmlrpc\.size_limit, 524288 bytes\)/,
    });
    await assert.rejects(rpc.call('load.raw', '', bytes(3_000_000)), {
      message: new RegExp(`^Request too large: 4000\\d\\d\\d bytes .* 127\\.0\\.0\\.1:${onPort.port} takes`),
    });
    assert.equal(await rpc.call('system.pid'), onPort.pid);
  });

  test('for rTorrent on a Unix socket', async () => {
    await using rpc = new RtorrentRPC(onSocket.url);
    await assert.rejects(rpc.call('load.raw', '', bytes(3_000_000)), {
      message: /^Request too large: 4000\d\d\d bytes .*rpc\.socket takes/,
    });
    assert.equal(await rpc.call('system.pid'), onSocket.pid);
  });

  test('for the web server, and for rTorrent behind it', async () => {
    await using rpc = through(nginx);
    await assert.rejects(rpc.call('load.raw', '', bytes(3_000_000)), {
      name: 'RPCError',
      message: new RegExp(`^Request too large: 4000\\d\\d\\d bytes .* 127\\.0\\.0\\.1:${nginx.port} takes`),
    });
    rpc.url.path = '/large';
    await assert.rejects(rpc.call('load.raw', '', bytes(3_000_000)), {
      name: 'RPCError',
      message: /^Request too large: 4000\d\d\d bytes are more than rTorrent takes/,
    });
    assert.equal(await rpc.call('system.pid'), onPort.pid);
  });
});

describe('what is no rTorrent, or not to be had', () => {
  test('a Transmission, a qBittorrent', async () => {
    await using transmission = await startTransmission({ username: '' });
    await using qbittorrent = await startQbittorrent();
    for (const { port } of [transmission, qbittorrent]) {
      await using rpc = new RtorrentRPC({ port, timeout: 5 });
      await assert.rejects(rpc.call('system.pid'), {
        name: 'RPCError',
        message: 'Unexpected response: an HTTP server, not an rTorrent daemon',
      });
      rpc.url = `http://127.0.0.1:${port}/`;
      await assert.rejects(rpc.call('system.pid'), { name: 'RPCError', message: /^Unexpected response: / });
      assert.equal(rpc.status, 'disconnected');
    }
  });

  test('the SCGI port over HTTP, and the web server over SCGI', async () => {
    await using overHttp = new RtorrentRPC(`http://127.0.0.1:${onPort.port}`);
    await assert.rejects(overHttp.connect(), { name: 'ConnectionError', message: 'Connection lost' });
    await using overScgi = new RtorrentRPC(`scgi://127.0.0.1:${nginx.port}`);
    await assert.rejects(overScgi.connect(), {
      name: 'RPCError',
      message: 'Unexpected response: an HTTP server, not an rTorrent daemon',
    });
  });

  test('a wrong password, or another path', async () => {
    await using rpc = through(nginx, { password: 'wrong' });
    await assert.rejects(rpc.connect(), AuthenticationError);
    rpc.url.password = nginx.password;
    await rpc.connect();
    rpc.url.path = '/elsewhere';
    await assert.rejects(rpc.connect(), {
      name: 'RPCError',
      message: /^Unexpected response: .*404 Not Found/,
    });
  });

  test('a daemon that is down', async () => {
    await using daemon = await startRtorrent({ isOnSocket: true });
    const socket = path.join(daemon.home, 'rpc.socket');
    await using rpc = new RtorrentRPC(socket);
    await rpc.connect();
    await daemon.stop();
    // What it leaves behind is a socket that nobody listens on.
    await assert.rejects(rpc.call('system.pid'), { name: 'ConnectionError', message: 'Connection refused' });
    await rm(socket);
    await assert.rejects(rpc.call('system.pid'), {
      name: 'ConnectionError',
      message: `No such socket: ${socket}`,
    });
    await using web = await startNginx({ config: `location /RPC2 { ${scgiPass(`unix:${socket}`)} }` });
    await using behind = through(web);
    await assert.rejects(behind.call('system.pid'), {
      name: 'ConnectionError',
      message: `rTorrent does not answer the web server 127.0.0.1:${web.port}`,
    });
  });
});

test('a proxy carries SCGI over TCP, and no Unix socket', async () => {
  await using proxy = await startMicrosocks();
  const proxyUrl = proxy.url.replace('://', `://${proxy.username}:${proxy.password}@`);
  await using rpc = new RtorrentRPC({ url: onPort.url, proxyUrl });
  const numbers = Array.from({ length: 64 }, (_, index) => index);
  assert.deepEqual(await Promise.all(numbers.map(number => rpc.call('math.add', '', number))), numbers);
  const line = `connected to 127.0.0.1:${onPort.port}`;
  await until(() => proxy.log().includes(line), 'the proxy has logged the connection');
  rpc.url = onSocket.url;
  const message = `You cannot use a proxy to connect to ${onSocket.url}`;
  await assert.rejects(rpc.call('system.pid'), { name: 'ValueError', message });
  rpc.proxyUrl = undefined;
  assert.equal(await rpc.call('system.pid'), onSocket.pid);
});
