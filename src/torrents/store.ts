/** The torrents of one client as last heard, and what changed with each update. */
import type { ClientFacts, Torrent, Update } from './torrent.ts';

/** What an update, or something asked of the daemon, changed of what is shown. */
export interface StoreChange {
  /** Whether these are the first torrents heard of: then none of it is news. */
  readonly isFirst: boolean;
  readonly added: readonly Torrent[];
  readonly changed: readonly TorrentChange[];
  readonly removed: readonly Torrent[];
}

export interface TorrentChange {
  readonly before: Torrent;
  readonly after: Torrent;
}

/** How many updates that say nothing of a torrent an expectation outlives: a daemon may need a moment to do as told. */
const PATIENCE = 2;

interface Expectation {
  readonly torrent: Torrent;
  patience: number;
}

export class TorrentStore {
  #facts: ClientFacts | undefined;
  #told: ReadonlyMap<string, Torrent> = new Map();
  readonly #expected = new Map<string, Expectation>();

  /** Undefined before the first update. */
  get facts(): ClientFacts | undefined {
    return this.#facts;
  }

  get size(): number {
    return this.#told.size;
  }

  /** A torrent as it is shown: the object stays the same until something of it changes. */
  get(infoHash: string): Torrent | undefined {
    return this.#expected.get(infoHash)?.torrent ?? this.#told.get(infoHash);
  }

  *all(): IterableIterator<Torrent> {
    for (const [infoHash, torrent] of this.#told) yield this.#expected.get(infoHash)?.torrent ?? torrent;
  }

  /** Takes in what a daemon said. Of a torrent that comes twice, the last counts. */
  apply(update: Update): StoreChange {
    const isFirst = this.#facts === undefined;
    this.#facts = update.facts;
    const before = this.#told;
    const told = new Map(update.kind === 'all' ? [] : before);
    for (const torrent of update.torrents) told.set(torrent.infoHash, torrent);
    const gone = update.kind === 'all' ? [...before.keys()].filter(key => !told.has(key)) : update.removed;
    const removed = gone.flatMap(infoHash => this.get(infoHash) ?? []);
    for (const infoHash of gone) {
      told.delete(infoHash);
      this.#expected.delete(infoHash);
    }
    const shown = new Map(update.torrents.map(({ infoHash }) => [infoHash, this.get(infoHash)]));
    for (const { infoHash } of update.torrents) this.#expected.delete(infoHash);
    for (const [infoHash, expectation] of this.#expected) {
      expectation.patience -= 1;
      if (expectation.patience > 0) continue;
      shown.set(infoHash, expectation.torrent);
      this.#expected.delete(infoHash);
    }
    const added: Torrent[] = [];
    const changed: TorrentChange[] = [];
    for (const [infoHash, last] of shown) {
      const after = told.get(infoHash);
      if (!after) continue;
      if (!last) added.push(after);
      else if (isSame(last, after)) told.set(infoHash, last);
      else changed.push({ before: last, after });
    }
    this.#told = told;
    return { isFirst, added, changed, removed };
  }

  /** Shows what was asked of the daemon as done, until it says how things are. */
  expect(infoHashes: readonly string[], as: (before: Torrent) => Partial<Torrent>): StoreChange {
    const changed: TorrentChange[] = [];
    for (const infoHash of infoHashes) {
      const before = this.get(infoHash);
      if (!before) continue;
      const after = { ...before, ...as(before) };
      this.#expected.set(infoHash, { torrent: after, patience: PATIENCE });
      if (!isSame(before, after)) changed.push({ before, after });
    }
    return { isFirst: false, added: [], changed, removed: [] };
  }

  /** The daemon said no: shows again how things were. */
  unexpect(infoHashes: readonly string[]): StoreChange {
    const changed: TorrentChange[] = [];
    for (const infoHash of infoHashes) {
      const before = this.#expected.get(infoHash)?.torrent;
      const after = this.#told.get(infoHash);
      this.#expected.delete(infoHash);
      if (before && after && !isSame(before, after)) changed.push({ before, after });
    }
    return { isFirst: false, added: [], changed, removed: [] };
  }

  /** Forgets everything: the client was disconnected. */
  clear(): void {
    this.#facts = undefined;
    this.#told = new Map();
    this.#expected.clear();
  }
}

function isSame(a: Torrent, b: Torrent): boolean {
  const keys = Object.keys(b) as (keyof Torrent)[];
  // Members that are undefined may be missing on one side.
  return [...keys, ...(Object.keys(a) as (keyof Torrent)[])].every(key => isSameValue(a[key], b[key]));
}

function isSameValue(a: unknown, b: unknown): boolean {
  if (!Array.isArray(a) || !Array.isArray(b)) return a === b;
  return a.length === b.length && a.every((item, index) => item === b[index]);
}
