// Starts, watches and ends one real daemon; what differs from kind to kind is its recipe.
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { realpathSync, rmSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../ports.ts';
import { isInstalled, type SystemPackageName } from '../system-packages.ts';

/** The kinds of daemon, called as in the extension's settings. */
export type DaemonKind = 'transmission' | 'qbittorrent' | 'deluge' | 'rtorrent';

/** All that can be started here. */
export type ServerKind = DaemonKind | 'nginx' | 'microsocks' | 'tinyproxy' | 'danted';

/** Where a daemon lives and who may log in. */
export interface DaemonPlace {
  /** All its files: configuration, state, and the torrents' payload in `downloads`. */
  readonly home: string;
  readonly port: number;
  /** Empty where it asks for no log-in. */
  readonly username: string;
  readonly password: string;
}

/** A running daemon. Disposing it ends it and removes a home of its own. */
export interface Daemon extends DaemonPlace, AsyncDisposable {
  readonly kind: ServerKind;
  /** Its address, without credentials. */
  readonly url: string;
  /** The id of its process, undefined while it does not run. */
  readonly pid: number | undefined;
  /** Ends it as it wants to be ended; its home and port stay its own. */
  stop(): Promise<void>;
  /** Ends it as a crash would. */
  kill(): Promise<void>;
  /** Stops it where it runs, and starts it again at the same place. */
  restart(): Promise<void>;
  /** The end of what it printed. */
  log(): string;
}

/** What somebody who starts a daemon may choose. */
export interface DaemonOptions {
  /** Default `tester`; empty: no log-in. */
  readonly username?: string;
  /** Default: a new random one. */
  readonly password?: string;
  /** Default: a free one. */
  readonly port?: number;
  /** Default: a new temporary folder, removed at the end. */
  readonly home?: string;
  /** Another Debian, whose program is run instead of this machine's; its home is then always a new one. */
  readonly chroot?: string | undefined;
}

/** How a torrent is to be added to a daemon. */
export interface AddOptions {
  /** How much of its payload the daemon finds in place, 0 to 1; default 0. */
  readonly share?: number;
  /** Default true. */
  readonly isPaused?: boolean;
  /** Transmission's labels, qBittorrent's tags, in rTorrent custom1 as ruTorrent has it; Deluge has none without a plugin. */
  readonly labels?: readonly string[];
}

/** What there is to know about one kind of daemon. */
export interface DaemonRecipe {
  readonly kind: ServerKind;
  readonly program: string;
  readonly systemPackage: SystemPackageName;
  /** What runs the program, where it is not to be run as it is. */
  readonly launcher?: readonly string[];
  url(place: DaemonPlace): string;
  args(place: DaemonPlace): string[];
  /** Writes what it reads at its start; a restart leaves its files as they are. */
  configure(place: DaemonPlace): Promise<void>;
  /** Asks the daemon itself: an open port is not yet an answer, and may be that of another. */
  probe(place: DaemonPlace): Promise<'ready' | 'waiting' | 'port taken'>;
}

const READY_TIMEOUT_MS = 30_000;
const STOP_TIMEOUT_MS = 10_000;
// Polled faster, a port that nobody listens on is in the end connected to itself, and then taken for good.
const POLL_MS = 50;
const STARTS = 5;
const LOG_LENGTH = 20_000;

/** Starts a daemon, resolved when it answers. */
export async function startDaemon(recipe: DaemonRecipe, options: DaemonOptions = {}): Promise<Daemon> {
  const { chroot } = options;
  if (!chroot && !isInstalled(recipe.program))
    throw new Error(`${recipe.program} is not installed (Debian package ${recipe.systemPackage}).`);
  const home = options.home ?? (await makeHome(recipe.kind, chroot));
  await mkdir(path.join(home, 'downloads'), { recursive: true });
  for (let start = 1; ; start++) {
    const place: DaemonPlace = {
      home,
      port: options.port ?? (await freePort()),
      username: options.username ?? 'tester',
      password: options.username === '' ? '' : (options.password ?? randomBytes(12).toString('hex')),
    };
    await recipe.configure(place);
    const daemon = new DaemonProcess(recipe, place, options);
    try {
      await daemon.restart();
      return daemon;
    } catch (error) {
      const isLast = start === STARTS || options.port !== undefined || !(error instanceof PortTakenError);
      if (!isLast) continue;
      await daemon[Symbol.asyncDispose]();
      throw error;
    }
  }
}

/** A temporary folder. In a chroot it must have the path that it has out here: it lies inside, and here is a link to it. */
async function makeHome(kind: ServerKind, chroot: string | undefined): Promise<string> {
  const prefix = path.join(tmpdir(), `bt-rpc-${kind}-`);
  if (!chroot) return mkdtemp(prefix);
  await mkdir(path.join(chroot, tmpdir()), { recursive: true });
  const inside = await mkdtemp(path.join(chroot, prefix));
  const home = path.join('/', path.relative(chroot, inside));
  await symlink(inside, home);
  return home;
}

/** Somebody else listens on the port. */
class PortTakenError extends Error {}

class DaemonProcess implements Daemon {
  readonly kind: ServerKind;
  readonly url: string;
  readonly home: string;
  readonly port: number;
  readonly username: string;
  readonly password: string;
  readonly #recipe: DaemonRecipe;
  readonly #chroot: string | undefined;
  /** To be removed at the end: its home, and in a chroot the folder that this is a link to. */
  readonly #folders: readonly string[];
  #child: ChildProcess | undefined;
  #log = '';

  constructor(recipe: DaemonRecipe, place: DaemonPlace, { home, chroot }: DaemonOptions) {
    ({ home: this.home, port: this.port, username: this.username, password: this.password } = place);
    this.kind = recipe.kind;
    this.url = recipe.url(place);
    this.#recipe = recipe;
    this.#chroot = chroot;
    this.#folders = home === undefined ? [realpathSync(this.home), this.home] : [];
    process.on('exit', this.#atExit);
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  log(): string {
    return this.#log;
  }

  stop(): Promise<void> {
    return this.#end('SIGTERM');
  }

  kill(): Promise<void> {
    return this.#end('SIGKILL');
  }

  async restart(): Promise<void> {
    await this.stop();
    for (let start = 1; ; start++) {
      try {
        return await this.#start();
      } catch (error) {
        await this.kill();
        if (start === STARTS || !(error instanceof PortTakenError)) throw error;
        // Its port may be held for a moment by what the one before has left behind.
        await sleep(POLL_MS * 2 ** start);
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    process.off('exit', this.#atExit);
    for (const folder of this.#folders) await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }

  async #start(): Promise<void> {
    const { program, launcher = [program] } = this.#recipe;
    const command = [...launcher, ...this.#recipe.args(this)];
    const child = spawnTied(this.#chroot ? ['chroot', this.#chroot, ...command] : command, this.home);
    this.#child = child;
    this.#log = '';
    const listen = (chunk: string) => {
      this.#log = (this.#log + chunk).slice(-LOG_LENGTH);
    };
    for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', listen);
    child.on('error', error => listen(`${error}\n`));
    child.on('close', () => {
      if (this.#child === child) this.#child = undefined;
    });
    await this.#ready(child);
  }

  async #ready(child: ChildProcess): Promise<void> {
    const deadline = Date.now() + READY_TIMEOUT_MS;
    for (;;) {
      await sleep(POLL_MS);
      const isRunning = this.#child === child;
      const answer = isRunning ? await this.#recipe.probe(this) : 'waiting';
      if (answer === 'ready') return;
      const where = `${this.#recipe.program} on port ${this.port}`;
      if (answer === 'port taken' || (!isRunning && /already in use|EADDRINUSE/i.test(this.#log)))
        throw new PortTakenError(`${where}: somebody else listens there.`);
      if (!isRunning)
        throw new Error(`${where} ended with ${child.exitCode ?? child.signalCode}:\n${this.#log}`);
      if (Date.now() > deadline) throw new Error(`${where} does not answer:\n${this.#log}`);
    }
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (!child) return;
    const closed = new Promise<void>(resolve => child.once('close', () => resolve()));
    child.kill(signal);
    const late = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await closed;
    clearTimeout(late);
  }

  readonly #atExit = (): void => {
    this.#child?.kill('SIGKILL');
    for (const folder of this.#folders) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
}

/** Where the kernel offers it, the daemon ends with this process, also when this one is killed and cannot see to it. */
function spawnTied(command: readonly string[], cwd: string): ChildProcess {
  const isTied = process.platform === 'linux' && isInstalled('setpriv');
  const [program = '', ...args] = isTied ? ['setpriv', '--pdeathsig', 'KILL', '--', ...command] : command;
  return spawn(program, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
}
