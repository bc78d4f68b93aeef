/** Transmission: JSON over HTTP, with a session id against cross-site requests and HTTP basic authentication. */
import { type CallOptions, RPCBase, type Session, type SessionContext } from '../base.ts';
import { decodeResponse, encodeRequest, type TransmissionResponse } from '../codec/transmission.ts';
import { AuthenticationError, ConnectionError, RPCError } from '../errors.ts';
import type { Masker } from '../mask.ts';
import { peerOf } from '../transport/failures.ts';
import { type HttpResponse, HttpTransport, redirected, unexpectedResponse } from '../transport/http.ts';
import { TransmissionURL } from '../url.ts';

/** The cheapest request that shows whether a Transmission answers; it is never run twice, nor changes anything. */
const PROBE = encodeRequest('session-get', { fields: ['version'] });

/** What `call()` takes besides method and arguments. */
export interface TransmissionCallOptions extends CallOptions {
  /** An integer that the answer repeats. */
  tag?: number | bigint | string | undefined;
}

/** RPC with a Transmission daemon. */
export class TransmissionRPC extends RPCBase<TransmissionSession> {
  static override readonly clientName = 'transmission';
  static override readonly label = 'Transmission';
  static override readonly URL = TransmissionURL;

  /**
   * Calls a method.
   *
   * @returns the whole answer, `{ result: 'success', arguments, tag }`.
   * @throws ValueError before anything is sent, RPCError with the daemon's own words, and what `connect()` throws.
   */
  async call<R = TransmissionResponse>(
    method: string,
    args?: Record<string, unknown>,
    { tag, signal }: TransmissionCallOptions = {},
  ): Promise<R> {
    const body = encodeRequest(method, args, tag);
    return (await this.perform(signal, (session, ending) => session.request(method, body, ending))) as R;
  }

  protected override async open(context: SessionContext): Promise<TransmissionSession> {
    const session = new TransmissionSession(context);
    try {
      await session.logIn(context.signal);
      return session;
    } catch (error) {
      session.destroy();
      throw error;
    }
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
    const response = await this.#post('session-get', PROBE, signal);
    if (!this.#renew(response)) this.#read(response);
  }

  async request(method: string, body: string, signal: AbortSignal): Promise<TransmissionResponse> {
    const response = await this.#post(method, body, signal);
    // With a 409 the daemon has done nothing yet: what is sent again was never run.
    return this.#read(this.#renew(response) ? await this.#post(method, body, signal) : response);
  }

  async close(): Promise<void> {
    // The protocol has no log-out.
  }

  destroy(): void {
    this.#http.destroy();
  }

  #post(name: string, body: string, signal: AbortSignal): Promise<HttpResponse> {
    const headers = {
      'content-type': 'application/json',
      // Sent unasked: the daemon counts each request without credentials as a failed log-in.
      ...this.#authorization,
      ...(this.#sessionId === undefined ? {} : { 'x-transmission-session-id': this.#sessionId }),
    };
    const path = this.#context.url.path ?? '/';
    return this.#http.request({ name, kind: 'json', method: 'POST', path, headers, body }, signal);
  }

  /** Takes the session id from a 409. */
  #renew({ status, headers }: HttpResponse): boolean {
    const sessionId = headers['x-transmission-session-id'];
    if (status !== 409 || typeof sessionId !== 'string') return false;
    this.#sessionId = sessionId;
    return true;
  }

  #read(response: HttpResponse): TransmissionResponse {
    const text = response.body.toString();
    if (response.status !== 200) throw this.#refusal(response, text);
    try {
      const answer = decodeResponse(text);
      if (answer) return answer;
    } catch (error) {
      if (!(error instanceof RPCError)) throw error;
      const masker = this.#masker();
      throw new RPCError(masker.text(error.message), masker.value(error.info));
    }
    throw unexpectedResponse(text, this.#masker());
  }

  /** What a status other than 200 means (observed on 3.00, 4.1.0-beta.2 and 4.1.4). */
  #refusal(response: HttpResponse, text: string): Error {
    const { status } = response;
    const { host, port } = peerOf(this.#context.url);
    switch (status) {
      case 401:
        return this.#refusedCredentials('Authentication failed');
      case 403: {
        const reason = this.#masker().text(reasonIn(text));
        return /login attempts/i.test(reason)
          ? this.#refusedCredentials(reason)
          : new ConnectionError(reason);
      }
      case 421:
        return new ConnectionError(`Transmission refuses the host name ${host}:${port}`);
      default:
        return status >= 300 && status < 400
          ? redirected(response, this.#masker())
          : unexpectedResponse(text || `HTTP status ${status}`, this.#masker(), { status });
    }
  }

  #refusedCredentials(message: string): AuthenticationError {
    const error = new AuthenticationError(message);
    this.#context.lost(error);
    return error;
  }

  #masker(): Masker {
    const { authorization } = this.#authorization;
    return this.#context.masker(authorization?.slice('Basic '.length), this.#sessionId);
  }
}

/** The words of an HTML page of the daemon's, without the status in its heading. */
function reasonIn(html: string): string {
  const words = html
    .replace(/<h1>\s*\d{3}:?\s*/i, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  return words.replace(/^Forbidden (?=.)/, '') || 'Forbidden';
}
