/**
 * Opens connections through proxies.
 *
 * Every socket is ours, so that an aborted call lets go of it at once: socks-proxy-agent and https-proxy-agent open theirs
 * themselves and hand them out at the end. SOCKS is therefore left to the engine beneath the former (socks.ts). The latter
 * (9.1) exports no such part; it also reads headers without end, refuses a 2xx that is not 200 and every 1xx, and drops
 * what follows the head. So CONNECT is our own (httpConnect.ts).
 */
import { lookup } from 'node:dns/promises';
import net from 'node:net';
import type { ProxyRefusal, ProxyRequest } from '../codec/proxy.ts';
import { BtRpcError, ConnectionError } from '../errors.ts';
import type { Masker } from '../mask.ts';
import type { ClientURL } from '../url.ts';
import { asciiHost, excerptOf, type Peer, peerOf, toConnectionError } from './failures.ts';
import { connect } from './held.ts';
import { httpConnect } from './httpConnect.ts';
import { startTls } from './tls.ts';

/** Asks a proxy that a socket leads to for a connection. */
type Handshake = (
  socket: net.Socket,
  request: ProxyRequest,
  signal: AbortSignal,
) => Promise<ProxyRefusal | undefined>;

/** Loaded when a SOCKS proxy is used. */
const socks =
  (version: 4 | 5): Handshake =>
  async (...args) =>
    (await import('./socks.ts')).socks(version, ...args);

/** How a scheme asks for a connection. */
interface ProxyKind {
  readonly handshake: Handshake;
  /** The family of addresses to look the host up in (0: any); without it the proxy looks it up. */
  readonly family?: 0 | 4;
}

const KINDS: Readonly<Record<string, ProxyKind>> = {
  socks5: { handshake: socks(5), family: 0 },
  socks5h: { handshake: socks(5) },
  socks4: { handshake: socks(4), family: 4 },
  socks4a: { handshake: socks(4) },
  http: { handshake: httpConnect },
  https: { handshake: httpConnect },
};

/** A proxy, and who knows the secrets. */
interface Proxy {
  readonly url: ClientURL;
  readonly masker: Masker;
}

/**
 * A connection to the peer through a proxy.
 *
 * @throws ConnectionError that tells whether the proxy or the peer failed; the signal's reason when it aborts.
 */
export async function openThroughProxy(
  url: ClientURL,
  peer: Peer,
  masker: Masker,
  signal: AbortSignal,
): Promise<net.Socket> {
  const { scheme = '', username, password } = url;
  const { handshake, family } = KINDS[scheme] as ProxyKind;
  const proxy = { url, masker };
  const hosts = family === undefined ? [asciiHost(peer.host)] : await resolve(peer, family, proxy, signal);
  let refusal: ProxyRefusal | undefined;
  // As without a proxy, each address of a name gets its chance.
  for (const host of hosts) {
    const socket = await reach(proxy, signal);
    try {
      refusal = await handshake(socket, { host, port: peer.port, username, password }, signal);
    } catch (error) {
      socket.destroy();
      if (signal.aborted) throw signal.reason;
      const { message, cause } = toConnectionError(error, peerOf(url), masker);
      throw proxyError(proxy, message, { cause });
    }
    if (!refusal) return socket;
    socket.destroy();
    if (refusal.kind === 'credentials') break;
  }
  throw toError(refusal as ProxyRefusal, proxy);
}

/** The addresses of the peer. */
async function resolve(peer: Peer, family: 0 | 4, proxy: Proxy, signal: AbortSignal): Promise<string[]> {
  signal.throwIfAborted();
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    const found = await Promise.race([aborted, lookup(peer.host, { all: true, family })]);
    // An address of another family is found as itself.
    const addresses = found.map(({ address }) => address).filter(each => family !== 4 || net.isIPv4(each));
    if (addresses.length > 0) return addresses;
    throw proxyError(proxy, 'Address type not supported');
  } catch (error) {
    throw signal.aborted ? signal.reason : toConnectionError(error, peer, proxy.masker);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

/** A connection to the proxy itself. */
async function reach(proxy: Proxy, signal: AbortSignal): Promise<net.Socket> {
  const { host, port } = peerOf(proxy.url);
  try {
    const socket = await connect({ host, port }, signal);
    return proxy.url.scheme === 'https' ? await startTls(socket, { host }, signal) : socket;
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    // Its certificate is not trusted.
    if (error instanceof BtRpcError) throw proxyError(proxy, error.message, { info: error.info });
    throw new ConnectionError(`Could not connect to proxy ${proxy.url.address}`, {
      cause: proxy.masker.cause(error),
    });
  }
}

function toError(refusal: ProxyRefusal, proxy: Proxy): ConnectionError {
  switch (refusal.kind) {
    case 'credentials':
      return new ConnectionError('Proxy authentication failed');
    case 'refused':
      return proxyError(proxy, refusal.words);
    case 'quoted':
      return proxyError(proxy, excerptOf(refusal.words, proxy.masker) || 'Connection refused');
  }
}

function proxyError(
  { url }: Proxy,
  words: string,
  options?: ConstructorParameters<typeof ConnectionError>[1],
): ConnectionError {
  return new ConnectionError(`Proxy ${url.address}: ${words}`, options);
}
