/**
 * qBittorrent's Web API: calls as the fields of a form, answers as JSON, text or bytes. Facts are from its source
 * (`src/webui`, `src/base/http`), `WebAPI_Changelog.md`, and versions 4.5.2, 5.1.0 and 5.3.0 as observed.
 */
import { checkText, isPlainObject, memberPlace, unsendable } from '../arguments.ts';
import { RPCError, ValueError } from '../errors.ts';
import { decodeUtf8, parseJson, stringifyJson } from '../json.ts';
import type { RpcValue } from '../values.ts';

/** Name and value of a form field, both checked text. */
export type FormField = readonly [name: string, value: string];

/**
 * A method as it stands in a path, such as `torrents/info`. Slashes around it and a leading `api/v2/` are passed over;
 * what may not stand in a path is percent-encoded, so that a method may be unknown, but is never a query.
 *
 * @throws ValueError for what would lead elsewhere (`../../logout`), for what is empty, and for what is no text.
 */
export function encodeMethod(method: string): string {
  if (typeof method !== 'string') throw unsendable(method, 'method');
  const name = checkText(method, 'method').replace(/^\/*(?:api\/v2\/+)?|\/+$/g, '');
  const steps = name.split('/');
  if (steps.some(step => ['', '.', '..'].includes(step))) throw new ValueError(`Invalid method: ${method}`);
  return steps.map(encodeURIComponent).join('/');
}

/**
 * The options of a call as form fields: booleans and numbers as text, arrays joined, a plain object as JSON text.
 *
 * @param method as {@link encodeMethod} gives it: what stands between the items of an array depends on it.
 * @throws ValueError naming the place of what cannot be sent, as in `options.hashes[1] is undefined`.
 */
export function toFields(method: string, options: unknown = {}): FormField[] {
  if (!isPlainObject(options)) throw unsendable(options, 'options');
  return Object.entries(options).map(([name, value]) => {
    const place = memberPlace('options', name);
    return [checkText(name, place), toText(value, place, separatorOf(method, name))];
  });
}

function toText(value: unknown, place: string, separator: string): string {
  if (isPlainObject(value)) return stringifyJson(value, place);
  if (!Array.isArray(value)) return scalarText(value, place);
  // A list of objects, such as the cookies of app/setCookies, is JSON; nothing else could be meant.
  if (value.length > 0 && value.every(isPlainObject)) return stringifyJson(value, place);
  return Array.from(value, (item, index) => scalarText(item, `${place}[${index}]`)).join(separator);
}

function scalarText(value: unknown, place: string): string {
  if (typeof value === 'string') return checkText(value, place);
  if (typeof value === 'boolean' || typeof value === 'bigint' || Number.isFinite(value)) return String(value);
  throw unsendable(value, place);
}

/** Methods whose `urls` are joined otherwise than those of torrents/add and torrents/addTrackers. */
const URLS_WITH_BARS = /^torrents\/(addWebSeeds|removeWebSeeds|removeTrackers|reannounce)$/;

/** What stands between the items of a list (`split` in torrentscontroller.cpp, the same from 4.1 to 5.3). */
function separatorOf(method: string, name: string): string {
  switch (name) {
    case 'urls':
      return URLS_WITH_BARS.test(method) ? '|' : '\n';
    case 'categories':
      return '\n';
    case 'tags':
    case 'filePriorities':
      return ',';
    default:
      return '|';
  }
}

/** Form fields as the body of `application/x-www-form-urlencoded`. */
export function encodeForm(fields: readonly FormField[]): string {
  return fields.map(field => field.map(encodeURIComponent).join('=')).join('&');
}

/**
 * What the body of a success says.
 *
 * @param contentType of the header; empty where there is none, as with an empty answer of 5.3.
 * @throws SyntaxError where it is called JSON and is none, RPCError where it has too many values.
 */
export function decodeAnswer(contentType: string, body: Uint8Array): RpcValue {
  if (body.length === 0) return '';
  const type = contentType.toLowerCase();
  if (/\bjson\b/.test(type)) return parseJson(body);
  // torrents/export says text/plain in 4.5.2 and application/x-bittorrent later.
  if ((type && !/^(text\/|application\/(xml|javascript))/.test(type)) || isTorrent(body))
    return new Uint8Array(body);
  return looksLikeJson(body) ? parseOrText(body) : decodeUtf8(body);
}

/** A bencoded dictionary with the one key that every torrent has. */
function isTorrent(body: Uint8Array): boolean {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.length);
  return /^d\d+:/.test(bytes.toString('latin1', 0, 16)) && bytes.at(-1) === 0x65 && bytes.includes('4:infod');
}

function looksLikeJson(body: Uint8Array): boolean {
  const first = body.find(byte => ![0x20, 0x09, 0x0a, 0x0d].includes(byte));
  return first === 0x7b || first === 0x5b;
}

/** A path can begin with a bracket. */
function parseOrText(body: Uint8Array): RpcValue {
  try {
    return parseJson(body);
  } catch (error) {
    if (error instanceof RPCError) throw error;
    return decodeUtf8(body);
  }
}

/** Whether a text is a page for browsers. The Web API answers with none: another server does. */
export function isWebPage(text: string): boolean {
  return /^\s*<[!?a-z]/i.test(text);
}
