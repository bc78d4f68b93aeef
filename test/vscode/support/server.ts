import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { isPortFree } from '../../tools/ports.ts';
import {
  defaultVsCode,
  ensureVsCodeServer,
  type VsCodeName,
  vsCodeVersions,
} from '../../tools/vscode-server.ts';
import { type Leashed, spawnLeashed } from './leashed.ts';

/** Ports for VS Code's servers: below the kernel's ephemeral range, away from the daemons' and proxies'. */
const PORTS = { from: 23_000, count: 1_000 };
const START_TIMEOUT_MS = 30_000;

/** User settings that keep a fresh VS Code quiet: no chat, welcome pages, updates, experiments or animations. */
const QUIET_SETTINGS = {
  'chat.commandCenter.enabled': false,
  'chat.disableAIFeatures': true,
  'editor.accessibilitySupport': 'off',
  'editor.hover.delay': 100,
  'editor.minimap.enabled': false,
  'editor.stickyScroll.enabled': false,
  'extensions.autoCheckUpdates': false,
  'extensions.ignoreRecommendations': true,
  // Saved when a test says so: in the browser VS Code saves by itself after a second.
  'files.autoSave': 'off',
  'files.hotExit': 'off',
  'remote.autoForwardPorts': false, // a notice for each daemon that listens
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'window.confirmBeforeClose': 'never',
  'workbench.colorTheme': 'Default Dark Modern',
  'workbench.enableExperiments': false,
  'workbench.hover.delay': 100,
  'workbench.reduceMotion': 'on',
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
};

/** What one VS Code server is started with. */
export interface ServerOptions {
  /** Default: `BT_RPC_VSCODE`, else the newest. */
  readonly vscode?: VsCodeName;
  /** The Node that runs the server and the extension host; default: the one that belongs to `vscode`. */
  readonly node?: string;
  /** User settings, on top of those that keep VS Code quiet. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** A package to install first, as a user would. */
  readonly vsix?: string;
  /** Environment of the server and hence of the extension host. */
  readonly env?: Readonly<Record<string, string>>;
  /** Whether VS Code asks for trust; without it every folder is trusted. With it, an unknown one is restricted. */
  readonly workspaceTrust?: boolean;
  /** A data folder to use again (from a server stopped with `keepData`); its settings stay as they are. */
  readonly dataDir?: string;
  /** A port to use again: the browser's storage, and with it the stored secrets, belong to `127.0.0.1:port`. */
  readonly port?: number;
}

/** A running VS Code server. */
export interface VsCodeServer extends AsyncDisposable {
  readonly vscode: VsCodeName;
  readonly port: number;
  /** Settings, logs, installed extensions and state, all below this folder. */
  readonly dataDir: string;
  /** `settings.json` of the user, as the editor opens it. */
  readonly settingsFile: string;
  /** What the server has printed. */
  log(): string;
  /** Ends the server, its extension hosts and all they started; then removes the data folder unless told not to. */
  stop(options?: { readonly keepData?: boolean }): Promise<void>;
}

/** Starts VS Code's server on 127.0.0.1 with a data folder of its own, and says so when it listens. */
export async function startServer(options: ServerOptions = {}): Promise<VsCodeServer> {
  const vscode = options.vscode ?? defaultVsCode();
  const main = path.join(await ensureVsCodeServer(vsCodeVersions[vscode].version), 'out/server-main.js');
  const dataDir = options.dataDir ?? (await mkdtemp(path.join(os.tmpdir(), 'bt-rpc-vscode-')));
  const settingsFile = path.join(dataDir, 'data/User/settings.json');
  const removeData = (): Promise<void> => rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
  const node = options.node ?? vsCodeVersions[vscode].node;
  const env = { ...cleanEnvironment(), ...options.env };
  try {
    if (!options.dataDir) await writeSettings(settingsFile, options);
    if (options.vsix) await installVsix(node, [main, '--install-extension', options.vsix], dataDir, env);
    const { server, port } = await listen(node, main, dataDir, env, options);
    const stop: VsCodeServer['stop'] = async ({ keepData = false } = {}) => {
      await server.end();
      if (!keepData) await removeData();
    };
    const log = server.output;
    return { vscode, port, dataDir, settingsFile, log, stop, [Symbol.asyncDispose]: () => stop() };
  } catch (error) {
    await removeData();
    throw error;
  }
}

/** This process's environment without what tells a child that it runs inside of node:test, npm or another VS Code. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const isForeign = /^(NODE_|npm_|VSCODE_|ELECTRON_|DEBUG$)/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !isForeign.test(name)));
}

async function writeSettings(
  file: string,
  { settings, workspaceTrust = false }: ServerOptions,
): Promise<void> {
  const trust = {
    'security.workspace.trust.enabled': workspaceTrust,
    'security.workspace.trust.startupPrompt': 'never',
  };
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, JSON.stringify({ ...QUIET_SETTINGS, ...trust, ...settings }, null, 2));
}

async function installVsix(
  node: string,
  args: readonly string[],
  dataDir: string,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const child = spawn(node, [...args, '--force', '--server-data-dir', dataDir], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', chunk => (output += chunk));
  const { promise, resolve, reject } = Promise.withResolvers<number | null>();
  child.on('error', reject);
  child.on('close', resolve);
  const code = await promise;
  if (code !== 0 || !/successfully installed/.test(output))
    throw new Error(`${args.join(' ')} ended with ${code}:\n${output}`);
}

/** Starts on a free port, on another one when somebody else was faster. */
async function listen(
  node: string,
  main: string,
  dataDir: string,
  env: NodeJS.ProcessEnv,
  { port: wanted, workspaceTrust = false }: ServerOptions,
): Promise<{ server: Leashed; port: number }> {
  for (let attempt = 1; ; attempt++) {
    const port = wanted ?? (await freePort());
    const args = ['--host', '127.0.0.1', '--port', String(port), '--server-data-dir', dataDir];
    args.push(
      '--without-connection-token',
      '--accept-server-license-terms',
      '--disable-telemetry',
      '--disable-experiments',
    );
    if (!workspaceTrust) args.push('--disable-workspace-trust');
    const server = spawnLeashed(node, [main, ...args], env);
    try {
      await isListening(server);
      return { server, port };
    } catch (error) {
      await server.end();
      if (wanted || attempt === 5 || !/EADDRINUSE/.test(server.output())) throw error;
    }
  }
}

async function isListening(server: Leashed): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const fail = (why: string): void => reject(new Error(`VS Code's server ${why}:\n${server.output()}`));
  const timer = setTimeout(() => fail(`did not start within ${START_TIMEOUT_MS} ms`), START_TIMEOUT_MS);
  const look = (): void => {
    if (/Extension host agent listening on \d+/.test(server.output())) resolve();
  };
  server.process.stdout.on('data', look);
  void server.ended.then(() => fail('ended'));
  try {
    await promise;
  } finally {
    clearTimeout(timer);
    server.process.stdout.off('data', look);
  }
}

/** A port in our range on which nobody listens, looked for from a random one on: several tests start at once. */
async function freePort(): Promise<number> {
  const first = Math.floor(Math.random() * PORTS.count);
  for (let offset = 0; offset < PORTS.count; offset++) {
    const port = PORTS.from + ((first + offset) % PORTS.count);
    if (await isPortFree(port)) return port;
  }
  throw new Error(`No port is free from ${PORTS.from} on.`);
}
