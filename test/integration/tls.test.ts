/** Each client over TLS, with certificates of all kinds: real daemons behind nginx, and Deluge's own. */
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type ConnectionError, client, type RPCBase, type TlsOptions } from '../../src/rpc/index.ts';
import { type Certificate, type Certificates, makeCertificates } from '../tools/certificates.ts';
import { clientFor, TESTED_CLIENTS, type TestedClient } from '../tools/clients.ts';
import type { Daemon } from '../tools/daemons/daemon.ts';
import { startQbittorrent } from '../tools/daemons/qbittorrent.ts';
import { type FakeServer, startFakeServer } from '../tools/fakes/server.ts';
import { startNginx } from '../tools/nginx.ts';
import { startMicrosocks } from '../tools/proxies.ts';
import { passTo } from '../tools/routes.ts';
import { until } from '../tools/until.ts';

const stack = new AsyncDisposableStack();
let certificates: Certificates;
before(async () => {
  certificates = stack.use(await makeCertificates());
});
after(() => stack.disposeAsync());

/** Those that a web server can stand before. */
const HTTP_CLIENTS = TESTED_CLIENTS.filter(({ name }) => name !== 'deluge');

for (const { name, start, call } of HTTP_CLIENTS) {
  describe(`${name} over https`, () => {
    let daemon: Daemon;
    const servers = new Map<Certificate, Daemon>();
    before(async () => {
      daemon = stack.use(await start());
    });

    /** A client for the daemon behind an nginx with this certificate. */
    async function clientBehind(certificate: Certificate, tls?: TlsOptions, host?: string): Promise<RPCBase> {
      let nginx = servers.get(certificate);
      if (!nginx) {
        nginx = stack.use(await startNginx({ config: passTo(name, daemon), tls: certificate, username: '' }));
        servers.set(certificate, nginx);
      }
      const url = `${nginx.url}${name === 'transmission' ? '/transmission/rpc' : ''}`;
      const { username, password } = daemon;
      return client(name, { url, ...(username && { username, password }), tls, host });
    }

    it('trusts what the authority has signed', async () => {
      const { ca, valid } = certificates;
      for (const host of ['127.0.0.1', 'localhost']) {
        await using rpc = await clientBehind(valid, { ca }, host);
        assert.ok(await call(rpc));
        const { fingerprint256, subject, issuer, validFrom, validTo } = rpc.peerCertificate ?? assert.fail();
        assert.deepEqual([subject, issuer], ['CN=valid', 'CN=BT RPC test authority']);
        assert.equal(fingerprint256, valid.fingerprint256);
        assert.ok(validFrom.getTime() <= Date.now() && validTo.getTime() > Date.now());
      }
      await using bytes = await clientBehind(valid, { ca: Buffer.from(ca) });
      assert.ok(await call(bytes));
    });

    it('says what is wrong with any other, and its fingerprint', async () => {
      const { ca, valid, expired, wrongName, selfSigned } = certificates;
      const yesterday = new Date(Date.now() - 24 * 3600 * 1000).toISOString().slice(0, 10);
      const cases: [Certificate, TlsOptions | undefined, string, string][] = [
        [valid, undefined, 'it is signed by an unknown authority', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
        [selfSigned, undefined, 'it is self-signed', 'DEPTH_ZERO_SELF_SIGNED_CERT'],
        [selfSigned, { ca }, 'it is self-signed', 'DEPTH_ZERO_SELF_SIGNED_CERT'],
        [expired, { ca }, `it expired on ${yesterday}`, 'CERT_HAS_EXPIRED'],
        [wrongName, { ca }, 'it is not for the host name 127.0.0.1', 'ERR_TLS_CERT_ALTNAME_INVALID'],
      ];
      for (const [certificate, tls, words, code] of cases) {
        await using rpc = await clientBehind(certificate, tls);
        await assert.rejects(call(rpc), (error: ConnectionError) => {
          const { fingerprint256 } = certificate;
          const message = `Certificate not trusted: ${words} (SHA-256 fingerprint ${fingerprint256})`;
          assert.equal(String(error), `ConnectionError: ${message}`);
          const info = error.info as Record<string, unknown>;
          assert.deepEqual([info.fingerprint256, info.code], [fingerprint256, code]);
          assert.match(String(info.subject), /^CN=/);
          return true;
        });
        assert.equal(rpc.peerCertificate, undefined);
        assert.equal(rpc.status, 'disconnected');
      }
    });

    it('takes a pinned one whatever is wrong with it, and no other', async () => {
      const { ca, valid, other, expired, wrongName, selfSigned } = certificates;
      for (const certificate of [valid, expired, wrongName, selfSigned]) {
        const { fingerprint256 } = certificate;
        for (const tls of [
          { fingerprint256 },
          { fingerprint256: fingerprint256.replaceAll(':', '').toLowerCase() },
          { fingerprint256, ca },
          { fingerprint256, rejectUnauthorized: true },
        ]) {
          await using rpc = await clientBehind(certificate, tls);
          assert.ok(await call(rpc));
          assert.equal(rpc.peerCertificate?.fingerprint256, fingerprint256);
        }
      }
      const pin = other.fingerprint256;
      for (const tls of [
        { fingerprint256: pin },
        { fingerprint256: pin, ca },
        { fingerprint256: pin, rejectUnauthorized: false },
      ]) {
        await using rpc = await clientBehind(valid, tls);
        const message = `Certificate is not the pinned one (SHA-256 fingerprint ${valid.fingerprint256})`;
        await assert.rejects(call(rpc), { name: 'ConnectionError', message });
        assert.equal(rpc.peerCertificate, undefined);
      }
    });

    it('takes any when told to', async () => {
      for (const certificate of [certificates.expired, certificates.selfSigned, certificates.wrongName]) {
        await using rpc = await clientBehind(certificate, { rejectUnauthorized: false });
        assert.ok(await call(rpc));
        assert.equal(rpc.peerCertificate?.fingerprint256, certificate.fingerprint256);
      }
    });

    it('through a proxy as without', async () => {
      await using proxy = await startMicrosocks({ username: '' });
      const proxyUrl = `socks5h://127.0.0.1:${proxy.port}`;
      await using rpc = await clientBehind(certificates.valid, { ca: certificates.ca }, 'localhost');
      rpc.proxyUrl = proxyUrl;
      assert.ok(await call(rpc));
      await until(() => proxy.log().includes('connected to localhost'), 'the proxy has logged it');
      rpc.tls = undefined;
      await assert.rejects(call(rpc), /^ConnectionError: Certificate not trusted: /);
    });

    it('a certificate that changes under a live connection is noticed', async () => {
      const { ca, valid, selfSigned } = certificates;
      await using rpc = await clientBehind(valid, { fingerprint256: valid.fingerprint256 });
      assert.ok(await call(rpc));
      rpc.tls = { ca, fingerprint256: selfSigned.fingerprint256 };
      assert.equal(rpc.peerCertificate, undefined);
      await assert.rejects(call(rpc), /^ConnectionError: Certificate is not the pinned one/);
    });
  });
}

describe("Deluge's own certificate", () => {
  let daemon: Daemon;
  let fingerprint256: string;
  const tested = TESTED_CLIENTS.find(({ name }) => name === 'deluge') as TestedClient;
  before(async () => {
    daemon = stack.use(await tested.start());
    const pem = await readFile(path.join(daemon.home, 'config/ssl/daemon.cert'), 'utf8');
    fingerprint256 = new X509Certificate(pem).fingerprint256;
  });

  it('is accepted and reported', async () => {
    await using rpc = clientFor('deluge', daemon);
    assert.ok(await tested.call(rpc));
    const { subject, issuer, ...certificate } = rpc.peerCertificate ?? assert.fail();
    assert.deepEqual([subject, issuer], ['CN=Deluge Daemon', 'CN=Deluge Daemon']);
    assert.equal(certificate.fingerprint256, fingerprint256);
  });

  it('is asked for by no name where the host is an address, however it is written', async t => {
    const warn = t.mock.method(process, 'emitWarning');
    await using rpc = clientFor('deluge', daemon, { host: '127.1' });
    assert.ok(await tested.call(rpc));
    assert.equal(warn.mock.callCount(), 0);
  });

  it('may be pinned, or distrusted', async () => {
    await using pinned = clientFor('deluge', daemon, { tls: { fingerprint256 } });
    assert.ok(await tested.call(pinned));
    const shown = `(SHA-256 fingerprint ${fingerprint256})`;
    for (const [tls, message] of [
      [{ fingerprint256: '0'.repeat(64) }, `Certificate is not the pinned one ${shown}`],
      [{ rejectUnauthorized: true }, `Certificate not trusted: it is self-signed ${shown}`],
      [{ ca: certificates.ca }, `Certificate not trusted: it is self-signed ${shown}`],
    ] as const) {
      await using rpc = clientFor('deluge', daemon, { tls });
      await assert.rejects(tested.call(rpc), { name: 'ConnectionError', message });
    }
  });
});

describe('servers that misbehave', () => {
  const rpcTo = ({ port }: FakeServer, options = {}) =>
    client('transmission', { url: `https://127.0.0.1:${port}`, timeout: 5, ...options });

  it('another protocol on a port of TLS is named, or quoted', async () => {
    for (const [answer, message] of [
      ['HTTP/1.1 400 Bad Request\r\n\r\n', 'an HTTP server, not a TLS server'],
      ['SSH-2.0-OpenSSH_9.2\r\n', 'an SSH server, not a TLS server'],
      ['220 ftp.test ready\r\n', '220 ftp.test ready\\u{D}\\u{A}'],
    ] as const) {
      await using server = await startFakeServer(socket => socket.once('data', () => socket.end(answer)));
      const expected = { name: 'RPCError', message: `Unexpected response: ${message}` };
      await assert.rejects(rpcTo(server).connect(), expected);
      await until(() => server.open === 0, 'its sockets are closed');
    }
  });

  it('a real HTTP server on the port of a daemon with TLS', async () => {
    await using nginx = await startNginx({ config: '', username: '' });
    for (const [name, message] of [
      ['deluge', 'an HTTP server, not a Deluge daemon'],
      ['transmission', 'an HTTP server, not a TLS server'],
    ] as const) {
      const scheme = name === 'deluge' ? '' : 'https://';
      await using rpc = client(name, { url: `${scheme}127.0.0.1:${nginx.port}`, username: 'u' });
      await assert.rejects(rpc.connect(), { name: 'RPCError', message: `Unexpected response: ${message}` });
    }
  });

  it('a real HTTP server that waits for the rest of what it takes for a head', async () => {
    await using qbittorrent = await startQbittorrent();
    for (const [url, message] of [
      ['127.0.0.1', 'an HTTP server, not a Deluge daemon'],
      ['https://127.0.0.1', 'an HTTP server, not a TLS server'],
    ] as const) {
      const name = url.startsWith('https') ? 'qbittorrent' : 'deluge';
      await using rpc = client(name, { url, port: qbittorrent.port, timeout: 10 });
      await assert.rejects(rpc.connect(), { name: 'RPCError', message: `Unexpected response: ${message}` });
    }
  });

  it('a server that is slow to greet is waited for, whatever else it is asked', async () => {
    const { cert, keyText } = certificates.valid;
    await using secure = await startFakeServer(
      socket => {
        socket.once('data', () =>
          socket.end('HTTP/1.1 409 Conflict\r\nX-Transmission-Session-Id: session-id\r\n\r\n'),
        );
      },
      { cert, keyText },
    );
    const slow = await startFakeServer(async socket => {
      socket.pause();
      if (slow.connections === 1) await until(() => slow.connections === 2, 'it is asked what it is');
      socket.pipe(net.connect(secure.port, '127.0.0.1')).pipe(socket);
    });
    await using _ = slow;
    await rpcTo(slow, { tls: { ca: certificates.ca } }).connect();
  });

  it('TLS on a port of plain HTTP is named, or speaks for itself', async () => {
    // What OpenSSL sends before it closes.
    const alert = Buffer.from('15030300020246', 'hex');
    await using server = await startFakeServer(socket => socket.once('data', () => socket.end(alert)));
    await using nginx = await startNginx({ config: '', tls: certificates.valid, username: '' });
    for (const [port, message] of [
      [server.port, /^Unexpected response: a TLS server, not an HTTP server$/],
      [nginx.port, /^Unexpected response: .*plain HTTP request was sent to HTTPS port/],
    ] as const) {
      await using rpc = client('transmission', { url: `http://127.0.0.1:${port}`, timeout: 5 });
      await assert.rejects(rpc.connect(), { name: 'RPCError', message });
    }
  });

  it('closes or resets in the handshake', async () => {
    await using closing = await startFakeServer(socket => socket.once('data', () => socket.end()));
    await assert.rejects(rpcTo(closing).connect(), { name: 'ConnectionError', message: 'Connection lost' });
    await using reset = await startFakeServer(socket => socket.once('data', () => socket.resetAndDestroy()));
    await assert.rejects(rpcTo(reset).connect(), { name: 'ConnectionError', message: 'Connection reset' });
  });

  it('stalls in the handshake: a timeout or an abort closes the connection', async () => {
    await using server = await startFakeServer(() => {});
    await assert.rejects(rpcTo(server, { timeout: 0.1 }).connect(), { name: 'TimeoutError' });
    await until(() => server.open === 0, 'closed after the timeout');
    const controller = new AbortController();
    const connecting = rpcTo(server).connect({ signal: controller.signal });
    await until(() => server.open === 1, 'connected');
    controller.abort();
    await assert.rejects(connecting, { name: 'AbortError' });
    await until(() => server.open === 0, 'closed after the abort');
  });

  it('sends nothing before it is trusted', async () => {
    let received = '';
    await using server = await startFakeServer(
      socket => socket.on('data', chunk => (received += chunk)),
      certificates.selfSigned,
    );
    await using rpc = rpcTo(server, { username: 'someone', password: 'secret' });
    await assert.rejects(rpc.connect(), /self-signed/);
    await until(() => server.open === 0, 'closed');
    assert.equal(received, '');
  });
});
