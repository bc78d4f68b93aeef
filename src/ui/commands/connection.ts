/** *Connect*, *Disconnect*, *Refresh*, *Retry*, *Show Log* and opening the settings. */
import * as vscode from 'vscode';
import { COMMAND_IDS, SETTING_IDS } from '../../ids.ts';
import type { App } from '../app.ts';
import { showClientError } from '../messages.ts';
import { type Target, targetClient } from './targets.ts';

export function registerConnection(app: App): void {
  const register = (id: string, run: (target: Target) => unknown) =>
    app.context.subscriptions.push(vscode.commands.registerCommand(id, run));
  register(COMMAND_IDS.connect, target => connect(app, target, vscode.l10n.t('Connect')));
  register(COMMAND_IDS.retry, target => connect(app, target, vscode.l10n.t('Retry')));
  register(COMMAND_IDS.disconnect, async target => {
    const client = await targetClient(app, target, vscode.l10n.t('Disconnect'));
    await client?.disconnect();
  });
  register(COMMAND_IDS.refresh, async target => {
    const client =
      target === undefined ? undefined : await targetClient(app, target, vscode.l10n.t('Refresh'));
    const clients = client ? [client] : app.clients.all.filter(({ isWanted }) => isWanted);
    await Promise.all(clients.map(each => each.refresh()));
  });
  register(COMMAND_IDS.showLog, () => app.log.show());
  register(COMMAND_IDS.openSettings, () =>
    vscode.commands.executeCommand('workbench.action.openApplicationSettingsJson', {
      revealSetting: { key: SETTING_IDS.clients },
    }),
  );
}

async function connect(app: App, target: Target, title: string): Promise<void> {
  const client = await targetClient(app, target, title);
  if (!client) return;
  await client.connect();
  if (client.error) void showClientError(client, client.error);
}
