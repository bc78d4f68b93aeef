/** Each client in mixed traffic for a while: calls, aborts, changed settings; daemons that stop, die and come back. */
import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  AuthenticationError,
  type ClientName,
  ConnectionError,
  type DelugeRPC,
  type QbittorrentRPC,
  type RPCBase,
  RPCError,
  type RtorrentRPC,
  TimeoutError,
  type TransmissionRPC,
} from '../../src/rpc/index.ts';
import { freeze, thaw } from '../tools/freeze.ts';
import { hear } from '../tools/hear.ts';
import { assertNothingOpen } from '../tools/leaks.ts';
import { type OpenRoute, openRoute, ROUTES, type Route } from '../tools/routes.ts';
import { makeTorrent } from '../tools/torrents.ts';

const SOAK_MS = 20_000;
const CALLERS = 20;
/** Seconds; longer than a daemon is ever stopped for, so that only what is lost runs into it. */
const TIMEOUT = 5;

/** One way for each client. */
const SOAKED = ['deluge direct', 'qbittorrent socks5', 'rtorrent direct', 'transmission tls'];

/** A call that fails where it is run for the second time with the same number. */
type Once = (
  rpc: RPCBase,
  number: number,
  signal: AbortSignal | undefined,
  open: OpenRoute,
) => Promise<unknown>;

const ONCE: { [name in ClientName]: Once } = {
  deluge: (rpc, number, signal) => {
    const torrent = [`${number}.torrent`, metainfo(number), {}];
    return (rpc as DelugeRPC).call('core.add_torrent_file', torrent, {}, { signal });
  },
  qbittorrent: (rpc, number, signal) =>
    (rpc as QbittorrentRPC).call('torrents/createCategory', { category: `c${number}` }, { signal }),
  rtorrent: (rpc, number, signal, { daemon }) => {
    const folder = path.join(daemon.home, `once-${number}`);
    return (rpc as RtorrentRPC).call('execute.throw', '', 'mkdir', folder, ...(signal ? [{ signal }] : []));
  },
  transmission: async (rpc, number, signal) => {
    const args = { metainfo: metainfo(number), paused: true };
    const answer = await (rpc as TransmissionRPC).call('torrent-add', args, { signal });
    assert.ok(answer.arguments?.['torrent-added'], 'it was added twice');
  },
};

const metainfo = (number: number) => makeTorrent({ name: `n${number}` }).metainfo.toString('base64');
const upTo = (limit: number) => Math.floor(Math.random() * limit);
const oneOf = <T>(choices: readonly T[]): T => choices[upTo(choices.length)] as T;

class GivenUp extends Error {}

/** A client under all of it. */
class Soak {
  readonly outcomes = new Map<string, number>();
  readonly #route: Route;
  readonly #open: OpenRoute;
  readonly #rpc: RPCBase;
  readonly #end = Date.now() + SOAK_MS;
  /** Of calls that nobody gives up. */
  readonly #patient = new AbortController();
  #number = 0;

  constructor(route: Route, open: OpenRoute, rpc: RPCBase) {
    this.#route = route;
    this.#open = open;
    this.#rpc = rpc;
  }

  async run(): Promise<void> {
    const callers = Array.from({ length: CALLERS }, () => this.#makeCalls());
    await Promise.all([...callers, this.#meddle(), this.#meddle(), this.#sabotage()]);
    assert.equal(getEventListeners(this.#patient.signal, 'abort').length, 0);
  }

  async #makeCalls(): Promise<void> {
    while (Date.now() < this.#end) {
      await oneOf([
        () => this.#watch(undefined),
        () => this.#watch(this.#patient.signal),
        async () => {
          const controller = new AbortController();
          const timer = setTimeout(() => controller.abort(new GivenUp()), upTo(60));
          await this.#watch(controller.signal);
          clearTimeout(timer);
          assert.equal(getEventListeners(controller.signal, 'abort').length, 0);
        },
      ])();
      await sleep(upTo(20));
    }
  }

  /** Makes a call and sees that it ends in time, and as it may. */
  async #watch(signal: AbortSignal | undefined): Promise<void> {
    const { tested } = this.#route;
    const started = performance.now();
    this.#number += 1;
    const call =
      this.#number % 5 === 0
        ? ONCE[tested.name](this.#rpc, this.#number, signal, this.#open)
        : tested.call(this.#rpc, signal);
    const outcome = await call.then(
      () => 'ok',
      (error: Error) => {
        this.#check(error);
        return error.name === 'Error' ? 'given up' : error.name;
      },
    );
    const seconds = (performance.now() - started) / 1000;
    assert.ok(seconds < TIMEOUT + 2, `it took ${seconds} s`);
    this.outcomes.set(outcome, (this.outcomes.get(outcome) ?? 0) + 1);
  }

  /** What is between us and a daemon that is down says so in its own words. */
  #check(error: unknown): void {
    const isExpected =
      error instanceof RPCError
        ? this.#open.near.kind === 'nginx' && /50[24]/.test(error.message)
        : [ConnectionError, TimeoutError, GivenUp].some(kind => error instanceof kind) ||
          // What a Deluge says of everybody while it ends.
          (error instanceof AuthenticationError &&
            /Username does not exist/.test(JSON.stringify(error.info)));
    assert.ok(isExpected, String(error));
  }

  async #meddle(): Promise<void> {
    while (Date.now() < this.#end) {
      await sleep(300 + upTo(1000));
      await oneOf([
        () => this.#rpc.connect().catch(error => this.#check(error)),
        () => this.#rpc.disconnect(),
        async () => {
          this.#rpc.timeout = this.#rpc.timeout === TIMEOUT ? TIMEOUT + 0.1 : TIMEOUT;
        },
      ])();
    }
  }

  async #sabotage(): Promise<void> {
    while (Date.now() < this.#end) {
      await sleep(500 + upTo(1000));
      const victim = oneOf([this.#open.daemon, this.#open.near]);
      await oneOf([
        () => victim.kill(),
        () => victim.stop(),
        async () => {
          await freeze(victim);
          await sleep(upTo(300));
          thaw(victim);
        },
      ])();
      await sleep(upTo(100));
      if (victim.pid === undefined) await victim.restart();
    }
  }
}

describe('a soak', { concurrency: true }, () => {
  after(assertNothingOpen);

  for (const route of ROUTES) {
    const name = `${route.tested.name} ${route.way}`;
    if (!SOAKED.includes(name)) continue;
    it(name, async () => {
      await using open = await openRoute(route);
      await using rpc = open.client({ timeout: TIMEOUT });
      const heard = hear(rpc);
      const soak = new Soak(route, open, rpc);
      await soak.run();
      await route.tested.call(rpc);
      await rpc.disconnect();
      heard.check();
      const { length } = heard.statuses;
      console.log(
        `${name}: ${JSON.stringify(Object.fromEntries(soak.outcomes))}, ${length} changes of status`,
      );
      for (const outcome of ['ok', 'given up', 'ConnectionError'])
        assert.ok(soak.outcomes.has(outcome), outcome);
    });
  }
});
