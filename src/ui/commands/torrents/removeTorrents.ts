/** *Remove Torrent*, with its data or without. */
import * as vscode from 'vscode';
import { COMMAND_IDS } from '../../../ids.ts';
import { formatBytes, toName } from '../../../util/text.ts';
import type { App } from '../../app.ts';
import { isConfirmed, type Question } from '../confirm.ts';
import { registerCommand } from '../targets.ts';
import { listTorrents, namesOf, sizeOf } from './questions.ts';
import { runAction } from './run.ts';
import { type TorrentsOf, targetTorrents } from './targets.ts';

export function registerRemoveTorrents(app: App): void {
  registerCommand(app, COMMAND_IDS.removeTorrent, (...args) =>
    remove(app, args, vscode.l10n.t('Remove Torrent'), false),
  );
  registerCommand(app, COMMAND_IDS.removeTorrentAndData, (...args) =>
    remove(app, args, vscode.l10n.t('Remove Torrent and Data'), true),
  );
}

async function remove(app: App, args: readonly unknown[], title: string, withData: boolean): Promise<void> {
  const targets = await targetTorrents(app, args, { title, action: 'remove' });
  if (targets.length === 0 || !(await isConfirmed(app, question(title, targets, withData)))) return;
  await runAction(
    {
      title,
      action: 'remove',
      work: ({ actions, rpc, infoHashes, signal }) => actions.remove(rpc, infoHashes, withData, signal),
    },
    targets,
  );
}

function question(title: string, targets: readonly TorrentsOf[], withData: boolean): Question {
  const [first] = targets;
  const what = namesOf(targets.flatMap(({ torrents }) => torrents));
  const clients = targets.map(({ client }) => toName(client.entry.name)).join(', ');
  const size = sizeOf(targets);
  const isOne = targets.length === 1 && first?.torrents.length === 1;
  const kept = isOne
    ? vscode.l10n.t('Its files stay where they are.')
    : vscode.l10n.t('Their files stay where they are.');
  const lost = isOne
    ? vscode.l10n.t('Its files are deleted for good.')
    : vscode.l10n.t('Their files are deleted for good.');
  return {
    gravity: withData ? 'always' : 'destructive',
    title,
    message: withData
      ? vscode.l10n.t('Remove {0} and data from {1}?', what, clients)
      : vscode.l10n.t('Remove {0} from {1}?', what, clients),
    detail: [
      listTorrents(targets),
      ...(isOne || size === undefined ? [] : [vscode.l10n.t('Together {0}', formatBytes(size))]),
      withData ? lost : kept,
    ].join('\n\n'),
  };
}
