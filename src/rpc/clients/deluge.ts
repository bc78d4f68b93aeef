/** Deluge 2: calls and events as rencode messages on one TLS connection. */
import { type CallOptions, RPCBase, type SessionContext } from '../base.ts';
import { encodeArguments } from '../codec/deluge.ts';
import { ValueError } from '../errors.ts';
import { type EventHandler, EventHandlers } from '../eventHandlers.ts';
import { DelugeURL } from '../url.ts';
import type { RpcValue } from '../values.ts';
import { DelugeSession } from './delugeSession.ts';

/**
 * RPC with a Deluge daemon (not with its web interface). Its certificate is not checked unless `tls` says how, as each
 * daemon signs its own: `peerCertificate` tells whom we talk to.
 */
export class DelugeRPC extends RPCBase<DelugeSession> {
  static override readonly clientName = 'deluge';
  static override readonly label = 'Deluge';
  static override readonly URL = DelugeURL;

  readonly #handlers = new EventHandlers();

  /**
   * Calls a method, such as `core.get_torrents_status`.
   *
   * Integers beyond ±2^53 go and come as `bigint`. Fractions come as float32, whatever the daemon has (observed): 0.1
   * is 0.10000000149011612.
   *
   * @param args positional arguments.
   * @param kwargs arguments by name.
   * @throws ValueError before anything is sent, RPCError with the daemon's own words and its class, arguments and
   *   traceback in `info`, AuthenticationError where our level is too low, and what `connect()` throws.
   */
  async call<R = RpcValue>(
    method: string,
    args?: readonly unknown[],
    kwargs?: Readonly<Record<string, unknown>>,
    { signal }: CallOptions = {},
  ): Promise<R> {
    const question = encodeArguments(method, args, kwargs);
    return (await this.perform(signal, (session, ending) => session.request(method, question, ending))) as R;
  }

  /**
   * Runs `handler` with the arguments of each such event, such as `TorrentAddedEvent`, connecting first when needed.
   * It stays over reconnecting. The same handler twice is one. What it throws is told by `'listenerError'`.
   *
   * @param options `autoremove` holds the handler weakly: it goes when it is garbage-collected.
   * @throws what `connect()` throws; the handler is not added then.
   */
  override async addEventHandler(
    event: string,
    handler: EventHandler,
    { autoremove = false, signal }: { autoremove?: boolean | undefined } & CallOptions = {},
  ): Promise<void> {
    if (typeof event !== 'string' || !event.isWellFormed()) throw new ValueError('Invalid event name');
    if (typeof handler !== 'function') throw new ValueError('Invalid event handler');
    const takeBack = this.#handlers.add(event, handler, autoremove);
    try {
      await this.perform(signal, (session, ending) => session.subscribe([event], ending));
    } catch (error) {
      takeBack();
      throw error;
    }
  }

  /** Ends what `addEventHandler()` began. The daemon goes on to send such events until the next log-in. */
  override async removeEventHandler(event: string, handler: EventHandler): Promise<void> {
    this.#handlers.remove(event, handler);
  }

  /**
   * The arguments of the next such event. It waits as long as it takes, over reconnecting too: end it by the signal.
   *
   * @throws the signal's reason when it aborts, and what `connect()` throws.
   */
  override async waitForEvent(event: string, { signal }: CallOptions = {}): Promise<RpcValue[]> {
    const { promise, resolve, reject } = Promise.withResolvers<RpcValue[]>();
    const handler = (...args: RpcValue[]) => resolve(args);
    const onAbort = () => reject(signal?.reason);
    await this.addEventHandler(event, handler, { signal });
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      signal?.throwIfAborted();
      return await promise;
    } finally {
      signal?.removeEventListener('abort', onAbort);
      this.#handlers.remove(event, handler);
    }
  }

  protected override open(context: SessionContext): Promise<DelugeSession> {
    return DelugeSession.open(context, {
      events: () => this.#handlers.events(),
      onEvent: (event, args) => {
        for (const handler of this.#handlers.of(event)) {
          this.runListener(event, () => (handler as (...args: unknown[]) => unknown)(...args));
        }
      },
    });
  }
}
