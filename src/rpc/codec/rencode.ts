/**
 * Rencode, what Deluge puts into its messages: its values, its type codes, and how values are written. It has no
 * specification; this is what rencode 1.0.6 (Debian's python3-rencode) writes and takes, observed byte by byte.
 */
import { isUtf8 } from 'node:buffer';
import { isUint8Array } from 'node:util/types';
import { checkText, cyclic, isPlainObject, memberPlace, unsendable } from '../arguments.ts';
import { ValueError } from '../errors.ts';

/** Type codes: the first byte of each value. Lengths up to 63 and small integers stand in the code itself. */
export const CODE = {
  /** 0 to 43. */
  lastPositive: 43,
  float64: 44,
  /** `0` to `9`: a string's length in decimal, a colon, its bytes. */
  firstDigit: 48,
  lastDigit: 57,
  colon: 58,
  /** Of any length, up to `end`. */
  list: 59,
  dict: 60,
  /** In decimal, up to `end`. */
  integer: 61,
  int8: 62,
  int16: 63,
  int32: 64,
  int64: 65,
  float32: 66,
  true: 67,
  false: 68,
  none: 69,
  /** -1 to -32. */
  firstNegative: 70,
  lastNegative: 101,
  /** 0 to 24 pairs. */
  firstDict: 102,
  lastDict: 126,
  end: 127,
  /** 0 to 63 bytes. */
  firstString: 128,
  lastString: 191,
  /** 0 to 63 items. */
  firstList: 192,
  lastList: 255,
} as const;

/** The integers that stand in their code, and those of a fixed width, narrowest first. */
const INTEGERS = [
  { min: 0, max: 43, code: 0, bytes: 0 },
  { min: -32, max: -1, code: CODE.firstNegative, bytes: 0 },
  { min: -(2 ** 7), max: 2 ** 7 - 1, code: CODE.int8, bytes: 1 },
  { min: -(2 ** 15), max: 2 ** 15 - 1, code: CODE.int16, bytes: 2 },
  { min: -(2 ** 31), max: 2 ** 31 - 1, code: CODE.int32, bytes: 4 },
  { min: -(2n ** 63n), max: 2n ** 63n - 1n, code: CODE.int64, bytes: 8 },
];

/** Lists and dictionaries within each other. The daemon's own decoder overflows its stack on 100,000 (observed). */
export const DEEPEST = 256;

/** Characters of a decimal integer: more is refused by the daemon's decoder, sign included (observed). */
export const LONGEST_INTEGER = 63;

/**
 * Writes a value.
 *
 * Safe integers go as integers, other numbers as float64 (`NaN` and the infinities too), `Uint8Array` as a string.
 * A whole number beyond ±2^53 is refused, for it may not be the one that was meant: such integers go as `bigint`.
 *
 * @param value plain objects, arrays, strings, `Uint8Array`, numbers, bigint, booleans and null.
 * @param place how the value is called in messages, such as `args`.
 * @throws ValueError naming the place of what cannot be sent, as in `args[2].a is a function`. Bytes that are no UTF-8
 *   are among it: the daemon never answers a call that has them (observed on 2.0.3, 2.2.0 and 2.2.1.dev0).
 */
export function encodeRencode(value: unknown, place: string): Buffer {
  const writer = new Writer(place);
  writer.write(value);
  return writer.bytes();
}

/** Writes into a buffer that grows, and knows the way to where it is. */
class Writer {
  readonly #place: string;
  #buffer = Buffer.allocUnsafe(256);
  #length = 0;
  readonly #parents: object[] = [];
  readonly #path: (string | number)[] = [];

  constructor(place: string) {
    this.#place = place;
  }

