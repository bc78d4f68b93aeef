/** Each client through each kind of proxy: Debian's, and a fake one for what none of those does. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import type net from 'node:net';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import {
  type ClientName,
  type ClientOptions,
  ConnectionError,
  client,
  TimeoutError,
  ValueError,
} from '../../src/rpc/index.ts';
import { type Certificates, makeCertificates } from '../tools/certificates.ts';
import { clientFor, TESTED_CLIENTS } from '../tools/clients.ts';
import type { Daemon } from '../tools/daemons/daemon.ts';
import { type FakeServer, startFakeServer } from '../tools/fakes/server.ts';
import { freePort } from '../tools/ports.ts';
import {
  type FakeProxy,
  startDanted,
  startFakeProxy,
  startMicrosocks,
  startTinyproxy,
} from '../tools/proxies.ts';
import { until } from '../tools/until.ts';

/** Hosts that only the fake proxy can resolve. */
const NAMES = { 'daemon.test': '127.0.0.1' };

const stack = new AsyncDisposableStack();
let microsocks: Daemon;
let openMicrosocks: Daemon;
let tinyproxy: Daemon;
let openTinyproxy: Daemon;
let danted: Daemon;
let fake: FakeProxy;

before(async () => {
  microsocks = stack.use(await startMicrosocks());
  openMicrosocks = stack.use(await startMicrosocks({ username: '' }));
  tinyproxy = stack.use(await startTinyproxy());
  openTinyproxy = stack.use(await startTinyproxy({ username: '' }));
  danted = stack.use(await startDanted());
  fake = stack.use(await startFakeProxy({ names: NAMES }));
});
after(() => stack.disposeAsync());

/** The address of a proxy under a scheme, with its credentials where it wants some. */
function through(scheme: string, { port, username, password }: Daemon): string {
  return `${scheme}://${username && `${username}:${password}@`}127.0.0.1:${port}`;
}

/** The routes that a real proxy logs. */
const REAL: readonly (readonly [label: string, proxy: () => Daemon, scheme: string])[] = [
  ['socks5 with credentials', () => microsocks, 'socks5'],
  ['socks5h with credentials', () => microsocks, 'socks5h'],
  ['socks5', () => openMicrosocks, 'socks5'],
  ['socks5h', () => openMicrosocks, 'socks5h'],
  ['socks5 by dante', () => danted, 'socks5'],
  ['socks4', () => danted, 'socks4'],
  ['http with credentials', () => tinyproxy, 'http'],
  ['http', () => openTinyproxy, 'http'],
];

for (const { name, start, call } of TESTED_CLIENTS) {
  describe(`${name} gets an answer`, () => {
    let daemon: Daemon;
    before(async () => {
      daemon = stack.use(await start());
    });

    for (const [label, proxy, scheme] of REAL) {
      it(`through ${label}`, async () => {
        await using rpc = clientFor(name, daemon, { proxyUrl: through(scheme, proxy()) });
        assert.ok(await call(rpc));
        // Each of them writes the address differently.
        const logged = new RegExp(`127\\.0\\.0\\.1[:.]${daemon.port}\\b`);
        await until(() => logged.test(proxy().log()), `${proxy().kind} has logged the connection`);
      });
    }

    it('through socks4a, socks5h and http proxies that alone know its host', async () => {
      for (const scheme of ['socks4a', 'socks5h', 'http']) {
        const before = fake.demands.length;
        const proxyUrl = `${scheme}://${fake.address}`;
        await using rpc = clientFor(name, daemon, { host: 'daemon.test', proxyUrl });
        assert.ok(await call(rpc), scheme);
        const { host, port, username, password } = fake.demands[before] ?? assert.fail(scheme);
        assert.deepEqual(
          [host, port, username || undefined, password],
          ['daemon.test', daemon.port, undefined, undefined],
        );
      }
    });

    it('not through a proxy that is down', async () => {
      const port = await freePort();
      for (const scheme of ['socks5', 'socks5h', 'socks4', 'socks4a', 'http', 'https']) {
        await using rpc = clientFor(name, daemon, { proxyUrl: `${scheme}://127.0.0.1:${port}` });
        await assert.rejects(call(rpc), {
          name: 'ConnectionError',
          message: `Could not connect to proxy 127.0.0.1:${port}`,
        });
        assert.equal(rpc.status, 'disconnected');
      }
    });

    it('again when the proxy is back', async () => {
      await using proxy = await startMicrosocks();
      await using rpc = clientFor(name, daemon, { proxyUrl: through('socks5', proxy) });
      assert.ok(await call(rpc));
      await proxy.stop();
      await assert.rejects(async () => {
        // An idle connection through the proxy may notice a moment later.
        for (;;) await call(rpc);
      }, ConnectionError);
      await proxy.restart();
      assert.ok(await call(rpc));
    });
  });
}

