/** What can be done with qBittorrent's torrents (src/webui/api/torrentscontroller.cpp of 4.1 to 5.3). */
import type { QbittorrentRPC } from '../../rpc/index.ts';
import type { Actions, InfoHashes } from '../adapter.ts';
import { toMembers, toText } from '../fields.ts';
import type { FilePriority } from '../torrent.ts';
import { add } from './add.ts';
import { callFirst, isStatus, start } from './calls.ts';

export const actions: Actions<QbittorrentRPC> = {
  // Back under the rule of the queue, too.
  start,
  async startNow(client, hashes, signal) {
    await client.call('torrents/setForceStart', { hashes, value: true }, { signal });
  },
  async stop(client, hashes, signal) {
    // Renamed in 5.0.
    await callFirst(client, ['torrents/stop', 'torrents/pause'], { hashes }, signal);
  },
  verify: about('torrents/recheck'),
  reannounce: about('torrents/reannounce'),
  async moveInQueue(client, hashes, move, signal) {
    await client.call(QUEUE_MOVES[move], { hashes }, { signal });
  },
  setLabels,
  setTags,
  async rename(client, { infoHash: hash }, name, signal) {
    await client.call('torrents/rename', { hash, name }, { signal });
  },
  async remove(client, hashes, deleteFiles, signal) {
    await client.call('torrents/delete', { hashes, deleteFiles }, { signal });
  },
  async setLocation(client, hashes, location, signal) {
    await client.call('torrents/setLocation', { hashes, location }, { signal });
  },
  async export(client, { infoHash: hash }, signal) {
    const file = await client.call('torrents/export', { hash }, { signal });
    if (!(file instanceof Uint8Array)) throw new Error('Unexpected response: no .torrent file');
    return file;
  },
  async addTrackers(client, hashes, urls, signal) {
    for (const hash of hashes) await client.call('torrents/addTrackers', { hash, urls }, { signal });
  },
  filePriorities: ['skip', 'normal', 'high'],
  async setFilePriority(client, { infoHash: hash }, files, priority, signal) {
    if (files.length === 0) return;
    const options = { hash, id: files, priority: FILE_PRIORITIES[priority] };
    await client.call('torrents/filePrio', options, { signal });
  },
  setSlowMode,
  labelling: {
    most: 1,
    async known(client, signal) {
      const categories = await client.call('torrents/categories', {}, { signal });
      return toMembers(categories).map(([name]) => name);
    },
  },
  async defaultSavePath(client, signal) {
    return toText(await client.call('app/defaultSavePath', {}, { signal }));
  },
  add,
};

const QUEUE_MOVES = {
  top: 'torrents/topPrio',
  up: 'torrents/increasePrio',
  down: 'torrents/decreasePrio',
  bottom: 'torrents/bottomPrio',
} as const;

/** There is no low one. */
const FILE_PRIORITIES: { readonly [Priority in FilePriority]: number } = {
  skip: 0,
  low: 1,
  normal: 1,
  high: 6,
};

/** Does the same with each. */
function about(method: string) {
  return async (client: QbittorrentRPC, hashes: InfoHashes, signal: AbortSignal): Promise<void> => {
    await client.call(method, { hashes }, { signal });
  };
}

/** A category must be there before a torrent can be in it. */
async function setLabels(
  client: QbittorrentRPC,
  hashes: InfoHashes,
  [category = '']: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const set = () => client.call('torrents/setCategory', { hashes, category }, { signal });
  try {
    await set();
  } catch (error) {
    if (!isStatus(error, 409)) throw error;
    await client.call('torrents/createCategory', { category }, { signal });
    await set();
  }
}

async function setTags(
  client: QbittorrentRPC,
  hashes: InfoHashes,
  tags: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  try {
    await client.call('torrents/setTags', { hashes, tags }, { signal });
  } catch (error) {
    // It is there since 5.1.
    if (!isStatus(error, 404)) throw error;
    await client.call('torrents/removeTags', { hashes }, { signal });
    if (tags.length > 0) await client.call('torrents/addTags', { hashes, tags }, { signal });
  }
}

async function setSlowMode(client: QbittorrentRPC, isOn: boolean, signal: AbortSignal): Promise<void> {
  const mode = isOn ? '1' : '0';
  try {
    await client.call('transfer/setSpeedLimitsMode', { mode }, { signal });
  } catch (error) {
    // It is there since 4.5.
    if (!isStatus(error, 404)) throw error;
    const before = await client.call('transfer/speedLimitsMode', {}, { signal });
    if (before !== mode) await client.call('transfer/toggleSpeedLimitsMode', {}, { signal });
  }
}
