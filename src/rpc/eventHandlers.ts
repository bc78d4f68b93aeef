/** Who is to hear of a daemon's events. */

/** Runs with the arguments of an event. */
export type EventHandler = (...args: never[]) => unknown;

interface Entry {
  readonly ref: WeakRef<EventHandler>;
  /** Holds it, unless it is held weakly. */
  kept: EventHandler | undefined;
  /** How many have added it, and not taken that back. */
  adders: number;
}

/** Handlers by event, each in the order added. */
export class EventHandlers {
  readonly #entries = new Map<string, Entry[]>();

  /**
   * Adds a handler; one that is there already stays where it is.
   *
   * @param isWeak lets the handler be garbage-collected, and be gone then.
   * @returns takes that back: the handler goes, unless somebody else has added it too.
   */
  add(event: string, handler: EventHandler, isWeak: boolean): () => void {
    const entries = this.#prune(event);
    const found = entries.find(({ ref }) => ref.deref() === handler);
    const entry = found ?? { ref: new WeakRef(handler), kept: undefined, adders: 0 };
    if (!found) entries.push(entry);
    entry.adders += 1;
    // Once somebody asks that it be kept, it is.
    if (!isWeak) entry.kept = handler;
    this.#entries.set(event, entries);
    return () => {
      entry.adders -= 1;
      if (entry.adders === 0 && this.#entries.get(event)?.includes(entry)) this.remove(event, handler);
    };
  }

  /** Removes a handler; an unknown one is passed over. */
  remove(event: string, handler: EventHandler): void {
    this.#prune(event, handler);
  }

  /** The events that somebody is to hear of. */
  events(): string[] {
    return [...this.#entries.keys()].filter(event => this.#prune(event).length > 0);
  }

  /** The handlers of an event, as they are now. */
  of(event: string): EventHandler[] {
    return this.#prune(event).flatMap(({ ref }) => ref.deref() ?? []);
  }

  /** Lets go of the handlers that were garbage-collected, and of this one; those that are left. */
  #prune(event: string, removed?: EventHandler): Entry[] {
    const entries = (this.#entries.get(event) ?? []).filter(({ ref }) => {
      const handler = ref.deref();
      return handler !== undefined && handler !== removed;
    });
    if (entries.length > 0) this.#entries.set(event, entries);
    else this.#entries.delete(event);
    return entries;
  }
}