/** A client of the kind that sends the least. */
const rpcTo = (url: string, options: ClientOptions) => client('transmission', { url, ...options });

describe('names and addresses', () => {
  const NOWHERE = 'http://127.0.0.1:1/';

  it('a name is looked up here for socks5 and socks4, by the proxy for the others', async () => {
    for (const [scheme, host] of [
      ['socks5', /^(127\.0\.0\.1|0000:.*:0001)$/],
      ['socks4', /^127\.0\.0\.1$/],
      ['socks5h', /^localhost$/],
      ['socks4a', /^localhost$/],
      ['http', /^localhost$/],
    ] as const) {
      const before = fake.demands.length;
      await using rpc = rpcTo('http://localhost:1/', { proxyUrl: `${scheme}://${fake.address}` });
      await assert.rejects(rpc.connect(), ConnectionError);
      assert.match(fake.demands[before]?.host ?? '', host, scheme);
    }
  });

  it('a name that nobody knows', async () => {
    const nowhere = 'http://nowhere.invalid:1/';
    const { port } = openMicrosocks;
    for (const [proxyUrl, message] of [
      [`socks5://127.0.0.1:${port}`, 'Name or service not known: nowhere.invalid'],
      [`socks4://127.0.0.1:${danted.port}`, 'Name or service not known: nowhere.invalid'],
      [`socks5h://127.0.0.1:${port}`, `Proxy 127.0.0.1:${port}: General failure`],
      [`http://127.0.0.1:${openTinyproxy.port}`, `Proxy 127.0.0.1:${openTinyproxy.port}: Unable to connect`],
      ['socks5h://nowhere.invalid:1080', 'Could not connect to proxy nowhere.invalid:1080'],
    ] as const) {
      await using rpc = rpcTo(nowhere, { proxyUrl });
      await assert.rejects(rpc.connect(), { name: 'ConnectionError', message });
    }
  });

  it('IPv6 addresses go to the proxy whole, and it may have one', async () => {
    for (const scheme of ['socks5', 'socks5h', 'http']) {
      const before = fake.demands.length;
      await using rpc = rpcTo('http://[2001:db8::7:1]:9091/', { proxyUrl: `${scheme}://${fake.address}` });
      await assert.rejects(rpc.connect(), ConnectionError);
      const whole = '2001:0db8:0000:0000:0000:0000:0007:0001';
      assert.equal(fake.demands[before]?.host, scheme === 'http' ? '2001:db8::7:1' : whole);
    }
    await using four = rpcTo('http://[::1]:9091/', { proxyUrl: `socks4://${fake.address}` });
    const message = `Proxy ${fake.address}: Address type not supported`;
    await assert.rejects(four.connect(), { name: 'ConnectionError', message });
    await using six = rpcTo(NOWHERE, { proxyUrl: 'socks5://[::1]:1' });
    await assert.rejects(six.connect(), { message: 'Could not connect to proxy [::1]:1' });
  });

  it('a daemon that the proxy cannot reach', async () => {
    const failed = (daemon: Daemon, words: string) => `Proxy 127.0.0.1:${daemon.port}: ${words}`;
    for (const [proxyUrl, message] of [
      [through('socks5', microsocks), failed(microsocks, 'Connection refused')],
      [through('socks5h', danted), failed(danted, 'Connection refused')],
      // The protocol says no more.
      [through('socks4', danted), failed(danted, 'Connection rejected or failed')],
      [through('http', tinyproxy), failed(tinyproxy, 'Unable to connect')],
    ] as const) {
      await using rpc = rpcTo(NOWHERE, { proxyUrl });
      await assert.rejects(rpc.connect(), { name: 'ConnectionError', message });
    }
  });
});

