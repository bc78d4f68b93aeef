/** The torrents of one client as last heard, and what changed with each update. */
import { isSameList } from '../util/lists.ts';
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

/** What something asked of the daemon is expected to change of its torrents. */
export interface Expectation {
  /** By info hash. */
  readonly torrents: Map<string, Expected>;
  isDone: boolean;
  /** How many more updates may tell nothing new of the torrents; undefined before one is asked for that may know. */
  patience: number | undefined;
}

interface Expected {
  readonly as: Partial<Torrent>;
  /** What the daemon had told when it was asked. */
  readonly told: Torrent;
  /** What was shown then: another where something asked before was still on its way. */
  readonly shown: Torrent;
}

/**
 * Daemons say yes before they have done as told: qBittorrent 4.5.2 still told of a paused torrent as it was some 40 ms
 * later, and changed its mind within 130 ms.
 */
const PATIENCE = 3;

export class TorrentStore {
  #facts: ClientFacts | undefined;
  #told: Map<string, Torrent> = new Map();
  readonly #expectations = new Set<Expectation>();
  /** The torrents that are expected to be otherwise than the daemon told. */
  #expected: Map<string, Torrent> = new Map();

  /** Undefined before the first update. */
  get facts(): ClientFacts | undefined {
    return this.#facts;
  }

  get size(): number {
    return this.#told.size;
  }

  /** Whether something was done that no update has told of yet. */
  get isExpecting(): boolean {
    return [...this.#expectations].some(({ isDone }) => isDone);
  }

  /** A torrent as it is shown: the object stays the same until something of it changes. */
  get(infoHash: string): Torrent | undefined {
    return this.#expected.get(infoHash) ?? this.#told.get(infoHash);
  }

  *all(): IterableIterator<Torrent> {
    for (const [infoHash, torrent] of this.#told) yield this.#expected.get(infoHash) ?? torrent;
  }

  /** To be called before an update is asked for. The info hashes of torrents that it should tell of. */
  asking(): readonly string[] {
    const done = [...this.#expectations].filter(({ isDone }) => isDone);
    for (const expectation of done) expectation.patience ??= PATIENCE;
    return [...new Set(done.flatMap(({ torrents }) => [...torrents.keys()]))];
  }

  /** Takes in what a daemon told. Of a torrent that comes twice, the last counts; one that comes is not removed. */
  apply(update: Update): StoreChange {
    const isFirst = this.#facts === undefined;
    this.#facts = update.facts;
    const before = this.#told;
    const told = new Map(update.kind === 'all' ? [] : before);
    const news = new Set<string>();
    for (const torrent of update.torrents) {
      const last = before.get(torrent.infoHash);
      const isNews = !last || !isSame(last, torrent);
      if (isNews) news.add(torrent.infoHash);
      // Its own text as the key is found the fastest.
      if (isNews) told.set(torrent.infoHash, torrent);
      else told.set(last.infoHash, last);
    }
    const removed = this.#goneIn(update, told);
    for (const { infoHash } of removed) told.delete(infoHash);
    const change = this.#changing(news, () => {
      this.#told = told;
      for (const expectation of this.#expectations) this.#judge(expectation);
    });
    return { ...change, isFirst, removed };
  }

  /**
   * Shows torrents as they will be once the daemon has done what it is asked: until `forget`, or after `done` until an
   * update tells of it.
   */
  expect(
    infoHashes: readonly string[],
    as: (before: Torrent) => Partial<Torrent>,
  ): { readonly expectation: Expectation; readonly change: StoreChange } {
    const torrents = new Map<string, Expected>();
    for (const infoHash of infoHashes) {
      const told = this.#told.get(infoHash);
      const shown = this.get(infoHash);
      if (told && shown) torrents.set(infoHash, { as: as(shown), told, shown });
    }
    const expectation: Expectation = { torrents, isDone: false, patience: undefined };
    return {
      expectation,
      change: this.#changing(new Set(torrents.keys()), () => this.#expectations.add(expectation)),
    };
  }

  /** The daemon said yes: an update that is asked for from now on may tell of it. */
  done(expectation: Expectation): void {
    expectation.isDone = true;
  }

  /** The daemon said no: shows again how things are. */
  forget(expectation: Expectation): StoreChange {
    return this.#changing(new Set(), () => this.#expectations.delete(expectation));
  }

  /** Forgets everything: the client was disconnected. */
  clear(): void {
    this.#facts = undefined;
    this.#told = new Map();
    this.#expected = new Map();
    this.#expectations.clear();
  }

  /** The torrents that an update takes away, as they are shown. */
  #goneIn(update: Update, told: ReadonlyMap<string, Torrent>): Torrent[] {
    const gone =
      update.kind === 'all'
        ? [...this.#told.keys()].filter(infoHash => !told.has(infoHash))
        : new Set(update.removed).difference(new Set(update.torrents.map(({ infoHash }) => infoHash)));
    return [...gone].flatMap(infoHash => this.get(infoHash) ?? []);
  }

  /** Ends an expectation where an update has told of it, or should have. */
  #judge(expectation: Expectation): void {
    const { torrents, patience } = expectation;
    if (patience === undefined) return;
    expectation.patience = patience - 1;
    for (const [infoHash, expected] of torrents) {
      const now = this.#told.get(infoHash);
      if (!now || !isOpen(expected, now)) torrents.delete(infoHash);
    }
    if (expectation.patience <= 0 || torrents.size === 0) this.#expectations.delete(expectation);
  }

  /** Does something, and says how these torrents, and those that were expected to be otherwise, are shown after it. */
  #changing(infoHashes: ReadonlySet<string>, change: () => void): StoreChange {
    const told = this.#told;
    const expected = this.#expected;
    change();
    this.#expected = this.#asExpected();
    const added: Torrent[] = [];
    const changed: TorrentChange[] = [];
    for (const infoHash of infoHashes.union(expected)) {
      const before = expected.get(infoHash) ?? told.get(infoHash);
      const after = this.get(infoHash);
      if (!after || after === before) continue;
      if (!before) added.push(after);
      else if (!isSame(before, after)) changed.push({ before, after });
      else (this.#expected.has(infoHash) ? this.#expected : this.#told).set(infoHash, before);
    }
    return { isFirst: false, added, changed, removed: [] };
  }

  #asExpected(): Map<string, Torrent> {
    const expected = new Map<string, Torrent>();
    for (const { torrents } of this.#expectations) {
      for (const [infoHash, { as }] of torrents) {
        const torrent = expected.get(infoHash) ?? this.#told.get(infoHash);
        if (torrent) expected.set(infoHash, { ...torrent, ...as });
      }
    }
    return expected;
  }
}

