/**
 * One configured client as the window knows it: its connections, what it last said, and its refreshes.
 * The user's calls and the refreshes run on sessions of their own, so that neither disturbs the other.
 */
import * as vscode from 'vscode';
import type { Actions, Adapter } from '../torrents/adapter.ts';
import { type AnyClient, adapterOf } from '../torrents/adapters.ts';
import type { ActionName } from '../torrents/torrent.ts';
import { untilAborted } from '../util/async.ts';
import { invoke } from '../workbench/invoke.ts';
import type { Method } from '../workbench/method.ts';
import { listMethods } from '../workbench/methods.ts';
import { CallLog } from './callLog.ts';
import { makeRpc, type Rpc } from './core.ts';
import { DaemonEvents } from './daemonEvents.ts';
import type { ClientEntry } from './entries.ts';
import { type Expected, FollowedTorrents } from './followedTorrents.ts';
import type { Log } from './log.ts';
import { LoginGate } from './loginGate.ts';
import { Polling } from './polling.ts';
import type { Secrets } from './secrets.ts';
import { Session } from './session.ts';
import type { Settings } from './settings.ts';
import { type ClientStatus, StatusLog } from './statusLog.ts';

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
  /** Its torrents as of the last refresh that worked. */
  readonly torrents: Omit<FollowedTorrents, 'refresh' | 'hurry' | 'whileExpecting' | 'clear' | 'dispose'>;
  readonly #torrents: FollowedTorrents;
  readonly #services: ClientServices;
  readonly #changed = new vscode.EventEmitter<void>();
  /** Fires when the status, an error or what the daemon says of itself changed. */
  readonly onDidChange = this.#changed.event;

  readonly #gate = new LoginGate();
  readonly #callLog: CallLog;
  readonly #statusLog: StatusLog;
  readonly #calls: Session;
  readonly #refreshes: Session;
  readonly #polling: Polling;
  /** Why the last refresh did not work though the daemon is there. */
  #listingError: Error | undefined;
  #certificate: Rpc['peerCertificate'];
  #isWanted: boolean | undefined;
  #isDisposed = false;

  constructor(entry: ClientEntry, services: ClientServices) {
    this.entry = entry;
    this.#services = services;
    this.#torrents = this.torrents = new FollowedTorrents(entry.type);
    const { log, secrets } = services;
    const changed = () => this.#tellChange();
    const make = async () => {
      if (this.#isDisposed) throw new Error('The client was removed');
      return makeRpc(entry, await secrets.get(entry));
    };
    const events = new DaemonEvents(entry.type, (event, args) => log.event(entry.name, event, args));
    this.#callLog = new CallLog(log, entry.name);
    this.#statusLog = new StatusLog(log, entry);
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
    this.#polling = new Polling({
      ask: signal => this.#refresh(signal),
      mayPoll: () => this.#mayPoll,
      interval: () => this.#torrents.hurry ?? services.settings.refreshMilliseconds,
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
    return this.#torrents.store.facts?.version;
  }

  /** Whom a connection over TLS was made to; undefined without one. */
  get certificate(): Rpc['peerCertificate'] {
    return this.#certificate;
  }

  /** Whether this daemon can do it. */
  offers(action: ActionName): boolean {
    const isMissing = this.#torrents.store.facts?.missing?.has(action) ?? false;
    return !isMissing && adapterOf(this.entry.type).actions[action] !== undefined;
  }

  /** Whether the user wants it connected: from the first expand or command until *Disconnect*; undefined before. */
  get isWanted(): boolean | undefined {
    return this.#isWanted;
  }

  /** Connects, or tries again at once what failed; never throws, the status tells. */
  async connect(): Promise<void> {
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
    this.#isWanted = true;
    await this.#polling.now();
  }

  /** Polls from now on, or no longer, as `isVisible()` says. */
  visibilityChanged(): void {
    this.#polling.pause();
    if (this.#mayPoll && this.#refreshesByItself) void this.refresh();
  }

  /** Waits for the next refresh as long as the setting says now. */
  intervalChanged(): void {
    this.#polling.replan();
  }

  /** Lets go of the daemon, and of a connection on its way. */
  async disconnect(): Promise<void> {
    this.#isWanted = false;
    const closed = this.close();
    this.#torrents.clear();
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
  call(method: string, params: unknown, signal: AbortSignal): Promise<unknown> {
    return this.#run(method, signal, rpc => invoke(this.entry.type, rpc, method, params, signal));
  }

  /**
   * Does something that the user asked for, on the session for the user's calls, and logs it by its title. What is
   * expected of it is shown at once, and then what the daemon says.
   *
   * @throws what the core throws.
   */
  async act<T>(
    title: string,
    expected: Expected | undefined,
    signal: AbortSignal,
    work: (actions: Actions<AnyClient>, rpc: Rpc) => Promise<T>,
  ): Promise<T> {
    const run = () => this.#run(title, signal, rpc => work(adapterOf(this.entry.type).actions, rpc));
    try {
      return await this.#torrents.whileExpecting(expected, run);
    } finally {
      // Also what failed may be done in part.
      if (this.#isWanted) void this.#polling.afterwards();
    }
  }

  /**
   * Asks, and changes nothing, on the session for refreshes: `({ details }, rpc) => details.files(rpc, …)`.
   *
   * @throws what the core throws.
   */
  async look<T>(signal: AbortSignal, ask: (adapter: Adapter<AnyClient>, rpc: Rpc) => Promise<T>): Promise<T> {
    try {
      return await this.#refreshes.run(signal, rpc => ask(adapterOf(this.entry.type), rpc));
    } finally {
      // Who connects for this, or fails to, wants the torrents as well.
      if (!this.#isWanted && this.#refreshes.state !== 'idle') void this.refresh();
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
    this.#torrents.dispose();
    await this.close();
  }

  /** Forgets both sessions: the next use makes others, with the credentials of then. */
  async close(): Promise<void> {
    this.#gate.open();
    this.#endRefresh();
    this.#certificate = undefined;
    await Promise.allSettled([this.#calls.close(), this.#refreshes.close()]);
  }

  /** Does something on the session for the user's calls, and logs it. */
  async #run<T>(title: string, signal: AbortSignal, work: (rpc: Rpc) => Promise<T>): Promise<T> {
    this.#isWanted = true;
    try {
      return await this.#callLog.log(title, signal, () => this.#calls.run(signal, work));
    } finally {
      // What connects, or finds the daemon gone, is news for the view as well.
      const isNews = this.#refreshes.state !== this.#calls.state;
      if (this.#isWanted && isNews && this.#refreshesByItself) void this.refresh();
    }
  }

  get #mayPoll(): boolean {
    return this.#isWanted === true && !this.#gate.isClosed && this.#services.isVisible();
  }

  /** Whether nobody needs to ask for a refresh: none but the first where the interval is never. */
  get #refreshesByItself(): boolean {
    return this.#services.settings.refreshMilliseconds !== undefined || this.version === undefined;
  }

  async #refresh(signal: AbortSignal): Promise<boolean> {
    try {
      const isNews = await this.#refreshes.run(signal, rpc => this.#torrents.refresh(rpc, signal));
      const isRecovered = this.#listingError !== undefined;
      this.#listingError = undefined;
      this.#calls.forgive();
      if (isNews || isRecovered) this.#tellChange();
      return true;
    } catch (error) {
      if (signal.aborted) return false;
      this.#listingError = error as Error;
      this.#tellChange();
      return false;
    }
  }

  #tellChange(): void {
    this.#statusLog.tell(this.status, this.version, this.error);
    this.#changed.fire();
  }

  #endRefresh(): void {
    this.#polling.end();
    this.#listingError = undefined;
  }
}
