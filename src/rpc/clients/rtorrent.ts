/** rTorrent: XML-RPC over SCGI, or over HTTP where a web server passes it on. */
import { inspect } from 'node:util';
import { isPlainObject, unsendable } from '../arguments.ts';
import { type CallOptions, loggedIn, RPCBase, type SessionContext } from '../base.ts';
import { encodeCall, encodeMulticall } from '../codec/xmlrpc.ts';
import { RPCError, ValueError } from '../errors.ts';
import { isAbortSignal } from '../task.ts';
import { RtorrentURL } from '../url.ts';
import type { RpcValue } from '../values.ts';
import { RtorrentSession } from './rtorrentSession.ts';

/** One call of a {@link RtorrentRPC.multicall}. */
export type RtorrentCall = readonly [method: string, ...params: unknown[]];

/** What `multicall()` takes besides the calls. */
export interface MulticallOptions extends CallOptions {
  /** `false`: a call that fails has its RPCError in the place of its value, instead of failing them all. */
  raiseErrors?: boolean | undefined;
  /** The values by method, instead of in order. */
  asObject?: boolean | undefined;
}

/** RPC with an rTorrent. */
export class RtorrentRPC extends RPCBase<RtorrentSession> {
  static override readonly clientName = 'rtorrent';
  static override readonly label = 'rTorrent';
  static override readonly URL = RtorrentURL;

  /**
   * Calls a method.
   *
   * @param params what it takes: strings, numbers, bigint (always 64 bits wide), booleans, bytes, arrays and plain
   *   objects. The target comes first: `''` where a method has none, an info-hash, `HASH:f0` for a file. A last one of
   *   `{ signal }`, an `AbortSignal`, is none of the method's. Text that XML cannot carry is to be given as bytes.
   * @returns integers beyond ±2^53 as bigint, base64 as bytes.
   * @throws ValueError before anything is sent, RPCError with the daemon's own words (`info` is
   *   `{ faultCode, faultString }`), and what `connect()` throws.
   */
  async call<R = RpcValue>(method: string, ...params: unknown[]): Promise<R> {
    const { values, signal } = splitOptions(params);
    const xml = encodeCall(method, values);
    return (await this.perform(signal, (session, ending) => session.call(method, xml, ending))) as R;
  }

  /**
   * Calls several methods at once, with `system.multicall`.
   *
   * @returns the values in the order of the calls or, with `asObject`, by method.
   * @throws ValueError where `asObject` has one method twice, RPCError of the first call that fails, and what `call()`
   *   throws.
   */
  multicall<R = RpcValue | RPCError>(
    calls: readonly RtorrentCall[],
    options: MulticallOptions & { asObject: true },
  ): Promise<Record<string, R>>;
  multicall<R = RpcValue | RPCError>(
    calls: readonly RtorrentCall[],
    options?: MulticallOptions & { asObject?: false | undefined },
  ): Promise<R[]>;
  multicall<R = RpcValue | RPCError>(
    calls: readonly RtorrentCall[],
    options?: MulticallOptions,
  ): Promise<R[] | Record<string, R>>;
  async multicall(
    calls: readonly RtorrentCall[],
    { raiseErrors = true, asObject = false, signal }: MulticallOptions = {},
  ): Promise<unknown> {
    const xml = encodeMulticall(calls);
    const methods = calls.map(([method]) => method);
    if (asObject) checkUnique(methods, calls);
    const results = await this.perform(signal, (session, ending) =>
      session.multicall(xml, calls.length, ending),
    );
    const failure = results.find(result => result instanceof RPCError);
    if (raiseErrors && failure) throw failure;
    return asObject ? Object.fromEntries(methods.map((method, index) => [method, results[index]])) : results;
  }

  /**
   * The first of these methods that the daemon has; its versions name some things differently. A last parameter
   * `{ signal }` is as in `call()`.
   *
   * @throws ValueError `Unsupported method(s): 'a', 'b'`, and what `call()` throws.
   */
  async getSupportedMethod(...candidates: (string | { signal: AbortSignal })[]): Promise<string> {
    const { values, signal } = splitOptions(candidates);
    for (const [index, method] of values.entries())
      if (typeof method !== 'string') throw unsendable(method, `candidates[${index}]`);
    // Asked each time: a daemon can be another one since, and its scripts can define methods.
    const listed = await this.call('system.listMethods', ...(signal ? [{ signal }] : []));
    const methods = new Set<unknown>(Array.isArray(listed) ? listed : []);
    const supported = values.find(method => methods.has(method));
    if (supported !== undefined) return supported as string;
    throw new ValueError(`Unsupported method(s): ${values.map(method => `'${method}'`).join(', ')}`);
  }

  protected override async open(context: SessionContext): Promise<RtorrentSession> {
    const { scheme, path } = context.url;
    if (scheme === 'file' && !path) throw new ValueError('file URLs need a path');
    const session = new RtorrentSession(context);
    return loggedIn(session, () => session.probe(context.signal));
  }
}

/** Parameters, and the signal of a last `{ signal }`; a struct that only looks like one is a parameter. */
function splitOptions(params: readonly unknown[]): { values: readonly unknown[]; signal?: AbortSignal } {
  const last = params.at(-1);
  const isOptions = isPlainObject(last) && Object.keys(last).length === 1 && isAbortSignal(last.signal);
  return isOptions ? { values: params.slice(0, -1), signal: last.signal as AbortSignal } : { values: params };
}

function checkUnique(methods: readonly string[], calls: readonly RtorrentCall[]): void {
  const twice = methods.find((method, index) => methods.indexOf(method) !== index);
  if (twice === undefined) return;
  const those = calls.filter(([method]) => method === twice).map(call => inspect(call));
  throw new ValueError(`Multiple ${twice} calls: ${those.join(', ')}`);
}
