/**
 * The connection life that all clients share: status, single-flight connect, timeouts, calls in flight.
 *
 * A client class supplies `open()`, which makes a {@link Session} (a logged-in connection), and builds its `call()`
 * on `perform()`. Everything else about when to connect, whom to wait for and who fails with whom is here.
 */
import { inspect } from 'node:util';
import { SafeEmitter } from './emitter.ts';
import { AuthenticationError, ConnectionError, NotImplementedError, ValueError } from './errors.ts';
import {
  type ClientOptions,
  sameTls,
  type TlsOptions,
  toMaxResponseSize,
  toTimeout,
  toTls,
} from './options.ts';
import { Task } from './task.ts';
import { type ClientURL, ProxyURL, type URLParts } from './url.ts';

/** The states of a connection. */
export const ConnectionStatus = {
  connecting: 'connecting',
  connected: 'connected',
  disconnected: 'disconnected',
} as const;
export type ConnectionStatus = (typeof ConnectionStatus)[keyof typeof ConnectionStatus];

/** The events of every client. */
export interface RPCEvents {
  connecting: [];
  connected: [];
  disconnected: [];
  /** A listener or event handler threw or rejected: its error, and the name of the event. */
  listenerError: [error: unknown, event: string];
}

/** A logged-in connection to a daemon, made by a client's `open()`. */
export interface Session {
  /** Says goodbye (a log-out, where the protocol has one); its errors reach nobody. */
  close(signal: AbortSignal): Promise<void>;
  /** Lets go of every socket at once. Safe to call again. */
  destroy(): void;
}

/** What `open()` gets to make a session from: a snapshot of the settings, and a way to report its death. */
export interface SessionContext {
  readonly url: ClientURL;
  readonly proxyUrl: ClientURL | undefined;
  readonly tls: TlsOptions | undefined;
  readonly apiKey: string | undefined;
  /** Bytes. */
  readonly maxResponseSize: number;
  /** Aborts the opening. */
  readonly signal: AbortSignal;
  /** Tells that the session is dead; every call in flight on it fails with an error like this one. */
  lost(error: ConnectionError | AuthenticationError): void;
}

/** What any asynchronous method takes last. */
export interface CallOptions {
  /** Rejects the call with its reason when it aborts. */
  signal?: AbortSignal | undefined;
}

/** The statics of a client class. */
export interface ClientClass<T extends RPCBase = RPCBase> {
  new (options?: ClientOptions | string): T;
  readonly clientName: string;
  readonly label: string;
  readonly URL: ClientURLClass;
}
type ClientURLClass = new (
  url?: string | ClientURL,
  options?: { parts?: URLParts; onChange?: () => void },
) => ClientURL;

/** An attempt to connect that others may wait for. */
interface Attempt {
  readonly task: Task;
  /** Resolves when it is over, with the error that all who wait share, if there is one. */
  readonly over: Promise<AuthenticationError | undefined>;
  finish(error?: unknown): void;
}

/** A session on its way out. */
interface Closing<S> {
  readonly session: S;
  readonly over: Promise<void>;
  finish(): void;
}

const CHANGED = 'Connection settings changed';
const DISCONNECTED = 'Disconnected';

/** What all clients have in common; see the module's comment. */
export abstract class RPCBase<S extends Session = Session> extends SafeEmitter<RPCEvents> {
  static readonly clientName: string;
  static readonly label: string;
  static readonly URL: ClientURLClass;

  #url: ClientURL;
  #proxyUrl: ProxyURL | undefined;
  #timeout: number;
  #tls: TlsOptions | undefined;
  #apiKey: string | undefined;
  readonly #maxResponseSize: number;

  #status: ConnectionStatus = 'disconnected';
  readonly #statusQueue: ConnectionStatus[] = [];
  #session: S | undefined;
  #attempt: Attempt | undefined;
  #closing: Closing<S> | undefined;
  /** Connects and calls on their way, each with the session it runs on once it has one. */
  readonly #pending = new Map<Task, S | undefined>();

