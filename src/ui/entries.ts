/** The entries of `btRpc.clients`, read without trust: whoever edits settings by hand makes mistakes. */
import os from 'node:os';
import path from 'node:path';
import type { ClientName } from '../rpc/index.ts';
import { type ClientURL, ProxyURL } from '../rpc/url.ts';
import { toName } from '../util/text.ts';
import { CLIENT_NAMES, CLIENT_TYPES, isClientType } from './clientTypes.ts';

/** A client as the settings define it; addresses hold no credentials. */
export interface ClientEntry {
  readonly kind: 'client';
  readonly name: string;
  readonly type: ClientName;
  readonly url: string;
  readonly proxyUrl: string | undefined;
  /** Seconds. */
  readonly timeout: number | undefined;
  readonly tls: EntryTls | undefined;
}

/** How the certificate of a client is checked. */
export interface EntryTls {
  /** SHA-256, as the user wrote it. */
  readonly fingerprint256: string | undefined;
  /** The absolute path of a PEM file. */
  readonly caFile: string | undefined;
  /** Takes any certificate. */
  readonly insecure: boolean;
}

/** An entry that cannot be used, in its place. */
export interface InvalidEntry {
  readonly kind: 'invalid';
  /** The entry's name, or its number as in `#3`. */
  readonly name: string;
  /** From 0, in the setting. */
  readonly index: number;
  readonly problem: string;
}

export type Entry = ClientEntry | InvalidEntry;

/** All entries of the setting, good and bad, in its order. */
export function readEntries(setting: unknown): Entry[] {
  if (setting === undefined || setting === null) return [];
  if (!Array.isArray(setting))
    return [{ kind: 'invalid', name: 'btRpc.clients', index: 0, problem: 'The setting must be a list' }];
  const names = new Set<string>();
  return setting.map((raw: unknown, index) => {
    const label = nameIn(raw) ?? `#${index + 1}`;
    try {
      const entry = readEntry(raw);
      if (names.has(entry.name)) throw new Error(`Another client has the name "${toName(entry.name)}"`);
      names.add(entry.name);
      return entry;
    } catch (error) {
      return { kind: 'invalid', name: label, index, problem: (error as Error).message };
    }
  });
}

function readEntry(raw: unknown): ClientEntry {
  if (!isRecord(raw)) throw new Error('An entry must be an object with "name", "type" and "url"');
  const name = readText(raw, 'name');
  if (!name?.trim()) throw new Error('"name" is missing');
  if (!isClientType(raw.type)) throw new Error(`"type" must be one of: ${CLIENT_NAMES.join(', ')}`);
  return {
    kind: 'client',
    name,
    type: raw.type,
    url: new CLIENT_TYPES[raw.type].URL(readText(raw, 'url')).withoutAuth,
    proxyUrl: readProxyUrl(readText(raw, 'proxyUrl')),
    timeout: readTimeout(raw.timeout),
    tls: readTls(raw.tls),
  };
}

function readText(raw: Record<string, unknown>, property: string): string | undefined {
  const value = raw[property];
  if (value !== undefined && typeof value !== 'string') throw new Error(`"${property}" must be a text`);
  return value || undefined;
}

function readProxyUrl(text: string | undefined): string | undefined {
  try {
    return text && new ProxyURL(text).withoutAuth;
  } catch (error) {
    throw new Error(`"proxyUrl": ${(error as Error).message}`);
  }
}

function readTimeout(value: unknown): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'number' || value < 0) throw new Error('"timeout" must be a number of seconds');
  return value;
}

function readTls(raw: unknown): EntryTls | undefined {
  if (raw === undefined) return undefined;
  if (!isRecord(raw)) throw new Error('"tls" must be an object');
  const { fingerprint256, insecure = false } = raw;
  if (fingerprint256 !== undefined && !isFingerprint(fingerprint256))
    throw new Error('"tls.fingerprint256" must be a SHA-256 fingerprint, 64 hexadecimal digits');
  if (typeof insecure !== 'boolean') throw new Error('"tls.insecure" must be true or false');
  return { fingerprint256, caFile: readCaFile(raw), insecure };
}

function isFingerprint(value: unknown): value is string {
  return typeof value === 'string' && /^[\da-f]{64}$/i.test(value.replaceAll(/[:\s]/g, ''));
}

function readCaFile(tls: Record<string, unknown>): string | undefined {
  const file = readText(tls, 'caFile')?.replace(/^~(?=[/\\])/, os.homedir());
  // Relative to what? The user's settings belong to no folder.
  if (file !== undefined && !path.isAbsolute(file)) throw new Error('"tls.caFile" must be an absolute path');
  return file;
}

/** Where in the setting the client of a name stands; -1 where it does not. */
export function indexOfClient(setting: unknown, name: string): number {
  return readEntries(setting).findIndex(entry => entry.kind === 'client' && entry.name === name);
}

/** The name of an entry as it stands in the setting. */
function nameIn(raw: unknown): string | undefined {
  return isRecord(raw) && typeof raw.name === 'string' && raw.name.trim() ? raw.name : undefined;
}

/** Whether a value of the setting is an object with members. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Type, scheme, host and port (of a socket, its path): the client's secret is sent nowhere else. */
export function originOf({ type, url }: Pick<ClientEntry, 'type' | 'url'>): string {
  return `${type} ${writeOrigin(new CLIENT_TYPES[type].URL(url))}`;
}

/** Scheme, host and port of the proxy: its secret is sent nowhere else; undefined without one. */
export function proxyOriginOf({ proxyUrl }: Pick<ClientEntry, 'proxyUrl'>): string | undefined {
  return proxyUrl === undefined ? undefined : writeOrigin(new ProxyURL(proxyUrl));
}

function writeOrigin({ scheme, host, port, path: socket }: ClientURL): string {
  if (scheme === 'file') return `file://${socket}`;
  return `${scheme ?? ''}://${host?.toLowerCase() ?? ''}:${port ?? ''}`;
}
