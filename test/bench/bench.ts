// node test/tools/bootstrap.mjs test/bench/bench.ts [--quick] [PART…]
//
// Compares the core with other clients and with the floors, on the same daemons in one run. Each contender has a process
// of its own; in each round all of them have a turn, and what counts is the median of the rounds. Parts are the kinds
// of daemons and `codecs`; the tables go to the terminal and to out/bench.md.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir, totalmem } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { runPython } from '../tools/daemons/deluge.ts';
import { startNginx } from '../tools/nginx.ts';
import { ensureSystemPackages } from '../tools/system-packages.ts';
import { CODECS, type Codec, type CodecName, pythonProgram } from './codecs.ts';
import { contendersOf, type Kind } from './contenders/all.ts';
import type { Place } from './contenders/contender.ts';
import {
  makeTorrents,
  type StartFull,
  startFullDeluge,
  startFullQbittorrent,
  startFullRtorrent,
  startFullTransmission,
} from './fill.ts';
import { type Limits, median, missedIn, type Row, type Table, toMarkdown } from './report.ts';
import { type Figures, Measurer } from './serve.ts';

const here = import.meta.dirname;
const root = path.resolve(here, '../..');
const MEGABYTE = 1_000_000;

/** A kind of daemon, and how to reach it. */
interface Section {
  readonly title: string;
  readonly start: StartFull;
  /** The ways to it, and which of the others is the floor that counts. */
  readonly ways: readonly {
    readonly kind: Kind;
    readonly floor: 'undici' | 'socket';
    readonly place?: Way;
  }[];
}

/** Where a contender is to go, instead of to the daemon itself. */
type Way = (daemon: Place, stack: AsyncDisposableStack) => Promise<Place>;

const throughNginx: Way = async (daemon, stack) => {
  const { host } = new URL(daemon.url);
  const config = `location / { scgi_param CONTENT_LENGTH $content_length; scgi_param SCGI 1; scgi_pass ${host}; }`;
  const { url } = stack.use(await startNginx({ config, username: '' }));
  return { url: `${url}/RPC2`, username: '', password: '' };
};

const SECTIONS: Readonly<Record<'transmission' | 'qbittorrent' | 'deluge' | 'rtorrent', Section>> = {
  transmission: {
    title: 'Transmission',
    start: startFullTransmission,
    ways: [{ kind: 'transmission', floor: 'undici' }],
  },
  qbittorrent: {
    title: 'qBittorrent',
    start: startFullQbittorrent,
    ways: [{ kind: 'qbittorrent', floor: 'undici' }],
  },
  deluge: { title: 'Deluge', start: startFullDeluge, ways: [{ kind: 'deluge', floor: 'socket' }] },
  rtorrent: {
    title: 'rTorrent',
    start: startFullRtorrent,
    ways: [
      { kind: 'rtorrent', floor: 'socket' },
      { kind: 'rtorrent-http', floor: 'undici', place: throughNginx },
    ],
  },
};
type SectionName = keyof typeof SECTIONS;

/** What is measured: how often in a round, how many rounds, and how much of others' our share may be. */
const MEASURES = [
  { name: 'sequential', label: 'sequential call', count: 500, rounds: 7, floorLimit: 1.15, peerLimit: 1 },
  {
    name: 'concurrent',
    label: 'of 64 concurrent calls, one',
    count: 960,
    rounds: 7,
    floorLimit: 1.15,
    peerLimit: 1,
  },
  { name: 'list', label: 'list', count: 8, rounds: 5, floorLimit: 1.15, peerLimit: 1 },
  {
    name: 'first',
    label: 'connect + first call',
    count: 5,
    rounds: 5,
    floorLimit: 1.2,
    peerLimit: undefined,
  },
] as const;
const MEMORY_ROUNDS = 3;
const MEMORY_LIMIT = 3;

