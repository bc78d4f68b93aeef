/** What Deluge can do. */
import type { DelugeRPC } from '../../rpc/index.ts';
import type { Actions, InfoHashes } from '../adapter.ts';
import { toList, toText, toTexts } from '../fields.ts';
import { addToDeluge } from './adding.ts';
import { setLabel } from './label.ts';
import { moveStorage } from './moving.ts';
import { setPriority } from './priorities.ts';
import { askStatus, toRecords } from './status.ts';

/** A method that takes the torrents' ids. `core.pause_torrents` and `resume_torrents` take none for all there are. */
const forAll =
  (method: string) =>
  async (client: DelugeRPC, torrents: InfoHashes, signal: AbortSignal): Promise<void> => {
    await client.call(method, [torrents], {}, { signal });
  };

/**
 * What stands still or not Deluge decides by what it knew some seconds ago, and then stops none that was just started
 * (observed on 2.0.3). It looks at each when it is asked for one alone.
 */
const forAllLookedAt =
  (method: string) =>
  async (client: DelugeRPC, torrents: InfoHashes, signal: AbortSignal): Promise<void> => {
    await Promise.all(torrents.map(infoHash => askStatus(client, infoHash, ['paused'], signal)));
    await forAll(method)(client, torrents, signal);
  };

const start = forAllLookedAt('core.resume_torrents');

export const delugeActions: Actions<DelugeRPC> = {
  start,
  stop: forAllLookedAt('core.pause_torrents'),
  verify: forAll('core.force_recheck'),
  reannounce: forAll('core.force_reannounce'),

  /** Takes them out of Deluge's automatic management, the queue, for good, as its own option *Auto Managed* does. */
  async startNow(client, torrents, signal) {
    await client.call('core.set_torrent_options', [torrents, { auto_managed: false }], {}, { signal });
    await start(client, torrents, signal);
  },

  /** It keeps the order of several by itself. */
  async moveInQueue(client, torrents, move, signal) {
    await client.call(`core.queue_${move}`, [torrents], {}, { signal });
  },

  setLabels: setLabel,
  setTags: undefined,

  /** The name that Deluge shows; its files keep theirs. */
  async rename(client, { infoHash }, name, signal) {
    await client.call('core.set_torrent_options', [[infoHash], { name }], {}, { signal });
  },

  async remove(client, torrents, withData, signal) {
    const failed = await client.call('core.remove_torrents', [torrents, withData], {}, { signal });
    const [first] = toList(failed);
    if (first) throw new Error(toText(toList(first)[1]) || 'Deluge could not remove it');
  },

  setLocation: moveStorage,
  export: undefined,

  async addTrackers(client, torrents, urls, signal) {
    for (const infoHash of torrents) {
      const { trackers } = await askStatus(client, infoHash, ['trackers'], signal);
      const present = toRecords(trackers).map(({ url, tier }) => ({ url, tier: Number(tier) || 0 }));
      const missing = urls.filter(added => !present.some(({ url }) => url === added));
      if (missing.length === 0) continue;
      const last = Math.max(-1, ...present.map(({ tier }) => tier));
      const all = [...present, ...missing.map((url, index) => ({ url, tier: last + 1 + index }))];
      await client.call('core.set_torrent_trackers', [infoHash, all], {}, { signal });
    }
  },

  filePriorities: ['skip', 'low', 'normal', 'high'],

  setFilePriority: (client, { infoHash }, files, priority, signal) =>
    setPriority(client, infoHash, files, priority, signal),

  setSlowMode: undefined,

  labelling: {
    most: 1,
    async known(client, signal) {
      return toTexts(await client.call('label.get_labels', [], {}, { signal })) ?? [];
    },
  },

  async defaultSavePath(client, signal) {
    return toText(await client.call('core.get_config_value', ['download_location'], {}, { signal }));
  },

  add: addToDeluge,
};
