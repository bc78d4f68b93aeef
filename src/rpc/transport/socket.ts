/**
 * Opens sockets: the one way to a daemon that HTTP, SCGI and Deluge's protocol share.
 *
 * VS Code patches `net` and `tls` for extensions unless `ca` is given, and Node trusts only its bundled authorities by
 * default, so `ca` is always given: Node's and the system's.
 */
import net from 'node:net';
import tls from 'node:tls';
import type { SessionContext } from '../base.ts';
import type { TlsOptions } from '../options.ts';
import type { ClientURL } from '../url.ts';
import { type Peer, peerOf } from './failures.ts';

/** Where a socket goes, and through what. */
export interface Route {
  readonly peer: Peer;
  /** Wraps it in TLS; `servername` defaults to the peer's host. */
  readonly secure: boolean;
  readonly tls: TlsOptions | undefined;
  readonly proxyUrl: ClientURL | undefined;
  /** Tells whose certificate was accepted. */
  certified: SessionContext['certified'];
}

/** The way to the daemon that a client's settings name. */
export function routeOf(
  { url, tls, proxyUrl, certified }: Pick<SessionContext, 'url' | 'tls' | 'proxyUrl' | 'certified'>,
  secure: boolean,
): Route {
  return { peer: peerOf(url), secure, tls, proxyUrl, certified };
}

/**
 * A connected socket, the TLS handshake done.
 *
 * @throws the error of `net` or `tls`, or the signal's reason when it aborts.
 */
export function openSocket(route: Route, signal: AbortSignal): Promise<net.Socket> {
  signal.throwIfAborted();
  const { peer, secure } = route;
  const socket = net.connect(
    peer.socketPath ? { path: peer.socketPath } : { host: peer.host, port: peer.port },
  );
  // Requests are written whole: waiting for more to send only delays them.
  socket.setNoDelay(true);
  return new Promise((resolve, reject) => {
    const ready = secure ? handshake(socket, route) : socket;
    const onAbort = () => {
      reject(signal.reason);
      socket.destroy();
      ready.destroy();
    };
    const settle = (done: () => void) => {
      signal.removeEventListener('abort', onAbort);
      done();
    };
    signal.addEventListener('abort', onAbort, { once: true });
    ready.once(secure ? 'secureConnect' : 'connect', () => {
      ready.removeAllListeners('error');
      settle(() => resolve(ready));
    });
    for (const part of new Set([socket, ready])) part.on('error', error => settle(() => reject(error)));
    ready.once('close', () =>
      settle(() => reject(Object.assign(new Error('closed'), { code: 'UND_ERR_SOCKET' }))),
    );
  });
}

function handshake(socket: net.Socket, { peer, tls: options }: Route): tls.TLSSocket {
  return tls.connect({
    socket,
    // Server name indication is for names only (RFC 6066, section 3).
    ...(net.isIP(peer.host) ? {} : { servername: peer.host }),
    host: peer.host,
    ca: options?.ca === undefined ? trustedAuthorities() : Buffer.from(options.ca),
    rejectUnauthorized: options?.rejectUnauthorized ?? true,
  });
}

let authorities: string[] | undefined;

/** Node's and the system's authorities, read once: it takes 80 ms. */
function trustedAuthorities(): string[] {
  authorities ??= [...new Set([...tls.getCACertificates('default'), ...tls.getCACertificates('system')])];
  return authorities;
}
