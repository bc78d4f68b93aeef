/** Watching the wire: what went over it for one request, coat by coat, made only when somebody listens and asks. */
import { inspect } from 'node:util';
import type { Masker } from './mask.ts';

/** One coat of the protocol as it went over the wire. */
export interface Layer {
  readonly kind: 'http' | 'scgi' | 'xml' | 'json' | 'form' | 'deluge' | 'zlib' | 'rencode';
  /** What stands before the body: a request or status line and headers, a frame's header. */
  readonly head?: string;
  /** The beginning of a text, secrets masked. */
  readonly text?: string;
  /** The beginning of what is no text, secrets masked. */
  readonly bytes?: Uint8Array;
  /** Bytes of the whole, before it was cut. */
  readonly size: number;
}

/** One request and its answer, log-ins and failures included. */
export interface Exchange {
  /** Counts up from 1 within a client. */
  readonly id: number;
  /** The RPC method, or what the request is for, such as `auth/login`. */
  readonly method: string;
  readonly startedAt: Date;
  readonly milliseconds: number;
  /** Bytes of the request, heads included, as far as it was sent. */
  readonly sentBytes: number;
  /** Bytes of the answer, heads included, as far as it came. */
  readonly receivedBytes: number;
  readonly outcome: 'ok' | 'error' | 'aborted';
  /** Why it did not work. */
  readonly error?: Error;
  /** What was sent, outermost coat first. */
  request(): Layer[];
  /** What came back, outermost coat first; empty where nothing did. */
  response(): Layer[];
}

/** What a client knows when a request is over. */
export interface ExchangeEnd {
  readonly sentBytes: number;
  readonly receivedBytes: number;
  /** Why it did not work; undefined where it did. */
  readonly error?: unknown;
  /** Whether the caller, not the daemon, ended it. */
  readonly isAborted?: boolean;
  request(): Layer[];
  response(): Layer[];
}

/** A request on its way that somebody watches. */
export interface OpenExchange {
  /** Tells of its end; to be called once. */
  end(end: ExchangeEnd): void;
}

/** Numbers and times the exchanges of one client, and hands them to who listens. */
export class ExchangeLog {
  readonly #isWatched: () => boolean;
  readonly #emit: (exchange: Exchange) => void;
  #lastId = 0;

  constructor(isWatched: () => boolean, emit: (exchange: Exchange) => void) {
    this.#isWatched = isWatched;
    this.#emit = emit;
  }

  /** Begins a request; undefined while nobody listens, so that nothing needs to be kept for it. */
  begin(method: string): OpenExchange | undefined {
    this.#lastId += 1;
    if (!this.#isWatched()) return undefined;
    const id = this.#lastId;
    const startedAt = new Date();
    const start = performance.now();
    return {
      end: ({ sentBytes, receivedBytes, error, isAborted = false, request, response }) => {
        this.#emit({
          id,
          method,
          startedAt,
          milliseconds: performance.now() - start,
          sentBytes,
          receivedBytes,
          outcome: error === undefined ? 'ok' : isAborted ? 'aborted' : 'error',
          ...(error === undefined
            ? {}
            : { error: error instanceof Error ? error : new Error(inspect(error)) }),
          request,
          response,
        });
      },
    };
  }
}

/** Characters or bytes of a layer that are shown: more is for nobody's eyes. */
const LAYER_LIMIT = 256 * 1024;

/** A layer of text, masked and bounded; `size` is its bytes on the wire. */
export function textLayer(
  kind: Layer['kind'],
  text: string,
  size: number,
  masker: Masker,
  head?: string,
): Layer {
  const shown = masker.excerpt(text, LAYER_LIMIT);
  return { kind, ...(head === undefined ? {} : { head: masker.excerpt(head) }), text: shown, size };
}
