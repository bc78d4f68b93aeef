/** *Set Credentials*: into SecretStorage, then connects again. */
import * as vscode from 'vscode';
import { COMMAND_IDS } from '../../ids.ts';
import { toLabel } from '../../util/text.ts';
import type { App } from '../app.ts';
import { askSteps, askText, BACK, LEFT } from '../prompts.ts';
import { type Target, targetClient } from './targets.ts';

export function registerCredentials(app: App): void {
  app.context.subscriptions.push(
    vscode.commands.registerCommand(COMMAND_IDS.setCredentials, (target: Target) =>
      setCredentials(app, target),
    ),
  );
}

async function setCredentials(app: App, target: Target): Promise<void> {
  const client = await targetClient(app, target, vscode.l10n.t('Set Credentials'));
  if (!client) return;
  const title = vscode.l10n.t('Set Credentials of {0}', toLabel(client.entry.name));
  const stored = await app.secrets.get(client.entry);
  const prompts = {
    username: vscode.l10n.t('User name (leave empty for none)'),
    password: vscode.l10n.t('Password'),
  };
  const step = (part: 'username' | 'password') => ({
    isSkipped: (state: { username: string }) => part === 'password' && state.username === '',
    ask: async (state: { username: string; password: string }, info: { step: number | undefined }) => {
      const isPassword = part === 'password';
      const answer = await askText({
        title,
        prompt: prompts[part],
        value: state[part],
        isPassword,
        step: info.step,
      });
      return answer === BACK || answer === LEFT ? answer : { [part]: answer };
    },
  });
  const initial = { username: stored.username ?? '', password: '' };
  const credentials = await askSteps([step('username'), step('password')], initial);
  if (!credentials) return;
  await app.secrets.set(client.entry, credentials.username === '' ? {} : credentials);
  await client.reconnect();
}
