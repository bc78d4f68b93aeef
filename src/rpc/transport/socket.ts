/** Opens sockets: the one way to a daemon that HTTP, SCGI and Deluge's protocol share. */
import { stat } from 'node:fs/promises';
import type net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SessionContext } from '../base.ts';
import { type BtRpcError, ValueError } from '../errors.ts';
import type { Masker } from '../mask.ts';
import type { TlsOptions } from '../options.ts';
import type { ClientURL } from '../url.ts';
import { codeOf, otherServer, type Peer, peerOf, toConnectionError, unexpected } from './failures.ts';
import { begin, connect, held } from './held.ts';
import { openThroughProxy } from './proxy.ts';
import { startTls } from './tls.ts';

/** Where a socket goes, and through what. */
export interface Route {
  readonly peer: Peer;
  /** Wraps it in TLS. */
  readonly secure: boolean;
  /** What should answer, such as `a Deluge daemon`, for who finds something else there. */
  readonly expected?: string | undefined;
  readonly tls: TlsOptions | undefined;
  readonly proxyUrl: ClientURL | undefined;
  /** Tells whose certificate was accepted. */
  certified: SessionContext['certified'];
  /** Knows the secrets of the settings. */
  masker(): Masker;
}

/**
 * The way to the daemon that a client's settings name.
 *
 * @throws ValueError where a proxy is to lead to a Unix socket.
 */
export function routeOf(
  { url, tls, proxyUrl, certified, masker }: Omit<Route, 'peer' | 'secure'> & { url: ClientURL },
  secure: boolean,
): Route {
  const peer = peerOf(url);
  if (proxyUrl && peer.socketPath) throw new ValueError(`You cannot use a proxy to connect to ${url}`);
  return { peer, secure, tls, proxyUrl, certified, masker: () => masker() };
}

/**
 * A connected socket, the handshakes of proxy and TLS done. Its errors between this and its next listener are silent.
 *
 * @throws ConnectionError, or RPCError where the other side speaks no TLS; the signal's reason when it aborts. Nothing
 *   stays open then.
 */
export async function openSocket(route: Route, signal: AbortSignal): Promise<net.Socket> {
  try {
    const socket = await openPlain(route, signal);
    if (!route.secure) return socket;
    return await secured(socket, route, signal);
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    // What it has answered is lost in OpenSSL, so it is asked once more.
    if (NO_TLS.has(codeOf(error) ?? '')) throw toError(await answerWithoutTls(route, signal), route);
    throw toConnectionError(error, route.peer, route.masker());
  }
}

/**
 * As {@link openSocket}, but one that goes straight to a port may still be on its way: what is written to it goes out when
 * it arrives, and that it does not is an error of the socket.
 *
 * @param keepAlive whether such a one asks a silent peer whether it is still there.
 */
export async function beginSocket(
  route: Route,
  keepAlive: boolean,
  signal: AbortSignal,
): Promise<net.Socket> {
  const { host, port, socketPath } = route.peer;
  if (route.proxyUrl || route.secure || socketPath) return openSocket(route, signal);
  return begin({ host, port }, keepAlive);
}

async function openPlain({ peer, proxyUrl, masker }: Route, signal: AbortSignal): Promise<net.Socket> {
  if (proxyUrl) return openThroughProxy(proxyUrl, peer, masker(), signal);
  const { host, port, socketPath } = peer;
  return socketPath ? connectUnix(socketPath, signal) : connect({ host, port }, signal);
}

/** @throws as {@link connect} does, also for what is there and no socket, with the code that other systems than Linux give it. */
async function connectUnix(path: string, signal: AbortSignal): Promise<net.Socket> {
  try {
    return await connect({ path }, signal);
  } catch (error) {
    const isOther = codeOf(error) === 'ECONNREFUSED' && !(await stat(path)).isSocket();
    throw isOther ? Object.assign(error as Error, { code: 'ENOTSOCK' }) : error;
  }
}

/** What OpenSSL says of a server that answers its greeting in another protocol. */
const NO_TLS = new Set(['ERR_SSL_WRONG_VERSION_NUMBER', 'ERR_SSL_PACKET_LENGTH_TOO_LONG']);
/** Milliseconds to find out what it is instead. */
const RECOGNITION_MS = 2000;

/**
 * Milliseconds of silence after which a server is asked what it is. One without TLS takes our greeting for the beginning of
 * a head, and may wait for its end until we give up (observed on qBittorrent, Deluge's own web interface and tinyproxy).
 */
const SILENCE_MS = 1000;

/** TLS on top of a connected socket. @throws as {@link startTls} does, or RPCError where another protocol answers. */
async function secured(socket: net.Socket, route: Route, signal: AbortSignal): Promise<net.Socket> {
  const over = new AbortController();
  const waiting = AbortSignal.any([signal, over.signal]);
  try {
    const secure = startTls(socket, { ...route, host: route.peer.host }, waiting);
    return await Promise.race([secure, unlessTls(route, waiting)]);
  } finally {
    over.abort();
  }
}

/** Fails where a server that keeps silent turns out to be another one; a slow one with TLS may take all the time it wants. */
async function unlessTls(route: Route, signal: AbortSignal): Promise<never> {
  await sleep(SILENCE_MS, undefined, { signal });
  const answer = await answerWithoutTls(route, signal);
  if (answer && !answer.startsWith(TLS_ALERT)) throw toError(answer, route);
  return new Promise(() => {});
}

/** How OpenSSL begins to answer what is no greeting. */
const TLS_ALERT = '\x15\x03';

/** The error for a server without TLS. */
const toError = (answer: string, { expected = 'a TLS server', masker }: Route): BtRpcError =>
  answer ? otherServer(answer, expected, masker()) : unexpected('no TLS');

/** What a server says where we don't greet it as TLS does, on a connection of its own, with no secrets; empty: nothing. */
async function answerWithoutTls(route: Route, signal: AbortSignal): Promise<string> {
  try {
    const limited = AbortSignal.any([signal, AbortSignal.timeout(RECOGNITION_MS)]);
    const socket = await openPlain(route, limited);
    // The beginning of what it has been sent already.
    socket.write('\x16\x03\x01\r\n\r\n');
    await held(socket, 'readable', limited);
    const answer = String(socket.read() ?? '');
    socket.destroy();
    return answer;
  } catch {
    return '';
  }
}
