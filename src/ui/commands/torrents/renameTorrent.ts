/** *Rename Torrent*: asks for the name. */
import * as vscode from 'vscode';
import { COMMAND_IDS } from '../../../ids.ts';
import type { App } from '../../app.ts';
import { askText, isValue } from '../../prompts.ts';
import { registerCommand } from '../targets.ts';
import { namesOf } from './questions.ts';
import { changeTorrents } from './run.ts';
import { targetTorrents } from './targets.ts';

export function registerRenameTorrent(app: App): void {
  registerCommand(app, COMMAND_IDS.renameTorrent, async (...args) => {
    const title = vscode.l10n.t('Rename Torrent');
    const targets = await targetTorrents(app, args, { title, action: 'rename', isOne: true });
    const torrent = targets[0]?.torrents[0];
    if (!torrent) return;
    const name = await askText({
      title,
      prompt: vscode.l10n.t('New name of {0}', namesOf([torrent])),
      value: torrent.name,
      validate: text => (text.trim() === '' ? vscode.l10n.t('A torrent has a name') : undefined),
    });
    if (!isValue(name) || name === torrent.name) return;
    await changeTorrents(
      app,
      {
        title,
        action: 'rename',
        expected: () => ({ name }),
        work: async ({ actions, rpc, signal }) => actions.rename?.(rpc, torrent, name, signal),
      },
      targets,
    );
  });
}
