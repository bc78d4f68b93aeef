// Daemons full of torrents, each filled the fastest way there is.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { client } from '../../src/rpc/index.ts';
import type { Daemon } from '../tools/daemons/daemon.ts';
import { callDeluge, startDeluge } from '../tools/daemons/deluge.ts';
import { callQbittorrent, startQbittorrent } from '../tools/daemons/qbittorrent.ts';
import { callRtorrent, startRtorrent } from '../tools/daemons/rtorrent.ts';
import { callTransmission, startTransmission } from '../tools/daemons/transmission.ts';
import { makeTorrent, type Torrent } from '../tools/torrents.ts';

type SmallTorrent = Pick<Torrent, 'name' | 'infoHash' | 'metainfo'>;

/** Torrents of some 230 bytes, without payload, as they are called in the wild. */
export function makeTorrents(count: number): SmallTorrent[] {
  return Array.from({ length: count }, (_, index) => {
    const number = String(index + 1).padStart(4, '0');
    const name =
      index % 20 === 0 ? `Amélie & Döner (${number}) <x264>` : `Some.Show.S01E${number}.1080p.WEB.H264`;
    const trackers = ['http://127.0.0.1:1/announce'];
    const { infoHash, metainfo } = makeTorrent({ name, size: 1000 + index, trackers });
    return { name, infoHash, metainfo };
  });
}

/** Starts a daemon that has these torrents, all of them paused; `stack` ends it. */
export type StartFull = (torrents: readonly SmallTorrent[], stack: AsyncDisposableStack) => Promise<Daemon>;

const POLL_MS = 250;

async function allListed(count: () => Promise<number>, expected: number): Promise<void> {
  while ((await count()) < expected) await sleep(POLL_MS);
}

/** Pieces of an array. */
function chunksOf<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}

export const startFullTransmission: StartFull = async (torrents, stack) => {
  const home = await mkdtemp(path.join(tmpdir(), 'bt-rpc-bench-'));
  stack.defer(() => rm(home, { recursive: true, force: true, maxRetries: 5 }));
  const folder = path.join(home, 'config', 'torrents');
  await mkdir(folder, { recursive: true });
  // It takes what lies there for its own.
  for (const { infoHash, metainfo } of torrents)
    await writeFile(path.join(folder, `${infoHash}.torrent`), metainfo);
  const daemon = stack.use(await startTransmission({ home }));
  const count = async () => (await callTransmission(daemon, 'session-stats')).torrentCount;
  await allListed(count, torrents.length);
  return daemon;
};

export const startFullQbittorrent: StartFull = async (torrents, stack) => {
  const daemon = stack.use(await startQbittorrent());
  for (const chunk of chunksOf(torrents, 500)) {
    const form = new FormData();
    for (const { infoHash, metainfo } of chunk)
      form.append('torrents', new Blob([metainfo]), `${infoHash}.torrent`);
    for (const field of ['paused', 'stopped']) form.set(field, 'true');
    await callQbittorrent(daemon, 'torrents/add', form);
  }
  await allListed(async () => (await callQbittorrent(daemon, 'torrents/info')).length, torrents.length);
  return daemon;
};

export const startFullDeluge: StartFull = async (torrents, stack) => {
  const daemon = stack.use(await startDeluge());
  await using rpc = client('deluge', daemon);
  // Many at once, for each waits for a turn of the daemon's.
  for (const chunk of chunksOf(torrents, 200)) {
    await Promise.all(
      chunk.map(({ name, metainfo }) =>
        rpc.call('core.add_torrent_file', [
          `${name}.torrent`,
          metainfo.toString('base64'),
          { add_paused: true },
        ]),
      ),
    );
  }
  const count = async () => (await callDeluge(daemon, 'core.get_session_state')).length;
  await allListed(count, torrents.length);
  return daemon;
};

export const startFullRtorrent: StartFull = async (torrents, stack) => {
  const commands = ['network.xmlrpc.size_limit.set = 16M'];
  const daemon = stack.use(await startRtorrent({ commands }));
  await using rpc = client('rtorrent', daemon.url);
  for (const chunk of chunksOf(torrents, 500)) {
    await rpc.multicall(chunk.map(({ metainfo }) => ['load.raw', '', metainfo] as const));
  }
  await allListed(async () => (await callRtorrent(daemon, 'download_list')).length, torrents.length);
  return daemon;
};
