// node test/tools/bootstrap.mjs test/tools/chroots.ts: puts the Debians that this machine is not into the cache, for
// the daemons of theirs; a second run does nothing.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { mkdir, mkdtemp, rename, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { ensureSystemPackages } from './system-packages.ts';

/** The Debians whose daemons are tested, the oldest first. */
export const SUITES = ['bookworm', 'trixie', 'sid'] as const;
export type Suite = (typeof SUITES)[number];

/** A Debian whose daemons can be run now. */
export interface Generation {
  readonly suite: Suite;
  /** Where it lies; undefined: it is this machine. */
  readonly chroot: string | undefined;
}

const PACKAGES = ['transmission-daemon', 'qbittorrent-nox', 'deluged', 'rtorrent'];
const DEBOOTSTRAP = ['debootstrap', '--variant=minbase'];
const APT_INSTALL = ['apt-get', 'install', '--yes', '--no-install-recommends', ...PACKAGES];
/** Debian's daemons want to start as soon as they are installed; 101 forbids it. */
const NO_SERVICES = '#!/bin/sh\nexit 101\n';

const DAY_MS = 24 * 60 * 60 * 1000;
/** sid moves every day, the others now and then. */
const MAX_AGE_DAYS = 14;

const cache = path.join(process.env.XDG_CACHE_HOME || path.join(os.homedir(), '.cache'), 'bt-rpc/chroots');
const recipeHash = createHash('sha256')
  .update(JSON.stringify([DEBOOTSTRAP, APT_INSTALL, NO_SERVICES]))
  .digest('hex')
  .slice(0, 8);
const folderOf = (suite: Suite): string => path.join(cache, `${suite}-${recipeHash}`);

/** How long ago a chroot was made, in days; nothing is ever written into its top folder later. */
function ageOf(folder: string): number {
  const made = statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? Number.NEGATIVE_INFINITY;
  return (Date.now() - made) / DAY_MS;
}

/** Only root may run a program in another root folder. */
const isRoot = process.getuid?.() === 0;
const isUsable = (folder: string): boolean => isRoot && ageOf(folder) < Number.POSITIVE_INFINITY;

/** The name of the Debian that this machine is, undefined where it is none. */
function ownSuite(): string | undefined {
  try {
    return /^VERSION_CODENAME=(.*)$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1];
  } catch {
    return undefined;
  }
}

/** The Debians that are there: this machine, where it is one of them, and the chroots in the cache. */
export function generations(): Generation[] {
  const own = ownSuite();
  return SUITES.flatMap<Generation>(suite => {
    if (suite === own) return [{ suite, chroot: undefined }];
    const chroot = folderOf(suite);
    return isUsable(chroot) ? [{ suite, chroot }] : [];
  });
}

/** Makes what the cache lacks or has had for too long. Returns a sentence about each Debian that could not be had. */
export async function ensureChroots(): Promise<string[]> {
  const own = ownSuite();
  const complaints: string[] = [];
  for (const suite of SUITES.filter(name => name !== own)) {
    const folder = folderOf(suite);
    const age = ageOf(folder);
    if (isUsable(folder) && age < MAX_AGE_DAYS) continue;
    try {
      await makeChroot(suite, folder);
    } catch (error) {
      const reason = (error as Error).message;
      complaints.push(
        isUsable(folder)
          ? `Debian ${suite} is as old as its chroot in the cache, ${Math.round(age)} days: ${reason}`
          : `LEFT OUT: the daemons of Debian ${suite}: ${reason}`,
      );
    }
  }
  return complaints;
}

/** Several processes may do so at once: each works in a folder of its own. */
async function makeChroot(suite: Suite, folder: string): Promise<void> {
  if (!isRoot) throw new Error('only root can make a chroot and run programs in it.');
  if (ensureSystemPackages(['debootstrap']).length > 0) throw new Error('there is no debootstrap.');
  const started = performance.now();
  const say = (what: string) =>
    console.log(`Debian ${suite}: ${what} (${Math.round((performance.now() - started) / 1000)} s)`);
  await mkdir(cache, { recursive: true });
  const draft = await mkdtemp(`${folder}.`);
  const old = `${draft}.old`;
  try {
    await run(
      [...DEBOOTSTRAP, suite, draft, mirror()],
      /^I: (Retrieving|Extracting|Unpacking|Configuring)\b/,
      step => say(`1 of 2, the base: ${step}`),
    );
    await writeFile(path.join(draft, 'usr/sbin/policy-rc.d'), NO_SERVICES, { mode: 0o755 });
    const inside = (command: readonly string[]) => ['chroot', draft, ...command];
    const isStep = /^(Get:1\b|Unpacking|Setting up)/;
    await run(inside(APT_INSTALL), isStep, step => say(`2 of 2, the daemons: ${step}`));
    await run(inside(['apt-get', 'clean']));
    // Whoever was faster may have daemons running in theirs.
    if (ageOf(folder) < MAX_AGE_DAYS) return;
    await rename(folder, old).catch(ignoreMissing);
    await rename(draft, folder);
    say('done');
  } finally {
    // What a debootstrap that failed may have left mounted is not to be removed.
    spawnSync('rm', ['-rf', '--one-file-system', draft, old]);
  }
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}

/** Where this machine gets its own Debian from. */
function mirror(): string {
  const only = ['Created-By: Packages', 'Origin: Debian', 'Label: Debian'];
  const { stdout } = spawnSync('apt-get', ['indextargets', '--format', '$(REPO_URI)', ...only], {
    encoding: 'utf8',
  });
  return stdout?.split('\n')[0] || 'http://deb.debian.org/debian';
}

/** The proxy that this machine's apt is told to use, for debootstrap and the apt inside. */
function proxyVariables(): Record<string, string> {
  const { stdout } = spawnSync('apt-config', ['shell', 'proxy', 'Acquire::http::Proxy'], {
    encoding: 'utf8',
  });
  const proxy = /^proxy='(.*)'/.exec(stdout ?? '')?.[1];
  return proxy ? { http_proxy: proxy } : {};
}

/** Runs a program and tells the first of each kind of its lines; the last line is what its failure says. */
async function run(command: readonly string[], step?: RegExp, tell?: (step: string) => void): Promise<void> {
  const [program = '', ...args] = command;
  const child = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...proxyVariables(), DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C.UTF-8' },
  });
  const closed = new Promise<number | null>((resolve, reject) =>
    child.on('close', resolve).on('error', reject),
  );
  const lines: string[] = [];
  const told = new Set<string>();
  for (const input of [child.stdout, child.stderr])
    createInterface({ input }).on('line', line => {
      lines.push(line);
      const [all, found = all] = step?.exec(line) ?? [];
      if (!found || told.has(found)) return;
      told.add(found);
      tell?.(found);
    });
  const code = await closed;
  if (code !== 0) throw new Error(`${program} ended with ${code}: ${lines.at(-1) ?? 'without a word'}`);
}

if (import.meta.main) {
  const complaints = await ensureChroots();
  for (const { suite, chroot = 'this machine' } of generations()) console.log(`Debian ${suite}: ${chroot}`);
  for (const complaint of complaints) console.log(complaint);
}
