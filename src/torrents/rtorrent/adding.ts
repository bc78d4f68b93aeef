/** Adding torrents to rTorrent, which says yes to everything and tells only its log when it took none. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { RtorrentCall, RtorrentRPC } from '../../rpc/index.ts';
import { untilAborted } from '../../util/async.ts';
import type { Added, NewTorrent } from '../adapter.ts';
import { toAmount, toItems, toText } from '../fields.ts';
import { callEach, onEach, quote, targetOf, toBytes } from './calls.ts';
import { fromLabels } from './labels.ts';

/** Milliseconds between two looks, and in all, until a torrent that was taken must be there. */
const POLL_MS = 100;
const LONGEST_MS = 10_000;
/** The same of one that rTorrent fetches from somewhere. */
const LONGEST_FETCH_MS = 30_000;

export async function addToRtorrent(
  client: RtorrentRPC,
  torrent: NewTorrent,
  signal: AbortSignal,
): Promise<Added> {
  const { source, unwanted, isStopped } = torrent;
  if (source.infoHash !== undefined && (await exists(client, source.infoHash, signal)))
    return { infoHash: source.infoHash, isDuplicate: true };
  const hasChoice = unwanted.length > 0;
  const lookUp = await lookUpOf(client, source.infoHash, signal);
  await makeFolder(client, torrent.savePath, signal);
  await load(client, torrent, !isStopped && !hasChoice, signal);
  const infoHash = await appeared(lookUp, source.infoHash ? LONGEST_MS : LONGEST_FETCH_MS, signal);
  if (hasChoice) {
    const target = targetOf(infoHash);
    const calls: RtorrentCall[] = unwanted.map(index => ['f.priority.set', `${target}:f${index}`, 0]);
    const start = isStopped ? [] : onEach([infoHash], 'd.open', 'd.start');
    await callEach(client, [...calls, ['d.update_priorities', target], ...start], signal);
  }
  return { infoHash, isDuplicate: false };
}

/** rTorrent makes no folder within one that is not there, and then does not start. */
async function makeFolder(
  client: RtorrentRPC,
  savePath: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  if (savePath === undefined) return;
  const calls = [['execute.nothrow', '', 'mkdir', '-p', '--', toBytes(savePath)] as const];
  // Who may not run programs there must have made it.
  const [code] = await client.multicall(calls, { raiseErrors: false, signal });
  if (typeof code === 'number' && code !== 0) throw new Error(`rTorrent could not make ${savePath}`);
}

async function load(
  client: RtorrentRPC,
  { source, savePath, labels }: NewTorrent,
  isStarted: boolean,
  signal: AbortSignal,
): Promise<void> {
  // Done as soon as the torrent is there, and again when the metadata of a magnet link are.
  const commands = [
    // As ruTorrent and Flood write it down.
    `d.custom.set=addtime,${Math.round(Date.now() / 1000)}`,
    ...(labels.length > 0 ? [`d.custom1.set=${quote(fromLabels(labels))}`] : []),
    ...(savePath === undefined ? [] : [`d.directory.set=${quote(savePath)}`]),
  ].map(toBytes);
  const [method, what] =
    source.kind === 'file'
      ? [isStarted ? 'load.raw_start' : 'load.raw', source.metainfo]
      : [isStarted ? 'load.start' : 'load.normal', toBytes(source.url)];
  await client.call(method, '', what, ...commands, { signal });
}

/** Looks whether a torrent is there: this one or, where nobody knows which it will be, one read since now. */
async function lookUpOf(
  client: RtorrentRPC,
  infoHash: string | undefined,
  signal: AbortSignal,
): Promise<() => Promise<string | undefined>> {
  if (infoHash !== undefined)
    return async () => ((await exists(client, infoHash, signal)) ? infoHash : undefined);
  const now = toAmount(await client.call('system.time_seconds', '', { signal })) ?? 0;
  const condition = `greater=d.load_date=,value=${now - 1}`;
  const list = async () => {
    const rows = await client.call('d.multicall.filtered', '', 'main', condition, 'd.hash=', { signal });
    return toItems(rows).map(row => toText(toItems(row)[0]).toLowerCase());
  };
  const before = new Set(await list());
  return async () => (await list()).find(found => !before.has(found));
}

async function exists(client: RtorrentRPC, infoHash: string, signal: AbortSignal): Promise<boolean> {
  try {
    await client.call('d.hash', targetOf(infoHash), { signal });
    return true;
  } catch (error) {
    // What it says of an unknown one is not the same in its versions.
    if ((error as Error).name === 'RPCError') return false;
    throw error;
  }
}

async function appeared(
  lookUp: () => Promise<string | undefined>,
  longest: number,
  signal: AbortSignal,
): Promise<string> {
  for (const end = performance.now() + longest; ; await untilAborted(sleep(POLL_MS), signal)) {
    const infoHash = await lookUp();
    if (infoHash !== undefined) return infoHash;
    if (performance.now() > end) throw new Error('rTorrent did not take the torrent; its log may say why');
  }
}
