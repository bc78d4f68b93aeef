/** Credentials that somebody typed into the setting, and the edits that cut them from it. */
import { type ClientURL, ProxyURL } from '../rpc/url.ts';
import { CLIENT_TYPES, takesCredentials } from './clientTypes.ts';
import { type ClientEntry, type Entry, isRecord, readEntries } from './entries.ts';
import type { Login } from './secrets.ts';
import type { SettingEdit } from './settingEdits.ts';

/** What one entry held. */
export interface FoundCredentials {
  readonly entry: ClientEntry;
  /** Undefined where there were none of the client's. */
  readonly login: Login | undefined;
  /** Undefined where there were none of the proxy's. */
  readonly proxy: Login | undefined;
  readonly edits: readonly SettingEdit[];
}

/** Properties that hold credentials; no entry has them, but people try. */
const PROPERTIES = ['username', 'password', 'apiKey'] as const;

/** The credentials that stand in the setting in clear, in addresses and properties, per entry that they are clearly of. */
export function findCredentials(setting: unknown): FoundCredentials[] {
  if (!Array.isArray(setting)) return [];
  const entries = readEntries(setting);
  return setting.flatMap((raw: unknown, index) => {
    if (!isRecord(raw)) return [];
    const entry = ownerOf(raw, index, entries);
    if (!entry) return [];
    const url = new CLIENT_TYPES[entry.type].URL(raw.url as string | undefined);
    const proxy = entry.proxyUrl === undefined ? undefined : loginIn(new ProxyURL(String(raw.proxyUrl)));
    const properties = PROPERTIES.filter(property => raw[property] !== undefined);
    const addresses = Object.entries({ url: loginIn(url), proxyUrl: proxy }).filter(([, found]) => found);
    const edits: SettingEdit[] = [
      ...properties.map(property => ({ path: [index, property], value: undefined })),
      ...addresses.map(([key]) => ({ path: [index, key], value: cutCredentials(String(raw[key])) })),
    ];
    return edits.length === 0 ? [] : [{ entry, login: findLogin(entry, url, raw), proxy, edits }];
  });
}

/** A bad entry owns its credentials all the same where its address is good, and nobody else has its name. */
function ownerOf(
  { name, type, url, proxyUrl }: Record<string, unknown>,
  index: number,
  entries: readonly Entry[],
): ClientEntry | undefined {
  const entry = entries[index];
  if (entry?.kind !== 'invalid') return entry;
  if (entries.filter(other => other.name === entry.name).length > 1) return undefined;
  return readEntries([{ name, type, url, proxyUrl }])
    .concat(readEntries([{ name, type, url }]))
    .find(({ kind }) => kind === 'client') as ClientEntry | undefined;
}

/** Properties are stronger than what the address holds; what that type of client cannot use is only in the way. */
function findLogin({ type }: ClientEntry, url: ClientURL, raw: Record<string, unknown>): Login | undefined {
  if (!takesCredentials(url)) return undefined;
  const apiKey = textIn(raw.apiKey);
  if (apiKey !== undefined && CLIENT_TYPES[type].hasApiKeys) return { apiKey };
  return loginIn({
    username: textIn(raw.username) ?? url.username,
    password: textIn(raw.password) ?? url.password,
  });
}

function loginIn({ username, password }: Login): Login | undefined {
  return username || password ? { username, password } : undefined;
}

/** An address as it was typed, less its credentials: they end at the last `@` before the path. */
function cutCredentials(url: string): string {
  return url.replace(/^([a-z][a-z0-9+.-]*:\/\/)?[^/]*@/i, '$1');
}

/** Digits without quotes are a password all the same. */
function textIn(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}
