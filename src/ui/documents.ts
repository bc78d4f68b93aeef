/** Results as read-only documents, `btrpc:/<client>/<method>.json`. */
import * as vscode from 'vscode';
import { RESULT_SCHEME } from '../ids.ts';
import type { App } from './app.ts';

export class ResultDocuments implements vscode.TextDocumentContentProvider {
  readonly #texts = new Map<string, string>();
  readonly #changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.#changed.event;

  /** Undefined for a tab of a window before this one: VS Code says that there is nothing any more. */
  provideTextDocumentContent(uri: vscode.Uri): string | undefined {
    return this.#texts.get(uri.toString());
  }

  /** Shows a result beside; the same method of the same client uses its tab again. */
  async show(client: string, method: string, text: string): Promise<void> {
    // Each name is one segment, whatever is in it.
    const path = `/${toSegment(client)}/${toSegment(method)}.json`;
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

function toSegment(name: string): string {
  return encodeURIComponent(name.toWellFormed());
}

/** Results share a group: the one that has some already, else the one beside. */
function columnOfResults(): vscode.ViewColumn {
  const isResult = ({ input }: vscode.Tab) =>
    input instanceof vscode.TabInputText && input.uri.scheme === RESULT_SCHEME;
  const { all, activeTabGroup } = vscode.window.tabGroups;
  const group = all.find(({ tabs }) => tabs.some(isResult));
  if (group) return group.viewColumn;
  return activeTabGroup.tabs.length > 0 ? vscode.ViewColumn.Beside : vscode.ViewColumn.Active;
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
