/** A logged-in connection to a Deluge daemon: many calls at once on one stream, told apart by their ids. */
import { setTimeout as sleep } from 'node:timers/promises';
import { loggedIn, type Session, type SessionContext, type SessionEnd } from '../base.ts';
import {
  type DelugeMessage,
  decodeFrame,
  encodeArguments,
  encodeCall,
  type Frame,
  FrameReader,
  type Packet,
} from '../codec/deluge.ts';
import { ConnectionError, RPCError, responseTooLarge } from '../errors.ts';
import type { Layer, OpenExchange } from '../exchange.ts';
import { otherServer } from '../transport/failures.ts';
import { routeOf } from '../transport/socket.ts';
import { Stream } from '../transport/stream.ts';
import type { RpcValue } from '../values.ts';
import { isUserUnknown, notAuthorized, toError } from './delugeErrors.ts';
import { packetLayers } from './delugeLayers.ts';

/** What we say that we are: a daemon refuses who says no version, and takes any (observed on 2.0.3 to 2.2.1.dev0). */
const CLIENT_VERSION = '2.2.0';
/** After a log-in below it the daemon closes: such an account may do nothing at all. */
const LOWEST_LEVEL = 1;
/** How long an unknown user waits to hear whether it was the daemon that was on its way out. */
const LONGEST_SHUTDOWN_MS = 500;
const LOG_IN = 'daemon.login';
/** What we expect to talk to, as messages name it. */
const EXPECTED = 'a Deluge daemon';

const noLayers = (): Layer[] => [];
/** Of a request that could not be made, all that there is to tell besides its error. */
const UNSENT = { sentBytes: 0, receivedBytes: 0, request: noLayers, response: noLayers };

/** How a session and its client work together. */
export interface EventListener {
  /** The events to subscribe to as soon as we are logged in. */
  events(): string[];
  /** Hears of an event. */
  onEvent(event: string, args: RpcValue[]): void;
}

/** What becomes of a call. */
interface Outcome {
  readonly value?: RpcValue;
  readonly error?: unknown;
  /** The answer on the wire, where there is one. */
  readonly answer?: Packet;
}

/** See the module's comment. */
export class DelugeSession implements Session {
  readonly #context: SessionContext;
  readonly #listener: EventListener;
  readonly #frames: FrameReader;
  /** By id: what to do when they are over. */
  readonly #calls = new Map<unknown, (outcome: Outcome) => void>();
  readonly #subscribed = new Set<string>();
  #stream: Stream | undefined;
  #lastId = 0;
  #endedBy: SessionEnd | undefined;
  /** Whether the last error said so, in words that the error for it may leave out. */
  #isUserUnknown = false;
  readonly #ending = new AbortController();

  private constructor(context: SessionContext, listener: EventListener) {
    this.#context = context;
    this.#listener = listener;
    this.#frames = new FrameReader(context.maxResponseSize);
  }

