/** How torrents are added: one step that shows the defaults, where Enter adds and any of them can be changed before. */
import * as vscode from 'vscode';
import type { MetainfoFile } from '../../../torrents/metainfo.ts';
import { formatBytes, toName, toPickLabel } from '../../../util/text.ts';
import type { ManagedClient } from '../../client.ts';
import { withCancel } from '../../messages.ts';
import { askMany, askPick, askText, isValue } from '../../prompts.ts';
import { askOneLabel, askSeveralLabels, hasOnlyOne, knownLabels } from '../torrents/labels.ts';
import { problemOfFolder } from '../torrents/setLocation.ts';
import type { AddOptions } from './remembered.ts';
import { type FileSource, namesOfSources, type Source } from './sources.ts';

/** How these torrents are added. */
export interface Choice extends AddOptions {
  /** Indexes of files that are not wanted. */
  readonly unwanted: readonly number[];
}

interface OptionItem extends vscode.QuickPickItem {
  /** Asks for another value; undefined of the row that adds. */
  change?(choice: Choice): Promise<Choice>;
}

/**
 * Asks; undefined where the user left.
 *
 * @throws what the core throws where the daemon cannot be asked for its own defaults.
 */
export async function askOptions(
  client: ManagedClient,
  sources: readonly Source[],
  remembered: AddOptions,
): Promise<Choice | undefined> {
  const title = vscode.l10n.t('Add {0} to {1}', namesOfSources(sources), toName(client.entry.name));
  const asking = new AbortController();
  const { signal } = asking;
  // Asked for once; what is wrong is told in the first round.
  const defaultPath = client.look(signal, ({ actions }, rpc) => actions.defaultSavePath(rpc, signal));
  try {
    let choice: Choice = { ...remembered, unwanted: [] };
    for (;;) {
      const now = choice;
      const answer = await askPick({
        title,
        placeholder: vscode.l10n.t('Enter adds, or choose what to change'),
        items: defaultPath.then(path => rowsOf(title, client, sources, path, now)),
      });
      if (!isValue(answer)) return undefined;
      if (!answer.change) return choice;
      choice = await answer.change(choice);
    }
  } finally {
    asking.abort(new vscode.CancellationError());
  }
}

function rowsOf(
  title: string,
  client: ManagedClient,
  sources: readonly Source[],
  defaultPath: string,
  choice: Choice,
): OptionItem[] {
  const [only] = sources;
  const files = sources.length === 1 && only?.kind === 'file' && only.files.length > 1 ? only : undefined;
  return [
    { label: vscode.l10n.t('Add'), iconPath: new vscode.ThemeIcon('add') },
    savePathRow(title, defaultPath, choice),
    ...(client.offers('setLabels') ? [labelRow(title, client, choice)] : []),
    stateRow(choice),
    ...(files ? [filesRow(title, files, choice)] : []),
  ];
}

function savePathRow(title: string, defaultPath: string, { savePath }: Choice): OptionItem {
  return {
    label: vscode.l10n.t('Save Path'),
    iconPath: new vscode.ThemeIcon('folder'),
    description: toPickLabel(savePath ?? vscode.l10n.t('{0} (default)', defaultPath)),
    async change(choice) {
      const answer = await askText({
        title,
        prompt: vscode.l10n.t("Folder on the daemon's machine (leave empty for its own)"),
        value: savePath ?? defaultPath,
        validate: text => (text === '' ? undefined : problemOfFolder(text)),
      });
      if (!isValue(answer)) return choice;
      return { ...choice, savePath: answer === '' || answer === defaultPath ? undefined : answer };
    },
  };
}

function labelRow(title: string, client: ManagedClient, { labels }: Choice): OptionItem {
  const isOne = hasOnlyOne('labels', [client]);
  const name =
    client.entry.type === 'qbittorrent'
      ? vscode.l10n.t('Category')
      : isOne
        ? vscode.l10n.t('Label')
        : vscode.l10n.t('Labels');
  return {
    label: name,
    iconPath: new vscode.ThemeIcon('tag'),
    description: toPickLabel(labels.length === 0 ? vscode.l10n.t('none') : labels.join(', ')),
    async change(choice) {
      const known = await withCancel(title, signal => knownLabels('labels', [client], signal)).catch(
        () => undefined,
      );
      // Who does not want to wait for them has changed nothing.
      if (!known) return choice;
      const question = {
        title,
        placeholder: vscode.l10n.t('Choose, or type what is new'),
        known: [...new Set([...known, ...labels])],
        common: labels,
      };
      const answer = await (isOne ? askOneLabel(question) : askSeveralLabels(question));
      return isValue(answer) ? { ...choice, labels: answer } : choice;
    },
  };
}

function stateRow({ isStopped }: Choice): OptionItem {
  return {
    label: vscode.l10n.t('State'),
    iconPath: new vscode.ThemeIcon(isStopped ? 'debug-pause' : 'play'),
    description: isStopped ? vscode.l10n.t('stopped') : vscode.l10n.t('started'),
    change: async choice => ({ ...choice, isStopped: !isStopped }),
  };
}

function filesRow(title: string, { files }: FileSource, { unwanted }: Choice): OptionItem {
  const isWanted = ({ index }: MetainfoFile) => !unwanted.includes(index);
  const sizeOf = (some: readonly MetainfoFile[]) =>
    formatBytes(some.reduce((sum, { size }) => sum + size, 0));
  const wanted = files.filter(isWanted);
  return {
    label: vscode.l10n.t('Files'),
    iconPath: new vscode.ThemeIcon('list-tree'),
    description: vscode.l10n.t(
      '{0} of {1}, {2} of {3}',
      wanted.length,
      files.length,
      sizeOf(wanted),
      sizeOf(files),
    ),
    async change(choice) {
      const answer = await askMany({
        title,
        placeholder: vscode.l10n.t('Choose the files to download'),
        items: files.map(file => ({
          label: toPickLabel(file.path),
          description: formatBytes(file.size),
          file,
        })),
        isPicked: ({ file }) => isWanted(file),
      });
      if (!isValue(answer)) return choice;
      const chosen = new Set(answer.map(({ file }) => file));
      return { ...choice, unwanted: files.filter(file => !chosen.has(file)).map(({ index }) => index) };
    },
  };
}
