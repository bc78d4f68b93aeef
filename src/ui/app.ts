/** What the features share: built at activation, without touching network, secrets or the RPC core. */
import * as vscode from 'vscode';
import { Clients } from './clients.ts';
import { Log } from './log.ts';
import { Secrets } from './secrets.ts';
import { Settings } from './settings.ts';

export interface App {
  readonly context: vscode.ExtensionContext;
  readonly log: Log;
  readonly secrets: Secrets;
  readonly settings: Settings;
  readonly clients: Clients;
  /** Tells whether anybody looks at the clients' torrents; set by the view. */
  readonly visibility: Visibility;
}

/** Whether a view is on the screen. */
export class Visibility {
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.#changed.event;
  #isVisible = false;

  get isVisible(): boolean {
    return this.#isVisible;
  }
  set isVisible(value: boolean) {
    if (value === this.#isVisible) return;
    this.#isVisible = value;
    this.#changed.fire();
  }
}

export function createApp(context: vscode.ExtensionContext): App {
  const log = new Log();
  const secrets = new Secrets(context);
  const settings = new Settings(context);
  const visibility = new Visibility();
  const clients = new Clients({ log, secrets, settings, isVisible: () => visibility.isVisible });
  visibility.onDidChange(() => {
    for (const client of clients.all) client.visibilityChanged();
  });
  context.subscriptions.push(log, settings, clients);
  return { context, log, secrets, settings, clients, visibility };
}