  bytes(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  write(value: unknown): void {
    if (typeof value === 'string') this.#text(value);
    else if (typeof value === 'number') this.#number(value);
    else if (typeof value === 'bigint') this.#integer(value);
    else if (typeof value === 'boolean') this.#code(value ? CODE.true : CODE.false);
    else if (value === null) this.#code(CODE.none);
    else if (isUint8Array(value)) this.#bytes(value);
    else if (typeof value === 'object') this.#container(value);
    else throw unsendable(value, this.#where());
  }

  /** Makes room for a number of bytes, and tells where they are. */
  #reserve(size: number): number {
    const at = this.#length;
    this.#length += size;
    if (this.#length > this.#buffer.length) {
      const larger = Buffer.allocUnsafe(2 * this.#length);
      this.#buffer.copy(larger, 0, 0, at);
      this.#buffer = larger;
    }
    return at;
  }

  #code(code: number): void {
    const at = this.#reserve(1);
    this.#buffer[at] = code;
  }

  #ascii(text: string): void {
    const at = this.#reserve(text.length);
    this.#buffer.write(text, at, 'latin1');
  }

  #number(value: number): void {
    if (Number.isSafeInteger(value)) this.#integer(value);
    else if (Number.isInteger(value)) {
      throw new ValueError(`${this.#where()} is ${value}, beyond ±2^53: only a bigint is exact there`);
    } else {
      this.#code(CODE.float64);
      const at = this.#reserve(8);
      this.#buffer.writeDoubleBE(value, at);
    }
  }

  #integer(value: number | bigint): void {
    const width = INTEGERS.find(({ min, max }) => value >= min && value <= max);
    if (!width) this.#decimal(String(value));
    else if (width.bytes === 0) this.#code(width.code + (value < 0 ? -1 - Number(value) : Number(value)));
    else {
      this.#code(width.code);
      const at = this.#reserve(width.bytes);
      if (width.bytes === 8) this.#buffer.writeBigInt64BE(BigInt(value), at);
      else this.#buffer.writeIntBE(Number(value), at, width.bytes);
    }
  }

  #decimal(text: string): void {
    if (text.length > LONGEST_INTEGER) {
      throw new ValueError(`${this.#where()} is an integer of more than ${LONGEST_INTEGER} characters`);
    }
    this.#code(CODE.integer);
    this.#ascii(text);
    this.#code(CODE.end);
  }

  #text(text: string): void {
    if (!text.isWellFormed()) checkText(text, this.#where());
    const size = Buffer.byteLength(text);
    this.#stringHead(size);
    const at = this.#reserve(size);
    this.#buffer.write(text, at);
  }

  #bytes(bytes: Uint8Array): void {
    if (!isUtf8(bytes)) throw new ValueError(`${this.#where()} is not UTF-8`);
    this.#stringHead(bytes.length);
    const at = this.#reserve(bytes.length);
    this.#buffer.set(bytes, at);
  }

  #stringHead(size: number): void {
    if (size <= CODE.lastString - CODE.firstString) this.#code(CODE.firstString + size);
    else this.#ascii(`${size}:`);
  }

  #container(value: object): void {
    if (this.#parents.includes(value)) throw cyclic(this.#where());
    if (this.#parents.length === DEEPEST) throw new ValueError(`${this.#where()} is nested too deeply`);
    this.#parents.push(value);
    if (Array.isArray(value)) this.#list(value);
    else if (isPlainObject(value)) this.#dict(value);
    else throw unsendable(value, this.#where());
    this.#parents.pop();
  }

  #list(items: readonly unknown[]): void {
    const isLong = items.length > CODE.lastList - CODE.firstList;
    this.#code(isLong ? CODE.list : CODE.firstList + items.length);
    // Not forEach, which passes over the holes of a sparse array.
    for (let index = 0; index < items.length; index++) {
      this.#path.push(index);
      this.write(items[index]);
      this.#path.pop();
    }
    if (isLong) this.#code(CODE.end);
  }

  #dict(value: Record<string, unknown>): void {
    const keys = Object.keys(value);
    const isLong = keys.length > CODE.lastDict - CODE.firstDict;
    this.#code(isLong ? CODE.dict : CODE.firstDict + keys.length);
    for (const key of keys) {
      this.#path.push(key);
      this.#text(key);
      this.write(value[key]);
      this.#path.pop();
    }
    if (isLong) this.#code(CODE.end);
  }

  #where(): string {
    return this.#path.reduce<string>(
      (place, step) => (typeof step === 'number' ? `${place}[${step}]` : memberPlace(place, step)),
      this.#place,
    );
  }
}
