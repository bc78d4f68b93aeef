// node test/tools/bootstrap.mjs test/tools/test.ts [check | unit | hostile | integration | faults | daemons | vscode | desktop] [FILE…]
//
// Runs everything, or one part of it, and ends with one line: `N passed, N failed`.
import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import path from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { runHostTests } from '../vscode/host/run.ts';
import { ensureChroots } from './chroots.ts';
import { build, packageExtension } from './package.ts';
import { ensureSystemPackages, type SystemPackageName, systemPackages } from './system-packages.ts';
import { ensureVsCodeServer, vsCodeVersions } from './vscode-server.ts';

const root = path.resolve(import.meta.dirname, '../..');
const count = { passed: 0, failed: 0 };
/** What was left out or is not as it was known: no failure of ours, but to be seen. */
const notes: string[] = [];

/** Runs one step that either passes or fails, and counts it. */
async function step<T>(name: string, work: () => T | Promise<T>): Promise<T | undefined> {
  console.log(`\n— ${name}`);
  const started = performance.now();
  try {
    const result = await work();
    count.passed += 1;
    console.log(`✔ ${name} (${Math.round(performance.now() - started)} ms)`);
    return result;
  } catch (error) {
    count.failed += 1;
    console.log(`✖ ${name}\n${error instanceof Error ? error.message : error}`);
    return undefined;
  }
}

/** Runs a program of an npm package, its output on ours. */
function tool(script: string, ...args: string[]): void {
  const { status } = spawnSync(process.execPath, [path.join(root, 'node_modules', script), ...args], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (status !== 0) throw new Error(`It ended with ${status}.`);
}

/** What one run of test files counted, and which failed. */
interface Run {
  readonly tests: number;
  readonly failed: number;
  readonly failures: readonly { readonly file: string; readonly name: string }[];
}

/** Runs test files, each in a process of its own. */
async function runFiles(files: readonly string[], concurrency: number): Promise<Run> {
  const stream = run({ files: files.map(file => path.join(root, file)), concurrency });
  const failures: { file: string; name: string }[] = [];
  let counted = { tests: 0, failed: 0 };
  /** Suites in which not a test failed, but what is to be done before or after them. */
  let hooks = 0;
  stream.on('test:summary', ({ file, counts }) => {
    if (file !== undefined) return; // the last one is that of the whole run
    counted = { tests: counts.tests + hooks, failed: counts.tests - counts.passed + hooks };
  });
  stream.on('test:fail', ({ file = '', name, details: { type, error } }) => {
    const isSuite = type === 'suite';
    if (isSuite && (error as { failureType?: string }).failureType === 'subtestsFailed') return;
    if (isSuite) hooks += 1;
    failures.push({ file: path.relative(root, file), name });
  });
  stream.on('test:diagnostic', ({ message }) => {
    if (message.startsWith('NOTE: ')) notes.push(message.slice('NOTE: '.length));
  });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  stream.compose(spec).on('end', resolve).on('error', reject).pipe(process.stdout, { end: false });
  await promise;
  return { ...counted, failures };
}

/**
 * Parts whose tests drive programs that are not ours: VS Code draws in steps, and drops what comes too fast; daemons
 * crash, and forget what they are told at the wrong moment.
 */
const FORGIVEN: ReadonlySet<string> = new Set(['integration', 'daemons', 'vscode']);

/** Runs the test files of a folder, all or those whose names contain one of these, and counts what they say. */
async function runFolder(folder: string, only: readonly string[], concurrency: number): Promise<void> {
  const found = globSync(`test/${folder}/*.test.ts`, { cwd: root }).sort();
  const files = found.filter(file => only.length === 0 || only.some(name => file.includes(name)));
  if (files.length === 0) throw new Error(`No test in test/${folder} is called ${only.join(' or ')}.`);
  console.log(`\n— ${folder}: ${files.length} files`);
  const result = await runFiles(files, concurrency);
  count.passed += result.tests - result.failed;
  count.failed += result.failed;
  if (only.length === 0 && FORGIVEN.has(folder)) await runAgain(result);
}

/** Where it was a single failure or two, runs their files once more, and names what passed then only. */
async function runAgain({ failed, failures }: Run): Promise<void> {
  if (failed === 0 || failed > 2) return;
  console.log(`\n— once more`);
  const second = await runFiles([...new Set(failures.map(({ file }) => file))], 1);
  count.passed += failed - second.failed;
  count.failed -= failed - second.failed;
  for (const { file, name } of failures) {
    if (second.failures.some(again => again.file === file && again.name === name)) continue;
    notes.push(`FLAKY, passed at its second run only: ${name} (${file})`);
  }
}

/** What is missing fails the tests that need it, each with the package's name; the others go on. */
function ensurePackages(names: readonly SystemPackageName[]): void {
  ensureSystemPackages(names);
}

/** The browser is for one part only, and debootstrap is asked for where a chroot is made. */
const daemonPackages = (Object.keys(systemPackages) as SystemPackageName[]).filter(
  name => name !== 'chromium' && name !== 'debootstrap',
);

const PARTS = {
  async check() {
    await step('type check', () => tool('typescript/bin/tsc', '--noEmit'));
    await step('lint and format', () => tool('@biomejs/biome/bin/biome', 'ci', '.'));
  },
  async unit(only) {
    await runFolder('unit', only, 2);
  },
  async hostile(only) {
    // One at a time: they count on their time and memory.
    await runFolder('hostile', only, 1);
  },
  async integration(only) {
    ensurePackages(daemonPackages);
    await runFolder('integration', only, 2);
  },
  async faults(only) {
    ensurePackages(daemonPackages);
    await runFolder('faults', only, 2);
  },
  async daemons(only) {
    ensurePackages(daemonPackages);
    notes.push(...(await ensureChroots()));
    await runFolder('daemons', only, 2);
  },
  async vscode(only) {
    ensurePackages([...daemonPackages, 'chromium']);
    await step('build', build);
    const vsix = await step('package', packageExtension);
    if (vsix === undefined) return;
    process.env.BT_RPC_VSIX = vsix;
    for (const { version } of Object.values(vsCodeVersions)) await ensureVsCodeServer(version);
    if (only.length === 0) await step('tests inside of the extension host', () => runHostTests('server'));
    // One at a time: each brings a browser, a server and an extension host, on two cores.
    await runFolder('vscode', only, 1);
  },
  async desktop() {
    await step('build', build);
    await step('tests inside of a desktop VS Code', () => runHostTests('desktop'));
  },
} satisfies Record<string, (only: readonly string[]) => Promise<void>>;

type Part = keyof typeof PARTS;

/** What `npm test` runs; the desktop needs a download that not every machine can make. */
const ALL: readonly Part[] = ['check', 'unit', 'hostile', 'integration', 'faults', 'daemons', 'vscode'];

const [asked, ...only] = process.argv.slice(2);
if (asked !== undefined && !Object.hasOwn(PARTS, asked)) {
  console.error(`There is no part "${asked}"; there are ${Object.keys(PARTS).join(', ')}.`);
  process.exit(2);
}
for (const part of asked === undefined ? ALL : [asked as Part]) {
  try {
    await PARTS[part](only);
  } catch (error) {
    count.failed += 1;
    console.log(`✖ ${part}\n${error instanceof Error ? error.stack : error}`);
  }
}
if (notes.length > 0) console.log(`\n${notes.map(note => `! ${note}`).join('\n')}`);
console.log(`\n${count.passed} passed, ${count.failed} failed`);
process.exitCode = count.failed === 0 ? 0 : 1;
