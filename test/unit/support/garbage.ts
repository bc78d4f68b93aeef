// Collects garbage now, for tests of what is no longer held.
import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');

/** Resolves when what nobody holds is gone. A WeakRef that was looked at holds on until the end of its turn. */
export async function collectGarbage(): Promise<void> {
  await turn();
  collect();
  await turn();
  // The memory of buffers is given back beside the main thread; the next collection waits for it.
  collect();
}
