/** Errors as one message with ways out. */
import * as vscode from 'vscode';
import { COMMAND_IDS } from '../ids.ts';
import { toMessage } from '../util/text.ts';
import type { ManagedClient } from './client.ts';

/** Shows why something with a client did not work, with the ways out that fit the error. */
export async function showClientError(client: ManagedClient, error: Error): Promise<void> {
  const { name } = client.entry;
  const ways = waysOut(client, error).map(([title, command]) => ({ title, command }));
  const message = toMessage(`${name}: ${error.message}`);
  const choice = await vscode.window.showErrorMessage(message, ...ways);
  if (choice) await vscode.commands.executeCommand(choice.command, name);
}

/** What a user can do about an error, the most promising first. */
function waysOut(client: ManagedClient, error: Error): [title: string, command: string][] {
  const editClient: [string, string] = [vscode.l10n.t('Edit Client'), COMMAND_IDS.editClient];
  const showLog: [string, string] = [vscode.l10n.t('Show Log'), COMMAND_IDS.showLog];
  switch (failureKind(error)) {
    case 'credentials':
      return [[vscode.l10n.t('Set Credentials'), COMMAND_IDS.setCredentials], showLog];
    case 'certificate':
      return [[vscode.l10n.t('Trust Certificate'), COMMAND_IDS.trustCertificate], editClient, showLog];
    case 'connection':
      // What the daemon itself said, or what was wrong with the arguments, no other address mends.
      return client.status === 'failed' ? [editClient, showLog] : [showLog];
  }
}

/** Which ways out a failure has. */
export function failureKind(error: Error | undefined): 'credentials' | 'certificate' | 'connection' {
  if (error?.name === 'AuthenticationError') return 'credentials';
  const { info } = (error ?? {}) as { info?: { fingerprint256?: unknown } };
  return typeof info?.fingerprint256 === 'string' ? 'certificate' : 'connection';
}

/** Milliseconds after which work is worth a notification; one that flashes by only disturbs. */
const PROGRESS_DELAY_MS = 400;

/** Runs something; when it takes long, with a notification whose *Cancel* aborts the signal. */
export async function withCancel<T>(title: string, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const result = work(controller.signal);
  const timer = setTimeout(() => {
    const options = {
      location: vscode.ProgressLocation.Notification,
      title: toMessage(title),
      cancellable: true,
    };
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
