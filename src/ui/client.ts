/**
 * One configured client as the window knows it: its connection, what it last said, and its refreshes.
 *
 * The user's calls and the refreshes run on sessions of their own, so that neither disturbs the other.
 */
import * as vscode from 'vscode';
import type { TransmissionRPC } from '../rpc/index.ts';
import type { Listing, Torrent } from '../torrents/torrent.ts';
import { transmissionAdapter } from '../torrents/transmission.ts';
import { loadCore } from './core.ts';
import { CLIENT_TYPES, type ClientEntry, type Credentials } from './entries.ts';
import type { Log } from './log.ts';
import type { Secrets } from './secrets.ts';
import type { Settings } from './settings.ts';

export type ClientStatus = 'disconnected' | 'connecting' | 'connected' | 'failed';

/** Milliseconds: a daemon that comes back is found again well within half a minute. */
const LONGEST_PAUSE_MS = 15_000;

/** What a managed client needs of the rest. */
export interface ClientServices {
  readonly log: Log;
  readonly secrets: Secrets;
  readonly settings: Settings;
  /** Whether anybody looks at the client's torrents. */
  isVisible(): boolean;
}

export class ManagedClient implements vscode.Disposable {
  readonly entry: ClientEntry;
  readonly #services: ClientServices;
  readonly #changed = new vscode.EventEmitter<void>();
  /** Fires when the status, the version, an error or a torrent changed. */
  readonly onDidChange = this.#changed.event;

  #status: ClientStatus = 'disconnected';
  #error: Error | undefined;
  #listing: Listing | undefined;
  #isWanted: boolean | undefined;
  #callSession: TransmissionRPC | undefined;
  #refreshSession: TransmissionRPC | undefined;
  #refreshing: { readonly controller: AbortController; readonly over: Promise<void> } | undefined;
  #timer: NodeJS.Timeout | undefined;
  #failures = 0;

  constructor(entry: ClientEntry, services: ClientServices) {
    this.entry = entry;
    this.#services = services;
  }

  get status(): ClientStatus {
    return this.#status;
  }

  /** Why it failed, while it is `failed`. */
  get error(): Error | undefined {
    return this.#error;
  }

  /** The daemon's version, once known. */
  get version(): string | undefined {
    return this.#listing?.version;
  }

  /** The torrents of the last refresh that worked, by name; undefined before the first. */
  get torrents(): readonly Torrent[] | undefined {
    return this.#listing?.torrents;
  }

  /** Whether the user wants it connected: from the first expand or command until *Disconnect*; undefined before. */
  get isWanted(): boolean | undefined {
    return this.#isWanted;
  }

  /** Connects, or tries again; never throws, the status tells. */
  async connect(): Promise<void> {
    this.#isWanted = true;
    this.#failures = 0;
    if (this.#status !== 'connected') this.#setStatus('connecting');
    await this.refresh();
  }

  /** Asks the daemon anew; one refresh at a time. Never throws, the status tells. */
  refresh(): Promise<void> {
    this.#refreshing ??= this.#startRefresh();
    return this.#refreshing.over;
  }

  /** Polls from now on, or no longer, as `isVisible()` says. */
  visibilityChanged(): void {
    clearTimeout(this.#timer);
    if (this.#mayPoll) void this.refresh();
  }

  async disconnect(): Promise<void> {
    this.#isWanted = false;
    await this.#close();
    this.#error = undefined;
    this.#listing = undefined;
    this.#setStatus('disconnected');
  }

  /** Forgets both sessions, so that the next use reads the credentials again; then connects, where it was wanted. */
  async reconnect(): Promise<void> {
    await this.#close();
    await this.connect();
  }

  /**
   * Does a call of the user's, on the session for these.
   *
   * @throws what the core throws.
   */
  async call(
    method: string,
    params: Record<string, unknown> | undefined,
    signal: AbortSignal,
  ): Promise<unknown> {
    this.#isWanted = true;
    this.#callSession ??= await this.#makeSession();
    try {
      return await this.#callSession.call(method, params, { signal });
    } finally {
      // A call that connects, or finds the daemon gone, is news for the view as well.
      if (this.#callSession?.isConnected !== (this.#status === 'connected')) void this.refresh();
    }
  }

  dispose(): void {
    void this.#close();
    this.#changed.dispose();
  }

  get #mayPoll(): boolean {
    const isRefused = this.#error?.name === 'AuthenticationError';
    return this.#isWanted === true && !isRefused && this.#services.isVisible();
  }

  #startRefresh() {
    clearTimeout(this.#timer);
    const controller = new AbortController();
    const startedAt = performance.now();
    const over = this.#refresh(controller.signal).finally(() => {
      if (this.#refreshing?.controller !== controller) return;
      this.#refreshing = undefined;
      this.#schedule(performance.now() - startedAt);
    });
    return { controller, over };
  }

  async #refresh(signal: AbortSignal): Promise<void> {
    try {
      this.#refreshSession ??= await this.#makeSession();
      const listing = await transmissionAdapter.list(this.#refreshSession, signal);
      if (signal.aborted) return;
      this.#listing = { ...listing, torrents: [...listing.torrents].sort(byName) };
      this.#failures = 0;
      this.#error = undefined;
      this.#setStatus('connected');
    } catch (error) {
      if (signal.aborted) return;
      this.#failures += 1;
      this.#error = error as Error;
      this.#setStatus('failed');
    }
  }

  async #makeSession(): Promise<TransmissionRPC> {
    const { type, url, timeout } = this.entry;
    const { username, password }: Credentials = await this.#services.secrets.get(this.entry);
    return loadCore().client(type, { url, username, password, timeout });
  }

  /** Plans the next refresh: never sooner than the last one took, and later the longer the daemon is gone. */
  #schedule(lastMilliseconds: number): void {
    const interval = this.#services.settings.refreshMilliseconds;
    if (!this.#mayPoll || interval === undefined) return;
    const backoff =
      this.#failures === 0 ? interval : Math.min(interval * 2 ** this.#failures, LONGEST_PAUSE_MS);
    this.#timer = setTimeout(() => void this.refresh(), Math.max(interval, backoff, lastMilliseconds));
  }

  #setStatus(status: ClientStatus): void {
    if (status !== this.#status) {
      this.#status = status;
      this.#services.log.info(this.entry.name, this.#describeStatus());
    }
    this.#changed.fire();
  }

  #describeStatus(): string {
    if (this.#status === 'failed') return `failed: ${this.#error?.message}`;
    if (this.#status !== 'connected') return this.#status;
    return `connected to ${CLIENT_TYPES[this.entry.type].label} ${this.version} at ${this.entry.url}`;
  }

  async #close(): Promise<void> {
    clearTimeout(this.#timer);
    this.#refreshing?.controller.abort();
    this.#refreshing = undefined;
    const sessions = [this.#callSession, this.#refreshSession];
    this.#callSession = undefined;
    this.#refreshSession = undefined;
    await Promise.allSettled(sessions.map(session => session?.disconnect()));
  }
}

const { compare } = new Intl.Collator(undefined, { numeric: true });

function byName(a: Torrent, b: Torrent): number {
  return compare(a.name, b.name) || (a.infoHash < b.infoHash ? -1 : 1);
}
