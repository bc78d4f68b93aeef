// node test/tools/bootstrap.mjs test/bench/bench.ts [--quick] [PART…]
//
// Compares the core with other clients and with the floors, on the same daemons in one run. Each contender has a process
// of its own; in each round all of them have a turn, and what counts is the median of the rounds. Parts are the kinds
// of daemons, `codecs`, `torrents` (the store and the arrangement) and `host` (what refreshes are in a real VS Code); the
// tables go to the terminal and to out/bench.md.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir, totalmem } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { Daemon } from '../tools/daemons/daemon.ts';
import { startNginx } from '../tools/nginx.ts';
import { build } from '../tools/package.ts';
import { ensureSystemPackages } from '../tools/system-packages.ts';
import { benchCalls, type CallBench } from './callBench.ts';
import { benchCodecs } from './codecBench.ts';
import { CODECS } from './codecs.ts';
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
import { benchHost } from './hostBench.ts';
import { missedIn, type Table, toMarkdown } from './report.ts';
import { benchTorrents } from './torrentsBench.ts';

const here = import.meta.dirname;
const root = path.resolve(here, '../..');

/** A kind of daemon, and how to reach it. */
interface Section {
  readonly title: string;
  readonly start: StartFull;
  /** The ways to it, and which of the others is the floor that counts. */
  readonly ways: readonly {
    readonly kind: Kind;
    readonly floor: CallBench['floor'];
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

const { values: options, positionals: parts } = parseArgs({
  options: { quick: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const known = [...Object.keys(SECTIONS), 'codecs', 'torrents', 'host'];
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
const tables: Table[] = [];
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
  const daemon = await start(torrents, stack);
  if (isAsked('codecs')) await keepAnswer(name, daemon);
  const found = isAsked(name) ? await runWays(name, daemon, { title, ways }, stack) : [];
  if (isAsked('host')) {
    say(`${title}: measuring VS Code …`);
    found.push(await benchHost({ kind: name, daemon, torrents, roundsOf }));
  }
  return found;
}

async function runWays(
  name: SectionName,
  { url, username, password }: Daemon,
  { title, ways }: Pick<Section, 'title' | 'ways'>,
  stack: AsyncDisposableStack,
): Promise<Table[]> {
  const daemon = { url, username, password };
  const found: Table[] = [];
  for (const { kind, floor, place } of ways) {
    say(`${title}${kind === name ? '' : ` (${kind})`}: measuring …`);
    const reached = (await place?.(daemon, stack)) ?? daemon;
    found.push(await benchCalls({ kind, floor, place: reached, torrents: torrentCount, roundsOf, say }));
  }
  return found;
}

const answerOf = (kind: string) => path.join(answers, kind);

/** The list as it came, for the codecs. */
async function keepAnswer(kind: SectionName, { url, username, password }: Daemon): Promise<void> {
  const place: Place = { url, username, password };
  const contender = await (await contendersOf(kind)).socket?.(place);
  if (!contender?.raw) return;
  await contender.connect();
  writeFileSync(answerOf(kind), await contender.raw());
  await contender.close();
}

// --- The report --------------------------------------------------------------------------------------------------

/** So that who waits has something to read. */
function show(made: readonly Table[]): void {
  for (const table of made) console.log(`\n${toMarkdown(table)}\n`);
  tables.push(...made);
}

function writeReport(): void {
  const missed = tables.flatMap(missedIn);
  const summary = missed.length === 0 ? 'Every target is met.' : `Targets missed: ${missed.length}`;
  const report = [
    `# Speed, ${torrentCount} torrents`,
    '',
    `${machine()}. Ratios: ours divided by theirs, so that less is better; ✗: more than the target.`,
    ...tables.map(table => `\n${toMarkdown(table)}`),
    '',
    summary,
    ...missed.map(line => `- ${line}`),
    '',
  ].join('\n');
  const file = path.join(root, 'out', 'bench.md');
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, report);
  console.log(['', summary, ...missed.map(line => `- ${line}`), ''].join('\n'));
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

if (isAsked('codecs') || Object.keys(SECTIONS).some(isAsked)) installPeers();
if (isAsked('host')) build();
ensureSystemPackages([
  'transmission-daemon',
  'qbittorrent-nox',
  'deluged',
  'rtorrent',
  'nginx-light',
  'python3-rencode',
]);
const torrents = makeTorrents(torrentCount);
for (const [name, section] of Object.entries(SECTIONS) as [SectionName, Section][]) {
  const isForCodecs = Object.values(CODECS).some(({ kind }) => kind === name) && isAsked('codecs');
  if (isAsked(name) || isForCodecs || isAsked('host')) show(await runSection(name, section));
}
if (isAsked('torrents')) {
  say('Torrents: measuring …');
  show([benchTorrents(roundsOf)]);
}
if (isAsked('codecs')) {
  say('Codecs: measuring …');
  show([await benchCodecs(answerOf, roundsOf)]);
}
writeReport();
