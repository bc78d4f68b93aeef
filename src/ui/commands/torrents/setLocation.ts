/** *Set Torrent Location*: asks for the folder on the daemon's machine, and moves the files there. */
import * as vscode from 'vscode';
import { COMMAND_IDS } from '../../../ids.ts';
import type { App } from '../../app.ts';
import { askText, isValue } from '../../prompts.ts';
import { registerCommand } from '../targets.ts';
import { namesOf } from './questions.ts';
import { changeTorrents } from './run.ts';
import { targetTorrents } from './targets.ts';

export function registerSetLocation(app: App): void {
  registerCommand(app, COMMAND_IDS.setTorrentLocation, async (...args) => {
    const title = vscode.l10n.t('Set Torrent Location');
    const targets = await targetTorrents(app, args, { title, action: 'setLocation' });
    const torrents = targets.flatMap(target => target.torrents);
    if (torrents.length === 0) return;
    const [present = '', ...others] = new Set(torrents.map(({ savePath }) => savePath));
    const folder = await askText({
      title,
      prompt: vscode.l10n.t(
        "Folder on the daemon's machine that the files of {0} move to",
        namesOf(torrents),
      ),
      value: others.length === 0 ? present : '',
      validate: problemOfFolder,
    });
    if (!isValue(folder)) return;
    await changeTorrents(
      app,
      {
        title,
        action: 'setLocation',
        expected: () => ({ savePath: folder }),
        work: ({ actions, rpc, infoHashes, signal }) => actions.setLocation(rpc, infoHashes, folder, signal),
      },
      targets,
    );
  });
}

/** What is wrong with a folder on a machine of whatever system, or undefined. */
export function problemOfFolder(folder: string): string | undefined {
  const isAbsolute = /^(\/|~|[A-Za-z]:[\\/]|\\\\)/.test(folder);
  return isAbsolute ? undefined : vscode.l10n.t('An absolute path, such as /srv/torrents');
}
