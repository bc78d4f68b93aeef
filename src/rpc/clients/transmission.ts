/** Transmission: JSON over HTTP, with a session id against cross-site requests and HTTP basic authentication. */
import { type CallOptions, loggedIn, RPCBase, type Session, type SessionContext } from '../base.ts';
import {
  decodeResponse,
  encodeRequest,
  type TransmissionJsonRpcResponse,
  type TransmissionResponse,
} from '../codec/transmission.ts';
import { AuthenticationError, ConnectionError, RPCError } from '../errors.ts';
import { decodeUtf8 } from '../json.ts';
import type { Masker } from '../mask.ts';
import { peerOf, tooLarge, unexpectedResponse } from '../transport/failures.ts';
import { type HttpResponse, HttpTransport, redirected, unexpectedStatus } from '../transport/http.ts';
import { TransmissionURL } from '../url.ts';

/** The cheapest request that shows whether a Transmission answers; it is never run twice, nor changes anything. */
const PROBE = encodeRequest('session-get', { fields: ['version'] });

/** What `call()` takes besides method and arguments. */
export interface TransmissionCallOptions extends CallOptions {
  /** An integer that the answer repeats: as `tag`, in JSON-RPC as `id`. */
  tag?: number | bigint | string | undefined;
}

/** RPC with a Transmission daemon. */
export class TransmissionRPC extends RPCBase<TransmissionSession> {
  static override readonly clientName = 'transmission';
  static override readonly label = 'Transmission';
  static override readonly URL = TransmissionURL;

  /**
   * Calls a method, in the dialect that its name belongs to: with `_` and without `-`, such as `torrent_get`, it is
   * JSON-RPC, which Transmission speaks since 4.1; any other, such as `torrent-get`, is of the dialect that every
   * version speaks.
   *
   * @param args by name; `ids` of torrent-remove must not repeat a torrent, which would crash the daemon.
   * @returns the whole answer: `{ result: 'success', arguments, tag }`, or `{ jsonrpc: '2.0', id, result }`.
   * @throws ValueError before anything is sent, RPCError with the daemon's own words, and what `connect()` throws.
   */
  async call<R = TransmissionJsonRpcResponse>(
    method: `${string}_${string}`,
    args?: Record<string, unknown>,
    options?: TransmissionCallOptions,
  ): Promise<R>;
  async call<R = TransmissionResponse>(
    method: string,
    args?: Record<string, unknown>,
    options?: TransmissionCallOptions,
  ): Promise<R>;
  async call(
    method: string,
    args?: Record<string, unknown>,
    { tag, signal }: TransmissionCallOptions = {},
  ): Promise<unknown> {
    const body = encodeRequest(method, args, tag);
    return this.perform(signal, (session, ending) => session.request(method, body, ending));
  }

  protected override async open(context: SessionContext): Promise<TransmissionSession> {
    const session = new TransmissionSession(context);
    return loggedIn(session, () => session.logIn(context.signal));
  }
}

class TransmissionSession implements Session {
  readonly #context: SessionContext;
  readonly #http: HttpTransport;
  readonly #authorization: Record<string, string>;
  /** New at each start of the daemon, and each hour (observed on 3.00 and 4.1.4). */
  #sessionId: string | undefined;

  constructor(context: SessionContext) {
    const { username, password } = context.url;
    this.#context = context;
    this.#authorization =
      username || password
        ? { authorization: `Basic ${Buffer.from(`${username ?? ''}:${password ?? ''}`).toString('base64')}` }
        : {};
    this.#http = new HttpTransport(context, () => this.#masker());
  }

  /** Gets a session id; the daemon checks the credentials first, so having one means that they are right. */
  async logIn(signal: AbortSignal): Promise<void> {
    await this.#post('session-get', PROBE, signal, (answer, isRenewed) => isRenewed || this.#read(answer));
  }

  async request(method: string, body: string, signal: AbortSignal): Promise<unknown> {
    const read = (answer: HttpResponse) => this.#read(answer, body);
    try {
      const first = await this.#post(method, body, signal, (answer, isRenewed) =>
        isRenewed ? undefined : read(answer),
      );
      // With a 409 the daemon has done nothing yet: what is sent again was never run.
      return first ?? (await this.#post(method, body, signal, read));
    } catch (error) {
      // The password was changed: who else is waiting would only be one more wrong one.
      if (error instanceof AuthenticationError) this.#context.lost(error);
      throw error;
    }
  }

