// node test/tools/vscode-server.ts [newest | floor]: puts VS Code's server into the cache, where the tests look for it.
//
// npm's `code-server` carries VS Code's own server and workbench in `lib/vscode`. Only that folder is taken, with the
// npm modules it needs and none that must be compiled: seconds instead of minutes, and no C++ toolchain.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

/** Which VS Code a test runs in: the newest one, or the oldest that `engines.vscode` in package.json allows. */
export type VsCodeName = 'newest' | 'floor';

/** A version of npm's `code-server`, and the Node its extension host runs on. */
export interface VsCodeVersion {
  /** `4.X.Y` of code-server is `1.X.Y` of VS Code. */
  readonly version: string;
  readonly node: string;
}

const root = path.resolve(import.meta.dirname, '../..');
const standIns = path.join(import.meta.dirname, 'vscode-server');
const nodeOf = (name: string): string =>
  path.join(root, 'node_modules', name, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');

/** The two VS Codes under test. The floor runs on the Node that the desktop VS Code 1.106 brings (22.20.0). */
export const vsCodeVersions: Readonly<Record<VsCodeName, VsCodeVersion>> = {
  newest: { version: '4.139.1', node: nodeOf('node') },
  floor: { version: '4.106.3', node: nodeOf('node-floor') },
};

/** What the tests run in when they don't say: `BT_RPC_VSCODE`, else the newest. */
export function defaultVsCode(): VsCodeName {
  const name = process.env.BT_RPC_VSCODE ?? 'newest';
  if (name !== 'newest' && name !== 'floor')
    throw new Error(`BT_RPC_VSCODE is newest or floor, not "${name}".`);
  return name;
}

/**
 * Built-in extensions that no test needs: chat, debuggers, Git. The others stay, for the workbench's scripts have a list
 * of the built-in ones compiled in and complain in a notification when one that starts by itself is missing.
 */
const DROPPED_EXTENSIONS = /^(copilot|mermaid-.*|ms-vscode\..*|git|github)$/;

/** Agents, dev containers and their kin: large, loaded on demand only, and nothing here asks for them. */
const UNNEEDED_MODULES = /^(@github|@devcontainers|@microsoft\/mxc|@vscode\/(copilot-api|sandbox-runtime)\b)/;

/** Modules that the server cannot do without, in a version or in a shape that comes with prebuilt binaries. */
const PREBUILT_MODULES: Readonly<Record<string, string>> = {
  '@parcel/watcher': '2.5.6', // VS Code 1.106 locks a git commit of it, which would be compiled
  '@vscode/ripgrep': 'npm:@vscode/ripgrep-universal@1.18.0', // the former downloads its binary in an install script
};

/** The part of an npm lock file (and of a package.json, as its `''`) that the recipe changes. */
interface LockedPackage {
  hasInstallScript?: boolean;
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
}

/**
 * The folder of VS Code's server, `out/server-main.js` in it; fetched with npm when the cache lacks it (5 to 15 s).
 * Several processes may ask at once: each works in a folder of its own and the first rename wins.
 */
export async function ensureVsCodeServer(version: string): Promise<string> {
  const cache = path.join(process.env.XDG_CACHE_HOME || path.join(os.homedir(), '.cache'), 'bt-rpc');
  const folder = path.join(cache, `vscode-server-${version}-${await recipeHash()}`);
  if (existsSync(folder)) return folder;

  const started = performance.now();
  const say = (what: string): void => {
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    console.log(`VS Code server ${version}: ${what} (${seconds} s)`);
  };
  await mkdir(cache, { recursive: true });
  const draft = await mkdtemp(`${folder}.`);
  try {
    say('fetching it from npm');
    await run('npm', ['pack', `code-server@${version}`, '--silent', '--pack-destination', '.'], draft);
    say('unpacking');
    await unpack(draft);
    say('installing its modules');
    await installModules(draft);
    await publish(draft, folder);
    say(`ready in ${folder}`);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  return folder;
}

/** Changes with everything that decides how an installed server looks, so that no cache outlives its recipe. */
async function recipeHash(): Promise<string> {
  const hash = createHash('sha256').update(`${process.platform}-${process.arch}`);
  const files = await readdir(standIns, { recursive: true, withFileTypes: true });
  const paths = files.filter(entry => entry.isFile()).map(entry => path.join(entry.parentPath, entry.name));
  for (const file of [import.meta.filename, ...paths.sort()]) hash.update(await readFile(file));
  return hash.digest('hex').slice(0, 8);
}

async function unpack(folder: string): Promise<void> {
  const archive = (await readdir(folder)).find(name => name.endsWith('.tgz'));
  if (!archive) throw new Error('npm pack left no archive.');
  await run('tar', ['-xzf', archive, '--strip-components=3', 'package/lib/vscode'], folder);
  await rm(path.join(folder, archive));
  const extensions = path.join(folder, 'extensions');
  for (const name of await readdir(extensions)) {
    if (DROPPED_EXTENSIONS.test(name)) await rm(path.join(extensions, name), { recursive: true });
  }
}

/** Installs what the server's own lock file names, without modules that have an install script (they compile). */
async function installModules(folder: string): Promise<void> {
  const manifestFile = path.join(folder, 'package.json');
  const lockFile = path.join(folder, 'npm-shrinkwrap.json');
  const manifest: LockedPackage & { type?: string } = JSON.parse(await readFile(manifestFile, 'utf8'));
  const lock: { packages: Record<string, LockedPackage> } = JSON.parse(await readFile(lockFile, 'utf8'));

  const dependencies: Record<string, string> = {};
  for (const [name, range] of Object.entries({
    ...manifest.dependencies,
    ...manifest.optionalDependencies,
  })) {
    const isCompiled = lock.packages[`node_modules/${name}`]?.hasInstallScript === true;
    const wanted = PREBUILT_MODULES[name] ?? (isCompiled || UNNEEDED_MODULES.test(name) ? undefined : range);
    if (wanted) dependencies[name] = wanted;
  }
  for (const place of Object.keys(lock.packages)) {
    const isReplaced = Object.keys(PREBUILT_MODULES).some(name => place.startsWith(`node_modules/${name}`));
    if (isReplaced) delete lock.packages[place];
  }
  lock.packages[''] = { dependencies };
  // Scripts, overrides and the like are gone with the rest of the manifest; product.json is what names the product.
  await writeFile(
    manifestFile,
    JSON.stringify({ ...identity(manifest), private: true, dependencies }, null, 2),
  );
  await writeFile(lockFile, JSON.stringify(lock, null, 2));
  const quiet = ['--no-audit', '--no-fund', '--silent'];
  await run(
    'npm',
    ['install', '--ignore-scripts', '--legacy-peer-deps', '--omit=dev', '--omit=peer', ...quiet],
    folder,
  );
  await cp(standIns, path.join(folder, 'node_modules'), { recursive: true });
}

const identity = ({ name, version, type }: { name?: string; version?: string; type?: string }): object => ({
  name,
  version,
  type,
});

/** Shows a finished folder under its final name; another process may have been faster, then its folder stays. */
async function publish(draft: string, folder: string): Promise<void> {
  try {
    await rename(draft, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
  }
}

async function run(command: string, args: readonly string[], cwd: string): Promise<void> {
  const child = spawn(command, args, {
    cwd,
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: process.platform === 'win32', // npm is a .cmd there
  });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  child.on('error', reject);
  child.on('close', code => {
    if (code === 0) resolve();
    else reject(new Error(`${command} ${args.join(' ')} ended with ${code}.`));
  });
  await promise;
}

if (import.meta.main) {
  const names = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(vsCodeVersions);
  for (const name of names) await ensureVsCodeServer(vsCodeVersions[name as VsCodeName].version);
}
