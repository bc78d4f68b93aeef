/** *Remove Client*: asks always, and deletes the secret with it. */
import * as vscode from 'vscode';
import { COMMAND_IDS } from '../../ids.ts';
import type { App } from '../app.ts';
import { nameIn } from '../entries.ts';
import { type Target, targetClient } from './targets.ts';

export function registerRemoveClient(app: App): void {
  app.context.subscriptions.push(
    vscode.commands.registerCommand(COMMAND_IDS.removeClient, async (target: Target) => {
      const client = await targetClient(app, target, vscode.l10n.t('Remove Client'));
      if (client) await removeClient(app, client.entry.name);
    }),
  );
}

async function removeClient({ settings, secrets }: App, name: string): Promise<void> {
  const remove = vscode.l10n.t('Remove Client');
  const choice = await vscode.window.showWarningMessage(
    vscode.l10n.t('Remove the client “{0}”?', name),
    {
      modal: true,
      detail: vscode.l10n.t('Its stored credentials are deleted too. The daemon keeps running.'),
    },
    remove,
  );
  if (choice !== remove) return;
  await settings.edit(clients => {
    const index = clients.findIndex(each => nameIn(each) === name);
    return index < 0 ? [] : [{ path: [index], value: undefined }];
  });
  await secrets.delete(name);
}
