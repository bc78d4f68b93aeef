/**
 * The text of XML as XML-RPC needs it: tags, characters between them, and nothing that a document could define itself.
 *
 * It is no XML parser, on purpose. rTorrent sends what is no XML: control characters stand bare in the names of
 * torrents (observed on 0.9.8 and 0.16.17). And it knows nothing of document types: one is refused, so that no entity
 * is ever defined, let alone resolved.
 */

/** Between `<` and `>`: a name, a slash before or behind it, and attributes, which mean nothing here. */
const TAG = /^(\/?[A-Za-z_][\w.:-]*)(?:\s[^<]*?)?(\/?)$/;

const SPACE = 0x20;
const BANG = 0x21;
const SLASH = 0x2f;
const LESS_THAN = 0x3c;
const QUESTION = 0x3f;

/** Goes through a text once, from the first character to the last. */
export class XmlText {
  protected readonly text: string;
  /** Up to where it has been read. */
  protected at: number;
  /** Where the next `&` is, so that not each string is searched for one. */
  #nextEntity = -1;

  constructor(text: string) {
    this.text = text;
    this.at = text.startsWith('\uFEFF') ? 1 : 0;
  }

  /** The next tag, past comments and the like: `/name` where it ends an element, `name/` where it is an empty one. */
  tag(): string {
    this.skip();
    const end = this.text.indexOf('>', this.at);
    const isTag = end !== -1 && this.text.charCodeAt(this.at) === LESS_THAN;
    const match = isTag && TAG.exec(this.text.slice(this.at + 1, end));
    if (!match) throw this.unexpected();
    this.at = end + 1;
    return `${match[1]}${match[2]}`;
  }

  /** Reads a tag that must be there. */
  expect(tag: string): void {
    if (this.tag() !== tag) throw this.unexpected();
  }

  /** Whether this tag is next, which is then read. */
  isNext(tag: string): boolean {
    this.skip();
    const { at } = this;
    if (this.tag() === tag) return true;
    this.at = at;
    return false;
  }

  /** Whether an end tag is next, past comments and the like. */
  protected isAtEnd(): boolean {
    this.skip();
    return this.text.charCodeAt(this.at + 1) === SLASH;
  }

  /** The text up to an end tag, which is read too. */
  content(name: string): string {
    const text = this.markup();
    this.expect(`/${name}`);
    return text;
  }

  /** Sees that nothing follows. */
  end(): void {
    this.skip();
    if (this.at < this.text.length) throw this.unexpected();
  }

  /** The error for what should not be here. */
  unexpected(): SyntaxError {
    return new SyntaxError(`No XML-RPC at character ${this.at}`);
  }

  /** Passes over white space and what `markup` passes over. */
  protected skip(): void {
    const { text } = this;
    while (text.charCodeAt(this.at) <= SPACE) this.at += 1;
    const second = text.charCodeAt(this.at + 1);
    if ((second === BANG || second === QUESTION) && this.markup().trim() !== '') throw this.unexpected();
  }

  /** Text up to the next tag, or the end: characters and CDATA; comments and processing instructions are passed over. */
  protected markup(): string {
    let text = '';
    for (;;) {
      const next = this.text.indexOf('<', this.at);
      const end = next === -1 ? this.text.length : next;
      if (end > this.at) text += this.characters(this.at, end);
      this.at = end;
      if (this.text.startsWith('<![CDATA[', end)) text += this.#section('<![CDATA[', ']]>');
      else if (this.text.startsWith('<!--', end)) this.#section('<!--', '-->');
      else if (this.text.startsWith('<?', end)) this.#section('<?', '?>');
      else return text;
    }
  }

  /** What is between two marks, which are read too. */
  #section(begin: string, finish: string): string {
    const start = this.at + begin.length;
    const end = this.text.indexOf(finish, start);
    if (end === -1) throw this.unexpected();
    this.at = end + finish.length;
    return copyOf(this.text.slice(start, end));
  }

  /** A piece of text, its entities resolved. */
  protected characters(start: number, end: number): string {
    if (this.#nextEntity < start) {
      const next = this.text.indexOf('&', start);
      this.#nextEntity = next === -1 ? this.text.length : next;
    }
    const text = this.text.slice(start, end);
    return this.#nextEntity < end ? resolveEntities(text) : copyOf(text);
  }
}

/** Pieces of this length V8 cuts from a string without copying: each keeps the whole of it in memory. */
const SHORTEST_SLICE = 13;

/** A string of its own, so that who keeps the name of a torrent does not keep megabytes with it. */
function copyOf(text: string): string {
  return text.length < SHORTEST_SLICE ? text : ` ${text}`.slice(1);
}

const NAMED: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

/** The five entities of XML, and numbers; the `&` of anything else is itself. */
function resolveEntities(text: string): string {
  return text.replace(
    /&(?:(lt|gt|amp|quot|apos)|#(\d{1,8})|#x([\dA-Fa-f]{1,8}));/g,
    (_, name: string | undefined, decimal: string | undefined, hexadecimal: string) =>
      name ? (NAMED[name] as string) : characterOf(decimal ? Number(decimal) : Number(`0x${hexadecimal}`)),
  );
}

function characterOf(code: number): string {
  const isCharacter = code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
  return isCharacter ? String.fromCodePoint(code) : '\uFFFD';
}
