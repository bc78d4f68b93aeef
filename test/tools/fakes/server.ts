// A TCP server that does with each connection what it is told to.
import { once } from 'node:events';
import net from 'node:net';
import tls from 'node:tls';
import type { Certificate } from '../certificates.ts';

/** A running fake; disposing it closes its connections. */
export interface FakeServer extends AsyncDisposable {
  readonly port: number;
  /** Connections that are open now. */
  readonly open: number;
  /** Connections that there have been, open ones included. */
  readonly connections: number;
}

/**
 * Starts a fake on a free port of 127.0.0.1.
 *
 * @param serve what it does with a connection; what it does not read is thrown away.
 * @param certificate speaks TLS with it.
 */
export async function startFakeServer(
  serve: (socket: net.Socket) => unknown,
  certificate?: Pick<Certificate, 'cert' | 'keyText'>,
): Promise<FakeServer> {
  const sockets = new Set<net.Socket>();
  let connections = 0;
  const accept = (socket: net.Socket) => {
    connections += 1;
    sockets.add(socket.on('close', () => sockets.delete(socket)).on('error', () => {}));
    if (!certificate) begin(socket);
  };
  const begin = (socket: net.Socket) => {
    socket.on('error', () => {}).resume();
    serve(socket);
  };
  const server = certificate
    ? tls.createServer({ cert: certificate.cert, key: certificate.keyText }, begin)
    : net.createServer();
  server.on('connection', accept).on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as net.AddressInfo).port,
    get open() {
      return sockets.size;
    },
    get connections() {
      return connections;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
