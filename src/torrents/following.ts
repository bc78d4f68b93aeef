/** When the torrents are asked for in whole, and when for what changed. */
import type { Feed } from './adapter.ts';
import type { Update } from './torrent.ts';

/** Milliseconds after which everything is asked anew, should a change have been missed. */
export const FULL_EVERY_MS = 5 * 60_000;

export class Following {
  readonly #feed: Feed;
  readonly #now: () => number;
  /** When everything was asked last; undefined while it must be asked next. */
  #fullAt: number | undefined;
  /** How often somebody doubted. */
  #doubts = 0;

  /** @param now milliseconds. */
  constructor(feed: Feed, now: () => number = () => performance.now()) {
    this.#feed = feed;
    this.#now = now;
  }

  /** What is asked next is everything: somebody doubts what is shown. */
  doubt(): void {
    this.#fullAt = undefined;
    this.#doubts += 1;
  }

  /**
   * What is new. After a call that failed or was aborted, and every few minutes, it is everything.
   *
   * @param asked as `Feed.changes` takes it.
   * @throws what the feed throws.
   */
  async next(signal: AbortSignal, asked: readonly string[] = []): Promise<Update> {
    const startedAt = this.#now();
    const isFull = this.#fullAt === undefined || startedAt - this.#fullAt >= FULL_EVERY_MS;
    const fullAt = this.#fullAt;
    const doubts = this.#doubts;
    this.#fullAt = undefined;
    const update = await (isFull ? this.#feed.all(signal) : this.#feed.changes(signal, asked));
    // An answer that came after all is too late: nobody takes it in.
    signal.throwIfAborted();
    // It may have been on its way already when somebody doubted.
    if (this.#doubts === doubts) this.#fullAt = update.kind === 'all' ? startedAt : fullAt;
    return update;
  }
}
