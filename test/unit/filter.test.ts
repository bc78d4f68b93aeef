import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FilterError, formatFilter, parseFilter, toPredicate } from '../../src/torrents/filter.ts';
import type { Torrent } from '../../src/torrents/torrent.ts';

const NOW = 2_000_000_000;
const DAY = 86_400;

const some: Torrent = {
  infoHash: 'a'.repeat(40),
  name: 'Ubuntu 24.04 - Am\u00e9lie (x264)',
  state: 'seeding',
  progress: 0.29,
  downloadRate: 0,
  uploadRate: 100_001,
  eta: 300,
  size: 10_000_000_001,
  ratio: 0.5,
  seeds: 3,
  leechers: 0,
  labels: ['Linux', 'my isos'],
  tags: ['keep'],
  trackerHosts: ['bttracker.debian.org'],
  savePath: '/data/Films',
  addedAt: NOW - 3 * DAY,
  activeAt: NOW - 60,
  isPrivate: true,
};
const bare: Torrent = { infoHash: 'b'.repeat(40), name: 'bare', state: 'stopped', progress: 1 };

const matches = (text: string, torrent: Torrent = some) => toPredicate(parseFilter(text), NOW)(torrent);

test('every one of these is met', () => {
  const texts = [
    '',
    '  ',
    'ubuntu',
    'UBUNTU x264',
    '"24.04 - am"',
    'ame\u0301lie',
    '-debian',
    '-"ubuntu 25"',
    '-',
    'state:seeding',
    'STATE:Seeding',
    'label:linux',
    'label:"MY isos"',
    'tag:keep',
    'tracker:debian',
    'folder:/data/films',
    'folder:"/data"',
    'folder:/DATA/ folder:/',
    'folder:a/fil',
    'is:private is:active -is:complete -is:error',
    'ratio<1',
    'ratio<=0.5',
    'ratio >= 0.5',
    'ratio=0.5',
    'size>10GB',
    'size > 10 gb',
    'size<10GiB',
    'size>1',
    'progress>=29%',
    'progress<=29 %',
    'progress<29.5',
    'up>100kB/s',
    'up > 100 kB/s ubuntu',
    'up>97kib',
    'down=0',
    'seeds>2 peers=3',
    'eta<=5min eta>299s eta<1h',
    'added<7d added>2d added<1w',
    'activity=60s',
    'ubuntu state:seeding -label:"x y" ratio<1 x264',
    'ratio<1 gb'.replace('gb', '24'),
  ];
  for (const text of texts) assert.equal(matches(text), true, text);
});

test('none of these is met', () => {
  const texts = [
    'debian',
    'ubuntu debian',
    '"ubuntu x264"',
    '-ubuntu',
    'state:stopped',
    '-state:seeding',
    'label:lin',
    'label:""',
    'tag:linux',
    'tracker:ubuntu',
    'folder:/films',
    'folder:/data/f',
    'is:complete',
    'ratio>0.5',
    'ratio<0.5',
    'size>10.1GB',
    'size<1',
    'progress>29%',
    'up<100kB/s',
    'added>7d',
    'ubuntu ratio>1',
  ];
  for (const text of texts) assert.equal(matches(text), false, text);
});

test('what the daemon does not tell meets no comparison, and is no label', () => {
  for (const field of ['ratio', 'size', 'down', 'up', 'seeds', 'peers'])
    for (const operator of ['<', '<=', '>', '>=', '='])
      assert.equal(matches(`${field}${operator}0`, bare), false, field);
  for (const field of ['eta', 'added', 'activity'])
    for (const operator of ['<', '>=']) assert.equal(matches(`${field}${operator}0s`, bare), false, field);
  assert.equal(matches('-ratio<1', bare), true);
  for (const field of ['label', 'tag', 'tracker', 'folder']) {
    assert.equal(matches(`${field}:x`, bare), false);
    assert.equal(matches(`${field}:""`, bare), true);
  }
  assert.equal(matches('label:""', { ...bare, labels: [] }), true);
  assert.equal(matches('is:private', bare), false);
  assert.equal(matches('is:error', { ...bare, error: 'unregistered torrent' }), true);
});

