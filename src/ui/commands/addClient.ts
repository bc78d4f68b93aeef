/** *Add Client* and *Edit Client*: asks step by step, tries the connection, and loses nothing that was typed. */
import * as vscode from 'vscode';
import { COMMAND_IDS } from '../../ids.ts';
import type { ClientName } from '../../rpc/index.ts';
import { toLabel } from '../../util/text.ts';
import type { App } from '../app.ts';
import { CLIENT_NAMES, CLIENT_TYPES, takesCredentials } from '../clientTypes.ts';
import { makeRpc } from '../core.ts';
import { type ClientEntry, indexOfClient, originOf } from '../entries.ts';
import { withCancel } from '../messages.ts';
import { askPick, askSteps, askText, isValue, type Step } from '../prompts.ts';
import type { Login } from '../secrets.ts';
import { usernamePrompt } from './credentials.ts';
import { registerCommand, targetClient } from './targets.ts';

export function registerAddClient(app: App): void {
  registerCommand(app, COMMAND_IDS.addClient, () => defineClient(app, undefined));
  registerCommand(app, COMMAND_IDS.editClient, async target => {
    const client = await targetClient(app, target, vscode.l10n.t('Edit Client'));
    if (client) await defineClient(app, client.entry);
  });
}

/** What is asked. */
interface Draft {
  readonly title: string;
  /** The entry that is edited. */
  readonly edited: ClientEntry | undefined;
  readonly type: ClientName;
  readonly url: string;
  readonly username: string;
  readonly password: string;
  /** In place of user name and password. */
  readonly apiKey: string | undefined;
  /** What is stored for the edited client at its address of before. */
  readonly stored: Login;
  /** What the edited client's proxy is logged in to with. */
  readonly proxy: Login;
  readonly name: string;
  /** Whether nobody needs to ask for credentials: they stood in the address, or it knows none. */
  readonly isLoginKnown: boolean;
}

const ADDRESS_STEP = 1;

async function defineClient(app: App, edited: ClientEntry | undefined): Promise<void> {
  let draft: Draft | undefined = await firstDraft(app, edited);
  let from = edited ? ADDRESS_STEP : 0;
  for (;;) {
    draft = await askSteps(stepsOf(app), draft, from);
    if (!draft) return;
    from = ADDRESS_STEP;
    const problem = await tryConnection(draft);
    if (problem && !(await saveAnyway(draft, problem))) continue;
    try {
      return await save(app, draft);
    } catch (error) {
      if (!edited) await app.secrets.delete(draft.name);
      if (!(await askAgain(error as Error))) return;
    }
  }
}

/** VS Code could not write its settings, as when they have unsaved changes. */
async function askAgain({ message: detail }: Error): Promise<boolean> {
  const message = vscode.l10n.t('The client could not be saved');
  const edit = vscode.l10n.t('Edit');
  return (await vscode.window.showErrorMessage(message, { modal: true, detail }, edit)) === edit;
}

async function firstDraft({ secrets }: App, edited: ClientEntry | undefined): Promise<Draft> {
  const { login, proxy } = edited ? await secrets.get(edited) : { login: {}, proxy: {} };
  const { username = '', password = '', apiKey } = login;
  return {
    title: edited ? vscode.l10n.t('Edit Client') : vscode.l10n.t('Add Client'),
    edited,
    type: edited?.type ?? 'transmission',
    url: edited?.url ?? '',
    username,
    password,
    apiKey,
    stored: login,
    proxy,
    name: edited?.name ?? '',
    isLoginKnown: false,
  };
}

function stepsOf(app: App): Step<Draft>[] {
  return [
    { isSkipped: ({ edited }) => edited !== undefined, ask: askType },
    { ask: askAddress },
    { isSkipped: ({ isLoginKnown }) => isLoginKnown, ask: askUsername },
    { isSkipped: ({ isLoginKnown, username }) => isLoginKnown || username === '', ask: askPassword },
    { ask: askName(app) },
  ];
}

type Ask = Step<Draft>['ask'];

const askType: Ask = async ({ title, type, url }, info) => {
  const items = CLIENT_NAMES.map(name => ({
    label: CLIENT_TYPES[name].label,
    description: CLIENT_TYPES[name].transport,
    name,
  }));
  const answer = await askPick({
    title,
    placeholder: vscode.l10n.t('Choose the type of client'),
    items,
    isActive: item => item.name === type,
    ...info,
  });
  if (!isValue(answer)) return answer;
  // The default of another type is nothing that was typed; an address that was may be none of this type.
  const isKept = url !== defaultOf(type) && !problemOf(() => new CLIENT_TYPES[answer.name].URL(url));
  return { type: answer.name, url: isKept ? url : '' };
};

function defaultOf(type: ClientName): string {
  return new CLIENT_TYPES[type].URL().withoutAuth;
}

const askAddress: Ask = async (draft, info, keep) => {
  const { title, type, url } = draft;
  const { label, URL } = CLIENT_TYPES[type];
  const standard = defaultOf(type);
  const text = await askText({
    title,
    prompt: vscode.l10n.t('Address of {0}', label),
    placeholder: standard,
    value: url || standard,
    validate: value => problemOf(() => new URL(value.trim())),
    // Back is the type, which makes of it what it can.
    keep: value => keep({ url: value.trim() }),
    ...info,
  });
  if (!isValue(text)) return text;
  const parsed = new URL(text.trim());
  const { username = '', password = '', withoutAuth } = parsed;
  const hasLogin = username !== '' || password !== '';
  if (hasLogin || !takesCredentials(parsed))
    return { url: withoutAuth, username, password, apiKey: undefined, isLoginKnown: true };
  const login = loginAt(withoutAuth, draft);
  // An API key leaves nothing to ask.
  return { url: withoutAuth, ...login, isLoginKnown: login.apiKey !== undefined };
};

