/** Filters, as people write them: words and comparisons that add up, as in `ubuntu state:seeding ratio<1 -size>10GB`. */
import {
  COMPARISONS,
  type ComparisonField,
  fold,
  OPERATORS,
  type Operator,
  type Units,
  WORDS,
  type WordField,
} from './filterFields.ts';
import type { Torrent } from './torrent.ts';

/** What a torrent must meet to be shown: every term. Without terms, all are shown. */
export interface Filter {
  readonly terms: readonly Term[];
}

export type Term = { readonly isNegated: boolean } & (
  | { readonly kind: 'name'; readonly text: string }
  | { readonly kind: 'word'; readonly field: WordField; readonly text: string }
  | {
      readonly kind: 'comparison';
      readonly field: ComparisonField;
      readonly operator: Operator;
      /** Bytes, seconds, parts of a whole, as the torrent has it. */
      readonly value: number;
      /** The value as it was written, with its unit: `10GB`. */
      readonly written: string;
    }
);

/** Why a text is no filter, in one sentence that names the word and its place. */
export class FilterError extends Error {
  override readonly name = 'FilterError';
  /** Where the word begins, from 0. */
  readonly position: number;

  constructor(message: string, position: number) {
    super(message);
    this.position = position;
  }
}

/** Whether a torrent is shown, at a moment in seconds since 1970. What its daemon does not tell meets no comparison. */
export function toPredicate({ terms }: Filter, now: number): (torrent: Torrent) => boolean {
  const tests = terms.map(term => {
    const test = testOf(term, now);
    return term.isNegated ? (torrent: Torrent) => !test(torrent) : test;
  });
  return torrent => tests.every(test => test(torrent));
}

function testOf(term: Term, now: number): (torrent: Torrent) => boolean {
  switch (term.kind) {
    case 'name': {
      const wanted = fold(term.text);
      return ({ name }) => fold(name).includes(wanted);
    }
    case 'word':
      return WORDS[term.field].test(fold(term.text));
    case 'comparison': {
      const { read } = COMPARISONS[term.field];
      const isMet = OPERATORS[term.operator];
      return torrent => {
        const value = read(torrent, now);
        return value !== undefined && isMet(value, term.value);
      };
    }
  }
}

/** A filter as a text that `parseFilter` reads as the same filter. */
export function formatFilter({ terms }: Filter): string {
  return terms.map(term => `${term.isNegated ? '-' : ''}${formatTerm(term)}`).join(' ');
}

function formatTerm(term: Term): string {
  switch (term.kind) {
    case 'name':
      return /^[^\s"<>=:-][^\s<>=:]*$/.test(term.text) ? term.text : quote(term.text);
    case 'word':
      return `${term.field}:${/^[^\s"]\S*$/.test(term.text) ? term.text : quote(term.text)}`;
    case 'comparison':
      return `${term.field}${term.operator}${term.written}`;
  }
}

const quote = (text: string) => `"${text.replace(/["\\]/g, '\\$&')}"`;

/**
 * Reads a filter: terms between blanks, each turned around by a `-` before it. A term is a part of the name, in quotes
 * where it holds blanks; a field and its word, `label:linux`; or a field and what it is compared with, `size > 10 GB`.
 *
 * @throws FilterError
 */
export function parseFilter(text: string): Filter {
  const reader = new Reader(text);
  const terms: Term[] = [];
  while (!reader.isAtEnd) terms.push(readTerm(reader));
  return { terms };
}

/** What is left to read of a text. */
class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
    this.take(/\s*/y);
  }

  get at(): number {
    return this.#at;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#text.length;
  }

  /** What a sticky pattern matches next. */
  peek(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    return pattern.exec(this.#text) ?? undefined;
  }

  /** Likewise, and goes past it. */
  take(pattern: RegExp): RegExpExecArray | undefined {
    const match = this.peek(pattern);
    if (match) this.#at += match[0].length;
    return match;
  }
}

const LIST = new Intl.ListFormat('en', { type: 'conjunction' });
const LONGEST_WORD = 40;

/** A complaint about a word: `"foo" at character 3 is no number.` */
function complaint(word: string, position: number, predicate: string): FilterError {
  const shown = word.length > LONGEST_WORD ? `${word.slice(0, LONGEST_WORD)}…` : word;
  return new FilterError(`"${shown}" at character ${position + 1} ${predicate}.`, position);
}

