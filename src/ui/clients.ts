/** The configured clients, kept in step with the settings. */
import { isDeepStrictEqual } from 'node:util';
import * as vscode from 'vscode';
import type { StoreChange } from '../torrents/store.ts';
import { isSameList } from '../util/lists.ts';
import { toMessage, toName } from '../util/text.ts';
import { type ClientServices, ManagedClient } from './client.ts';
import type { InvalidEntry } from './entries.ts';
import { type FoundCredentials, findCredentials } from './foundCredentials.ts';
import { listNames } from './messages.ts';

/** What changed of one client's torrents. */
export interface TorrentsChange {
  readonly client: ManagedClient;
  readonly change: StoreChange;
}

export class Clients implements vscode.Disposable {
  readonly #services: ClientServices;
  readonly #changed = new vscode.EventEmitter<ManagedClient | undefined>();
  readonly #subscriptions: readonly vscode.Disposable[];
  #items: readonly (ManagedClient | InvalidEntry)[] = [];

  readonly #torrentsChanged = new vscode.EventEmitter<TorrentsChange>();
  /** Fires when torrents of a client came, went or changed. */
  readonly onDidChangeTorrents = this.#torrentsChanged.event;

  readonly #refreshed = new vscode.EventEmitter<ManagedClient>();
  /** Fires when a client has told what changed, be it nothing. */
  readonly onDidRefresh = this.#refreshed.event;

  /** Fires with the client that changed, or with undefined when clients came, went or moved. */
  readonly onDidChange = this.#changed.event;

  constructor(services: ClientServices) {
    this.#services = services;
    const { settings, secrets } = services;
    this.#subscriptions = [
      settings.onDidChangeClients(() => this.#load()),
      settings.onDidChangeRefreshInterval(() => {
        for (const client of this.all) client.intervalChanged();
      }),
      secrets.onDidChange(name => {
        const client = this.find(name);
        void (client?.isWanted ? client.reconnect() : client?.close());
      }),
    ];
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

  /** Resolves when the daemons know. */
  async dispose(): Promise<void> {
    for (const subscription of this.#subscriptions) subscription.dispose();
    this.#changed.dispose();
    this.#torrentsChanged.dispose();
    this.#refreshed.dispose();
    await Promise.all(this.all.map(client => client.dispose()));
  }

  #load(): void {
    const shown = this.#items;
    const before = new Map(this.all.map(client => [client.entry.name, client]));
    this.#items = this.#services.settings.entries.map((entry, index) => {
      if (entry.kind === 'invalid') {
        const last = shown[index];
        return last && isDeepStrictEqual(last, entry) ? last : entry;
      }
      const known = before.get(entry.name);
      if (known && isDeepStrictEqual(known.entry, entry)) {
        before.delete(entry.name);
        return known;
      }
      return this.#make(entry);
    });
    // A client that was changed goes on with its new settings.
    for (const gone of before.values()) {
      this.find(gone.entry.name)?.resume(gone.isWanted);
      void gone.dispose();
    }
    void this.#moveCredentials();
    // Where only credentials were cut nothing is another, and what is about to be expanded need not be drawn anew.
    if (!isSameList(this.#items, shown)) this.#changed.fire(undefined);
  }

  #make(entry: ManagedClient['entry']): ManagedClient {
    const client = new ManagedClient(entry, this.#services);
    client.onDidChange(() => this.#changed.fire(client));
    client.torrents.onDidChange(change => this.#torrentsChanged.fire({ client, change }));
    client.torrents.onDidRefresh(() => this.#refreshed.fire(client));
    return client;
  }

  /** Credentials typed into the settings go to SecretStorage first and are cut from the settings then. */
  async #moveCredentials(): Promise<void> {
    const { settings, secrets } = this.#services;
    if (findCredentials(settings.rawClients).length === 0) return;
    let moved: readonly FoundCredentials[] = [];
    try {
      await settings.edit(async clients => {
        moved = findCredentials(clients);
        await Promise.all(
          moved.flatMap(({ entry, login, proxy }) => [
            ...(login ? [secrets.set(entry, 'login', login)] : []),
            ...(proxy ? [secrets.set(entry, 'proxy', proxy)] : []),
          ]),
        );
        return moved.flatMap(({ edits }) => edits);
      });
    } catch (error) {
      const problem = (error as Error).message;
      void vscode.window.showErrorMessage(
        toMessage(
          vscode.l10n.t('Credentials could not be moved out of the setting btRpc.clients: {0}', problem),
        ),
      );
      return;
    }
    // Another window was faster.
    if (moved.length === 0) return;
    const names = listNames(
      moved.map(({ entry }) => `“${toName(entry.name)}”`),
      ', ',
    );
    void vscode.window.showInformationMessage(
      toMessage(
        vscode.l10n.t('Credentials of {0} were moved from the settings into the secret storage.', names),
      ),
    );
    // A client that was refused without them may now be let in.
    for (const { entry } of moved) {
      const client = this.find(entry.name);
      if (client?.isWanted) void client.reconnect();
    }
  }
}
