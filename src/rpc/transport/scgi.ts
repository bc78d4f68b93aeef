/** SCGI as rTorrent serves it: a connection for each request, which ends with the answer. */
import type net from 'node:net';
import type { SessionContext } from '../base.ts';
import { decodeHead, encodeHead, type ScgiHead } from '../codec/scgi.ts';
import { responseTooLarge } from '../errors.ts';
import { beginningOf, type ExchangeEnd, type Layer, textLayer } from '../exchange.ts';
import type { Masker } from '../mask.ts';
import { Pieces } from '../pieces.ts';
import { otherServer, toConnectionError } from './failures.ts';
import { closedEarly } from './held.ts';
import { beginSocket, type Route, routeOf } from './socket.ts';

/**
 * Parallel connections to one rTorrent. It resets those beyond about 100 (observed on 0.9.8 and 0.16.17), whoever has
 * opened them, and does one thing at a time: these keep it busy, and leave room for others.
 */
const MAX_CONNECTIONS = 32;

/**
 * Seconds. A call that may take no longer ends by its time limit about as early as by the news that the other side is
 * gone, which takes Node 40 s; to have them costs each connection 2 % of its time.
 */
const LONG_CALL_S = 120;

/** Carries requests to one rTorrent, over TCP or a Unix socket. */
export class ScgiTransport {
  readonly #context: SessionContext;
  readonly #route: Route;
  readonly #isLong: boolean;
  readonly #turns = new Turns(MAX_CONNECTIONS);

  constructor(context: SessionContext) {
    this.#context = context;
    this.#route = routeOf(context, false);
    this.#isLong = context.timeout > LONG_CALL_S;
  }

  destroy(): void {
    // Each connection ends with its call, and all calls end with the session.
  }

  /**
   * Sends a request and reads the answer. Its connection ends with it, whatever becomes of it.
   *
   * @param name what it is for, as who watches the wire reads it: the RPC method.
   * @param read makes of the answer's body what the caller wants; what it throws is also told to who watches the wire.
   * @throws ConnectionError, RPCError where the answer is too large or no SCGI, the signal's reason when it aborts.
   */
  async request<T>(name: string, body: Buffer, signal: AbortSignal, read: (body: Buffer) => T): Promise<T> {
    const request = { head: encodeHead(body.length), body };
    const answer = new Answer(this.#context.maxResponseSize);
    const exchange = this.#context.begin(name);
    let isSent = false;
    const end = (error?: unknown) => exchange?.end(this.#recordOf(request, isSent, answer, signal, error));
    try {
      signal.throwIfAborted();
      await this.#turns.take(signal, async () => {
        const socket = await beginSocket(this.#route, this.#isLong, signal);
        isSent = !socket.connecting;
        socket.once('connect', () => {
          isSent = true;
        });
        await converse(socket, request, answer, signal);
      });
      const result = read(answer.body);
      end();
      return result;
    } catch (error) {
      const failure = signal.aborted ? signal.reason : this.#toError(error, answer, isSent ? body.length : 0);
      end(failure);
      throw failure;
    }
  }

  #toError(error: unknown, answer: Answer, sentBytes: number): Error {
    const masker = this.#context.masker();
    if (!(error instanceof SyntaxError)) {
      return toConnectionError(error, this.#route.peer, masker, answer.size === 0 ? sentBytes : 0);
    }
    return otherServer(answer.bytes.toString(), 'an rTorrent daemon', masker);
  }

  #recordOf(
    request: Message,
    isSent: boolean,
    answer: Answer,
    signal: AbortSignal,
    error: unknown,
  ): ExchangeEnd {
    const sent = isSent ? keep(request.head, request.body) : undefined;
    const { head, bytes } = answer;
    const received = head ? keep(bytes.subarray(0, head.size), answer.body) : keep(undefined, bytes);
    const masker = () => this.#context.masker();
    return {
      sentBytes: sent?.size ?? 0,
      receivedBytes: received.size,
      error,
      isAborted: signal.aborted,
      request: () => (sent ? layersOf(sent, masker()) : []),
      response: () => (received.size > 0 ? layersOf(received, masker()) : []),
    };
  }
}

