// What a client tells while it lives, and what must hold of it whatever happens.
import assert from 'node:assert/strict';
import type { ConnectionStatus, Exchange, RPCBase } from '../../src/rpc/index.ts';

/** What was heard of a client since. */
export interface Heard {
  readonly statuses: ConnectionStatus[];
  readonly exchanges: Exchange[];
  /** Holds that no status was told twice, early or late, and that each exchange ended once: when all is over. */
  check(): void;
}

/** Which status may follow which. */
const NEXT: { [status in ConnectionStatus]: readonly ConnectionStatus[] } = {
  disconnected: ['connecting'],
  connecting: ['connected', 'disconnected'],
  connected: ['disconnected'],
};

/** Listens to a client that has not connected yet. */
export function hear(rpc: RPCBase): Heard {
  const statuses: ConnectionStatus[] = [];
  const exchanges: Exchange[] = [];
  let last: ConnectionStatus = 'disconnected';
  let wrong: string | undefined;
  for (const status of ['connecting', 'connected', 'disconnected'] as const) {
    rpc.on(status, () => {
      if (rpc.status !== status || !NEXT[last].includes(status))
        wrong ??= `${status} after ${last}, while it was ${rpc.status}`;
      last = status;
      statuses.push(status);
    });
  }
  rpc.on('exchange', exchange => exchanges.push(exchange));
  return {
    statuses,
    exchanges,
    check() {
      assert.equal(wrong, undefined);
      assert.equal(last, rpc.status);
      const ids = exchanges.map(({ id }) => id).sort((one, other) => one - other);
      assert.deepEqual(
        ids,
        ids.map((_, index) => index + 1),
      );
    },
  };
}
