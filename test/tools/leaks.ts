// What the core holds open in this process, and how much memory is in use.
import assert from 'node:assert/strict';
import { createHook } from 'node:async_hooks';
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import v8 from 'node:v8';
import vm from 'node:vm';

/**
 * Where the core made each timer and socket that there is. Hooks tell of those too that keep no event loop alive, such as
 * idle connections.
 */
const open = new Map<number, string>();
const WATCHED = new Set(['Timeout', 'TCPWRAP', 'PIPEWRAP']);
createHook({
  init: (id, type) => {
    if (!WATCHED.has(type)) return;
    const { stack = '' } = new Error(type);
    if (stack.includes('/src/rpc/')) open.set(id, stack);
  },
  destroy: id => open.delete(id),
}).enable();

/** Such as that a signal has very many listeners. */
const warnings: string[] = [];
process.on('warning', warning => {
  if (warning.name !== 'ExperimentalWarning') warnings.push(String(warning));
});

/** Less than after what an idle connection ends by itself. */
const LONGEST_MS = 2000;
const POLL_MS = 10;

/**
 * Resolves when the core has no socket and no timer in this process; fails with where they were made when it never comes
 * to that, and where Node has warned of something.
 */
export async function assertNothingOpen(): Promise<void> {
  // What is closed goes a turn later.
  await turn();
  for (const end = Date.now() + LONGEST_MS; open.size > 0 && Date.now() < end; ) await sleep(POLL_MS);
  assert.deepEqual({ open: [...open.values()], warnings }, { open: [], warnings: [] });
}

v8.setFlagsFromString('--expose-gc');
const collect = vm.runInNewContext('gc') as () => void;

/** Bytes in use when everything that can be collected is: objects, and the buffers that they own. */
export async function usedMemory(): Promise<number> {
  // What one round finds dead lets go of more (weak references, native handles) for the next.
  for (let round = 0; round < 5; round++) {
    collect();
    await sleep(POLL_MS);
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
