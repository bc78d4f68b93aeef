/** The *Clients* view: its tree, its badge, and what is said above it. */
import * as vscode from 'vscode';
import { COMMAND_IDS, CONTEXT_KEYS, VIEW_IDS } from '../../ids.ts';
import { formatFilter } from '../../torrents/filter.ts';
import { toLabel, toMessage } from '../../util/text.ts';
import type { App } from '../app.ts';
import type { ManagedClient } from '../client.ts';
import type { Clients } from '../clients.ts';
import { createDropController } from '../commands/addTorrent/drop.ts';
import { registerArrangingCommands } from '../commands/arrangeTorrents.ts';
import { registerCommand, targetNodes } from '../commands/targets.ts';
import { staleDecorations } from './itemParts.ts';
import type { Node, TorrentNode } from './nodes.ts';
import { ClientsProvider } from './provider.ts';
import { ViewArrangement } from './viewArrangement.ts';

export function registerClientsView(app: App): void {
  const { context, clients, settings, view: state } = app;
  const arrangement = new ViewArrangement(context, settings);
  const provider = new ClientsProvider(clients, arrangement, () => state.selection);
  const view = vscode.window.createTreeView<Node>(VIEW_IDS.clients, {
    treeDataProvider: provider,
    showCollapseAll: true,
    canSelectMany: true,
    dragAndDropController: createDropController(app),
  });
  state.isVisible = view.visible;
  state.show = async (client, infoHash, { focus }) => {
    const node = reach(provider, arrangement, client, infoHash);
    if (node) await view.reveal(node, { select: true, focus });
  };
  context.subscriptions.push(
    view,
    provider,
    arrangement,
    vscode.window.registerFileDecorationProvider(staleDecorations),
    view.onDidChangeVisibility(({ visible }) => {
      state.isVisible = visible;
    }),
    view.onDidChangeSelection(({ selection }) => {
      state.selection = selection;
    }),
    view.onDidExpandElement(({ element }) => provider.expanded(element)),
    view.onDidCollapseElement(({ element }) => provider.collapsed(element)),
    clients.onDidChange(() => updateBadge(view, clients)),
    // The provider has heard of it before.
    clients.onDidChange(() => updateMessage(view, provider, arrangement)),
    clients.onDidChangeTorrents(() => updateMessage(view, provider, arrangement)),
    arrangement.onDidChange(() => {
      updateMessage(view, provider, arrangement);
      updateContext(arrangement);
    }),
  );
  // An extension host that is started anew finds the keys of the one before.
  updateContext(arrangement);
  registerArrangingCommands(app, arrangement);
  registerCommand(app, COMMAND_IDS.showMore, (...args) => {
    for (const node of targetNodes(app, args, vscode.l10n.t('Show More')))
      if (node.kind === 'more') provider.showMore(node);
  });
}

function updateBadge(view: vscode.TreeView<Node>, clients: Clients): void {
  const failed = clients.all.filter(({ status }) => status === 'failed').length;
  const tooltip =
    failed === 1 ? vscode.l10n.t('1 client failed') : vscode.l10n.t('{0} clients failed', failed);
  // Zero rather than undefined: VS Code keeps showing a badge that is taken away.
  view.badge = { value: failed, tooltip: failed === 0 ? '' : tooltip };
}

function updateContext({ current: { filter } }: ViewArrangement): void {
  void vscode.commands.executeCommand('setContext', CONTEXT_KEYS.isFiltered, filter !== undefined);
}

/** The active filter is always to be seen. */
function updateMessage(
  view: vscode.TreeView<Node>,
  provider: ClientsProvider,
  { current: { filter } }: ViewArrangement,
): void {
  const { shown, total } = provider.counts;
  const message =
    filter === undefined
      ? ''
      : toMessage(
          vscode.l10n.t('Filter: {0} · {1} of {2} torrents', toLabel(formatFilter(filter)), shown, total),
        );
  // VS Code draws the view anew with each.
  if (message !== (view.message ?? '')) view.message = message;
}

/** The node of a torrent, also of one that is far down in a long list. */
function reach(
  provider: ClientsProvider,
  arrangement: ViewArrangement,
  client: ManagedClient,
  infoHash: string,
): TorrentNode | undefined {
  const node = provider.reach(client, infoHash);
  if (node || !client.torrents.store.get(infoHash)) return node;
  // What the user wants to see is worth more than a filter of before.
  arrangement.filter = undefined;
  return provider.reach(client, infoHash);
}
