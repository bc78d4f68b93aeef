/** Small things about promises. */
import { setImmediate } from 'node:timers/promises';

/** The promise, or the signal's reason as soon as it aborts; what the promise does afterwards reaches nobody. */
export function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

/** Milliseconds that nobody notices. */
const TURN_MS = 15;

/**
 * Maps many items; every few milliseconds others have their turn.
 *
 * @throws the signal's reason as soon as it aborts.
 */
export async function mapInTurns<T, R>(
  items: Iterable<T>,
  map: (item: T) => R,
  signal: AbortSignal,
): Promise<R[]> {
  const results: R[] = [];
  let turnEndsAt = performance.now() + TURN_MS;
  for (const item of items) {
    results.push(map(item));
    if (performance.now() < turnEndsAt) continue;
    await setImmediate();
    signal.throwIfAborted();
    turnEndsAt = performance.now() + TURN_MS;
  }
  return results;
}
