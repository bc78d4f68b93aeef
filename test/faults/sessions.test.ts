/** What changes on the other side while a client is connected: sessions, passwords, certificates. */
import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ClientName, client, DelugeRPC, RtorrentRPC } from '../../src/rpc/index.ts';
import { makeCertificates } from '../tools/certificates.ts';
import { clientFor, TESTED_CLIENTS, type TestedClient } from '../tools/clients.ts';
import type { Daemon, DaemonOptions } from '../tools/daemons/daemon.ts';
import { callDeluge, startDeluge } from '../tools/daemons/deluge.ts';
import { startQbittorrent } from '../tools/daemons/qbittorrent.ts';
import { startRtorrent } from '../tools/daemons/rtorrent.ts';
import { startTransmission } from '../tools/daemons/transmission.ts';
import { freeze, thaw, unreadRequests } from '../tools/freeze.ts';
import { hear } from '../tools/hear.ts';
import { assertNothingOpen } from '../tools/leaks.ts';
import { startNginx } from '../tools/nginx.ts';
import { startMicrosocks } from '../tools/proxies.ts';
import { passTo } from '../tools/routes.ts';
import { makeTorrent } from '../tools/torrents.ts';
import { until } from '../tools/until.ts';

const COUNT = 200;

after(assertNothingOpen);

const many = (call: () => Promise<unknown>, count = COUNT) => Array.from({ length: count }, call);

/** The errors of calls that all fail, as texts, each once. */
async function errorsOf(calls: readonly Promise<unknown>[]): Promise<string[]> {
  const results = await Promise.allSettled(calls);
  return [...new Set(results.map(result => String(result.status === 'rejected' && result.reason)))];
}

it('a session that has run out is renewed once for two hundred calls', async () => {
  await using daemon = await startQbittorrent({ preferences: { 'WebUI\\SessionTimeout': 1 } });
  await using rpc = clientFor('qbittorrent', daemon);
  const { call } = TESTED_CLIENTS.find(({ name }) => name === 'qbittorrent') as TestedClient;
  const heard = hear(rpc);
  await call(rpc);
  // Each call refreshes the session, so that none may be made until it is over.
  await sleep(2100);
  await Promise.all(many(() => call(rpc)));
  assert.equal(heard.exchanges.filter(({ method }) => method === 'auth/login').length, 2);
  assert.deepEqual(heard.statuses, ['connecting', 'connected']);
});

describe('a password that is changed fails all calls, and none goes out after the first refusal', () => {
  /** Starts who asks for the password: at the same place with another password it is the same daemon, changed. */
  type Guard = (options: DaemonOptions, stack: AsyncDisposableStack) => Promise<Daemon>;
  /** Which requests show the password, and how many may at most: over HTTP as many as there are connections. */
  const GUARDS: { [name in ClientName]: { start: Guard; shows: RegExp; most: number } } = {
    deluge: { start: startDeluge, shows: /login/, most: 1 },
    qbittorrent: { start: startQbittorrent, shows: /login/, most: 1 },
    transmission: { start: startTransmission, shows: /./, most: 64 },
    rtorrent: {
      start: async (options, stack) =>
        startNginx({ ...options, config: passTo('rtorrent', stack.use(await startRtorrent())) }),
      shows: /./,
      most: 64,
    },
  };

  for (const { name, call } of TESTED_CLIENTS) {
    it(name, async () => {
      await using stack = new AsyncDisposableStack();
      const { start, shows, most } = GUARDS[name];
      const old = stack.use(await start({}, stack));
      await using rpc = clientFor(name, old);
      await Promise.all(many(() => call(rpc)));
      await old.stop();
      const { home, port } = old;
      stack.use(await start({ home, port, password: 'another one' }, stack));
      const heard: string[] = [];
      rpc.on('exchange', ({ method, sentBytes }) => {
        if (sentBytes > 0 && shows.test(method)) heard.push(method);
      });
      const errors = await errorsOf(many(() => call(rpc)));
      assert.deepEqual(errors, ['AuthenticationError: Authentication failed']);
      assert.ok(heard.length > 0 && heard.length <= most, `${heard.length} of ${most} requests`);
      assert.equal(rpc.status, 'disconnected');
    });
  }
});

