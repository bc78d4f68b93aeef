/** Reads XML-RPC: quickly what xmlrpc-c writes to the letter, and more slowly all else that means the same. */
import { isPlainObject } from '../arguments.ts';
import type { RpcValue } from '../values.ts';
import { DEEPEST, type XmlRpcFault } from './xmlrpc.ts';
import { XmlText } from './xmlText.ts';

/** What is in a `methodResponse`. */
export type XmlRpcAnswer = { readonly value: RpcValue } | { readonly fault: XmlRpcFault };

/** What is in a `methodCall`. */
export interface XmlRpcCall {
  readonly method: string;
  readonly params: RpcValue[];
}

/**
 * Reads an answer.
 *
 * @throws SyntaxError where the text is none, such as one cut short.
 */
export function decodeResponse(text: string): XmlRpcAnswer {
  const reader = new Reader(text);
  reader.expect('methodResponse');
  const hasFault = reader.isNext('fault');
  for (const tag of hasFault ? [] : ['params', 'param']) reader.expect(tag);
  const value = reader.value();
  for (const tag of hasFault ? ['/fault'] : ['/param', '/params']) reader.expect(tag);
  reader.expect('/methodResponse');
  reader.end();
  if (!hasFault) return { value };
  if (!isFault(value)) throw reader.unexpected();
  return { fault: value };
}

/**
 * Reads a call.
 *
 * @throws SyntaxError where the text is none, such as one cut short.
 */
export function decodeCall(text: string): XmlRpcCall {
  const reader = new Reader(text);
  reader.expect('methodCall');
  reader.expect('methodName');
  const method = reader.content('methodName');
  const params: RpcValue[] = [];
  if (!reader.isNext('params/') && reader.isNext('params')) {
    while (!reader.isNext('/params')) {
      reader.expect('param');
      params.push(reader.value());
      reader.expect('/param');
    }
  }
  reader.expect('/methodCall');
  reader.end();
  return { method, params };
}

/**
 * What a multicall's value says of each call: an array around its value, or the struct of a fault.
 *
 * @throws SyntaxError where it is no answer to so many calls.
 */
export function readResults(value: RpcValue, count: number): XmlRpcAnswer[] {
  if (!Array.isArray(value) || value.length !== count) throw new SyntaxError(`No answer to ${count} calls`);
  return value.map(result => {
    if (isFault(result)) return { fault: result };
    if (!Array.isArray(result) || result.length !== 1) throw new SyntaxError('No result of a multicall');
    return { value: result[0] as RpcValue };
  });
}

function isFault(value: RpcValue): value is RpcValue & XmlRpcFault {
  return isPlainObject(value) && typeof value.faultCode === 'number' && typeof value.faultString === 'string';
}

// What xmlrpc-c writes, to the letter.
const STRING = '<value><string>';
const STRING_END = '</string></value>';
const I8 = '<value><i8>';
const I8_END = '</i8></value>';
const ARRAY = '<value><array><data>';
const ARRAY_END = '</data></array></value>';
const TYPE_AT = '<value><'.length;

/** Digits that a number holds whatever they are: 2^53 has 16. */
const SAFE_DIGITS = 15;

class Reader extends XmlText {
  /** A value, its own tags included. */
  value(depth = 0): RpcValue {
    const { at } = this;
    // The letter is only where to look closer: of all that values spend their time with, it saves the most.
    switch (this.text[at + TYPE_AT]) {
      case 's':
        return this.#plainString(at) ?? this.#anyValue(depth);
      case 'i':
        return this.#plainInteger(at) ?? this.#anyValue(depth);
      default:
        return this.#plainArray(at, depth) ?? this.#anyValue(depth);
    }
  }

