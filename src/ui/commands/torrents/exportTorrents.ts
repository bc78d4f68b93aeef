/** *Export Torrent*: the `.torrent` files, one to a place that is asked for, several into a folder. */
import { homedir } from 'node:os';
import * as vscode from 'vscode';
import { COMMAND_IDS } from '../../../ids.ts';
import type { Torrent } from '../../../torrents/torrent.ts';
import { toFileName } from '../../../util/text.ts';
import type { App } from '../../app.ts';
import { registerCommand } from '../targets.ts';
import { forEachClient } from './run.ts';
import { assertOffered, targetTorrents } from './targets.ts';

export function registerExportTorrents(app: App): void {
  registerCommand(app, COMMAND_IDS.exportTorrent, async (...args) => {
    const title = vscode.l10n.t('Export Torrent');
    const targets = await targetTorrents(app, args, { title, action: 'export' });
    const files = await askFiles(
      title,
      targets.flatMap(({ torrents }) => torrents),
    );
    if (!files) return;
    await forEachClient(title, targets, async ({ client, torrents }, signal) => {
      assertOffered(client, 'export');
      for (const torrent of torrents) {
        const metainfo = await client.act(title, undefined, signal, async (actions, rpc) =>
          actions.export?.(rpc, torrent, signal),
        );
        const file = files.get(torrent);
        if (metainfo && file) await vscode.workspace.fs.writeFile(file, metainfo);
      }
    });
  });
}

/** Where each goes; undefined where the user left. */
async function askFiles(
  title: string,
  torrents: readonly Torrent[],
): Promise<ReadonlyMap<Torrent, vscode.Uri> | undefined> {
  const [first] = torrents;
  if (!first) return undefined;
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri ?? vscode.Uri.file(homedir());
  if (torrents.length === 1) {
    const file = await vscode.window.showSaveDialog({
      title,
      defaultUri: vscode.Uri.joinPath(folder, `${fileNameOf(first)}.torrent`),
      filters: { [vscode.l10n.t('Torrents')]: ['torrent'] },
    });
    return file && new Map([[first, file]]);
  }
  const [chosen] =
    (await vscode.window.showOpenDialog({
      title,
      defaultUri: folder,
      canSelectFiles: false,
      canSelectFolders: true,
      openLabel: vscode.l10n.t('Export Here'),
    })) ?? [];
  return chosen && filesIn(chosen, torrents);
}

/** A name of its own for each: what is there already is not written over. */
async function filesIn(
  folder: vscode.Uri,
  torrents: readonly Torrent[],
): Promise<ReadonlyMap<Torrent, vscode.Uri>> {
  const present = await vscode.workspace.fs.readDirectory(folder);
  // Some file systems know no capitals.
  const taken = new Set(present.map(([name]) => name.toLowerCase()));
  const files = new Map<Torrent, vscode.Uri>();
  for (const torrent of torrents) {
    const name = fileNameOf(torrent);
    let candidate = `${name}.torrent`;
    for (let number = 2; taken.has(candidate.toLowerCase()); number += 1)
      candidate = `${name} (${number}).torrent`;
    taken.add(candidate.toLowerCase());
    files.set(torrent, vscode.Uri.joinPath(folder, candidate));
  }
  return files;
}

function fileNameOf({ name, infoHash }: Torrent): string {
  return toFileName(name) || infoHash;
}
