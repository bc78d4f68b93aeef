/** The parameters of a call, as one types them. */
import { type Node, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser';
import type { ClientName } from '../rpc/index.ts';

/** What a text means, or why it means nothing. */
export type ParsedParams = { readonly value: unknown } | { readonly problem: string };

/** What a kind of client takes. */
interface Shape {
  /** How it is called in `The parameters must be …`. */
  readonly wanted: string;
  accepts(value: unknown): boolean;
}

const SHAPES: { readonly [Type in ClientName]: Shape } = {
  transmission: { wanted: 'an object, such as {"ids": [1]}', accepts: isObject },
  qbittorrent: { wanted: 'an object, such as {"hashes": "all"}', accepts: isObject },
  rtorrent: { wanted: 'an array, such as ["", "main", "d.name="]', accepts: Array.isArray },
  deluge: {
    wanted: 'an array, an object by name, or {"args": [], "kwargs": {}}',
    accepts: value => toDelugeArguments(value) !== undefined,
  },
};

/**
 * Parameters from JSON with comments and trailing commas, as that kind of client takes them: Transmission and
 * qBittorrent an object, rTorrent an array, Deluge an array, an object, or `{ "args": […], "kwargs": {…} }`.
 * Integers beyond ±2^53 become `bigint`.
 *
 * @param text nothing but blanks and comments is no parameters: `value` is undefined.
 */
export function parseParams(type: ClientName, text: string): ParsedParams {
  const parsed = parseJson(text);
  if ('problem' in parsed || parsed.value === undefined) return parsed;
  const { wanted, accepts } = SHAPES[type];
  return accepts(parsed.value) ? parsed : { problem: `The parameters must be ${wanted}` };
}

/** The arguments of a Deluge call. */
export interface DelugeArguments {
  readonly args: readonly unknown[];
  readonly kwargs: Readonly<Record<string, unknown>>;
}

/**
 * What stands for the arguments of a Deluge call; undefined where a value is none. An object that has nothing but
 * `args` and `kwargs` holds both kinds, unless its `args` is no array: core.get_completion_paths has one of that name.
 */
export function toDelugeArguments(value: unknown): DelugeArguments | undefined {
  if (Array.isArray(value)) return { args: value, kwargs: {} };
  if (!isObject(value)) return undefined;
  const keys = Object.keys(value);
  const { args = [], kwargs = {} } = value;
  const hasNothingElse = keys.length > 0 && keys.every(key => key === 'args' || key === 'kwargs');
  if (!hasNothingElse || (keys.length === 1 && !Array.isArray(args))) return { args: [], kwargs: value };
  return Array.isArray(args) && isObject(kwargs) ? { args, kwargs } : undefined;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parseJson(text: string): ParsedParams {
  const errors: ParseError[] = [];
  try {
    const root = parseTree(text, errors, { allowTrailingComma: true, allowEmptyContent: true });
    if (errors.length === 0) return { value: root && toValue(root, text) };
  } catch (error) {
    // The parser calls itself for each level.
    if (error instanceof RangeError) return { problem: 'Nested too deeply' };
    throw error;
  }
  const [first] = errors as [ParseError];
  const words = printParseErrorCode(first.error)
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase();
  return { problem: `Not JSON at character ${first.offset + 1}: ${words}` };
}

/** The value of a node; not the parser's own, which loses digits and takes `__proto__` for more than a key. */
function toValue({ type, value, children = [], offset, length }: Node, text: string): unknown {
  switch (type) {
    case 'array':
      return children.map(child => toValue(child, text));
    case 'object':
      return Object.fromEntries(
        children.map(({ children: [key, member] = [] }) => [key?.value, member && toValue(member, text)]),
      );
    case 'number':
      return toNumber(text.slice(offset, offset + length));
    default:
      return value;
  }
}

function toNumber(token: string): number | bigint {
  const number = Number(token);
  return Number.isSafeInteger(number) || !/^-?\d+$/.test(token) ? number : BigInt(token);
}
