/** The total rates of the connected clients, in the status bar. */
import * as vscode from 'vscode';
import { VIEW_IDS } from '../ids.ts';
import { formatRate, toMarkdown, toName } from '../util/text.ts';
import type { App } from './app.ts';
import type { ManagedClient } from './client.ts';
import { spoken } from './tree/words.ts';

export function registerStatusBar({ context, clients, view }: App): void {
  const item = vscode.window.createStatusBarItem('btRpc.rates', vscode.StatusBarAlignment.Left);
  item.name = vscode.l10n.t('BT RPC: Total Rates');
  item.command = `${VIEW_IDS.clients}.focus`;
  const update = () => {
    const connected = clients.all.filter(({ status }) => status === 'connected');
    if (connected.length === 0) return item.hide();
    // What is not refreshed is not known.
    const text = view.isVisible ? formatTotal(connected) : '↓ – ↑ –';
    if (text !== item.text) item.text = text;
    item.tooltip = tooltip(connected, view.isVisible);
    item.accessibilityInformation = {
      label: `BT RPC, ${view.isVisible ? spoken(text) : vscode.l10n.t('rates not known')}`,
    };
    item.show();
  };
  context.subscriptions.push(item, clients.onDidChange(update), view.onDidChangeVisibility(update));
}

/** The sum of what the clients tell. */
function formatTotal(clients: readonly ManagedClient[]): string {
  const total = (rate: 'downloadRate' | 'uploadRate') =>
    formatRate(clients.reduce((sum, client) => sum + (client.torrents.store.facts?.[rate] ?? 0), 0));
  return `↓ ${total('downloadRate')} ↑ ${total('uploadRate')}`;
}

function tooltip(clients: readonly ManagedClient[], isVisible: boolean): vscode.MarkdownString {
  const lines = isVisible
    ? clients.map(client => `${toMarkdown(toName(client.entry.name))}: ${toMarkdown(formatTotal([client]))}`)
    : [vscode.l10n.t('Rates are asked for while the Clients view is shown.')];
  return new vscode.MarkdownString(lines.join('  \n'));
}
