/** Keeps secrets out of what the core says: the one place where text from outside is searched for them. */

/** What stands in a text where a secret stood. */
const MASK = '***';
/** Shorter secrets would match everywhere by chance; text that may hold one is left out instead. */
const SHORTEST_SEARCHED = 4;
/** Longer secrets (nobody types them) are searched for as a whole only: the pattern grows with each character. */
const LONGEST_MIXED = 128;
/**
 * Characters of all secrets that are searched for in any mix of ways, the first ones first; the others as a whole only.
 * V8 needs half a millisecond for each, and refuses some thousands: a server sets what cookies it likes.
 */
const MOST_MIXED = 256;
/** Characters of a secret as it is written, beyond which it may show its beginning at the end of an excerpt. */
const LONGEST_SECRET = 4096;
/** Deeper values are cut: nobody reads them, and a recursion bomb must not end the process. */
const DEEPEST = 64;
/** Values and characters that are kept of what the other side said: more is for nobody's eyes. */
const MOST_KEPT = 10_000;
export const LONGEST_EXCERPT = 256 * 1024;
/** Keys that the protocols have of their own: they show nothing, and whoever reads what was said looks for them. */
const PROTOCOL_KEYS: ReadonlySet<string> = new Set([
  ...['class', 'args', 'kwargs', 'traceback'], // Deluge
  ...['faultCode', 'faultString'], // XML-RPC
  ...['arguments', 'tag'], // Transmission
  ...['jsonrpc', 'id', 'code', 'data', 'error_string'], // JSON-RPC, as Transmission speaks it
]);

/** Replaces the secrets it was made with, as they stand and as web servers echo them. */
export class Masker {
  readonly #secrets: readonly string[];
  #forms: WrittenForms | undefined;

  /** @param secrets passwords, cookies, session ids; empty and undefined ones are passed over. */
  constructor(secrets: Iterable<string | undefined>) {
    this.#secrets = [...new Set(secrets)].filter(secret => secret !== undefined && secret !== '') as string[];
  }