test('what is wrong is said in a sentence, with the word and its place', () => {
  const cases: [text: string, position: number, message: string][] = [
    [
      'ubuntu rato<1',
      7,
      '"rato" at character 8 cannot be compared: ratio, size, progress, down, up, seeds, peers, eta, added, and activity can, and a name with < > or = goes in quotes.',
    ],
    [
      '-foo:bar',
      1,
      '"foo:" at character 2 is no field: state, label, tag, tracker, folder, and is are, and a name with a colon goes in quotes.',
    ],
    [
      'state:Seedin',
      6,
      '"Seedin" at character 7 does not go with state: downloading, metadata, seeding, stopped, queued, checking, moving, and error do.',
    ],
    ['a is:nice', 5, '"nice" at character 6 does not go with is: active, complete, error, and private do.'],
    ['label: x', 0, '"label:" at character 1 lacks a word.'],
    ['ratio<', 0, '"ratio<" at character 1 lacks a number.'],
    ['ratio<one', 6, '"one" at character 7 is no number such as 10 or 1.5.'],
    ['ratio<1x', 6, '"1x" at character 7 is no number such as 10 or 1.5.'],
    ['ratio<1,5', 6, '"1,5" at character 7 is no number such as 10 or 1.5.'],
    ['ratio<1.5.2', 6, '"1.5.2" at character 7 is no number such as 10 or 1.5.'],
    [
      'size>10XB',
      5,
      '"10XB" at character 6 needs a unit: B, kB, MB, GB, TB, PB, KiB, MiB, GiB, TiB, and PiB are.',
    ],
    ['added<7 ubuntu', 6, '"7" at character 7 needs a unit: s, min, h, d, and w are.'],
    ['a "b c', 2, '""b c" at character 3 is never closed with a quotation mark.'],
    ['"a"b', 3, '"b" at character 4 needs a blank between it and the quotation mark.'],
  ];
  for (const [text, position, message] of cases)
    assert.throws(() => parseFilter(text), { name: 'FilterError', message, position }, text);
  assert.throws(() => parseFilter(`size>${'9'.repeat(500)}`), {
    message: `"${'9'.repeat(40)}…" at character 6 is no number such as 10 or 1.5.`,
  });
});

test('a filter is written as it is meant', () => {
  const written = (text: string) => formatFilter(parseFilter(text));
  assert.equal(
    written('  Ubuntu "a b" STATE:Seeding size > 10 gb -up<=5kb added<07.50D label:"x y" progress>5'),
    'Ubuntu "a b" state:seeding size>10GB -up<=5kB/s added<7.5d label:"x y" progress>5%',
  );
  assert.equal(
    written(String.raw`"say \"hi\" C:\dir" folder:C:\x "-"`),
    String.raw`"say \"hi\" C:\\dir" folder:C:\x "-"`,
  );
});

const words = fc.constantFrom(
  ...[
    'a',
    '-',
    '"',
    '\\',
    ' ',
    ':',
    '<',
    '=',
    '>=',
    '1',
    '0.5',
    '10',
    'GB',
    '%',
    'd',
    'kB/s',
    '\n',
    '\u{1f600}',
  ],
  ...['ratio', 'size', 'progress', 'added', 'state', 'label', 'seeding', 'is', 'private', 'constructor'],
);

test('any text is a filter or a FilterError, and what is written of a filter is read as the same', () => {
  const texts = fc.oneof(
    fc.array(words).map(parts => parts.join('')),
    fc.string({ unit: 'grapheme' }),
  );
  let read = 0;
  fc.assert(
    fc.property(texts, text => {
      try {
        const filter = parseFilter(text);
        read += 1;
        assert.deepEqual(parseFilter(formatFilter(filter)), filter);
        assert.equal(typeof toPredicate(filter, NOW)(some), 'boolean');
      } catch (error) {
        if (!(error instanceof FilterError)) throw error;
        assert.ok(error.position >= 0 && error.position < text.length);
      }
    }),
    { numRuns: 5000 },
  );
  assert.ok(read > 100);
});

test('any text can be looked for', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.boolean(), (text, isNegated) => {
      const filter = { terms: [{ kind: 'name', text, isNegated } as const] };
      assert.deepEqual(parseFilter(formatFilter(filter)), filter);
    }),
  );
});
