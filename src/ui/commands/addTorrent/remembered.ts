/** How torrents were added to each client last. */
import type { Memento } from 'vscode';

/** What is the same for torrents that are added one after the other. */
export interface AddOptions {
  /** On the daemon's machine; undefined is the daemon's own. */
  readonly savePath: string | undefined;
  readonly labels: readonly string[];
  readonly isStopped: boolean;
}

const KEY = 'addTorrent.options';

const DEFAULTS: AddOptions = { savePath: undefined, labels: [], isStopped: false };

/** Those of a client, by its name; the daemon's own where none were chosen yet. */
export function rememberedOptions(state: Memento, client: string): AddOptions {
  const all = state.get<Readonly<Record<string, AddOptions>>>(KEY, {});
  return Object.hasOwn(all, client) ? { ...DEFAULTS, ...all[client] } : DEFAULTS;
}

/** Keeps them for the next time, and forgets those of clients that are no more. */
export async function rememberOptions(
  state: Memento,
  client: string,
  { savePath, labels, isStopped }: AddOptions,
  clients: readonly string[],
): Promise<void> {
  const all = state.get<Readonly<Record<string, AddOptions>>>(KEY, {});
  const kept = Object.entries(all).filter(([name]) => clients.includes(name));
  await state.update(KEY, { ...Object.fromEntries(kept), [client]: { savePath, labels, isStopped } });
}
