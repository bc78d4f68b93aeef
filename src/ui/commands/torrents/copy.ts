/** *Copy Torrent Name*, *Copy Info Hash* and *Copy Magnet Link*: a line for each torrent. */
import * as vscode from 'vscode';
import { COMMAND_IDS } from '../../../ids.ts';
import { infoHashesOf, toMagnetLink } from '../../../torrents/magnet.ts';
import type { Torrent } from '../../../torrents/torrent.ts';
import type { App } from '../../app.ts';
import type { ManagedClient } from '../../client.ts';
import { registerCommand } from '../targets.ts';
import { forEachClient } from './run.ts';
import { type TorrentsOf, targetTorrents } from './targets.ts';

/** Milliseconds that the status bar says what was copied. */
const SAID_MS = 5000;

export function registerCopyTorrents(app: App): void {
  registerCommand(app, COMMAND_IDS.copyTorrentName, async (...args) => {
    const targets = await targetTorrents(app, args, { title: vscode.l10n.t('Copy Torrent Name') });
    await copy(allOf(targets).map(({ name }) => name));
  });
  registerCommand(app, COMMAND_IDS.copyInfoHash, async (...args) => {
    const targets = await targetTorrents(app, args, { title: vscode.l10n.t('Copy Info Hash') });
    await copy(allOf(targets).map(torrent => infoHashesOf(torrent).v1 ?? infoHashesOf(torrent).v2 ?? ''));
  });
  registerCommand(app, COMMAND_IDS.copyMagnetLink, async (...args) => {
    const title = vscode.l10n.t('Copy Magnet Link');
    const targets = await targetTorrents(app, args, { title });
    const links = new Map<Torrent, string>();
    const isDone = await forEachClient(title, targets, async ({ client, torrents }, signal) => {
      for (const torrent of torrents) links.set(torrent, await magnetLinkOf(client, torrent, signal));
    });
    if (isDone) await copy(allOf(targets).flatMap(torrent => links.get(torrent) ?? []));
  });
}

const allOf = (targets: readonly TorrentsOf[]) => targets.flatMap(({ torrents }) => torrents);

/** Without trackers where the torrent is private, or may be: their addresses hold a secret of the user's. */
async function magnetLinkOf(client: ManagedClient, torrent: Torrent, signal: AbortSignal): Promise<string> {
  if (torrent.isPrivate !== false) return toMagnetLink(torrent, []);
  const trackers = await client.look(signal, ({ details }, rpc) => details.trackers(rpc, torrent, signal));
  return toMagnetLink(
    torrent,
    trackers.map(({ url }) => url),
  );
}

async function copy(lines: readonly string[]): Promise<void> {
  if (lines.length === 0) return;
  await vscode.env.clipboard.writeText(lines.join('\n'));
  const said = lines.length === 1 ? vscode.l10n.t('Copied') : vscode.l10n.t('Copied {0} lines', lines.length);
  vscode.window.setStatusBarMessage(said, SAID_MS);
}
