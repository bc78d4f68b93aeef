/** Which clients a command is about: what it was called with, or what the user picks. */
import * as vscode from 'vscode';
import { toMessage, toPickLabel } from '../../util/text.ts';
import type { App } from '../app.ts';
import type { ManagedClient } from '../client.ts';
import { CLIENT_TYPES } from '../clientTypes.ts';
import { askPick, isValue } from '../prompts.ts';
import { clientOf, type Node } from '../tree/nodes.ts';

export { clientOf };

/** What commands are called with: a node of the view, a client's name, or nothing from the palette. */
export type Target = Node | string | undefined;

/** Runs with what it is called on, and with all that is selected where that is among it. */
export type Run = (target: Target, targets?: readonly Node[]) => unknown;

/** Registers a command of ours; what goes wrong in it becomes a message. */
export function registerCommand({ context }: App, id: string, run: Run): void {
  context.subscriptions.push(
    vscode.commands.registerCommand(id, async (...args: Parameters<Run>) => {
      try {
        await run(...args);
      } catch (error) {
        void vscode.window.showErrorMessage(toMessage((error as Error).message));
      }
    }),
  );
}

/** The client that a command is about, asked for where it is not clear; undefined where there is none. */
export async function targetClient(
  app: App,
  target: Target,
  title: string,
): Promise<ManagedClient | undefined> {
  const { clients, view } = app;
  if (typeof target === 'string') return clients.find(target);
  const named = clientOf(target);
  if (named) return named;
  if (clients.all.length === 0) {
    void vscode.window.showInformationMessage(vscode.l10n.t('There is no client yet. Add one first.'));
    return undefined;
  }
  if (clients.all.length === 1) return clients.all[0];
  const selected = clientOf(view.selection[0]);
  const answer = await askPick({
    title,
    placeholder: vscode.l10n.t('Choose a client'),
    items: clients.all.map(client => ({
      label: toPickLabel(client.entry.name),
      description: CLIENT_TYPES[client.entry.type].label,
      detail: toPickLabel(client.entry.url),
      client,
    })),
    isActive: ({ client }) => client === selected,
  });
  return isValue(answer) ? answer.client : undefined;
}

/** The clients that a command for several at once is about: all that are selected, else as {@link targetClient}. */
export async function targetClients(
  app: App,
  [target, targets = []]: Parameters<Run>,
  title: string,
): Promise<readonly ManagedClient[]> {
  const several = new Set(targets.flatMap(node => clientOf(node) ?? []));
  if (several.size > 1) return [...several];
  const client = await targetClient(app, target, title);
  return client ? [client] : [];
}
