/** *Add Client* and *Edit Client*: asks step by step, tries the connection, and loses nothing that was typed. */
import * as vscode from 'vscode';
import { COMMAND_IDS } from '../../ids.ts';
import type { ClientName } from '../../rpc/index.ts';
import type { App } from '../app.ts';
import { loadCore } from '../core.ts';
import { CLIENT_TYPES, type ClientEntry, isClientType, originOf } from '../entries.ts';
import { withCancel } from '../messages.ts';
import { type Answer, askPick, askSteps, askText, BACK, LEFT, type Step } from '../prompts.ts';
import { type Target, targetClient } from './targets.ts';

export function registerAddClient(app: App): void {
  app.context.subscriptions.push(
    vscode.commands.registerCommand(COMMAND_IDS.addClient, () => defineClient(app, undefined)),
    vscode.commands.registerCommand(COMMAND_IDS.editClient, async (target: Target) => {
      const client = await targetClient(app, target, vscode.l10n.t('Edit Client'));
      if (client) await defineClient(app, client.entry);
    }),
  );
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
  readonly name: string;
  /** Whether the credentials stood in the address, so that nobody asks for them again. */
  readonly hadCredentials: boolean;
}

const ADDRESS_STEP = 1;

async function defineClient(app: App, edited: ClientEntry | undefined): Promise<void> {
  let draft: Draft | undefined = await firstDraft(app, edited);
  let from = edited ? ADDRESS_STEP : 0;
  for (;;) {
    draft = await askSteps(stepsOf(app), draft, from);
    if (!draft) return;
    const problem = await tryConnection(draft);
    if (!problem || (await saveAnyway(draft, problem))) break;
    from = ADDRESS_STEP;
  }
  await save(app, draft);
}

async function firstDraft({ secrets }: App, edited: ClientEntry | undefined): Promise<Draft> {
  const { username = '', password = '' } = edited ? await secrets.get(edited) : {};
  return {
    title: edited ? vscode.l10n.t('Edit Client') : vscode.l10n.t('Add Client'),
    edited,
    type: edited?.type ?? 'transmission',
    url: edited?.url ?? '',
    username,
    password,
    name: edited?.name ?? '',
    hadCredentials: false,
  };
}

function stepsOf(app: App): Step<Draft>[] {
  return [
    { isSkipped: ({ edited }) => edited !== undefined, ask: askType },
    { ask: askAddress },
    { isSkipped: ({ hadCredentials }) => hadCredentials, ask: askUsername },
    { isSkipped: ({ hadCredentials, username }) => hadCredentials || username === '', ask: askPassword },
    { ask: (draft, info) => askName(app, draft, info) },
  ];
}

type Info = Parameters<Step<Draft>['ask']>[1];

async function askType({ title, type }: Draft, info: Info): Promise<Answer<Partial<Draft>>> {
  const names = Object.keys(CLIENT_TYPES).filter(isClientType);
  const items = names.map(name => ({ label: CLIENT_TYPES[name].label, name }));
  const active = items.find(item => item.name === type);
  const answer = await askPick({
    title,
    placeholder: vscode.l10n.t('Choose the type of client'),
    items,
    active,
    ...info,
  });
  return isValue(answer) ? { type: answer.name } : answer;
}

async function askAddress({ title, type, url }: Draft, info: Info): Promise<Answer<Partial<Draft>>> {
  const { label, URL } = CLIENT_TYPES[type];
  const standard = new URL().withoutAuth;
  const text = await askText({
    title,
    prompt: vscode.l10n.t('Address of {0}', label),
    placeholder: standard,
    value: url || standard,
    validate: value => problemOf(() => new URL(value.trim())),
    ...info,
  });
  if (!isValue(text)) return text;
  const parsed = new URL(text.trim());
  const { username, password } = parsed;
  if (!username && !password) return { url: parsed.withoutAuth, hadCredentials: false };
  return {
    url: parsed.withoutAuth,
    username: username ?? '',
    password: password ?? '',
    hadCredentials: true,
  };
}

