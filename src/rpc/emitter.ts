/** An event emitter whose listeners cannot break who emits, and whose events never overtake each other. */
import { EventEmitter } from 'node:events';
import { inspect } from 'node:util';

/** What a listener may be; a returned promise that rejects counts as a throw. */
type Listener = (...args: unknown[]) => unknown;

/**
 * Like Node's, but a listener that throws or rejects is reported by the event `'listenerError'` (error, name of the
 * event), and by `process.emitWarning` where nobody listens to that.
 */
export class SafeEmitter<Events extends Record<keyof Events, unknown[]>> extends EventEmitter {
  override on<K extends keyof Events & string>(event: K, listener: (...args: Events[K]) => void): this {
    return super.on(event, listener as Listener);
  }

  override once<K extends keyof Events & string>(event: K, listener: (...args: Events[K]) => void): this {
    return super.once(event, listener as Listener);
  }

  override off<K extends keyof Events & string>(event: K, listener: (...args: Events[K]) => void): this {
    return super.off(event, listener as Listener);
  }

  /** Calls the listeners of an event in the order added; never throws. */
  override emit<K extends keyof Events & string>(event: K, ...args: Events[K]): boolean {
    const listeners = this.rawListeners(event) as Listener[];
    for (const listener of listeners) this.runListener(event, () => listener.apply(this, args));
    return listeners.length > 0;
  }

  /** Runs somebody else's code for an event and reports what goes wrong in it. */
  protected runListener(event: string, run: () => unknown): void {
    try {
      const result = run();
      if (isThenable(result)) result.then(undefined, error => this.#report(error, event));
    } catch (error) {
      this.#report(error, event);
    }
  }

  #report(error: unknown, event: string): void {
    if (event === 'listenerError' || this.listenerCount('listenerError') === 0) {
      process.emitWarning(error instanceof Error ? error : new Error(inspect(error)));
      return;
    }
    for (const listener of this.rawListeners('listenerError') as Listener[]) {
      this.runListener('listenerError', () => listener.call(this, error, event));
    }
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | undefined)?.then === 'function';
}
