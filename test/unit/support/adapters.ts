// What the tests of the adapters share: clients that answer as a test says, and what holds for every torrent.
import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { inspect } from 'node:util';
import type { ClientName, ClientOf } from '../../../src/rpc/index.ts';
import { TORRENT_STATES, type Torrent } from '../../../src/torrents/torrent.ts';
import { listTorrents } from '../../tools/listTorrents.ts';

export const HASH = 'abcdef0123456789abcdef0123456789abcdef01';

/** A call's method and arguments, its options left out. */
// biome-ignore lint/suspicious/noExplicitAny: what was asked, looked at by a test
export type Asked = readonly [method: string, args: any];

/**
 * A client that has these answers, by method; a function is asked for its own. What was asked is in the list; `tell`
 * makes it tell of something, an event of its own or of the daemon's.
 */
export function fakeClient<Name extends ClientName>(_type: Name, answers: Readonly<Record<string, unknown>>) {
  const asked: Asked[] = [];
  const listeners = new EventEmitter();
  const addEventHandler = async (event: string, handler: () => void) => void listeners.on(event, handler);
  const call = async (method: string, args: unknown) => {
    asked.push([method, args]);
    const answer = answers[method];
    return typeof answer === 'function' ? answer(args) : answer;
  };
  const multicall = async (calls: readonly (readonly [string])[]) =>
    Promise.all(calls.map(([method, ...args]) => call(method, args)));
  const on = (event: string, listener: () => void) => void listeners.on(event, listener);
  return {
    rpc: { call, multicall, on, addEventHandler } as unknown as ClientOf<Name>,
    asked,
    tell: (event: string, ...args: unknown[]) => void listeners.emit(event, ...args),
  };
}

/** What is made of these answers, by method. */
export async function list(type: ClientName, answers: Readonly<Record<string, unknown>>) {
  const { facts, torrents } = await listTorrents(type, fakeClient(type, answers).rpc, signal);
  return { ...facts, torrents };
}

export const { signal } = new AbortController();

/** The one torrent of an answer, checked for what holds for all. */
export function only(torrents: readonly Torrent[]): Torrent {
  const [torrent, ...others] = torrents;
  assert.ok(torrent);
  assert.equal(others.length, 0);
  assert.equal(torrent.infoHash, HASH);
  assert.ok(TORRENT_STATES.includes(torrent.state), torrent.state);
  assert.ok(torrent.progress >= 0 && torrent.progress <= 1, String(torrent.progress));
  return torrent;
}

/** @param fields what the daemon said, for the message. */
export function hasAll(torrent: Torrent, expected: Partial<Torrent>, fields: unknown): void {
  assert.deepEqual({ ...torrent, ...expected }, torrent, inspect(fields));
}
