/** Parameters as they are typed, on their way into the core's `call()`. */
import type { ClientName, ClientOf } from '../rpc/index.ts';
import { toDelugeArguments } from './params.ts';

type Invoke<Client> = (rpc: Client, method: string, params: unknown, signal: AbortSignal) => Promise<unknown>;

/** Any object, for the core to check. */
type Members = Record<string, unknown> | undefined;

const INVOKE: { readonly [Name in ClientName]: Invoke<ClientOf<Name>> } = {
  transmission: (rpc, method, params, signal) => rpc.call(method, params as Members, { signal }),
  qbittorrent: (rpc, method, params, signal) => rpc.call(method, params as Members, { signal }),
  rtorrent: (rpc, method, params = [], signal) => rpc.call(method, ...(params as unknown[]), { signal }),
  deluge: (rpc, method, params = [], signal) => {
    const { args, kwargs } = toDelugeArguments(params) ?? {};
    return rpc.call(method, args, kwargs, { signal });
  },
};

/**
 * Calls a method.
 *
 * @param rpc made by `client(type, …)`.
 * @param params as `parseParams(type, …)` gives them; undefined for none.
 * @throws what the core's `call()` throws.
 */
export function invoke<Name extends ClientName>(
  type: Name,
  rpc: ClientOf<Name>,
  method: string,
  params: unknown,
  signal: AbortSignal,
): Promise<unknown> {
  return INVOKE[type](rpc, method, params, signal);
}
