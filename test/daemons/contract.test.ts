/** What every client does with every daemon of every Debian that is there. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ClientOptions, RPCError } from '../../src/rpc/index.ts';
import type { Torrent } from '../../src/torrents/torrent.ts';
import type { Suite } from '../tools/chroots.ts';
import { clientFor } from '../tools/clients.ts';
import type { Daemon } from '../tools/daemons/daemon.ts';
import { listTorrents } from '../tools/listTorrents.ts';
import { startMicrosocks, startTinyproxy } from '../tools/proxies.ts';
import { makeTorrent } from '../tools/torrents.ts';
import { callOf, eachDaemon, type Kind, TRACKERS } from './generations.ts';

const POLL_MS = 50;

/** Whether a version is at least the one known; what is before a release counts as that release. */
const isSince = (version: string, known: string) =>
  version.localeCompare(known.replace(/(-|\.dev|\+).*/, ''), 'en', { numeric: true }) >= 0;

const ROUTES = ['directly', 'through a SOCKS proxy', 'through an HTTP proxy'] as const;
type Route = (typeof ROUTES)[number];

const stack = new AsyncDisposableStack();
let proxyUrls: Readonly<Record<Route, string | undefined>>;
before(async () => {
  const [socks, http] = [stack.use(await startMicrosocks()), stack.use(await startTinyproxy())];
  proxyUrls = {
    directly: undefined,
    'through a SOCKS proxy': withAuth(socks),
    'through an HTTP proxy': withAuth(http),
  };
});
after(() => stack.disposeAsync());

const withAuth = ({ url, username, password }: Daemon) => url.replace('://', `://${username}:${password}@`);

eachDaemon((kind, { suite, chroot }) => {
  let daemon: Daemon;
  before(async () => {
    daemon = await kind.start({ chroot });
  });
  after(() => daemon?.[Symbol.asyncDispose]());
  for (const route of ROUTES) describe(route, () => testContract(kind, suite, route, () => daemon));
});

function testContract(kind: Kind, suite: Suite, route: Route, daemonOf: () => Daemon): void {
  const { name, versions, unknown, question } = kind;
  const clientTo = (options?: ClientOptions) =>
    clientFor(name, daemonOf(), { proxyUrl: proxyUrls[route], ...options });

  const list = async () => {
    await using rpc = clientTo();
    return await listTorrents(name, rpc as never, AbortSignal.timeout(10_000));
  };
  /** The torrents, once there are as many, looked through and stopped again. */
  const listed = async (count: number): Promise<readonly Torrent[]> => {
    for (;;) {
      const { torrents } = await list();
      if (torrents.length === count && torrents.every(({ state }) => state === 'stopped')) return torrents;
      await sleep(POLL_MS);
    }
  };

  it('tells its version and has no torrents', async t => {
    const {
      facts: { version },
      torrents,
    } = await list();
    assert.deepEqual(torrents, []);
    if (version === versions[suite]) return;
    assert.ok(isSince(version, versions[suite]), `${version} instead of ${versions[suite]}`);
    if (route === 'directly')
      t.diagnostic(
        `NOTE: ${kind.label} of Debian ${suite} is ${version} by now, the tests know ${versions[suite]}.`,
      );
  });

  if (name !== 'rtorrent')
    it('refuses credentials that are wrong or missing', async () => {
      const { username, password } = daemonOf();
      for (const wrong of [{ password: 'wrong' }, { username: 'stranger' }, { username: '', password: '' }]) {
        await using rpc = clientTo(wrong);
        const message = 'Authentication failed';
        await assert.rejects(callOf(rpc, question), { name: 'AuthenticationError', message });
        assert.equal(rpc.status, 'disconnected');
        Object.assign(rpc.url, { username, password });
        await callOf(rpc, question);
      }
    });

  it('has its own words for a method that it does not have', async () => {
    await using rpc = clientTo();
    const error = await callOf(rpc, unknown.call).catch((reason: unknown) => reason);
    assert.ok(error instanceof RPCError, String(error));
    assert.equal(error.message, unknown.messages[suite]);
    assert.equal(rpc.status, 'connected');
  });

  it('adds and removes a torrent', async () => {
    await using rpc = clientTo();
    const torrent = makeTorrent({ name: 'one & <two> ü€.iso', size: 100_000, trackers: TRACKERS });
    await callOf(rpc, kind.add(torrent));
    const [found] = await listed(1);
    const { infoHash, name: shown, size, progress, state } = found ?? assert.fail();
    assert.deepEqual(
      { infoHash, shown, size, progress, state },
      { infoHash: torrent.infoHash, shown: torrent.name, size: 100_000, progress: 0, state: 'stopped' },
    );
    await callOf(rpc, kind.remove(torrent.infoHash));
    assert.deepEqual(await listed(0), []);
  });

  it('answers ten calls at once, also right after a restart', async () => {
    await using rpc = clientTo();
    const ten = async () => {
      const answers = await Promise.all(Array.from({ length: 10 }, () => callOf(rpc, question)));
      assert.equal(answers.length, 10);
    };
    await ten();
    await daemonOf().restart();
    let logIns = 0;
    rpc.on('exchange', ({ method }) => {
      if (/login/.test(method)) logIns++;
    });
    await ten();
    assert.equal(logIns, ['qbittorrent', 'deluge'].includes(name) ? 1 : 0);
  });
}
