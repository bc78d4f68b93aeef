/** Reads rencode: every type that the daemon writes, fast, and whatever else comes without coming to harm. */
import { responseTooLarge } from '../errors.ts';
import { MOST_VALUES, type RpcValue } from '../values.ts';
import { CODE, DEEPEST, LONGEST_INTEGER } from './rencode.ts';

/**
 * Reads a value; integers beyond ±2^53 become `bigint`, invalid UTF-8 becomes U+FFFD. The keys of a dictionary are
 * texts, whatever they were: `1` becomes `'1'`, None becomes `'null'`; of two that become the same the last holds.
 *
 * @throws SyntaxError where the bytes are no rencode, or values are nested deeper than {@link DEEPEST}; RPCError where
 *   there are more than {@link MOST_VALUES}.
 */
export function decodeRencode(bytes: Buffer): RpcValue {
  const reader = new Reader(bytes);
  const value = reader.value();
  if (!reader.isAtEnd) throw new SyntaxError('more than one value');
  return value;
}

/**
 * The first items of a list whose end may be missing.
 *
 * @throws SyntaxError where they are missing too, or it is no list.
 */
export function decodeFirstItems(bytes: Buffer, count: number): RpcValue[] {
  const reader = new Reader(bytes);
  const code = reader.byte();
  const size = code === CODE.list ? count : code - CODE.firstList;
  if (size < count) throw new SyntaxError('no such list');
  return Array.from({ length: count }, () => reader.value());
}

/** Longer strings are seldom the same, and keys are shorter. */
const LONGEST_CACHED = 63;
/** A power of two. */
const CACHE_SIZE = 1024;
/** Bytes of a message in which texts come again. */
const SMALLEST_CACHED = 8192;
/** Digits of a string's length; longer than any buffer. */
const LONGEST_LENGTH = 15;
/** Dictionaries of fewer pairs are made pair by pair as fast. */
const SMALLEST_SHAPE = 4;
/** Dictionaries of more pairs have names for keys seldom (a list has a hash for each torrent). */
const LARGEST_SHAPE = 256;

/**
 * The keys of a dictionary, and an object that has them all. The torrents of a list have the same keys in the same
 * order: an object that is copied and filled is made faster, and takes less memory, than one that grows.
 */
interface Shape {
  readonly keys: readonly string[];
  template: Record<string, RpcValue> | undefined;
}

class Reader {
  readonly #bytes: Buffer;
  readonly #view: DataView;
  #at = 0;
  #depth = 0;
  #count = 0;
  /**
   * Short texts that were read, by a hash of their bytes: keys and values such as states come again and again. None in a
   * short message, which is read sooner than this is made.
   */
  readonly #texts: (string | undefined)[] | undefined;
  /** By the first key. */
  readonly #shapes = new Map<string, Shape>();

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (bytes.length >= SMALLEST_CACHED) this.#texts = new Array(CACHE_SIZE).fill(undefined);
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  byte(): number {
    return this.#bytes[this.#take(1)] as number;
  }

  value(): RpcValue {
    this.#count += 1;
    if (this.#count > MOST_VALUES) throw responseTooLarge(MOST_VALUES, 'values');
    const code = this.byte();
    if (code >= CODE.firstList) return this.#list(code - CODE.firstList);
    if (code >= CODE.firstString) return this.#text(code - CODE.firstString);
    if (code <= CODE.lastPositive) return code;
    if (code >= CODE.firstDict && code <= CODE.lastDict) return this.#dict(code - CODE.firstDict);
    if (code >= CODE.firstNegative && code <= CODE.lastNegative) return CODE.firstNegative - 1 - code;
    if (code >= CODE.firstDigit && code <= CODE.lastDigit) return this.#text(this.#length(code));
    return this.#rare(code);
  }

  #rare(code: number): RpcValue {
    switch (code) {
      case CODE.none:
        return null;
      case CODE.true:
        return true;
      case CODE.false:
        return false;
      case CODE.float32:
        return this.#view.getFloat32(this.#take(4));
      case CODE.float64:
        return this.#view.getFloat64(this.#take(8));
      case CODE.int8:
        return this.#view.getInt8(this.#take(1));
      case CODE.int16:
        return this.#view.getInt16(this.#take(2));
      case CODE.int32:
        return this.#view.getInt32(this.#take(4));
      case CODE.int64:
        return toSafe(this.#view.getBigInt64(this.#take(8)));
      case CODE.integer:
        return this.#decimal();
      case CODE.list:
        return this.#list(undefined);
      case CODE.dict:
        return this.#dict(undefined);
      default:
        throw new SyntaxError(`no such type: ${code}`);
    }
  }

  /** Goes on by some bytes that must be there, and tells where they begin. */
  #take(size: number): number {
    const at = this.#at;
    if (size > this.#bytes.length - at) throw new SyntaxError('cut short');
    this.#at = at + size;
    return at;
  }

  /** The end of a list or dictionary: after so many items, or where its mark is. */
  #isOver(count: number | undefined, done: number): boolean {
    if (count !== undefined) return done === count;
    if (this.#bytes[this.#at] !== CODE.end) return false;
    this.#at += 1;
    return true;
  }

  #enter(): void {
    this.#depth += 1;
    if (this.#depth > DEEPEST) throw new SyntaxError('nested too deeply');
  }

  #decimal(): number | bigint {
    const end = this.#bytes.indexOf(CODE.end, this.#at);
    const size = end - this.#at;
    if (end < 0 || size > LONGEST_INTEGER) throw new SyntaxError('an endless integer');
    const at = this.#take(size + 1);
    const digits = this.#bytes.toString('latin1', at, end);
    if (!/^-?\d+$/.test(digits)) throw new SyntaxError('no integer');
    return toSafe(BigInt(digits));
  }

