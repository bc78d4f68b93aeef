/** HTTP/1.1 on undici's connection pool: requests with a whole body in, answers with a whole body out. */
import type net from 'node:net';
import { Duplex } from 'node:stream';
import { unzipSync } from 'node:zlib';
import undici from 'undici/lib/core/symbols.js';
import Pool from 'undici/lib/dispatcher/pool.js';
import type { SessionContext } from '../base.ts';
import { ConnectionError, type RPCError, responseTooLarge } from '../errors.ts';
import { beginningOf, httpLayers, type OpenExchange } from '../exchange.ts';
import { decodeUtf8 } from '../json.ts';
import type { Masker } from '../mask.ts';
import {
  asciiHost,
  codeOf,
  excerptOf,
  otherServer,
  type Peer,
  toConnectionError,
  unexpected,
  unexpectedResponse,
} from './failures.ts';
import { closedEarly } from './held.ts';
import { openSocket, type Route, routeOf } from './socket.ts';
import { bodySize, type HttpRequest, type HttpResponse, requestHead, Transfer } from './transfer.ts';

export type { HttpRequest, HttpResponse };

/** Milliseconds after which an idle connection is not used again: qBittorrent closes after 7 s (observed 7.6 to 8.1). */
const IDLE_MS = 4000;
/**
 * Parallel connections to one daemon; they keep every daemon busy. Behind a web server, rTorrent 0.16.17 resets some of
 * the requests of 64, although it takes about 100 connections (observed): the server is faster than it is to close them.
 */
const MAX_CONNECTIONS = 32;
/** Where undici believes to send to: hosts that it would not parse are fine with us, for we connect ourselves. */
const ORIGIN = 'http://daemon';

/** The connections to one web server. */
export class HttpTransport {
  readonly #pool: Pool;
  readonly #peer: Peer;
  readonly #host: string;
  readonly #maxResponseSize: number;
  readonly #masker: () => Masker;
  readonly #begin: SessionContext['begin'];
  readonly #openings = new Set<AbortController>();
  #diedUnused: Error | undefined;

