import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  type Arranged,
  type Arrangement,
  arrange,
  GROUPINGS,
  SORT_KEYS,
  type SortKey,
} from '../../src/torrents/arrange.ts';
import { parseFilter } from '../../src/torrents/filter.ts';
import { TORRENT_STATES, type Torrent } from '../../src/torrents/torrent.ts';

let last = 0;
const torrent = (of: Partial<Torrent>): Torrent => {
  last += 1;
  return { infoHash: String(last).padStart(40, '0'), name: `t${last}`, state: 'stopped', progress: 0, ...of };
};
const by = (key: SortKey, isDescending = false): Arrangement => ({
  groupBy: 'none',
  filter: undefined,
  sort: { key, isDescending },
});
const groupedBy = (groupBy: Arrangement['groupBy']): Arrangement => ({ ...by('name'), groupBy });
const namesOf = (torrents: readonly Torrent[]) => torrents.map(({ name }) => name);
const groupsOf = ({ groups }: Arranged) =>
  groups?.map(({ key, torrents }) => `${key}: ${namesOf(torrents).join(' ')}`);

test('torrents are shown by name, numbers as such, and each once', () => {
  const torrents = ['b 10', 'b 9', 'A', 'b 9'].map((name, at) => torrent({ name, infoHash: String(at % 3) }));
  const { torrents: shown, total } = arrange(torrents, by('name'));
  assert.deepEqual(
    shown.map(({ name, infoHash }) => `${name} ${infoHash}`),
    ['A 2', 'b 9 0', 'b 9 1'],
  );
  assert.equal(total, 3);
});

test('what is unknown comes last in both directions, and of equal ones the name decides', () => {
  const torrents = [
    torrent({ name: 'd', ratio: 1 }),
    torrent({ name: 'unknown' }),
    torrent({ name: 'b', ratio: 3 }),
    torrent({ name: 'c', ratio: 1 }),
    torrent({ name: 'a', ratio: 0 }),
  ];
  const names = (isDescending: boolean) => namesOf(arrange(torrents, by('ratio', isDescending)).torrents);
  assert.deepEqual(names(false), ['a', 'c', 'd', 'b', 'unknown']);
  assert.deepEqual(names(true), ['b', 'c', 'd', 'a', 'unknown']);
});

test('each sort key compares what it is called', () => {
  const low: Partial<Torrent> = {
    name: '1',
    state: 'downloading',
    progress: 0.1,
    downloadRate: 1,
    uploadRate: 1,
    ratio: 1,
    size: 1,
    addedAt: 1,
    activeAt: 1,
    queuePosition: 1,
  };
  const high: Required<{ [Key in SortKey]: Partial<Torrent> }> = {
    name: { name: '2' },
    state: { state: 'seeding' },
    progress: { progress: 0.2 },
    downloadRate: { downloadRate: 2 },
    uploadRate: { uploadRate: 2 },
    ratio: { ratio: 2 },
    size: { size: 2 },
    added: { addedAt: 2 },
    activity: { activeAt: 2 },
    queue: { queuePosition: 2 },
  };
  for (const key of SORT_KEYS) {
    // Its name would put it first.
    const second = torrent({ ...low, name: '0', ...high[key] });
    const first = torrent(low);
    assert.deepEqual(arrange([second, first], by(key)).torrents, [first, second], key);
    assert.deepEqual(arrange([first, second], by(key, true)).torrents, [second, first], key);
  }
});

test('groups of states: errors first', () => {
  const arranged = arrange(
    TORRENT_STATES.map(state => torrent({ name: state, state })),
    groupedBy('state'),
  );
  assert.deepEqual(
    arranged.groups?.map(({ key }) => key),
    ['error', 'downloading', 'metadata', 'seeding', 'checking', 'moving', 'queued', 'stopped'],
  );
  assert.deepEqual(arranged.torrents, []);
});

test('groups by label: in each of its own, and those without one last', () => {
  const torrents = [
    torrent({ name: 'none', labels: [] }),
    torrent({ name: 'unknown' }),
    torrent({ name: 'both', labels: ['b 10', 'b 9', 'b 9'] }),
    torrent({ name: 'odd', labels: ['__proto__'] }),
    torrent({ name: 'a', labels: ['b 9'] }),
  ];
  const arranged = arrange(torrents, groupedBy('label'));
  assert.deepEqual(groupsOf(arranged), ['__proto__: odd', 'b 9: a both', 'b 10: both', ': none unknown']);
  assert.equal(arranged.shown, 5);
  assert.deepEqual(
    arranged.groups?.map(({ label }) => label),
    ['__proto__', 'b 9', 'b 10', ''],
  );
});

