/** Errors as one message with ways out. */
import * as vscode from 'vscode';
import { COMMAND_IDS } from '../ids.ts';
import { toLabel } from '../util/text.ts';
import type { ManagedClient } from './client.ts';

/** Shows why something with a client did not work, with the ways out that fit the error. */
export function showClientError(client: ManagedClient, error: Error): void {
  const editClient = vscode.l10n.t('Edit Client');
  const setCredentials = vscode.l10n.t('Set Credentials');
  const showLog = vscode.l10n.t('Show Log');
  const ways: Record<string, readonly string[]> = {
    AuthenticationError: [setCredentials, showLog],
    ConnectionError: [editClient, showLog],
    TimeoutError: [editClient, showLog],
  };
  const message = `${toLabel(client.entry.name)}: ${toLabel(error.message)}`;
  void vscode.window.showErrorMessage(message, ...(ways[error.name] ?? [showLog])).then(choice => {
    if (choice === showLog) void vscode.commands.executeCommand(COMMAND_IDS.showLog);
    if (choice === editClient) void vscode.commands.executeCommand(COMMAND_IDS.editClient, client.entry.name);
    if (choice === setCredentials)
      void vscode.commands.executeCommand(COMMAND_IDS.setCredentials, client.entry.name);
  });
}

/** Milliseconds after which work is worth a notification; one that flashes by only disturbs. */
const PROGRESS_DELAY_MS = 400;

/** Runs something; when it takes long, with a notification whose *Cancel* aborts the signal. */
export async function withCancel<T>(title: string, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const result = work(controller.signal);
  const timer = setTimeout(() => {
    const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
    void vscode.window.withProgress(options, (_, token) => {
      token.onCancellationRequested(() => controller.abort(new vscode.CancellationError()));
      return result.then(
        () => {},
        () => {},
      );
    });
  }, PROGRESS_DELAY_MS);
  try {
    return await result;
  } finally {
    clearTimeout(timer);
  }
}