describe('credentials of proxies', () => {
  it('that are wrong or missing', async () => {
    const wrong = (daemon: Daemon, scheme: string) => [
      `${scheme}://127.0.0.1:${daemon.port}`,
      `${scheme}://${daemon.username}:wrong@127.0.0.1:${daemon.port}`,
    ];
    for (const proxyUrl of [...wrong(microsocks, 'socks5'), ...wrong(tinyproxy, 'http')]) {
      await using rpc = rpcTo('http://127.0.0.1:1/', { proxyUrl });
      await assert.rejects(rpc.connect(), {
        name: 'ConnectionError',
        message: 'Proxy authentication failed',
      });
    }
  });

  it('arrive as they were given', async () => {
    for (const [scheme, password] of [
      ['socks5h', 'p:ä @/%41'],
      ['socks4a', undefined],
      ['http', 'p ä@/%41'],
    ] as const) {
      const before = fake.demands.length;
      await using rpc = rpcTo('http://daemon.test:1/', { proxyUrl: `${scheme}://${fake.address}` });
      Object.assign(rpc.proxyUrl ?? {}, { username: 'us er', password });
      await assert.rejects(rpc.connect(), ConnectionError);
      const demand = fake.demands[before];
      assert.deepEqual([demand?.username, demand?.password], ['us er', password]);
    }
  });

  it('that no SOCKS proxy could be told', async () => {
    const long = 'x'.repeat(256);
    await using rpc = rpcTo('http://127.0.0.1:1/', { proxyUrl: `socks5://${long}:${long}@${fake.address}` });
    const message = `Proxy ${fake.address}: Name or credentials too long for SOCKS`;
    await assert.rejects(rpc.connect(), { name: 'ConnectionError', message });
  });

  it("a daemon's own 401 is not the proxy's", async () => {
    await using daemon = await TESTED_CLIENTS.find(({ name }) => name === 'transmission')?.start();
    await using rpc = rpcTo(daemon?.url ?? '', { password: 'wrong', proxyUrl: through('http', tinyproxy) });
    await assert.rejects(rpc.connect(), {
      name: 'AuthenticationError',
      message: 'Authentication failed',
    });
  });
});

it('a Unix socket goes through no proxy, and setting one is no error', async () => {
  await using rpc = client('rtorrent', { url: '/no/such/socket' });
  rpc.proxyUrl = 'socks5://127.0.0.1:1';
  const message = 'You cannot use a proxy to connect to file:///no/such/socket';
  await assert.rejects(rpc.call('system.pid'), { name: 'ValueError', message });
  await assert.rejects(rpc.connect(), ValueError);
  rpc.proxyUrl = undefined;
  await assert.rejects(rpc.connect(), { message: 'No such socket: /no/such/socket' });
});

