import { type ChildProcessByStdio, spawn } from 'node:child_process';
import path from 'node:path';
import type { Readable, Writable } from 'node:stream';

const leash = path.join(import.meta.dirname, 'leash.mts');

/** A program with all it starts, none of which outlives this process. */
export interface Leashed {
  readonly process: ChildProcessByStdio<Writable, Readable, Readable>;
  /** Settles when the program and everything below it are gone. */
  readonly ended: Promise<void>;
  /** What the program has written so far, both streams as they came. */
  output(): string;
  /** Ends it: politely, and after three seconds without asking. */
  end(): Promise<void>;
}

/**
 * Starts a program on a leash: it ends with this process, however that ends, `SIGKILL` included. A VS Code server or
 * extension host that a test abandons would otherwise spin for hours.
 */
export function spawnLeashed(command: string, args: readonly string[], env: NodeJS.ProcessEnv): Leashed {
  const child = spawn(process.execPath, [leash, command, ...args], {
    detached: true,
    env,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8');
    stream.on('data', (chunk: string) => {
      text += chunk;
    });
  }
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  child.on('close', () => resolve());
  child.on('error', () => resolve());
  child.stdin.on('error', () => {}); // it may have ended first
  return {
    process: child,
    ended,
    output: () => text,
    async end() {
      child.stdin.end();
      await ended;
    },
  };
}
