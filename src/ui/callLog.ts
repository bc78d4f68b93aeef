/** A line in the log per call of the user's, with the time and the bytes of the request that it was. */
import type { Exchange } from '../rpc/index.ts';
import { maskInError } from '../util/announceUrls.ts';
import type { Log } from './log.ts';

export class CallLog {
  readonly #log: Pick<Log, 'call'>;
  readonly #client: string;
  /** The last request of each method. */
  readonly #requests = new Map<string, Pick<Exchange, 'startedAt' | 'milliseconds' | 'receivedBytes'>>();

  constructor(log: Pick<Log, 'call'>, client: string) {
    this.#log = log;
    this.#client = client;
  }

  /** A request is over; a call of the method that is on its way is about to hear of it. */
  exchanged({ method, startedAt, milliseconds, receivedBytes }: Exchange): void {
    this.#requests.set(method, { startedAt, milliseconds, receivedBytes });
  }

  /** Does a call, and logs how it ended. */
  async log<T>(method: string, signal: AbortSignal, call: () => Promise<T>): Promise<T> {
    const startedAt = new Date();
    try {
      const result = await call();
      this.#write(method, startedAt, 'ok');
      return result;
    } catch (error) {
      const { name } = error as Error;
      const message = maskInError(error as Error);
      this.#write(method, startedAt, signal.aborted ? 'cancelled' : `${name}: ${message}`);
      throw error;
    }
  }

  #write(method: string, startedAt: Date, outcome: string): void {
    const last = this.#requests.get(method);
    this.#requests.delete(method);
    // One that was not sent has none, but for that of a call before it.
    const request = last && last.startedAt >= startedAt ? last : undefined;
    const milliseconds = request?.milliseconds ?? Date.now() - startedAt.getTime();
    this.#log.call(this.#client, method, milliseconds, request?.receivedBytes, outcome);
  }
}