describe('https:// proxies', () => {
  let certificates: Certificates;
  before(async () => {
    certificates = stack.use(await makeCertificates());
  });

  it('are checked by the certificates of the system, whatever the daemon is checked by', async () => {
    await using secure = await startFakeProxy({ certificate: certificates.valid });
    const options = { proxyUrl: `https://${secure.address}`, tls: { rejectUnauthorized: false } };
    await using rpc = rpcTo('http://127.0.0.1:1/', options);
    const fingerprint256 = certificates.valid.fingerprint256;
    await assert.rejects(rpc.connect(), (error: ConnectionError) => {
      assert.equal(
        String(error),
        `ConnectionError: Proxy ${secure.address}: Certificate not trusted: ` +
          `it is signed by an unknown authority (SHA-256 fingerprint ${fingerprint256})`,
      );
      assert.equal((error.info as { fingerprint256: string }).fingerprint256, fingerprint256);
      return true;
    });
    assert.equal(secure.demands.length, 0);
    assert.equal(rpc.peerCertificate, undefined);
  });

  it('carry every client, TLS within TLS included, where an authority of the system has signed them', async () => {
    await using secure = await startFakeProxy({ certificate: certificates.valid, names: NAMES });
    const proxyUrl = `https://us%20er:p%C3%A4ss@localhost:${secure.port}`;
    for (const { name, start } of TESTED_CLIENTS) {
      await using daemon = await start();
      await callElsewhere(name, daemon, { host: 'daemon.test', proxyUrl });
      const demand = secure.demands.at(-1);
      assert.deepEqual(demand, {
        ...{ protocol: 'http', host: 'daemon.test', port: daemon.port },
        ...{ username: 'us er', password: 'päss' },
      });
    }
  });

  /** Makes the call of a client in a process that trusts our authority, as Node reads it at its start. */
  async function callElsewhere(name: ClientName, daemon: Daemon, options: ClientOptions): Promise<void> {
    const tool = path.join(import.meta.dirname, '../tools/clients.ts');
    const { url, username, password } = daemon;
    const script = `const { clientFor, TESTED_CLIENTS } = await import(${JSON.stringify(tool)});
      const [name, daemon, options] = JSON.parse(process.argv[1]);
      await using rpc = clientFor(name, daemon, options);
      await TESTED_CLIENTS.find(tested => tested.name === name).call(rpc);`;
    const args = JSON.stringify([name, { url, username, password }, options]);
    const env = { ...process.env, NODE_EXTRA_CA_CERTS: certificates.caFile };
    await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script, args], { env });
  }

  it('that speak no TLS', async () => {
    await using server = await startFakeServer(socket => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    for (const each of [server.port, await freePort()]) {
      await using rpc = rpcTo('http://127.0.0.1:1/', { proxyUrl: `https://127.0.0.1:${each}`, timeout: 5 });
      const message = `Could not connect to proxy 127.0.0.1:${each}`;
      await assert.rejects(rpc.connect(), { name: 'ConnectionError', message });
    }
  });
});

