/** Watching the wire: what went over it for one request, coat by coat, made only when somebody listens and asks. */
import { isUtf8 } from 'node:buffer';
import { inspect } from 'node:util';
import { LONGEST_EXCERPT, type Masker } from './mask.ts';

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

/** Characters or bytes of a layer that are shown. */
const LAYER_LIMIT = LONGEST_EXCERPT;

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

/** A copy of as much of a body as a layer shows: who keeps an exchange does not keep the whole answer. */
export function beginningOf(body: string | Uint8Array): Uint8Array {
  const bytes = typeof body === 'string' ? Buffer.from(body.slice(0, LAYER_LIMIT)) : body;
  return Uint8Array.prototype.slice.call(bytes, 0, LAYER_LIMIT);
}

/** A request or an answer as it went over HTTP. */
export interface HttpMessage {
  /** Request or status line and headers, secrets included. */
  readonly head: string;
  /** Bytes of the whole body. */
  readonly bodySize: number;
  /** The {@link beginningOf} the body. */
  readonly body: Uint8Array;
  /** The coat below HTTP; undefined where the body is none that we know, as in a web page. */
  readonly kind: Layer['kind'] | undefined;
}

/**
 * The layers of a request over HTTP and of its answer. What the heads of both hold of session ids and cookies is masked
 * wherever it stands, for the session may not know it yet, or no more.
 */
export function httpLayers(
  sent: HttpMessage,
  received: HttpMessage | undefined,
  masker: Masker,
): Pick<Exchange, 'request' | 'response'> {
  const knowing = () => masker.plus([sent, received].flatMap(message => secretsIn(message?.head ?? '')));
  return {
    request: () => messageLayers(sent, knowing()),
    response: () => (received ? messageLayers(received, knowing()) : []),
  };
}

function messageLayers({ head, bodySize, body, kind }: HttpMessage, masker: Masker): Layer[] {
  const size = Buffer.byteLength(head) + bodySize;
  const outer = { kind: 'http', head: masker.excerpt(maskHeaders(head), LAYER_LIMIT), size } as const;
  if (bodySize === 0) return [outer];
  const content = contentOf(body, masker);
  return kind ? [outer, { kind, ...content, size: bodySize }] : [{ ...outer, ...content }];
}

/** Text where it is UTF-8 (which the end of a beginning may cut), else bytes; secrets masked in both. */
function contentOf(body: Uint8Array, masker: Masker): { text: string } | { bytes: Uint8Array } {
  const lastStart = body.findLastIndex(byte => (byte & 0xc0) !== 0x80);
  const isText = isUtf8(body) || (body.length === LAYER_LIMIT && isUtf8(body.subarray(0, lastStart)));
  const text = Buffer.from(body.buffer, body.byteOffset, body.length).toString(isText ? 'utf8' : 'latin1');
  return isText
    ? { text: masker.excerpt(text, LAYER_LIMIT) }
    : { bytes: Buffer.from(masker.excerpt(text, LAYER_LIMIT), 'latin1') };
}

/** The headers whose values are secrets, and in them: a scheme before credentials, a name before a cookie's value. */
const SECRET_HEADERS =
  /^((?:proxy-)?authorization: *\w+ +|(?:set-)?cookie: *|x-transmission-session-id: *)(.*)$/gim;
/** The values among cookies; all that follows the first in `Set-Cookie` are attributes. */
const COOKIE_VALUES = /(?<==)[^;]+/g;
/** Shorter values are no session ids, and would be found everywhere. */
const SHORTEST_SESSION_ID = 8;

function secretsIn(head: string): string[] {
  const values = [...head.matchAll(SECRET_HEADERS)].flatMap(([, name = '', value = '']) => {
    if (!/cookie/i.test(name)) return value;
    const found = value.match(COOKIE_VALUES) ?? [];
    return /^set-/i.test(name) ? found.slice(0, 1) : found;
  });
  return values.map(value => value.trim()).filter(value => value.length >= SHORTEST_SESSION_ID);
}

function maskHeaders(head: string): string {
  return head.replace(SECRET_HEADERS, (_, name: string, value: string) => {
    if (!/cookie/i.test(name)) return `${name}***`;
    let isFirst = true;
    return (
      name +
      value.replace(COOKIE_VALUES, found => {
        const isAttribute = /^set-/i.test(name) && !isFirst;
        isFirst = false;
        return isAttribute ? found : '***';
      })
    );
  });
}
