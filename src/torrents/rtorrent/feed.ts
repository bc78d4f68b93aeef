/**
 * rTorrent's torrents as they change. It tells of no changes, but looks fast through all its torrents for those that
 * something happens in (5,000 in 10 to 25 ms); whatever else may have changed is found when everything is asked, which
 * is done once a minute (5,000: 2.3 MB in 90 ms). Each request is a connection, so that there is one where one will do. Bytes and times are of 0.9.8 and 0.16.17.
 */
import type { RtorrentCall, RtorrentRPC } from '../../rpc/index.ts';
import { mapInTurns } from '../../util/async.ts';
import type { Feed } from '../adapter.ts';
import { toAmount, toItems, toText, toVersion } from '../fields.ts';
import type { ClientFacts, Torrent, TorrentState, Update } from '../torrent.ts';
import { callEach, targetOf } from './calls.ts';
import { COLUMNS, toTorrent } from './torrent.ts';

const EVERYTHING_EVERY_MS = 60_000;
/** So many asked for one by one cost what all cost. */
const MANY = 100;
/** Seconds by which rTorrent's own idea of now may lag behind the clock. */
const LAG = 2;

/** States of torrents whose files are open. */
const OPEN: readonly TorrentState[] = ['seeding', 'downloading'];

const RATES: readonly RtorrentCall[] = [
  ['system.time_seconds', ''],
  ['throttle.global_down.rate', ''],
  ['throttle.global_up.rate', ''],
];

export class RtorrentFeed implements Feed {
  readonly #client: RtorrentRPC;
  readonly #now: () => number;
  #facts: ClientFacts = { version: '' };
  readonly #known = new Map<string, Torrent>();
  #everythingAt = Number.NEGATIVE_INFINITY;
  /** The daemon's clock at the last answer, seconds since 1970. */
  #time = 0;

  /** @param now milliseconds, of a clock that goes on while the machine sleeps. */
  constructor(client: RtorrentRPC, now: () => number = Date.now) {
    this.#client = client;
    this.#now = now;
  }

  async all(signal: AbortSignal): Promise<Update> {
    this.#everythingAt = this.#now();
    const [version, folder, time, down, up, rows] = await this.#client.multicall(
      [
        ['system.client_version', ''],
        ['directory.default', ''],
        ...RATES,
        ['d.multicall2', '', 'main', ...COLUMNS],
      ],
      { signal },
    );
    const torrents = await mapInTurns(toItems(rows), toTorrent, signal);
    this.#known.clear();
    for (const torrent of torrents) this.#known.set(torrent.infoHash, torrent);
    this.#facts = {
      version: toVersion(version),
      freeSpace: await this.#freeSpace(toText(folder), signal),
    };
    return { kind: 'all', facts: this.#take(time, down, up), torrents };
  }

  async changes(signal: AbortSignal, asked: readonly string[]): Promise<Update> {
    const isDue = Math.abs(this.#now() - this.#everythingAt) >= EVERYTHING_EVERY_MS;
    if (isDue || asked.length > MANY) return this.all(signal);
    const [time, down, up, size, rows] = await this.#client.multicall(
      [
        ...RATES,
        ['view.size', '', 'main'],
        ['d.multicall.filtered', '', 'main', this.#condition(), ...COLUMNS],
      ],
      { signal },
    );
    const busy = await mapInTurns(toItems(rows), toTorrent, signal);
    const found = new Map(busy.map(torrent => [torrent.infoHash, torrent]));
    const rest = [...new Set([...asked, ...this.#moving()])].filter(infoHash => !found.has(infoHash));
    if (rest.length > MANY) return this.all(signal);
    for (const torrent of await this.#each(rest, signal)) found.set(torrent.infoHash, torrent);
    const removed = rest.filter(infoHash => !found.has(infoHash) && this.#known.delete(infoHash));
    for (const torrent of found.values()) this.#known.set(torrent.infoHash, torrent);
    if (toAmount(size) !== this.#known.size) return this.all(signal);
    return { kind: 'changes', facts: this.#take(time, down, up), torrents: [...found.values()], removed };
  }

  /** Those that something happens in, and those that were started, stopped or read since the last answer. */
  #condition(): string {
    const isSince = (command: string) => `"greater=${command}=,value=${this.#time - LAG}"`;
    return `or={d.peers_connected=,d.hashing=,${isSince('d.state_changed')},${isSince('d.load_date')}}`;
  }

  #moving(): readonly string[] {
    return [...this.#known.values()].filter(isMoving).map(({ infoHash }) => infoHash);
  }

  /** These torrents, those that are still there. */
  async #each(infoHashes: readonly string[], signal: AbortSignal): Promise<readonly Torrent[]> {
    const calls = infoHashes.flatMap(infoHash =>
      // It runs a command on a torrent; called by itself it would take `$d.hash=` for a text.
      COLUMNS.map(column => ['catch', targetOf(infoHash), column] as const),
    );
    const values = await callEach(this.#client, calls, signal, { raiseErrors: false });
    return infoHashes.flatMap((_, index) => {
      const row = values.slice(index * COLUMNS.length, (index + 1) * COLUMNS.length);
      return row.some(value => value instanceof Error) ? [] : [toTorrent(row)];
    });
  }

  /** Told by any torrent there that is open: of others rTorrent says 0 (observed on 0.9.8 and 0.16.17). */
  async #freeSpace(folder: string, signal: AbortSignal): Promise<number | undefined> {
    const there = [...this.#known.values()].find(
      ({ savePath, state }) => savePath === folder.replace(/\/$/, '') && OPEN.includes(state),
    );
    if (!there) return undefined;
    const calls: RtorrentCall[] = [['d.free_diskspace', targetOf(there.infoHash)]];
    const [space] = await this.#client.multicall(calls, { raiseErrors: false, signal });
    return toAmount(space);
  }

  #take(time: unknown, down: unknown, up: unknown): ClientFacts {
    this.#time = toAmount(time) ?? 0;
    this.#facts = { ...this.#facts, downloadRate: toAmount(down), uploadRate: toAmount(up) };
    return this.#facts;
  }
}

/** Whether the next answer will be another: rates go on for a while when the peers are gone. */
function isMoving({ state, downloadRate, uploadRate, peers }: Torrent): boolean {
  return state === 'checking' || Boolean(peers || downloadRate || uploadRate);
}
