/** *Set Credentials* and *Clear Credentials*: into SecretStorage and out of it, then connects again. */
import * as vscode from 'vscode';
import { COMMAND_IDS } from '../../ids.ts';
import type { ClientName } from '../../rpc/index.ts';
import { toLabel, toMessage, toName, toPickLabel } from '../../util/text.ts';
import type { App } from '../app.ts';
import type { ManagedClient } from '../client.ts';
import { CLIENT_TYPES, takesCredentials } from '../clientTypes.ts';
import { showFailures } from '../messages.ts';
import { askPick, askSteps, askText, isValue } from '../prompts.ts';
import { type Login, type LoginOf, ORIGINS } from '../secrets.ts';
import { clientOf } from '../tree/nodes.ts';
import { currentClient, isNode, registerCommand, type Target, targetClient } from './targets.ts';

export function registerCredentials(app: App): void {
  registerCommand(app, COMMAND_IDS.setCredentials, target => setCredentials(app, target));
  registerCommand(app, COMMAND_IDS.clearCredentials, target => clearCredentials(app, target));
}

/** What can be set: for whom, and as what. */
interface Choice extends vscode.QuickPickItem {
  readonly of: LoginOf;
  readonly isApiKey: boolean;
}

function choicesOf({ entry }: ManagedClient): Choice[] {
  const { URL, hasApiKeys } = CLIENT_TYPES[entry.type];
  const isTaken = takesCredentials(new URL(entry.url));
  const login: Choice = { label: vscode.l10n.t('User Name and Password'), of: 'login', isApiKey: false };
  const apiKey: Choice = {
    label: vscode.l10n.t('API Key'),
    description: vscode.l10n.t('in place of user name and password'),
    of: 'login',
    isApiKey: true,
  };
  const proxy: Choice = {
    label: vscode.l10n.t('Proxy'),
    description: toPickLabel(entry.proxyUrl ?? ''),
    of: 'proxy',
    isApiKey: false,
  };
  return [
    ...(isTaken ? [login] : []),
    ...(isTaken && hasApiKeys ? [apiKey] : []),
    ...(entry.proxyUrl === undefined ? [] : [proxy]),
  ];
}

async function setCredentials(app: App, target: Target): Promise<void> {
  const client = await targetClient(app, target, vscode.l10n.t('Set Credentials'));
  if (!client) return;
  const title = vscode.l10n.t('Set Credentials of {0}', toLabel(client.entry.name));
  const choices = choicesOf(client);
  if (choices.length === 0) {
    void vscode.window.showInformationMessage(
      toMessage(vscode.l10n.t('{0} takes no credentials: SCGI knows none.', toName(client.entry.name))),
    );
    return;
  }
  const [only] = choices;
  const placeholder = vscode.l10n.t('Choose what to set');
  const choice = choices.length === 1 && only ? only : await askPick({ title, placeholder, items: choices });
  if (!isValue(choice)) return;
  const login = await (choice.isApiKey ? askApiKey(title) : askLogin(app, client, choice.of, title));
  if (!login) return;
  // Its settings may have changed meanwhile: what was typed for another address, or for a client that is gone, is not kept.
  const current = currentClient(app, client.entry.name);
  if (ORIGINS[choice.of](current.entry) !== ORIGINS[choice.of](client.entry))
    throw new Error(vscode.l10n.t('{0}: its address has just changed, try again.', title));
  await app.secrets.set(current.entry, choice.of, login);
  await current.reconnect();
  showFailures([current]);
}

async function askApiKey(title: string): Promise<Login | undefined> {
  const prompt = vscode.l10n.t('API key, as the settings of the Web UI show it (leave empty for none)');
  const apiKey = await askText({ title, prompt, isPassword: true });
  return isValue(apiKey) ? { apiKey: apiKey.trim() } : undefined;
}

/** Asks for a user name as that type of client, or a proxy, knows it. */
export function usernamePrompt(type: ClientName | undefined): string {
  return type === 'deluge'
    ? vscode.l10n.t("User name of the daemon's account, as in its auth file; not the Web UI's password")
    : vscode.l10n.t('User name (leave empty for none)');
}

async function askLogin(
  { secrets }: App,
  { entry }: ManagedClient,
  of: LoginOf,
  title: string,
): Promise<Login | undefined> {
  const stored = (await secrets.get(entry))[of];
  interface State {
    readonly username: string;
    readonly password: string;
  }
  return askSteps<State>(
    [
      {
        async ask({ username }, info) {
          const prompt = usernamePrompt(of === 'login' ? entry.type : undefined);
          const answer = await askText({ title, prompt, value: username, ...info });
          return isValue(answer) ? { username: answer } : answer;
        },
      },
      {
        isSkipped: ({ username }) => username === '',
        async ask({ password }, info, keep) {
          const answer = await askText({
            title,
            prompt: vscode.l10n.t('Password'),
            value: password,
            isPassword: true,
            keep: text => keep({ password: text }),
            ...info,
          });
          return isValue(answer) ? { password: answer } : answer;
        },
      },
    ],
    { username: stored.username ?? '', password: '' },
  );
}

async function clearCredentials(app: App, target: Target): Promise<void> {
  const name = await targetName(app, target);
  if (name === undefined) return;
  const clear = vscode.l10n.t('Clear Credentials');
  const choice = await vscode.window.showWarningMessage(
    vscode.l10n.t('Clear the credentials of “{0}”?', toLabel(name)),
    { modal: true, detail: vscode.l10n.t('Its user name, password, API key and proxy log-in are deleted.') },
    clear,
  );
  if (choice !== clear) return;
  await app.secrets.delete(name);
  const client = app.clients.find(name);
  if (client?.isWanted) await client.reconnect();
}

/** The name whose credentials are meant; what is stored for clients that are gone can be chosen too. */
async function targetName({ clients, secrets }: App, target: Target): Promise<string | undefined> {
  const named = isNode(target) ? clientOf(target)?.entry.name : target;
  const names = await secrets.names();
  if (typeof named === 'string') {
    if (names.includes(named)) return named;
    const message = vscode.l10n.t('No credentials of “{0}” are stored.', toName(named));
    void vscode.window.showInformationMessage(toMessage(message));
    return undefined;
  }
  if (names.length === 0) {
    void vscode.window.showInformationMessage(vscode.l10n.t('No credentials are stored.'));
    return undefined;
  }
  const answer = await askPick({
    title: vscode.l10n.t('Clear Credentials'),
    placeholder: vscode.l10n.t('Choose a client'),
    items: names.map(name => ({
      label: toPickLabel(name),
      description: describe(clients.find(name)),
      name,
    })),
  });
  return isValue(answer) ? answer.name : undefined;
}

function describe(client: ManagedClient | undefined): string {
  return client ? toPickLabel(client.entry.url) : vscode.l10n.t('no longer in the settings');
}
