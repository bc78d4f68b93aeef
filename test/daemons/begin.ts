// How the tests of actions on Transmission and qBittorrent begin.
import type { InfoHashes } from '../../src/torrents/adapter.ts';
import type { Torrent } from '../../src/torrents/torrent.ts';
import { addToQbittorrent, startQbittorrent } from '../tools/daemons/qbittorrent.ts';
import { addToTransmission, startTransmission } from '../tools/daemons/transmission.ts';
import { makeTorrent } from '../tools/torrents.ts';
import { Followed } from './followed.ts';
import { TRACKERS } from './generations.ts';

export const FILES = [
  { path: 'a', size: 40_000 },
  { path: 'b/c', size: 30_000 },
];
export const folder = makeTorrent({ name: 'folder', files: FILES, trackers: TRACKERS, isPrivate: true });
export const single = makeTorrent({ name: 'single', size: 40_000, trackers: TRACKERS });
export const BOTH: InfoHashes = [folder.infoHash, single.infoHash];

const WAYS = {
  transmission: { start: startTransmission, add: addToTransmission },
  qbittorrent: { start: startQbittorrent, add: addToQbittorrent },
} as const;

/** A daemon with a torrent that is half there and one that is all there, both stopped, followed. */
export async function begin<Name extends keyof typeof WAYS>(name: Name, chroot: string | undefined) {
  const { start, add } = WAYS[name];
  const daemon = await start({ chroot });
  await add(daemon, folder, { share: 0.5 });
  await add(daemon, single, { share: 1 });
  const followed = new Followed(name, daemon);
  for (const infoHash of BOTH)
    await followed.untilHolds(
      () => followed.store.get(infoHash)?.state === 'stopped',
      () => followed.store.get(infoHash),
    );
  const { rpc, adapter, signal } = followed;
  const torrentOf = (infoHash: string) => followed.store.get(infoHash) as Torrent;
  return {
    ...{ daemon, followed, rpc, signal, torrentOf },
    ...{ actions: adapter.actions, details: adapter.details },
    async [Symbol.asyncDispose]() {
      await followed[Symbol.asyncDispose]();
      await daemon[Symbol.asyncDispose]();
    },
  };
}
