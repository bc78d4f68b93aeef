/** The entries of `btRpc.clients`, read without trust: whoever edits settings by hand makes mistakes. */
import type { ClientName } from '../rpc/index.ts';
import { type ClientURL, TransmissionURL } from '../rpc/url.ts';

/** A client as the settings define it; addresses hold no credentials. */
export interface ClientEntry {
  readonly kind: 'client';
  readonly name: string;
  readonly type: ClientName;
  readonly url: string;
  /** Seconds. */
  readonly timeout: number | undefined;
}

/** An entry that cannot be used, in its place. */
export interface InvalidEntry {
  readonly kind: 'invalid';
  /** The entry's name, or its number as in `#3`. */
  readonly name: string;
  readonly problem: string;
}

export type Entry = ClientEntry | InvalidEntry;

/** What a client logs in with. */
export interface Credentials {
  readonly username?: string | undefined;
  readonly password?: string | undefined;
}

/** What a type of client is called, and how its address is read. */
export const CLIENT_TYPES: {
  readonly [Name in ClientName]: {
    readonly label: string;
    readonly URL: new (url?: string) => ClientURL;
  };
} = {
  transmission: { label: 'Transmission', URL: TransmissionURL },
};

/** Whether a text names a type of client. */
export function isClientType(value: unknown): value is ClientName {
  return typeof value === 'string' && Object.hasOwn(CLIENT_TYPES, value);
}

/** All entries of the setting, good and bad, in its order. */
export function readEntries(setting: unknown): Entry[] {
  if (!Array.isArray(setting)) return [];
  const names = new Set<string>();
  return setting.map((raw: unknown, index) => {
    const label = nameIn(raw) ?? `#${index + 1}`;
    try {
      const entry = readEntry(raw);
      if (names.has(entry.name)) throw new Error(`Another client has the name "${entry.name}"`);
      names.add(entry.name);
      return entry;
    } catch (error) {
      return { kind: 'invalid', name: label, problem: (error as Error).message };
    }
  });
}

function readEntry(raw: unknown): ClientEntry {
  if (!isRecord(raw)) throw new Error('An entry must be an object with "name", "type" and "url"');
  const name = nameIn(raw);
  if (!name) throw new Error('"name" is missing');
  if (!isClientType(raw.type)) {
    throw new Error(`"type" must be one of: ${Object.keys(CLIENT_TYPES).join(', ')}`);
  }
  if (raw.url !== undefined && typeof raw.url !== 'string') throw new Error('"url" must be a text');
  const url = new CLIENT_TYPES[raw.type].URL(raw.url);
  return { kind: 'client', name, type: raw.type, url: url.withoutAuth, timeout: readTimeout(raw.timeout) };
}

function readTimeout(value: unknown): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'number' || value < 0) throw new Error('"timeout" must be a number of seconds');
  return value;
}

function nameIn(raw: unknown): string | undefined {
  return isRecord(raw) && typeof raw.name === 'string' && raw.name.trim() ? raw.name : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Type, scheme, host and port: a stored secret is sent nowhere else. */
export function originOf({ type, url }: Pick<ClientEntry, 'type' | 'url'>): string {
  const { scheme, host, port } = new CLIENT_TYPES[type].URL(url);
  return `${type} ${scheme ?? ''}://${host?.toLowerCase() ?? ''}:${port ?? ''}`;
}

/** Properties of an entry that hold credentials, where someone typed them there. */
const CREDENTIAL_PROPERTIES = ['username', 'password'] as const;

/** Credentials found in the setting, and the edits that cut them from it. */
export interface FoundCredentials {
  readonly entry: ClientEntry;
  readonly credentials: Credentials;
  /** What to change in the setting, by path; an undefined value is to be removed. */
  readonly edits: readonly SettingEdit[];
}

/** One change of the setting's value. */
export interface SettingEdit {
  readonly path: readonly (string | number)[];
  readonly value: unknown;
}

/** The credentials that stand in the setting in clear, in addresses and properties. */
export function findCredentials(setting: unknown): FoundCredentials[] {
  const entries = readEntries(setting);
  return entries.flatMap((entry, index) => {
    const raw = (setting as Record<string, unknown>[])[index];
    if (entry.kind !== 'client' || !raw) return [];
    const url = new CLIENT_TYPES[entry.type].URL(raw.url as string | undefined);
    const properties = CREDENTIAL_PROPERTIES.filter(property => raw[property] !== undefined);
    const edits: SettingEdit[] = properties.map(property => ({ path: [index, property], value: undefined }));
    if (url.username || url.password)
      edits.push({ path: [index, 'url'], value: cutCredentials(String(raw.url)) });
    if (edits.length === 0) return [];
    const username = textIn(raw.username) ?? url.username;
    const password = textIn(raw.password) ?? url.password;
    return [{ entry, credentials: { username, password }, edits }];
  });
}

/** An address as it was typed, less its credentials: they end at the last `@` before the path. */
function cutCredentials(url: string): string {
  return url.replace(/^([a-z][a-z0-9+.-]*:\/\/)?[^/]*@/i, '$1');
}

function textIn(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
