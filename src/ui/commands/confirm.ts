/** Asking before something is done, as the setting `btRpc.confirm` says. */
import * as vscode from 'vscode';
import type { App } from '../app.ts';

/** How grave something is: it destroys what cannot be had back, destroys something, or changes something. */
export type Gravity = 'always' | 'destructive' | 'write';

export interface Question {
  readonly gravity: Gravity;
  /** The command's title, which is what the button says. */
  readonly title: string;
  readonly message: string;
  /** Names, numbers and consequences. */
  readonly detail: string;
}

/** Whether it may be done: what need not be asked, and what the user says yes to. */
export async function isConfirmed({ settings }: App, question: Question): Promise<boolean> {
  const { gravity, title, message, detail } = question;
  if (!isAsked(settings.confirm, gravity)) return true;
  const choice = await vscode.window.showWarningMessage(message, { modal: true, detail }, title);
  return choice === title;
}

function isAsked(confirm: App['settings']['confirm'], gravity: Gravity): boolean {
  switch (gravity) {
    case 'always':
      return true;
    case 'destructive':
      return confirm !== 'never';
    case 'write':
      return confirm === 'write';
  }
}
