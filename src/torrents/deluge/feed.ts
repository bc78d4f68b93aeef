/**
 * Deluge's torrents as they change. Its events tell which; those are asked for, and those that something moves in. Its
 * own differences (`diff=True`) cost as much as the whole list (observed on 2.0.3 to 2.2.1.dev0).
 */
import { isDeepStrictEqual } from 'node:util';
import type { DelugeRPC } from '../../rpc/index.ts';
import { mapInTurns } from '../../util/async.ts';
import type { Feed } from '../adapter.ts';
import { type Fields, toAmount, toMembers, toRecord } from '../fields.ts';
import type { Torrent, Update } from '../torrent.ts';
import { askBase, type Base } from './base.ts';
import { ADDED_EVENT, QUEUE_EVENT, SESSION_EVENTS, TORRENT_EVENTS } from './events.ts';
import { Movement } from './movement.ts';
import { KEYS, toTorrent } from './torrent.ts';

/** Milliseconds for which Deluge may go on to tell what it knew before: 5 s since 2.1, 1.5 s before that (sources). */
const SETTLE_MS = 6000;
/** So many at once cost what all cost. */
const MANY = 500;
/** Torrents with so many peers connected that do not have everything are looked for; those with more were seen before. */
const SOUGHT_PEERS = Array.from({ length: 100 }, (_, index) => index + 1);

export class DelugeFeed implements Feed {
  readonly #client: DelugeRPC;
  #isSubscribed = false;
  /** Whether no event was lost since everything was asked, and none told of something that may change any torrent. */
  #isWhole = false;
  #base: Base | undefined;
  readonly #known = new Map<string, Torrent>();
  /** Ids that events told of. */
  readonly #told = new Set<string>();
  /** Until when a torrent is asked for each time, by the clock of `performance.now()`. */
  readonly #watched = new Map<string, number>();
  /** Until when the places in the queue are asked for: one that moves moves others. */
  #queueUntil = 0;
  readonly #movement = new Movement();

