import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { AGENT_SOCKET_VARIABLE, Agent, agentExtension } from './agent.ts';
import { findLeaks } from './leaks.ts';
import { type ServerOptions, startServer, type VsCodeServer } from './server.ts';
import { launchBrowser, Workbench } from './workbench.ts';

const root = path.resolve(import.meta.dirname, '../../..');

/** What a test's VS Code is started with. */
export interface VsCodeOptions extends Omit<ServerOptions, 'vsix'> {
  /**
   * The package under test, `null` for none. Default: `BT_RPC_VSIX`; where that is not set the checkout itself, as an
   * extension under development, so that one file of tests runs by hand after `npm run build`.
   */
  readonly vsix?: string | null;
  /** Further extensions under development. */
  readonly extensions?: readonly string[];
  /** Files of the folder that is opened, by path in it. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  readonly viewport?: { readonly width: number; readonly height: number };
}

/** A test as the hooks of node:test are given it. */
type TestInfo = Pick<TestContext, 'fullName'>;

/** A VS Code of its own for a test: server, window, agent in the extension host, and an open folder. */
export interface VsCode extends AsyncDisposable {
  readonly server: VsCodeServer;
  readonly workbench: Workbench;
  readonly agent: Agent;
  /** The folder that is open. */
  readonly folder: string;
  /** Loads the window again; the extension host is a new one afterwards. */
  reload(): Promise<void>;
  /** Changes user settings through VS Code's own API; undefined takes one away. */
  configure(settings: Readonly<Record<string, unknown>>): Promise<void>;
  /** Where a secret stands readable: settings, logs and state on disk, the browser, the consoles, the open folder. */
  findLeaks(secret: string): Promise<string[]>;
  /**
   * For `afterEach(t => vscode.keepEvidence(t))`: a failed test leaves a picture in `out/screenshots/`, and nothing open
   * that would fail the next ones as well.
   */
  keepEvidence(test: TestInfo): Promise<void>;
}

/**
 * Starts VS Code with the extension and the agent in it. A test gives itself: `const vscode = await openVsCode({}, t)`, and
 * when it ends, all is closed, after a picture of the window where it failed. A suite that shares one VS Code opens it in
 * `before`, calls `keepEvidence` in `afterEach` and disposes in `after`.
 */
export async function openVsCode(options: VsCodeOptions = {}, test?: TestContext): Promise<VsCode> {
  await using stack = new AsyncDisposableStack();
  const place = await mkdtemp(path.join(os.tmpdir(), 'bt-rpc-test-'));
  stack.defer(() => rm(place, { recursive: true, force: true, maxRetries: 5 }));
  const { vsix = process.env.BT_RPC_VSIX, extensions = [], viewport, files = {}, ...serverOptions } = options;
  const folder = path.join(place, 'folder');
  await mkdir(folder);
  for (const [name, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    await writeFile(path.join(folder, name), text);
  }

  const socket = path.join(place, 'agent.sock');
  const env = { ...options.env, [AGENT_SOCKET_VARIABLE]: socket };
  const [server, browser] = await allOrNone(
    startServer({ ...serverOptions, env, ...(vsix && { vsix }) }).then(server => stack.use(server)),
    launchBrowser().then(browser => stack.adopt(browser, () => browser.close())),
  );
  const workbench = await Workbench.open(browser, {
    port: server.port,
    folder,
    extensions: [agentExtension, ...(vsix === undefined ? [root] : []), ...extensions],
    ...(viewport && { viewport }),
  });
  const agent = stack.adopt(new Agent(socket), agent => agent.close());
  await agent.pid(); // the extension host is up
  const vscode = new RunningVsCode(server, workbench, agent, folder, stack.move());
  test?.after(async () => {
    await vscode.keepEvidence(test);
    await vscode[Symbol.asyncDispose]();
  });
  return vscode;
}

class RunningVsCode implements VsCode {
  readonly server: VsCodeServer;
  readonly workbench: Workbench;
  readonly agent: Agent;
  readonly folder: string;
  readonly #owned: AsyncDisposableStack;

  constructor(
    server: VsCodeServer,
    workbench: Workbench,
    agent: Agent,
    folder: string,
    owned: AsyncDisposableStack,
  ) {
    this.server = server;
    this.workbench = workbench;
    this.agent = agent;
    this.folder = folder;
    this.#owned = owned;
  }

  async reload(): Promise<void> {
    await this.agent.leaveHost();
    await this.workbench.reload();
    await this.agent.pid();
  }

  async configure(settings: Readonly<Record<string, unknown>>): Promise<void> {
    await this.agent.run(async (vscode, settings) => {
      const configuration = vscode.workspace.getConfiguration();
      for (const [name, value] of settings) {
        await configuration.update(name, value ?? undefined, vscode.ConfigurationTarget.Global);
      }
    }, Object.entries(settings)); // pairs, for in an object JSON drops what is undefined
  }

  async findLeaks(secret: string): Promise<string[]> {
    const texts = {
      ...(await this.workbench.browserStorage()),
      'console of the page': this.workbench.consoleLines,
      'output of the server': this.server.log(),
    };
    return findLeaks(secret, { texts, paths: [this.server.dataDir, this.folder] });
  }

  async keepEvidence(test: TestInfo): Promise<void> {
    if ((test as { passed?: boolean }).passed) return; // Node 24 has it, its types for Node 22 don't
    const name = `${test.fullName.replaceAll(/[^\p{L}\p{N}]+/gu, '-')}-${this.server.vscode}.png`;
    const file = path.join(root, 'out/screenshots', name);
    await this.workbench.screenshot(file).catch(error => console.error(`No picture of the window: ${error}`));
    await this.workbench.closeWhatIsOpen().catch(error => console.error(`Something stays open: ${error}`));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#owned.disposeAsync();
  }
}

/** As `Promise.all`, but waits for all before it fails, so that what did start is known and can be ended. */
async function allOrNone<A, B>(first: Promise<A>, second: Promise<B>): Promise<[A, B]> {
  await Promise.allSettled([first, second]);
  return Promise.all([first, second]);
}