  /**
   * @param masker knows the secrets of the moment; asked only when text from outside is quoted or kept.
   * @throws ValueError where the route cannot be.
   */
  constructor(context: SessionContext, masker: () => Masker) {
    const isSecure = context.url.scheme === 'https';
    const route = routeOf(context, isSecure);
    this.#peer = route.peer;
    this.#host = hostHeader(route.peer, isSecure);
    this.#maxResponseSize = context.maxResponseSize;
    this.#masker = masker;
    this.#begin = context.begin;
    this.#pool = new Pool(ORIGIN, {
      connections: MAX_CONNECTIONS,
      pipelining: 1,
      keepAliveTimeout: IDLE_MS,
      keepAliveMaxTimeout: IDLE_MS,
      headersTimeout: 0, // the client's own timeout rules
      bodyTimeout: 0,
      allowH2: false,
      connect: (_, callback) => this.#open(route, callback),
    });
  }

  /**
   * Sends a request and reads the answer, whatever its status.
   *
   * @param read makes of the answer what the caller wants; what it throws is also told to who watches the wire.
   * @throws ConnectionError, RPCError where the answer is too large or no HTTP, the signal's reason when it aborts.
   */
  request(request: HttpRequest, signal: AbortSignal): Promise<HttpResponse>;
  request<T>(request: HttpRequest, signal: AbortSignal, read: (response: HttpResponse) => T): Promise<T>;
  request(
    given: HttpRequest,
    signal: AbortSignal,
    read: (response: HttpResponse) => unknown = response => response,
  ): Promise<unknown> {
    if (signal.aborted) return Promise.reject(signal.reason);
    const request = { ...given, path: toRequestTarget(given.path) };
    return new Promise((resolve, reject) => {
      const watched = this.#begin(request.name);
      const transfer = new Transfer(request, this.#maxResponseSize, signal, (error?: Error) => {
        try {
          signal.throwIfAborted();
          if (error) throw this.#toError(error, transfer);
          const answer = read(this.#unpacked(transfer.response));
          if (watched) this.#tell(watched, request, transfer, signal);
          resolve(answer);
        } catch (failure) {
          if (watched) this.#tell(watched, request, transfer, signal, { failure });
          reject(failure);
        }
      });
      const { method, path, headers, body } = request;
      const options = { method, path, headers: { host: this.#host, ...headers }, body };
      this.#pool.dispatch({ ...options, [undici.kQueuedAbort]: transfer.onQueued }, transfer);
    });
  }

  /** Closes every connection; requests on their way fail. */
  destroy(): void {
    for (const opening of this.#openings) opening.abort(new ConnectionError('Connection lost'));
    this.#pool.destroy(null, () => {});
  }

  /** Opens a connection for the pool. What it returns is destroyed when no request waits for the connection any more. */
  #open(route: Route, callback: (error: Error | null, socket: Duplex | null) => void): Duplex {
    const opening = new AbortController();
    this.#openings.add(opening);
    const opened = this.#diedUnused ? Promise.reject(this.#diedUnused) : openSocket(route, opening.signal);
    opened
      .finally(() => this.#openings.delete(opening))
      .then(
        socket => {
          this.#watch(socket);
          callback(null, socket);
        },
        error => callback(error, null),
      );
    return new Duplex({
      destroy: (_, done) => {
        opening.abort(new ConnectionError('Connection lost'));
        done(null);
      },
    });
  }

  /**
   * When a connection dies before the request that waits for it was written, undici opens the next one at once, without
   * end where the server does that each time. That next one, opened while the first is closing, fails instead.
   */
  #watch(socket: net.Socket): void {
    const { bytesWritten } = socket;
    socket.once('close', () => {
      if (socket.bytesWritten > bytesWritten) return;
      this.#diedUnused = this.#toError(socket.errored ?? closedEarly());
      queueMicrotask(() => {
        this.#diedUnused = undefined;
      });
    });
  }

  /** The answer as it was before a server packed it: what is not asked for encodings may use any (RFC 9110, 12.5.3). */
  #unpacked(response: HttpResponse): HttpResponse {
    const encoding = String(response.headers['content-encoding'] ?? 'identity').toLowerCase();
    if (encoding === 'identity') return response;
    try {
      if (!/^(x-)?gzip$|^deflate$/.test(encoding)) throw new Error('not supported');
      const body = unzipSync(response.body, { maxOutputLength: this.#maxResponseSize });
      return { ...response, body };
    } catch (error) {
      if (codeOf(error) === 'ERR_BUFFER_TOO_LARGE') throw responseTooLarge(this.#maxResponseSize);
      throw unexpectedResponse(`packed as ${encoding}: ${(error as Error).message}`, this.#masker());
    }
  }

  /** @param transfer that which failed; undefined for a connection that was not used. */
  #toError(error: Error, transfer?: Transfer): Error {
    const { name, code, data } = error as { name: string; code?: string; data?: string };
    const masker = this.#masker();
    if (code === 'UND_ERR_HEADERS_OVERFLOW') return unexpected('headers without end');
    // Within the head, it says so of any error of the parser's that comes after a length.
    if (code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH' && transfer?.response.status === 0)
      return unexpected('headers that contradict each other');
    // The codes of its parser's errors do not work (undici 8.13).
    if (name === 'HTTPParserError' && data)
      return data.startsWith('HTTP')
        ? unexpectedResponse(data, masker)
        : otherServer(data, 'an HTTP server', masker);
    // Without data the answer ended early.
    const reason = name === 'HTTPParserError' ? closedEarly() : error;
    return toConnectionError(reason, this.#peer, masker, transfer?.unansweredBytes);
  }

  /** Tells who watches that a request is over. The exchange keeps copies of the beginnings of the bodies, no more. */
  #tell(
    watched: OpenExchange,
    request: HttpRequest,
    transfer: Transfer,
    signal: AbortSignal,
    failed?: { failure: unknown },
  ): void {
    const sent = {
      head: requestHead(request, this.#host),
      bodySize: bodySize(request),
      body: beginningOf(request.body ?? ''),
      kind: request.kind,
    };
    const received = transfer.received();
    watched.end({
      sentBytes: transfer.wasSent ? Buffer.byteLength(sent.head) + sent.bodySize : 0,
      receivedBytes: received ? Buffer.byteLength(received.head) + received.bodySize : 0,
      ...(failed && { error: failed.failure, isAborted: signal.aborted }),
      // The masker of this moment: when somebody looks at the exchange, the session may have other secrets.
      ...httpLayers(sent, received, this.#masker()),
    });
  }
}

/** `host:port` as a browser would say it: the scheme's own port is left out, and so is an IPv6 zone (RFC 6874). */
function hostHeader({ host, port }: Peer, isSecure: boolean): string {
  const name = host.includes(':') ? `[${host.replace(/%.*/, '')}]` : toRequestTarget(asciiHost(host));
  return port === (isSecure ? 443 : 80) ? name : `${name}:${port}`;
}

/** A path or a name as it stands in the head of a request: what may not stand there is percent-encoded. */
function toRequestTarget(text: string): string {
  return text.replace(/[^\x21-\x7e]/gu, char =>
    char.isWellFormed() ? encodeURIComponent(char) : '%EF%BF%BD',
  );
}

/** The error for an answer that sends us elsewhere: never followed, so that credentials go to no other origin. */
export function redirected(response: HttpResponse, masker: Masker): RPCError {
  const location = [response.headers.location].flat()[0] ?? '';
  return unexpected(`moved to ${excerptOf(location, masker) || 'another address'}`, {
    status: response.status,
  });
}

/** The error for an answer whose status no such daemon gives: its beginning or, where it shows none, the status. */
export function unexpectedStatus({ status, body }: HttpResponse, masker: Masker, info: unknown): RPCError {
  return unexpected(excerptOf(decodeUtf8(body), masker) || `HTTP status ${status}`, info);
}
