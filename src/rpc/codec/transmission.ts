/**
 * Transmission's two envelopes: its own, `{ method, arguments, tag }` with names like `torrent-get`, which every version
 * reads, and JSON-RPC 2.0 with names like `torrent_get` (rpc-spec.md of 4.1; spoken by 4.1.4, not yet by 4.1.0-beta.2).
 */
import { checkText, isPlainObject, memberPlace, unsendable } from '../arguments.ts';
import { RPCError, ValueError } from '../errors.ts';
import { parseJson, stringifyJson } from '../json.ts';
import type { RpcValue } from '../values.ts';

/** What the daemon answers in its own dialect. */
export interface TransmissionResponse {
  /** `success`; anything else becomes an error. */
  result: string;
  /** The method's results. */
  arguments?: Record<string, unknown>;
  /** The request's tag. */
  tag?: number | bigint;
  [key: string]: unknown;
}

/** What the daemon answers in JSON-RPC; errors become an error. */
export interface TransmissionJsonRpcResponse {
  jsonrpc: '2.0';
  /** The request's tag; 0 where it had none. */
  id: number | bigint;
  /** The method's results. */
  result: Record<string, unknown>;
  [key: string]: unknown;
}

/**
 * A request as its body, in the dialect that the method's name belongs to: with `_` and without `-` it is JSON-RPC.
 *
 * @throws ValueError naming the place of what cannot be sent, or for a tag that is no number.
 */
export function encodeRequest(method: string, args?: unknown, tag?: unknown): string {
  if (typeof method !== 'string') throw unsendable(method, 'method');
  const name = JSON.stringify(checkText(method, 'method'));
  const members = args === undefined ? undefined : encodeArguments(method, args);
  const id = tag === undefined ? undefined : encodeTag(tag);
  // Without an id it would be a notification, which is not answered.
  return method.includes('_') && !method.includes('-')
    ? `{"jsonrpc":"2.0","method":${name}${member('params', members)},"id":${id ?? 0}}`
    : `{"method":${name}${member('arguments', members)}${member('tag', id)}}`;
}

const member = (key: string, json: string | undefined): string =>
  json === undefined ? '' : `,"${key}":${json}`;

function encodeArguments(method: string, args: unknown): string {
  // A list would be passed over, and torrent-remove without ids removes every torrent (observed on 3.00 to 4.1.4).
  if (!isPlainObject(args)) throw unsendable(args, 'args');
  const json = serialize(args);
  checkIntegers(args, 'args');
  if (/^torrent[-_]remove$/.test(method)) checkUnique(args.ids);
  return json;
}

function serialize(args: unknown): string {
  try {
    return stringifyJson(args, 'args');
  } catch (error) {
    throw error instanceof ValueError
      ? new ValueError(`Failed to serialize to JSON: ${error.message}`)
      : error;
  }
}

/** Transmission's integers have 64 bits; others would become other numbers (observed: 2^64 - 1 becomes -1). */
function checkIntegers(value: unknown, place: string): void {
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) checkIntegers(item, `${place}[${index}]`);
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value)) checkIntegers(item, memberPlace(place, key));
  } else if (!isInt64(value)) throw new ValueError(`${place} is outside of 64 bits: ${value}`);
}

/** False for integers that are written as digits and have more than 64 bits. */
function isInt64(value: unknown): boolean {
  if (typeof value === 'number') return Math.abs(value) < 2 ** 63 || /\D/.test(String(Math.abs(value)));
  return typeof value !== 'bigint' || BigInt.asIntN(64, value) === value;
}

/** The same torrent twice ends the daemon (4.1.0-beta.2, 4.1.4) or ruins its memory (3.00; observed). */
function checkUnique(ids: unknown): void {
  if (!Array.isArray(ids)) return;
  const places = new Map<unknown, number>();
  for (const [index, id] of ids.entries()) {
    const torrent = typeof id === 'string' ? id.toLowerCase() : Number(id);
    const first = places.get(torrent);
    if (first !== undefined) {
      throw new ValueError(`args.ids[${index}] repeats args.ids[${first}], which crashes Transmission`);
    }
    places.set(torrent, index);
  }
}

/** Transmission drops a tag that is no integer from its answer without a word (observed on 3.00 to 4.1.4). */
function encodeTag(tag: unknown): string {
  const isInteger = typeof tag === 'bigint' || Number.isInteger(tag);
  const isDigits = typeof tag === 'string' && /^\s*[+-]?\d+\s*$/.test(tag);
  if (!isInteger && !isDigits) throw new ValueError(`Tag must be a number: ${String(tag)}`);
  const integer = BigInt(isDigits ? tag.trim().replace('+', '') : (tag as number | bigint));
  if (!isInt64(integer)) throw new ValueError(`Tag is outside of 64 bits: ${integer}`);
  return String(integer);
}

/**
 * The answer in a body, whatever the dialect; undefined where the body is no answer of Transmission's. An older daemon
 * answers JSON-RPC in its own dialect, a newer one its own dialect in JSON-RPC where it cannot read the request.
 *
 * @throws RPCError with the daemon's words, capitalised, where it is no success; `info` is all else it said. Or where
 *   there are too many values.
 */
export function decodeResponse(
  body: Uint8Array | string,
): TransmissionResponse | TransmissionJsonRpcResponse | undefined {
  let response: RpcValue;
  try {
    response = parseJson(body);
  } catch (error) {
    if (error instanceof RPCError) throw error;
    return undefined;
  }
  if (!isPlainObject(response)) return undefined;
  if (response.jsonrpc !== undefined) return decodeJsonRpc(response);
  const { result, ...info } = response;
  if (typeof result !== 'string') return undefined;
  if (result !== 'success') throw new RPCError(capitalise(result), info);
  return response as TransmissionResponse;
}

function decodeJsonRpc(response: Record<string, unknown>): TransmissionJsonRpcResponse | undefined {
  const { error, ...envelope } = response;
  if (error === undefined) {
    return response.result === undefined ? undefined : (response as unknown as TransmissionJsonRpcResponse);
  }
  if (!isPlainObject(error) || typeof error.message !== 'string') return undefined;
  const { message, ...info } = error;
  throw new RPCError(`${capitalise(message)}${detailOf(error.data)}`, { ...envelope, ...info });
}

/** What an error is about, such as `no fields specified`; the message is only its kind, such as `Invalid params`. */
function detailOf(data: unknown): string {
  const detail = isPlainObject(data) ? data.error_string : undefined;
  return typeof detail === 'string' && detail !== '' ? `: ${detail}` : '';
}

function capitalise(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