describe('proxies that misbehave', () => {
  /** How far a proxy comes before it misbehaves: what it has said, by scheme. */
  const STAGES: readonly (readonly [label: string, scheme: string, said: string])[] = [
    ['at once', 'socks5', ''],
    ['after half of the greeting', 'socks5', '05'],
    ['after the greeting', 'socks5', '0500'],
    ['when it has asked for credentials', 'socks5://u:p@', '0502'],
    ['in the middle of its reply', 'socks5', '05000500000100'],
    ['in the middle of the bound name', 'socks5', '0500050000031061'],
    ['at once', 'socks4', ''],
    ['in the middle of its reply', 'socks4a', '005a00'],
    ['at once', 'http', ''],
    ['in the middle of its answer', 'http', Buffer.from('HTTP/1.1 200 OK\r\nVia: x').toString('hex')],
    ['before the TLS handshake', 'https', ''],
  ];
  const urlOf = (scheme: string, { port }: FakeServer) =>
    `${scheme.includes('://') ? scheme : `${scheme}://`}127.0.0.1:${port}`;

  for (const [label, scheme, said] of STAGES) {
    it(`${scheme} that stalls ${label}: a timeout or an abort closes the connection`, async () => {
      await using server = await startFakeServer(socket => socket.write(Buffer.from(said, 'hex')));
      const options = { proxyUrl: urlOf(scheme, server) };
      await using late = rpcTo('http://127.0.0.1:1/', { ...options, timeout: 0.1 });
      await assert.rejects(late.connect(), TimeoutError);
      await until(() => server.open === 0, 'the socket is closed after a timeout');

      await using rpc = rpcTo('http://127.0.0.1:1/', options);
      const controller = new AbortController();
      const connecting = rpc.connect({ signal: controller.signal });
      await until(() => server.open === 1, 'it connects');
      const reason = new Error('enough');
      controller.abort(reason);
      await assert.rejects(connecting, error => error === reason);
      await until(() => server.open === 0, 'the socket is closed after an abort');
      assert.equal(rpc.status, 'disconnected');
    });

    it(`${scheme} that closes ${label}`, async () => {
      await using server = await startFakeServer(socket => socket.end(Buffer.from(said, 'hex')));
      await using rpc = rpcTo('http://127.0.0.1:1/', { proxyUrl: urlOf(scheme, server), timeout: 5 });
      const { port } = server;
      const message =
        scheme === 'https'
          ? `Could not connect to proxy 127.0.0.1:${port}`
          : new RegExp(`^Proxy 127\\.0\\.0\\.1:${port}: Connection (lost|reset)$`);
      await assert.rejects(rpc.connect(), { name: 'ConnectionError', message });
    });
  }

  for (const [scheme, words] of [
    ['socks5', 'Not a SOCKS5 proxy'],
    ['socks4', 'Not a SOCKS4 proxy'],
    ['http', 'Not an HTTP proxy'],
  ] as const) {
    it(`${scheme} that sends garbage, or a page, or the wrong version`, async () => {
      for (const bytes of ['\xff\xfe\xfd\xfc\xfb\xfa\xf9\r\n\r\n', '<html>\r\n\r\n', '\x01\x02\r\n\r\n']) {
        await using server = await startFakeServer(socket => socket.write(Buffer.from(bytes, 'latin1')));
        await using rpc = rpcTo('http://127.0.0.1:1/', { proxyUrl: urlOf(scheme, server), timeout: 5 });
        const message = `Proxy 127.0.0.1:${server.port}: ${words}`;
        await assert.rejects(rpc.connect(), { name: 'ConnectionError', message });
      }
    });
  }

  it('sends headers without end', async () => {
    await using server = await startFakeServer(socket => {
      socket.write('HTTP/1.1 200 OK\r\n');
      const more = () => {
        while (socket.writable && socket.write(`X-More: ${'x'.repeat(1000)}\r\n`));
      };
      socket.on('drain', more);
      more();
    });
    await using rpc = rpcTo('http://127.0.0.1:1/', { proxyUrl: urlOf('http', server), timeout: 5 });
    const message = `Proxy 127.0.0.1:${server.port}: Not an HTTP proxy`;
    await assert.rejects(rpc.connect(), { name: 'ConnectionError', message });
    await until(() => server.open === 0, 'the socket is closed');
  });

  it('grants a connection that there is not', async () => {
    for (const [scheme, granted] of [
      ['socks4', '005a000000000000'],
      ['http', Buffer.from('HTTP/1.0 200 Connection established\r\n\r\n').toString('hex')],
    ] as const) {
      await using server = await startFakeServer(socket => socket.end(Buffer.from(granted, 'hex')));
      await using rpc = rpcTo('http://127.0.0.1:1/', { proxyUrl: urlOf(scheme, server), timeout: 5 });
      await assert.rejects(rpc.connect(), { name: 'ConnectionError', message: 'Connection lost' });
    }
  });

  it('grants a connection and answers before it was asked: once, and not again and again', async () => {
    const early = 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n';
    const bytes = Buffer.concat([Buffer.from('050005000001000000000000', 'hex'), Buffer.from(early)]);
    await using server = await startFakeServer(socket => socket.write(bytes));
    await using rpc = rpcTo('http://127.0.0.1:1/', { proxyUrl: urlOf('socks5', server), timeout: 1 });
    await assert.rejects(rpc.connect(), ConnectionError);
    assert.equal(server.connections, 1);
  });

  it('says why in its own words, which are bounded and escaped', async () => {
    await using server = await startFakeServer(socket =>
      socket.write(`HTTP/1.1 503 Down\x07 \x1b[31m${'y'.repeat(9000)}\r\n\r\n`),
    );
    await using rpc = rpcTo('http://127.0.0.1:1/', { proxyUrl: urlOf('http', server) });
    await assert.rejects(rpc.connect(), (error: Error) => {
      assert.match(error.message, /^Proxy 127\.0\.0\.1:\d+: Down\\u\{7\} \\u\{1B\}\[31my+$/);
      assert.ok(error.message.length < 260);
      return true;
    });
  });

  it('speaks slowly, a byte at a time', async () => {
    const drip = async (socket: net.Socket, bytes: Buffer) => {
      for (const byte of bytes) {
        socket.write(Buffer.of(byte));
        await new Promise(resolve => setImmediate(resolve));
      }
    };
    await using server = await startFakeServer(async socket => {
      await drip(socket, Buffer.from('050005000001000000000000', 'hex'));
      await until(() => socket.bytesRead > 100, 'the request has come');
      await drip(socket, Buffer.from('HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\n\r\n'));
    });
    await using rpc = rpcTo('http://127.0.0.1:1/', { proxyUrl: urlOf('socks5', server) });
    await assert.rejects(rpc.connect(), { name: 'AuthenticationError' });
  });
});
