/** Transmission's own RPC envelope, `{ method, arguments, tag }` (rpc-spec.md of Transmission 3.00 to 4.1). */

import { isPlainObject } from '../arguments.ts';
import { RPCError, ValueError } from '../errors.ts';
import { parseJson, stringifyJson } from '../json.ts';

/** What the daemon answers. */
export interface TransmissionResponse {
  /** `success`; anything else becomes an error. */
  result: string;
  /** The method's results. */
  arguments?: Record<string, unknown>;
  /** The request's tag. */
  tag?: number;
  [key: string]: unknown;
}

/**
 * A request as its body.
 *
 * @throws ValueError naming the place of what JSON cannot hold, or for a tag that is no number.
 */
export function encodeRequest(method: string, args?: unknown, tag?: unknown): string {
  const members = [`"method":${toJson(method, 'method')}`];
  if (args !== undefined) members.push(`"arguments":${toJson(args, 'args')}`);
  if (tag !== undefined) members.push(`"tag":${toTag(tag)}`);
  return `{${members.join()}}`;
}

function toJson(value: unknown, place: string): string {
  try {
    return stringifyJson(value, place);
  } catch (error) {
    throw error instanceof ValueError
      ? new ValueError(`Failed to serialize to JSON: ${error.message}`)
      : error;
  }
}

/** Transmission drops a tag that is no integer from its answer without a word (observed on 3.00 to 4.1.4). */
function toTag(tag: unknown): string {
  if (Number.isInteger(tag) || typeof tag === 'bigint') return String(tag);
  if (typeof tag === 'string' && /^\s*[+-]?\d+\s*$/.test(tag))
    return String(BigInt(tag.trim().replace('+', '')));
  throw new ValueError(`Tag must be a number: ${typeof tag === 'string' ? tag : String(tag)}`);
}

/**
 * The answer in a body; undefined where the body is no answer of Transmission's.
 *
 * @throws RPCError with the daemon's words, capitalised, where it is not `success`; `info` is all else it said.
 */
export function decodeResponse(text: string): TransmissionResponse | undefined {
  let response: unknown;
  try {
    response = parseJson(text);
  } catch {
    return undefined;
  }
  if (!isPlainObject(response) || typeof response.result !== 'string') return undefined;
  const { result, ...info } = response;
  if (result !== 'success') throw new RPCError(capitalise(result), info);
  return response as TransmissionResponse;
}

function capitalise(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
