// What the tests of actions share: a tracker that answers, and what is to be added.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { NewTorrent } from '../../src/torrents/adapter.ts';
import { bencode } from '../tools/bencode.ts';
import type { Torrent } from '../tools/torrents.ts';

/** A tracker that says yes to everybody, and names nobody. */
export async function startTracker() {
  const heard = { announces: 0 };
  const server = createServer((_request, response) => {
    heard.announces += 1;
    const answer = { interval: 1800, 'min interval': 1, complete: 3, incomplete: 4, peers: '' };
    response.end(bencode(answer));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    /** How often it was asked. */
    heard,
    url: `http://127.0.0.1:${port}/announce`,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** A web server that has this torrent under one path, and nothing under any other. */
export async function startWebServer({ metainfo }: Torrent) {
  const server = createServer((request, response) => {
    const isThere = request.url === '/there.torrent';
    response.writeHead(isThere ? 200 : 404, { 'content-type': 'application/x-bittorrent' });
    response.end(isThere ? metainfo : 'no');
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    there: `${address}/there.torrent`,
    nowhere: `${address}/nowhere`,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
    },
  };
}

type Options = Partial<Omit<NewTorrent, 'source'>>;

const DEFAULTS = { savePath: undefined, labels: [], isStopped: true, unwanted: [] };

/** How a torrent is added from its file, stopped unless said otherwise. */
export function fromFile({ name, metainfo, infoHash }: Torrent, options: Options = {}): NewTorrent {
  return { source: { kind: 'file', name: `${name}.torrent`, metainfo, infoHash }, ...DEFAULTS, ...options };
}

/** How a torrent is added by a link. */
export function fromLink(url: string, infoHash: string | undefined, options: Options = {}): NewTorrent {
  return { source: { kind: 'link', url, infoHash }, ...DEFAULTS, ...options };
}
