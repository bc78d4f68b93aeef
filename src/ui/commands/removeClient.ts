/** *Remove Client*: asks always, and deletes the secret with it. */
import * as vscode from 'vscode';
import { COMMAND_IDS } from '../../ids.ts';
import { toLabel } from '../../util/text.ts';
import type { App } from '../app.ts';
import { indexOfClient } from '../entries.ts';
import { listNames } from '../messages.ts';
import { registerCommand, targetClients } from './targets.ts';

export function registerRemoveClient(app: App): void {
  registerCommand(app, COMMAND_IDS.removeClient, async (...args) => {
    const clients = await targetClients(app, args, vscode.l10n.t('Remove Client'));
    if (clients.length > 0)
      await removeClients(
        app,
        clients.map(({ entry }) => entry.name),
      );
  });
}

async function removeClients({ settings, secrets }: App, names: readonly string[]): Promise<void> {
  const remove = vscode.l10n.t('Remove Client');
  const [only] = names;
  const isOne = names.length === 1 && only !== undefined;
  const kept = isOne
    ? vscode.l10n.t('Its stored credentials are deleted too. The daemon keeps running.')
    : vscode.l10n.t('Their stored credentials are deleted too. The daemons keep running.');
  const choice = await vscode.window.showWarningMessage(
    isOne
      ? vscode.l10n.t('Remove the client “{0}”?', toLabel(only))
      : vscode.l10n.t('Remove {0} clients?', names.length),
    { modal: true, detail: isOne ? kept : `${listNames(names)}\n\n${kept}` },
    remove,
  );
  if (choice !== remove) return;
  await settings.edit(clients =>
    names
      .map(name => indexOfClient(clients, name))
      .filter(index => index >= 0)
      // From the end, for what follows moves up.
      .sort((a, b) => b - a)
      .map(index => ({ path: [index], value: undefined })),
  );
  await Promise.all(names.map(name => secrets.delete(name)));
}
