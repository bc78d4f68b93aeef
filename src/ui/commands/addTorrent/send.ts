/** Sends torrents to a client, one after the other, and says what came of it. */
import * as vscode from 'vscode';
import { VIEW_IDS } from '../../../ids.ts';
import type { NewTorrent } from '../../../torrents/adapter.ts';
import { toMessage, toName } from '../../../util/text.ts';
import type { App } from '../../app.ts';
import type { ManagedClient } from '../../client.ts';
import { type ClientFailure, showActionFailures, withCancel } from '../../messages.ts';
import type { Choice } from './options.ts';
import { namesOfSources, type Source } from './sources.ts';

/** Milliseconds that an added torrent gets to appear in the daemon's list. */
const LONGEST_APPEARANCE_MS = 10_000;

/** A torrent that the daemon has now, or had. */
interface Sent {
  readonly source: Source;
  readonly infoHash: string | undefined;
}

/** What came of each. */
interface Outcome {
  readonly added: readonly Sent[];
  readonly duplicates: readonly Sent[];
  readonly failures: readonly ClientFailure[];
}

/** Adds them. Whether the daemon has any of them now. */
export async function addTorrents(
  app: App,
  client: ManagedClient,
  sources: readonly Source[],
  choice: Choice,
): Promise<boolean> {
  const title = vscode.l10n.t('Add Torrent');
  const outcome = await withCancel(
    vscode.l10n.t('Adding {0} to {1}…', namesOfSources(sources), toName(client.entry.name)),
    signal => send(client, title, sources, choice, signal),
  );
  showActionFailures(title, outcome.failures);
  void tellDuplicates(app, client, outcome.duplicates);
  void showFirst(app, client, outcome);
  return outcome.added.length + outcome.duplicates.length > 0;
}

async function send(
  client: ManagedClient,
  title: string,
  sources: readonly Source[],
  choice: Choice,
  signal: AbortSignal,
): Promise<Outcome> {
  const added: Sent[] = [];
  const duplicates: Sent[] = [];
  const failures: ClientFailure[] = [];
  for (const [index, source] of sources.entries()) {
    try {
      const { infoHash, isDuplicate } = await client.act(title, undefined, signal, (actions, rpc) =>
        actions.add(rpc, toNewTorrent(source, choice), signal),
      );
      (isDuplicate ? duplicates : added).push({ source, infoHash });
    } catch (error) {
      if (signal.aborted) break;
      // A daemon that is not there will not be there for the others either.
      const isGone = client.status === 'failed';
      const failed = isGone ? sources.slice(index) : [source];
      failures.push({ client, about: namesOfSources(failed), error: error as Error });
      if (isGone) break;
    }
  }
  return { added, duplicates, failures };
}

function toNewTorrent(source: Source, { savePath, labels, isStopped, unwanted }: Choice): NewTorrent {
  return { source: source.sent, savePath, labels, isStopped, unwanted };
}

async function tellDuplicates(app: App, client: ManagedClient, duplicates: readonly Sent[]): Promise<void> {
  if (duplicates.length === 0) return;
  await offerToShow(
    app,
    client,
    duplicates,
    vscode.l10n.t('{0}: already in {1}', ...wordsOf(client, duplicates)),
  );
}

/**
 * Selects the first in the view where that is to be seen, one that was there already where none was added; else says that
 * they were added.
 */
async function showFirst(app: App, client: ManagedClient, { added, duplicates }: Outcome): Promise<void> {
  const [first] = [...added, ...duplicates];
  const { view } = app;
  if (view.isVisible && first?.infoHash !== undefined) {
    // Who has turned to something else meanwhile is not called back.
    if ((await appears(client, first.infoHash)) && view.isVisible)
      await view.show(client, first.infoHash, { focus: false });
  } else if (added.length > 0)
    await offerToShow(app, client, added, vscode.l10n.t('{0}: added to {1}', ...wordsOf(client, added)));
}

function wordsOf({ entry }: ManagedClient, sent: readonly Sent[]): [what: string, where: string] {
  return [namesOfSources(sent.map(({ source }) => source)), toName(entry.name)];
}

/** Says something of torrents, and leads to the first of them that is known by its info hash. */
async function offerToShow(
  app: App,
  client: ManagedClient,
  sent: readonly Sent[],
  message: string,
): Promise<void> {
  const infoHash = sent.map(each => each.infoHash).find(each => each !== undefined);
  const show = vscode.l10n.t('Show');
  const ways = infoHash === undefined ? [] : [show];
  const choice = await vscode.window.showInformationMessage(toMessage(message), ...ways);
  if (choice === show && infoHash !== undefined) await reveal(app, client, infoHash);
}

async function reveal({ view }: App, client: ManagedClient, infoHash: string): Promise<void> {
  if (!view.isVisible) await vscode.commands.executeCommand(`${VIEW_IDS.clients}.focus`);
  void client.refresh();
  if (await appears(client, infoHash)) await view.show(client, infoHash, { focus: true });
}

/** Whether it comes to be among the client's torrents. */
function appears(client: ManagedClient, infoHash: string): Promise<boolean> {
  const isThere = () => client.torrents.store.get(infoHash) !== undefined;
  if (isThere()) return Promise.resolve(true);
  return new Promise(resolve => {
    const end = (isFound: boolean) => {
      clearTimeout(timer);
      subscription.dispose();
      resolve(isFound);
    };
    const timer = setTimeout(() => end(false), LONGEST_APPEARANCE_MS);
    const subscription = client.torrents.onDidChange(() => {
      if (isThere()) end(true);
    });
  });
}
