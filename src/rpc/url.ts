/** The addresses of daemons and proxies: six parts, each checked when set; what may be in them is a table per class. */
import { inspect } from 'node:util';
import { isOptions } from './arguments.ts';
import { ValueError } from './errors.ts';
import {
  changeScheme,
  check,
  checkRequired,
  checkScheme,
  complete,
  isSame,
  shed,
  type URLRules,
} from './urlRules.ts';
import {
  NO_PARTS,
  PART_NAMES,
  type Parts,
  parseText,
  type URLParts,
  writeAddress,
  writeCredentials,
} from './urlText.ts';

export type { URLRules } from './urlRules.ts';
export type { URLPart, URLParts } from './urlText.ts';

/** What the constructors of {@link ClientURL} and its subclasses take besides the URL. */
export interface ClientURLOptions {
  /** Where missing parts come from, instead of the class's default; what it lacks itself comes from there. */
  default?: string | ClientURL | null | undefined;
  /** Called after each change, without arguments. Never called during construction; what it throws is not caught. */
  onChange?: (() => void) | undefined;
  /** Called before each change with the parts to come; what it throws prevents the change. */
  validate?: ((parts: URLParts) => void) | undefined;
  /**
   * Parts that stand in for those of the URL, before defaults fill in. Undefined: the URL's; another falsy value: the
   * URL's part counts as missing. With another scheme, host, port and path that it cannot have are dropped from the
   * URL, as when {@link ClientURL.scheme} is set.
   */
  parts?: URLParts | undefined;
}

/**
 * A URL of any kind, parsed as people mean it: `localhost:1234` is a host and a port.
 *
 * Each part can be set and is checked then; a falsy value clears it. What shows a URL to people (`toString()`, JSON,
 * `util.inspect`) leaves the credentials out.
 */
export class ClientURL {
  /** What URLs of this class may hold. */
  static readonly rules: URLRules = { label: 'Such' };
  /** Where missing parts come from. */
  static readonly default: string = '';

  readonly #rules: URLRules;
  readonly #home: Parts;
  readonly #default: Parts;
  readonly #onChange: (() => void) | undefined;
  readonly #validate: ((parts: URLParts) => void) | undefined;
  #parts: Parts;

