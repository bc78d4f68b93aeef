// node --expose-gc callWorker.ts KIND CONTENDER PLACE: one way to talk to a daemon, measured.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { contendersOf, type Kind } from './contenders/all.ts';
import type { Contender, MakeContender } from './contenders/contender.ts';
import { type Figures, serve } from './serve.ts';

const CONCURRENCY = 64;
/** So that everything is compiled as well as it ever will be; after 2,000 the core still is not. */
const WARM_UP_CALLS = 12_000;
const WARM_UP_LISTS = 4;
/** Of each round, not counted. */
const FIRST_CALLS = 100;
/** Milliseconds after which a round of long measurements ends. */
const ROUND_MS = 600;

const [, , kind, name, placeJson] = process.argv as [string, string, Kind, string, string];
const make = (await contendersOf(kind))[name] as MakeContender;
const place = JSON.parse(placeJson);

/** Does something with a connected contender that has made its first calls. */
async function connected(work: (contender: Contender) => Promise<Figures>, firstCalls = 1): Promise<Figures> {
  const contender = await make(place);
  await contender.connect();
  await repeat(firstCalls, contender.call);
  try {
    return await work(contender);
  } finally {
    await contender.close();
  }
}

/** Milliseconds, and those of the processor (its own and the kernel's for it), each per call. */
async function timed(count: number, work: () => Promise<unknown>): Promise<Figures> {
  const cpu = process.cpuUsage();
  const start = performance.now();
  await work();
  const time = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  return { time: time / count, cpu: (user + system) / 1000 / count };
}

async function repeat(count: number, work: () => Promise<unknown>): Promise<void> {
  for (let done = 0; done < count; done++) await work();
}

/**
 * Measures several times, at least twice and then as often as there is time for.
 *
 * The time is the lower quartile: every second list or so waits for 40 ms, whoever asks, where Nagle's algorithm on the
 * daemon's side meets the delayed acknowledgements of Linux (observed with Transmission 3.00). The processor's is the mean.
 */
async function several(count: number, measure: () => Promise<Figures>): Promise<Figures> {
  const times: number[] = [];
  let cpu = 0;
  const end = performance.now() + ROUND_MS;
  while (times.length < count && (times.length < 2 || performance.now() < end)) {
    const figures = await measure();
    times.push(figures.time ?? Number.NaN);
    cpu += figures.cpu ?? Number.NaN;
  }
  times.sort((a, b) => a - b);
  return { time: times[times.length >> 2] as number, cpu: cpu / times.length };
}

/** Bytes in memory: now, and the most since the peak was last forgotten. */
function memoryUsed(): { now: number; peak: number } {
  const status = readFileSync('/proc/self/status', 'latin1');
  const bytesOf = (field: string) => 1024 * Number(new RegExp(`^${field}:\\s*(\\d+)`, 'm').exec(status)?.[1]);
  return { now: bytesOf('VmRSS'), peak: bytesOf('VmHWM') };
}

/** Bytes that values take, with what lies beside the heap. */
function valuesSize(): number {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

serve({
  /** Whether it works at all, and how many torrents it lists. */
  check: () =>
    connected(async contender => {
      assert.ok(await contender.call());
      return { torrents: Object.keys(await contender.list()).length };
    }),
  warmUp: () =>
    connected(async ({ call, list }) => {
      await repeat(WARM_UP_CALLS, call);
      await repeat(WARM_UP_LISTS, list);
      return {};
    }),
  sequential: count => connected(({ call }) => timed(count, () => repeat(count, call)), FIRST_CALLS),
  concurrent: count =>
    connected(async ({ call }) => {
      let left = count;
      const chain = async () => {
        while (left-- > 0) await call();
      };
      const run = () => Promise.all(Array.from({ length: CONCURRENCY }, chain));
      return timed(count, run);
    }, FIRST_CALLS),
  list: count => connected(({ list }) => several(count, () => timed(1, list))),
  /** From nothing to the answer of the first call; the goodbye is not counted. */
  first: count =>
    several(count, async () => {
      const contender = await make(place);
      const figures = await timed(1, async () => {
        await contender.connect();
        await contender.call();
      });
      await contender.close();
      return figures;
    }),
  /**
   * The most memory that the process had while it made one list, beyond what it had before; and what the list takes
   * when all else is gone. To be asked of a new process, whose heap has no room yet from what it did before.
   */
  memory: () =>
    connected(async contender => {
      const empty = valuesSize();
      writeFileSync('/proc/self/clear_refs', '5');
      const before = memoryUsed().now;
      const list = await contender.list();
      const { peak } = memoryUsed();
      const values = valuesSize() - empty;
      assert.ok(Object.keys(list).length > 0);
      return { peak: peak - before, values };
    }),
});
