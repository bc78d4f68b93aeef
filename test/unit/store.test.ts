import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type StoreChange, TorrentStore } from '../../src/torrents/store.ts';
import type { Torrent, Update } from '../../src/torrents/torrent.ts';

const facts = { version: '1.0' };
const torrent = (infoHash: string, of: Partial<Torrent> = {}): Torrent => ({
  infoHash,
  name: infoHash,
  state: 'seeding',
  progress: 1,
  labels: ['x'],
  ...of,
});
const all = (...torrents: readonly Torrent[]): Update => ({ kind: 'all', facts, torrents });
const changes = (torrents: readonly Torrent[], removed: readonly string[] = []): Update => ({
  kind: 'changes',
  facts,
  torrents,
  removed,
});
const storeOf = (...torrents: readonly Torrent[]) => {
  const store = new TorrentStore();
  store.apply(all(...torrents));
  return store;
};
const stopped = () => ({ state: 'stopped' as const });

/** `+a -b c seeding>stopped` */
function brief({ added, changed, removed }: StoreChange): string {
  return [
    ...added.map(({ infoHash }) => `+${infoHash}`),
    ...removed.map(({ infoHash }) => `-${infoHash}`),
    ...changed.map(({ before, after }) => `${after.infoHash} ${before.state}>${after.state}`),
  ].join(' ');
}

test('the first update is no news, whatever it holds', () => {
  const store = new TorrentStore();
  assert.equal(store.facts, undefined);
  assert.equal(store.apply(all()).isFirst, true);
  assert.equal(store.facts, facts);
  const change = store.apply(all(torrent('a')));
  assert.equal(change.isFirst, false);
  assert.equal(brief(change), '+a');
  store.clear();
  assert.equal(store.facts, undefined);
  assert.equal(store.size, 0);
  assert.equal(store.apply(all(torrent('a'))).isFirst, true);
});

test('what came, went and changed, of all and of changes', () => {
  for (const make of [
    () => all(torrent('b', { state: 'stopped' }), torrent('c'), torrent('d')),
    () => changes([torrent('b', { state: 'stopped' }), torrent('d')], ['a', 'unknown']),
  ]) {
    const store = storeOf(torrent('a'), torrent('b'), torrent('c'));
    assert.equal(brief(store.apply(make())), '+d -a b seeding>stopped');
    assert.deepEqual([...store.all()].map(({ infoHash }) => infoHash).sort(), ['b', 'c', 'd']);
    assert.equal(store.size, 3);
    assert.equal(store.get('a'), undefined);
    assert.equal(store.get('b')?.state, 'stopped');
  }
});

test('a torrent stays the same object until something of it changes', () => {
  const first = torrent('a', { error: undefined });
  const store = storeOf(first);
  for (const update of [all(torrent('a')), changes([torrent('a', { labels: ['x'] })])]) {
    assert.equal(brief(store.apply(update)), '');
    assert.equal(store.get('a'), first);
  }
  for (const other of [{ labels: ['x', 'y'] }, { labels: ['y'] }, { labels: undefined }, { error: 'x' }]) {
    const before = store.get('a');
    const { changed } = store.apply(changes([torrent('a', other)]));
    assert.deepEqual(changed, [{ before, after: torrent('a', other) }]);
    assert.equal(store.get('a'), changed[0]?.after);
  }
});

test('of a torrent that comes twice the last counts, and one that comes and goes at once is there', () => {
  const store = new TorrentStore();
  const twice = [torrent('a'), torrent('a', { state: 'stopped' })];
  assert.equal(brief(store.apply(all(...twice))), '+a');
  assert.equal(store.get('a')?.state, 'stopped');
  assert.equal(store.size, 1);
  assert.equal(brief(store.apply(changes([torrent('a')], ['a', 'a']))), 'a stopped>seeding');
  assert.equal(brief(store.apply(changes([], ['a', 'a']))), '-a');
  assert.equal(store.size, 0);
});

test('what is expected is shown at once, and stays while the daemon is asked, whatever updates say', () => {
  const store = storeOf(torrent('a'), torrent('b'));
  const { change } = store.expect(['a', 'unknown'], stopped);
  assert.equal(brief(change), 'a seeding>stopped');
  assert.equal([...store.all()].find(({ infoHash }) => infoHash === 'a')?.state, 'stopped');
  const shown = store.get('a');
  for (let round = 0; round < 5; round += 1) {
    assert.deepEqual(store.asking(), []);
    assert.equal(brief(store.apply(all(torrent('a'), torrent('b')))), '');
    assert.equal(store.get('a'), shown);
  }
  assert.equal(store.isExpecting, false);
});

