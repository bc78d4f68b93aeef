/** *Move in Queue*: asks where to. */
import * as vscode from 'vscode';
import { COMMAND_IDS } from '../../../ids.ts';
import type { QueueMove } from '../../../torrents/adapter.ts';
import type { App } from '../../app.ts';
import { askPick, isValue } from '../../prompts.ts';
import { registerCommand } from '../targets.ts';
import { changeTorrents } from './run.ts';
import { targetTorrents } from './targets.ts';

export function registerMoveInQueue(app: App): void {
  registerCommand(app, COMMAND_IDS.moveInQueue, async (...args) => {
    const title = vscode.l10n.t('Move in Queue');
    const targets = await targetTorrents(app, args, { title, action: 'moveInQueue' });
    const move = targets.length > 0 && (await askMove(title));
    if (!move) return;
    await changeTorrents(
      app,
      {
        title,
        action: 'moveInQueue',
        work: async ({ actions, rpc, infoHashes, signal }) =>
          actions.moveInQueue?.(rpc, infoHashes, move, signal),
      },
      targets,
    );
  });
}

async function askMove(title: string): Promise<QueueMove | undefined> {
  const items: readonly (vscode.QuickPickItem & { readonly move: QueueMove })[] = [
    { label: vscode.l10n.t('Top'), move: 'top' },
    { label: vscode.l10n.t('Up'), move: 'up' },
    { label: vscode.l10n.t('Down'), move: 'down' },
    { label: vscode.l10n.t('Bottom'), move: 'bottom' },
  ];
  const answer = await askPick({ title, placeholder: vscode.l10n.t('Choose where to'), items });
  return isValue(answer) ? answer.move : undefined;
}
