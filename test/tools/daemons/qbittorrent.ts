// A real qbittorrent-nox, and what tests ask it past the RPC core: a core under test cannot be its own witness.
import { pbkdf2Sync, randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
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

/** What somebody who starts a qBittorrent may choose. */
export interface QbittorrentOptions extends DaemonOptions {
  /** Keys below `[Preferences]` of its qBittorrent.conf, such as `WebUI\SessionTimeout`, stronger than ours. */
  readonly preferences?: Readonly<Record<string, string | number | boolean>>;
  /**
   * Milliseconds after which a change shows, default 100. Its total rates are means of this time, so that they are worth
   * something with its own default only, 1500.
   */
  readonly refreshInterval?: number;
}

/** Starts a qbittorrent-nox on 127.0.0.1, cut off from every other peer, resolved when it answers. */
export function startQbittorrent(options: QbittorrentOptions = {}): Promise<Daemon> {
  return startDaemon(recipe(options), options);
}

const recipe = (options: QbittorrentOptions): DaemonRecipe => ({
  kind: 'qbittorrent',
  program: 'qbittorrent-nox',
  systemPackage: 'qbittorrent-nox',
  url,
  args: place => [`--profile=${place.home}`],
  configure: place => configure(place, options),
  probe,
});

const url = (place: DaemonPlace) => `http://127.0.0.1:${place.port}`;
const downloads = (place: DaemonPlace) => path.join(place.home, 'downloads');

async function configure(
  place: DaemonPlace,
  { preferences, refreshInterval = 100 }: QbittorrentOptions,
): Promise<void> {
  const sections = {
    BitTorrent: {
      'Session\\DHTEnabled': false,
      'Session\\PeXEnabled': false,
      'Session\\LSDEnabled': false,
      'Session\\Interface': 'lo',
      'Session\\InterfaceName': 'lo',
      'Session\\Port': await freePort(),
      'Session\\QueueingSystemEnabled': false,
      'Session\\RefreshInterval': refreshInterval,
      'Session\\DefaultSavePath': downloads(place),
    },
    LegalNotice: { Accepted: true },
    Network: { PortForwardingEnabled: false },
    Preferences: {
      'General\\Locale': 'en',
      'WebUI\\Enabled': true,
      'WebUI\\Address': '127.0.0.1',
      'WebUI\\Port': place.port,
      'WebUI\\UseUPnP': false,
      'WebUI\\LocalHostAuth': place.username !== '',
      // Since 5.0 it does not start without one, although nobody is asked for it.
      'WebUI\\Username': place.username || 'nobody',
      'WebUI\\Password_PBKDF2': `"@ByteArray(${hash(place.password)})"`,
      ...preferences,
    },
  };
  const folder = path.join(place.home, 'qBittorrent', 'config');
  await mkdir(folder, { recursive: true });
  const text = Object.entries(sections).map(([section, keys]) =>
    [`[${section}]`, ...Object.entries(keys).map(([key, value]) => `${key}=${value}`), ''].join('\n'),
  );
  await writeFile(path.join(folder, 'qBittorrent.conf'), text.join('\n'));
}

/** A password as qBittorrent keeps it (src/base/utils/password.cpp). */
function hash(password: string): string {
  const salt = randomBytes(16);
  const key = pbkdf2Sync(password, salt, 100_000, 64, 'sha512');
  return `${salt.toString('base64')}:${key.toString('base64')}`;
}

/** Only its own folder tells who answers. */
async function probe(place: DaemonPlace): Promise<'ready' | 'waiting' | 'port taken'> {
  try {
    const folder = await callQbittorrent(place, 'app/defaultSavePath');
    return folder === downloads(place) ? 'ready' : 'port taken';
  } catch (error) {
    return error instanceof UnexpectedAnswer ? 'port taken' : 'waiting';
  }
}

class UnexpectedAnswer extends Error {}

const CALL_TIMEOUT_MS = 30_000;

/** Logs in and calls one method over Node's own fetch: what it answers, JSON parsed; anything but success throws. */
export async function callQbittorrent(
  place: DaemonPlace,
  method: string,
  body: URLSearchParams | FormData = new URLSearchParams(),
  // biome-ignore lint/suspicious/noExplicitAny: what a daemon answers, looked at by a test
): Promise<any> {
  const send = async (name: string, content: URLSearchParams | FormData, cookie: string) => {
    const response = await fetch(`${url(place)}/api/v2/${name}`, {
      method: 'POST',
      redirect: 'manual',
      signal: AbortSignal.timeout(CALL_TIMEOUT_MS),
      headers: { cookie },
      body: content,
    });
    const text = await response.text();
    if (!response.ok || text === 'Fails.')
      throw new UnexpectedAnswer(`${name}: HTTP ${response.status} ${text}`);
    return { text, headers: response.headers };
  };
  const credentials = { username: place.username, password: place.password };
  const login = await send('auth/login', new URLSearchParams(credentials), '');
  const cookie = login.headers.get('set-cookie')?.split(';')[0] ?? '';
  const { text, headers } = await send(method, body, cookie);
  return headers.get('content-type')?.includes('json') ? JSON.parse(text) : text;
}

/** How a torrent is to be added. */
export interface QbittorrentAddOptions extends AddOptions {
  readonly category?: string;
}

/** Adds a torrent, resolved when the daemon has looked through its payload. */
export async function addToQbittorrent(
  daemon: Daemon,
  torrent: Torrent,
  options: QbittorrentAddOptions = {},
): Promise<void> {
  const { share = 0, isPaused = true, category = '', labels = [] } = options;
  if (share > 0) await torrent.writePayload(downloads(daemon), share);
  const form = new FormData();
  form.set('torrents', new Blob([torrent.metainfo]), `${torrent.infoHash}.torrent`);
  // What is added paused is not looked through.
  for (const field of ['paused', 'stopped']) form.set(field, String(isPaused && share === 0));
  form.set('category', category);
  form.set('tags', labels.join());
  await callQbittorrent(daemon, 'torrents/add', form);
  await settled(daemon, torrent, share > 0);
  if (isPaused && share > 0) await pause(daemon, torrent);
}

/** Renamed in 5.0. */
async function pause(daemon: Daemon, torrent: Torrent): Promise<void> {
  const hashes = new URLSearchParams({ hashes: torrent.infoHash });
  await callQbittorrent(daemon, 'torrents/stop', hashes).catch(() =>
    callQbittorrent(daemon, 'torrents/pause', hashes),
  );
}

const POLL_MS = 50;

/** Adding goes on after the answer: the torrent appears later, and is looked through after that. */
async function settled(daemon: Daemon, torrent: Torrent, hasPayload: boolean): Promise<void> {
  for (;;) {
    const query = new URLSearchParams({ hashes: torrent.infoHash });
    const [found] = await callQbittorrent(daemon, 'torrents/info', query);
    const isChecked = found && !found.state.startsWith('checking') && (!hasPayload || found.progress > 0);
    if (isChecked) return;
    await sleep(POLL_MS);
  }
}
