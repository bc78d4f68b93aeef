/** What a client is made with, and the checks that each property shares. */
import { X509Certificate } from 'node:crypto';
import { isUint8Array } from 'node:util/types';
import { isOptions } from './arguments.ts';
import { ValueError } from './errors.ts';
import type { ClientURL } from './url.ts';

/** How the certificate of the daemon's connection is checked (not of an `https://` proxy's). */
export interface TlsOptions {
  /** The authorities that may have signed it, PEM text or bytes; without it the system's and Node's. */
  ca?: string | Uint8Array | undefined;
  /** Its SHA-256 fingerprint, hexadecimal with or without colons: enough, whatever else is wrong with it. */
  fingerprint256?: string | undefined;
  /** `false` takes any certificate: the connection is encrypted, to whomever. */
  rejectUnauthorized?: boolean | undefined;
}

/** What a client is made with. Single parts overload those parts of `url`. */
export interface ClientOptions {
  /** Where the daemon is; the class's default without it. */
  url?: string | ClientURL | undefined;
  scheme?: string | undefined;
  host?: string | undefined;
  port?: number | string | undefined;
  path?: string | undefined;
  username?: string | undefined;
  password?: string | undefined;
  /** qBittorrent's (Web API ≥ 2.14.1): sent as a bearer token, no log-in, no cookie. */
  apiKey?: string | undefined;
  /** Seconds for each connect, disconnect and call; falsy is {@link DEFAULT_TIMEOUT}, `Infinity` is none. */
  timeout?: number | string | undefined;
  /** `socks5://`, `socks5h://`, `socks4://`, `socks4a://`, `http://` or `https://`, with optional credentials. */
  proxyUrl?: string | ClientURL | undefined;
  tls?: TlsOptions | undefined;
  /** Bytes, up to 512 MiB, which is the most that Node can read; the default is {@link DEFAULT_MAX_RESPONSE_SIZE}. */
  maxResponseSize?: number | undefined;
}

/** Seconds. */
export const DEFAULT_TIMEOUT = 60;
/** Bytes: a list of 10,000 torrents with every field is a quarter of it, a runaway server stays out of swap. */
export const DEFAULT_MAX_RESPONSE_SIZE = 256 * 1024 * 1024;

/**
 * Seconds as a number.
 *
 * @throws ValueError `Invalid timeout` where it is negative or no number can be made of it.
 */
export function toTimeout(value: unknown): number {
  if (!value) return DEFAULT_TIMEOUT;
  // A text of blanks would be a zero.
  const isNumeric = typeof value === 'string' ? value.trim() !== '' : typeof value !== 'object';
  const seconds = isNumeric && typeof value !== 'symbol' ? Number(value) : Number.NaN;
  if (Number.isNaN(seconds) || seconds < 0) throw new ValueError('Invalid timeout');
  return seconds || DEFAULT_TIMEOUT;
}

/**
 * Bytes as a number; `Infinity` is no limit.
 *
 * @throws ValueError where it is no positive integer.
 */
export function toMaxResponseSize(value: unknown): number {
  if (value === undefined) return DEFAULT_MAX_RESPONSE_SIZE;
  const isValid = value === Number.POSITIVE_INFINITY || Number.isSafeInteger(value);
  if (typeof value !== 'number' || !isValid || value <= 0) {
    throw new ValueError('Invalid maximum response size');
  }
  return value;
}

/**
 * A checked copy; undefined where nothing is set. Authorities come as PEM text, the fingerprint in the form in which
 * certificates tell theirs: upper case, with colons.
 *
 * @throws ValueError where a part has another type, no certificate is in `ca`, or the fingerprint is no SHA-256.
 */
export function toTls(value: TlsOptions | undefined): TlsOptions | undefined {
  if (value === undefined || value === null) return undefined;
  if (!isOptions(value)) throw new ValueError('Invalid TLS options');
  const { ca, fingerprint256, rejectUnauthorized } = value;
  if (rejectUnauthorized !== undefined && typeof rejectUnauthorized !== 'boolean') {
    throw new ValueError('Invalid rejectUnauthorized: it must be true or false');
  }
  const tls: TlsOptions = {
    // An empty one is no setting that is missing: of a file that turned out empty, it would trust whomever.
    ...(isGiven(ca) ? { ca: toPem(ca) } : {}),
    ...(isGiven(fingerprint256) ? { fingerprint256: toFingerprint(fingerprint256) } : {}),
    ...(rejectUnauthorized === undefined ? {} : { rejectUnauthorized }),
  };
  return Object.keys(tls).length === 0 ? undefined : tls;
}

const isGiven = (value: unknown): boolean => value !== undefined && value !== null;

/** Node passes over a `ca` that is no PEM without a word, and then trusts nobody. */
function toPem(value: unknown): string {
  if (typeof value !== 'string' && !isUint8Array(value)) {
    throw new ValueError('Invalid certificate authority: it must be PEM text or bytes');
  }
  try {
    const first = new X509Certificate(value);
    const text = Buffer.from(value).toString();
    // Bytes may be DER as well, which is a single certificate.
    return text.includes('-----BEGIN ') ? text : first.toString();
  } catch (cause) {
    throw new ValueError('Invalid certificate authority: there is no certificate in it', { cause });
  }
}

function toFingerprint(value: unknown): string {
  const digits = typeof value === 'string' ? value.replaceAll(/[:\s]/g, '').toUpperCase() : '';
  if (!/^[0-9A-F]{64}$/.test(digits)) throw new ValueError('Invalid SHA-256 fingerprint');
  return digits.replaceAll(/..(?!$)/g, '$&:');
}

/** Whether two settings of TLS, checked as {@link toTls} does, mean the same. */
export function sameTls(a: TlsOptions | undefined, b: TlsOptions | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return (
    a.ca === b.ca && a.fingerprint256 === b.fingerprint256 && a.rejectUnauthorized === b.rejectUnauthorized
  );
}
