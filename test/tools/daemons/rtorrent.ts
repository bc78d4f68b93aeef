// A real rTorrent, and what tests ask it past the RPC core: a core under test cannot be its own witness.
import { mkdir, writeFile } from 'node:fs/promises';
import net from 'node:net';
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

/** What somebody who starts an rTorrent may choose. */
export interface RtorrentOptions extends Omit<DaemonOptions, 'username' | 'password'> {
  /** Listens on a Unix socket in its home instead of a port; the `url` is then `file://…`. */
  readonly isOnSocket?: boolean;
  /** More lines of its rtorrent.rc. */
  readonly commands?: readonly string[];
}

/** Starts an rTorrent on 127.0.0.1, cut off from every other peer, resolved when it answers. */
export function startRtorrent(options: RtorrentOptions = {}): Promise<Daemon> {
  return startDaemon(recipe(options), { ...options, username: '' });
}

const recipe = ({ isOnSocket = false, commands = [] }: RtorrentOptions): DaemonRecipe => ({
  kind: 'rtorrent',
  program: 'rtorrent',
  systemPackage: 'rtorrent',
  url: ({ home, port }) => (isOnSocket ? `file://${socketPath(home)}` : `scgi://127.0.0.1:${port}`),
  args: ({ home }) => ['-n', '-o', `import=${path.join(home, 'rtorrent.rc')}`],
  configure: place => configure(place, isOnSocket, commands),
  probe: place => probe({ ...place, url: recipe({ isOnSocket }).url(place) }),
});

const socketPath = (home: string) => path.join(home, 'rpc.socket');

/** Read by 0.9.8 and 0.16 alike; they end at any command that they do not know. */
async function configure(place: DaemonPlace, isOnSocket: boolean, commands: readonly string[]) {
  const { home, port } = place;
  const peerPort = await freePort();
  await mkdir(path.join(home, 'session'), { recursive: true });
  const lines = [
    'system.daemon.set = true',
    `directory.default.set = "${home}/downloads"`,
    `session.path.set = "${home}/session"`,
    'network.bind_address.set = 127.0.0.1',
    `network.port_range.set = ${peerPort}-${peerPort}`,
    'dht.mode.set = disable',
    'protocol.pex.set = no',
    'trackers.use_udp.set = no',
    isOnSocket
      ? `network.scgi.open_local = "${socketPath(home)}"`
      : `network.scgi.open_port = 127.0.0.1:${port}`,
    ...commands,
  ];
  await writeFile(path.join(home, 'rtorrent.rc'), `${lines.join('\n')}\n`);
}

/** Where an rTorrent answers: `scgi://127.0.0.1:PORT` or `file:///PATH`. */
type RtorrentPlace = Pick<Daemon, 'url' | 'home'>;

/** Only its own folder tells who answers. */
async function probe(place: RtorrentPlace): Promise<'ready' | 'waiting' | 'port taken'> {
  try {
    const [sessionPath] = await callRtorrent(place, 'session.path');
    return path.resolve(sessionPath ?? '') === path.join(place.home, 'session') ? 'ready' : 'port taken';
  } catch (error) {
    return error instanceof UnexpectedAnswer ? 'port taken' : 'waiting';
  }
}

class UnexpectedAnswer extends Error {}

const CALL_TIMEOUT_MS = 10_000;

/** Calls one method, in XML written and read by hand; the texts of all values in the answer, in order. */
export async function callRtorrent(
  place: Pick<Daemon, 'url'>,
  method: string,
  ...params: readonly (string | Uint8Array)[]
): Promise<string[]> {
  const values = params.map(param =>
    typeof param === 'string'
      ? `<string>${param.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</string>`
      : `<base64>${Buffer.from(param).toString('base64')}</base64>`,
  );
  const xml = `<?xml version="1.0"?><methodCall><methodName>${method}</methodName><params>${values
    .map(value => `<param><value>${value}</value></param>`)
    .join('')}</params></methodCall>`;
  const answer = await askRtorrent(place, xml);
  if (!answer.startsWith('Status: 200 OK\r\n')) throw new UnexpectedAnswer(`${method}: ${answer}`);
  if (answer.includes('<fault>')) throw new Error(`${method}: ${textsIn(answer).join(' ')}`);
  return textsIn(answer);
}

/** Sends one body in SCGI; all that comes back. */
export async function askRtorrent({ url }: Pick<Daemon, 'url'>, body: string): Promise<string> {
  const bytes = Buffer.from(body);
  const header = `CONTENT_LENGTH\0${bytes.length}\0SCGI\x001\0`;
  const socket = url.startsWith('file://')
    ? net.connect({ path: url.slice('file://'.length) })
    : net.connect({ host: '127.0.0.1', port: Number(url.split(':').at(-1)) });
  socket.setTimeout(CALL_TIMEOUT_MS, () => socket.destroy(new Error('no answer')));
  socket.write(Buffer.concat([Buffer.from(`${header.length}:${header},`), bytes]));
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&lt;': '<',
  '&gt;': '>',
  '&amp;': '&',
  '&quot;': '"',
  '&#x0d;': '\r',
};

const textsIn = (xml: string): string[] =>
  Array.from(xml.matchAll(/<(i4|i8|string)>([^<]*)<\/\1>/g), ([, , text = '']) =>
    text.replace(/&[^;]*;/g, entity => ENTITIES[entity] ?? entity),
  );

/** Adds a torrent, resolved when the daemon has looked through its payload. */
export async function addToRtorrent(
  daemon: Daemon,
  torrent: Torrent,
  options: AddOptions = {},
): Promise<void> {
  const { share = 0, isPaused = true, labels = [] } = options;
  const hash = torrent.infoHash.toUpperCase();
  if (share > 0) await torrent.writePayload(path.join(daemon.home, 'downloads'), share);
  await callRtorrent(daemon, 'load.raw', '', withTracker(torrent.metainfo));
  await until(async () => (await callRtorrent(daemon, 'download_list')).includes(hash));
  if (labels.length > 0)
    await callRtorrent(daemon, 'd.custom1.set', hash, labels.map(encodeURIComponent).join());
  if (share > 0) {
    await callRtorrent(daemon, 'd.check_hash', hash);
    await until(async () => (await callRtorrent(daemon, 'd.hashing', hash))[0] === '0');
  }
  if (!isPaused) await callRtorrent(daemon, 'd.start', hash);
}

/** 0.9.8 with DHT off takes no torrent without a tracker, and says so in its log only. */
function withTracker(metainfo: Buffer): Buffer {
  if (metainfo.includes('8:announce')) return metainfo;
  const announce = 'http://127.0.0.1:1/announce';
  return Buffer.concat([
    Buffer.from(`d8:announce${announce.length}:${announce}`),
    metainfo.subarray('d'.length),
  ]);
}

const POLL_MS = 50;

async function until(isDone: () => Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + CALL_TIMEOUT_MS; !(await isDone()); await sleep(POLL_MS))
    if (Date.now() > deadline) throw new Error('rTorrent did not get there.');
}
