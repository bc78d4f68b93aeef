/** Who may log in, and when. */
import { untilAborted } from '../util/async.ts';

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