/**
 * Whether what the daemon tells now may be from before it did as told: also from after something that it was asked for
 * before that, so that of a torrent that is stopped and started at once it may tell three different things in turn.
 */
function isOpen({ as, told, shown }: Expected, now: Torrent): boolean {
  const keys = Object.keys(as) as (keyof Torrent)[];
  const isLike = (one: Torrent, other: Partial<Torrent>) =>
    keys.every(key => isSameValue(one[key], other[key]));
  const wasOnItsWay = !isLike(shown, told);
  if (isLike(now, as)) return wasOnItsWay;
  return isLike(now, told) || (wasOnItsWay && isLike(now, shown));
}

/** What torrents are compared by: looking at all members of both would be slow with 50,000 of them. */
const KEYS = Object.keys({
  infoHash: 1,
  infoHashV2: 1,
  name: 1,
  state: 1,
  progress: 1,
  downloadRate: 1,
  uploadRate: 1,
  eta: 1,
  size: 1,
  totalSize: 1,
  downloaded: 1,
  uploaded: 1,
  ratio: 1,
  seeds: 1,
  leechers: 1,
  peers: 1,
  labels: 1,
  tags: 1,
  trackerHosts: 1,
  savePath: 1,
  addedAt: 1,
  completedAt: 1,
  activeAt: 1,
  isPrivate: 1,
  queuePosition: 1,
  error: 1,
} satisfies { [Key in keyof Torrent]-?: 1 }) as (keyof Torrent)[];

function isSame(a: Torrent, b: Torrent): boolean {
  for (const key of KEYS) if (!isSameValue(a[key], b[key])) return false;
  return true;
}

function isSameValue(a: unknown, b: unknown): boolean {
  return a === b || (Array.isArray(a) && Array.isArray(b) && isSameList(a, b));
}