/** What was typed goes along to another address; what is stored is offered for none but its own. */
function loginAt(url: string, draft: Draft): Pick<Draft, 'username' | 'password' | 'apiKey'> {
  const { type, edited, stored, username, password, apiKey } = draft;
  const origin = originOf({ type, url });
  if (origin === originOf(draft)) return { username, password, apiKey };
  if (edited && origin === originOf(edited))
    return {
      username: username || (stored.username ?? ''),
      password: password || (stored.password ?? ''),
      apiKey: stored.apiKey,
    };
  return {
    username: username === stored.username ? '' : username,
    password: password === stored.password ? '' : password,
    apiKey: undefined,
  };
}

const askUsername: Ask = async ({ title, type, username }, info, keep) => {
  const answer = await askText({
    title,
    prompt: usernamePrompt(type),
    value: username,
    keep: text => keep({ username: text }),
    ...info,
  });
  if (!isValue(answer)) return answer;
  return answer === '' ? { username: '', password: '' } : { username: answer };
};

const askPassword: Ask = async ({ title, username, password }, info, keep) => {
  const answer = await askText({
    title,
    prompt: vscode.l10n.t('Password of {0}', username),
    value: password,
    isPassword: true,
    keep: text => keep({ password: text }),
    ...info,
  });
  return isValue(answer) ? { password: answer } : answer;
};

const askName =
  ({ clients }: App): Ask =>
  async ({ title, type, name, edited }, info, keep) => {
    const taken = new Set(clients.items.map(item => ('entry' in item ? item.entry.name : item.name)));
    if (edited) taken.delete(edited.name);
    const validate = (text: string) => {
      if (text.trim() === '') return vscode.l10n.t('The client needs a name');
      return taken.has(text.trim())
        ? vscode.l10n.t('Another client has the name “{0}”', text.trim())
        : undefined;
    };
    const prompt = vscode.l10n.t('Name of the client');
    // One of another type would be another.
    const suggestion = freeName(CLIENT_TYPES[type].label, taken);
    const value = name || suggestion;
    const answer = await askText({
      title,
      prompt,
      value,
      validate,
      keep: text => keep({ name: text === suggestion ? '' : text.trim() }),
      ...info,
    });
    return isValue(answer) ? { name: answer.trim() } : answer;
  };

function freeName(label: string, taken: ReadonlySet<string>): string {
  let name = label;
  for (let number = 2; taken.has(name); number += 1) name = `${label} ${number}`;
  return name;
}

function problemOf(run: () => unknown): string | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** What was typed, as an entry of the setting; what nobody asks for stays as it was. */
function entryOf({ edited, name, type, url }: Draft): ClientEntry {
  const { proxyUrl, timeout, tls } = edited ?? {};
  return { kind: 'client', name, type, url, proxyUrl, timeout, tls };
}

const loginOf = ({ username, password, apiKey }: Draft): Login =>
  apiKey === undefined ? { username, password } : { apiKey };

/** Connects once with what was typed. The error, where it does not work; undefined where it does. */
async function tryConnection(draft: Draft): Promise<Error | undefined> {
  const title = vscode.l10n.t('Connecting to {0}…', draft.url);
  try {
    const rpc = await makeRpc(entryOf(draft), { login: loginOf(draft), proxy: draft.proxy });
    try {
      await withCancel(title, signal => rpc.connect({ signal }));
      return undefined;
    } finally {
      void rpc.disconnect().catch(() => {});
    }
  } catch (error) {
    return error as Error;
  }
}

async function saveAnyway({ url }: Draft, problem: Error): Promise<boolean> {
  const isCancelled = problem instanceof vscode.CancellationError;
  const message = isCancelled
    ? vscode.l10n.t('The connection to {0} was not tried to its end.', toLabel(url))
    : vscode.l10n.t('Could not connect to {0}', toLabel(url));
  const anyway = vscode.l10n.t('Save Anyway');
  const edit: vscode.MessageItem = { title: vscode.l10n.t('Edit'), isCloseAffordance: true };
  const detail = isCancelled ? '' : toLabel(problem.message);
  const choice = await vscode.window.showWarningMessage(
    message,
    { modal: true, detail },
    { title: anyway },
    edit,
  );
  return choice?.title === anyway;
}

async function save({ secrets, settings, clients }: App, draft: Draft): Promise<void> {
  const { edited, name, url } = draft;
  const entry = entryOf(draft);
  const isWanted = edited && clients.find(edited.name)?.isWanted;
  // The secret first: the client may connect as soon as the setting is there.
  await secrets.set(entry, 'login', loginOf(draft));
  await secrets.set(entry, 'proxy', draft.proxy);
  await settings.edit(raw => {
    const index = edited ? indexOfClient(raw, edited.name) : -1;
    if (index < 0) return [{ path: [raw.length], value: { ...entry, kind: undefined } }];
    return [
      { path: [index, 'name'], value: name },
      { path: [index, 'url'], value: url },
    ];
  });
  const client = clients.find(name);
  if (edited && edited.name !== name) {
    await secrets.delete(edited.name);
    client?.resume(isWanted);
  } else if (edited?.url === url) {
    // Where the settings say the same as before, only the credentials are new.
    await client?.reconnect();
  }
}
