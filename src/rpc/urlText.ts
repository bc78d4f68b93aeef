/** The text of a URL and its parts: how each is read, checked and written. Knows nothing of clients or defaults. */
import { ValueError } from './errors.ts';

/** The parts of a URL; one that is not there is undefined. */
export interface Parts {
  /** Lower case, without `://`. */
  readonly scheme: string | undefined;
  /** As the user knows it, not percent-encoded. */
  readonly username: string | undefined;
  /** As the user knows it, not percent-encoded. */
  readonly password: string | undefined;
  /** A name or an address; IPv6 without brackets, with a zone where it has one. */
  readonly host: string | undefined;
  /** 1 to 65535. */
  readonly port: number | undefined;
  /** As written, with its leading `/`, query and fragment included; nothing in it is decoded or encoded. */
  readonly path: string | undefined;
}

/** The name of one part. */
export type URLPart = keyof Parts;

/** Parts as they come from outside, unchecked. */
export type URLParts = { readonly [P in URLPart]?: string | number | null | undefined };

/** A URL without any part. */
export const NO_PARTS: Parts = {
  scheme: undefined,
  username: undefined,
  password: undefined,
  host: undefined,
  port: undefined,
  path: undefined,
};

/** The names of all parts, in the order in which they are checked. */
export const PART_NAMES = ['scheme', 'host', 'port', 'username', 'password', 'path'] as const;

// A scheme is all before `://`, where that holds the text's first slash: not in `localhost/path://more`.
const SCHEME = /^([^/]*?):\/\//;

/**
 * Takes a text apart, without checking the parts: only credentials are decoded already.
 *
 * The authority ends at the first slash after the scheme, its credentials end at its last `@` and are divided at their
 * first `:`.
 */
export function parseText(text: string): URLParts {
  const scheme = SCHEME.exec(text)?.[1];
  const rest = scheme === undefined ? text : text.slice(scheme.length + '://'.length);
  const [authority, path] = splitBefore(rest, rest.indexOf('/'));
  const at = authority.lastIndexOf('@');
  const [username, password] = splitBefore(authority.slice(0, Math.max(at, 0)), authority.indexOf(':'));
  return {
    scheme: scheme?.toLowerCase(),
    username: decodePercent(username),
    password: password && decodePercent(password.slice(1)),
    ...splitAddress(authority.slice(at + 1)),
    path,
  };
}

/** What stands before an index and from it on; -1, or an index beyond the end, means that there is no second half. */
function splitBefore(text: string, index: number): [string, string | undefined] {
  return index < 0 || index >= text.length ? [text, undefined] : [text.slice(0, index), text.slice(index)];
}

/** `host:port`, `[v6]:port`, or an IPv6 address alone, which is taken whole. */
function splitAddress(text: string): { host: string; port: string | undefined } {
  if (isIPv6(text)) return { host: text, port: undefined };
  const bracketed = /^(\[[^\]]*\])(?::(.*))?$/s.exec(text);
  if (bracketed) return { host: bracketed[1] as string, port: bracketed[2] };
  const [host, port] = splitBefore(text, text.startsWith('[') ? -1 : text.indexOf(':'));
  return { host, port: port?.slice(1) };
}

/** `host:port` as it stands in a URL: IPv6 in brackets, missing parts left out. */
export function writeAddress({ host, port }: Parts): string {
  const name = host?.includes(':') ? `[${host}]` : (host ?? '');
  return port === undefined ? name : `${name}:${port}`;
}

/** `username:password@` as it stands in a URL, percent-encoded; empty where there are no credentials. */
export function writeCredentials({ username, password }: Parts): string {
  if (username === undefined && password === undefined) return '';
  const secret = password === undefined ? '' : `:${encodePercent(password)}`;
  return `${encodePercent(username ?? '')}${secret}@`;
}

/** Encodes all but what is safe in any place of a URL. Lone surrogates have no UTF-8 and stay as they are. */
function encodePercent(text: string): string {
  return text.replace(/[^\w.~-]/gu, char => (char.isWellFormed() ? encodeURIComponent(char) : char));
}

// The shapes of UTF-8 sequences of one to four bytes; what the shape lets pass, decodeURIComponent judges.
const UTF8_SEQUENCE =
  /%[0-7][\da-f]|%[cd][\da-f]%[89ab][\da-f]|%e[\da-f](?:%[89ab][\da-f]){2}|%f[0-7](?:%[89ab][\da-f]){3}/gi;

/** Decodes each valid sequence and leaves everything else as it is: passwords are often written with a bare `%`. */
function decodePercent(text: string): string {
  return text.replace(UTF8_SEQUENCE, sequence => {
    try {
      return decodeURIComponent(sequence);
    } catch {
      return sequence;
    }
  });
}

/** @throws ValueError unless it is text. The value is not in the message: it may be a password. */
export function checkText(part: URLPart, value: unknown): string {
  if (typeof value !== 'string') throw new ValueError(`Invalid ${part}`);
  return value;
}

/** @returns the path with a leading slash. */
export function checkPath(value: unknown): string {
  const path = checkText('path', value);
  return path.startsWith('/') ? path : `/${path}`;
}

/** @returns the port as a number, of a number or of decimal digits. */
export function checkPort(value: unknown): number {
  const port = typeof value === 'string' && /^[0-9]+$/.test(value) ? Number(value) : value;
  if (typeof port !== 'number' || !Number.isInteger(port) || port < 1 || port > 65535) {
    throw new ValueError('Invalid port');
  }
  return port;
}

// Blanks, control and invisible characters, lone surrogates, and what delimits something in a URL or is forbidden in
// a host by the URL standard. Other letters than ASCII are fine: Node's resolver knows IDNA.
const NOT_IN_HOST = /[\s\p{Cc}\p{Cf}\p{Cs}/@?#\\[\]:%<>^|]/u;

/** @returns the host without brackets. */
export function checkHost(value: unknown): string {
  const text = checkText('host', value);
  const bracketed = /^\[(.*)\]$/s.exec(text)?.[1];
  const isValid = bracketed === undefined ? isIPv6(text) || !NOT_IN_HOST.test(text) : isIPv6(bracketed);
  if (!isValid) throw new ValueError('Invalid host');
  return bracketed ?? text;
}

/** Whether it is an IPv6 address, with a zone (`fe80::1%eth0`) or without. */
function isIPv6(text: string): boolean {
  const [address, zone] = splitBefore(text, text.indexOf('%'));
  if (!/^[\da-f:.]+$/i.test(address) || !URL.canParse(`http://[${address}]`)) return false;
  return zone === undefined || (zone.length > 1 && !NOT_IN_HOST.test(zone.slice(1)));
}
