/** qBittorrent: its Web API over HTTP, with a session in a cookie, or an API key. */
import { type CallOptions, loggedIn, RPCBase, type Session, type SessionContext } from '../base.ts';
import { CookieJar } from '../codec/cookies.ts';
import { decodeAnswer, encodeForm, isWebPage } from '../codec/qbittorrent.ts';
import { AuthenticationError, ConnectionError, RPCError } from '../errors.ts';
import { decodeUtf8 } from '../json.ts';
import type { Masker } from '../mask.ts';
import { Task } from '../task.ts';
import { peerOf, tooLarge } from '../transport/failures.ts';
import { type HttpResponse, HttpTransport, redirected, unexpectedStatus } from '../transport/http.ts';
import { QbittorrentURL } from '../url.ts';
import type { RpcValue } from '../values.ts';
import { type EncodedCall, encodeCall, type QbittorrentFile } from './qbittorrentCall.ts';

/** What `call()` takes besides method and options. */
export interface QbittorrentCallOptions extends CallOptions {
  /** Files to upload, each with the name of its form field; torrents/add looks at no such name. */
  files?: readonly (readonly [field: string, file: QbittorrentFile])[] | undefined;
}

/** RPC with a qBittorrent, 4.1 to 5.x. */
export class QbittorrentRPC extends RPCBase<QbittorrentSession> {
  static override readonly clientName = 'qbittorrent';
  static override readonly label = 'qBittorrent';
  static override readonly URL = QbittorrentURL;

  protected override get takesApiKey(): boolean {
    return true;
  }

  /**
   * Calls a method of the Web API, such as `torrents/info`, by POST.
   *
   * @param options the method's parameters. Booleans and numbers go as text, arrays joined as the Web API expects
   *   (`urls` and `categories` by newline, `tags` by comma, else by `|`), plain objects as JSON.
   * @returns JSON parsed; other text as it is, also `1024`, `Fails.` and an empty one; the bytes of a file.
   * @throws ValueError before anything is sent, RPCError with the daemon's own words, and what `connect()` throws.
   */
  async call<R = RpcValue>(
    method: string,
    options?: Record<string, unknown>,
    { files, signal }: QbittorrentCallOptions = {},
  ): Promise<R> {
    const encoding = () => encodeCall(method, options, files);
    // Reading a file takes as long as its disk does.
    const call = await (files ? new Task().run({ timeout: this.timeout, signal }, encoding) : encoding());
    return (await this.perform(signal, (session, ending) => session.call(call, ending))) as R;
  }

  protected override async open(context: SessionContext): Promise<QbittorrentSession> {
    const session = new QbittorrentSession(context);
    return loggedIn(session, () => session.logIn(context.signal));
  }
}

const FORM = 'application/x-www-form-urlencoded';
/** The cheapest call that needs a session. */
const PROBE: EncodedCall = { method: 'app/version', contentType: FORM, body: '' };
/** Bytes of a request that qBittorrent takes (`MAX_CONTENT_SIZE`; observed on 4.5.2 to 5.3.0). */
const LARGEST_REQUEST = 64 * 1024 * 1024;
/** Characters of an answer that the message of an error has, and its `info`. */
const LONGEST_WORDS = 1000;
const LONGEST_INFO = 64 * 1024;

/** What an error says of the answer that it is for. */
interface AnswerInfo {
  readonly status: number;
  readonly body: string;
}

class QbittorrentSession implements Session {
  readonly #context: SessionContext;
  readonly #http: HttpTransport;
  readonly #path: string;
  readonly #cookies = new CookieJar();
  #logIns = 0;
  #renewal: Promise<void> | undefined;

  constructor(context: SessionContext) {
    this.#context = context;
    this.#http = new HttpTransport(context, () => this.#masker());
    this.#path = (context.url.path ?? '').replace(/[?#].*$/s, '').replace(/\/+$/, '');
  }

