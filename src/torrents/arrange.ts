/** Which torrents are shown, in what order and groups. */
import { type Filter, toPredicate } from './filter.ts';
import type { Torrent, TorrentState } from './torrent.ts';

export const GROUPINGS = ['none', 'state', 'label', 'tracker', 'folder'] as const;
export type Grouping = (typeof GROUPINGS)[number];

export const SORT_KEYS = [
  'name',
  'state',
  'progress',
  'downloadRate',
  'uploadRate',
  'ratio',
  'size',
  'added',
  'activity',
  'queue',
] as const;
export type SortKey = (typeof SORT_KEYS)[number];

/** What the user chose. */
export interface Arrangement {
  readonly groupBy: Grouping;
  readonly filter: Filter | undefined;
  readonly sort: Sort;
}

export interface Sort {
  readonly key: SortKey;
  readonly isDescending: boolean;
}

/** Torrents that have something in common. */
export interface Group {
  /** A state, a label, a tracker's host or a folder; empty for the torrents without one. */
  readonly key: string;
  /** As its torrents have it: foreign text, empty where the key is. */
  readonly label: string;
  readonly torrents: readonly Torrent[];
}

/** Torrents as they are shown. */
export interface Arranged {
  readonly arrangement: Arrangement;
  /** How many the filter leaves, each counted once. */
  readonly shown: number;
  /** How many there are. */
  readonly total: number;
  /** Undefined without grouping. A torrent with two labels or trackers is in both groups. */
  readonly groups: readonly Group[] | undefined;
  /** Those shown; empty where they are in groups. */
  readonly torrents: readonly Torrent[];
}

/** In which order states are shown: what needs a look first, then what is at work, then what waits. */
const STATE_ORDER: Readonly<Record<TorrentState, number>> = {
  error: 0,
  downloading: 1,
  metadata: 2,
  seeding: 3,
  checking: 4,
  moving: 5,
  queued: 6,
  stopped: 7,
};

/**
 * Arranges torrents; of one that comes twice, by its info hash, the last counts.
 *
 * @param before how they were arranged last. It never changes the outcome, but what was sorted is not sorted again, and
 *   lists, groups and the whole stay the same objects where nothing in them changed.
 * @param now seconds since 1970, for filters by age.
 */
export function arrange(
  torrents: Iterable<Torrent>,
  arrangement: Arrangement,
  before?: Arranged,
  now: number = Date.now() / 1000,
): Arranged {
  const known = new Map<string, Torrent>();
  for (const torrent of torrents) known.set(torrent.infoHash, torrent);
  const total = known.size;
  const shown = arrangement.filter ? filtered(known, toPredicate(arrangement.filter, now)) : known;
  const like = before?.arrangement.groupBy === arrangement.groupBy ? before : undefined;
  const { sort, groupBy } = arrangement;
  const sorter: Sorter = { compare: comparerOf(sort), isSame: isSameSort(like?.arrangement.sort, sort) };
  const groups = groupBy === 'none' ? undefined : grouped(shown, groupBy, sorter, like?.groups ?? []);
  const list = groups ? NONE : sorted(shown, sorter, like?.torrents ?? NONE);
  const isSame =
    before?.shown === shown.size &&
    before.total === total &&
    before.groups === groups &&
    before.torrents === list;
  return isSame && before.arrangement === arrangement
    ? before
    : { arrangement, shown: shown.size, total, groups, torrents: list };
}

const NONE: readonly Torrent[] = [];

type ByInfoHash = ReadonlyMap<string, Torrent>;
type Compare = (a: Torrent, b: Torrent) => number;

interface Sorter {
  readonly compare: Compare;
  /** Whether what was arranged before is sorted likewise. */
  readonly isSame: boolean;
}

function isSameSort(a: Sort | undefined, b: Sort): boolean {
  return a?.key === b.key && a.isDescending === b.isDescending;
}

function filtered(torrents: ByInfoHash, matches: (torrent: Torrent) => boolean): ByInfoHash {
  const left = new Map<string, Torrent>();
  for (const [infoHash, torrent] of torrents) if (matches(torrent)) left.set(infoHash, torrent);
  return left;
}

// --- Groups ------------------------------------------------------------------------------------------------------

const KEYS_OF: { readonly [By in Exclude<Grouping, 'none'>]: (torrent: Torrent) => readonly string[] } = {
  state: torrent => [torrent.state],
  label: torrent => torrent.labels ?? [],
  tracker: torrent => torrent.trackerHosts ?? [],
  folder: torrent => (torrent.savePath === undefined ? [] : [torrent.savePath]),
};

const WITHOUT = [''];

