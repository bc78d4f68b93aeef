/** Errors as one message with ways out. */
import * as vscode from 'vscode';
import { COMMAND_IDS } from '../ids.ts';
import { toLabel, toMessage, toName } from '../util/text.ts';
import type { ManagedClient } from './client.ts';

/**
 * Shows why something with a client did not work, with the ways out that fit the error.
 *
 * @param what names what did not work, and the client.
 */
export async function showClientError(client: ManagedClient, error: Error, what?: string): Promise<void> {
  const { name } = client.entry;
  const ways = waysOut(client, error).map(([title, command]) => ({ title, command }));
  const message = toMessage(`${what ?? toName(name)}: ${error.message}`);
  const choice = await vscode.window.showErrorMessage(message, ...ways);
  if (choice) await vscode.commands.executeCommand(choice.command, name);
}

/** Tells of the clients among these that failed, in one message. */
export function showFailures(clients: readonly ManagedClient[]): void {
  const failed = clients.filter(({ error }) => error !== undefined);
  const [first] = failed;
  if (failed.length > 1) void showSeveralFailures(failed);
  else if (first?.error) void showClientError(first, first.error);
}

function showSeveralFailures(failed: readonly ManagedClient[]): Promise<void> {
  const names = listNames(
    failed.map(({ entry }) => toName(entry.name)),
    ', ',
  );
  return showWithLog(vscode.l10n.t('{0} clients failed: {1}', failed.length, names));
}

async function showWithLog(message: string): Promise<void> {
  const showLog = vscode.l10n.t('Show Log');
  const choice = await vscode.window.showErrorMessage(toMessage(message), showLog);
  if (choice) await vscode.commands.executeCommand(COMMAND_IDS.showLog);
}

/** What did not work with one client. */
export interface ClientFailure {
  readonly client: ManagedClient;
  /** What it was about, such as `“ubuntu.iso”`. */
  readonly about?: string | undefined;
  readonly error: Error;
}

/** Tells what of a command did not work, in one message. */
export function showActionFailures(title: string, failures: readonly ClientFailure[]): void {
  const [first] = failures;
  if (!first) return;
  const places = failures.map(({ client, about }) =>
    [toName(client.entry.name), ...(about === undefined ? [] : [about])].join(', '),
  );
  if (failures.length === 1) {
    void showClientError(first.client, first.error, `${title} (${places[0]})`);
    return;
  }
  const reasons = failures.map(({ error }, index) => `${places[index]}: ${toName(error.message)}`);
  void showWithLog(`${title}: ${listNames(reasons, '; ')}`);
}

/** Names that a question or a message lists before it says how many more there are. */
const MOST_NAMES = 10;

/** Names as a list, the first ten and how many more. */
export function listNames(names: readonly string[], separator = '\n'): string {
  const more = names.length - MOST_NAMES;
  const listed = names.slice(0, MOST_NAMES).map(toLabel).join(separator);
  return more > 0 ? `${listed}${separator}${vscode.l10n.t('and {0} more', more)}` : listed;
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
