/** The torrents of one client, kept as the daemon tells them, with word of each change. */
import { isDeepStrictEqual } from 'node:util';
import * as vscode from 'vscode';
import { adapterOf } from '../torrents/adapters.ts';
import { Following } from '../torrents/following.ts';
import { type StoreChange, TorrentStore } from '../torrents/store.ts';
import type { Torrent } from '../torrents/torrent.ts';
import type { Rpc } from './core.ts';
import type { ClientEntry } from './entries.ts';

/** Milliseconds to the next refresh while a daemon has not done yet what it said yes to. */
const HURRY_MS = 500;

/** What something asked of the daemon is expected to change. */
export interface Expected {
  /** Info hashes. */
  readonly torrents: readonly string[];
  as(before: Torrent): Partial<Torrent>;
}

export class FollowedTorrents implements vscode.Disposable {
  readonly #type: ClientEntry['type'];
  readonly #store = new TorrentStore();
  readonly #changed = new vscode.EventEmitter<StoreChange>();
  /** Fires when torrents came, went or changed, also when there are none at first; the store has them by then. */
  readonly onDidChange = this.#changed.event;
  readonly #refreshed = new vscode.EventEmitter<void>();
  /** Fires when the daemon has answered, be there news or none. */
  readonly onDidRefresh = this.#refreshed.event;
  /** How they are followed over the connection of this client of the core's. */
  #following: { readonly rpc: Rpc; readonly following: Following } | undefined;

  constructor(type: ClientEntry['type']) {
    this.#type = type;
  }

  get store(): Omit<TorrentStore, 'asking' | 'apply' | 'expect' | 'done' | 'forget' | 'clear'> {
    return this.#store;
  }

  /**
   * Takes in what is new. Whether what the daemon says of itself is.
   *
   * @throws what the core throws.
   */
  async refresh(rpc: Rpc, signal: AbortSignal): Promise<boolean> {
    const update = await this.#followingOf(rpc).next(signal, this.#store.asking());
    const isNews = !isDeepStrictEqual(this.#store.facts, update.facts);
    this.#tell(this.#store.apply(update));
    this.#refreshed.fire();
    return isNews;
  }

  /** Milliseconds to the next refresh, where that is to be soon. */
  get hurry(): number | undefined {
    return this.#store.isExpecting ? HURRY_MS : undefined;
  }

  /** The next refresh asks for everything. */
  doubt(): void {
    this.#following?.following.doubt();
  }

  /** Shows what is expected of some work until the daemon says how things are; no longer where the work fails. */
  async whileExpecting<T>(expected: Expected | undefined, work: () => Promise<T>): Promise<T> {
    if (!expected) return work();
    const { expectation, change } = this.#store.expect(expected.torrents, before => expected.as(before));
    this.#tell(change);
    try {
      const result = await work();
      this.#store.done(expectation);
      return result;
    } catch (error) {
      this.#tell(this.#store.forget(expectation));
      throw error;
    }
  }

  /** Forgets them all. */
  clear(): void {
    this.#store.clear();
    this.doubt();
  }

  dispose(): void {
    this.#changed.dispose();
    this.#refreshed.dispose();
  }

  #followingOf(rpc: Rpc): Following {
    if (this.#following?.rpc !== rpc)
      this.#following = { rpc, following: new Following(adapterOf(this.#type).follow(rpc)) };
    return this.#following.following;
  }

  #tell(change: StoreChange): void {
    const { isFirst, added, changed, removed } = change;
    if (isFirst || added.length + changed.length + removed.length > 0) this.#changed.fire(change);
  }
}
