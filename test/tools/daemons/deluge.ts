// A real deluged, and what tests ask it past the RPC core: a core under test cannot be its own witness.
import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../ports.ts';
import type { Torrent } from '../torrents.ts';
import {
  type AddOptions,
  type Daemon,
  type DaemonOptions,
  type DaemonPlace,
  type DaemonRecipe,
  startDaemon,
} from './daemon.ts';

/** What somebody who starts a Deluge may choose. */
export interface DelugeOptions extends DaemonOptions {
  /** Keys of its core.conf, stronger than ours. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Besides the administrator: levels are 0 none, 1 read-only, 5 normal, 10 administrator. */
  readonly accounts?: readonly DelugeAccount[];
}

/** Who may log in. */
export interface DelugeAccount {
  readonly username: string;
  readonly password: string;
  readonly level: 0 | 1 | 5 | 10;
}

/** Starts a deluged on 127.0.0.1, cut off from every other peer, resolved when it answers. */
export function startDeluge(options: DelugeOptions = {}): Promise<Daemon> {
  return startDaemon(recipe(options), options);
}

const configFolder = (home: string) => path.join(home, 'config');

/**
 * Runs deluged, but with a look for alerts fifty times a second instead of a thread that waits for them. That thread
 * ends the process once in some hundred torrents added (SIGSEGV; Deluge 2.2.0 with libtorrent 2.0.11 of Debian trixie):
 * the alert that libtorrent's `wait_for_alert` returns may move in memory while its Python object is made.
 */
const LAUNCHER = `
import libtorrent, sys, time
libtorrent.session.wait_for_alert = lambda session, ms: time.sleep(0.02) or True
from deluge.core.daemon_entry import start_daemon
sys.exit(start_daemon())
`;

const recipe = ({ settings = {}, accounts = [] }: DelugeOptions): DaemonRecipe => ({
  kind: 'deluge',
  program: 'deluged',
  launcher: ['/usr/bin/python3', '-c', LAUNCHER],
  systemPackage: 'deluged',
  url: ({ port }) => `127.0.0.1:${port}`,
  args: ({ home }) => [
    '--do-not-daemonize',
    ...['--ui-interface', '127.0.0.1', '--loglevel', 'warning', '--config', configFolder(home)],
  ],
  configure: place => configure(place, settings, accounts),
  probe,
});

async function configure(
  place: DaemonPlace,
  settings: Readonly<Record<string, unknown>>,
  accounts: readonly DelugeAccount[],
): Promise<void> {
  const folder = configFolder(place.home);
  await mkdir(folder, { recursive: true });
  const file = path.join(folder, 'core.conf');
  const kept = await readFile(file, 'utf8').then(
    text => JSON.parse(text.slice(text.indexOf('}') + 1)),
    () => ({}),
  );
  const peerPort = await freePort();
  const ours = {
    add_paused: true,
    allow_remote: false,
    daemon_port: place.port,
    download_location: path.join(place.home, 'downloads'),
    listen_ports: [peerPort, peerPort],
    listen_interface: '127.0.0.1',
    outgoing_interface: '127.0.0.1',
    random_port: false,
    new_release_check: false,
    dht: false,
    lsd: false,
    natpmp: false,
    upnp: false,
    utpex: false,
  };
  const versions = { file: 1, format: 1 };
  await writeFile(file, `${JSON.stringify(versions)}${JSON.stringify({ ...kept, ...ours, ...settings })}`);
  const all = [{ ...place, level: 10 }, ...accounts];
  const lines = all.map(({ username, password, level }) => `${username}:${password}:${level}\n`);
  await writeFile(path.join(folder, 'auth'), lines.join(''));
}

/**
 * Only who knows the password is ours. After a restart it answers before it has its torrents back. 2.0.3 writes no log
 * that could be waited for: its logging is broken.
 */
async function probe(place: DaemonPlace): Promise<'ready' | 'waiting' | 'port taken'> {
  try {
    const hashes: string[] = await callDeluge(place, 'core.get_session_state');
    const kept = await keptTorrents(path.join(configFolder(place.home), 'state'));
    return kept.every(hash => hashes.includes(hash)) ? 'ready' : 'waiting';
  } catch (error) {
    return /BadLoginError|WRONG_VERSION_NUMBER/.test(String(error)) ? 'port taken' : 'waiting';
  }
}

