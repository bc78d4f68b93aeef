/** Reads bencoding (BEP 3), strictly: of what a stranger wrote, in no more depth and number than a torrent needs. */

/** A string is bytes, a view of those that are read; a whole number too large for a number is a bigint. */
export type Bencoded = number | bigint | Uint8Array | readonly Bencoded[] | Dictionary;

/** Keys are bytes, as Latin-1 so that each has a text of its own. */
export class Dictionary extends Map<string, Bencoded> {
  /** As it was written. */
  readonly bytes: Uint8Array;

  constructor(entries: Iterable<readonly [string, Bencoded]>, bytes: Uint8Array) {
    super(entries);
    this.bytes = bytes;
  }
}

const DEEPEST = 100;
/** Values, each key as well: what libtorrent allows of a torrent (`load_torrent_limits`). */
const MOST_VALUES = 3_000_000;
/** Digits of an integer. */
const LONGEST_INTEGER = 20;

const codeOf = (character: string) => character.charCodeAt(0);
const END = codeOf('e');
const INTEGER = codeOf('i');
const LIST = codeOf('l');
const DICTIONARY = codeOf('d');
const COLON = codeOf(':');
const MINUS = codeOf('-');
const ZERO = codeOf('0');
const NINE = codeOf('9');

/**
 * Reads one value, after which nothing but line breaks and blanks may follow.
 *
 * @throws Error whose message goes on after *Not a .torrent file:*.
 */
export function readBencoded(bytes: Uint8Array): Bencoded {
  const reader = new Reader(bytes);
  const value = reader.value(0);
  reader.finish();
  return value;
}

class Reader {
  readonly #bytes: Uint8Array;
  #at = 0;
  #values = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  value(depth: number): Bencoded {
    this.#values += 1;
    if (this.#values > MOST_VALUES) throw new Error('it holds too many values');
    if (depth > DEEPEST) throw new Error('its values are nested too deeply');
    switch (this.#peek()) {
      case INTEGER:
        return this.#integer();
      case LIST:
        return this.#list(depth);
      case DICTIONARY:
        return this.#dictionary(depth);
      default:
        return this.#string();
    }
  }

  finish(): void {
    const rest = Buffer.from(this.#bytes.subarray(this.#at, this.#at + 100)).toString('latin1');
    if (/[^\s]/.test(rest)) throw new Error(`it goes on after its end, from byte ${this.#at} on`);
  }

  #peek(): number {
    const byte = this.#bytes[this.#at];
    if (byte === undefined) throw new Error('it is cut off');
    return byte;
  }

  /** Digits, up to a byte that is none. */
  #digits(most: number): string {
    const start = this.#at;
    for (let byte = this.#peek(); byte >= ZERO && byte <= NINE; byte = this.#peek()) {
      this.#at += 1;
      if (this.#at - start > most) throw this.#wrong(start);
    }
    const digits = Buffer.from(this.#bytes.subarray(start, this.#at)).toString('latin1');
    if (digits === '' || (digits.length > 1 && digits.startsWith('0'))) throw this.#wrong(start);
    return digits;
  }

  #integer(): number | bigint {
    const start = this.#at;
    this.#at += 1;
    const isNegative = this.#peek() === MINUS;
    if (isNegative) this.#at += 1;
    const digits = this.#digits(LONGEST_INTEGER);
    if (this.#peek() !== END || (isNegative && digits === '0')) throw this.#wrong(start);
    this.#at += 1;
    const number = Number(isNegative ? `-${digits}` : digits);
    return Number.isSafeInteger(number) ? number : BigInt(isNegative ? `-${digits}` : digits);
  }

  #string(): Uint8Array {
    const start = this.#at;
    const length = Number(this.#digits(LONGEST_INTEGER));
    if (this.#peek() !== COLON) throw this.#wrong(start);
    this.#at += 1;
    const end = this.#at + length;
    if (end > this.#bytes.length) throw new Error('it is cut off');
    const string = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return string;
  }

  #list(depth: number): readonly Bencoded[] {
    this.#at += 1;
    const items: Bencoded[] = [];
    while (this.#peek() !== END) items.push(this.value(depth + 1));
    this.#at += 1;
    return items;
  }

  /** Many a program writes keys out of order; one that comes twice would mean this to one reader and that to another. */
  #dictionary(depth: number): Dictionary {
    const start = this.#at;
    this.#at += 1;
    const entries = new Map<string, Bencoded>();
    while (this.#peek() !== END) {
      const keyAt = this.#at;
      const key = Buffer.from(this.#string()).toString('latin1');
      if (entries.has(key)) throw this.#wrong(keyAt);
      entries.set(key, this.value(depth + 1));
    }
    this.#at += 1;
    return new Dictionary(entries, this.#bytes.subarray(start, this.#at));
  }

  #wrong(at: number): Error {
    return new Error(`what stands at byte ${at} has no meaning`);
  }
}
