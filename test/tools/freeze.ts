// Stopping a daemon where it is: it keeps its sockets and takes what comes, but does not answer.
import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Daemon } from './daemons/daemon.ts';

const POLL_MS = 10;

/** Stops a daemon, resolved when each of its threads stands still. */
export async function freeze(daemon: Daemon): Promise<void> {
  const pid = pidOf(daemon);
  process.kill(pid, 'SIGSTOP');
  const isRunning = async (thread: string) =>
    !/\) T /.test(await readFile(`/proc/${pid}/task/${thread}/stat`, 'utf8'));
  for (const thread of await readdir(`/proc/${pid}/task`))
    while (await isRunning(thread)) await sleep(POLL_MS);
}

/** Lets a stopped daemon go on. */
export function thaw(daemon: Daemon): void {
  process.kill(pidOf(daemon), 'SIGCONT');
}

/** Signals to no process would go to the test itself. */
function pidOf({ pid }: Daemon): number {
  if (pid === undefined) throw new Error('The daemon does not run');
  return pid;
}

/** How many connections to a port have received what nobody has read. */
export async function unreadRequests(port: number): Promise<number> {
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  const isUnread = new RegExp(`^ *\\d+: [0-9A-F]+:${hex} \\S+ 01 [0-9A-F]+:(?!0{8})`, 'gm');
  const tables = await Promise.all(['tcp', 'tcp6'].map(each => readFile(`/proc/net/${each}`, 'utf8')));
  return tables.join('').match(isUnread)?.length ?? 0;
}
