/** *Enable Slow Mode* and *Disable Slow Mode*: the alternative speed limits of whole clients. */
import * as vscode from 'vscode';
import { COMMAND_IDS } from '../../../ids.ts';
import { toName } from '../../../util/text.ts';
import type { App } from '../../app.ts';
import { listNames } from '../../messages.ts';
import { isConfirmed } from '../confirm.ts';
import { type Run, registerCommand, targetClients, targetNodes } from '../targets.ts';
import { forEachClient } from './run.ts';
import { assertOffered } from './targets.ts';

export function registerSlowMode(app: App): void {
  registerCommand(app, COMMAND_IDS.enableSlowMode, (...args) =>
    setSlowMode(app, args, vscode.l10n.t('Enable Slow Mode'), true),
  );
  registerCommand(app, COMMAND_IDS.disableSlowMode, (...args) =>
    setSlowMode(app, args, vscode.l10n.t('Disable Slow Mode'), false),
  );
}

async function setSlowMode(app: App, args: Parameters<Run>, title: string, isOn: boolean): Promise<void> {
  targetNodes(app, args, title);
  const offering = app.clients.all.filter(
    client => client.status === 'connected' && client.offers('setSlowMode'),
  );
  const clients = await targetClients(app, args, title, offering);
  const names = clients.map(({ entry }) => toName(entry.name));
  const question = {
    gravity: 'write',
    title,
    message: vscode.l10n.t('{0}: {1}?', title, names.length === 1 ? `“${names[0]}”` : names.length),
    detail: listNames(names),
  } as const;
  if (clients.length === 0 || !(await isConfirmed(app, question))) return;
  await forEachClient(
    title,
    clients.map(client => ({ client })),
    async ({ client }, signal) => {
      assertOffered(client, 'setSlowMode');
      await client.act(title, undefined, signal, async (actions, rpc) =>
        actions.setSlowMode?.(rpc, isOn, signal),
      );
    },
  );
}