  #plainString(at: number): string | undefined {
    if (!this.text.startsWith(STRING, at)) return undefined;
    const start = at + STRING.length;
    const end = this.text.indexOf('<', start);
    if (!this.text.startsWith(STRING_END, end)) return undefined;
    this.at = end + STRING_END.length;
    return this.characters(start, end);
  }

  #plainInteger(at: number): number | undefined {
    if (!this.text.startsWith(I8, at)) return undefined;
    const start = at + I8.length;
    let end = start;
    let value = 0;
    for (let digit = this.#digit(end); digit >= 0 && digit <= 9; digit = this.#digit(++end)) {
      value = value * 10 + digit;
    }
    const isSafe = end > start && end <= start + SAFE_DIGITS;
    if (!isSafe || !this.text.startsWith(I8_END, end)) return undefined;
    this.at = end + I8_END.length;
    return value;
  }

  #digit(at: number): number {
    return this.text.charCodeAt(at) - 0x30;
  }

  #plainArray(at: number, depth: number): RpcValue[] | undefined {
    if (!this.text.startsWith(ARRAY, at) || depth >= DEEPEST) return undefined;
    this.at = at + ARRAY.length;
    const values = this.#values(depth);
    if (this.text.startsWith(ARRAY_END, this.at)) this.at += ARRAY_END.length;
    else for (const tag of ['/data', '/array', '/value']) this.expect(tag);
    return values;
  }

  /** The values of an array, up to the end of its data. */
  #values(depth: number): RpcValue[] {
    const values: RpcValue[] = [];
    while (!this.isAtEnd()) values.push(this.value(depth + 1));
    return values;
  }

  #anyValue(depth: number): RpcValue {
    const open = this.tag();
    if (open === 'value/') return '';
    if (open !== 'value') throw this.unexpected();
    const text = this.markup();
    const type = this.tag();
    // Without a type it is a string, blanks and all.
    if (type === '/value') return text;
    if (text.trim() !== '') throw this.unexpected();
    const value = this.#typed(type, depth);
    this.expect('/value');
    return value;
  }

  #typed(type: string, depth: number): RpcValue {
    switch (type) {
      case 'array':
      case 'struct':
        if (depth >= DEEPEST) throw this.unexpected();
        return type === 'array' ? this.#array(depth) : this.#struct(depth);
      case 'struct/':
        return {};
      default:
        return type.endsWith('/')
          ? this.#scalar(type.slice(0, -1), '')
          : this.#scalar(type, this.content(type));
    }
  }

  #array(depth: number): RpcValue[] {
    let values: RpcValue[] = [];
    if (!this.isNext('data/')) {
      this.expect('data');
      values = this.#values(depth);
      this.expect('/data');
    }
    this.expect('/array');
    return values;
  }

  #struct(depth: number): { [name: string]: RpcValue } {
    const members: [string, RpcValue][] = [];
    while (!this.isNext('/struct')) {
      this.expect('member');
      this.expect('name');
      members.push([this.content('name'), this.value(depth + 1)]);
      this.expect('/member');
    }
    // To which `__proto__` is a name like any other.
    return Object.fromEntries(members);
  }

  /** A type that nobody has heard of is a text, as dateTime.iso8601 is. */
  #scalar(type: string, text: string): RpcValue {
    switch (type) {
      case 'i4':
      case 'int':
      case 'i8':
        return this.#integer(text.trim());
      case 'boolean':
        return this.#checked(/^[01]$/, text.trim()) === '1';
      case 'double':
        return Number(this.#checked(/^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/, text.trim()));
      case 'base64':
        return toBytes(this.#checked(/^[A-Za-z0-9+/]*={0,2}$/, text.replaceAll(/\s/g, '')));
      case 'nil':
        return null;
      default:
        return text;
    }
  }

  #integer(text: string): number | bigint {
    const exact = BigInt(this.#checked(/^[+-]?\d{1,19}$/, text));
    const value = Number(exact);
    return Number.isSafeInteger(value) ? value : exact;
  }

  #checked(pattern: RegExp, text: string): string {
    if (!pattern.test(text)) throw this.unexpected();
    return text;
  }
}

/** Bytes of their own, not a piece of Node's pool. */
const toBytes = (base64: string) => new Uint8Array(Buffer.from(base64, 'base64'));
