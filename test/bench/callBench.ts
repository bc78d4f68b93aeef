// Calls to a daemon, by all the ways there are to it.
import path from 'node:path';
import { contendersOf, type Kind } from './contenders/all.ts';
import { FLOORS, type Place } from './contenders/contender.ts';
import { type Limits, MEGABYTE, type Row, type Table } from './report.ts';
import { alternate, type Results } from './rounds.ts';
import { Measurer } from './serve.ts';

/** What is measured: how often in a round, how many rounds, and how much of others' our share may be. */
const MEASURES: readonly Measure[] = [
  { name: 'sequential', label: 'sequential call', count: 500, rounds: 15, floorLimit: 1.15, peerLimit: 1 },
  { name: 'concurrent', label: 'one of 64 at once', count: 960, rounds: 15, floorLimit: 1.15, peerLimit: 1 },
  { name: 'list', label: 'list', count: 6, rounds: 5, floorLimit: 1.15, peerLimit: 1 },
  { name: 'first', label: 'connect + first call', count: 15, rounds: 7, floorLimit: 1.2 },
];

interface Measure {
  readonly name: string;
  readonly label: string;
  readonly count: number;
  readonly rounds: number;
  readonly floorLimit: number;
  /** None where others do not do the same. */
  readonly peerLimit?: number;
}
const MEMORY_ROUNDS = 5;
const MEMORY_LIMIT = 3;

/** What is to be compared. */
export interface CallBench {
  readonly kind: Kind;
  readonly place: Place;
  /** The floor that has a target. */
  readonly floor: (typeof FLOORS)[number];
  /** How many torrents there are. */
  readonly torrents: number;
  /** How many rounds to make where so many are good. */
  roundsOf(rounds: number): number;
  /** Tells who cannot take part, and why. */
  say(text: string): void;
}

/** Measures the core and all others that work. */
export async function benchCalls(bench: CallBench): Promise<Table> {
  const { kind, place, roundsOf } = bench;
  using stack = new DisposableStack();
  const begin = (contender: string) =>
    new Measurer(path.join(import.meta.dirname, 'callWorker.ts'), kind, contender, JSON.stringify(place));
  const measurers = new Map<string, Measurer>();
  for (const contender of Object.keys(await contendersOf(kind))) {
    const measurer = stack.use(begin(contender));
    if (await works(contender, measurer, bench)) measurers.set(contender, measurer);
  }
  const contenders = [...measurers.keys()];
  const results = new Map<string, Results>();
  for (const { name, count, rounds } of MEASURES) {
    const ask = (contender: string) => (measurers.get(contender) as Measurer).ask(name, count);
    results.set(name, await alternate(contenders, roundsOf(rounds), ask));
  }
  const askNew = async (contender: string) => {
    using fresh = begin(contender);
    return await fresh.ask('memory', 1);
  };
  results.set('memory', await alternate(contenders, roundsOf(MEMORY_ROUNDS), askNew));
  return toTable(bench, contenders, results);
}

async function works(contender: string, measurer: Measurer, { torrents, say }: CallBench): Promise<boolean> {
  try {
    const { torrents: listed } = await measurer.ask('check', 1);
    if (listed !== torrents) throw new Error(`it lists ${listed} torrents`);
    await measurer.ask('warmUp', 1);
    return true;
  } catch (error) {
    if (contender === 'core') throw error;
    say(`Without ${contender}: ${error instanceof Error ? error.message.split('\n', 1)[0] : error}`);
    return false;
  }
}

function toTable(
  { kind, floor }: CallBench,
  contenders: readonly string[],
  results: ReadonlyMap<string, Results>,
): Table {
  const others = contenders.filter(contender => contender !== 'core');
  const row = (name: string, key: string, label: string, unit: Unit, limits: Limits): Row => {
    const result = results.get(name) as Results;
    const ratios = others.map(other => [other, result.ratio('core', other, key)]);
    return { label, core: unit(result.figure('core', key)), ratios: Object.fromEntries(ratios), limits };
  };
  const rows = MEASURES.flatMap(({ name, label, floorLimit, peerLimit }) => {
    const peers = others.filter(other => !FLOORS.includes(other as typeof floor));
    const peerLimits = peerLimit === undefined ? [] : peers.map(peer => [peer, peerLimit]);
    const limits: Limits = { [floor]: floorLimit, ...Object.fromEntries(peerLimits) };
    return [
      row(name, 'time', `${label}: time`, inMilliseconds, limits),
      row(name, 'cpu', `${label}: CPU`, inMilliseconds, name === 'first' ? {} : limits),
    ];
  });
  const memory = row('memory', 'peak', 'list: peak memory', inMegabytes, { [VALUES]: MEMORY_LIMIT });
  const used = results.get('memory') as Results;
  const ofValues = used.figure('core', 'peak') / used.figure('core', 'values');
  rows.push({ ...memory, ratios: { ...memory.ratios, [VALUES]: ofValues } });
  return { title: kind, others: [...others, VALUES], rows };
}

/** A column of the row for memory: what the list takes when it is done. */
const VALUES = 'its values';

type Unit = (value: number) => string;
const inMilliseconds: Unit = value => `${value < 10 ? value.toFixed(3) : value.toFixed(1)} ms`;
const inMegabytes: Unit = value => `${(value / MEGABYTE).toFixed(1)} MB`;
