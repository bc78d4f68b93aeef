/** JSON without loss: integers of any length stay exact, and what JSON cannot hold is refused with its place. */
import { randomUUID } from 'node:crypto';
import { checkText, cyclic, isPlainObject, memberPlace, unsendable } from './arguments.ts';
import { responseTooLarge, ValueError } from './errors.ts';
import { MOST_VALUES, type RpcValue } from './values.ts';

/**
 * A value, with what stands before it, that `JSON.parse` reads wrongly or not at all. It may stand within a string.
 * Transmission 3.00 writes bare `inf` and `nan` (observed in `"seedRatioLimit":inf`).
 */
const SPECIAL = /(?:^|[:,[])\s*(-?(?:9\d{15}|[1-9]\d{16,}|inf|nan))(?=\s*(?:[,\]}]|$))/g;

/**
 * Parses JSON; integers beyond ±2^53 become `bigint`, never a wrong number, and bare `inf` and `nan` the numbers that
 * they mean. Bytes that are no UTF-8 become U+FFFD.
 *
 * @param source bytes are looked through several times faster than a text.
 * @throws SyntaxError where it is no JSON, RPCError where it has more than {@link MOST_VALUES}.
 */
export function parseJson(source: string | Uint8Array): RpcValue {
  const bytes = typeof source === 'string' ? Buffer.from(source) : source;
  checkCount(bytes);
  const text = typeof source === 'string' ? source : decodeUtf8(source);
  if (hasLongInteger(bytes)) return parseSpecial(text);
  try {
    return JSON.parse(text);
  } catch {
    return parseSpecial(text);
  }
}

const [COMMA, BRACKET, BRACE] = [0x2c, 0x5b, 0x7b];

/** Before each value but the first stands one of three characters; those within strings are counted too. */
function checkCount(bytes: Uint8Array): void {
  if (bytes.length < MOST_VALUES) return;
  let count = 1;
  for (const byte of bytes) if (byte === COMMA || byte === BRACKET || byte === BRACE) count += 1;
  if (count > MOST_VALUES) throw responseTooLarge(MOST_VALUES, 'values');
}

/** Bytes as text; what is no UTF-8 becomes U+FFFD. */
export function decodeUtf8(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString();
}

/**
 * Whether there is an integer of 17 digits, or of 16 that begins with a 9, maybe within a string. It costs next to
 * nothing: wherever 16 bytes begin in memory, they hold three whole words in a row, so that each third word is looked at.
 */
function hasLongInteger(bytes: Uint8Array): boolean {
  const skipped = -bytes.byteOffset & 3;
  const length = Math.max(0, bytes.length - skipped) >> 2;
  const words = new Int32Array(bytes.buffer, length && bytes.byteOffset + skipped, length);
  for (let index = 0; index < length; index += 3) {
    if (!areDigits(words[index])) continue;
    const areThree = areDigits(words[index + 1])
      ? areDigits(words[index + 2]) || areDigits(words[index - 1])
      : areDigits(words[index - 1]) && areDigits(words[index - 2]);
    if (!areThree) continue;
    const [start, end] = digitsAround(bytes, skipped + index * 4);
    const isLong = end - start > 16 || (end - start === 16 && bytes[start] === NINE);
    if (isLong && followsValueStart(bytes, start)) return true;
    // On with the first word that is not all of these digits.
    index = Math.max(index, ((end - skipped) >> 2) - 3);
  }
  return false;
}

const [ZERO, NINE, MINUS] = [0x30, 0x39, 0x2d];

/** Whether four bytes are digits, or :;<=>? */
function areDigits(word = 0): boolean {
  return (word & 0xf0f0f0f0) === 0x30303030;
}

/** Where the digits around a place begin and end; the place itself where there is none. */
function digitsAround(bytes: Uint8Array, place: number): [start: number, end: number] {
  let start = place;
  let end = place;
  while (isDigit(bytes[start - 1])) start--;
  while (isDigit(bytes[end])) end++;
  return [start, end];
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= ZERO && byte <= NINE;
}

/** Whether before these digits, and their sign, stands what stands before a value. */
function followsValueStart(bytes: Uint8Array, digits: number): boolean {
  const start = bytes[digits - 1] === MINUS ? digits - 1 : digits;
  return start === 0 || ':,[ \t\r\n'.includes(String.fromCharCode(bytes[start - 1] as number));
}

/** Special values of an answer: a hundred thousand torrents have fewer. Each takes some hundred bytes for a moment. */
const MOST_SPECIAL = 2 ** 20;