test('what else changes of a torrent is shown meanwhile', () => {
  const store = storeOf(torrent('a'));
  store.expect(['a'], stopped);
  const { changed } = store.apply(changes([torrent('a', { uploadRate: 5 })]));
  assert.deepEqual(changed[0]?.after, torrent('a', { state: 'stopped', uploadRate: 5 }));
});

test('a late answer, to what was asked before it was done, does not count', () => {
  const store = storeOf(torrent('a'));
  store.asking();
  const { expectation } = store.expect(['a'], stopped);
  store.done(expectation);
  assert.equal(brief(store.apply(all(torrent('a')))), '');
  assert.equal(store.isExpecting, true);
  assert.deepEqual(store.asking(), ['a']);
  assert.equal(brief(store.apply(changes([torrent('a', { state: 'stopped' })]))), '');
  assert.equal(store.isExpecting, false);
});

test('once it is done, the daemon has the last word', () => {
  const store = storeOf(torrent('a'), torrent('b'));
  const { expectation } = store.expect(['a', 'b'], stopped);
  store.done(expectation);
  store.asking();
  const update = changes([torrent('a', { state: 'error' }), torrent('b', { state: 'stopped' })]);
  assert.equal(brief(store.apply(update)), 'a stopped>error');
  assert.equal(brief(store.apply(changes([torrent('b')]))), 'b stopped>seeding');
});

test('a daemon gets a moment to do as told, and no more', () => {
  const store = storeOf(torrent('a'), torrent('b'));
  const { expectation } = store.expect(['a', 'b'], stopped);
  store.done(expectation);
  const shown: string[] = [];
  for (const update of [changes([]), changes([torrent('a')]), all(torrent('a'), torrent('b'))]) {
    store.asking();
    shown.push(brief(store.apply(update)));
  }
  assert.deepEqual(shown, ['', '', 'a stopped>seeding b stopped>seeding']);
  assert.equal(store.isExpecting, false);
  assert.deepEqual(store.asking(), []);
});

test('what changes nothing is not waited for', () => {
  for (const as of [{}, { state: 'seeding' as const }]) {
    const store = storeOf(torrent('a'));
    const { expectation, change } = store.expect(['a'], () => as);
    assert.equal(brief(change), '');
    store.done(expectation);
    assert.deepEqual(store.asking(), ['a']);
    store.apply(changes([]));
    assert.equal(store.isExpecting, false);
  }
});

test('what the daemon refuses is shown again as it is', () => {
  const first = torrent('a');
  const store = storeOf(first);
  const { expectation } = store.expect(['a'], stopped);
  store.apply(changes([torrent('a', { uploadRate: 5 })]));
  assert.equal(brief(store.forget(expectation)), 'a stopped>seeding');
  assert.equal(store.get('a')?.uploadRate, 5);
  assert.equal(brief(store.forget(expectation)), '');
});

test('of two things that are asked, each ends by itself', () => {
  const store = storeOf(torrent('a'));
  const one = store.expect(['a'], stopped);
  const two = store.expect(['a'], ({ state }) => ({ labels: [state] }));
  assert.deepEqual(store.get('a'), torrent('a', { state: 'stopped', labels: ['stopped'] }));
  store.done(two.expectation);
  store.asking();
  store.apply(changes([torrent('a', { labels: ['other'] })]));
  assert.deepEqual(store.get('a'), torrent('a', { state: 'stopped', labels: ['other'] }));
  store.forget(one.expectation);
  assert.deepEqual(store.get('a'), torrent('a', { labels: ['other'] }));
});

test('of one that is stopped and started at once, what comes late of either is not shown', () => {
  const store = storeOf(torrent('a'));
  const started = () => ({ state: 'seeding' }) as const;
  for (const as of [stopped, started]) store.done(store.expect(['a'], as).expectation);
  for (const state of ['seeding', 'stopped', 'seeding'] as const) {
    store.asking();
    assert.equal(brief(store.apply(changes([torrent('a', { state })]))), '');
    assert.equal(store.get('a')?.state, 'seeding');
  }
  assert.equal(store.isExpecting, false);
  store.apply(changes([torrent('a', { state: 'stopped' })]));
  assert.equal(store.get('a')?.state, 'stopped');
});

