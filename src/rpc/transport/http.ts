/** HTTP/1.1 on undici's connection pool: requests with a whole body in, answers with a whole body out. */
import Pool, { type DispatchController, type DispatchHandler } from 'undici/lib/dispatcher/pool.js';
import type { SessionContext } from '../base.ts';
import { ConnectionError, RPCError } from '../errors.ts';
import type { Layer } from '../exchange.ts';
import type { Masker } from '../mask.ts';
import { type Peer, toConnectionError } from './failures.ts';
import { openSocket, routeOf } from './socket.ts';

/** Milliseconds after which an idle connection is not used again: qBittorrent closes after 7 s (observed 7.6 to 8.1). */
const IDLE_MS = 4000;
/** Parallel connections to one daemon. rTorrent resets the 101st (observed); 64 keep every daemon busy. */
const MAX_CONNECTIONS = 64;

/** What to send. The path begins with `/`; the body's length is known, for qBittorrent reads no chunked bodies. */
export interface HttpRequest {
  /** What the request is for, as who watches the wire reads it: the RPC method, or such as `auth/login`. */
  readonly name: string;
  /** The coat below HTTP, of request and answer. */
  readonly kind: Layer['kind'];
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: string | Uint8Array | null;
}

/** What came back: header names in lower case, the body whole and not decoded. */
export interface HttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

/** The connections to one web server. */
export class HttpTransport {
  readonly #pool: Pool;
  readonly #peer: Peer;
  readonly #maxResponseSize: number;
  readonly #masker: () => Masker;
  readonly #opening = new AbortController();

  /** @param masker knows the secrets of the moment; asked only when text from outside is quoted. */
  constructor(context: SessionContext, masker: () => Masker) {
    const route = routeOf(context, context.url.scheme === 'https');
    const { host, port } = route.peer;
    this.#peer = route.peer;
    this.#maxResponseSize = context.maxResponseSize;
    this.#masker = masker;
    const authority = `${host.includes(':') ? `[${host}]` : host}:${port}`;
    this.#pool = new Pool(`${route.secure ? 'https' : 'http'}://${authority}`, {
      connections: MAX_CONNECTIONS,
      pipelining: 1,
      keepAliveTimeout: IDLE_MS,
      keepAliveMaxTimeout: IDLE_MS,
      headersTimeout: 0, // the client's own timeout rules
      bodyTimeout: 0,
      allowH2: false,
      connect: (_, callback) => {
        openSocket(route, this.#opening.signal).then(
          socket => callback(null, socket),
          error => callback(error, null),
        );
      },
    });
  }

  /**
   * Sends a request and reads the answer, whatever its status.
   *
   * @throws ConnectionError, RPCError where the answer is too large or no HTTP, the signal's reason when it aborts.
   */
  request(request: HttpRequest, signal: AbortSignal): Promise<HttpResponse> {
    return new Promise((resolve, reject) => {
      const exchange = new Exchange(this.#maxResponseSize, signal, resolve, error => {
        reject(signal.aborted ? signal.reason : this.#toError(error));
      });
      const { method, path, headers, body } = request;
      this.#pool.dispatch({ method, path: toRequestTarget(path), headers, body }, exchange);
    });
  }

  /** Closes every connection; requests on their way fail. */
  destroy(): void {
    this.#opening.abort(new ConnectionError('Connection lost'));
    this.#pool.destroy(null, () => {});
  }

  #toError(error: Error): Error {
    const { code, data } = error as { code?: string; data?: unknown };
    // llhttp's codes for what is no HTTP; a connection that only ended early has UND_ERR_SOCKET.
    if (code?.startsWith('HPE_') && code !== 'HPE_INVALID_EOF_STATE') {
      return unexpectedResponse(typeof data === 'string' ? data : '', this.#masker());
    }
    return toConnectionError(error, this.#peer, this.#masker());
  }
}

/** Collects one answer. */
class Exchange implements DispatchHandler {
  readonly #limit: number;
  readonly #signal: AbortSignal;
  readonly #resolve: (response: HttpResponse) => void;
  readonly #reject: (error: Error) => void;
  readonly #chunks: Buffer[] = [];
  #size = 0;
  #status = 0;
  #headers: HttpResponse['headers'] = {};
  #controller: DispatchController | undefined;

  constructor(
    limit: number,
    signal: AbortSignal,
    resolve: (response: HttpResponse) => void,
    reject: (error: Error) => void,
  ) {
    this.#limit = limit;
    this.#signal = signal;
    this.#resolve = resolve;
    this.#reject = reject;
    signal.addEventListener('abort', this.#onAbort, { once: true });
  }

  // Also while the request waits for a connection, where undici has not given us a controller yet.
  readonly #onAbort = () => {
    this.#controller?.abort(this.#signal.reason);
    this.#reject(this.#signal.reason);
  };

  onRequestStart(controller: DispatchController): void {
    this.#controller = controller;
    if (this.#signal.aborted) controller.abort(this.#signal.reason);
  }

  onResponseStart(_: DispatchController, status: number, headers: HttpResponse['headers']): void {
    this.#status = status;
    this.#headers = headers;
  }

  onResponseData(controller: DispatchController, chunk: Buffer): void {
    this.#size += chunk.length;
    if (this.#size <= this.#limit) this.#chunks.push(chunk);
    else controller.abort(new RPCError(`Response too large: more than ${this.#limit} bytes`));
  }

  onResponseEnd(): void {
    this.#signal.removeEventListener('abort', this.#onAbort);
    const body =
      this.#chunks.length === 1 ? (this.#chunks[0] as Buffer) : Buffer.concat(this.#chunks, this.#size);
    this.#resolve({ status: this.#status, headers: this.#headers, body });
  }

  onResponseError(_: DispatchController | null, error: Error): void {
    this.#signal.removeEventListener('abort', this.#onAbort);
    this.#reject(error);
  }
}

/** A path as it stands in a request line: what may not stand there is percent-encoded. */
function toRequestTarget(path: string): string {
  return path.replace(/[^\x21-\x7e]/gu, char =>
    char.isWellFormed() ? encodeURIComponent(char) : '%EF%BF%BD',
  );
}

/** Characters of a foreign answer that an error shows. */
const EXCERPT_LENGTH = 200;

/** The error for an answer that no such daemon gives: its beginning, control characters escaped. */
export function unexpectedResponse(text: string, masker: Masker, info?: unknown): RPCError {
  return new RPCError(`Unexpected response: ${escapeControls(masker.excerpt(text, EXCERPT_LENGTH))}`, info);
}

/** Control, bidirectional and line-breaking characters as `\u{XX}`. */
function escapeControls(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Cf}\u2028\u2029]/gu,
    char => `\\u{${(char.codePointAt(0) as number).toString(16).toUpperCase()}}`,
  );
}

/** The error for an answer that sends us elsewhere: never followed, so that credentials go to no other origin. */
export function redirected(response: HttpResponse, masker: Masker): RPCError {
  const location = [response.headers.location].flat()[0] ?? '';
  return unexpectedResponse(`moved to ${location}`, masker, { status: response.status });
}
