// A web server that has one torrent to be fetched.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Torrent } from './torrents.ts';

/** Starts a web server that has this torrent under one path, and nothing under any other. */
export async function startWebServer({ metainfo }: Pick<Torrent, 'metainfo'>) {
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
