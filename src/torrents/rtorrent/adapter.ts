/** rTorrent's torrents (`d.multicall2`; the same commands in 0.9.8 and 0.16.17: src/command_download.cc). */
import type { RtorrentRPC } from '../../rpc/index.ts';
import type { Adapter, Feed } from '../adapter.ts';
import { type Fields, toAmount, toFields, toItems, toProgress, toText, toVersion } from '../fields.ts';
import type { Torrent, TorrentState, Update } from '../torrent.ts';

const COMMANDS = [
  'd.hash',
  'd.name',
  'd.is_active',
  'd.is_meta',
  'd.hashing',
  'd.hashing_failed',
  'd.bytes_done',
  'd.size_bytes',
  'd.completed_chunks',
  'd.wanted_chunks',
  'd.chunk_size',
  'd.down.rate',
  'd.up.rate',
  'd.ratio',
  'd.message',
];

export const rtorrentAdapter: Pick<Adapter<RtorrentRPC>, 'follow'> = {
  follow: client => {
    const all: Feed['all'] = signal => list(client, signal);
    return { all, changes: all };
  },
};

async function list(client: RtorrentRPC, signal: AbortSignal): Promise<Update> {
  // One request, as each is a connection of its own.
  const [version, rows] = await client.multicall(
    [
      ['system.client_version', ''],
      ['d.multicall2', '', 'main', ...COMMANDS.map(command => `${command}=`)],
    ],
    { signal },
  );
  return {
    kind: 'all',
    facts: { version: toVersion(version) },
    torrents: toItems(rows).map(row => toTorrent(toFields(COMMANDS, row))),
  };
}

function toTorrent(fields: Fields): Torrent {
  const state = toState(fields);
  const size = fields['d.is_meta'] ? undefined : sizeOf(fields);
  const done = Number(fields['d.bytes_done']);
  const downloadRate = toAmount(fields['d.down.rate']);
  return {
    infoHash: toText(fields['d.hash']).toLowerCase(),
    name: toText(fields['d.name']),
    state,
    progress: isDone(fields) ? 1 : toProgress(done, size ?? 0),
    downloadRate,
    uploadRate: toAmount(fields['d.up.rate']),
    eta:
      state === 'downloading' && size && downloadRate ? Math.ceil((size - done) / downloadRate) : undefined,
    size,
    // Per mille.
    ratio: toAmount(Number(fields['d.ratio']) / 1000),
    error: toText(fields['d.message']) || undefined,
  };
}

/** rTorrent has no word for it: it shows these one by one. */
function toState(fields: Fields): TorrentState {
  // It goes on saying that it hashes then, until it is started again (observed on 0.9.8).
  if (fields['d.hashing_failed']) return 'error';
  if (fields['d.hashing'] !== 0) return 'checking';
  if (!fields['d.is_active']) return isOwnMessage(toText(fields['d.message'])) ? 'error' : 'stopped';
  if (fields['d.is_meta']) return 'metadata';
  return isDone(fields) ? 'seeding' : 'downloading';
}

/** Whether rTorrent itself says it, not a tracker (`receive_tracker_msg` in src/core/download.cc): why it stopped. */
function isOwnMessage(message: string): boolean {
  return message !== '' && !message.startsWith('Tracker: [');
}

/** Whether all that is wanted is there; `d.complete` is for all there is. */
function isDone(fields: Fields): boolean {
  return fields['d.wanted_chunks'] === 0 && fields['d.completed_chunks'] !== 0;
}

/** Bytes of what is wanted or there, in whole chunks: what rTorrent has no sum of. */
function sizeOf(fields: Fields): number {
  const chunks = Number(fields['d.completed_chunks']) + Number(fields['d.wanted_chunks']);
  return Math.min(chunks * Number(fields['d.chunk_size']), Number(fields['d.size_bytes']));
}
