/** What every client does with every daemon of every Debian that is there. */
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { RPCError } from '../../src/rpc/index.ts';
import { listTorrents } from '../../src/torrents/adapters.ts';
import type { Torrent } from '../../src/torrents/torrent.ts';
import { clientFor } from '../tools/clients.ts';
import type { Daemon } from '../tools/daemons/daemon.ts';
import { makeTorrent } from '../tools/torrents.ts';
import { callOf, eachDaemon } from './generations.ts';

const POLL_MS = 50;
const TRACKERS = ['http://127.0.0.1:1/announce'];

/** Compares versions by their numbers; what is before a release counts as that release. */
const isNewer = (version: string, known: string) =>
  version.localeCompare(known.replace(/-.*/, ''), 'en', { numeric: true }) > 0;

eachDaemon((kind, { suite, chroot }) => {
  const { name, versions, unknown, question } = kind;
  let daemon: Daemon;
  before(async () => {
    daemon = await kind.start({ chroot });
  });
  after(() => daemon?.[Symbol.asyncDispose]());

  const list = async () => {
    await using rpc = clientFor(name, daemon);
    return await listTorrents(name, rpc as never, AbortSignal.timeout(10_000));
  };
  /** The torrents, once there are as many, and looked through. */
  const listed = async (count: number): Promise<readonly Torrent[]> => {
    for (;;) {
      const { torrents } = await list();
      if (torrents.length === count && torrents.every(({ state }) => state !== 'checking')) return torrents;
      await sleep(POLL_MS);
    }
  };

  it('tells its version and has no torrents', async t => {
    const { version, torrents } = await list();
    assert.deepEqual(torrents, []);
    if (version === versions[suite]) return;
    assert.ok(isNewer(version, versions[suite]), `${version} instead of ${versions[suite]}`);
    t.diagnostic(`NOTE: ${kind.label} of Debian ${suite} is ${version} by now, newer than the tests know.`);
  });

  if (name !== 'rtorrent')
    it('refuses credentials that are wrong or missing', async () => {
      for (const wrong of [{ password: 'wrong' }, { username: 'stranger' }, { username: '', password: '' }]) {
        await using rpc = clientFor(name, daemon, wrong);
        const message = 'Authentication failed';
        await assert.rejects(callOf(rpc, question), { name: 'AuthenticationError', message });
        assert.equal(rpc.status, 'disconnected');
        Object.assign(rpc.url, { username: daemon.username, password: daemon.password });
        await callOf(rpc, question);
      }
    });

  it('has its own words for a method that it does not have', async () => {
    await using rpc = clientFor(name, daemon);
    const error = await callOf(rpc, unknown.call).catch((reason: unknown) => reason);
    assert.ok(error instanceof RPCError, String(error));
    assert.equal(error.message, unknown.messages[suite]);
    assert.equal(rpc.status, 'connected');
  });

  it('adds and removes a torrent', async () => {
    await using rpc = clientFor(name, daemon);
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
    await using rpc = clientFor(name, daemon);
    const ten = async () => {
      const answers = await Promise.all(Array.from({ length: 10 }, () => callOf(rpc, question)));
      assert.equal(answers.length, 10);
    };
    await ten();
    await daemon.restart();
    let logIns = 0;
    rpc.on('exchange', ({ method }) => {
      if (/login/.test(method)) logIns++;
    });
    await ten();
    assert.equal(logIns, ['qbittorrent', 'deluge'].includes(name) ? 1 : 0);
  });
});