  /**
   * @param options a URL, or options.
   * @throws ValueError where one of them cannot be used.
   */
  constructor(options: ClientOptions | string = {}) {
    super();
    const given = typeof options === 'string' ? { url: options } : options;
    if (typeof given !== 'object' || given === null) throw new ValueError('Invalid options');
    const { url, scheme, host, port, path, username, password } = given;
    this.#url = this.#makeUrl(url, { scheme, host, port, path, username, password });
    this.#proxyUrl = this.#makeProxyUrl(given.proxyUrl);
    this.#timeout = toTimeout(given.timeout);
    this.#tls = toTls(given.tls);
    this.#apiKey = this.#checkedApiKey(given.apiKey);
    this.#maxResponseSize = toMaxResponseSize(given.maxResponseSize);
  }

  get #class(): ClientClass {
    return this.constructor as unknown as ClientClass;
  }

  /** The client's name as used in settings, such as `qbittorrent`. */
  get name(): string {
    return this.#class.clientName;
  }

  /** The client's name as its makers write it, such as `qBittorrent`. */
  get label(): string {
    return this.#class.label;
  }

  // --- Settings ------------------------------------------------------------------------------------------------

  /** Where the daemon is. Assigning a string parses it, a falsy value restores the default. */
  get url(): ClientURL {
    return this.#url;
  }
  set url(value: ClientURL | string | undefined) {
    const url = this.#makeUrl(value);
    const isSame = url.equals(this.#url);
    this.#url = url;
    if (!isSame) this.#settingsChanged();
  }

  /** The proxy that carries every transport but a Unix socket; undefined is a direct connection. */
  get proxyUrl(): ClientURL | undefined {
    return this.#proxyUrl;
  }
  set proxyUrl(value: ClientURL | string | undefined) {
    const proxyUrl = this.#makeProxyUrl(value);
    const isSame = proxyUrl && this.#proxyUrl ? proxyUrl.equals(this.#proxyUrl) : proxyUrl === this.#proxyUrl;
    this.#proxyUrl = proxyUrl;
    if (!isSame) this.#settingsChanged();
  }

  /** Seconds that each `connect()`, `disconnect()` and `call()` may take; falsy restores the default. */
  get timeout(): number {
    return this.#timeout;
  }
  set timeout(value: number | string | undefined) {
    const timeout = toTimeout(value);
    if (timeout === this.#timeout) return;
    this.#timeout = timeout;
    this.#settingsChanged();
  }

  /** How the daemon's certificate is checked. */
  get tls(): TlsOptions | undefined {
    return this.#tls && { ...this.#tls };
  }
  set tls(value: TlsOptions | undefined) {
    const tls = toTls(value);
    if (sameTls(tls, this.#tls)) return;
    this.#tls = tls;
    this.#settingsChanged();
  }

  /** Write-only: it reads as whether there is one. */
  get apiKey(): boolean {
    return this.#apiKey !== undefined;
  }
  set apiKey(value: string | undefined) {
    const apiKey = this.#checkedApiKey(value);
    if (apiKey === this.#apiKey) return;
    this.#apiKey = apiKey;
    this.#settingsChanged();
  }

  /** Whether the protocol has API keys; they exclude a user name and password. */
  protected get takesApiKey(): boolean {
    return false;
  }

  #makeUrl(url: ClientURL | string | undefined, parts: URLParts = {}): ClientURL {
    // An URL that was replaced is its holder's: changing it is no change of ours.
    const onChange = () => {
      if (this.#url === made) this.#settingsChanged();
    };
    const made: ClientURL = new this.#class.URL(url, { parts, onChange });
    return made;
  }

  #makeProxyUrl(url: ClientURL | string | undefined): ProxyURL | undefined {
    if (!url) return undefined;
    const onChange = () => {
      if (this.#proxyUrl === made) this.#settingsChanged();
    };
    const made: ProxyURL = new ProxyURL(url, { onChange });
    return made;
  }

  #checkedApiKey(value: string | undefined): string | undefined {
    if (!value) return undefined;
    if (!this.takesApiKey) throw new ValueError(`${this.label} has no API keys`);
    // A header holds printable ASCII; a line break in it would be a header of its own.
    if (typeof value !== 'string' || !/^[\x21-\x7e]+$/.test(value)) throw new ValueError('Invalid API key');
    if (this.#url.username || this.#url.password) {
      throw new ValueError('An API key goes without a user name and password');
    }
    return value;
  }

  // --- Connection life -----------------------------------------------------------------------------------------

  get status(): ConnectionStatus {
    return this.#status;
  }

  get isConnected(): boolean {
    return this.#status === 'connected';
  }

  /**
   * Connects and logs in; does nothing when connected. Who calls while another connects waits for that one.
   *
   * @throws ConnectionError, AuthenticationError, TimeoutError, or RPCError where something else answers.
   */
  async connect({ signal }: CallOptions = {}): Promise<void> {
    await this.#start(signal, task => this.#connected(task));
  }

  /**
   * Logs out and closes; does nothing when disconnected. Waits for a `connect()` on its way; calls in flight reject
   * with `ConnectionError: Disconnected`. The status is `disconnected` when it returns or throws.
   *
   * @throws TimeoutError, or the signal's reason; a daemon that is down makes no error.
   */
  async disconnect({ signal }: CallOptions = {}): Promise<void> {
    const task = new Task();
    task.onEnded = () => this.#drop(new ConnectionError(DISCONNECTED));
    // The task does not begin with a signal that has aborted already.
    if (signal?.aborted) task.onEnded();
    await task.run({ timeout: this.#timeout, signal }, () => this.#disconnect(task.signal));
  }

  /** Disconnects, so that `await using` does. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.disconnect();
  }

  /**
   * Makes a logged-in connection.
   *
   * @throws ConnectionError, AuthenticationError, or RPCError where something else answers; the signal's reason when
   *   it aborts. What was opened on the way is closed again before.
   */
  protected abstract open(context: SessionContext): Promise<S>;

  /** Does a call on the session, connecting first when needed. The base of each client's `call()`. */
  protected perform<T>(
    signal: AbortSignal | undefined,
    work: (session: S, signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    return this.#start(signal, async task => {
      let session = this.#session;
      // What was connected may be gone again by the time that this call's turn comes.
      while (!session || session !== this.#session) session = await this.#connected(task);
      task.signal.throwIfAborted();
      this.#pending.set(task, session);
      try {
        return await work(session, task.signal);
      } catch (error) {
        if (error instanceof ConnectionError && !task.signal.aborted) this.#lose(session, error);
        throw error;
      }
    });
  }

  #start<T>(signal: AbortSignal | undefined, work: (task: Task) => Promise<T>): Promise<T> {
    const task = new Task();
    this.#pending.set(task, undefined);
    return task
      .run({ timeout: this.#timeout, signal }, () => work(task))
      .finally(() => this.#pending.delete(task));
  }

  async #connected(task: Task): Promise<S> {
    for (;;) {
      task.signal.throwIfAborted();
      if (this.#session) return this.#session;
      if (this.#closing) await this.#closing.over;
      else if (this.#attempt) {
        const shared = await this.#attempt.over;
        if (shared) throw shared;
      } else return this.#establish(task);
    }
  }

  async #establish(task: Task): Promise<S> {
    const attempt = makeAttempt(task);
    this.#attempt = attempt;
    task.onEnded = () => this.#abandon(attempt);
    try {
      this.#setStatus('connecting');
      task.signal.throwIfAborted();
      const session = await this.#open(task.signal);
      if (this.#attempt !== attempt) {
        session.destroy();
        throw task.signal.reason;
      }
      this.#attempt = undefined;
      this.#session = session;
      this.#setStatus('connected');
      attempt.finish();
      return session;
    } catch (error) {
      this.#abandon(attempt, error);
      throw error;
    } finally {
      task.onEnded = undefined;
    }
  }

  async #open(signal: AbortSignal): Promise<S> {
    let session: S | undefined;
    let lostEarly: Error | undefined;
    const opened = await this.open({
      // Snapshots, the parts that were cleared filled in again.
      url: new this.#class.URL(this.#url),
      proxyUrl: this.#proxyUrl && new ProxyURL(this.#proxyUrl),
      tls: this.#tls,
      apiKey: this.#apiKey,
      maxResponseSize: this.#maxResponseSize,
      signal,
      lost: error => {
        lostEarly = error;
        if (session) this.#lose(session, error);
      },
    });
    session = opened;
    if (!lostEarly) return session;
    session.destroy();
    throw lostEarly;
  }

  /** Ends an attempt that failed or was given up, so that the next in line can begin. */
  #abandon(attempt: Attempt, error?: unknown): void {
    if (this.#attempt === attempt) {
      this.#attempt = undefined;
      this.#setStatus('disconnected');
    }
    attempt.finish(error);
  }

  async #disconnect(signal: AbortSignal): Promise<void> {
    while (this.#attempt || this.#closing) await (this.#attempt?.over ?? this.#closing?.over);
    const session = this.#session;
    if (!session || signal.aborted) return;
    this.#session = undefined;
    this.#endCalls(session, new ConnectionError(DISCONNECTED));
    const { promise: over, resolve: finish } = Promise.withResolvers<void>();
    const closing = { session, over, finish };
    this.#closing = closing;
    // What goes wrong with a log-out is nobody's business any more: the session ends here either way.
    await session.close(signal).catch(() => {});
    session.destroy();
    if (this.#closing !== closing) return;
    this.#closing = undefined;
    this.#setStatus('disconnected');
    finish();
  }

  /** A session died: its calls fail, the next call reconnects. */
  #lose(session: S, error: ConnectionError | AuthenticationError): void {
    if (this.#session !== session) return;
    this.#session = undefined;
    session.destroy();
    this.#setStatus('disconnected');
    this.#endCalls(session, error);
  }

  #endCalls(session: S, error: ConnectionError | AuthenticationError): void {
    for (const [task, its] of this.#pending) if (its === session) task.end(copyOf(error));
  }

  #settingsChanged(): void {
    const error = new ConnectionError(CHANGED);
    this.#drop(error);
    for (const task of [...this.#pending.keys()]) task.end(copyOf(error));
  }

  /** Lets go at once of the session, or of the attempt to get one; the calls on it fail, those that wait go on. */
  #drop(error: ConnectionError): void {
    const session = this.#session;
    const closing = this.#closing;
    const attempt = this.#attempt;
    this.#session = undefined;
    this.#closing = undefined;
    this.#attempt = undefined;
    session?.destroy();
    closing?.session.destroy();
    this.#setStatus('disconnected');
    attempt?.task.end(copyOf(error));
    attempt?.finish();
    closing?.finish();
    if (session) this.#endCalls(session, error);
  }

  /** Changes the status and tells; a change made by a listener waits until all have heard of the present one. */
  #setStatus(status: ConnectionStatus): void {
    const last = this.#statusQueue.at(-1) ?? this.#status;
    if (status === last) return;
    this.#statusQueue.push(status);
    if (this.#statusQueue.length > 1) return;
    for (let next = this.#statusQueue[0]; next; next = this.#statusQueue[0]) {
      this.#status = next;
      this.emit(next);
      this.#statusQueue.shift();
    }
  }

  // --- Events --------------------------------------------------------------------------------------------------

  /**
   * Runs `handler` with the arguments of each such event of the daemon.
   *
   * @throws NotImplementedError on a client that has no events.
   */
  async addEventHandler(
    _event: string,
    _handler: (...args: never[]) => unknown,
    _options?: { autoremove?: boolean | undefined } & CallOptions,
  ): Promise<void> {
    throw this.#noEvents();
  }

  /**
   * Ends what `addEventHandler` began; an unknown handler is passed over.
   *
   * @throws NotImplementedError on a client that has no events.
   */
  async removeEventHandler(_event: string, _handler: (...args: never[]) => unknown): Promise<void> {
    throw this.#noEvents();
  }

  /**
   * The arguments of the next such event.
   *
   * @throws NotImplementedError on a client that has no events.
   */
  async waitForEvent(_event: string, _options?: CallOptions): Promise<unknown[]> {
    throw this.#noEvents();
  }

  #noEvents(): NotImplementedError {
    return new NotImplementedError(`Events are not supported for ${this.label}`);
  }

  [inspect.custom](): string {
    return `${this.constructor.name} { url: '${this.#url}', status: '${this.#status}' }`;
  }
}

/** The same error for another call: each rejection has a stack of its own. */
function copyOf(error: ConnectionError | AuthenticationError): Error {
  const options = { cause: error.cause, info: error.info };
  return error instanceof AuthenticationError
    ? new AuthenticationError(error.message, options)
    : new ConnectionError(error.message, options);
}

function makeAttempt(task: Task): Attempt {
  const { promise, resolve } = Promise.withResolvers<AuthenticationError | undefined>();
  return {
    task,
    over: promise,
    finish: error => resolve(error instanceof AuthenticationError ? error : undefined),
  };
}
