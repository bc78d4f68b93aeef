/** What is asked of Deluge once per list: what it is, what it can do, and what we may see. */
import type { DelugeRPC } from '../../rpc/index.ts';
import { isWithin } from '../../util/versions.ts';
import { toAmount, toList, toVersion } from '../fields.ts';
import type { ActionName, ClientFacts } from '../torrent.ts';

export interface Base {
  readonly facts: Omit<ClientFacts, 'downloadRate' | 'uploadRate'>;
  /** Whether the plugin *Label* is enabled. */
  readonly hasLabels: boolean;
  /** Whether Deluge looks how a torrent stands before it tells, not only where it has heard of a change: since 2.1.0. */
  readonly isFresh: boolean;
  /** Whether every torrent is ours to see; all hear of each by events. */
  readonly isAdministrator: boolean;
}

const WITHOUT_LABELS: ReadonlySet<ActionName> = new Set(['setLabels']);

export async function askBase(client: DelugeRPC, signal: AbortSignal): Promise<Base> {
  const ask = (method: string, ...args: unknown[]) => client.call(method, args, {}, { signal });
  const [info, plugins, space, isAdministrator] = await Promise.all([
    ask('daemon.info'),
    ask('core.get_enabled_plugins'),
    // Of a folder that is gone it tells by an error.
    ask('core.get_free_space').catch(onlyRefused),
    // Its level is 10, that of administrators.
    ask('daemon.authorized_call', 'core.get_known_accounts'),
  ]);
  const version = toVersion(info);
  const hasLabels = toList(plugins).includes('Label');
  return {
    facts: {
      version,
      freeSpace: toAmount(space),
      missing: hasLabels ? undefined : WITHOUT_LABELS,
    },
    hasLabels,
    isFresh: isWithin({ since: '2.1' }, version),
    isAdministrator: isAdministrator === true,
  };
}

function onlyRefused(error: Error): undefined {
  if (error.name !== 'RPCError') throw error;
}
