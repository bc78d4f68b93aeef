/** What rTorrent can do. It has no queue, and nothing of its own to rename a torrent. */
import type { RtorrentCall, RtorrentRPC } from '../../rpc/index.ts';
import type { Actions, InfoHashes } from '../adapter.ts';
import { toAmount, toItems, toText } from '../fields.ts';
import type { FilePriority } from '../torrent.ts';
import { addToRtorrent } from './adding.ts';
import { callEach, onEach, targetOf } from './calls.ts';
import { exportTorrent } from './exporting.ts';
import { moveFiles, removeWithFiles } from './files.ts';
import { fromLabels, toLabels } from './labels.ts';

const forEach =
  (...methods: readonly string[]) =>
  async (client: RtorrentRPC, torrents: InfoHashes, signal: AbortSignal): Promise<void> => {
    await callEach(client, onEach(torrents, ...methods), signal);
  };

/** Groups of trackers that rTorrent has room for; `Tracker group number invalid.` (observed on 0.9.8 and 0.16.17). */
const LAST_GROUP = 31;

const PRIORITIES: Partial<Record<FilePriority, number>> = { skip: 0, normal: 1, high: 2 };

export const rtorrentActions: Actions<RtorrentRPC> = {
  start: forEach('d.open', 'd.start'),
  startNow: undefined,
  /** Closes the files too, as ruTorrent and Flood do: one that is only stopped keeps them open. */
  stop: forEach('d.stop', 'd.close'),
  verify: forEach('d.check_hash'),
  reannounce: forEach('d.tracker_announce'),
  moveInQueue: undefined,

  async setLabels(client, torrents, labels, signal) {
    const custom1 = fromLabels(labels);
    const calls = torrents.map(infoHash => ['d.custom1.set', targetOf(infoHash), custom1] as const);
    await callEach(client, calls, signal);
  },

  setTags: undefined,
  rename: undefined,

  async remove(client, torrents, withData, signal) {
    if (withData) await removeWithFiles(client, torrents, signal);
    else await callEach(client, onEach(torrents, 'd.erase'), signal);
  },

  setLocation: moveFiles,
  export: exportTorrent,

  async addTrackers(client, torrents, urls, signal) {
    const ask = torrents.map(hash => ['t.multicall', targetOf(hash), '', 't.url=', 't.group='] as const);
    const lists = await callEach(client, ask, signal);
    const calls = torrents.flatMap((infoHash, index): RtorrentCall[] => {
      const present = toItems(lists[index]).map(row => toItems(row));
      const last = Math.max(-1, ...present.map(([, group]) => toAmount(group) ?? 0));
      const missing = urls.filter(added => !present.some(([url]) => url === added));
      return missing.map((url, place) => {
        const group = Math.min(last + 1 + place, LAST_GROUP);
        return ['d.tracker.insert', targetOf(infoHash), group, url];
      });
    });
    await callEach(client, calls, signal);
  },

  filePriorities: ['skip', 'normal', 'high'],

  async setFilePriority(client, { infoHash }, files, priority, signal) {
    const number = PRIORITIES[priority];
    if (number === undefined) throw new Error(`rTorrent has no such priority: ${priority}`);
    const target = targetOf(infoHash);
    const calls = files.map(index => ['f.priority.set', `${target}:f${index}`, number] as const);
    await callEach(client, [...calls, ['d.update_priorities', target]], signal);
  },

  setSlowMode: undefined,

  labelling: {
    most: 1,
    async known(client, signal) {
      const rows = await client.call('d.multicall2', '', 'main', 'd.custom1=', { signal });
      return [...new Set(toItems(rows).flatMap(row => toLabels(toText(toItems(row)[0]))))];
    },
  },

  async defaultSavePath(client, signal) {
    return toText(await client.call('directory.default', '', { signal }));
  },

  add: addToRtorrent,
};