  /**
   * @param url a text, another URL (of any class) to copy, or a falsy value for the default.
   * @throws ValueError where a part is invalid or must not be there, or an option is.
   */
  constructor(url?: string | ClientURL | null | undefined, options: ClientURLOptions = {}) {
    if (!isOptions(options)) throw new ValueError('Invalid options');
    if (options.onChange && typeof options.onChange !== 'function') throw new ValueError('Invalid onChange');
    const rules = new.target.rules;
    this.#rules = rules;
    this.#home = complete(rules, read(rules, new.target.default), NO_PARTS, NO_PARTS);
    this.#default = complete(rules, read(rules, options.default), this.#home, this.#home);
    const given = overlay(rules, read(rules, url), options.parts, this.#default.scheme);
    this.#parts = complete(rules, given, this.#default, this.#home);
    checkRequired(rules, this.#parts);
    this.#onChange = options.onChange;
    this.#validate = options.validate;
  }

  /**
   * Lower case, compared without case. Setting it keeps the other parts that the new scheme can have and drops host,
   * port and path where it cannot; host, port or path that only the new scheme has come from the default. A port that
   * is the old scheme's own (80, 443, a proxy's 1080) becomes the new scheme's own; any other stays.
   *
   * @throws ValueError for an unknown scheme, and where credentials would be lost.
   */
  get scheme(): string | undefined {
    return this.#parts.scheme;
  }
  set scheme(value: string | null | undefined) {
    const scheme = value || undefined;
    this.#set(
      scheme
        ? changeScheme(this.#rules, this.#parts, scheme, this.#default, this.#home)
        : { ...this.#parts, scheme },
    );
  }

  /** Never percent-encoded here; `withAuth` encodes it. */
  get username(): string | undefined {
    return this.#parts.username;
  }
  set username(value: string | null | undefined) {
    this.#set({ ...this.#parts, username: value });
  }

  /** Never percent-encoded here; `withAuth` encodes it. */
  get password(): string | undefined {
    return this.#parts.password;
  }
  set password(value: string | null | undefined) {
    this.#set({ ...this.#parts, password: value });
  }

  /** A name or an address. IPv6 may be set with brackets or without, and reads without. */
  get host(): string | undefined {
    return this.#parts.host;
  }
  set host(value: string | null | undefined) {
    this.#set({ ...this.#parts, host: value });
  }

  /** May be set as a number or as digits, and reads as a number. */
  get port(): number | undefined {
    return this.#parts.port;
  }
  set port(value: number | string | null | undefined) {
    this.#set({ ...this.#parts, port: value });
  }

  /** With query and fragment, exactly as it goes over the wire; a missing leading slash is added. */
  get path(): string | undefined {
    return this.#parts.path;
  }
  set path(value: string | null | undefined) {
    this.#set({ ...this.#parts, path: value });
  }

  /** `host:port`, IPv6 in brackets, for messages and headers. */
  get address(): string {
    return writeAddress(this.#parts);
  }

  /** The whole URL with its credentials, percent-encoded; a URL of the same class made from it is equal to this one. */
  get withAuth(): string {
    return this.#write(writeCredentials(this.#parts));
  }

  /** The URL as people may see it: without credentials. */
  get withoutAuth(): string {
    return this.#write('');
  }

  /** The same as {@link withoutAuth}. */
  toString(): string {
    return this.withoutAuth;
  }

  /** The same as {@link withoutAuth}. */
  toJSON(): string {
    return this.withoutAuth;
  }

  /** The same as {@link withoutAuth}. */
  [inspect.custom](): string {
    return this.withoutAuth;
  }

  /**
   * Whether all parts, the credentials too, are the same. A text is read as this URL would have been, with the same
   * default; a URL under other rules and a text that is invalid here are not equal.
   */
  equals(other: string | ClientURL): boolean {
    if (other instanceof ClientURL) return other.#rules === this.#rules && isSame(other.#parts, this.#parts);
    if (typeof other !== 'string') return false;
    try {
      const parts = complete(this.#rules, read(this.#rules, other), this.#default, this.#home);
      return isSame(parts, this.#parts);
    } catch (error) {
      if (error instanceof ValueError) return false;
      throw error;
    }
  }

  #write(credentials: string): string {
    const { scheme, path = '' } = this.#parts;
    return `${scheme === undefined ? '' : `${scheme}://`}${credentials}${this.address}${path}`;
  }

  /** Checks all before it changes anything. */
  #set(parts: URLParts): void {
    const next = check(this.#rules, parts, parts.scheme || undefined);
    checkRequired(this.#rules, next);
    if (isSame(next, this.#parts)) return;
    this.#validate?.(next);
    this.#parts = next;
    this.#onChange?.();
  }
}

/** `localhost:58846`, with credentials; no scheme, no path. */
export class DelugeURL extends ClientURL {
  static override readonly default = 'localhost:58846';
  static override readonly rules: URLRules = { label: 'Deluge', never: ['scheme', 'path'] };
}

/** `http://localhost:8080`, also https; a path where the Web UI is behind a reverse proxy. */
export class QbittorrentURL extends ClientURL {
  static override readonly default = 'http://localhost:8080';
  static override readonly rules: URLRules = { label: 'qBittorrent', schemes: ['http', 'https'] };
}

/**
 * `scgi://127.0.0.1:5000`, a Unix socket (`file:///path/to/socket`, or its path alone), or a web server that passes
 * requests on (`http://` and `https://`, without a path `/RPC2`).
 */
export class RtorrentURL extends ClientURL {
  static override readonly default = 'scgi://127.0.0.1:5000';
  static override readonly rules: URLRules = {
    label: 'rTorrent',
    schemes: ['file', 'scgi', 'http', 'https'],
    neverWith: {
      file: ['host', 'port', 'username', 'password'],
      scgi: ['username', 'password', 'path'],
    },
    paths: { http: '/RPC2', https: '/RPC2' },
    slashScheme: 'file',
  };
}

/** `http://localhost:9091/transmission/rpc`, also https. */
export class TransmissionURL extends ClientURL {
  static override readonly default = 'http://localhost:9091/transmission/rpc';
  static override readonly rules: URLRules = { label: 'Transmission', schemes: ['http', 'https'] };
}

/** A proxy. Scheme and host must be there; a missing port is 1080 (SOCKS), 80 or 443. */
export class ProxyURL extends ClientURL {
  static override readonly rules: URLRules = {
    label: 'Proxy',
    schemes: ['socks5', 'socks5h', 'socks4', 'socks4a', 'http', 'https'],
    never: ['path'],
    required: ['scheme', 'host'],
    ignoresBareSlash: true,
  };
}

/** The parts that are given, still unchecked: of a text, or of another URL. */
function read(rules: URLRules, url: unknown): URLParts {
  if (!url) return NO_PARTS;
  if (url instanceof ClientURL) {
    const { scheme, username, password, host, port, path } = url;
    return { scheme, username, password, host, port, path };
  }
  if (typeof url !== 'string') throw new ValueError('Invalid URL');
  if (rules.slashScheme && url.startsWith('/')) return { scheme: rules.slashScheme, path: url };
  return parseText(url);
}

/** The given parts with those of `parts` in their place. */
function overlay(
  rules: URLRules,
  given: URLParts,
  parts: URLParts = {},
  defaultScheme: string | undefined,
): URLParts {
  const { scheme } = parts;
  const old = given.scheme ?? defaultScheme;
  const kept = scheme ? shed(rules, given, old, checkScheme(rules, scheme)) : given;
  const named = PART_NAMES.filter(part => parts[part] !== undefined && parts[part] !== null);
  return { ...kept, ...Object.fromEntries(named.map(part => [part, parts[part] || undefined])) };
}