/**
 * Parses a text whose special values are put into quotes first, marked as no daemon can know, and looked up in what
 * comes of it: several times faster than a reviver, which is called for each value.
 */
function parseSpecial(text: string): RpcValue {
  const mark = `${randomUUID()}:`;
  const pieces: string[] = [];
  let done = 0;
  const isInString = stringFinder(text);
  try {
    for (const match of text.matchAll(SPECIAL)) {
      const [{ length }, token = ''] = match;
      const start = match.index + length - token.length;
      if (isInString(start)) continue;
      if (pieces.push(text.slice(done, start), `"${mark}${token}"`) > 2 * MOST_SPECIAL)
        throw new RangeError();
      done = start + token.length;
    }
    if (done > 0) return restore(JSON.parse(pieces.join('') + text.slice(done)), mark);
  } catch (error) {
    // V8 takes integers and strings up to some length only; to read them wrongly is worse than not at all.
    if (error instanceof RangeError) throw new SyntaxError('Too many or too long integers', { cause: error });
  }
  // It is no JSON without the marks either, and the error is to speak of what there was.
  return JSON.parse(text);
}

/** Tells whether a place in a text is within quotes; to be asked about places further and further on. */
function stringFinder(text: string): (place: number) => boolean {
  let start = -1;
  let end = -1;
  return place => {
    while (end < place) {
      start = text.indexOf('"', end + 1);
      if (start === -1) start = text.length;
      end = endOfString(text, start);
    }
    return start < place;
  };
}

/** Where the closing quote of a string stands; the end of the text where there is none. */
function endOfString(text: string, start: number): number {
  for (let quote = text.indexOf('"', start + 1); quote !== -1; quote = text.indexOf('"', quote + 1)) {
    let backslashes = 0;
    while (text[quote - backslashes - 1] === '\\') backslashes++;
    if (backslashes % 2 === 0) return quote;
  }
  return text.length;
}

/** Puts the values back in place of their marks. Without recursion: JSON.parse takes any depth, the stack does not. */
function restore(root: RpcValue, mark: string): RpcValue {
  const holder = [root];
  const open: { [key: string]: RpcValue }[] = [holder as never];
  for (let container = open.pop(); container; container = open.pop()) {
    for (const key of Object.keys(container)) {
      const value = container[key];
      if (typeof value === 'object' && value !== null) open.push(value as { [key: string]: RpcValue });
      else if (typeof value === 'string' && value.startsWith(mark))
        container[key] = toNumber(value.slice(mark.length));
    }
  }
  return holder[0] as RpcValue;
}

function toNumber(token: string): number | bigint {
  if (token.endsWith('nan')) return Number.NaN;
  if (token.endsWith('inf')) return token === 'inf' ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  const number = Number(token);
  return Number.isSafeInteger(number) ? number : BigInt(token);
}

/**
 * Writes a value as JSON, checking on the way. `bigint` goes as digits.
 *
 * @param value plain objects, arrays, strings, finite numbers, bigint, booleans and null.
 * @param place how the value is called in messages, such as `args`.
 * @throws ValueError naming the place of what JSON cannot hold, as in `args.ids[2] is a function`.
 */
export function stringifyJson(value: unknown, place: string): string {
  return write(value, place, []);
}

/** Lists and objects within each other: more than any daemon takes, and far less than the stack. */
const DEEPEST = 256;

function write(value: unknown, place: string, parents: readonly object[]): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(checkText(value, place));
    case 'number':
      if (!Number.isFinite(value)) throw new ValueError(`${place} is ${value}`);
      return String(value === 0 ? 0 : value);
    case 'boolean':
    case 'bigint':
      return String(value);
    case 'object':
      return value === null ? 'null' : writeObject(value, place, parents);
    default:
      throw unsendable(value, place);
  }
}

function writeObject(value: object, place: string, parents: readonly object[]): string {
  if (parents.includes(value)) throw cyclic(place);
  if (parents.length === DEEPEST) throw new ValueError(`${place} is nested too deeply`);
  const path = [...parents, value];
  if (Array.isArray(value)) {
    return `[${Array.from(value, (item, index) => write(item, `${place}[${index}]`, path)).join()}]`;
  }
  if (!isPlainObject(value)) throw unsendable(value, place);
  const members = Object.entries(value).map(([key, item]) => {
    const member = memberPlace(place, key);
    return `${JSON.stringify(checkText(key, member))}:${write(item, member, path)}`;
  });
  return `{${members.join()}}`;
}