  /**
   * Connects, logs in, and only then subscribes: a subscription before the log-in makes the daemon fail calls of all
   * its clients, until it is killed (observed on 2.0.3 to 2.2.1.dev0).
   *
   * @throws ConnectionError, AuthenticationError, or RPCError where it is no Deluge daemon.
   */
  static async open(context: SessionContext, listener: EventListener): Promise<DelugeSession> {
    const session = new DelugeSession(context, listener);
    return loggedIn(session, async () => {
      // As over HTTP, the first request begins with the connection: who watches hears of one that could not be made.
      const exchange = context.begin(LOG_IN);
      await session.#connect().catch(error => {
        exchange?.end({ ...UNSENT, error, isAborted: context.signal.aborted });
        throw error;
      });
      await session.#logIn(exchange);
      await session.subscribe(listener.events(), context.signal);
    });
  }

  async #connect(): Promise<void> {
    // Its own clients check no certificate: each daemon signs its own.
    const { signal, tls = { rejectUnauthorized: false } } = this.#context;
    const route = { ...routeOf({ ...this.#context, tls }, true), expected: EXPECTED };
    this.#stream = await Stream.open(route, signal, {
      onData: chunk => this.#receive(chunk),
      onLost: error => this.#fail(error),
    });
  }

  async #logIn(exchange: OpenExchange | undefined): Promise<void> {
    const { signal, url } = this.#context;
    const credentials = [url.username ?? '', url.password ?? ''];
    const login = encodeArguments(LOG_IN, credentials, { client_version: CLIENT_VERSION });
    const level = await this.request(LOG_IN, login, signal, exchange).catch(error => this.#refused(error));
    if (typeof level === 'number' && level < LOWEST_LEVEL) throw notAuthorized(level, LOWEST_LEVEL);
  }

  /**
   * A daemon that shuts down has forgotten its accounts, and closes 0.1 s later (observed on 2.0.3): it refuses nobody's
   * credentials.
   */
  async #refused(error: unknown): Promise<never> {
    if (this.#isUserUnknown) {
      const signal = AbortSignal.any([this.#context.signal, this.#ending.signal]);
      await sleep(LONGEST_SHUTDOWN_MS, undefined, { signal }).catch(() => {});
    }
    throw this.#endedBy ?? error;
  }

  /** Makes the daemon tell of events; there is no way back but a new session. */
  async subscribe(events: readonly string[], signal: AbortSignal): Promise<void> {
    const more = events.filter(event => !this.#subscribed.has(event));
    if (more.length === 0) return;
    const method = 'daemon.set_event_interest';
    await this.request(method, encodeArguments(method, [more]), signal);
    for (const event of more) this.#subscribed.add(event);
  }

  /**
   * Calls a method.
   *
   * @param methodAndArguments what `encodeArguments()` made of them.
   * @throws RPCError or AuthenticationError with the daemon's words, the error that the session ends with, or the
   *   signal's reason when it aborts.
   */
  request(
    method: string,
    methodAndArguments: Buffer,
    signal: AbortSignal,
    exchange = this.#context.begin(method),
  ): Promise<RpcValue> {
    if (this.#endedBy) {
      exchange?.end({ ...UNSENT, error: this.#endedBy });
      return Promise.reject(this.#endedBy);
    }
    this.#lastId += 1;
    const id = this.#lastId;
    const { bytes, ...question } = encodeCall(id, methodAndArguments);
    const sentBytes = bytes.length;
    const asked = exchange ? packetLayers(question, this.#context) : noLayers;
    const answered = new Promise<RpcValue>((resolve, reject) => {
      const onAbort = () => settle({ error: signal.reason });
      const settle = ({ value, error, answer }: Outcome) => {
        this.#calls.delete(id);
        signal.removeEventListener('abort', onAbort);
        exchange?.end({
          sentBytes,
          receivedBytes: answer?.size ?? 0,
          error,
          isAborted: signal.aborted,
          request: asked,
          response: answer ? packetLayers(answer, this.#context) : noLayers,
        });
        if (error === undefined) resolve(value as RpcValue);
        else reject(error);
      };
      this.#calls.set(id, settle);
      signal.addEventListener('abort', onAbort, { once: true });
    });
    this.#stream?.write(bytes);
    return answered;
  }

  async close(): Promise<void> {
    // The protocol has no log-out; nobody is to hear of events any more.
    this.destroy();
  }

  destroy(): void {
    this.#end(new ConnectionError('Connection lost'));
  }

  #receive(chunk: Buffer): void {
    try {
      for (const frame of this.#frames.read(chunk)) {
        // Who hears of an event or an answer may end the session.
        if (!this.#endedBy) this.#handle(frame);
      }
    } catch (error) {
      const isOurs = error instanceof RPCError;
      const { message } = error as SyntaxError;
      this.#fail(isOurs ? error : otherServer(message, EXPECTED, this.#context.masker()));
    }
  }

  #handle(frame: Frame): void {
    const limit = this.#context.maxResponseSize;
    const { packet, message } = decodeFrame(frame, limit);
    if (message.kind === 'event') {
      this.#listener.onEvent(message.name, message.args);
      return;
    }
    // An answer to a call that was given up has nobody who waits for it.
    this.#calls.get(message.id)?.({ ...this.#outcomeOf(message), answer: packet });
  }

  #outcomeOf(message: Exclude<DelugeMessage, { kind: 'event' }>): Outcome {
    switch (message.kind) {
      case 'result':
        return { value: message.value };
      case 'error':
        this.#isUserUnknown = isUserUnknown(message.error);
        return { error: toError(message.error, this.#context.masker()) };
      case 'too large':
        return { error: responseTooLarge(this.#context.maxResponseSize) };
    }
  }

  #fail(error: SessionEnd): void {
    this.#end(error);
    this.#context.lost(error);
  }

  #end(error: SessionEnd): void {
    if (this.#endedBy) return;
    this.#endedBy = error;
    this.#ending.abort();
    this.#stream?.destroy();
    for (const settle of [...this.#calls.values()]) settle({ error });
  }
}
