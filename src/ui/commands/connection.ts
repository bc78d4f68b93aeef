/** *Connect*, *Disconnect*, *Refresh*, *Retry*, *Show Log* and opening the settings. */
import * as vscode from 'vscode';
import { COMMAND_IDS, SETTING_IDS } from '../../ids.ts';
import type { App } from '../app.ts';
import { showFailures } from '../messages.ts';
import { type Run, registerCommand, targetClients } from './targets.ts';

export function registerConnection(app: App): void {
  registerCommand(app, COMMAND_IDS.connect, (...args) => connect(app, args, vscode.l10n.t('Connect')));
  registerCommand(app, COMMAND_IDS.retry, (...args) => connect(app, args, vscode.l10n.t('Retry')));
  registerCommand(app, COMMAND_IDS.disconnect, async (...args) => {
    const clients = await targetClients(app, args, vscode.l10n.t('Disconnect'));
    await Promise.all(clients.map(client => client.disconnect()));
  });
  registerCommand(app, COMMAND_IDS.refresh, async (...args) => {
    const clients = args[0]
      ? await targetClients(app, args, vscode.l10n.t('Refresh'))
      : app.clients.all.filter(({ isWanted }) => isWanted);
    // Of some changes daemons do not tell; who asks wants to see these too.
    for (const { torrents } of clients) torrents.doubt();
    await Promise.all(clients.map(client => client.refresh()));
    showFailures(clients);
  });
  registerCommand(app, COMMAND_IDS.showLog, () => app.log.show());
  registerCommand(app, COMMAND_IDS.openSettings, () =>
    vscode.commands.executeCommand('workbench.action.openApplicationSettingsJson', {
      revealSetting: { key: SETTING_IDS.clients },
    }),
  );
}

async function connect(app: App, args: Parameters<Run>, title: string): Promise<void> {
  const clients = await targetClients(app, args, title);
  await Promise.all(clients.map(client => client.connect()));
  showFailures(clients);
}
