/** What a filter can ask of a torrent, and the units of it. */
import { TORRENT_STATES, type Torrent } from './torrent.ts';

/** Texts are compared whatever their case, and however their accents are encoded. */
export function fold(text: string): string {
  return text.toLowerCase().normalize();
}

// --- Words: `state:seeding` --------------------------------------------------------------------------------------

interface WordKind {
  /** The only words that there are; undefined where any text is one. */
  readonly known?: readonly string[];
  /** Whether a torrent has the word, which is folded. */
  test(word: string): (torrent: Torrent) => boolean;
}

/** Any of a torrent's texts of one kind; of a torrent without one, the empty text. */
function anyOf(
  textsOf: (torrent: Torrent) => readonly string[] | undefined,
  isMeant: (text: string, word: string) => boolean,
): WordKind {
  return {
    test: word => torrent => {
      const texts = textsOf(torrent) ?? [];
      return word === '' ? texts.every(text => text === '') : texts.some(text => isMeant(fold(text), word));
    },
  };
}

const isWhole = (text: string, word: string) => text === word;
const isPart = (text: string, word: string) => text.includes(word);

/** A folder from the root on is meant with all below it, any other as a part of the path. */
function isFolder(path: string, word: string): boolean {
  if (!/^(?:[/\\]|[a-z]:)/.test(word)) return path.includes(word);
  const folder = word.replace(/[/\\]+$/, '');
  return path.startsWith(folder) && /^(?:[/\\]|$)/.test(path.slice(folder.length));
}

const ASPECTS: Readonly<Record<string, (torrent: Torrent) => boolean>> = {
  active: ({ downloadRate = 0, uploadRate = 0 }) => downloadRate + uploadRate > 0,
  complete: ({ progress }) => progress >= 1,
  error: ({ state, error }) => state === 'error' || Boolean(error),
  private: ({ isPrivate }) => isPrivate === true,
};

export type WordField = 'state' | 'label' | 'tag' | 'tracker' | 'folder' | 'is';

/** A label and a tag are meant as a whole, of a tracker's host a part is enough; empty is without one. */
export const WORDS: { readonly [Field in WordField]: WordKind } = {
  state: { known: TORRENT_STATES, test: word => torrent => torrent.state === word },
  label: anyOf(torrent => torrent.labels, isWhole),
  tag: anyOf(torrent => torrent.tags, isWhole),
  tracker: anyOf(torrent => torrent.trackerHosts, isPart),
  folder: anyOf(({ savePath }) => (savePath === undefined ? undefined : [savePath]), isFolder),
  is: { known: Object.keys(ASPECTS), test: word => ASPECTS[word] ?? (() => false) },
};

// --- Comparisons: `ratio<1` --------------------------------------------------------------------------------------

export type Operator = '<' | '<=' | '>' | '>=' | '=';

export const OPERATORS: { readonly [Sign in Operator]: (value: number, wanted: number) => boolean } = {
  '<': (value, wanted) => value < wanted,
  '<=': (value, wanted) => value <= wanted,
  '>': (value, wanted) => value > wanted,
  '>=': (value, wanted) => value >= wanted,
  '=': (value, wanted) => value === wanted,
};

/** How an amount in each unit is counted: in bytes, seconds or parts of a whole. */
export type Units = Readonly<Record<string, (amount: number) => number>>;

interface ComparisonKind {
  /** What is compared; seconds since 1970 are given for ages. */
  read(torrent: Torrent, now: number): number | undefined;
  readonly units: Units;
  /** What an amount without a unit is counted in; undefined where it must have one. */
  readonly unit: string | undefined;
}

const times = (factor: number) => (amount: number) => amount * factor;
const PREFIXES = ['k', 'M', 'G', 'T', 'P'];

/** Decimal as they are shown, and binary. */
const BYTES: Units = Object.fromEntries([
  ['B', times(1)],
  ...PREFIXES.map((prefix, at) => [`${prefix}B`, times(1000 ** (at + 1))]),
  ...PREFIXES.map((prefix, at) => [`${prefix.toUpperCase()}iB`, times(1024 ** (at + 1))]),
]);
const RATES: Units = Object.fromEntries(
  Object.entries(BYTES).map(([unit, toBytes]) => [`${unit}/s`, toBytes]),
);
const PARTS: Units = { '%': amount => amount / 100 };
const DURATIONS: Units = {
  s: times(1),
  min: times(60),
  h: times(3600),
  d: times(86_400),
  w: times(604_800),
};
const NUMBERS: Units = { '': times(1) };

/** How long something is ago, which may lie ahead where clocks differ. */
const ageOf = (at: number | undefined, now: number) => (at === undefined ? undefined : now - at);

/** All that are connected, those that have everything as well. */
function peersOf({ peers, seeds, leechers }: Torrent): number | undefined {
  return peers ?? (seeds === undefined || leechers === undefined ? undefined : seeds + leechers);
}

export type ComparisonField =
  | 'ratio'
  | 'size'
  | 'progress'
  | 'down'
  | 'up'
  | 'seeds'
  | 'peers'
  | 'eta'
  | 'added'
  | 'activity';

/** `added<7d` is younger than seven days; `activity>1w`: no byte came or went for a week. */
export const COMPARISONS: { readonly [Field in ComparisonField]: ComparisonKind } = {
  ratio: { read: torrent => torrent.ratio, units: NUMBERS, unit: '' },
  size: { read: torrent => torrent.size, units: BYTES, unit: 'B' },
  progress: { read: torrent => torrent.progress, units: PARTS, unit: '%' },
  down: { read: torrent => torrent.downloadRate, units: RATES, unit: 'B/s' },
  up: { read: torrent => torrent.uploadRate, units: RATES, unit: 'B/s' },
  seeds: { read: torrent => torrent.seeds, units: NUMBERS, unit: '' },
  peers: { read: peersOf, units: NUMBERS, unit: '' },
  eta: { read: torrent => torrent.eta, units: DURATIONS, unit: undefined },
  added: { read: (torrent, now) => ageOf(torrent.addedAt, now), units: DURATIONS, unit: undefined },
  activity: { read: (torrent, now) => ageOf(torrent.activeAt, now), units: DURATIONS, unit: undefined },
};
