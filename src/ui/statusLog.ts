/** A line in the log per change of a client's status. */
import { CLIENT_TYPES } from './clientTypes.ts';
import type { ClientEntry } from './entries.ts';
import type { Log } from './log.ts';

export type ClientStatus = 'disconnected' | 'connecting' | 'connected' | 'failed';

export class StatusLog {
  readonly #log: Pick<Log, 'info'>;
  readonly #entry: ClientEntry;
  #last: ClientStatus = 'disconnected';

  constructor(log: Pick<Log, 'info'>, entry: ClientEntry) {
    this.#log = log;
    this.#entry = entry;
  }

  /** The status may be another. */
  tell(status: ClientStatus, version: string | undefined, error: Error | undefined): void {
    // Connected is not yet news: what it is connected to comes with the first listing.
    if (status === this.#last || (status === 'connected' && version === undefined)) return;
    this.#last = status;
    const { name, type, url } = this.#entry;
    const words = {
      disconnected: status,
      connecting: status,
      connected: `connected to ${CLIENT_TYPES[type].label} ${version} at ${url}`,
      failed: `failed: ${error?.message}`,
    };
    this.#log.info(name, words[status]);
  }
}
