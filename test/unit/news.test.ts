/** Which torrents finished or failed. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { NewsReader } from '../../src/torrents/news.ts';
import { TorrentStore } from '../../src/torrents/store.ts';
import type { Torrent } from '../../src/torrents/torrent.ts';

type Part = Partial<Torrent> & Pick<Torrent, 'state' | 'progress'>;

/** What is read from torrents as they become; a torrent's name is its info hash. */
function readAll(...steps: readonly Readonly<Record<string, Part>>[]): string[][] {
  const store = new TorrentStore();
  const reader = new NewsReader();
  return steps.map(step => {
    const torrents = Object.entries(step).map(([infoHash, part]) => ({ infoHash, name: infoHash, ...part }));
    const { finished, failed } = reader.read(store.apply({ kind: 'all', facts: { version: '1' }, torrents }));
    return [...finished.map(({ name }) => `${name} finished`), ...failed.map(({ name }) => `${name} failed`)];
  });
}

const half = { state: 'downloading', progress: 0.5 } as const;
const whole = { state: 'seeding', progress: 1 } as const;
const broken = { state: 'error', progress: 0.5 } as const;

describe('news of torrents', () => {
  test('is what finishes or fails while it is looked at', () => {
    assert.deepEqual(readAll({ a: half, b: half, c: half }, { a: whole, b: broken, c: half }), [
      [],
      ['a finished', 'b failed'],
    ]);
  });

  test('is told once', () => {
    const changed = { ...whole, uploadRate: 5 };
    assert.deepEqual(
      readAll({ a: half, b: half }, { a: whole, b: broken }, { a: changed, b: { ...broken, eta: 1 } }),
      [[], ['a finished', 'b failed'], []],
    );
  });

  test('is not what was so at first, nor what is added so', () => {
    assert.deepEqual(readAll({ a: whole, b: broken }, { a: whole, b: broken, c: whole, d: broken }), [
      [],
      [],
    ]);
  });

  test('is not a check of what was complete, whatever its progress', () => {
    const checking = { state: 'checking', progress: 0.2 } as const;
    assert.deepEqual(readAll({ a: whole }, { a: checking }, { a: whole }), [[], [], []]);
    assert.deepEqual(readAll({ a: checking }, { a: whole }), [[], []]);
  });

  test('is what finishes by way of a check or a move', () => {
    const moving = { state: 'moving', progress: 1 } as const;
    assert.deepEqual(readAll({ a: half }, { a: moving }, { a: whole }), [[], [], ['a finished']]);
  });

  test('does not remember what was removed', () => {
    assert.deepEqual(readAll({ a: half }, {}, { a: whole }, { a: { ...whole, eta: 1 } }), [[], [], [], []]);
  });
});
