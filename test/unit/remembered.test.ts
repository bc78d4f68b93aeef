/** How torrents were added last is kept for each client. */
import assert from 'node:assert/strict';
import test from 'node:test';
import type { Memento } from 'vscode';
import { rememberedOptions, rememberOptions } from '../../src/ui/commands/addTorrent/remembered.ts';

/** A state that keeps what JSON keeps, as VS Code's does. */
function makeState(): Memento {
  let text = '{}';
  return {
    keys: () => Object.keys(JSON.parse(text)),
    get: <T>(key: string, otherwise?: T): T => JSON.parse(text)[key] ?? otherwise,
    update: async (key: string, value: unknown) => {
      text = JSON.stringify({ ...JSON.parse(text), [key]: value });
    },
  };
}

const DEFAULTS = { savePath: undefined, labels: [], isStopped: false };
const chosen = { savePath: '/srv', labels: ['linux'], isStopped: true };

test('each client has its own, the daemon its defaults before', async () => {
  const state = makeState();
  assert.deepEqual(rememberedOptions(state, 'A'), DEFAULTS);
  await rememberOptions(state, 'A', chosen, ['A', 'B']);
  assert.deepEqual(rememberedOptions(state, 'A'), chosen);
  assert.deepEqual(rememberedOptions(state, 'B'), DEFAULTS);
  await rememberOptions(state, 'A', { ...chosen, savePath: undefined }, ['A', 'B']);
  assert.deepEqual(rememberedOptions(state, 'A'), { ...chosen, savePath: undefined });
});

test('names are names, also those that objects have of their own', async () => {
  const state = makeState();
  assert.deepEqual(rememberedOptions(state, 'constructor'), DEFAULTS);
  await rememberOptions(state, 'constructor', chosen, ['constructor']);
  assert.deepEqual(rememberedOptions(state, 'constructor'), chosen);
});

test('those of clients that are gone are forgotten', async () => {
  const state = makeState();
  await rememberOptions(state, 'A', chosen, ['A', 'B']);
  await rememberOptions(state, 'B', chosen, ['B']);
  assert.deepEqual(rememberedOptions(state, 'A'), DEFAULTS);
});

test('which of its files are wanted is of one torrent only', async () => {
  const state = makeState();
  await rememberOptions(state, 'A', { ...chosen, unwanted: [1] } as typeof chosen, ['A']);
  assert.deepEqual(rememberedOptions(state, 'A'), chosen);
});
