/** One request over HTTP and what comes back, as undici's pool tells of it. */
import type { DispatchController, DispatchHandler } from 'undici/lib/dispatcher/pool.js';
import { responseTooLarge } from '../errors.ts';
import { beginningOf, type HttpMessage, type Layer } from '../exchange.ts';
import { Pieces } from '../pieces.ts';

/** What to send. The path begins with `/`; the body's length is known, for qBittorrent reads no chunked bodies. */
export interface HttpRequest {
  /** What the request is for, as who watches the wire reads it: the RPC method, or such as `auth/login`. */
  readonly name: string;
  /** The coat below HTTP. */
  readonly kind: Layer['kind'];
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: string | Uint8Array | null;
}

/** What came back: header names in lower case, the body whole and not decoded. */
export interface HttpResponse {
  /** 0 until it is known. */
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

/** Collects one answer, bounded, and gives up when the signal aborts, wherever the request is then. */
export class Transfer implements DispatchHandler {
  readonly #request: HttpRequest;
  readonly #limit: number;
  readonly #signal: AbortSignal;
  #done: ((error?: Error) => void) | undefined;
  readonly #body = new Pieces();
  #status = 0;
  #statusText = '';
  #headers: HttpResponse['headers'] = {};
  #controller: DispatchController | undefined;
  #leaveQueue: ((reason: unknown) => void) | undefined;

  /**
   * @param limit bytes of the body.
   * @param done told once when it is over.
   */
  constructor(request: HttpRequest, limit: number, signal: AbortSignal, done: (error?: Error) => void) {
    this.#request = request;
    this.#limit = limit;
    this.#signal = signal;
    this.#done = done;
    signal.addEventListener('abort', this.#onAbort, { once: true });
  }

  /** Whether the request went out, as far as the connection took it. */
  get wasSent(): boolean {
    return this.#controller !== undefined;
  }

  /** Bytes of the body that was sent and to which no answer began. */
  get unansweredBytes(): number {
    return this.wasSent && this.#status === 0 ? bodySize(this.#request) : 0;
  }

  /** The answer as far as it came; to be asked for when it is over. */
  get response(): HttpResponse {
    return { status: this.#status, headers: this.#headers, body: this.#body.bytes() };
  }

  /** The answer as who watches the wire sees it; undefined where none has begun. */
  received(): HttpMessage | undefined {
    if (this.#status === 0) return undefined;
    const lines = [`HTTP/1.1 ${this.#status} ${this.#statusText}`];
    // Names and values alternate.
    const raw = this.#controller?.rawHeaders ?? [];
    for (let i = 0; i < raw.length; i += 2) lines.push(`${raw[i]}: ${raw[i + 1]}`);
    const { body } = this.response;
    return {
      head: `${lines.join('\r\n')}\r\n\r\n`,
      bodySize: this.#body.size,
      body: beginningOf(body),
      kind: kindOf(this.#headers['content-type'], body),
    };
  }

  /** Told how to take the request out of a queue while it waits for a connection. */
  readonly onQueued = (leaveQueue: (reason: unknown) => void): void => {
    this.#leaveQueue = leaveQueue;
  };

  readonly #onAbort = () => {
    if (this.#controller) this.#controller.abort(this.#signal.reason);
    else this.#leaveQueue?.(this.#signal.reason);
    this.#finish(this.#signal.reason);
  };

  #finish(error?: Error): void {
    this.#signal.removeEventListener('abort', this.#onAbort);
    const done = this.#done;
    this.#done = undefined;
    done?.(error);
  }

  onRequestStart(controller: DispatchController): void {
    this.#controller = controller;
    if (this.#signal.aborted) controller.abort(this.#signal.reason);
  }

  onResponseStart(
    controller: DispatchController,
    status: number,
    headers: HttpResponse['headers'],
    statusText = '',
  ): void {
    // What comes before the answer itself.
    if (status < 200) return;
    this.#status = status;
    this.#statusText = statusText;
    this.#headers = headers;
    if (Number(headers['content-length']) > this.#limit) controller.abort(responseTooLarge(this.#limit));
  }

  onResponseData(controller: DispatchController, chunk: Buffer): void {
    this.#body.add(chunk);
    if (this.#body.size > this.#limit) controller.abort(responseTooLarge(this.#limit));
  }

  onResponseEnd(): void {
    // undici takes the connection back an immediate later: told before, the next request would open another one.
    queueMicrotask(() => setImmediate(() => this.#finish()));
  }

  onResponseError(_: DispatchController | null, error: Error): void {
    this.#finish(error);
  }
}

/** The coat that a body is, by its type and its beginning. */
function kindOf(type: string | string[] | undefined, body: Buffer): Layer['kind'] | undefined {
  const beginning = body.toString('latin1', 0, 64).trimStart();
  if (/\bjson\b/i.test(String(type)) || /^[{[]/.test(beginning)) return 'json';
  return /\bxml\b/i.test(String(type)) || beginning.startsWith('<?xml') ? 'xml' : undefined;
}

/** Bytes of a request's body. */
export function bodySize({ body }: HttpRequest): number {
  return body === null ? 0 : Buffer.byteLength(body);
}

/** The head of a request as undici writes it. */
export function requestHead(request: HttpRequest, host: string): string {
  const { method, path, headers } = request;
  const length = method === 'POST' ? [`content-length: ${bodySize(request)}`] : [];
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return [
    `${method} ${path} HTTP/1.1`,
    `host: ${host}`,
    'connection: keep-alive',
    ...lines,
    ...length,
    '',
    '',
  ].join('\r\n');
}
