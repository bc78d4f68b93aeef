/** Collects what comes in pieces, in hardly more memory than its bytes. */

/**
 * Pieces of which each is kept as it came. A piece of a byte takes a hundred times as much, and keeps all of the packet
 * that it came in: a server that sends nothing else would fill the memory long before its answer is too large.
 */
const MOST_PIECES = 1024;

/** Bytes that come in pieces. */
export class Pieces {
  #joined: Buffer[] = [];
  #last: Buffer[] = [];
  #size = 0;

  /** Bytes of all. */
  get size(): number {
    return this.#size;
  }

  add(piece: Buffer): void {
    this.#size += piece.length;
    if (this.#last.push(piece) < MOST_PIECES) return;
    this.#joined.push(Buffer.concat(this.#last));
    this.#last = [];
  }

  /** All of it in one; more may be added. */
  bytes(): Buffer {
    const all = this.#joined.length === 0 ? this.#last : [...this.#joined, ...this.#last];
    const whole = all.length === 1 ? (all[0] as Buffer) : Buffer.concat(all, this.#size);
    this.#joined = [];
    this.#last = [whole];
    return whole;
  }
}