interface Message {
  readonly head: Buffer;
  readonly body: Buffer;
}

/** Writes a request, and reads until the answer is whole. The socket is closed then, whatever comes. */
function converse(
  socket: net.Socket,
  { head, body }: Message,
  answer: Answer,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const release = () => {
      signal.removeEventListener('abort', onAbort);
      socket.off('data', onData).off('end', onEnd).off('close', onEnd).off('error', onError).destroy();
    };
    const onError = (error: unknown) => {
      release();
      reject(error);
    };
    const goOn = (isWhole: () => boolean) => {
      try {
        if (!isWhole()) return;
        release();
        resolve();
      } catch (error) {
        onError(error);
      }
    };
    const onData = (chunk: Buffer) => goOn(() => answer.add(chunk));
    const onEnd = () => goOn(() => answer.end());
    const onAbort = () => onError(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    socket.on('data', onData).on('end', onEnd).on('close', onEnd).on('error', onError);
    if (signal.aborted) onAbort();
    else if (socket.destroyed) onEnd();
    else socket.write(Buffer.concat([head, body]));
  });
}

/** What has come of an answer. */
class Answer {
  readonly #limit: number;
  readonly #pieces = new Pieces();
  head: ScgiHead | undefined;

  /** @param limit bytes that its body may have. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Bytes of all. */
  get size(): number {
    return this.#pieces.size;
  }

  /** All of it. */
  get bytes(): Buffer {
    return this.#pieces.bytes();
  }

  get body(): Buffer {
    const { size = 0, contentLength = this.size } = this.head ?? {};
    return this.bytes.subarray(size, size + contentLength);
  }

  /** Takes a piece of it, and tells whether it is whole now. */
  add(chunk: Buffer): boolean {
    this.#pieces.add(chunk);
    this.head ??= decodeHead(this.bytes);
    if (!this.head) return false;
    const { status, size, contentLength } = this.head;
    if (status !== 200) throw new SyntaxError(`Status ${status}`);
    const bodySize = this.size - size;
    if ((contentLength ?? bodySize) > this.#limit) throw responseTooLarge(this.#limit);
    return contentLength !== undefined && bodySize >= contentLength;
  }

  /**
   * Takes the end of the connection for its end.
   *
   * @throws Error where it is not whole by then, SyntaxError where it never would have been.
   */
  end(): true {
    this.head ??= decodeHead(this.bytes, true);
    if (this.head && this.head.contentLength === undefined) return true;
    throw closedEarly();
  }
}

/** Lets only so many do something at a time, the others in their order. */
class Turns {
  #free: number;
  readonly #waiting = new Set<() => void>();

  constructor(count: number) {
    this.#free = count;
  }

  /** Does the work when its turn comes. @throws the signal's reason when it aborts before. */
  async take<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free -= 1;
    else await this.#wait(signal);
    try {
      return await work();
    } finally {
      const [next] = this.#waiting;
      if (next) next();
      else this.#free += 1;
    }
  }

  #wait(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = () => {
        signal.removeEventListener('abort', onAbort);
        this.#waiting.delete(go);
      };
      const onAbort = () => {
        leave();
        reject(signal.reason);
      };
      const go = () => {
        leave();
        resolve();
      };
      signal.addEventListener('abort', onAbort);
      this.#waiting.add(go);
    });
  }
}

/** A message as the exchange keeps it. */
interface Kept {
  /** Undefined where there is none, as in what is no SCGI. */
  readonly head: string | undefined;
  readonly body: Uint8Array;
  readonly bodySize: number;
  /** Bytes of all. */
  readonly size: number;
}

function keep(head: Buffer | undefined, body: Buffer): Kept {
  return {
    head: head?.toString(),
    body: beginningOf(body),
    bodySize: body.length,
    size: (head?.length ?? 0) + body.length,
  };
}

function layersOf({ head, body, bodySize, size }: Kept, masker: Masker): Layer[] {
  const text = Buffer.from(body).toString();
  if (head === undefined) return [textLayer('scgi', text, size, masker)];
  return [
    { kind: 'scgi', head: masker.excerpt(head), size },
    ...(bodySize > 0 ? [textLayer('xml', text, bodySize, masker)] : []),
  ];
}