test('groups by tracker and by folder', () => {
  const torrents = [
    torrent({ name: 'a', trackerHosts: ['x.org', 'y.org'], savePath: '/2' }),
    torrent({ name: 'b', trackerHosts: ['y.org'], savePath: '/10' }),
    torrent({ name: 'c' }),
  ];
  assert.deepEqual(groupsOf(arrange(torrents, groupedBy('tracker'))), ['x.org: a', 'y.org: a b', ': c']);
  assert.deepEqual(groupsOf(arrange(torrents, groupedBy('folder'))), ['/2: a', '/10: b', ': c']);
});

test('a filter leaves what it matches, before it is grouped', () => {
  const torrents = [
    torrent({ name: 'a 1', labels: ['x'] }),
    torrent({ name: 'a 2' }),
    torrent({ name: 'b' }),
  ];
  const arranged = arrange(torrents, { ...groupedBy('label'), filter: parseFilter('a') });
  assert.deepEqual(groupsOf(arranged), ['x: a 1', ': a 2']);
  assert.equal(arranged.shown, 2);
  assert.equal(arranged.total, 3);
});

test('a filter by age goes by the time that is given', () => {
  const torrents = [torrent({ name: 'old', addedAt: 0 }), torrent({ name: 'new', addedAt: 900 })];
  const arrangement = { ...by('name'), filter: parseFilter('added<10min') };
  assert.deepEqual(namesOf(arrange(torrents, arrangement, undefined, 1000).torrents), ['new']);
});

test('what did not change stays the same object', () => {
  const torrents = [torrent({ labels: ['a'] }), torrent({ labels: ['b'], ratio: 1 })];
  const flat = by('ratio');
  const list = arrange(torrents, flat);
  assert.equal(arrange(torrents, flat, list), list);
  const arrangement = groupedBy('label');
  const before = arrange(torrents, arrangement);
  const [first, second] = torrents as [Torrent, Torrent];
  const after = arrange([first, { ...second, ratio: 2 }], arrangement, before);
  assert.equal(after.groups?.[0], before.groups?.[0]);
  assert.notEqual(after.groups?.[1], before.groups?.[1]);
  assert.equal(arrange(torrents, groupedBy('label'), before).groups, before.groups);
});

const some = fc.record(
  {
    infoHash: fc.integer({ min: 0, max: 30 }).map(String),
    name: fc.constantFrom('a', 'A', 'a 9', 'a 10', 'ä', 'a\u0000', ''),
    state: fc.constantFrom(...TORRENT_STATES),
    progress: fc.constantFrom(0, 0.5, 1),
    ratio: fc.constantFrom(0, 1, Number.POSITIVE_INFINITY),
    downloadRate: fc.constantFrom(0, 1, 2),
    queuePosition: fc.nat(30),
    labels: fc.array(fc.constantFrom('', 'x', 'y', '__proto__'), { maxLength: 3 }),
  },
  { requiredKeys: ['infoHash', 'name', 'state', 'progress'] },
);
const arrangements = fc.record({
  groupBy: fc.constantFrom(...GROUPINGS),
  filter: fc.constantFrom(undefined, parseFilter('a'), parseFilter('-a ratio<1')),
  sort: fc.record({ key: fc.constantFrom(...SORT_KEYS), isDescending: fc.boolean() }),
});

test('arranged with or without what was before, the outcome is the same', () => {
  fc.assert(
    fc.property(
      fc.array(some),
      fc.array(some),
      fc.array(some),
      arrangements,
      arrangements,
      fc.boolean(),
      (gone, stay, come, one, other, isOther) => {
        const before = arrange([...gone, ...stay], one);
        const arrangement = isOther ? other : one;
        const torrents = [...come, ...stay];
        assert.deepEqual(arrange(torrents, arrangement, before), arrange(torrents, arrangement));
      },
    ),
    { numRuns: 1000 },
  );
});