  async close(): Promise<void> {
    // The protocol has no log-out.
  }

  destroy(): void {
    this.#http.destroy();
  }

  /** @param read gets the answer, and whether it is a 409 that brings a new session id. */
  #post<T>(
    name: string,
    body: string,
    signal: AbortSignal,
    read: (answer: HttpResponse, isRenewed: boolean) => T,
  ): Promise<T> {
    const headers = {
      'content-type': 'application/json',
      // Sent unasked: the daemon counts each request without credentials as a failed log-in.
      ...this.#authorization,
      ...(this.#sessionId === undefined ? {} : { 'x-transmission-session-id': this.#sessionId }),
    };
    const path = this.#context.url.path ?? '/';
    const request = { name, kind: 'json', method: 'POST', path, headers, body } as const;
    return this.#http.request(request, signal, answer => read(answer, this.#renew(answer)));
  }

  #renew({ status, headers }: HttpResponse): boolean {
    const sessionId = headers['x-transmission-session-id'];
    if (status !== 409 || typeof sessionId !== 'string') return false;
    this.#sessionId = sessionId;
    return true;
  }

  #read(response: HttpResponse, request = PROBE): TransmissionResponse | TransmissionJsonRpcResponse {
    if (response.status !== 200) throw this.#refusal(response, request);
    try {
      const answer = decodeResponse(response.body);
      if (answer) return answer;
    } catch (error) {
      if (!(error instanceof RPCError)) throw error;
      const masker = this.#masker();
      throw new RPCError(masker.excerpt(error.message) || 'Call failed', masker.value(error.info));
    }
    throw unexpectedResponse(decodeUtf8(response.body), this.#masker());
  }

  /** What a status other than 200 means (observed on 3.00, 4.1.0-beta.2 and 4.1.4). */
  #refusal(response: HttpResponse, request: string): Error {
    const { url } = this.#context;
    const { status } = response;
    const info = { status };
    const text = decodeUtf8(response.body);
    if (status === 401) return new AuthenticationError('Authentication failed', { info });
    // Others answer 403 too, qBittorrent for one; a heading like this is Transmission's own.
    if (status === 403 && /<h1>\s*403:/i.test(text)) return this.#forbidden(text, info);
    if (status === 413) return tooLarge(Buffer.byteLength(request), peerOf(url), info);
    if (status === 421) {
      return new ConnectionError(`Transmission refuses the host name ${url.address}`, { info });
    }
    if (status >= 300 && status < 400) return redirected(response, this.#masker());
    return unexpectedStatus(response, this.#masker(), info);
  }

  /** 3.00 says why. 4.1 says a bare `Forbidden`, whether it is our address or that too many log-ins have failed. */
  #forbidden(text: string, info: { status: number }): Error {
    const reason = reasonIn(text);
    const words = this.#masker().excerpt(reason, LONGEST_REASON);
    return /login attempts/i.test(reason)
      ? new AuthenticationError(words || 'Too many unsuccessful login attempts', { info })
      : new ConnectionError(words || BARE_REFUSAL, { info });
  }

  #masker(): Masker {
    const { authorization } = this.#authorization;
    return this.#context.masker(authorization?.slice('Basic '.length), this.#sessionId);
  }
}

/** Characters; the longest of 3.00's has 290. */
const LONGEST_REASON = 500;
/** Characters of a page in which a reason is looked for, which takes the square of them. */
const LONGEST_PAGE = 4096;
const BARE_REFUSAL = 'Forbidden: Transmission refuses our address, or locked us out after failed log-ins';

/** The words of an HTML page of the daemon's, without the status in its heading; empty where that is all. */
function reasonIn(html: string): string {
  return html
    .slice(0, LONGEST_PAGE)
    .replace(/<h1>.*?<\/h1>/is, ' ')
    .replace(/<[^>]*>/g, ' ')
    .replace(/[\s\p{C}]+/gu, ' ')
    .trim();
}
