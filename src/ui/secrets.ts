/** Credentials in SecretStorage: the one place that touches it. */
import type * as vscode from 'vscode';
import { type ClientEntry, type Credentials, originOf } from './entries.ts';

/** As stored: bound to the origin that they were typed for. */
interface StoredSecret extends Credentials {
  readonly origin: string;
}

const PREFIX = 'client:';

export class Secrets {
  readonly #storage: vscode.SecretStorage;

  constructor({ secrets }: vscode.ExtensionContext) {
    this.#storage = secrets;
  }

  /** What was stored for this client at this address; empty when there is none, or it belongs to another address. */
  async get(entry: ClientEntry): Promise<Credentials> {
    const text = await this.#storage.get(PREFIX + entry.name);
    if (text === undefined) return {};
    const { origin, username, password } = JSON.parse(text) as StoredSecret;
    return origin === originOf(entry) ? { username, password } : {};
  }

  /** Stores credentials for this client at this address in place of all others; empty ones delete. */
  async set(entry: ClientEntry, { username, password }: Credentials): Promise<void> {
    if (!username && !password) return this.delete(entry.name);
    const secret: StoredSecret = { origin: originOf(entry), username, password };
    await this.#storage.store(PREFIX + entry.name, JSON.stringify(secret));
  }

  async delete(name: string): Promise<void> {
    await this.#storage.delete(PREFIX + name);
  }
}
