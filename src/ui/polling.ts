/** Asks again and again, one at a time, while somebody looks. */

/** Milliseconds: a daemon that comes back is found again well within half a minute, whatever the interval. */
const LONGEST_PAUSE_MS = 15_000;

/** Milliseconds: Node takes what is longer for none at all. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** What is asked, and when it may be. */
export interface Poll {
  /** Asks once; never throws. Whether it worked. */
  ask(signal: AbortSignal): Promise<boolean>;
  /** Whether the next may be planned. */
  mayPoll(): boolean;
  /** Milliseconds between two; undefined is never by itself. */
  interval(): number | undefined;
}

export class Polling {
  readonly #poll: Poll;
  #running: { readonly controller: AbortController; readonly over: Promise<void> } | undefined;
  #timer: NodeJS.Timeout | undefined;
  #failures = 0;

  constructor(poll: Poll) {
    this.#poll = poll;
  }

  /** Asks now, or waits for the one that is on its way. */
  async now(): Promise<void> {
    this.#running ??= this.#start();
    await this.#running.over;
  }

  /** Asks after the one that is on its way: what was done just now is in it. Not where that one is ended meanwhile. */
  async afterwards(): Promise<void> {
    const before = this.#running;
    await before?.over;
    if (!before?.controller.signal.aborted) await this.now();
  }

  /** Plans the next anew, for the interval is another. */
  replan(): void {
    clearTimeout(this.#timer);
    if (!this.#running) this.#plan(0);
  }

  /** Asks no more by itself. */
  pause(): void {
    clearTimeout(this.#timer);
  }

  /** Ends the one that is on its way, and forgets failures. */
  end(): void {
    clearTimeout(this.#timer);
    this.#failures = 0;
    this.#running?.controller.abort();
    this.#running = undefined;
  }

  #start() {
    clearTimeout(this.#timer);
    const controller = new AbortController();
    const startedAt = performance.now();
    const over = this.#poll.ask(controller.signal).then(isWorking => {
      if (this.#running?.controller !== controller) return;
      this.#running = undefined;
      this.#failures = isWorking ? 0 : this.#failures + 1;
      this.#plan(performance.now() - startedAt);
    });
    return { controller, over };
  }

  /** Never sooner than the last one took, and later the longer nothing works. */
  #plan(lastMilliseconds: number): void {
    const interval = this.#poll.interval();
    if (!this.#poll.mayPoll() || interval === undefined) return;
    const pause =
      this.#failures === 0 ? interval : Math.min(interval * 2 ** this.#failures, LONGEST_PAUSE_MS);
    const wait = Math.min(Math.max(pause, lastMilliseconds), LONGEST_TIMER_MS);
    this.#timer = setTimeout(() => void this.now(), wait);
  }
}
