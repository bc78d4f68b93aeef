// What a refresh costs after the daemon's answer is understood: the store and the arrangement, with very many torrents.
import { type Arranged, type Arrangement, arrange } from '../../src/torrents/arrange.ts';
import { parseFilter } from '../../src/torrents/filter.ts';
import { TorrentStore } from '../../src/torrents/store.ts';
import type { Torrent, Update } from '../../src/torrents/torrent.ts';
import { FULL_LIMIT_MS, inLimit, LIMIT, REFRESH_LIMIT_MS } from './limits.ts';
import type { Table } from './report.ts';
import { median } from './rounds.ts';

const COUNT = 50_000;
const CHANGED = 100;
const ROUNDS = 15;
const facts = { version: '1.0' };

const arrangementOf = (groupBy: Arrangement['groupBy'], filter?: string): Arrangement => ({
  groupBy,
  filter: filter === undefined ? undefined : parseFilter(filter),
  sort: { key: 'name', isDescending: false },
});

function makeTorrent(index: number, uploadRate: number): Torrent {
  return {
    infoHash: String(index).padStart(40, '0'),
    name: `Some.Show.S${index % 97}E${index}.1080p.WEB.H264`,
    state: index % 3 === 0 ? 'stopped' : 'seeding',
    progress: 1,
    uploadRate,
    ratio: (index % 40) / 10,
    size: index * 1000,
    labels: [`label ${index % 20}`],
    trackerHosts: [`tracker${index % 7}.example.org`],
    savePath: '/downloads',
    addedAt: index,
  };
}

/** Objects and texts of their own each time, as from a daemon's answer. */
const copyOf = (torrents: readonly Torrent[]): Torrent[] => JSON.parse(JSON.stringify(torrents));

const TORRENTS = Array.from({ length: COUNT }, (_, index) => makeTorrent(index, 0));
const all = (): Update => ({ kind: 'all', facts, torrents: copyOf(TORRENTS) });

/** Some of them, different each time. */
function changes(round: number): Update {
  const torrents = Array.from({ length: CHANGED }, (_, at) => makeTorrent(at * 400 + round, round + 1));
  return { kind: 'changes', facts, torrents: copyOf(torrents), removed: [] };
}

/** Measures with torrents that no daemon has. */
export function benchTorrents(roundsOf: (rounds: number) => number): Table {
  const times = new Map<string, number[]>();
  const time = <T>(label: string, work: () => T): T => {
    const started = performance.now();
    const result = work();
    times.set(label, [...(times.get(label) ?? []), performance.now() - started]);
    return result;
  };
  const kinds = {
    plain: arrangementOf('none'),
    grouped: arrangementOf('label'),
    filtered: arrangementOf('none', 'show ratio<1'),
  };
  for (let round = 0; round < roundsOf(ROUNDS); round += 1) {
    const store = new TorrentStore();
    const [first, again, some] = [all(), all(), changes(round)];
    time('store: the first listing', () => store.apply(first));
    time('store: everything again, nothing new', () => store.apply(again));
    const before = new Map<string, Arranged>();
    for (const [kind, arrangement] of Object.entries(kinds))
      before.set(
        kind,
        time(`${kind}: at first`, () => arrange(store.all(), arrangement)),
      );
    time(`store: ${CHANGED} changes`, () => store.apply(some));
    for (const [kind, arrangement] of Object.entries(kinds))
      time(`${kind}: ${CHANGED} changes`, () => arrange(store.all(), arrangement, before.get(kind)));
  }
  return {
    title: `${COUNT} torrents, without a daemon`,
    others: [LIMIT],
    rows: [...times].map(([label, all]) =>
      inLimit(label, median(all), label.includes('changes') ? REFRESH_LIMIT_MS : FULL_LIMIT_MS),
    ),
  };
}