/** The torrents that it will have back. 2.2.1 forgets those added just before its end, though their files stay. */
async function keptTorrents(folder: string): Promise<string[]> {
  const files = await readdir(folder).catch(() => []);
  const state = await readFile(path.join(folder, 'torrents.state'), 'latin1').catch(() => '');
  return files
    .filter(file => file.endsWith('.torrent'))
    .map(file => path.basename(file, '.torrent'))
    .filter(hash => state.includes(hash));
}

const CALL_TIMEOUT_MS = 10_000;

/** Logs in and calls one method, with Python's own TLS and Deluge's own codec; whatever else it says throws. */
const WITNESS = `
import json, rencode, socket, ssl, struct, sys, zlib
ask = json.load(sys.stdin)
tls = ssl._create_unverified_context()
with tls.wrap_socket(socket.create_connection(('127.0.0.1', ask['port']), ask['timeout'])) as connection:
    stream = connection.makefile('rwb')
    def call(id, method, args, kwargs):
        body = zlib.compress(rencode.dumps([[id, method, args, kwargs]]))
        stream.write(struct.pack('!BI', 1, len(body)) + body)
        stream.flush()
        while True:
            _, length = struct.unpack('!BI', stream.read(5))
            answer = rencode.loads(zlib.decompress(stream.read(length)), decode_utf8=True)
            if answer[0] == 1 and answer[1] == id: return answer[2]
            if answer[0] == 2: sys.exit(method + ': ' + str(answer[2:5]))
    call(1, 'daemon.login', [ask['username'], ask['password']], {'client_version': '2'})
    print(json.dumps(call(2, ask['method'], ask['args'], {})))
`;

/** Calls one method and returns its result as JSON has it; an error of the daemon's throws. */
export async function callDeluge(
  place: Omit<DaemonPlace, 'home'>,
  method: string,
  ...args: readonly unknown[]
  // biome-ignore lint/suspicious/noExplicitAny: what a daemon answers, looked at by a test
): Promise<any> {
  const { port, username, password } = place;
  const question = { port, username, password, method, args, timeout: CALL_TIMEOUT_MS / 1000 };
  return JSON.parse(await runPython(WITNESS, JSON.stringify(question)));
}

/** Runs a program for the Python that Deluge itself runs on; what it printed. */
export function runPython(program: string, input: string | Uint8Array = ''): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { timeout: 6 * CALL_TIMEOUT_MS, maxBuffer: Number.POSITIVE_INFINITY };
    const child = execFile('/usr/bin/python3', ['-c', program], options, (error, stdout, stderr) =>
      error ? reject(new Error(stderr || String(error))) : resolve(stdout),
    );
    child.stdin?.on('error', () => {}).end(input);
  });
}

/** Adds a torrent, resolved when the daemon has looked through its payload. */
export async function addToDeluge(daemon: Daemon, torrent: Torrent, options: AddOptions = {}): Promise<void> {
  const { share = 0, isPaused = true } = options;
  const { infoHash, name, metainfo } = torrent;
  if (share > 0) await torrent.writePayload(path.join(daemon.home, 'downloads'), share);
  const file = metainfo.toString('base64');
  await callDeluge(daemon, 'core.add_torrent_file', `${name}.torrent`, file, { add_paused: isPaused });
  if (share > 0) await callDeluge(daemon, 'core.force_recheck', [infoHash]);
  await settled(daemon, infoHash, share);
}

const POLL_MS = 50;

/** Its payload is looked through when it no longer says so, and has found it. */
async function settled(daemon: Daemon, infoHash: string, share: number): Promise<void> {
  for (const deadline = Date.now() + CALL_TIMEOUT_MS; ; await sleep(POLL_MS)) {
    const keys = ['state', 'progress'];
    const { state, progress } = await callDeluge(daemon, 'core.get_torrent_status', infoHash, keys);
    const isLooked = !['Checking', 'Allocating', 'Moving'].includes(state);
    if (isLooked && (progress > 0 || share === 0)) return;
    if (Date.now() > deadline) throw new Error(`${infoHash} is ${state} at ${progress} %.`);
  }
}
