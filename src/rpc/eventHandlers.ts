/** Who is to hear of a daemon's events. */

/** Runs with the arguments of an event. */
export type EventHandler = (...args: never[]) => unknown;

interface Entry {
  readonly ref: WeakRef<EventHandler>;
  /** Holds it, unless it is held weakly. */
  kept: EventHandler | undefined;
}

/** Handlers by event, each in the order added. */
export class EventHandlers {
  readonly #entries = new Map<string, Entry[]>();

  /**
   * Adds a handler; one that is there already stays where it is.
   *
   * @param isWeak lets the handler be garbage-collected, and be gone then.
   * @returns whether it is new.
   */
  add(event: string, handler: EventHandler, isWeak: boolean): boolean {
    const entries = this.#prune(event);
    const entry = entries.find(({ ref }) => ref.deref() === handler);
    // Once somebody asks that it be kept, it is.
    if (entry && !isWeak) entry.kept = handler;
    if (!entry) entries.push({ ref: new WeakRef(handler), kept: isWeak ? undefined : handler });
    this.#entries.set(event, entries);
    return !entry;
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
