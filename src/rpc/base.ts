/**
 * The connection life that all clients share: status, single-flight connect, timeouts, calls in flight.
 *
 * A client class supplies `open()`, which makes a {@link Session} (a logged-in connection), and builds its `call()`
 * on `perform()`. Everything else about when to connect, whom to wait for and who fails with whom is here.
 */
import { inspect } from 'node:util';
import { AuthenticationError, ConnectionError, NotImplementedError, RPCError } from './errors.ts';
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
import type { ClientURL } from './url.ts';

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

/** What a session dies of; an RPCError is an answer that no such daemon gives. */
export type SessionEnd = ConnectionError | AuthenticationError | RPCError;

/** What `open()` gets to make a session from: a snapshot of the settings, and ways to report. */
export interface SessionContext extends SettingsSnapshot {
  /** Aborts the opening. */
  readonly signal: AbortSignal;
  /** Tells that the session is dead; every call in flight on it fails with an error like this one. */
  lost(error: SessionEnd): void;
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
  new (options?: ClientOptions | ClientURL | string): T;
}

/** An attempt to connect that others may wait for. */
interface Attempt<S> {
  readonly task: Task;
  /** What it made, and what that died of. */
  session?: S;
  lostWith?: SessionEnd;
  /** Resolves when it is over: with the session, or with the error that all who wait share, or with neither. */
  readonly over: Promise<S | AuthenticationError | undefined>;
  finish(outcome?: S | AuthenticationError): void;
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
  #attempt: Attempt<S> | undefined;
  #closing: Closing<S> | undefined;
  readonly #connects = new Set<Task>();
  /** Each is on the session or, without one, waits for it: when a session ends, all of them end with it. */
  readonly #calls = new Set<Task>();
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
    const task = new Task(this.#connects);
    await task.run({ timeout: this.timeout, signal }, () => this.#connected(task));
  }

  /**
   * Logs out and closes; does nothing when disconnected. Waits for a `connect()` on its way; calls in flight reject
   * with `ConnectionError: Disconnected`. The status is `disconnected` when it returns or throws.
   *
   * @throws TimeoutError, or the signal's reason; a daemon that is down makes no error.
   */
  async disconnect({ signal }: CallOptions = {}): Promise<void> {
    const task = new Task();
    task.onEnded = () => this.#drop(DISCONNECTED);
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
    const task = new Task(this.#calls);
    return task.run({ timeout: this.timeout, signal }, async () => {
      const session = this.#session ?? (await this.#connected(task));
      // The session may have ended, and this call with it, before its turn came.
      task.signal.throwIfAborted();
      try {
        return await work(session, task.signal);
      } catch (error) {
        if (error instanceof ConnectionError && !task.signal.aborted) {
          task.end(error);
          // Where a call tells more than that the connection broke, that is no business of the others.
          this.#lose(session, error.cause instanceof ConnectionError ? error.cause : error);
        }
        throw error;
      }
    });
  }

  /** The session, made by this task where nobody else makes one. */
  async #connected(task: Task): Promise<S> {
    for (;;) {
      task.signal.throwIfAborted();
      if (this.#session) return this.#session;
      if (this.#closing) await this.#closing.over;
      else if (this.#attempt) {
        const outcome = await this.#attempt.over;
        if (outcome instanceof AuthenticationError) throw outcome;
        if (outcome) return outcome;
      } else return this.#establish(task);
    }
  }

  async #establish(task: Task): Promise<S> {
    const attempt = makeAttempt<S>(task);
    this.#attempt = attempt;
    task.onEnded = () => this.#abandon(attempt);
    try {
      this.#setStatus('connecting');
      task.signal.throwIfAborted();
      const session = await this.open(this.#contextOf(attempt));
      if (this.#attempt !== attempt || attempt.lostWith) {
        session.destroy();
        throw attempt.lostWith ?? task.signal.reason;
      }
      attempt.session = session;
      this.#session = session;
      this.#attempt = undefined;
      this.#setStatus('connected');
      attempt.finish(session);
      return session;
    } catch (error) {
      this.#abandon(attempt, error);
      throw error;
    }
  }

  #contextOf(attempt: Attempt<S>): SessionContext {
    const settings = this.snapshot();
    const { url, proxyUrl, apiKey } = settings;
    const { signal } = attempt.task;
    return {
      ...settings,
      signal,
      lost: error => {
        attempt.lostWith = error;
        if (attempt.session) this.#lose(attempt.session, error);
      },
      certified: certificate => {
        if (!signal.aborted) this.#peerCertificate = certificate;
      },
      begin: method => this.#exchanges.begin(method),
      masker: (...secrets) =>
        new Masker([url.password, proxyUrl?.username, proxyUrl?.password, apiKey, ...secrets]),
    };
  }

  /** Ends an attempt that failed or was given up, so that the next in line can begin; of no use after it is over. */
  #abandon(attempt: Attempt<S>, error?: unknown): void {
    if (this.#attempt === attempt) {
      this.#attempt = undefined;
      this.#setStatus('disconnected');
    }
    attempt.finish(error instanceof AuthenticationError ? error : undefined);
  }

  async #disconnect(signal: AbortSignal): Promise<void> {
    while (this.#attempt || this.#closing) await (this.#attempt ?? this.#closing)?.over;
    const session = this.#session;
    if (!session || signal.aborted) return;
    const { promise: over, resolve: finish } = Promise.withResolvers<void>();
    const closing = { session, over, finish };
    this.#closing = closing;
    this.#session = undefined;
    endAll([...this.#calls], new ConnectionError(DISCONNECTED));
    // What goes wrong with a log-out is nobody's business any more: the session ends here either way.
    await session.close(signal).catch(() => {});
    session.destroy();
    if (this.#closing !== closing) return;
    this.#closing = undefined;
    this.#setStatus('disconnected');
    // Calls that waited for the end go on a turn later: who disconnected is to see the status disconnected.
    setImmediate(finish);
  }

  /** A session died: its calls fail, the next call reconnects. */
  #lose(session: S, error: SessionEnd): void {
    if (this.#session !== session) return;
    this.#session = undefined;
    const calls = [...this.#calls];
    this.#setStatus('disconnected');
    endAll(calls, error);
    session.destroy();
  }

  protected override settingsChanged(): void {
    this.#peerCertificate = undefined;
    this.#drop(CHANGED);
  }

  /** Lets go at once of all there is, connected or on its way to be; what a listener begins by then goes on. */
  #drop(reason: string): void {
    const session = this.#session ?? this.#closing?.session;
    const waiting = [this.#attempt, this.#closing];
    const tasks = [...this.#connects, ...this.#calls];
    this.#session = undefined;
    this.#attempt = undefined;
    this.#closing = undefined;
    this.#setStatus('disconnected');
    endAll(tasks, new ConnectionError(reason));
    session?.destroy();
    for (const wait of waiting) wait?.finish();
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

/** The session, once `logIn` has made it one; what was opened for one that failed is closed again. */
export async function loggedIn<S extends Session>(session: S, logIn: () => Promise<void>): Promise<S> {
  try {
    await logIn();
    return session;
  } catch (error) {
    session.destroy();
    throw error;
  }
}

/** The same error for another call: each rejection has a stack of its own. */
function copyOf(error: SessionEnd): Error {
  const options = { cause: error.cause, info: error.info };
  if (error instanceof RPCError) return new RPCError(error.message, error.info, options);
  return error instanceof AuthenticationError
    ? new AuthenticationError(error.message, options)
    : new ConnectionError(error.message, options);
}

function endAll(tasks: readonly Task[], error: SessionEnd): void {
  for (const task of tasks) task.end(copyOf(error));
}

function makeAttempt<S>(task: Task): Attempt<S> {
  const { promise: over, resolve: finish } = Promise.withResolvers<S | AuthenticationError | undefined>();
  return { task, over, finish };
}
