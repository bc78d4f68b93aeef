/** What can be done with Transmission's torrents (rpc-spec.md, in the dialect that every version speaks). */
import type { TransmissionRPC } from '../../rpc/index.ts';
import type { Actions, Added, InfoHashes, NewTorrent } from '../adapter.ts';
import { type Fields, toItems, toRecord, toText, toTexts } from '../fields.ts';

export const actions: Actions<TransmissionRPC> = {
  start: about('torrent-start'),
  startNow: about('torrent-start-now'),
  stop: about('torrent-stop'),
  verify: about('torrent-verify'),
  reannounce: about('torrent-reannounce'),
  async moveInQueue(client, ids, move, signal) {
    await client.call(`queue-move-${move}`, { ids }, { signal });
  },
  async setLabels(client, ids, labels, signal) {
    await client.call('torrent-set', { ids, labels }, { signal });
  },
  setTags: undefined,
  async rename(client, { infoHash, name: path }, name, signal) {
    await client.call('torrent-rename-path', { ids: [infoHash], path, name }, { signal });
  },
  async remove(client, ids, withData, signal) {
    await client.call('torrent-remove', { ids, 'delete-local-data': withData }, { signal });
  },
  async setLocation(client, ids, location, signal) {
    await client.call('torrent-set-location', { ids, location, move: true }, { signal });
  },
  // It is told where its file lies on the daemon's machine, not what is in it.
  export: undefined,
  addTrackers,
  filePriorities: ['skip', 'low', 'normal', 'high'],
  async setFilePriority(client, { infoHash }, files, priority, signal) {
    // An empty list would mean all files.
    if (files.length === 0) return;
    const settings =
      priority === 'skip'
        ? { 'files-unwanted': files }
        : { 'files-wanted': files, [`priority-${priority}`]: files };
    await client.call('torrent-set', { ids: [infoHash], ...settings }, { signal });
  },
  async setSlowMode(client, isOn, signal) {
    await client.call('session-set', { 'alt-speed-enabled': isOn }, { signal });
  },
  labelling: { most: undefined, known: knownLabels },
  async defaultSavePath(client, signal) {
    const { arguments: session } = await client.call('session-get', { fields: ['download-dir'] }, { signal });
    return toText(session?.['download-dir']);
  },
  add,
};

/** Does the same with each. */
function about(method: string) {
  return async (client: TransmissionRPC, ids: InfoHashes, signal: AbortSignal): Promise<void> => {
    await client.call(method, { ids }, { signal });
  };
}

/** A tracker that is there already would be an error, so each torrent gets those that it does not have. */
async function addTrackers(
  client: TransmissionRPC,
  ids: InfoHashes,
  urls: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const { arguments: answer } = await client.call(
    'torrent-get',
    { ids, fields: ['hashString', 'trackers'] },
    { signal },
  );
  const lacking = Map.groupBy(toItems(answer?.torrents).map(toRecord), ({ trackers }) => {
    const present = toItems(trackers).map(tracker => toRecord(tracker).announce);
    return urls.filter(url => !present.includes(url)).join('\n');
  });
  for (const [trackers, torrents] of lacking) {
    if (trackers === '') continue;
    const those = torrents.map(({ hashString }) => hashString);
    await client.call('torrent-set', { ids: those, trackerAdd: trackers.split('\n') }, { signal });
  }
}

async function knownLabels(client: TransmissionRPC, signal: AbortSignal): Promise<readonly string[]> {
  const { arguments: answer } = await client.call(
    'torrent-get',
    { format: 'table', fields: ['labels'] },
    { signal },
  );
  const [, ...rows] = toItems(answer?.torrents);
  return [...new Set(rows.flatMap(row => toTexts(toItems(row)[0]) ?? []))].sort();
}

/** The daemon answers when it has the torrent, and for an address when it has fetched what is there. */
async function add(client: TransmissionRPC, torrent: NewTorrent, signal: AbortSignal): Promise<Added> {
  const { source, savePath, labels, isStopped, unwanted } = torrent;
  const { arguments: answer } = await client.call(
    'torrent-add',
    {
      ...(source.kind === 'file'
        ? { metainfo: Buffer.from(source.metainfo).toString('base64') }
        : { filename: source.url }),
      ...(savePath !== undefined && { 'download-dir': savePath }),
      ...(labels.length > 0 && { labels }),
      ...(unwanted.length > 0 && { 'files-unwanted': unwanted }),
      paused: isStopped,
    },
    { signal },
  );
  const duplicate = answer?.['torrent-duplicate'] as Fields | undefined;
  const { hashString } = toRecord(duplicate ?? answer?.['torrent-added']);
  const infoHash = toText(hashString).toLowerCase();
  // 3.00 passes over labels while it adds.
  if (!duplicate && labels.length > 0)
    await client.call('torrent-set', { ids: [infoHash], labels }, { signal });
  return { infoHash, isDuplicate: duplicate !== undefined };
}