  /** A string's length in decimal, its first digit read already. */
  #length(code: number): number {
    let size = code - CODE.firstDigit;
    for (let digits = 1; digits < LONGEST_LENGTH; digits++) {
      const next = this.byte();
      if (next === CODE.colon) return size;
      if (next < CODE.firstDigit || next > CODE.lastDigit) break;
      size = size * 10 + next - CODE.firstDigit;
    }
    throw new SyntaxError('no length');
  }

  #list(count: number | undefined): RpcValue[] {
    this.#enter();
    const items: RpcValue[] = [];
    while (!this.#isOver(count, items.length)) items.push(this.value());
    this.#depth -= 1;
    return items;
  }

  #dict(count: number | undefined): { [key: string]: RpcValue } {
    this.#enter();
    let dict: Record<string, RpcValue> = {};
    let shape: Shape | undefined;
    let done = 0;
    let firstKey = '';
    for (; !this.#isOver(count, done); done++) {
      const key = this.#key(shape?.keys[done]);
      if (done === 0) {
        firstKey = key;
        shape = this.#shapes.get(key);
        if (shape) dict = copyOf(shape);
      }
      if (shape && shape.keys[done] !== key) {
        dict = cut(dict, shape, done);
        shape = undefined;
      }
      set(dict, key, this.value());
    }
    if (shape && shape.keys.length > done) dict = cut(dict, shape, done);
    else if (!shape && done >= SMALLEST_SHAPE && done <= LARGEST_SHAPE && !this.#shapes.has(firstKey)) {
      this.#shapes.set(firstKey, { keys: Object.keys(dict), template: undefined });
    }
    this.#depth -= 1;
    return dict;
  }

  /** @param expected the key that is likely to come: it is looked for first. */
  #key(expected: string | undefined): string {
    const code = this.#bytes[this.#at] as number;
    if (code >= CODE.firstString && code <= CODE.lastString) {
      const size = code - CODE.firstString;
      const start = this.#take(1) + 1;
      if (expected?.length !== size || !this.#isAt(start, expected)) return this.#text(size);
      this.#at = start + size;
      return expected;
    }
    const key = this.value();
    // Python has tuples for keys, and Deluge none of those.
    if (typeof key === 'object' && key !== null) throw new SyntaxError('a list or dictionary as a key');
    return String(key);
  }

  #text(size: number): string {
    const start = this.#take(size);
    if (size === 0) return '';
    if (!this.#texts || size > LONGEST_CACHED) return this.#bytes.toString('utf8', start, this.#at);
    const slot = this.#slotFor(start, size);
    const cached = this.#texts[slot];
    if (cached?.length === size && this.#isAt(start, cached)) return cached;
    const text = this.#bytes.toString('utf8', start, this.#at);
    this.#texts[slot] = text;
    return text;
  }

  #slotFor(start: number, size: number): number {
    const byte = (at: number) => this.#bytes[start + at] as number;
    return (size * 31 + byte(0) * 7 + byte(size >> 1) * 61 + byte(size - 1) * 13) & (CACHE_SIZE - 1);
  }

  /** Whether a text in ASCII stands there. */
  #isAt(start: number, text: string): boolean {
    for (let index = 0; index < text.length; index++) {
      const byte = this.#bytes[start + index] as number;
      if (byte !== text.charCodeAt(index) || byte >= 0x80) return false;
    }
    return true;
  }
}

function toSafe(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function set(dict: Record<string, RpcValue>, key: string, value: RpcValue): void {
  if (key === '__proto__') {
    Object.defineProperty(dict, key, { value, configurable: true, enumerable: true, writable: true });
  } else dict[key] = value;
}

/** A new dictionary with all the keys of a shape. */
function copyOf(shape: Shape): Record<string, RpcValue> {
  shape.template ??= Object.fromEntries(shape.keys.map(key => [key, null]));
  return { ...shape.template };
}

/** The same dictionary without the keys that it has not come to. */
function cut(dict: Record<string, RpcValue>, { keys }: Shape, count: number): Record<string, RpcValue> {
  const made: Record<string, RpcValue> = {};
  for (const key of keys.slice(0, count)) set(made, key, dict[key] as RpcValue);
  return made;
}
