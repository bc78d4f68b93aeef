/** Asks what is to be added. */
import * as vscode from 'vscode';
import { toMessage, toName } from '../../../util/text.ts';
import { listNames } from '../../messages.ts';
import { askPick, askText, isValue } from '../../prompts.ts';
import {
  type BadSource,
  namesOfSources,
  readFiles,
  readLinks,
  type Source,
  type Sources,
} from './sources.ts';

/** Asks whether for files or for links, and then for these; undefined where the user left. */
export async function askSources(title: string): Promise<Sources | undefined> {
  const answer = await askPick({
    title,
    placeholder: vscode.l10n.t('Choose where from'),
    items: [
      { label: vscode.l10n.t('From File…'), ask: askFiles },
      { label: vscode.l10n.t('Magnet Link or URL…'), ask: askLinks },
    ],
  });
  return isValue(answer) ? answer.ask(title) : undefined;
}

async function askFiles(title: string): Promise<Sources | undefined> {
  const files = await vscode.window.showOpenDialog({
    title,
    canSelectMany: true,
    filters: { [vscode.l10n.t('Torrents')]: ['torrent'] },
    openLabel: vscode.l10n.t('Add'),
  });
  return files && readFiles(files);
}

/** A magnet link on the clipboard is offered. */
async function askLinks(title: string): Promise<Sources | undefined> {
  const clipboard = (await vscode.env.clipboard.readText()).trim();
  const isMagnet = /^magnet:/i.test(clipboard) && problemOfLinks(clipboard) === undefined;
  const text = await askText({
    title,
    prompt: vscode.l10n.t('Magnet link, or the address of a .torrent file'),
    value: isMagnet ? clipboard : '',
    validate: problemOfLinks,
  });
  return isValue(text) ? readLinks(text) : undefined;
}

function problemOfLinks(text: string): string | undefined {
  const { good, bad } = readLinks(text);
  if (bad[0]) return bad[0].problem;
  return good.length === 0 ? vscode.l10n.t('A magnet link or an address') : undefined;
}

/** The good ones; where some are bad, names these and asks whether to go on. None where the user left. */
export async function withoutBad(title: string, { good, bad }: Sources): Promise<readonly Source[]> {
  if (bad.length === 0) return good;
  const reasons = listNames(bad.map(reasonOf));
  if (good.length === 0) {
    const [only] = bad;
    const message =
      only && bad.length === 1 ? reasonOf(only) : vscode.l10n.t('None of these {0} can be added', bad.length);
    if (bad.length === 1) void vscode.window.showErrorMessage(toMessage(`${title}: ${message}`));
    else void vscode.window.showErrorMessage(message, { modal: true, detail: reasons });
    return [];
  }
  const add = vscode.l10n.t('Add {0}', namesOfSources(good));
  const choice = await vscode.window.showWarningMessage(
    vscode.l10n.t('{0} of {1} cannot be added', bad.length, good.length + bad.length),
    { modal: true, detail: reasons },
    add,
  );
  return choice === add ? good : [];
}

const reasonOf = ({ name, problem }: BadSource) => `${toName(name)}: ${toName(problem)}`;
