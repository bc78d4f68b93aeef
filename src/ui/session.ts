/** One connection of a configured client: made when it is first used, with the credentials of that moment. */
import type { Exchange } from '../rpc/index.ts';
import { untilAborted } from '../util/async.ts';
import { makeRpc, type Rpc } from './core.ts';
import type { ClientEntry } from './entries.ts';
import type { Secrets } from './secrets.ts';

/**
 * Lets one log-in of a client happen at a time, and none after one was refused: a daemon that bans after a few failures
 * must not be asked by each connection anew.
 */
export class LoginGate {
  #refusal: Error | undefined;
  #last: Promise<void> = Promise.resolve();

  /** Runs a log-in after those before it; throws the refusal at once where there was one. */
  pass(logIn: () => Promise<void>, signal: AbortSignal): Promise<void> {
    const passed = this.#last.then(() => this.#pass(logIn, signal));
    this.#last = passed.catch(() => {});
    return untilAborted(passed, signal);
  }

  /** Whether a log-in was refused and the user has not asked for another. */
  get isClosed(): boolean {
    return this.#refusal !== undefined;
  }

  /** The daemon refused the credentials: no other connection needs to try. */
  close(refusal: Error): void {
    this.#refusal = refusal;
  }

  /** The user asks for another try. */
  open(): void {
    this.#refusal = undefined;
  }

  async #pass(logIn: () => Promise<void>, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#refusal) throw this.#refusal;
    try {
      await logIn();
    } catch (error) {
      // Before the next in line has its turn.
      if ((error as Error).name === 'AuthenticationError') this.close(error as Error);
      throw error;
    }
  }
}

/** What a session tells, and asks to be done. */
export interface SessionEvents {
  /** The state is another. */
  changed(): void;
  /** A request is over. */
  exchanged(exchange: Exchange): void;
  /** A log-in worked: what each connection needs is to be done now. */
  opened?(rpc: Rpc): Promise<void>;
}

export type SessionState = 'idle' | 'connecting' | 'connected' | 'failed';

export class Session {
  readonly #entry: ClientEntry;
  readonly #secrets: Secrets;
  readonly #gate: LoginGate;
  readonly #events: SessionEvents;
  #rpc: Promise<Rpc> | undefined;
  #state: SessionState = 'idle';
  #error: Error | undefined;

  constructor(entry: ClientEntry, secrets: Secrets, gate: LoginGate, events: SessionEvents) {
    this.#entry = entry;
    this.#secrets = secrets;
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
      throw error;
    }
  }

  /** Forgets a failure that another connection has shown to be over. */
  forgive(): void {
    if (this.#state === 'failed' && this.#rpc) this.#set(this.#rpc, 'idle');
  }

  /** Ends the connection; the next use makes another, with the credentials of then. */
  async close(): Promise<void> {
    const made = this.#rpc;
    this.#rpc = undefined;
    this.#state = 'idle';
    this.#error = undefined;
    const rpc = await made?.catch(() => undefined);
    await rpc?.disconnect().catch(() => {});
  }

  async #connect(made: Promise<Rpc>, rpc: Rpc, signal: AbortSignal): Promise<void> {
    if (this.#state === 'idle') this.#set(made, 'connecting');
    await this.#gate.pass(() => rpc.connect({ signal }), signal);
    await this.#events.opened?.(rpc);
  }

  async #make(): Promise<Rpc> {
    const rpc = await makeRpc(this.#entry, await this.#secrets.get(this.#entry));
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
    if (this.#rpc !== made) return;
    this.#state = state;
    this.#error = error;
    this.#events.changed();
  }
}
