/**
 * The connection life that all clients share: status, single-flight connect, timeouts, calls in flight.
 *
 * A client class supplies `open()`, which makes a {@link Session} (a logged-in connection), and builds its `call()`
 * on `perform()`. Everything else about when to connect, whom to wait for and who fails with whom is here.
 */
import { inspect } from 'node:util';
import { AuthenticationError, ConnectionError, NotImplementedError } from './errors.ts';
import { type Exchange, ExchangeLog, type OpenExchange } from './exchange.ts';
import { Masker } from './mask.ts';
import type { ClientOptions } from './options.ts';
import {
  type ClientIdentity,
  ClientSettings,
  type ClientURLClass,
  type SettingsSnapshot,
} from './settings.ts';
import { Task } from './task.ts';

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
  /** A request is over, log-ins and failures included. */
  exchange: [exchange: Exchange];
}

/** The certificate of whom we talk to. */
export interface PeerCertificate {
  /** SHA-256 of the certificate, upper-case hexadecimal with colons. */
  readonly fingerprint256: string;
  /** Distinguished names, such as `CN=Deluge Daemon`. */
  readonly subject: string;
  readonly issuer: string;
  readonly validFrom: Date;
  readonly validTo: Date;
}

/** A logged-in connection to a daemon, made by a client's `open()`. */
export interface Session {
  /** Says goodbye (a log-out, where the protocol has one); its errors reach nobody. */
  close(signal: AbortSignal): Promise<void>;
  /** Lets go of every socket at once. Safe to call again. */
  destroy(): void;
}

/** What `open()` gets to make a session from: a snapshot of the settings, and ways to report. */
export interface SessionContext extends SettingsSnapshot {
  /** Aborts the opening. */
  readonly signal: AbortSignal;
  /** Tells that the session is dead; every call in flight on it fails with an error like this one. */
  lost(error: ConnectionError | AuthenticationError): void;
  /** Tells whose certificate was accepted. */
  certified(certificate: PeerCertificate): void;
  /** Begins to watch a request; undefined while nobody listens. */
  begin(method: string): OpenExchange | undefined;
  /** Knows the secrets of the settings, and these of the session. */
  masker(...secrets: (string | undefined)[]): Masker;
}

/** What any asynchronous method takes last. */
export interface CallOptions {
  /** Rejects the call with its reason when it aborts. */
  signal?: AbortSignal | undefined;
}

/** The statics of a client class. */
export interface ClientClass<T extends RPCBase = RPCBase> extends ClientIdentity {
  new (options?: ClientOptions | string): T;
}

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
export abstract class RPCBase<S extends Session = Session> extends ClientSettings<RPCEvents> {
  static readonly clientName: string;
  static readonly label: string;
  static readonly URL: ClientURLClass;

  #status: ConnectionStatus = 'disconnected';
  readonly #statusQueue: ConnectionStatus[] = [];
  #session: S | undefined;
  #attempt: Attempt | undefined;
  #closing: Closing<S> | undefined;
  /** Connects and calls on their way, each with the session it runs on once it has one. */
  readonly #pending = new Map<Task, S | undefined>();
  #peerCertificate: PeerCertificate | undefined;
  readonly #exchanges = new ExchangeLog(
    () => this.listenerCount('exchange') > 0,
    exchange => this.emit('exchange', exchange),
  );

  // --- Connection life -----------------------------------------------------------------------------------------

  get status(): ConnectionStatus {
    return this.#status;
  }

  get isConnected(): boolean {
    return this.#status === 'connected';
  }

  /** Whom the last connection over TLS was made to, so that its owner can pin it; undefined before one. */
  get peerCertificate(): PeerCertificate | undefined {
    return this.#peerCertificate;
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
    await task.run({ timeout: this.timeout, signal }, () => this.#disconnect(task.signal));
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
      .run({ timeout: this.timeout, signal }, () => work(task))
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
    const settings = this.snapshot();
    const { url, proxyUrl, apiKey } = settings;
    const opened = await this.open({
      ...settings,
      signal,
      lost: error => {
        lostEarly = error;
        if (session) this.#lose(session, error);
      },
      certified: certificate => {
        this.#peerCertificate = certificate;
      },
      begin: method => this.#exchanges.begin(method),
      masker: (...secrets) =>
        new Masker([url.password, proxyUrl?.username, proxyUrl?.password, apiKey, ...secrets]),
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

  protected override settingsChanged(): void {
    this.#peerCertificate = undefined;
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
    return `${this.constructor.name} { url: '${this.url}', status: '${this.#status}' }`;
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
