// Trackers on 127.0.0.1 (BEP 3, 23) that forget everything at their end.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Bencodable, bencode } from './bencode.ts';

/** A tracker that is there until it is disposed. */
export interface AnnounceServer extends AsyncDisposable {
  /** Its announce URL. */
  readonly url: string;
  /** Each time that somebody asked it. */
  readonly log: readonly Announced[];
}

/** What a tracker was told. */
export interface Announced {
  readonly infoHash: string;
  /** `started`, `stopped` or `completed`; undefined for one in between. */
  readonly event: string | undefined;
}

/** What a peer says of itself. */
type Announce = Readonly<Record<string, string>>;

/** Seconds after which peers are to ask again; soon, for the first one there finds nobody. */
const INTERVAL_S = 5;

interface Peer {
  readonly port: number;
  readonly isSeed: boolean;
}

/** Starts a tracker that brings those together who ask it. */
export function startTracker(): Promise<AnnounceServer> {
  const swarms = new Map<string, Map<string, Peer>>();
  return serve(query => {
    const swarm = swarms.get(query.info_hash ?? '') ?? new Map<string, Peer>();
    swarms.set(query.info_hash ?? '', swarm);
    const id = query.peer_id ?? '';
    if (query.event === 'stopped') swarm.delete(id);
    else swarm.set(id, { port: Number(query.port), isSeed: query.left === '0' });
    const seeds = [...swarm.values()].filter(({ isSeed }) => isSeed).length;
    const others = [...swarm].flatMap(([peer, { port }]) => (peer === id ? [] : [port]));
    const peers = Buffer.concat(others.map(port => Buffer.from([127, 0, 0, 1, port >> 8, port & 255])));
    const answer = { interval: INTERVAL_S, 'min interval': INTERVAL_S, peers };
    return { ...answer, complete: seeds, incomplete: swarm.size - seeds };
  });
}

/** Starts a tracker that says yes to everybody and names nobody; nobody asks it again soon but who is told to. */
export function startLonelyTracker(): Promise<AnnounceServer> {
  return serve(() => ({ interval: 1800, 'min interval': 1, complete: 3, incomplete: 4, peers: '' }));
}

async function serve(answerTo: (announce: Announce) => Bencodable): Promise<AnnounceServer> {
  const log: Announced[] = [];
  const server = createServer(({ url = '' }, response) => {
    // Some ask for a scrape as well.
    if (!url.startsWith('/announce')) return response.writeHead(404).end();
    const announce = parametersOf(url);
    const infoHash = Buffer.from(announce.info_hash ?? '', 'latin1').toString('hex');
    log.push({ infoHash, event: announce.event || undefined });
    return response.end(bencode(answerTo(announce)));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/announce`,
    log,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
    },
  };
}

/** Hashes are bytes in percent-encoding, which is no UTF-8: as Latin-1 each has a text of its own. */
function parametersOf(url: string): Announce {
  const pairs = url.slice(url.indexOf('?') + 1).split('&');
  return Object.fromEntries(
    pairs.map(pair => {
      const [name = '', value = ''] = pair.split('=');
      return [name, unescape(value)];
    }),
  );
}