function grouped(
  torrents: ByInfoHash,
  groupBy: Exclude<Grouping, 'none'>,
  sorter: Sorter,
  before: readonly Group[],
): readonly Group[] {
  const members = new Map<string, Map<string, Torrent>>();
  for (const [infoHash, torrent] of torrents) {
    const keys = KEYS_OF[groupBy](torrent);
    for (const key of keys.length > 0 ? keys : WITHOUT) {
      const group = members.get(key);
      if (group) group.set(infoHash, torrent);
      else members.set(key, new Map([[infoHash, torrent]]));
    }
  }
  const known = new Map(before.map(group => [group.key, group]));
  const groups = Array.from(members, ([key, group]): Group => {
    const last = known.get(key);
    const list = sorted(group, sorter, last?.torrents ?? NONE);
    return last?.torrents === list ? last : { key, label: key, torrents: list };
  });
  return sameIfEqual(groups.sort(groupBy === 'state' ? byState : byKey), before);
}

const byState = (a: Group, b: Group) =>
  STATE_ORDER[a.key as TorrentState] - STATE_ORDER[b.key as TorrentState];

/** The group of those without one is the last. */
function byKey(a: Group, b: Group): number {
  return (
    Number(a.key === '') - Number(b.key === '') || compareTexts(a.key, b.key) || (a.key < b.key ? -1 : 1)
  );
}

// --- Order -------------------------------------------------------------------------------------------------------

const { compare: compareTexts } = new Intl.Collator(undefined, { numeric: true });

/** What is compared of a torrent; of equal ones the name decides. */
const VALUE_OF: { readonly [Key in Exclude<SortKey, 'name'>]: (torrent: Torrent) => number | undefined } = {
  state: torrent => STATE_ORDER[torrent.state],
  progress: torrent => torrent.progress,
  downloadRate: torrent => torrent.downloadRate,
  uploadRate: torrent => torrent.uploadRate,
  ratio: torrent => torrent.ratio,
  size: torrent => torrent.size,
  added: torrent => torrent.addedAt,
  activity: torrent => torrent.activeAt,
  queue: torrent => torrent.queuePosition,
};

/** How two torrents with different info hashes are ordered, never as equal; of two versions of one, 0 is the same place. */
function comparerOf({ key, isDescending }: Sort): Compare {
  const sign = isDescending ? -1 : 1;
  if (key === 'name')
    return (a, b) => sign * compareTexts(a.name, b.name) || compareInfoHashes(a.infoHash, b.infoHash);
  const value = VALUE_OF[key];
  return (a, b) =>
    compareValues(value(a), value(b), sign) ||
    compareTexts(a.name, b.name) ||
    compareInfoHashes(a.infoHash, b.infoHash);
}

/** What is unknown comes last, in both directions. */
function compareValues(a: number | undefined, b: number | undefined, sign: 1 | -1): number {
  if (a === b) return 0;
  if (a === undefined) return 1;
  if (b === undefined) return -1;
  return sign * (a - b);
}

function compareInfoHashes(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

/** Sorts, taking over the order that a list had before where the torrents still stand to each other as they did. */
function sorted(
  torrents: ByInfoHash,
  { compare, isSame }: Sorter,
  before: readonly Torrent[],
): readonly Torrent[] {
  if (!isSame) return sameIfEqual([...torrents.values()].sort(compare), before);
  const left = new Map(torrents);
  const kept: Torrent[] = [];
  for (const last of before) {
    const torrent = left.get(last.infoHash);
    if (!torrent || (torrent !== last && compare(torrent, last) !== 0)) continue;
    left.delete(last.infoHash);
    kept.push(torrent);
  }
  return sameIfEqual(merged(kept, [...left.values()].sort(compare), compare), before);
}

/** Puts the few into the many, both in order: the places are found by halving, what lies between is copied. */
function merged(many: readonly Torrent[], few: readonly Torrent[], compare: Compare): readonly Torrent[] {
  if (few.length === 0) return many;
  const list: Torrent[] = [];
  let done = 0;
  for (const torrent of few) {
    const place = placeOf(torrent, many, done, compare);
    for (; done < place; done += 1) list.push(many[done] as Torrent);
    list.push(torrent);
  }
  for (; done < many.length; done += 1) list.push(many[done] as Torrent);
  return list;
}

/** Where the first that comes after it stands, from `low` on. */
function placeOf(torrent: Torrent, list: readonly Torrent[], low: number, compare: Compare): number {
  let from = low;
  let to = list.length;
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (compare(list[middle] as Torrent, torrent) < 0) from = middle + 1;
    else to = middle;
  }
  return from;
}

function sameIfEqual<T>(list: readonly T[], before: readonly T[]): readonly T[] {
  return list.length === before.length && list.every((item, index) => item === before[index]) ? before : list;
}