test('a torrent that goes is gone, and comes back without what was expected of it', () => {
  for (const update of [all(), changes([], ['a'])]) {
    const store = storeOf(torrent('a'));
    const { expectation } = store.expect(['a'], stopped);
    const { removed } = store.apply(update);
    assert.deepEqual(removed, [torrent('a', { state: 'stopped' })]);
    assert.equal(store.get('a'), undefined);
    store.done(expectation);
    store.asking();
    store.apply(changes([]));
    assert.equal(store.isExpecting, false);
    assert.equal(brief(store.apply(changes([torrent('a')]))), '+a');
    assert.equal(store.get('a')?.state, 'seeding');
  }
});

test('what is refused after the client was disconnected is nobody\u2019s news', () => {
  const store = storeOf(torrent('a'));
  const { expectation } = store.expect(['a'], stopped);
  store.clear();
  assert.equal(store.get('a'), undefined);
  store.apply(all(torrent('a')));
  assert.equal(store.get('a')?.state, 'seeding');
  assert.equal(brief(store.forget(expectation)), '');
});

const hashes = fc.constantFrom('a', 'b', 'c', 'd');
const torrents = fc
  .record({ infoHash: hashes, state: fc.constantFrom('seeding', 'stopped', 'error'), label: fc.nat(1) })
  .map(({ infoHash, state, label }) =>
    torrent(infoHash, { state: state as Torrent['state'], labels: [String(label)] }),
  );
const steps = fc.oneof(
  fc.array(torrents).map(list => ({ step: 'apply' as const, update: all(...list) })),
  fc
    .tuple(fc.array(torrents), fc.array(hashes))
    .map(([list, removed]) => ({ step: 'apply' as const, update: changes(list, removed) })),
  fc.array(hashes).map(list => ({ step: 'expect' as const, list })),
  fc.constantFrom('done' as const, 'forget' as const, 'asking' as const).map(step => ({ step })),
);

test('whoever takes in the changes alone shows what the store has', () => {
  fc.assert(
    fc.property(fc.array(steps, { maxLength: 30 }), list => {
      const store = new TorrentStore();
      const shown = new Map<string, Torrent>();
      const open: ReturnType<TorrentStore['expect']>['expectation'][] = [];
      const follow = ({ added, changed, removed }: StoreChange) => {
        for (const { infoHash } of removed) assert.ok(shown.delete(infoHash));
        for (const one of added) assert.ok(!shown.has(one.infoHash) && shown.set(one.infoHash, one));
        for (const { before, after } of changed) {
          assert.equal(shown.get(after.infoHash), before);
          assert.notDeepEqual(before, after);
          shown.set(after.infoHash, after);
        }
      };
      for (const one of list) {
        if (one.step === 'apply') follow(store.apply(one.update));
        else if (one.step === 'asking') store.asking();
        else if (one.step === 'expect') {
          const { expectation, change } = store.expect(one.list, stopped);
          open.push(expectation);
          follow(change);
        } else {
          const expectation = open.pop();
          if (expectation && one.step === 'done') store.done(expectation);
          else if (expectation) follow(store.forget(expectation));
        }
        assert.equal(store.size, shown.size);
        for (const torrent of store.all()) assert.equal(shown.get(torrent.infoHash), torrent);
        for (const [infoHash, torrent] of shown) assert.equal(store.get(infoHash), torrent);
      }
    }),
    { numRuns: 2000 },
  );
});

test('of fifty thousand torrents, only the changed ones are news', () => {
  const many = Array.from({ length: 50_000 }, (_, at) => torrent(`t${at}`));
  const store = storeOf(...many);
  const copies = () => many.map(one => ({ ...one, labels: ['x'] }));
  assert.equal(brief(store.apply(all(...copies()))), '');
  assert.equal(store.get('t7'), many[7]);
  const hundred = copies()
    .slice(500, 600)
    .map(one => ({ ...one, state: 'stopped' as const }));
  const change = store.apply(changes(hundred, ['t0']));
  assert.equal(change.changed.length, 100);
  assert.equal(change.removed.length, 1);
  assert.equal(store.size, 49_999);
});
