// What happens to torrents from their start to their removal, where clients do it alike.
import type { ClientName } from '../../src/rpc/index.ts';
import type { Torrent as Listed } from '../../src/torrents/torrent.ts';
import type { AddOptions, Daemon } from '../tools/daemons/daemon.ts';
import { makeTorrent, type Torrent } from '../tools/torrents.ts';
import { startLonelyTracker } from '../tools/tracker.ts';
import { becomes, type Followed } from './followed.ts';

/** Two torrents and their daemon. */
export interface Life<Name extends ClientName> {
  readonly daemon: Daemon;
  readonly followed: Followed<Name>;
  readonly add: (daemon: Daemon, torrent: Torrent, options: AddOptions) => Promise<void>;
  /** Goes without its payload. */
  readonly kept: Torrent;
  /** A private one, which goes with its payload. */
  readonly deleted: Torrent;
  /** Looks at the first one while it is stopped. */
  readonly whenStopped?: () => Promise<void>;
}

/** Starts, stops, announces and verifies torrents, and removes these two; a third, `announced`, stays. */
export async function liveAndGo<Name extends ClientName>(life: Life<Name>): Promise<void> {
  const { daemon, followed, add, kept, deleted, whenStopped } = life;
  const { rpc, signal } = followed;
  const { actions, details } = followed.adapter;
  await using tracker = await startLonelyTracker();
  const announced = makeTorrent({ name: 'announced', trackers: [tracker.url] });
  for (const torrent of [kept, deleted]) await add(daemon, torrent, { share: 1 });
  await add(daemon, announced, {});
  await followed.sees(kept, { state: 'stopped', progress: 1, size: 65_536, isPrivate: false });
  await followed.sees(deleted, { isPrivate: true, trackerHosts: ['127.0.0.1'] });

  await actions.start(rpc, [kept.infoHash, deleted.infoHash, announced.infoHash], signal);
  await followed.sees(kept, { state: 'seeding' });
  await followed.sees(deleted, { state: 'seeding' });
  await followed.sees(announced, { state: 'downloading', error: undefined });
  await actions.stop(rpc, [kept.infoHash], signal);
  await followed.sees(kept, { state: 'stopped' });
  await whenStopped?.();
  await followed.sees(deleted, { state: 'seeding' });

  // One that is still under way would be all that there is.
  await becomes(async () => {
    const trackers = await details.trackers(rpc, followed.store.get(announced.infoHash) as Listed, signal);
    return trackers.map(({ status }) => status);
  }, ['working']);
  const before = tracker.log.length;
  await actions.reannounce(rpc, [announced.infoHash], signal);
  await becomes(async () => tracker.log.length > before, true);

  await actions.verify(rpc, [deleted.infoHash], signal);
  await followed.sees(deleted, { state: 'seeding', progress: 1 });

  await actions.remove(rpc, [kept.infoHash], false, signal);
  await actions.remove(rpc, [deleted.infoHash], true, signal);
  await becomes(async () => {
    await followed.refresh();
    return [...followed.store.all()].map(({ name }) => name);
  }, ['announced']);
}