const { values: options, positionals: parts } = parseArgs({
  options: { quick: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const known = [...Object.keys(SECTIONS), 'codecs'];
const unknown = parts.find(part => !known.includes(part));
if (unknown !== undefined) {
  console.error(`There is no part "${unknown}"; there are ${known.join(', ')}.`);
  process.exit(2);
}
const isAsked = (part: string) => parts.length === 0 || parts.includes(part);
const torrentCount = options.quick ? 1000 : 5000;
const roundsOf = (rounds: number) => (options.quick ? Math.min(3, rounds) : rounds);
const answers = mkdtempSync(path.join(tmpdir(), 'bt-rpc-bench-answers-'));
process.on('exit', () => rmSync(answers, { recursive: true, force: true }));
const started = performance.now();
const say = (text: string) => console.log(`[${Math.round((performance.now() - started) / 1000)} s] ${text}`);

/** The packages that only the benchmark needs, as test/bench/package-lock.json has them. */
function installPeers(): void {
  const stamp = path.join(here, 'node_modules', '.bt-rpc-installed');
  const wanted = createHash('sha256')
    .update(readFileSync(path.join(here, 'package-lock.json')))
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  say('Installing the packages to compare with …');
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund'];
  const { status } = spawnSync('npm', args, {
    cwd: here,
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: process.platform === 'win32',
  });
  if (status !== 0) throw new Error(`npm ${args.join(' ')} ended with ${status}.`);
  writeFileSync(stamp, wanted);
}

async function runSection(name: SectionName, { title, start, ways }: Section): Promise<Table[]> {
  await using stack = new AsyncDisposableStack();
  say(`${title}: starting it with ${torrentCount} torrents …`);
  const { url, username, password } = await start(torrents, stack);
  const daemon = { url, username, password };
  await keepAnswer(name, daemon);
  if (!isAsked(name)) return [];
  const found: Table[] = [];
  for (const { kind, floor, place } of ways) {
    say(`${title}${kind === name ? '' : ` (${kind})`}: measuring …`);
    found.push(await measure(kind, floor, await (place?.(daemon, stack) ?? daemon)));
  }
  return found;
}

const answerOf = (kind: string) => path.join(answers, kind);

/** The list as it came, for the codecs. */
async function keepAnswer(kind: SectionName, place: Place): Promise<void> {
  const contender = await (await contendersOf(kind)).socket?.(place);
  if (!contender?.raw) return;
  await contender.connect();
  writeFileSync(answerOf(kind), await contender.raw());
  await contender.close();
}

/** Figures by measure and contender. */
type Results = Map<string, Map<string, Figures>>;

async function measure(kind: Kind, floor: string, place: Place): Promise<Table> {
  using stack = new DisposableStack();
  const begin = (contender: string) =>
    new Measurer(path.join(here, 'callWorker.ts'), kind, contender, JSON.stringify(place));
  const measurers = new Map<string, Measurer>();
  for (const contender of Object.keys(await contendersOf(kind))) {
    const measurer = stack.use(begin(contender));
    if (await works(contender, measurer)) measurers.set(contender, measurer);
  }
  const results: Results = new Map();
  for (const { name, count, rounds } of MEASURES) {
    const rounded = await alternate([...measurers.keys()], roundsOf(rounds), contender =>
      (measurers.get(contender) as Measurer).ask(name, count),
    );
    results.set(name, rounded);
  }
  const memory = await alternate([...measurers.keys()], roundsOf(MEMORY_ROUNDS), async contender => {
    using fresh = begin(contender);
    return await fresh.ask('memory', 1);
  });
  results.set('memory', memory);
  return toTable(kind, floor, [...measurers.keys()], results);
}

async function works(contender: string, measurer: Measurer): Promise<boolean> {
  try {
    const { torrents: listed } = await measurer.ask('check', 1);
    if (listed === torrentCount) {
      await measurer.ask('warmUp', 1);
      return true;
    }
    say(`Without ${contender}: it lists ${listed} torrents.`);
  } catch (error) {
    if (contender === 'core') throw error;
    say(`Without ${contender}: ${error instanceof Error ? error.message.split('\n', 1)[0] : error}`);
  }
  return false;
}

/** The medians of some rounds; a first one does not count. */
async function alternate(
  contenders: readonly string[],
  rounds: number,
  ask: (contender: string) => Promise<Figures>,
): Promise<Map<string, Figures>> {
  const all = new Map(contenders.map(contender => [contender, [] as Figures[]]));
  for (let round = 0; round <= rounds; round++) {
    // Each begins once in a while.
    for (let turn = 0; turn < contenders.length; turn++) {
      const contender = contenders[(round + turn) % contenders.length] as string;
      const figures = await ask(contender);
      if (round > 0) all.get(contender)?.push(figures);
    }
  }
  return new Map([...all].map(([contender, figures]) => [contender, mediansOf(figures)]));
}

function mediansOf(figures: readonly Figures[]): Figures {
  const keys = Object.keys(figures[0] ?? {});
  return Object.fromEntries(keys.map(key => [key, median(figures.map(figure => figure[key] ?? Number.NaN))]));
}

function toTable(kind: Kind, floor: string, contenders: readonly string[], results: Results): Table {
  const others = contenders.filter(contender => contender !== 'core');
  const figure = (name: string, contender: string, key: string) =>
    results.get(name)?.get(contender)?.[key] ?? Number.NaN;
  const row = (
    name: string,
    key: string,
    label: string,
    unit: (value: number) => string,
    limits: Limits,
  ): Row => ({
    label,
    core: unit(figure(name, 'core', key)),
    ratios: Object.fromEntries(
      others.map(other => [other, figure(name, 'core', key) / figure(name, other, key)]),
    ),
    limits,
  });
  const rows = MEASURES.flatMap(({ name, label, floorLimit, peerLimit }) => {
    const limits = Object.fromEntries([
      [floor, floorLimit],
      ...others
        .filter(other => !['undici', 'socket'].includes(other) && peerLimit !== undefined)
        .map(other => [other, peerLimit]),
    ]);
    return [
      row(name, 'time', `${label}: time`, inMilliseconds, limits),
      row(name, 'cpu', `${label}: CPU`, inMilliseconds, name === 'first' ? {} : limits),
    ];
  });
  rows.push(memoryRow(row('memory', 'peak', 'list: peak memory', inMegabytes, {}), figure));
  return { title: kind, others: [...others, VALUES], rows };
}

/** A column of the row for memory: what the list takes when it is done. */
const VALUES = 'its values';

function memoryRow(row: Row, figure: (name: string, contender: string, key: string) => number): Row {
  const ratio = figure('memory', 'core', 'peak') / figure('memory', 'core', 'values');
  return { ...row, ratios: { ...row.ratios, [VALUES]: ratio }, limits: { [VALUES]: MEMORY_LIMIT } };
}

const inMilliseconds = (value: number) => `${value < 10 ? value.toFixed(3) : value.toFixed(1)} ms`;
const inMegabytes = (value: number) => `${(value / MEGABYTE).toFixed(1)} MB`;

// --- Codecs ------------------------------------------------------------------------------------------------------

const CODEC_ROUNDS = 7;
const CODEC_COUNT = 8;
/** Of others' times, as far as there are targets. */
const CODEC_LIMITS: Readonly<Partial<Record<CodecName, Limits>>> = {
  'XML-RPC decode': { saxes: 0.4, 'fast-xml-parser': 0.4, xml2js: 0.4, '@xmldom/xmldom': 0.4 },
  'rencode decode': { 'python3-rencode': 1 },
  'JSON decode': { 'JSON.parse': 1.05, 'lossless-json': 1, 'json-bigint': 1 },
};

async function runCodecs(): Promise<Table> {
  const rows: Row[] = [];
  for (const name of Object.keys(CODECS) as CodecName[]) {
    say(`codecs: measuring ${name} …`);
    rows.push(await runCodec(name, CODECS[name]));
  }
  const others = [...new Set(rows.flatMap(({ ratios }) => Object.keys(ratios)))];
  return { title: 'codecs', others, rows };
}

async function runCodec(name: CodecName, { kind, contenders }: Codec): Promise<Row> {
  using stack = new DisposableStack();
  const file = answerOf(kind);
  const measurers = new Map<string, () => Promise<Figures>>();
  for (const [contender, how] of Object.entries(contenders)) {
    if (typeof how !== 'function') {
      measurers.set(contender, async () => ({
        time: Number(await runPython(pythonProgram(how, file, CODEC_COUNT))),
      }));
      continue;
    }
    const measurer = stack.use(new Measurer(path.join(here, 'codecWorker.ts'), name, contender, file));
    measurers.set(contender, () => measurer.ask('decode', CODEC_COUNT));
  }
  const results = await alternate([...measurers.keys()], roundsOf(CODEC_ROUNDS), contender =>
    (measurers.get(contender) as () => Promise<Figures>)(),
  );
  const timeOf = (contender: string) => results.get(contender)?.time ?? Number.NaN;
  const megabytes = readFileSync(file).length / MEGABYTE;
  const others = [...measurers.keys()].filter(contender => contender !== 'core');
  return {
    label: name,
    core: `${((megabytes / timeOf('core')) * 1000).toFixed(0)} MB/s`,
    ratios: Object.fromEntries(others.map(other => [other, timeOf('core') / timeOf(other)])),
    limits: CODEC_LIMITS[name] ?? {},
  };
}

// --- The report --------------------------------------------------------------------------------------------------

function writeReport(): void {
  const missed = tables.flatMap(missedIn);
  const report = [
    `# Speed, ${torrentCount} torrents`,
    '',
    `${machine()}. Ratios: ours divided by theirs, so that less is better; ✗: more than the target.`,
    ...tables.map(table => `\n${toMarkdown(table)}`),
    '',
    missed.length === 0 ? 'Every target is met.' : `Targets missed: ${missed.length}`,
    ...missed.map(line => `- ${line}`),
    '',
  ].join('\n');
  const file = path.join(root, 'out', 'bench.md');
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, report);
  console.log(`\n${report}`);
  say(`Written to ${path.relative(root, file)}.`);
}

function machine(): string {
  const [cpu] = cpus();
  const gigabytes = Math.round(totalmem() / 2 ** 30);
  const names = ['transmission-daemon', 'qbittorrent-nox', 'deluged', 'rtorrent', 'python3-rencode'];
  const format = `\${Package} \${Version}, `;
  const { stdout } = spawnSync('dpkg-query', ['-W', '-f', format, ...names], { encoding: 'utf8' });
  return `${cpus().length} × ${cpu?.model.trim()}, ${gigabytes} GiB; Node ${process.version}; ${(stdout ?? '').replace(/, $/, '')}`;
}

installPeers();
ensureSystemPackages([
  'transmission-daemon',
  'qbittorrent-nox',
  'deluged',
  'rtorrent',
  'nginx-light',
  'python3-rencode',
]);
const torrents = makeTorrents(torrentCount);
const tables: Table[] = [];
for (const [name, section] of Object.entries(SECTIONS) as [SectionName, Section][]) {
  const isForCodecs = Object.values(CODECS).some(({ kind }) => kind === name) && isAsked('codecs');
  if (isAsked(name) || isForCodecs) tables.push(...(await runSection(name, section)));
}
if (isAsked('codecs')) tables.push(await runCodecs());
writeReport();
