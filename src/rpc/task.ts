/** One `connect()`, `disconnect()` or `call()` on its way: it ends exactly once, by itself, by time or by a signal. */
import { TimeoutError } from './errors.ts';

/** A timer cannot wait longer (2^31 - 1 ms, 24.8 days): a longer timeout is none. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** How a task is bounded. */
export interface TaskLimits {
  /** Seconds. */
  timeout: number;
  /** Ends the task with its reason. */
  signal: AbortSignal | undefined;
}

/** A piece of work that can be ended from outside; what it does afterwards reaches nobody. */
export class Task {
  readonly #controller = new AbortController();
  #reject: ((error: unknown) => void) | undefined;
  /** Told once when the task is ended from outside, before its promise rejects. */
  onEnded: (() => void) | undefined;

  /** Aborts, with the error as its reason, when the task is ended from outside. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Ends the task with this error, unless it has ended. */
  end(error: unknown): void {
    if (!this.#reject) return;
    const reject = this.#reject;
    this.#reject = undefined;
    this.#controller.abort(error);
    this.onEnded?.();
    reject(error);
  }

  /**
   * Runs the work.
   *
   * @throws TimeoutError after `timeout` seconds, the signal's reason when it aborts, else what the work throws.
   */
  run<T>({ timeout, signal }: TaskLimits, work: () => Promise<T>): Promise<T> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    return new Promise<T>((resolve, reject) => {
      const milliseconds = timeout * 1000;
      const timer =
        milliseconds <= LONGEST_TIMER_MS
          ? setTimeout(() => this.end(new TimeoutError(`Timeout after ${timeout} seconds`)), milliseconds)
          : undefined;
      const onAbort = () => this.end(signal?.reason);
      signal?.addEventListener('abort', onAbort, { once: true });
      const release = () => {
        this.#reject = undefined;
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
      };
      this.#reject = error => {
        release();
        reject(error);
      };
      work().then(
        value => {
          release();
          resolve(value);
        },
        error => {
          release();
          reject(error);
        },
      );
    });
  }
}
