/**
 * What callers give to send: the checks and the words that all protocols share. Each encoder walks the value itself and
 * names the place of what it cannot send, such as `args.ids[2]`, before anything is sent.
 */
import { ValueError } from './errors.ts';

/** Whether a value is an object literal (or made by `Object.create(null)`), not an instance of some class. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  // An object of another realm (VS Code's own, a vm's) has another Object.prototype, itself without a prototype.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/**
 * Whether a value can hold options: any object, an instance of some class too. But no list, and no global URL, which has
 * a username and a password, and calls its scheme otherwise.
 */
export function isOptions(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof URL);
}

/** How a member is called in messages: `args.ids`, or `args["my key"]`. */
export function memberPlace(place: string, key: string): string {
  return /^[\p{ID_Start}_$][\p{ID_Continue}$-]*$/u.test(key)
    ? `${place}.${key}`
    : `${place}[${JSON.stringify(key)}]`;
}

/**
 * A text that every protocol can send as UTF-8.
 *
 * @throws ValueError `… has a lone surrogate`.
 */
export function checkText(text: string, place: string): string {
  if (!text.isWellFormed()) throw new ValueError(`${place} has a lone surrogate`);
  return text;
}

/** The error for a value of a type that the protocol does not have, as in `args.ids[2] is a function`. */
export function unsendable(value: unknown, place: string): ValueError {
  return new ValueError(`${place} is ${describe(value)}`);
}

/** The error for a value that contains itself. */
export function cyclic(place: string): ValueError {
  return new ValueError(`${place} is a cycle`);
}

function describe(value: unknown): string {
  if (value === undefined || value === null || typeof value === 'number') return String(value);
  if (typeof value !== 'object') return `a ${typeof value}`;
  if (Array.isArray(value)) return 'an array';
  return isPlainObject(value) ? 'an object' : `a ${value.constructor?.name || 'foreign object'}`;
}
