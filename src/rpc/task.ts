/** One `connect()`, `disconnect()` or `call()` on its way: it ends exactly once, by itself, by time or by a signal. */
import { TimeoutError, ValueError } from './errors.ts';

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
  readonly #siblings: Set<Task> | undefined;
  readonly #controller = new AbortController();
  #reject: ((error: unknown) => void) | undefined;
  #timer: NodeJS.Timeout | undefined;
  #unlisten: (() => void) | undefined;
  /** Told when the task is ended from outside, before its promise rejects. */
  onEnded: (() => void) | undefined;

  /** @param siblings holds the task while it runs. */
  constructor(siblings?: Set<Task>) {
    this.#siblings = siblings;
  }

  /** Aborts, with the error as its reason, when the task is ended from outside. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Ends the task with this error, unless it has ended. */
  end(error: unknown): void {
    const reject = this.#reject;
    if (!reject) return;
    this.#release();
    this.#controller.abort(error);
    this.onEnded?.();
    reject(error);
  }

  /**
   * Runs the work; with a signal that has aborted already it does not begin, but counts as ended from outside.
   *
   * @throws TimeoutError after `timeout` seconds, the signal's reason when it aborts, else what the work throws.
   */
  run<T>({ timeout, signal }: TaskLimits, work: (task: this) => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#reject = reject;
      this.#siblings?.add(this);
      this.#limit(timeout, signal);
      if (this.signal.aborted) return;
      work(this).then(
        value => {
          this.#release();
          resolve(value);
        },
        error => {
          this.#release();
          reject(error);
        },
      );
    });
  }

  #limit(timeout: number, signal: AbortSignal | undefined): void {
    const milliseconds = timeout * 1000;
    if (milliseconds <= LONGEST_TIMER_MS) {
      const onTime = () => this.end(new TimeoutError(`Timeout after ${timeout} seconds`));
      this.#timer = setTimeout(onTime, milliseconds);
    }
    if (!signal) return;
    if (!isAbortSignal(signal)) this.end(new ValueError('signal is no AbortSignal'));
    else if (signal.aborted) this.end(signal.reason);
    else {
      const onAbort = () => this.end(signal.reason);
      signal.addEventListener('abort', onAbort, { once: true });
      this.#unlisten = () => signal.removeEventListener('abort', onAbort);
    }
  }

  /** Of no use after the task is over, however it ended. */
  #release(): void {
    this.#reject = undefined;
    this.#siblings?.delete(this);
    clearTimeout(this.#timer);
    this.#unlisten?.();
  }
}

/** By its shape, for that of another realm is of another class. */
export function isAbortSignal(value: unknown): value is AbortSignal {
  const { aborted, addEventListener, removeEventListener } = (value ?? {}) as Partial<AbortSignal>;
  return (
    typeof aborted === 'boolean' &&
    typeof addEventListener === 'function' &&
    typeof removeEventListener === 'function'
  );
}
