/** What is said of torrents before something is done with them. */
import * as vscode from 'vscode';
import type { Torrent } from '../../../torrents/torrent.ts';
import { formatBytes, toName } from '../../../util/text.ts';
import type { App } from '../../app.ts';
import { listNames } from '../../messages.ts';
import { isConfirmed } from '../confirm.ts';
import type { TorrentsOf } from './targets.ts';

/** Whether something that changes torrents may be done; asked for only where the user wants that. */
export function isChangeConfirmed(app: App, title: string, targets: readonly TorrentsOf[]): Promise<boolean> {
  const message = vscode.l10n.t('{0}: {1}?', title, namesOf(targets.flatMap(({ torrents }) => torrents)));
  return isConfirmed(app, { gravity: 'write', title, message, detail: listTorrents(targets) });
}

/** The first ten with their sizes, and their clients where there are several, and how many more there are. */
export function listTorrents(targets: readonly TorrentsOf[]): string {
  const isSeveral = targets.length > 1;
  return listNames(
    targets.flatMap(({ client, torrents }) =>
      torrents.map(({ name, size }) =>
        [
          toName(name),
          ...(size === undefined ? [] : [formatBytes(size)]),
          ...(isSeveral ? [toName(client.entry.name)] : []),
        ].join(' · '),
      ),
    ),
  );
}

/** Bytes of all of them; undefined where one does not say. */
export function sizeOf(targets: readonly TorrentsOf[]): number | undefined {
  const sizes = targets.flatMap(({ torrents }) => torrents.map(({ size }: Torrent) => size));
  return sizes.reduce((sum, size) => (sum === undefined || size === undefined ? undefined : sum + size), 0);
}

/** A torrent by its name, several by their number. */
export function namesOf(torrents: readonly Torrent[]): string {
  const [first] = torrents;
  return first && torrents.length === 1
    ? `“${toName(first.name)}”`
    : vscode.l10n.t('{0} torrents', torrents.length);
}
