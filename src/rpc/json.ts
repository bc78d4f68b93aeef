/** JSON without loss: integers of any length stay exact, and what JSON cannot hold is refused with its place. */
import { checkText, cyclic, isPlainObject, memberPlace, unsendable } from './arguments.ts';
import { ValueError } from './errors.ts';

/** A run of 16 digits: only then can a text hold an integer beyond ±2^53. */
const LONG_NUMBER = /\d{16}/;
const INTEGER = /^-?\d+$/;

/**
 * Parses JSON; integers beyond ±2^53 become `bigint`, never a wrong number.
 *
 * @throws SyntaxError where the text is no JSON. Transmission 3.00 writes bare `inf` and `nan` (observed in
 *   `"seedRatioLimit":inf`): these are read as the numbers they mean.
 */
export function parseJson(text: string): unknown {
  try {
    return parseStrict(text);
  } catch (error) {
    const repaired = quoteBareNumbers(text);
    if (repaired === text) throw error;
    return JSON.parse(repaired, (_, value) => BARE_NUMBERS.get(value) ?? value);
  }
}

function parseStrict(text: string): unknown {
  if (!LONG_NUMBER.test(text)) return JSON.parse(text);
  return JSON.parse(text, exactInteger as (key: string, value: unknown) => unknown);
}

/** A reviver that takes unsafe integers from the source text, which V8 hands to it as a third argument. */
function exactInteger(_key: string, value: unknown, context: { source?: string }): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value;
  return context.source !== undefined && INTEGER.test(context.source) ? BigInt(context.source) : value;
}

// Marked with a noncharacter, which no daemon's text starts with by chance.
const BARE_NUMBERS = new Map<unknown, number>([
  ['\uFDD0inf', Number.POSITIVE_INFINITY],
  ['\uFDD0-inf', Number.NEGATIVE_INFINITY],
  ['\uFDD0nan', Number.NaN],
  ['\uFDD0-nan', Number.NaN],
]);

/** Puts bare `inf` and `nan` outside of strings into quotes, marked. */
function quoteBareNumbers(text: string): string {
  return text.replace(/"(?:[^"\\]|\\.)*"|(-?(?:inf|nan))\b/gs, (token, bare: string | undefined) =>
    bare === undefined ? token : `"\uFDD0${bare}"`,
  );
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
