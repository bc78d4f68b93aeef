/** Which clients a command is about: what it was called with, or what the user picks. */
import * as vscode from 'vscode';
import { COMMAND_IDS } from '../../ids.ts';
import { toMessage, toName, toPickLabel } from '../../util/text.ts';
import type { App } from '../app.ts';
import { ManagedClient } from '../client.ts';
import { CLIENT_TYPES } from '../clientTypes.ts';
import { askPick, isValue } from '../prompts.ts';
import { clientOf, type Node } from '../tree/nodes.ts';

/** What commands are called with: a node of the view, a client's name, or nothing from the palette. */
export type Target = Node | string | undefined;

/** Runs with what it is called on, and with all that is selected where that is among it. */
export type Run = (target: Target, targets?: readonly Node[]) => unknown;

/** What a key of the view calls a command with, for it gives no nodes: what is selected is meant. */
export const SELECTION = 'selection';

/**
 * The nodes that a command was called with: the one of a context menu and all that are selected with it. None from the
 * palette.
 *
 * @throws Error where it was called with something else.
 */
export function targetNodes(
  { view }: App,
  [target, targets]: readonly unknown[],
  title: string,
): readonly Node[] {
  if (target === undefined || target === null) return [];
  if (target === SELECTION) return view.selection;
  const nodes: readonly unknown[] = Array.isArray(targets) && targets.includes(target) ? targets : [target];
  if (nodes.every(isNode)) return nodes;
  throw new Error(vscode.l10n.t('{0}: it was called with something that is not in the Clients view.', title));
}

/** Levels that a node of the view may have above it. */
const MOST_LEVELS = 5;

/** Whether something is a node of the view that belongs to a client. */
export function isNode(value: unknown): value is Node {
  let at = value;
  for (let level = 0; level <= MOST_LEVELS; level += 1) {
    if (typeof at !== 'object' || at === null) return false;
    if ('client' in at) return at.client instanceof ManagedClient;
    at = 'parent' in at ? at.parent : undefined;
  }
  return false;
}

/** Registers a command of ours; what goes wrong in it becomes a message. */
export function registerCommand({ context }: App, id: string, run: Run): void {
  context.subscriptions.push(
    vscode.commands.registerCommand(id, async (...args: Parameters<Run>) => {
      try {
        await run(...args);
      } catch (error) {
        if (error instanceof vscode.CancellationError) return;
        void vscode.window.showErrorMessage(toMessage((error as Error).message));
      }
    }),
  );
}

/**
 * The client of a name, or the one that a node belongs to, as it is now: whose settings changed meanwhile is another.
 *
 * @throws Error where it is gone.
 */
export function currentClient({ clients }: App, target: Node | string): ManagedClient {
  const name = typeof target === 'string' ? target : (clientOf(target)?.entry.name ?? '');
  const client = clients.find(name);
  if (!client) throw new Error(vscode.l10n.t('There is no client “{0}”.', toName(name)));
  return client;
}

/**
 * The client that a command is about, asked for where it is not clear; undefined where there is none.
 *
 * @param candidates those to choose from; default: all.
 * @throws Error where it was called with one that is gone.
 */
export async function targetClient(
  app: App,
  target: Target,
  title: string,
  candidates: readonly ManagedClient[] = app.clients.all,
): Promise<ManagedClient | undefined> {
  const { clients, view } = app;
  if (typeof target === 'string' || isNode(target)) return currentClient(app, target);
  if (candidates.length === 0) {
    if (clients.all.length === 0) void offerFirstClient(title);
    else
      void vscode.window.showInformationMessage(
        vscode.l10n.t('{0}: no connected client can do this.', title),
      );
    return undefined;
  }
  if (candidates.length === 1) return candidates[0];
  const selected = clientOf(view.selection[0]);
  const answer = await askPick({
    title,
    placeholder: vscode.l10n.t('Choose a client'),
    items: candidates.map(client => ({
      label: toPickLabel(client.entry.name),
      description: CLIENT_TYPES[client.entry.type].label,
      detail: toPickLabel(client.entry.url),
      client,
    })),
    isActive: ({ client }) => client === selected,
  });
  return isValue(answer) ? currentClient(app, answer.client.entry.name) : undefined;
}

async function offerFirstClient(title: string): Promise<void> {
  const add = vscode.l10n.t('Add Client');
  const message = vscode.l10n.t('{0}: there is no client yet.', title);
  const choice = await vscode.window.showInformationMessage(message, add);
  if (choice === add) await vscode.commands.executeCommand(COMMAND_IDS.addClient);
}

/**
 * The clients that a command for several at once is about: all that are selected, whatever else is, else as
 * {@link targetClient}.
 */
export async function targetClients(
  app: App,
  [target, targets]: Parameters<Run>,
  title: string,
  candidates?: readonly ManagedClient[],
): Promise<readonly ManagedClient[]> {
  const nodes = (Array.isArray(targets) ? targets : []).filter(isNode);
  const clients = nodes.filter(({ kind }) => kind === 'client' || kind === 'failure');
  const several = new Set(clients.map(node => currentClient(app, node)));
  if (several.size > 1) return [...several];
  const client = await targetClient(app, target, title, candidates);
  return client ? [client] : [];
}
