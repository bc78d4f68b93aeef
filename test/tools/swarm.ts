// Two daemons on 127.0.0.1 that really exchange files, slowly enough to be looked at, and the tracker that brings them
// together. Transmission cannot take part: it drops peers of its own machine.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { bencode } from './bencode.ts';
import type { Daemon } from './daemons/daemon.ts';
import { addToDeluge, startDeluge } from './daemons/deluge.ts';
import { addToQbittorrent, callQbittorrent, startQbittorrent } from './daemons/qbittorrent.ts';
import { makeTorrent, type Torrent } from './torrents.ts';

/** A tracker (BEP 3, 23) that forgets everything at its end. */
export interface AnnounceServer extends AsyncDisposable {
  /** Its announce URL. */
  readonly url: string;
}

/** Seconds after which peers are to ask again; soon, for the first one there finds nobody. */
const INTERVAL_S = 5;

interface Peer {
  readonly port: number;
  readonly isSeed: boolean;
}

/** Starts a tracker on 127.0.0.1. */
export async function startTracker(): Promise<AnnounceServer> {
  const swarms = new Map<string, Map<string, Peer>>();
  const server = createServer(({ url = '' }, response) => {
    const query = parametersOf(url);
    const swarm = swarms.get(query.info_hash ?? '') ?? new Map<string, Peer>();
    swarms.set(query.info_hash ?? '', swarm);
    const id = query.peer_id ?? '';
    if (query.event === 'stopped') swarm.delete(id);
    else swarm.set(id, { port: Number(query.port), isSeed: query.left === '0' });
    const seeds = [...swarm.values()].filter(({ isSeed }) => isSeed).length;
    const others = [...swarm].flatMap(([peer, { port }]) => (peer === id ? [] : [port]));
    const peers = Buffer.concat(others.map(port => Buffer.from([127, 0, 0, 1, port >> 8, port & 255])));
    const answer = { interval: INTERVAL_S, 'min interval': INTERVAL_S, peers };
    response.end(bencode({ ...answer, complete: seeds, incomplete: swarm.size - seeds }));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/announce`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
    },
  };
}

/** Hashes are bytes in percent-encoding, which is no UTF-8: as Latin-1 each has a text of its own. */
function parametersOf(url: string): Readonly<Record<string, string>> {
  const pairs = url.slice(url.indexOf('?') + 1).split('&');
  return Object.fromEntries(
    pairs.map(pair => {
      const [name = '', value = ''] = pair.split('=');
      return [name, unescape(value)];
    }),
  );
}

/** Daemons with torrents that go from one to the other. */
export interface Swarm {
  readonly qbittorrent: Daemon;
  readonly deluge: Daemon;
  /** What qBittorrent gives to Deluge. */
  readonly down: Torrent;
  /** What Deluge gives to qBittorrent. */
  readonly up: Torrent;
}

/** Bytes per second, each way. */
const RATE = 250_000;
/** Long enough for a minute and a half. */
const SIZE = 90 * RATE;

/** Starts a swarm, resolved when everybody has what they shall have; `stack` ends it. */
export async function startSwarm(stack: AsyncDisposableStack): Promise<Swarm> {
  const tracker = stack.use(await startTracker());
  const qbittorrent = stack.use(await startQbittorrent());
  for (const limit of ['transfer/setUploadLimit', 'transfer/setDownloadLimit'])
    await callQbittorrent(qbittorrent, limit, new URLSearchParams({ limit: String(RATE) }));
  const deluge = stack.use(
    await startDeluge({ settings: { max_upload_speed: RATE / 1024, add_paused: false } }),
  );
  const make = (name: string) =>
    makeTorrent({ name, size: SIZE, pieceLength: 256 * 1024, trackers: [tracker.url] });
  const down = make('ubuntu-26.10-desktop-amd64.iso');
  const up = make('debian-13.2.0-amd64-netinst.iso');
  await addToQbittorrent(qbittorrent, down, { share: 1, isPaused: false, labels: ['linux'] });
  await addToDeluge(deluge, up, { share: 1, isPaused: false });
  await addToDeluge(deluge, down, { isPaused: false });
  await addToQbittorrent(qbittorrent, up, { isPaused: false });
  return { qbittorrent, deluge, down, up };
}