  async call(call: EncodedCall, signal: AbortSignal): Promise<RpcValue> {
    const logIns = this.#logIns;
    const read = (response: HttpResponse) => this.#read(call, response);
    const answer = await this.#send(call, signal, response =>
      isWithoutSession(response) ? undefined : read(response),
    );
    if (answer !== undefined) return answer;
    // The session is looked up first: what is sent again was never run.
    await this.#renew(logIns, signal);
    return this.#send(call, signal, read);
  }

  async close(signal: AbortSignal): Promise<void> {
    if (this.#identity().cookie) await this.#send({ ...PROBE, method: 'auth/logout' }, signal, () => {});
  }

  destroy(): void {
    this.#http.destroy();
  }

  // --- Logging in ----------------------------------------------------------------------------------------------

  /**
   * Logs in where there are credentials, else sees whether it goes without. With the cookie of a session that is still
   * good it changes nothing and counts no failure (observed on 4.5.2 to 5.3.0).
   */
  async logIn(signal: AbortSignal): Promise<void> {
    const { username = '', password = '' } = this.#context.url;
    const hasCredentials = username !== '' || password !== '';
    const credentials = encodeForm(Object.entries({ username, password }));
    const call = hasCredentials ? { ...PROBE, method: 'auth/login', body: credentials } : PROBE;
    const accepted = hasCredentials ? /^(Ok\.)?$/ : /^v?\d+\.\S*$/;
    try {
      await this.#send(call, signal, response => this.#checkLogIn(response, accepted));
    } catch (error) {
      if (!(error instanceof AuthenticationError)) throw error;
      const { info } = error;
      if (await this.#isHostRefused(info as AnswerInfo, signal))
        throw new ConnectionError(`qBittorrent refuses the host name ${this.#context.url.address}`, { info });
      this.#context.lost(error);
      throw error;
    }
    this.#logIns++;
  }

  /** Logs in again, unless somebody has since; once for all who ask for it. */
  async #renew(logIns: number, signal: AbortSignal): Promise<void> {
    while (this.#logIns === logIns) {
      if (this.#renewal) {
        // Who fails or gives up leaves it to the next; if all are to fail, the base has ended them.
        await this.#renewal.catch(() => {});
        continue;
      }
      this.#renewal = this.logIn(signal).finally(() => {
        this.#renewal = undefined;
      });
      await this.#renewal;
    }
  }

  #checkLogIn(response: HttpResponse, accepted: RegExp): void {
    const { status, body } = response;
    const text = decodeUtf8(body).trim();
    if (isSuccess(response) && accepted.test(text)) return;
    const isRefused = status === 401 || status === 403 || (status === 200 && text === 'Fails.');
    if (isForeign(response) || !isRefused) throw this.#unexpected(response);
    // The words of a ban are in the daemon's language.
    const isBanned = status === 403 && !isWithoutSession(response);
    const message = isBanned ? 'Too many failed authentication attempts' : 'Authentication failed';
    throw new AuthenticationError(message, { info: this.#info(response) });
  }

  /**
   * Whether a refusal is about our `Host` header. Versions 4.5.2 and 5.1.0 mean that with each 401, 5.3.0 says it of
   * passwords too; but it looks at the host first, and without credentials a lacking session is a 403.
   */
  async #isHostRefused(refusal: AnswerInfo, signal: AbortSignal): Promise<boolean> {
    if (refusal.status !== 401) return false;
    return (await this.#send(PROBE, signal, ({ status }) => status, {})) === 401;
  }

  // --- Requests and answers ------------------------------------------------------------------------------------

  #send<T>(
    { method, contentType, body }: EncodedCall,
    signal: AbortSignal,
    read: (response: HttpResponse) => T,
    identity: Record<string, string> = this.#identity(),
  ): Promise<T> {
    const headers = { 'content-type': contentType, ...identity };
    const path = `${this.#path}/api/v2/${method}`;
    const name = decodeURIComponent(method);
    const request = { name, kind: 'form', method: 'POST', path, headers, body } as const;
    return this.#http.request(request, signal, response => {
      this.#cookies.take([response.headers['set-cookie'] ?? []].flat());
      return read(response);
    });
  }

  #identity(): Record<string, string> {
    const { apiKey } = this.#context;
    const cookie = this.#cookies.header;
    if (apiKey !== undefined) return { authorization: `Bearer ${apiKey}` };
    return cookie === undefined ? {} : { cookie };
  }

  #read({ body: { length: size } }: EncodedCall, response: HttpResponse): RpcValue {
    const { status, headers, body } = response;
    if (status === 413) throw tooLarge(size, peerOf(this.#context.url), this.#info(response));
    if (isForeign(response)) throw this.#unexpected(response);
    if (status >= 400) throw this.#refusal(size, response);
    try {
      return decodeAnswer([headers['content-type'] ?? ''].flat()[0] ?? '', body);
    } catch (error) {
      if (error instanceof SyntaxError) throw this.#unexpected(response);
      throw error;
    }
  }

  #refusal(size: number, response: HttpResponse): RPCError {
    const { status, body } = response;
    const info = this.#info(response);
    if (status === 400 && size > LARGEST_REQUEST) return tooLarge(size, 'qBittorrent', info);
    const text = decodeUtf8(body).trim();
    if (status === 404 && /^(|Not Found|Endpoint does not exist)$/i.test(text))
      return new RPCError('Unknown RPC method', info);
    return new RPCError(this.#masker().excerpt(text, LONGEST_WORDS) || `HTTP status ${status}`, info);
  }

  #unexpected(response: HttpResponse): RPCError {
    const masker = this.#masker();
    if (isRedirect(response)) return redirected(response, masker);
    return unexpectedStatus(response, masker, this.#info(response));
  }

  #info({ status, body }: HttpResponse): AnswerInfo {
    return { status, body: this.#masker().excerpt(decodeUtf8(body), LONGEST_INFO) };
  }

  #masker(): Masker {
    // A web server before it may have cookies of its own; those of a few characters are no secrets, and hide no words.
    return this.#context.masker().plus(this.#cookies.secrets);
  }
}

const isSuccess = ({ status }: HttpResponse): boolean => status >= 200 && status < 300;
const isRedirect = ({ status }: HttpResponse): boolean => status >= 300 && status < 400;

/** Whether another web server answers: qBittorrent has no pages below its API, and asks for no credentials by header. */
function isForeign(response: HttpResponse): boolean {
  const { headers, body } = response;
  const isPage = isWebPage(decodeUtf8(body.subarray(0, 100)));
  return isPage || isRedirect(response) || headers['www-authenticate'] !== undefined;
}

/** Whether an answer may mean that the session is over. Where a method refuses something, it has its own words. */
function isWithoutSession({ status, body }: HttpResponse): boolean {
  return status === 401 || (status === 403 && /^(Forbidden)?$/i.test(decodeUtf8(body).trim()));
}
