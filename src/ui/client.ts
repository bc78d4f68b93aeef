/**
 * One configured client as the window knows it: its connections, what it last said, and its refreshes.
 *
 * The user's calls and the refreshes run on sessions of their own, so that neither disturbs the other.
 */
import * as vscode from 'vscode';
import type { Exchange } from '../rpc/index.ts';
import { listTorrents } from '../torrents/adapters.ts';
import type { Listing, Torrent } from '../torrents/torrent.ts';
import { DAEMON_EVENTS } from '../workbench/events.ts';
import { invoke } from '../workbench/invoke.ts';
import type { Method } from '../workbench/method.ts';
import { listMethods } from '../workbench/methods.ts';
import { CLIENT_TYPES } from './clientTypes.ts';
import type { Rpc } from './core.ts';
import type { ClientEntry } from './entries.ts';
import type { Log } from './log.ts';
import type { Secrets } from './secrets.ts';
import { LoginGate, Session } from './session.ts';
import type { Settings } from './settings.ts';

export type ClientStatus = 'disconnected' | 'connecting' | 'connected' | 'failed';

/** The certificate that the daemon showed, as far as the interface tells of it. */
export type Certificate = NonNullable<Rpc['peerCertificate']>;

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

  readonly #gate = new LoginGate();
  readonly #calls: Session;
  readonly #refreshes: Session;
  #listing: Listing | undefined;
  /** Why the last refresh did not work though the daemon is there. */
  #listingError: Error | undefined;
  #certificate: Certificate | undefined;
  #lastExchange: Exchange | undefined;
  #lastStatus: ClientStatus = 'disconnected';
  #isWanted: boolean | undefined;
  #refreshing: { readonly controller: AbortController; readonly over: Promise<void> } | undefined;
  #timer: NodeJS.Timeout | undefined;
  #failures = 0;

  constructor(entry: ClientEntry, services: ClientServices) {
    this.entry = entry;
    this.#services = services;
    const { log, secrets } = services;
    const changed = () => this.#tellChange();
    this.#calls = new Session(entry, secrets, this.#gate, {
      changed,
      exchanged: exchange => {
        this.#lastExchange = exchange;
        log.exchange(entry.name, exchange);
      },
    });
    this.#refreshes = new Session(entry, secrets, this.#gate, {
      changed,
      exchanged: exchange => log.exchange(entry.name, exchange),
      opened: rpc => this.#refreshSessionOpened(rpc),
    });
  }

  /** The worse of what the two sessions say; that a second one is being made is no news of a daemon that is there. */
  get status(): ClientStatus {
    const states = [this.#refreshes.state, this.#calls.state];
    if (this.error) return 'failed';
    if (states.includes('connected')) return 'connected';
    return states.includes('connecting') ? 'connecting' : 'disconnected';
  }

  /** Why it failed, while it is `failed`. */
  get error(): Error | undefined {
    return this.#refreshes.error ?? this.#listingError ?? this.#calls.error;
  }

  /** The daemon's version, once known. */
  get version(): string | undefined {
    return this.#listing?.version;
  }

  /** Whom a connection over TLS was made to; undefined without one. */
  get certificate(): Certificate | undefined {
    return this.#certificate;
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
    this.#gate.open();
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

  /** Lets go of the daemon, and of a connection on its way. */
  async disconnect(): Promise<void> {
    this.#isWanted = false;
    const closed = this.#close();
    this.#listing = undefined;
    this.#tellChange();
    await closed;
  }

  /** Forgets both sessions, so that the next use reads the credentials again; then connects. */
  async reconnect(): Promise<void> {
    void this.#close();
    await this.connect();
  }

  /**
   * Does a call of the user's, on the session for these, and logs it.
   *
   * @throws what the core throws.
   */
  async call(method: string, params: unknown, signal: AbortSignal): Promise<unknown> {
    const startedAt = performance.now();
    this.#isWanted = true;
    this.#lastExchange = undefined;
    try {
      const result = await this.#calls.run(signal, rpc =>
        invoke(this.entry.type, rpc, method, params, signal),
      );
      this.#logCall(method, startedAt, 'ok');
      return result;
    } catch (error) {
      const { name, message } = error as Error;
      this.#logCall(method, startedAt, signal.aborted ? 'cancelled' : `${name}: ${message}`);
      throw error;
    } finally {
      // A call that connects, or finds the daemon gone, is news for the view as well.
      if (this.#isWanted && this.#refreshes.state !== this.#calls.state) void this.refresh();
    }
  }

  /**
   * The methods that the daemon has.
   *
   * @throws what the core throws where the daemon itself must be asked.
   */
  methods(signal: AbortSignal): Promise<readonly Method[]> {
    this.#isWanted = true;
    return this.#calls.run(signal, rpc => listMethods(this.entry.type, rpc, this.version, signal));
  }

  dispose(): void {
    this.#isWanted = false;
    void this.#close();
    this.#changed.dispose();
  }

  get #mayPoll(): boolean {
    return this.#isWanted === true && !this.#gate.isClosed && this.#services.isVisible();
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
      const listing = await this.#refreshes.run(signal, rpc => listTorrents(this.entry.type, rpc, signal));
      if (signal.aborted) return;
      this.#listing = { ...listing, torrents: [...listing.torrents].sort(byName) };
      this.#listingError = undefined;
      this.#failures = 0;
      this.#calls.forgive();
    } catch (error) {
      if (signal.aborted) return;
      this.#failures += 1;
      this.#listingError = error as Error;
    }
    this.#tellChange();
  }

  async #refreshSessionOpened(rpc: Rpc): Promise<void> {
    this.#certificate = rpc.peerCertificate;
    for (const event of DAEMON_EVENTS[this.entry.type])
      await rpc.addEventHandler(event, this.#eventHandler(event));
  }

  /** One function per event, so that adding it again after a reconnect adds nothing. */
  readonly #eventHandlers = new Map<string, (...args: unknown[]) => void>();
  #eventHandler(event: string): (...args: unknown[]) => void {
    let handler = this.#eventHandlers.get(event);
    if (!handler) {
      handler = (...args) => this.#services.log.event(this.entry.name, event, args);
      this.#eventHandlers.set(event, handler);
    }
    return handler;
  }

  /** Plans the next refresh: never sooner than the last one took, and later the longer the daemon is gone. */
  #schedule(lastMilliseconds: number): void {
    const interval = this.#services.settings.refreshMilliseconds;
    if (!this.#mayPoll || interval === undefined) return;
    const backoff =
      this.#failures === 0 ? interval : Math.min(interval * 2 ** this.#failures, LONGEST_PAUSE_MS);
    this.#timer = setTimeout(() => void this.refresh(), Math.max(interval, backoff, lastMilliseconds));
  }

  #tellChange(): void {
    const { status } = this;
    // Connected is not yet news: what it is connected to comes with the first listing.
    if (status !== this.#lastStatus && (status !== 'connected' || this.version !== undefined)) {
      this.#lastStatus = status;
      this.#services.log.info(this.entry.name, this.#describe(status));
    }
    this.#changed.fire();
  }

  #describe(status: ClientStatus): string {
    if (status === 'failed') return `failed: ${this.error?.message}`;
    if (status !== 'connected') return status;
    return `connected to ${CLIENT_TYPES[this.entry.type].label} ${this.version} at ${this.entry.url}`;
  }

  #logCall(method: string, startedAt: number, outcome: string): void {
    const exchange = this.#lastExchange?.method === method ? this.#lastExchange : undefined;
    const milliseconds = exchange?.milliseconds ?? performance.now() - startedAt;
    this.#services.log.call(this.entry.name, method, milliseconds, exchange?.receivedBytes, outcome);
  }

  async #close(): Promise<void> {
    clearTimeout(this.#timer);
    this.#gate.open();
    this.#refreshing?.controller.abort();
    this.#refreshing = undefined;
    this.#listingError = undefined;
    this.#certificate = undefined;
    await Promise.allSettled([this.#calls.close(), this.#refreshes.close()]);
  }
}

const { compare } = new Intl.Collator(undefined, { numeric: true });

function byName(a: Torrent, b: Torrent): number {
  return compare(a.name, b.name) || (a.infoHash < b.infoHash ? -1 : 1);
}
