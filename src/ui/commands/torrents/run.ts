/** Doing something with torrents, of several clients at once. */
import * as vscode from 'vscode';
import type { Actions, InfoHashes } from '../../../torrents/adapter.ts';
import type { AnyClient } from '../../../torrents/adapters.ts';
import type { ActionName, Torrent } from '../../../torrents/torrent.ts';
import type { App } from '../../app.ts';
import type { ManagedClient } from '../../client.ts';
import { type ClientFailure, showActionFailures, withCancel } from '../../messages.ts';
import { isChangeConfirmed, namesOf } from './questions.ts';
import { assertOffered, type TorrentsOf } from './targets.ts';

/** Something that is done with torrents of one client at a time. */
export interface TorrentAction {
  /** The command's title. */
  readonly title: string;
  readonly action: ActionName;
  /** What a torrent is expected to be like when it is done; undefined is as before. */
  expected?(before: Torrent): Partial<Torrent>;
  work(run: ActionRun): Promise<void>;
}

/** What is at hand when it is done. */
export interface ActionRun extends TorrentsOf {
  readonly actions: Actions<AnyClient>;
  readonly rpc: AnyClient;
  readonly infoHashes: InfoHashes;
  readonly signal: AbortSignal;
}

/** Does what changes torrents, asking before where the user wants that. */
export async function changeTorrents(
  app: App,
  action: TorrentAction,
  targets: readonly TorrentsOf[],
): Promise<void> {
  if (targets.length > 0 && (await isChangeConfirmed(app, action.title, targets)))
    await runAction(action, targets);
}

/** Does it with the torrents of all clients side by side; what fails is told in one message and holds up no other. */
export async function runAction(action: TorrentAction, targets: readonly TorrentsOf[]): Promise<void> {
  await forEachClient(action.title, targets, async ({ client, torrents }, signal) => {
    assertOffered(client, action.action);
    const infoHashes = infoHashesOf(torrents);
    const expected = { torrents: infoHashes, as: (before: Torrent) => action.expected?.(before) ?? {} };
    await client.act(action.title, expected, signal, (actions, rpc) =>
      action.work({ client, torrents, actions, rpc, infoHashes, signal }),
    );
  });
}

/**
 * Works on several clients side by side, with progress and cancel; tells of those that failed in one message. Whether the
 * user let it end.
 */
export async function forEachClient<T extends Partial<TorrentsOf> & { readonly client: ManagedClient }>(
  title: string,
  targets: readonly T[],
  work: (target: T, signal: AbortSignal) => Promise<void>,
): Promise<boolean> {
  const failures: ClientFailure[] = [];
  const isDone = await withCancel(vscode.l10n.t('{0}…', title), async signal => {
    const tryOne = async (target: T) => {
      try {
        await work(target, signal);
      } catch (error) {
        if (signal.aborted) return;
        failures.push({
          client: target.client,
          about: target.torrents && namesOf(target.torrents),
          error: error as Error,
        });
      }
    };
    await Promise.all(targets.map(tryOne));
    return !signal.aborted;
  });
  showActionFailures(title, failures);
  return isDone;
}

function infoHashesOf([first, ...others]: TorrentsOf['torrents']): InfoHashes {
  return [first.infoHash, ...others.map(({ infoHash }) => infoHash)];
}
