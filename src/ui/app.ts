/** What the features share: built at activation, without touching network, secrets or the RPC core. */
import * as vscode from 'vscode';
import type { ManagedClient } from './client.ts';
import { Clients } from './clients.ts';
import { Log } from './log.ts';
import { Secrets } from './secrets.ts';
import { Settings } from './settings.ts';
import type { Node } from './tree/nodes.ts';

export interface App {
  readonly context: vscode.ExtensionContext;
  readonly log: Log;
  readonly secrets: Secrets;
  readonly settings: Settings;
  readonly clients: Clients;
  /** What is known of the *Clients* view; set by it. */
  readonly view: ViewState;
}

/** How the *Clients* view stands. */
export class ViewState {
  readonly #changed = new vscode.EventEmitter<void>();
  /** Fires when it comes to the screen or leaves it. */
  readonly onDidChangeVisibility = this.#changed.event;
  /** The nodes that are selected in it. */
  selection: readonly Node[] = [];
  /** Selects a torrent in it, wherever it is, and brings it to the screen; set by the view. */
  show: (client: ManagedClient, infoHash: string, options: { readonly focus: boolean }) => Promise<void> =
    async () => {};
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
  const view = new ViewState();
  const clients = new Clients({ log, secrets, settings, isVisible: () => view.isVisible });
  view.onDidChangeVisibility(() => {
    for (const client of clients.all) client.visibilityChanged();
  });
  context.subscriptions.push(log, settings, clients);
  return { context, log, secrets, settings, clients, view };
}