describe('a certificate that changes under calls fails them; then who trusts its authority goes on', () => {
  for (const { name, start, call } of TESTED_CLIENTS) {
    it(name, async () => {
      await using stack = new AsyncDisposableStack();
      const daemon = stack.use(await start());
      const { ca, valid, other } = stack.use(await makeCertificates());
      const serve = async (options: DaemonOptions, tls = valid) =>
        stack.use(await startNginx({ ...options, config: passTo(name, daemon), username: '', tls }));
      // Deluge has a certificate of its own, and makes another one when it is gone.
      const web = name === 'deluge' ? undefined : await serve({});
      const url = new URL(web ? web.url : `none://${daemon.url}`);
      if (name === 'transmission') url.pathname = '/transmission/rpc';
      const options = { url: web ? url.href : daemon.url, ...(web && { tls: { ca } }) };
      const connect = async (more = {}) => {
        const { username, password } = daemon;
        const rpc = stack.use(client(name, { ...options, ...(username && { username, password }), ...more }));
        await call(rpc);
        return rpc;
      };
      const trusting = await connect();
      const { fingerprint256 } = trusting.peerCertificate ?? assert.fail('no certificate');
      const pinning = await connect({ tls: { fingerprint256 } });

      await freeze(daemon);
      const failing = [trusting, pinning].map(rpc => errorsOf(many(() => call(rpc))));
      while ((await unreadRequests(daemon.port)) === 0) await sleep(10);
      await (web ?? daemon).kill();
      if (web) {
        thaw(daemon);
        await serve({ home: web.home, port: web.port }, other);
      } else {
        await rm(path.join(daemon.home, 'config', 'ssl'), { recursive: true });
        await daemon.restart();
      }
      for (const errors of await Promise.all(failing))
        assert.match(errors.join(), /^ConnectionError: Connection (lost|reset)$/);

      await Promise.all(many(() => call(trusting)));
      const now = trusting.peerCertificate?.fingerprint256 ?? '';
      assert.notEqual(now, fingerprint256);
      if (web) assert.equal(now, other.fingerprint256);
      const message = `Certificate is not the pinned one (SHA-256 fingerprint ${now})`;
      assert.deepEqual(await errorsOf(many(() => call(pinning))), [`ConnectionError: ${message}`]);
    });
  }
});

it('a request that is too large says so; those beside it only that the connection was reset', async () => {
  await using daemon = await startRtorrent();
  await using rpc = new RtorrentRPC(daemon.url);
  const { call } = TESTED_CLIENTS.find(({ name }) => name === 'rtorrent') as TestedClient;
  await call(rpc);
  const large = errorsOf([rpc.call('load.raw', '', new Uint8Array(3_000_000))]);
  const beside = many(() => rpc.call('execute.nothrow', '', 'sleep', '0.05'), 20);
  assert.match((await large).join(), /^ConnectionError: Request too large: 4000\d\d\d bytes/);
  const errors = (await errorsOf(beside)).filter(error => error !== 'false');
  assert.match(errors.join(), /^ConnectionError: Connection (lost|reset)$/);
  await call(rpc);
});

it('subscriptions, and who waits for an event, outlive whatever ends the connection', async () => {
  await using daemon = await startDeluge();
  await using proxy = await startMicrosocks({ username: '' });
  const { url, username, password } = daemon;
  await using rpc = new DelugeRPC({ url, username, password, proxyUrl: proxy.url });
  const heard = hear(rpc);
  const added: string[] = [];
  await rpc.addEventHandler('TorrentAddedEvent', (hash: string) => added.push(hash));
  const waiting = rpc.waitForEvent('SessionPausedEvent');
  const subscriptions = () => heard.exchanges.filter(({ method }) => method === 'daemon.set_event_interest');
  await until(() => subscriptions().length === 2, 'both are subscribed');
  const lost = () => until(() => rpc.status === 'disconnected', 'the connection is lost');

  const ends: [name: string, end: () => Promise<unknown>][] = [
    ['a killed proxy', () => proxy.kill().then(lost)],
    [
      'a killed daemon',
      () =>
        proxy
          .restart()
          .then(() => daemon.kill())
          .then(lost),
    ],
    ['a restart', () => daemon.restart().then(() => daemon.restart())],
    ['a changed setting', async () => rpc.timeout++],
    ['disconnect()', () => rpc.disconnect()],
  ];
  for (const [name, end] of ends) {
    await end();
    if (proxy.pid === undefined) await proxy.restart();
    if (daemon.pid === undefined) await daemon.restart();
    // Many ask at once, and one of them connects.
    await Promise.all(many(() => rpc.connect(), 10));
    const torrent = makeTorrent({ name });
    const args = [`${name}.torrent`, torrent.metainfo.toString('base64'), {}];
    await callDeluge(daemon, 'core.add_torrent_file', ...args);
    await until(() => added.length > 0, `the event after ${name}`);
    assert.deepEqual(added.splice(0), [torrent.infoHash]);
  }
  await callDeluge(daemon, 'core.pause_session');
  assert.deepEqual(await waiting, []);
  assert.equal(heard.statuses.filter(status => status === 'connected').length, ends.length + 1);
  await rpc.disconnect();
  heard.check();
});
