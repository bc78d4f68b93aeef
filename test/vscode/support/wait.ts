import { setTimeout as sleep } from 'node:timers/promises';

/** How long a state may take to come about on a loaded machine. */
export const STATE_TIMEOUT_MS = 20_000;
const PAUSE_MS = 50;

/**
 * Looks until `look` returns something true, and returns that. For states that no event tells about; what `look` throws
 * counts as "not yet" and is the cause of the final error.
 */
export async function waitFor<T>(
  what: string,
  look: () => T | Promise<T>,
  timeoutMs: number = STATE_TIMEOUT_MS,
): Promise<NonNullable<T>> {
  const end = performance.now() + timeoutMs;
  for (let cause: unknown; ; await sleep(PAUSE_MS)) {
    try {
      const found = await look();
      if (found) return found;
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    if (performance.now() > end) throw new Error(`Not within ${timeoutMs} ms: ${what}.`, { cause });
  }
}

/**
 * Runs a check until it no longer throws, and returns what it returns. For assertions about what is drawn in several
 * steps: the last failure is the cause of the final error.
 */
export async function eventually<T>(
  what: string,
  check: () => T | Promise<T>,
  timeoutMs?: number,
): Promise<T> {
  return (await waitFor(what, async () => ({ value: await check() }), timeoutMs)).value;
}

/** Matches this text and nothing around it. */
export function exactly(text: string): RegExp {
  return new RegExp(`^${text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`);
}