function readTerm(reader: Reader): Term {
  const isNegated = reader.take(/-(?=\S)/y) !== undefined;
  const { at } = reader;
  const [head, name = '', operator] = reader.take(/([a-z]+)(?::|\s*(<=|>=|<|>|=)\s*)/iy) ?? [];
  const term: Term =
    head === undefined
      ? { isNegated, kind: 'name', text: readText(reader) }
      : operator === undefined
        ? { isNegated, ...readWord(reader, name, at) }
        : { isNegated, ...readComparison(reader, name, operator as Operator, at) };
  reader.take(/\s*/y);
  return term;
}

/** Up to the next blank, or what stands in quotes. */
function readText(reader: Reader): string {
  const { at } = reader;
  if (!reader.take(/"/y)) return reader.take(/\S*/y)?.[0] ?? '';
  const [inside = ''] = reader.take(/(?:\\["\\]|[^"])*/y) ?? [];
  if (!reader.take(/"/y)) throw complaint(`"${inside}`, at, 'is never closed with a quotation mark');
  const { at: end } = reader;
  const after = reader.take(/\S+/y);
  if (after) throw complaint(after[0], end, 'needs a blank between it and the quotation mark');
  return inside.replace(/\\(["\\])/g, '$1');
}

const isOneOf = <Key extends string>(table: Readonly<Record<Key, unknown>>, key: string): key is Key =>
  Object.hasOwn(table, key);
const listOf = (table: object) => LIST.format(Object.keys(table));

function readWord(reader: Reader, name: string, at: number) {
  const field = name.toLowerCase();
  if (!isOneOf(WORDS, field))
    throw complaint(
      `${name}:`,
      at,
      `is no field: ${listOf(WORDS)} are, and a name with a colon goes in quotes`,
    );
  const { at: wordAt } = reader;
  const text = readText(reader);
  const { known } = WORDS[field];
  if (reader.at === wordAt) throw complaint(`${name}:`, at, 'lacks a word');
  const word = known ? text.toLowerCase() : text;
  if (known && !known.includes(word))
    throw complaint(text, wordAt, `does not go with ${field}: ${LIST.format(known)} do`);
  return { kind: 'word', field, text: word } as const;
}

function readComparison(reader: Reader, name: string, operator: Operator, at: number) {
  const field = name.toLowerCase();
  if (!isOneOf(COMPARISONS, field))
    throw complaint(
      name,
      at,
      `cannot be compared: ${listOf(COMPARISONS)} can, and a name with < > or = goes in quotes`,
    );
  const { units, unit: unsaid } = COMPARISONS[field];
  const { at: amountAt } = reader;
  const [word] = reader.take(/\S+/y) ?? [];
  if (word === undefined) throw complaint(`${name}${operator}`, at, 'lacks a number');
  // No more digits than a number holds.
  const [, digits, behind] = /^(\d{1,15}(?:\.\d{1,6})?)(?![\d.])(.*)$/.exec(word) ?? [];
  const unit = behind ? unitOf(behind, units) : (readUnit(reader, units) ?? unsaid);
  const toValue = unit === undefined ? undefined : units[unit];
  if (digits === undefined || (!toValue && '' in units))
    throw complaint(word, amountAt, 'is no number such as 10 or 1.5');
  if (!toValue) throw complaint(word, amountAt, `needs a unit: ${LIST.format(Object.keys(units))} are`);
  const amount = Number(digits);
  return {
    kind: 'comparison',
    field,
    operator,
    value: toValue(amount),
    written: `${amount}${unit}`,
  } as const;
}

/** A unit after blanks, as in `10 GB`; another word is not taken. */
function readUnit(reader: Reader, units: Units): string | undefined {
  const [, word = ''] = reader.peek(/\s+(\S+)/y) ?? [];
  const unit = unitOf(word, units);
  if (unit) reader.take(/\s+\S+/y);
  return unit || undefined;
}

/** The unit that a word means, whatever its case; those of rates may do without their `/s`. */
function unitOf(word: string, units: Units): string | undefined {
  const wanted = word.toLowerCase().replace(/\/s$/, '');
  return Object.keys(units).find(unit => unit.toLowerCase().replace(/\/s$/, '') === wanted);
}
