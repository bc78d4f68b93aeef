/** The events that a daemon sends by itself, over whichever connection is the present one. */
import type { ClientName } from '../rpc/index.ts';
import { DAEMON_EVENTS } from '../workbench/events.ts';
import type { Rpc } from './core.ts';

export class DaemonEvents {
  /** One function per event, so that adding it again after a reconnect adds nothing. */
  readonly #handlers: readonly (readonly [event: string, handler: (...args: unknown[]) => void])[];

  /** @param tell gets each event with its arguments. */
  constructor(type: ClientName, tell: (event: string, args: readonly unknown[]) => void) {
    this.#handlers = DAEMON_EVENTS[type].map(event => [event, (...args) => tell(event, args)]);
  }

  /**
   * Asks a connection for all of them.
   *
   * @throws what the core throws.
   */
  async subscribe(rpc: Rpc, signal: AbortSignal): Promise<void> {
    for (const [event, handler] of this.#handlers) await rpc.addEventHandler(event, handler, { signal });
  }
}
