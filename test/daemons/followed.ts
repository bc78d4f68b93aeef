// A real daemon's torrents as the extension follows them, and what is done with them.
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { inspect, isDeepStrictEqual } from 'node:util';
import { type ClientName, type ClientOf, client } from '../../src/rpc/index.ts';
import type { Adapter } from '../../src/torrents/adapter.ts';
import { adapterOf } from '../../src/torrents/adapters.ts';
import { Following } from '../../src/torrents/following.ts';
import { TorrentStore } from '../../src/torrents/store.ts';
import type { Torrent, Update } from '../../src/torrents/torrent.ts';
import type { Daemon } from '../tools/daemons/daemon.ts';

/** Milliseconds that a daemon gets to do as it is told. */
const WAIT_MS = 30_000;
const POLL_MS = 50;

/** What went over the wire for one refresh. */
export interface Traffic {
  readonly methods: readonly string[];
  readonly sentBytes: number;
  readonly receivedBytes: number;
}

export class Followed<Name extends ClientName> implements AsyncDisposable {
  /** For actions and details. */
  readonly rpc: ClientOf<Name>;
  readonly adapter: Adapter<ClientOf<Name>>;
  readonly store = new TorrentStore();
  readonly signal = AbortSignal.timeout(120_000);
  readonly #refreshes: ClientOf<Name>;
  readonly #following: Following;
  #exchanges: { method: string; sentBytes: number; receivedBytes: number }[] = [];

  /** Connects twice, as the extension does. */
  constructor(name: Name, { url, username, password }: Daemon) {
    const options = { url, ...(username && { username, password }) };
    this.rpc = client(name, options);
    this.#refreshes = client(name, options);
    this.#refreshes.on('exchange', exchange => this.#exchanges.push(exchange));
    this.adapter = adapterOf(name) as unknown as Adapter<ClientOf<Name>>;
    this.#following = new Following(this.adapter.follow(this.#refreshes));
  }

  /** @param asked info hashes of torrents that something was asked of. */
  async refresh(...asked: readonly string[]): Promise<Update & { readonly traffic: Traffic }> {
    this.#exchanges = [];
    const update = await this.#following.next(this.signal, asked);
    this.store.apply(update);
    const sum = (key: 'sentBytes' | 'receivedBytes') =>
      this.#exchanges.reduce((total, exchange) => total + exchange[key], 0);
    const methods = this.#exchanges.map(({ method }) => method);
    return {
      ...update,
      traffic: { methods, sentBytes: sum('sentBytes'), receivedBytes: sum('receivedBytes') },
    };
  }

  /** Refreshes until a torrent is as expected; what never comes to that fails with what it was last. */
  async until(
    infoHash: string,
    expected: (torrent: Torrent) => boolean,
    asked: readonly string[] = [],
  ): Promise<Torrent> {
    const find = () => this.store.get(infoHash);
    await this.untilHolds(() => expected(find() ?? assert.fail('It is gone')), find, asked);
    return find() as Torrent;
  }

  /** Refreshes until a torrent, which something was asked of, has these members. */
  async sees({ infoHash }: { readonly infoHash: string }, expected: Partial<Torrent>): Promise<void> {
    const keys = Object.keys(expected) as (keyof Torrent)[];
    const look = async () => {
      await this.refresh(infoHash);
      const torrent = this.store.get(infoHash);
      return torrent && Object.fromEntries(keys.map(key => [key, torrent[key]]));
    };
    await becomes(look, expected);
  }

  /** @param tell what it was last, for the message. */
  async untilHolds(holds: () => boolean, tell: () => unknown, asked: readonly string[] = []): Promise<void> {
    for (const end = Date.now() + WAIT_MS; ; ) {
      await this.refresh(...asked);
      if (holds()) return;
      if (Date.now() > end) assert.fail(`It never came to this: ${holds} but stayed ${inspect(tell())}`);
      await sleep(POLL_MS);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.rpc.disconnect(), this.#refreshes.disconnect()]);
  }
}

/** Resolves with what is asked for as soon as it is as expected. */
export async function eventually<T>(ask: () => Promise<T>, expected: (value: T) => boolean): Promise<T> {
  for (const end = Date.now() + WAIT_MS; ; ) {
    const value = await ask();
    if (expected(value)) return value;
    if (Date.now() > end) assert.fail(`It never came to this: ${expected} but stayed ${inspect(value)}`);
    await sleep(POLL_MS);
  }
}

/** Asks until the answer is as expected; then they are compared, so that a failure tells both. */
export async function becomes<T>(ask: () => Promise<T>, expected: T): Promise<void> {
  let value = await ask();
  for (const end = Date.now() + WAIT_MS; !isDeepStrictEqual(value, expected); value = await ask()) {
    if (Date.now() > end) break;
    await sleep(POLL_MS);
  }
  assert.deepEqual(value, expected);
}
