/** One connection of a configured client: made when it is first used, with the credentials of that moment. */
import type { Exchange } from '../rpc/index.ts';
import type { Rpc } from './core.ts';
import type { LoginGate } from './loginGate.ts';

/** Milliseconds that a daemon gets to answer a log-out. */
const GOODBYE_MS = 2000;

/** What a session tells, and asks to be done. */
export interface SessionEvents {
  /** The state is another. */
  changed(): void;
  /** A request is over. */
  exchanged(exchange: Exchange): void;
  /** A log-in worked: what each connection needs is to be done now. */
  opened?(rpc: Rpc, signal: AbortSignal): Promise<void>;
}

export type SessionState = 'idle' | 'connecting' | 'connected' | 'failed';

export class Session {
  readonly #makeRpc: () => Promise<Rpc>;
  readonly #gate: LoginGate;
  readonly #events: SessionEvents;
  #rpc: Promise<Rpc> | undefined;
  #state: SessionState = 'idle';
  #error: Error | undefined;

  /** @param makeRpc makes the client, not connected yet, with the credentials of now. */
  constructor(makeRpc: () => Promise<Rpc>, gate: LoginGate, events: SessionEvents) {
    this.#makeRpc = makeRpc;
    this.#gate = gate;
    this.#events = events;
  }

  get state(): SessionState {
    return this.#state;
  }

  /** Why it failed, while it is `failed`. */
  get error(): Error | undefined {
    return this.#error;
  }

  /**
   * Works with the connection, logging in first where that is needed.
   *
   * @throws what the core throws, or the signal's reason when it aborts.
   */
  async run<T>(signal: AbortSignal, work: (rpc: Rpc) => Promise<T>): Promise<T> {
    this.#rpc ??= this.#make();
    const made = this.#rpc;
    let rpc: Rpc | undefined;
    try {
      rpc = await made;
      if (!rpc.isConnected) await this.#connect(made, rpc, signal);
      const result = await work(rpc);
      this.#set(made, 'connected');
      return result;
    } catch (error) {
      // A daemon that says no, or is slow to answer one call, is connected all the same.
      if (rpc?.isConnected) this.#set(made, 'connected');
      else if (!signal.aborted) this.#fail(made, error as Error);
      else if (this.#state === 'connecting') this.#set(made, 'idle');
      // What could not be made, for its file of authorities was missing, is made anew the next time.
      if (!rpc && this.#rpc === made) this.#rpc = undefined;
      throw error;
    }
  }

  /** Forgets a failure that another connection has shown to be over. */
  forgive(): void {
    if (this.#state === 'failed') this.#change('idle');
  }

  /** Ends the connection, made or on its way; the next use makes another, with the credentials of then. */
  async close(): Promise<void> {
    const made = this.#rpc;
    this.#rpc = undefined;
    this.#state = 'idle';
    this.#error = undefined;
    const rpc = await made?.catch(() => undefined);
    if (!rpc) return;
    // Waits neither for an attempt to connect nor for a daemon that hangs.
    const signal = rpc.isConnected ? AbortSignal.timeout(GOODBYE_MS) : AbortSignal.abort();
    await rpc.disconnect({ signal }).catch(() => {});
  }

  async #connect(made: Promise<Rpc>, rpc: Rpc, signal: AbortSignal): Promise<void> {
    if (this.#state === 'idle') this.#set(made, 'connecting');
    await this.#gate.pass(async () => {
      // It was closed while it waited for its turn.
      if (this.#rpc !== made) throw new Error('Disconnected');
      await rpc.connect({ signal });
    }, signal);
    await this.#events.opened?.(rpc, signal);
  }

  async #make(): Promise<Rpc> {
    const rpc = await this.#makeRpc();
    rpc.on('exchange', exchange => this.#events.exchanged(exchange));
    return rpc;
  }

  #fail(made: Promise<Rpc>, error: Error): void {
    // Also where the daemon forgot us and a call's own log-in was refused.
    if (error.name === 'AuthenticationError' && this.#rpc === made) this.#gate.close(error);
    this.#set(made, 'failed', error);
  }

  #set(made: Promise<Rpc>, state: SessionState, error?: Error): void {
    // What ends after the session was closed is news of the one before.
    if (this.#rpc === made) this.#change(state, error);
  }

  #change(state: SessionState, error?: Error): void {
    if (state === this.#state && error === this.#error) return;
    this.#state = state;
    this.#error = error;
    this.#events.changed();
  }
}