  constructor(client: DelugeRPC) {
    this.#client = client;
    // The core subscribes again when it connects; what happened in between nobody tells.
    client.on('disconnected', this.#doubt);
  }

  async all(signal: AbortSignal): Promise<Update> {
    await this.#subscribe(signal);
    // What an event tells from here on is asked for the next time.
    this.#isWhole = true;
    this.#told.clear();
    const [rates, base] = await Promise.all([
      this.#movement.ask(this.#client, signal),
      askBase(this.#client, signal),
    ]);
    this.#base = base;
    const torrents = await this.#ask({}, base, signal);
    this.#known.clear();
    this.#watched.clear();
    for (const torrent of torrents) this.#learn(torrent);
    return { kind: 'all', facts: { ...base.facts, ...rates }, torrents };
  }

  async changes(signal: AbortSignal, asked: readonly string[]): Promise<Update> {
    const rates = await this.#movement.ask(this.#client, signal);
    const base = this.#base;
    if (!this.#isWhole || !base) return this.all(signal);
    // Who is no administrator hears of torrents that are not his to see.
    const told = [...this.#told].filter(id => base.isAdministrator || this.#known.has(id));
    this.#told.clear();
    const ids = new Set([...told, ...asked, ...this.#watchedNow()]);
    if (this.#movement.isScanDue()) for (const id of await this.#scan(signal)) ids.add(id);
    if (ids.size > MANY) return this.all(signal);
    const [listed, moved] = await Promise.all([
      ids.size > 0 ? this.#ask({ id: [...ids] }, base, signal) : [],
      performance.now() < this.#queueUntil ? this.#askQueue(signal) : [],
    ]);
    const torrents = new Map([...moved, ...listed].map(torrent => [torrent.infoHash, torrent]));
    const removed = [...ids].filter(id => !torrents.has(id) && this.#known.has(id));
    for (const torrent of torrents.values()) this.#learn(torrent, true);
    for (const id of removed) this.#forget(id);
    return { kind: 'changes', facts: { ...base.facts, ...rates }, torrents: [...torrents.values()], removed };
  }

  readonly #doubt = () => {
    this.#isWhole = false;
  };

  readonly #hear = (id: unknown) => {
    if (typeof id === 'string') this.#told.add(id.toLowerCase());
  };

  readonly #hearOfNew = () => {
    // Whether it is ours to see is told by the list alone.
    if (!this.#base?.isAdministrator) this.#doubt();
  };

  readonly #hearQueue = () => {
    this.#queueUntil = performance.now() + SETTLE_MS;
  };

  async #subscribe(signal: AbortSignal): Promise<void> {
    if (this.#isSubscribed) return;
    const on = (handler: (id: unknown) => void) => (event: string) =>
      this.#client.addEventHandler(event, handler, { signal });
    await Promise.all([
      ...TORRENT_EVENTS.map(on(this.#hear)),
      ...SESSION_EVENTS.map(on(this.#doubt)),
      on(this.#hearOfNew)(ADDED_EVENT),
      on(this.#hearQueue)(QUEUE_EVENT),
    ]);
    this.#isSubscribed = true;
  }

  async #status(filter: Fields, keys: readonly string[], signal: AbortSignal) {
    const answer = await this.#client.call('core.get_torrents_status', [filter, keys], {}, { signal });
    return toMembers(answer).map(([id, fields]) => [id.toLowerCase(), toRecord(fields)] as const);
  }

  async #ask(filter: Fields, { hasLabels, isFresh }: Base, signal: AbortSignal): Promise<Torrent[]> {
    const answer = await this.#status(filter, hasLabels ? [...KEYS, 'label'] : KEYS, signal);
    const reading = { hasLabels, isFresh, now: Date.now() / 1000 };
    const read = ([id, fields]: (typeof answer)[number]) =>
      steady(this.#known.get(id), toTorrent(id, fields, reading));
    return mapInTurns(answer, read, signal);
  }

  /** Those that a peer has connected to or left without an event, and those that may go on at any time. */
  async #scan(signal: AbortSignal): Promise<readonly string[]> {
    // Deluge filters by what it knew at the last question, and looks at its torrents for each.
    await this.#status({ id: [] }, ['num_peers'], signal);
    const visited = await this.#status({ num_peers: SOUGHT_PEERS }, ['num_peers'], signal);
    const waiting = [...this.#known.values()].filter(
      ({ state, peers }) => state === 'downloading' || state === 'metadata' || peers,
    );
    return [...visited.map(([id]) => id), ...waiting.map(({ infoHash }) => infoHash)];
  }

  /** Those whose place in the queue is another than was known. */
  async #askQueue(signal: AbortSignal): Promise<Torrent[]> {
    const answer = await this.#status({}, ['queue'], signal);
    return answer.flatMap(([id, { queue }]) => {
      const known = this.#known.get(id);
      const queuePosition = toAmount(queue);
      return known && known.queuePosition !== queuePosition ? [{ ...known, queuePosition }] : [];
    });
  }

  /** @param isChange whether it is told as a change; what stands in a list of all may be as it always was. */
  #learn(torrent: Torrent, isChange = false): void {
    const { infoHash } = torrent;
    const before = this.#known.get(infoHash);
    this.#known.set(infoHash, torrent);
    const isNews = isChange && !isDeepStrictEqual(before, torrent);
    if (isNews || isMoving(torrent)) this.#watched.set(infoHash, performance.now() + SETTLE_MS);
    if (isNews && before?.queuePosition !== torrent.queuePosition) this.#hearQueue();
  }

  #forget(id: string): void {
    if (this.#known.get(id)?.queuePosition !== undefined) this.#hearQueue();
    this.#known.delete(id);
    this.#watched.delete(id);
  }

  #watchedNow(): readonly string[] {
    const now = performance.now();
    for (const [id, until] of this.#watched) if (until < now) this.#watched.delete(id);
    return [...this.#watched.keys()];
  }
}

/** Whether the next answer will be another. */
function isMoving({ state, downloadRate, uploadRate }: Torrent): boolean {
  return state === 'checking' || state === 'moving' || Boolean(downloadRate || uploadRate);
}

/** Deluge tells how long ago something moved, as of some seconds ago: that moment is no other each time. */
function steady(before: Torrent | undefined, torrent: Torrent): Torrent {
  const { activeAt } = torrent;
  if (before?.activeAt === undefined || activeAt === undefined) return torrent;
  const isSame = Math.abs(activeAt - before.activeAt) * 1000 <= SETTLE_MS;
  return isSame ? { ...torrent, activeAt: before.activeAt } : torrent;
}
