/** What a client is set to: address, proxy, time-out, TLS, API key. Each change is checked first and then told. */
import { constants } from 'node:buffer';
import { checkText, isOptions } from './arguments.ts';
import { SafeEmitter } from './emitter.ts';
import { ValueError } from './errors.ts';
import {
  type ClientOptions,
  sameTls,
  type TlsOptions,
  toMaxResponseSize,
  toTimeout,
  toTls,
} from './options.ts';
import { ClientURL, type ClientURLOptions, ProxyURL, type URLParts } from './url.ts';

/** The class of a client's addresses. */
export type ClientURLClass = new (url?: string | ClientURL, options?: ClientURLOptions) => ClientURL;

/** What a client class says of itself. */
export interface ClientIdentity {
  /** As used in settings, such as `qbittorrent`. */
  readonly clientName: string;
  /** As its makers write it, such as `qBittorrent`. */
  readonly label: string;
  readonly URL: ClientURLClass;
}

/** The settings at one moment: later changes do not reach it. */
export interface SettingsSnapshot {
  readonly url: ClientURL;
  readonly proxyUrl: ClientURL | undefined;
  readonly tls: TlsOptions | undefined;
  readonly apiKey: string | undefined;
  /** Seconds. */
  readonly timeout: number;
  /** Bytes; never more than a text can have (512 MiB in V8), for which answers are taken. */
  readonly maxResponseSize: number;
}

/** The settings of a client and their checks; what a change means is the connection's business. */
export abstract class ClientSettings<
  Events extends Record<keyof Events, unknown[]>,
> extends SafeEmitter<Events> {
  #url: ClientURL;
  #proxyUrl: ProxyURL | undefined;
  #timeout: number;
  #tls: TlsOptions | undefined;
  #apiKey: string | undefined;
  readonly #maxResponseSize: number;

  /**
   * @param options a URL, or options.
   * @throws ValueError where one of them cannot be used.
   */
  constructor(options: ClientOptions | ClientURL | string = {}) {
    super();
    const isUrl = typeof options === 'string' || options instanceof ClientURL;
    const given: ClientOptions = isUrl ? { url: options } : options;
    if (!isOptions(given)) throw new ValueError('Invalid options');
    const { url, scheme, host, port, path, username, password } = given;
    this.#url = this.#makeUrl(url, { scheme, host, port, path, username, password });
    this.#proxyUrl = this.#makeProxyUrl(given.proxyUrl);
    this.#timeout = toTimeout(given.timeout);
    this.#tls = toTls(given.tls);
    this.#apiKey = this.#checkedApiKey(given.apiKey);
    this.#maxResponseSize = toMaxResponseSize(given.maxResponseSize);
  }

  get #class(): ClientIdentity {
    return this.constructor as unknown as ClientIdentity;
  }

  /** The client's name as used in settings, such as `qbittorrent`. */
  get name(): string {
    return this.#class.clientName;
  }

  /** The client's name as its makers write it, such as `qBittorrent`. */
  get label(): string {
    return this.#class.label;
  }

  /** A setting has another value. */
  protected abstract settingsChanged(): void;

  /** Whether the protocol has API keys; they exclude a user name and password. */
  protected get takesApiKey(): boolean {
    return false;
  }

  /**
   * The settings of this moment, the parts of the URL that were cleared filled in again.
   *
   * @throws ValueError where credentials are no text that can be sent.
   */
  protected snapshot(): SettingsSnapshot {
    const url = new this.#class.URL(this.#url);
    const proxyUrl = this.#proxyUrl && new ProxyURL(this.#proxyUrl);
    checkSendable(url, 'url');
    if (proxyUrl) checkSendable(proxyUrl, 'proxyUrl');
    return {
      url,
      proxyUrl,
      tls: this.#tls,
      apiKey: this.#apiKey,
      timeout: this.#timeout,
      maxResponseSize: Math.min(this.#maxResponseSize, constants.MAX_STRING_LENGTH),
    };
  }

  /** Where the daemon is. Assigning a string parses it, a falsy value restores the default. */
  get url(): ClientURL {
    return this.#url;
  }
  set url(value: ClientURL | string | undefined) {
    const url = this.#makeUrl(value);
    if (url.equals(this.#url)) return;
    this.#checkCredentials(this.#apiKey, url);
    this.#url = url;
    this.settingsChanged();
  }

  /** The proxy that carries every transport but a Unix socket; undefined is a direct connection. */
  get proxyUrl(): ClientURL | undefined {
    return this.#proxyUrl;
  }
  set proxyUrl(value: ClientURL | string | undefined) {
    const proxyUrl = this.#makeProxyUrl(value);
    const isSame = proxyUrl && this.#proxyUrl ? proxyUrl.equals(this.#proxyUrl) : proxyUrl === this.#proxyUrl;
    if (isSame) return;
    this.#proxyUrl = proxyUrl;
    this.settingsChanged();
  }

  /** Seconds that each `connect()`, `disconnect()` and `call()` may take; falsy restores the default. */
  get timeout(): number {
    return this.#timeout;
  }
  set timeout(value: number | string | undefined) {
    const timeout = toTimeout(value);
    if (timeout === this.#timeout) return;
    this.#timeout = timeout;
    this.settingsChanged();
  }

  /** How the daemon's certificate is checked. */
  get tls(): TlsOptions | undefined {
    return this.#tls && { ...this.#tls };
  }
  set tls(value: TlsOptions | undefined) {
    const tls = toTls(value);
    if (sameTls(tls, this.#tls)) return;
    this.#tls = tls;
    this.settingsChanged();
  }

  /** Write-only: it reads as whether there is one. */
  get apiKey(): boolean {
    return this.#apiKey !== undefined;
  }
  set apiKey(value: string | undefined) {
    const apiKey = this.#checkedApiKey(value);
    if (apiKey === this.#apiKey) return;
    this.#apiKey = apiKey;
    this.settingsChanged();
  }

  #makeUrl(url: ClientURL | string | undefined, parts: URLParts = {}): ClientURL {
    // An URL that was replaced is its holder's: changing it is no change of ours.
    const isOurs = () => this.#url === made;
    const made: ClientURL = new this.#class.URL(url, {
      parts,
      validate: next => isOurs() && this.#checkCredentials(this.#apiKey, next),
      onChange: () => isOurs() && this.settingsChanged(),
    });
    return made;
  }

  #makeProxyUrl(url: ClientURL | string | undefined): ProxyURL | undefined {
    if (!url) return undefined;
    const onChange = () => {
      if (this.#proxyUrl === made) this.settingsChanged();
    };
    const made: ProxyURL = new ProxyURL(url, { onChange });
    return made;
  }

  #checkedApiKey(value: string | undefined): string | undefined {
    if (!value) return undefined;
    if (!this.takesApiKey) throw new ValueError(`${this.label} has no API keys`);
    // A header holds printable ASCII; a line break in it would be a header of its own.
    if (typeof value !== 'string' || !/^[\x21-\x7e]+$/.test(value)) throw new ValueError('Invalid API key');
    this.#checkCredentials(value, this.#url);
    return value;
  }

  #checkCredentials(apiKey: string | undefined, { username, password }: URLParts): void {
    if (apiKey !== undefined && (username || password)) {
      throw new ValueError('An API key goes without a user name and password');
    }
  }
}

function checkSendable({ username = '', password = '' }: ClientURL, place: string): void {
  checkText(username, `${place}.username`);
  checkText(password, `${place}.password`);
}
