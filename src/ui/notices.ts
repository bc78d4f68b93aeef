/** Notices of torrents that finish or fail, where the user wants them. */
import * as vscode from 'vscode';
import { NewsReader } from '../torrents/news.ts';
import type { Torrent } from '../torrents/torrent.ts';
import { toMessage, toName } from '../util/text.ts';
import type { App } from './app.ts';
import type { ManagedClient } from './client.ts';
import { listNames } from './messages.ts';

export function registerNotices(app: App): void {
  const { context, clients, settings } = app;
  const readers = new WeakMap<ManagedClient, NewsReader>();
  context.subscriptions.push(
    clients.onDidChangeTorrents(({ client, change }) => {
      const reader = readers.get(client) ?? new NewsReader();
      readers.set(client, reader);
      const { finished, failed } = reader.read(change);
      const { notifications } = settings;
      if (notifications === 'all' && finished.length > 0) void tellFinished(app, client, finished);
      if (notifications !== 'off' && failed.length > 0) void tellFailed(app, client, failed);
    }),
  );
}

async function tellFinished(app: App, client: ManagedClient, torrents: readonly Torrent[]): Promise<void> {
  const where = toName(client.entry.name);
  const names = namesOf(torrents);
  const text =
    torrents.length === 1
      ? vscode.l10n.t('{0}: “{1}” finished', where, names)
      : vscode.l10n.t('{0}: {1} torrents finished: {2}', where, torrents.length, names);
  const show = vscode.l10n.t('Show');
  const choice = await vscode.window.showInformationMessage(toMessage(text), show);
  if (choice === show) await showFirst(app, client, torrents);
}

async function tellFailed(app: App, client: ManagedClient, torrents: readonly Torrent[]): Promise<void> {
  const where = toName(client.entry.name);
  const names = namesOf(torrents);
  const text =
    torrents.length === 1
      ? vscode.l10n.t('{0}: “{1}” failed: {2}', where, names, torrents[0]?.error ?? 'error')
      : vscode.l10n.t('{0}: {1} torrents failed: {2}', where, torrents.length, names);
  const show = vscode.l10n.t('Show');
  const choice = await vscode.window.showWarningMessage(toMessage(text), show);
  if (choice === show) await showFirst(app, client, torrents);
}

/** Up to ten names. */
const namesOf = (torrents: readonly Torrent[]) =>
  listNames(
    torrents.map(({ name, infoHash }) => toName(name || infoHash)),
    ', ',
  );

async function showFirst(app: App, client: ManagedClient, [first]: readonly Torrent[]): Promise<void> {
  // Its settings may have changed meanwhile.
  const current = app.clients.find(client.entry.name);
  if (current && first) await app.view.show(current, first.infoHash, { focus: true });
}
