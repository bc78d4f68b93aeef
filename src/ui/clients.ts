/** The configured clients, kept in step with the settings. */
import { isDeepStrictEqual } from 'node:util';
import * as vscode from 'vscode';
import { toMessage } from '../util/text.ts';
import { type ClientServices, ManagedClient } from './client.ts';
import type { InvalidEntry } from './entries.ts';
import { findCredentials } from './foundCredentials.ts';

export class Clients implements vscode.Disposable {
  readonly #services: ClientServices;
  readonly #changed = new vscode.EventEmitter<ManagedClient | undefined>();
  readonly #subscription: vscode.Disposable;
  #items: readonly (ManagedClient | InvalidEntry)[] = [];

  /** Fires with the client that changed, or with undefined when clients came, went or moved. */
  readonly onDidChange = this.#changed.event;

  constructor(services: ClientServices) {
    this.#services = services;
    this.#subscription = services.settings.onDidChangeClients(() => this.#load());
    this.#load();
  }

  /** One per entry of the setting, in its order. */
  get items(): readonly (ManagedClient | InvalidEntry)[] {
    return this.#items;
  }

  /** Those that can be used. */
  get all(): readonly ManagedClient[] {
    return this.#items.filter(item => item instanceof ManagedClient);
  }

  find(name: string): ManagedClient | undefined {
    return this.all.find(client => client.entry.name === name);
  }

  dispose(): void {
    this.#subscription.dispose();
    for (const client of this.all) client.dispose();
    this.#changed.dispose();
  }

  #load(): void {
    const before = new Map(this.all.map(client => [client.entry.name, client]));
    this.#items = this.#services.settings.entries.map(entry => {
      if (entry.kind === 'invalid') return entry;
      const known = before.get(entry.name);
      if (known && isDeepStrictEqual(known.entry, entry)) {
        before.delete(entry.name);
        return known;
      }
      return this.#make(entry);
    });
    // A client that was changed goes on with its new settings.
    const resumed = [...before].filter(([, { isWanted }]) => isWanted).map(([name]) => name);
    for (const gone of before.values()) gone.dispose();
    void this.#moveCredentials();
    this.#changed.fire(undefined);
    for (const name of resumed) void this.find(name)?.connect();
  }

  #make(entry: ManagedClient['entry']): ManagedClient {
    const client = new ManagedClient(entry, this.#services);
    client.onDidChange(() => this.#changed.fire(client));
    return client;
  }

  /** Credentials typed into the settings go to SecretStorage first and are cut from the settings then. */
  async #moveCredentials(): Promise<void> {
    const { settings, secrets } = this.#services;
    const found = findCredentials(settings.rawClients);
    if (found.length === 0) return;
    const stored = found.flatMap(({ entry, login, proxy }) => [
      ...(login ? [secrets.set(entry, 'login', login)] : []),
      ...(proxy ? [secrets.set(entry, 'proxy', proxy)] : []),
    ]);
    try {
      await Promise.all(stored);
      await settings.edit(clients => findCredentials(clients).flatMap(({ edits }) => edits));
    } catch (error) {
      const problem = (error as Error).message;
      void vscode.window.showErrorMessage(
        toMessage(
          vscode.l10n.t('Credentials could not be moved out of the setting btRpc.clients: {0}', problem),
        ),
      );
      return;
    }
    const names = found.map(({ entry }) => `“${entry.name}”`).join(', ');
    void vscode.window.showInformationMessage(
      toMessage(
        vscode.l10n.t('Credentials of {0} were moved from the settings into the secret storage.', names),
      ),
    );
    // A client that was refused without them may now be let in.
    for (const { entry } of found) {
      const client = this.find(entry.name);
      if (client?.isWanted) void client.reconnect();
    }
  }
}
