// The clients of the core, each with the daemon that it is for: tests that all of them must pass are tables over these.
import { type ClientName, type ClientOptions, client, type RPCBase } from '../../src/rpc/index.ts';
import type { Daemon, DaemonOptions } from './daemons/daemon.ts';
import { startDeluge } from './daemons/deluge.ts';
import { startQbittorrent } from './daemons/qbittorrent.ts';
import { startRtorrent } from './daemons/rtorrent.ts';
import { startTransmission } from './daemons/transmission.ts';

/** One kind of client. */
export interface TestedClient {
  readonly name: ClientName;
  /** Starts a daemon of its kind. */
  start(options?: DaemonOptions): Promise<Daemon>;
  /** Makes a call that changes nothing, and that only such a daemon answers. */
  call(rpc: RPCBase, signal?: AbortSignal): Promise<unknown>;
}

/** All of them. */
export const TESTED_CLIENTS: readonly TestedClient[] = [
  { name: 'deluge', start: startDeluge, call: call('daemon.info', [], {}) },
  { name: 'qbittorrent', start: startQbittorrent, call: call('app/version', {}) },
  { name: 'rtorrent', start: startRtorrent, call: call('system.client_version') },
  { name: 'transmission', start: startTransmission, call: call('session-get', { fields: ['version'] }) },
];

/** The signal goes last, whatever stands before it. */
function call(...args: unknown[]): TestedClient['call'] {
  return (rpc, signal) => (rpc as RPCBase & { call: Call }).call(...args, ...(signal ? [{ signal }] : []));
}

type Call = (...args: unknown[]) => Promise<unknown>;

/** A client for a daemon, with its credentials where it wants some. */
export function clientFor(name: ClientName, daemon: Daemon, options: ClientOptions = {}): RPCBase {
  const { url, username, password } = daemon;
  return client(name, { url, ...(username && { username, password }), ...options });
}