  /** One that knows these as well; those too short to be searched for are passed over. */
  plus(secrets: readonly string[]): Masker {
    const searched = secrets.filter(secret => secret.length >= SHORTEST_SEARCHED);
    return searched.length === 0 ? this : new Masker([...this.#secrets, ...searched]);
  }

  /** `text` with each secret replaced; only for text that holds none shorter than can be searched for. */
  text(text: string): string {
    // Compiled at the first use: most maskers are made for an answer that turns out to be fine.
    this.#forms ??= formsOf(this.#secrets.filter(secret => secret.length >= SHORTEST_SEARCHED));
    const { whole, mixed } = this.#forms;
    const masked = whole.reduce((rest, form) => rest.replaceAll(form, MASK), text);
    return mixed ? masked.replace(mixed, MASK) : masked;
  }

  /** The beginning of a foreign text; empty where a secret is too short to be searched for. */
  excerpt(text: string, length = LONGEST_EXCERPT): string {
    if (this.#secrets.some(secret => secret.length < SHORTEST_SEARCHED)) return '';
    // A secret that the cut would leave the beginning of is searched for whole.
    return this.text(text.slice(0, length + LONGEST_SECRET)).slice(0, length);
  }

  /**
   * A copy of a decoded value, the secrets replaced in each of its strings and keys but for the {@link PROTOCOL_KEYS};
   * cut where it is large.
   */
  value(value: unknown): unknown {
    let left = MOST_KEPT;
    const copy = (item: unknown, depth: number): unknown => {
      left -= 1;
      if (typeof item === 'string') return this.excerpt(item);
      // A password of digits that comes back as a number.
      if (typeof item === 'number' || typeof item === 'bigint')
        return this.#secrets.includes(String(item)) ? MASK : item;
      if (typeof item !== 'object' || item === null) return item;
      if (depth >= DEEPEST || left <= 0) return '…';
      if (Array.isArray(item)) return item.slice(0, left).map(each => copy(each, depth + 1));
      if (ArrayBuffer.isView(item)) return `${item.byteLength} bytes`;
      const keys = Object.keys(item).slice(0, left);
      const members = item as Record<string, unknown>;
      const shown = (key: string) => (PROTOCOL_KEYS.has(key) ? key : this.excerpt(key));
      return Object.fromEntries(keys.map(key => [shown(key), copy(members[key], depth + 1)]));
    };
    return copy(value, 0);
  }

  /**
   * An underlying error as the `cause` of one of ours: its message and code, masked. The error itself is not passed
   * on, for undici's and Node's hold sockets, request options and pieces of answers.
   */
  cause(error: unknown): Error {
    const { message, code, name }: NodeJS.ErrnoException =
      error instanceof Error ? error : new Error(String(error));
    // Node's error for a host with several addresses has no words of its own.
    const words = error instanceof AggregateError ? error.errors.map(each => each?.message).join(', ') : '';
    const copy = new Error(this.excerpt(message || words));
    copy.stack = `${name}: ${copy.message}`;
    return code === undefined ? copy : Object.assign(copy, { code });
  }
}

/** How secrets are found: some as they stand, the others with their characters written in any mix of ways. */
interface WrittenForms {
  readonly whole: readonly string[];
  readonly mixed: RegExp | undefined;
}

/** Compiling takes milliseconds, and a daemon that is down makes an error of each call. */
const compiled = new Map<string, WrittenForms>();
const MOST_COMPILED = 16;

function formsOf(secrets: readonly string[]): WrittenForms {
  const key = JSON.stringify(secrets);
  const forms = compiled.get(key) ?? compile(secrets);
  compiled.delete(key);
  compiled.set(key, forms);
  if (compiled.size > MOST_COMPILED) compiled.delete(compiled.keys().next().value as string);
  return forms;
}

function compile(secrets: readonly string[]): WrittenForms {
  let left = MOST_MIXED;
  const short = secrets.filter(({ length }) => {
    const isMixed = length <= Math.min(left, LONGEST_MIXED);
    if (isMixed) left -= length;
    return isMixed;
  });
  const long = secrets.filter(secret => !short.includes(secret));
  const patterns = short.flatMap(secret => [
    patternOf(secret, charPattern),
    ...base64Forms(secret).map(form => patternOf(form, base64Pattern)),
  ]);
  // The longest first: one secret may be the beginning of another.
  patterns.sort((a, b) => b.length - a.length);
  return {
    whole: long.flatMap(secret => [
      secret,
      encodeURIComponent(secret.toWellFormed()),
      ...base64Forms(secret),
    ]),
    mixed: patterns.length === 0 ? undefined : new RegExp(patterns.join('|'), 'gi'),
  };
}

const patternOf = (text: string, pattern: (char: string) => string) => Array.from(text, pattern).join('');

/** Escapes a text for use inside a regular expression. */
const escapeRegExp = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');

/** What of a text's base64 is the same whatever stands before and after it, for each alignment. */
function base64Forms(text: string): string[] {
  const bytes = Buffer.from(text);
  const forms = [0, 1, 2].map(offset => {
    const encoded = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64');
    const start = Math.ceil((offset * 8) / 6);
    const end = Math.floor(((offset + bytes.length) * 8) / 6);
    return encoded.slice(start, end);
  });
  return forms.filter(form => form.length >= SHORTEST_SEARCHED);
}

/** One character of base64: both alphabets, percent-encoded, and with slashes escaped as in JSON. */
function base64Pattern(char: string): string {
  const alternatives = char === '+' ? ['\\+', '-'] : char === '/' ? ['\\\\{0,4}\\/', '_'] : [char];
  return `(?:${[...alternatives, `%(?:25){0,3}${hex(char.charCodeAt(0), 2)}`].join('|')})`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': 'amp',
  '<': 'lt',
  '>': 'gt',
  '"': 'quot',
  "'": 'apos',
};
const CONTROL_LETTERS: Readonly<Record<string, string>> = {
  '\b': 'b',
  '\t': 't',
  '\n': 'n',
  '\f': 'f',
  '\r': 'r',
};

/**
 * One character of a secret in each of the ways in which it is written, for a text may mix them: as it stands, in
 * UTF-8 read as Latin-1, percent-encoded (once or more often), as in a form, escaped as in JSON or C, as in HTML. The
 * repetitions are bounded: hostile text must not make the search quadratic.
 */
function charPattern(char: string): string {
  const code = char.codePointAt(0) as number;
  const utf8 = Buffer.from(char);
  const alternatives = [
    ...(char === ' ' ? ['\\+'] : []),
    ...(/[^a-z\d]/i.test(char) && code < 0x80 ? [`\\\\{1,4}${escapeRegExp(char)}`] : []),
    ...(char in CONTROL_LETTERS ? [`\\\\{1,4}${CONTROL_LETTERS[char]}`] : []),
    ...(char in ENTITIES ? [`&(?:amp;){0,3}${ENTITIES[char]};`] : []),
    [...utf8].map(byte => `%(?:25){0,3}${hex(byte, 2)}`).join(''),
    Array.from({ length: char.length }, (_, i) => `\\\\{1,4}u${hex(char.charCodeAt(i), 4)}`).join(''),
    ...(code < 0x100 ? [`\\\\{1,4}x${hex(code, 2)}`, `%(?:25){0,3}${hex(code, 2)}`] : []),
    `&(?:amp;){0,3}#0{0,6}(?:${code}|x0{0,6}${code.toString(16)});`,
    // Last, for what is written may begin with the character itself.
    ...[char, utf8.toString('latin1')].map(escapeRegExp),
  ];
  return `(?:${[...new Set(alternatives)].join('|')})`;
}

const hex = (number: number, digits: number): string => number.toString(16).padStart(digits, '0');
