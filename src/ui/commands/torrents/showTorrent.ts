/** *Show Torrent*: all that the daemon knows of it, as JSON. */
import * as vscode from 'vscode';
import { COMMAND_IDS } from '../../../ids.ts';
import type { Torrent } from '../../../torrents/torrent.ts';
import { toResultText } from '../../../workbench/result.ts';
import type { App } from '../../app.ts';
import type { ManagedClient } from '../../client.ts';
import type { ResultDocuments } from '../../documents.ts';
import { registerCommand } from '../targets.ts';
import { forEachClient } from './run.ts';
import { targetTorrents } from './targets.ts';

/** Tabs that may open at once. */
const MOST_DOCUMENTS = 10;
/** Characters that a tab has room for. */
const TITLE_LENGTH = 100;

export function registerShowTorrent(app: App, documents: ResultDocuments): void {
  registerCommand(app, COMMAND_IDS.showTorrent, async (...args) => {
    const title = vscode.l10n.t('Show Torrent');
    const targets = await targetTorrents(app, args, { title });
    if (targets.flatMap(({ torrents }) => torrents).length > MOST_DOCUMENTS)
      throw new Error(vscode.l10n.t('{0}: choose at most {1}.', title, MOST_DOCUMENTS));
    const texts = new Map<string, () => Promise<void>>();
    const isDone = await forEachClient(title, targets, async ({ client, torrents }, signal) => {
      const { name } = client.entry;
      for (const torrent of torrents) {
        const everything = await client.look(signal, ({ details }, rpc) =>
          details.everything(rpc, torrent, signal),
        );
        const show = () => documents.show(name, titleOf(client, torrent), toResultText(everything));
        texts.set(`${name} ${torrent.infoHash}`, show);
      }
    });
    if (!isDone) return;
    // One after the other: each becomes the active one.
    for (const show of texts.values()) await show();
  });
}

/** The name where it can be read in an address and no other torrent has it, else the info hash. */
function titleOf({ torrents }: ManagedClient, { name, infoHash }: Torrent): string {
  const isReadable = encodeURIComponent(name.toWellFormed()).length <= TITLE_LENGTH;
  const isShared = [...torrents.store.all()].some(
    other => other.name === name && other.infoHash !== infoHash,
  );
  return isReadable && !isShared && name !== '' ? name : infoHash;
}
