// A real transmission-daemon, and what tests ask it past the RPC core: a core under test cannot be its own witness.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
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

/** What somebody who starts a Transmission may choose. */
export interface TransmissionOptions extends DaemonOptions {
  /** Keys of its settings.json, stronger than ours. */
  readonly settings?: Readonly<Record<string, unknown>>;
}

/** Starts a transmission-daemon on 127.0.0.1, cut off from every other peer, resolved when it answers. */
export function startTransmission(options: TransmissionOptions = {}): Promise<Daemon> {
  return startDaemon(recipe(options.settings), options);
}

const configFolder = (home: string) => path.join(home, 'config');

const recipe = (settings: TransmissionOptions['settings']): DaemonRecipe => ({
  kind: 'transmission',
  program: 'transmission-daemon',
  systemPackage: 'transmission-daemon',
  url,
  args: place => ['--foreground', '--config-dir', configFolder(place.home)],
  configure: place => configure(place, settings),
  probe,
});

const url = (place: DaemonPlace) => `http://127.0.0.1:${place.port}/transmission/rpc`;

async function configure(place: DaemonPlace, settings: TransmissionOptions['settings']): Promise<void> {
  const file = path.join(configFolder(place.home), 'settings.json');
  await mkdir(configFolder(place.home), { recursive: true });
  const kept = await readFile(file, 'utf8').then(JSON.parse, () => ({}));
  const ours = {
    'rpc-enabled': true,
    'rpc-bind-address': '127.0.0.1',
    'rpc-port': place.port,
    'rpc-authentication-required': place.username !== '',
    'rpc-username': place.username,
    'rpc-password': place.password,
    'rpc-whitelist-enabled': true,
    'rpc-whitelist': '127.0.0.1,::1',
    'dht-enabled': false,
    'lpd-enabled': false,
    'pex-enabled': false,
    'utp-enabled': false,
    'port-forwarding-enabled': false,
    'bind-address-ipv4': '127.0.0.1',
    'bind-address-ipv6': '::1',
    'peer-port': await freePort(),
    'download-dir': path.join(place.home, 'downloads'),
    'start-added-torrents': false,
  };
  await writeFile(file, JSON.stringify({ ...kept, ...ours, ...settings }, null, 2));
}

/** Transmission 3.00 neither ends nor says a word when its port is taken: only its own folder tells who answers. */
async function probe(place: DaemonPlace): Promise<'ready' | 'waiting' | 'port taken'> {
  try {
    const session = await callTransmission(place, 'session-get');
    return session['config-dir'] === configFolder(place.home) ? 'ready' : 'port taken';
  } catch (error) {
    return error instanceof UnexpectedAnswer ? 'port taken' : 'waiting';
  }
}

class UnexpectedAnswer extends Error {}

const CALL_TIMEOUT_MS = 10_000;

/** Calls one method in the old dialect over Node's own fetch; anything but success throws. */
export async function callTransmission(
  place: DaemonPlace,
  method: string,
  args: Readonly<Record<string, unknown>> = {},
  // biome-ignore lint/suspicious/noExplicitAny: what a daemon answers, looked at by a test
): Promise<Record<string, any>> {
  const send = (sessionId: string) =>
    fetch(url(place), {
      method: 'POST',
      redirect: 'manual',
      signal: AbortSignal.timeout(CALL_TIMEOUT_MS),
      headers: {
        authorization: `Basic ${Buffer.from(`${place.username}:${place.password}`).toString('base64')}`,
        'content-type': 'application/json',
        'x-transmission-session-id': sessionId,
      },
      body: JSON.stringify({ method, arguments: args }),
    });
  let response = await send('');
  if (response.status === 409) {
    await response.body?.cancel();
    response = await send(response.headers.get('x-transmission-session-id') ?? '');
  }
  const text = await response.text();
  if (response.status !== 200) throw new UnexpectedAnswer(`${method}: HTTP ${response.status} ${text}`);
  const answer = JSON.parse(text);
  if (answer.result !== 'success') throw new Error(`${method}: ${answer.result}`);
  return answer.arguments;
}

/** Adds a torrent, resolved when the daemon has looked through its payload. */
export async function addToTransmission(
  daemon: Daemon,
  torrent: Torrent,
  options: AddOptions = {},
): Promise<void> {
  const { share = 0, isPaused = true, labels = [] } = options;
  if (share > 0) await torrent.writePayload(path.join(daemon.home, 'downloads'), share);
  await callTransmission(daemon, 'torrent-add', {
    metainfo: torrent.metainfo.toString('base64'),
    paused: true,
  });
  const ids = [torrent.infoHash];
  // 3.00 ignores labels while adding.
  if (labels.length > 0) await callTransmission(daemon, 'torrent-set', { ids, labels });
  if (share > 0) await callTransmission(daemon, 'torrent-verify', { ids });
  await settled(daemon, torrent);
  if (!isPaused) await callTransmission(daemon, 'torrent-start', { ids });
}

const POLL_MS = 50;
const STATUS_STOPPED = 0;

async function settled(daemon: Daemon, torrent: Torrent): Promise<void> {
  for (;;) {
    await sleep(POLL_MS);
    const { torrents } = await callTransmission(daemon, 'torrent-get', {
      ids: [torrent.infoHash],
      fields: ['status'],
    });
    if (torrents.length === 0) throw new Error(`Transmission does not know ${torrent.infoHash}.`);
    if (torrents[0].status === STATUS_STOPPED) return;
  }
}
