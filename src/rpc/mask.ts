/** Keeps secrets out of what the core says: the one place where text from outside is searched for them. */

/** What stands in a text where a secret stood. */
const MASK = '***';
/** Shorter secrets would match everywhere by chance; text that may hold one is left out instead. */
const SHORTEST_SEARCHED = 4;
/** Characters of a secret as it is written, beyond which it may show its beginning at the end of an excerpt. */
const LONGEST_SECRET = 4096;
/** Deeper values are cut: nobody reads them, and a recursion bomb must not end the process. */
const DEEPEST = 64;

/** Replaces the secrets it was made with, as they stand and as web servers echo them. */
export class Masker {
  readonly #pattern: RegExp | undefined;
  readonly #leavesOut: boolean;

  /** @param secrets passwords, cookies, session ids; empty and undefined ones are passed over. */
  constructor(secrets: Iterable<string | undefined>) {
    const present = [...secrets].filter(secret => secret !== undefined && secret !== '') as string[];
    this.#leavesOut = present.some(secret => secret.length < SHORTEST_SEARCHED);
    const forms = [...new Set(present.filter(s => s.length >= SHORTEST_SEARCHED).flatMap(writtenForms))];
    forms.sort((a, b) => b.length - a.length);
    this.#pattern = forms.length === 0 ? undefined : new RegExp(forms.map(escapeRegExp).join('|'), 'gi');
  }

  /** `text` with each secret replaced. */
  text(text: string): string {
    return this.#pattern ? text.replace(this.#pattern, MASK) : text;
  }

  /** The beginning of a foreign text; empty where a secret is too short to be searched for. */
  excerpt(text: string, length = Number.POSITIVE_INFINITY): string {
    if (this.#leavesOut) return '';
    // A secret that the cut would leave the beginning of is searched for whole.
    return this.text(text.slice(0, length + LONGEST_SECRET)).slice(0, length);
  }

  /** A copy of a decoded value with the secrets replaced in each of its strings and keys. */
  value(value: unknown, depth = 0): unknown {
    if (typeof value === 'string') return this.excerpt(value);
    if (typeof value !== 'object' || value === null) return value;
    if (depth >= DEEPEST) return '…';
    if (Array.isArray(value)) return value.map(item => this.value(item, depth + 1));
    if (ArrayBuffer.isView(value)) return `${value.byteLength} bytes`;
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [this.text(key), this.value(item, depth + 1)]),
    );
  }

  /**
   * An underlying error as the `cause` of one of ours: its message and code, masked. The error itself is not passed
   * on, for undici's and Node's hold sockets, request options and pieces of answers.
   */
  cause(error: unknown): Error {
    const { message, code, name }: NodeJS.ErrnoException =
      error instanceof Error ? error : new Error(String(error));
    const copy = new Error(this.excerpt(message));
    copy.stack = `${name}: ${copy.message}`;
    return code === undefined ? copy : Object.assign(copy, { code });
  }
}

/** Escapes a text for use inside a regular expression. */
const escapeRegExp = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');

/** A secret as it stands, percent-encoded (both ways), escaped as in JSON, and in base64 at each of its three alignments. */
function writtenForms(secret: string): string[] {
  const wellFormed = secret.toWellFormed();
  const percent = encodeURIComponent(wellFormed);
  const form = new URLSearchParams({ s: wellFormed }).toString().slice(2);
  const json = JSON.stringify(secret).slice(1, -1);
  return [secret, percent, form, json, ...base64Forms(wellFormed)].filter(
    text => text.length >= SHORTEST_SEARCHED,
  );
}

/** What of a text's base64 is the same whatever stands before and after it, for each alignment. */
function base64Forms(text: string): string[] {
  const bytes = Buffer.from(text);
  return [0, 1, 2].flatMap(offset => {
    const encoded = Buffer.concat([Buffer.alloc(offset), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    const start = Math.ceil((offset * 8) / 6);
    const end = Math.floor(((offset + bytes.length) * 8) / 6);
    const core = encoded.slice(start, end);
    return [core, core.replaceAll('+', '-').replaceAll('/', '_')];
  });
}
