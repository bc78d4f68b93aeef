// Waiting for a state, never for a time.
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';

const LONGEST_MS = 10_000;
const POLL_MS = 10;

/** Resolves as soon as the condition holds; fails when it never does. */
export async function until(condition: () => boolean, what: string): Promise<void> {
  for (const end = Date.now() + LONGEST_MS; !condition(); ) {
    if (Date.now() > end) assert.fail(`It never came to this: ${what}`);
    await sleep(POLL_MS);
  }
}
