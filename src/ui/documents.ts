/** Results as read-only documents, `btrpc:/<client>/<method>.json`. */
import * as vscode from 'vscode';
import { RESULT_SCHEME } from '../ids.ts';
import type { App } from './app.ts';

export class ResultDocuments implements vscode.TextDocumentContentProvider {
  readonly #texts = new Map<string, string>();
  readonly #changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.#changed.event;

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.#texts.get(uri.toString()) ?? '';
  }

  /** Shows a result beside; the same method of the same client uses its tab again. */
  async show(client: string, method: string, text: string): Promise<void> {
    // Each name is one segment, whatever is in it.
    const path = `/${encodeURIComponent(client)}/${encodeURIComponent(method)}.json`;
    const uri = vscode.Uri.from({ scheme: RESULT_SCHEME, path });
    this.#texts.set(uri.toString(), text);
    this.#changed.fire(uri);
    const document = await vscode.workspace.openTextDocument(uri);
    await vscode.languages.setTextDocumentLanguage(document, 'json');
    await vscode.window.showTextDocument(document, { viewColumn: columnOfResults(), preview: false });
  }

  forget(uri: vscode.Uri): void {
    this.#texts.delete(uri.toString());
  }
}

/** Results share a group: the one that has some already, else the one beside. */
function columnOfResults(): vscode.ViewColumn {
  const isResult = ({ input }: vscode.Tab) =>
    input instanceof vscode.TabInputText && input.uri.scheme === RESULT_SCHEME;
  const group = vscode.window.tabGroups.all.find(({ tabs }) => tabs.some(isResult));
  if (group) return group.viewColumn;
  return vscode.window.activeTextEditor ? vscode.ViewColumn.Beside : vscode.ViewColumn.Active;
}

export function registerDocuments({ context }: App): ResultDocuments {
  const documents = new ResultDocuments();
  context.subscriptions.push(
    vscode.workspace.registerTextDocumentContentProvider(RESULT_SCHEME, documents),
    vscode.workspace.onDidCloseTextDocument(({ uri }) => {
      if (uri.scheme === RESULT_SCHEME) documents.forget(uri);
    }),
  );
  return documents;
}
