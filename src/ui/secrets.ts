/** Credentials in SecretStorage: the one place that touches it. */
import type * as vscode from 'vscode';
import { type ClientEntry, originOf, proxyOriginOf } from './entries.ts';

/** What somebody logs in with: a user name and password, or an API key. */
export interface Login {
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly apiKey?: string | undefined;
}

/** What is stored for a client. */
export interface Credentials {
  readonly login: Login;
  readonly proxy: Login;
}

/** Whom a login is for. */
export type LoginOf = 'login' | 'proxy';

/** As stored: bound to the origin that it was typed for. */
interface StoredLogin extends Login {
  readonly origin: string;
}

const PREFIXES: { readonly [Of in LoginOf]: string } = { login: 'client:', proxy: 'proxy:' };
/** What a login is bound to. */
export const ORIGINS: { readonly [Of in LoginOf]: (entry: ClientEntry) => string | undefined } = {
  login: originOf,
  proxy: proxyOriginOf,
};
const BOTH = Object.keys(PREFIXES) as LoginOf[];

export class Secrets {
  readonly #storage: vscode.SecretStorage;
  /** What this window has read or written, by key: all else is another window's doing. */
  readonly #known = new Map<string, string | undefined>();
  /** Who reads waits for what is being written: a client may connect as soon as its setting is there. */
  #writes: Promise<void> = Promise.resolve();

  constructor({ secrets }: Pick<vscode.ExtensionContext, 'secrets'>) {
    this.#storage = secrets;
  }

  /** Calls back with the name of a client whose credentials another window has changed. */
  onDidChange(listener: (name: string) => void): vscode.Disposable {
    return this.#storage.onDidChange(({ key }) => void this.#keyChanged(key, listener).catch(() => {}));
  }

  /** What was stored for this client at these addresses; empty where there is none, or it belongs to another. */
  async get(entry: ClientEntry): Promise<Credentials> {
    await this.#writes;
    const [login, proxy] = await Promise.all([this.#get(entry, 'login'), this.#get(entry, 'proxy')]);
    return { login, proxy };
  }

  async #get(entry: ClientEntry, of: LoginOf): Promise<Login> {
    const wanted = ORIGINS[of](entry);
    const text = wanted === undefined ? undefined : await this.#read(PREFIXES[of] + entry.name);
    if (text === undefined) return {};
    const { origin, ...login } = JSON.parse(text) as StoredLogin;
    return origin === wanted ? login : {};
  }

  /** Stores a login for this client at this address in place of the one before; an empty one deletes. */
  set(entry: ClientEntry, of: LoginOf, { username, password, apiKey }: Login): Promise<void> {
    const origin = ORIGINS[of](entry);
    const isEmpty = !username && !password && !apiKey;
    const stored: StoredLogin | undefined =
      origin === undefined || isEmpty ? undefined : { origin, username, password, apiKey };
    return this.#write(PREFIXES[of] + entry.name, stored);
  }

  /** Deletes all that is stored for a name. */
  async delete(name: string): Promise<void> {
    await Promise.all(BOTH.map(of => this.#write(PREFIXES[of] + name, undefined)));
  }

  /** The names for which something is stored, also of clients that the settings no longer have. */
  async names(): Promise<string[]> {
    const keys = await this.#storage.keys();
    const names = keys.flatMap(key =>
      BOTH.filter(of => key.startsWith(PREFIXES[of])).map(of => key.slice(PREFIXES[of].length)),
    );
    return [...new Set(names)].sort((a, b) => a.localeCompare(b));
  }

  async #read(key: string): Promise<string | undefined> {
    const text = await this.#storage.get(key);
    this.#known.set(key, text);
    return text;
  }

  #write(key: string, stored: StoredLogin | undefined): Promise<void> {
    const text = stored && JSON.stringify(stored);
    const written = this.#writes.then(() => {
      this.#known.set(key, text);
      return text === undefined ? this.#storage.delete(key) : this.#storage.store(key, text);
    });
    this.#writes = written.catch(() => {});
    return written;
  }

  async #keyChanged(key: string, listener: (name: string) => void): Promise<void> {
    // What nobody here has used is no news; what cannot be read now is told to who reads it next.
    if (!this.#known.has(key)) return;
    await this.#writes;
    const before = this.#known.get(key);
    if ((await this.#read(key)) === before) return;
    const prefix = Object.values(PREFIXES).find(each => key.startsWith(each)) ?? '';
    listener(key.slice(prefix.length));
  }
}