async function askUsername({ title, username }: Draft, info: Info): Promise<Answer<Partial<Draft>>> {
  const prompt = vscode.l10n.t('User name (leave empty for none)');
  const answer = await askText({ title, prompt, value: username, ...info });
  if (!isValue(answer)) return answer;
  return answer === '' ? { username: '', password: '' } : { username: answer };
}

async function askPassword(
  { title, username, password }: Draft,
  info: Info,
): Promise<Answer<Partial<Draft>>> {
  const prompt = vscode.l10n.t('Password of {0}', username);
  const answer = await askText({ title, prompt, value: password, isPassword: true, ...info });
  return isValue(answer) ? { password: answer } : answer;
}

async function askName(
  { clients }: App,
  { title, type, name, edited }: Draft,
  info: Info,
): Promise<Answer<Partial<Draft>>> {
  const taken = new Set(clients.items.map(item => ('entry' in item ? item.entry.name : item.name)));
  if (edited) taken.delete(edited.name);
  const { label } = CLIENT_TYPES[type];
  const validate = (text: string) => {
    if (text.trim() === '') return vscode.l10n.t('The client needs a name');
    return taken.has(text.trim())
      ? vscode.l10n.t('Another client has the name “{0}”', text.trim())
      : undefined;
  };
  const prompt = vscode.l10n.t('Name of the client');
  const answer = await askText({ title, prompt, value: name || freeName(label, taken), validate, ...info });
  return isValue(answer) ? { name: answer.trim() } : answer;
}

function freeName(label: string, taken: ReadonlySet<string>): string {
  let name = label;
  for (let number = 2; taken.has(name); number += 1) name = `${label} ${number}`;
  return name;
}

function isValue<T>(answer: Answer<T>): answer is T {
  return answer !== BACK && answer !== LEFT;
}

function problemOf(run: () => unknown): string | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** Connects once with what was typed. The error, where it does not work; undefined where it does. */
async function tryConnection({ type, url, username, password }: Draft): Promise<Error | undefined> {
  const title = vscode.l10n.t('Connecting to {0}…', url);
  const rpc = loadCore().client(type, { url, username, password });
  try {
    await withCancel(title, signal => rpc.connect({ signal }));
    return undefined;
  } catch (error) {
    return error as Error;
  } finally {
    void rpc.disconnect().catch(() => {});
  }
}

async function saveAnyway({ url }: Draft, problem: Error): Promise<boolean> {
  const isCancelled = problem instanceof vscode.CancellationError;
  const message = isCancelled
    ? vscode.l10n.t('The connection to {0} was not tried to its end.', url)
    : vscode.l10n.t('Could not connect to {0}', url);
  const anyway = vscode.l10n.t('Save Anyway');
  const edit: vscode.MessageItem = { title: vscode.l10n.t('Edit'), isCloseAffordance: true };
  const detail = isCancelled ? '' : problem.message;
  const choice = await vscode.window.showWarningMessage(
    message,
    { modal: true, detail },
    { title: anyway },
    edit,
  );
  return choice?.title === anyway;
}

async function save(app: App, { edited, name, type, url, username, password }: Draft): Promise<void> {
  const entry: ClientEntry = { kind: 'client', name, type, url, timeout: edited?.timeout };
  // The secret first: the client may connect as soon as the setting is there.
  await app.secrets.set(entry, { username, password });
  await app.settings.edit(clients => {
    const index = edited
      ? clients.findIndex(each => (each as { name?: unknown } | null)?.name === edited.name)
      : -1;
    if (index < 0) return [{ path: [clients.length], value: { name, type, url } }];
    return [
      { path: [index, 'name'], value: name },
      { path: [index, 'url'], value: url },
    ];
  });
  if (edited && edited.name !== name) await app.secrets.delete(edited.name);
  const client = app.clients.find(name);
  if (client && (!edited || originOf(edited) === originOf(entry))) void client.reconnect();
}
