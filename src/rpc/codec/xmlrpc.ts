/** XML-RPC as rTorrent speaks it: what its values are, and how they are written. */
import { isUint8Array } from 'node:util/types';
import { checkText, cyclic, isPlainObject, memberPlace, unsendable } from '../arguments.ts';
import { ValueError } from '../errors.ts';

/** The answer that is none: a number and words. */
export interface XmlRpcFault {
  readonly faultCode: number;
  readonly faultString: string;
}

/** Arrays and structs within each other. xmlrpc-c takes 62 (observed); without a bound the stack would be one. */
export const DEEPEST = 128;

const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>';
/**
 * At the end of a call. With it, a web server sees that SCGI is no HTTP, and says so; without, it waits for the end of
 * the head that it takes all this for (observed on Transmission 3.00 and qBittorrent 4.5.2).
 */
const BLANK_LINE = '\r\n\r\n';

/**
 * A call.
 *
 * Strings go as `<string>`, integers as `<i4>` or where they need it `<i8>`, `bigint` always as `<i8>`, fractions as
 * `<double>`, `Uint8Array` as `<base64>` without line breaks, and `methodName` is the first member of a struct: builds
 * of rTorrent with tinyxml2 insist on all of this (its `src/rpc/xmlrpc_tinyxml2.cc`).
 *
 * @throws ValueError naming the place of what cannot be sent, as in `params[0] is NaN`. Integers outside of int64 are
 *   among it: rTorrent 0.9.8 and 0.16.17 abort on them.
 */
export function encodeCall(method: string, params: readonly unknown[]): string {
  return methodCall(method, array(params, 'params', []).map(param));
}

/**
 * A `system.multicall`.
 *
 * @param calls method and parameters of each.
 * @throws ValueError naming the place of what cannot be sent, as in `calls[1][2] is undefined`.
 */
export function encodeMulticall(calls: readonly (readonly [method: string, ...params: unknown[]])[]): string {
  if (!Array.isArray(calls)) throw unsendable(calls, 'calls');
  const structs = Array.from(calls, (call, index) => {
    const place = `calls[${index}]`;
    if (!Array.isArray(call)) throw unsendable(call, place);
    if (typeof call[0] !== 'string') throw unsendable(call[0], `${place}[0]`);
    const [method, ...params] = array(call, place, []);
    return struct([member('methodName', method as string), member('params', data(params))]);
  });
  return methodCall('system.multicall', [param(data(structs))]);
}

/** An answer. @throws ValueError naming the place of what cannot be sent, as in `value.a is NaN`. */
export function encodeResponse(value: unknown): string {
  return methodResponse(`<params>${param(encodeValue(value, 'value', []))}</params>`);
}

/** A fault. */
export function encodeFault({ faultCode, faultString }: XmlRpcFault): string {
  return methodResponse(`<fault>${encodeValue({ faultCode, faultString }, 'fault', [])}</fault>`);
}

function methodCall(method: unknown, params: readonly string[]): string {
  if (typeof method !== 'string') throw unsendable(method, 'method');
  const name = `<methodName>${encodeText(method, 'method')}</methodName>`;
  return `${DECLARATION}\r\n<methodCall>${name}<params>${params.join('')}</params></methodCall>${BLANK_LINE}`;
}

const methodResponse = (content: string) => `${DECLARATION}<methodResponse>${content}</methodResponse>`;
const param = (value: string) => `<param>${value}</param>`;
const typed = (type: string, text: string) => `<value><${type}>${text}</${type}></value>`;
const data = (values: readonly string[]) => typed('array', `<data>${values.join('')}</data>`);
const struct = (members: readonly string[]) => typed('struct', members.join(''));
const member = (name: string, value: string) => `<member><name>${name}</name>${value}</member>`;

function encodeValue(value: unknown, place: string, parents: readonly object[]): string {
  switch (typeof value) {
    case 'string':
      return typed('string', encodeText(value, place));
    case 'boolean':
      return typed('boolean', value ? '1' : '0');
    case 'bigint':
      return typed('i8', encodeInteger(value, place));
    case 'number':
      return encodeNumber(value, place);
    case 'object':
      if (value === null) throw unsendable(value, place);
      return encodeObject(value, place, parents);
    default:
      throw unsendable(value, place);
  }
}

function encodeObject(value: object, place: string, parents: readonly object[]): string {
  if (isUint8Array(value)) return typed('base64', toBase64(value));
  if (parents.includes(value)) throw cyclic(place);
  if (parents.length >= DEEPEST) throw new ValueError(`${place} is nested too deeply`);
  if (Array.isArray(value)) return data(array(value, place, [...parents, value]));
  if (!isPlainObject(value)) throw unsendable(value, place);
  const members = Object.keys(value).map(name => {
    const at = memberPlace(place, name);
    return member(encodeText(name, at), encodeValue(value[name], at, [...parents, value]));
  });
  const first = Object.keys(value).indexOf('methodName');
  return struct(first > 0 ? [...members.splice(first, 1), ...members] : members);
}

const array = (values: readonly unknown[], place: string, parents: readonly object[]) =>
  Array.from(values, (value, index) => encodeValue(value, `${place}[${index}]`, parents));

const toBase64 = ({ buffer, byteOffset, byteLength }: Uint8Array) =>
  Buffer.from(buffer, byteOffset, byteLength).toString('base64');

function encodeNumber(value: number, place: string): string {
  if (!Number.isFinite(value)) throw unsendable(value, place);
  if (!Number.isInteger(value)) return typed('double', toDecimal(value));
  return value === (value | 0)
    ? typed('i4', String(value | 0))
    : typed('i8', encodeInteger(BigInt(value), place));
}

function encodeInteger(value: bigint, place: string): string {
  if (BigInt.asIntN(64, value) !== value) throw new ValueError(`${place} is ${value}, beyond 64 bits`);
  return String(value);
}

/** A fraction in digits alone: the specification has no exponents. */
function toDecimal(value: number): string {
  const [digits = '', exponent] = String(Math.abs(value)).split('e-');
  const text = exponent ? `0.${'0'.repeat(Number(exponent) - 1)}${digits.replace('.', '')}` : digits;
  return value < 0 ? `-${text}` : text;
}

/** What XML 1.0 has no way to write, escaped or not (its production 2, `Char`). */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const NO_XML = /[\x00-\x08\x0B\x0C\x0E-\x1F\uFFFE\uFFFF]/;
const ESCAPED = /[&<>\r]/;
const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '\r': '&#13;' };

/**
 * A text between tags. What XML cannot carry goes as bytes instead: rTorrent takes `<base64>` wherever it takes a
 * string, and refuses a call with a control character in it as no XML (observed on 0.9.8). It also refuses characters
 * beyond U+FFFF in a string, and turns a carriage return into a line feed.
 */
function encodeText(text: string, place: string): string {
  const [bad] = NO_XML.exec(checkText(text, place)) ?? [];
  if (bad !== undefined)
    throw new ValueError(`${place} has a character that XML cannot carry: ${codeOf(bad)}`);
  return ESCAPED.test(text) ? text.replace(/[&<>\r]/g, char => ESCAPES[char] as string) : text;
}

const codeOf = (char: string) =>
  `U+${(char.codePointAt(0) as number).toString(16).toUpperCase().padStart(4, '0')}`;
