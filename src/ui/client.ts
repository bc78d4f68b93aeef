/**
 * One configured client as the window knows it: its connections, what it last said, and its refreshes.
 *
 * The user's calls and the refreshes run on sessions of their own, so that neither disturbs the other.
 */
import * as vscode from 'vscode';
import { listTorrents } from '../torrents/adapters.ts';
import { inOrder } from '../torrents/order.ts';
import type { Listing, Torrent } from '../torrents/torrent.ts';
import { untilAborted } from '../util/async.ts';
import { invoke } from '../workbench/invoke.ts';
import type { Method } from '../workbench/method.ts';
import { listMethods } from '../workbench/methods.ts';
import { CallLog } from './callLog.ts';
import { CLIENT_TYPES } from './clientTypes.ts';
import { makeRpc, type Rpc } from './core.ts';
import { DaemonEvents } from './daemonEvents.ts';
import type { ClientEntry } from './entries.ts';
import type { Log } from './log.ts';
import { LoginGate } from './loginGate.ts';
import type { Secrets } from './secrets.ts';
import { Session } from './session.ts';
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
  readonly #callLog: CallLog;
  readonly #calls: Session;
  readonly #refreshes: Session;
  #listing: Listing | undefined;
  /** Why the last refresh did not work though the daemon is there. */
  #listingError: Error | undefined;
  #certificate: Certificate | undefined;
  #lastStatus: ClientStatus = 'disconnected';
  #isWanted: boolean | undefined;
  #refreshing: { readonly controller: AbortController; readonly over: Promise<void> } | undefined;
  #timer: NodeJS.Timeout | undefined;
  #failures = 0;
  #isDisposed = false;

  constructor(entry: ClientEntry, services: ClientServices) {
    this.entry = entry;
    this.#services = services;
    const { log, secrets } = services;
    const changed = () => this.#tellChange();
    const make = async () => {
      if (this.#isDisposed) throw new Error('The client was removed');
      return makeRpc(entry, await secrets.get(entry));
    };
    const events = new DaemonEvents(entry.type, (event, args) => log.event(entry.name, event, args));
    this.#callLog = new CallLog(log, entry.name);
    this.#calls = new Session(make, this.#gate, {
      changed,
      exchanged: exchange => {
        this.#callLog.exchanged(exchange);
        log.exchange(entry.name, exchange);
      },
    });
    this.#refreshes = new Session(make, this.#gate, {
      changed,
      exchanged: exchange => log.exchange(entry.name, exchange),
      opened: (rpc, signal) => {
        this.#certificate = rpc.peerCertificate;
        return events.subscribe(rpc, signal);
      },
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

  /** Connects, or tries again at once what failed; never throws, the status tells. */
  async connect(): Promise<void> {
    this.#isWanted = true;
    this.#failures = 0;
    this.#gate.open();
    if (this.status === 'failed') {
      this.#endRefresh();
      for (const session of [this.#calls, this.#refreshes])
        if (session.state === 'failed') void session.close();
    }
    await this.refresh();
  }

  /** Asks the daemon anew; one refresh at a time. Never throws, the status tells. */
  async refresh(): Promise<void> {
    if (this.#isDisposed) return;
    this.#refreshing ??= this.#startRefresh();
    await this.#refreshing.over;
  }

  /** Polls from now on, or no longer, as `isVisible()` says. */
  visibilityChanged(): void {
    clearTimeout(this.#timer);
    if (this.#mayPoll && this.#refreshesByItself) void this.refresh();
  }

  /** Waits for the next refresh as long as the setting says now. */
  intervalChanged(): void {
    clearTimeout(this.#timer);
    if (!this.#refreshing) this.#schedule(0);
  }

  /** Lets go of the daemon, and of a connection on its way. */
  async disconnect(): Promise<void> {
    this.#isWanted = false;
    const closed = this.close();
    this.#listing = undefined;
    this.#tellChange();
    await closed;
  }

  /** Forgets both sessions, so that the next use reads the credentials again; then connects. */
  async reconnect(): Promise<void> {
    void this.close();
    await this.connect();
  }

  /** Takes the place of a client that was wanted, or not. */
  resume(isWanted: boolean | undefined): void {
    this.#isWanted = isWanted;
    if (isWanted) void this.connect();
  }

  /**
   * Does a call of the user's, on the session for these, and logs it.
   *
   * @throws what the core throws.
   */
  async call(method: string, params: unknown, signal: AbortSignal): Promise<unknown> {
    this.#isWanted = true;
    try {
      return await this.#callLog.log(method, signal, () =>
        this.#calls.run(signal, rpc => invoke(this.entry.type, rpc, method, params, signal)),
      );
    } finally {
      // A call that connects, or finds the daemon gone, is news for the view as well.
      const isNews = this.#refreshes.state !== this.#calls.state;
      if (this.#isWanted && isNews && this.#refreshesByItself) void this.refresh();
    }
  }

  /**
   * The methods that the daemon has.
   *
   * @throws what the core throws where the daemon itself must be asked.
   */
  methods(signal: AbortSignal): Promise<readonly Method[]> {
    this.#isWanted = true;
    return listMethods(this.entry.type, {
      version: async () => {
        if (this.version === undefined) await untilAborted(this.refresh(), signal);
        return this.version;
      },
      ask: request => this.#calls.run(signal, rpc => request(rpc, signal)),
    });
  }

  /** Lets go of it for good; resolves when the daemon knows. */
  async dispose(): Promise<void> {
    this.#isDisposed = true;
    this.#isWanted = false;
    this.#changed.dispose();
    await this.close();
  }

  /** Forgets both sessions: the next use makes others, with the credentials of then. */
  async close(): Promise<void> {
    this.#gate.open();
    this.#endRefresh();
    this.#certificate = undefined;
    await Promise.allSettled([this.#calls.close(), this.#refreshes.close()]);
  }

  get #mayPoll(): boolean {
    return this.#isWanted === true && !this.#gate.isClosed && this.#services.isVisible();
  }

  /** Whether nobody needs to ask for a refresh: none but the first where the interval is never. */
  get #refreshesByItself(): boolean {
    return this.#services.settings.refreshMilliseconds !== undefined || this.#listing === undefined;
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
      this.#listing = { ...listing, torrents: inOrder(listing.torrents) };
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

  #endRefresh(): void {
    clearTimeout(this.#timer);
    this.#refreshing?.controller.abort();
    this.#refreshing = undefined;
    this.#listingError = undefined;
  }
}
