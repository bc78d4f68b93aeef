/** *Set File Priority*: of files in the view, or of those that the user ticks; asks which. */
import * as vscode from 'vscode';
import { COMMAND_IDS } from '../../../ids.ts';
import { adapterOf } from '../../../torrents/adapters.ts';
import {
  FILE_PRIORITIES,
  type FilePriority,
  type Torrent,
  type TorrentFile,
} from '../../../torrents/torrent.ts';
import { formatBytes, formatProgress, toName, toPickLabel } from '../../../util/text.ts';
import type { App } from '../../app.ts';
import type { ManagedClient } from '../../client.ts';
import { listNames, showActionFailures } from '../../messages.ts';
import { askMany, askPick, isValue } from '../../prompts.ts';
import { clientOf, type FileNode } from '../../tree/nodes.ts';
import { isConfirmed } from '../confirm.ts';
import { registerCommand, targetNodes } from '../targets.ts';
import { namesOf as namesOfTorrents } from './questions.ts';
import { forEachClient } from './run.ts';
import { assertOffered, targetTorrents } from './targets.ts';

/** Some files of one torrent. */
interface FilesOf {
  readonly client: ManagedClient;
  readonly torrents: readonly [Torrent];
  readonly files: readonly TorrentFile[];
}

export function registerFilePriority(app: App): void {
  registerCommand(app, COMMAND_IDS.setFilePriority, async (...args) => {
    const title = vscode.l10n.t('Set File Priority');
    const nodes = targetNodes(app, args, title).filter(node => node.kind === 'file');
    const targets = nodes.length > 0 ? byTorrent(nodes) : await askFiles(app, args, title);
    const files = targets.flatMap(target => target.files);
    if (files.length === 0) return;
    const priority = await askPriority(title, targets);
    if (priority && (await isAllowed(app, title, files))) await setPriority(title, targets, priority);
  });
}

async function setPriority(
  title: string,
  targets: readonly FilesOf[],
  priority: FilePriority,
): Promise<void> {
  await forEachClient(title, targets, async ({ client, torrents: [torrent], files }, signal) => {
    assertOffered(client, 'setFilePriority');
    const indexes = files.map(({ index }) => index);
    // How much of it is wanted is other then.
    const expected = { torrents: [torrent.infoHash], as: () => ({}) };
    await client.act(title, expected, signal, (actions, rpc) =>
      actions.setFilePriority(rpc, torrent, indexes, priority, signal),
    );
  });
}

/** Each file once, also where its torrent is in two groups. */
function byTorrent(nodes: readonly FileNode[]): readonly FilesOf[] {
  const torrents = new Map<string, FilesOf & { readonly files: TorrentFile[] }>();
  for (const node of nodes) {
    const client = clientOf(node);
    const { torrent } = node.parent.parent;
    if (!client) continue;
    const key = `${torrent.infoHash} ${client.entry.name}`;
    const target = torrents.get(key) ?? { client, torrents: [torrent] as const, files: [] };
    if (!target.files.some(({ index }) => index === node.file.index)) target.files.push(node.file);
    torrents.set(key, target);
  }
  return [...torrents.values()];
}

async function askFiles(app: App, args: readonly unknown[], title: string): Promise<readonly FilesOf[]> {
  const wanted = { title, action: 'setFilePriority', isOne: true } as const;
  const [target] = await targetTorrents(app, args, wanted);
  if (!target) return [];
  const { client, torrents } = target;
  const asking = new AbortController();
  const files = client.look(asking.signal, ({ details }, rpc) =>
    details.files(rpc, torrents[0], asking.signal),
  );
  try {
    const answer = await askMany({
      title,
      placeholder: vscode.l10n.t('Choose files'),
      items: files.then(all => all.map(toItem)),
      takesActive: true,
    });
    return isValue(answer)
      ? [{ client, torrents: [torrents[0]], files: answer.map(({ file }) => file) }]
      : [];
  } catch (error) {
    showActionFailures(title, [{ client, about: namesOfTorrents(torrents), error: error as Error }]);
    return [];
  } finally {
    asking.abort(new vscode.CancellationError());
  }
}

const toItem = (file: TorrentFile) => ({
  label: toPickLabel(file.path),
  description: [formatBytes(file.size), formatProgress(file.progress), file.priority].join(' · '),
  file,
});

/** Of those that all their clients have. */
async function askPriority(title: string, targets: readonly FilesOf[]): Promise<FilePriority | undefined> {
  const files = targets.flatMap(target => target.files);
  const offered = FILE_PRIORITIES.filter(priority =>
    targets.every(({ client }) => adapterOf(client.entry.type).actions.filePriorities.includes(priority)),
  );
  const labels: { readonly [Priority in FilePriority]: string } = {
    skip: vscode.l10n.t('Skip'),
    low: vscode.l10n.t('Low'),
    normal: vscode.l10n.t('Normal'),
    high: vscode.l10n.t('High'),
  };
  const present = new Set(files.map(({ priority }) => priority));
  const answer = await askPick({
    title,
    placeholder: vscode.l10n.t('Choose the priority of {0}', namesOf(files)),
    items: offered.map(priority => ({ label: labels[priority], priority })),
    isActive: ({ priority }) => present.size === 1 && present.has(priority),
  });
  return isValue(answer) ? answer.priority : undefined;
}

function isAllowed(app: App, title: string, files: readonly TorrentFile[]): Promise<boolean> {
  const message = vscode.l10n.t('{0}: {1}?', title, namesOf(files));
  return isConfirmed(app, {
    gravity: 'write',
    title,
    message,
    detail: listNames(files.map(({ path }) => path)),
  });
}

function namesOf(files: readonly TorrentFile[]): string {
  const [first] = files;
  return first && files.length === 1 ? `“${toName(first.path)}”` : vscode.l10n.t('{0} files', files.length);
}
