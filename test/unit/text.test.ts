/** Foreign text on its way to the screen, and numbers as people read them. */
import assert from 'node:assert/strict';
import test from 'node:test';
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatProgress,
  formatRate,
  showHidden,
  toFileName,
  toLabel,
  toMarkdown,
  toMessage,
  toName,
  toPickLabel,
  toPrompt,
} from '../../src/util/text.ts';

test('what hides is shown', () => {
  assert.equal(
    showHidden('a\u0000b\u202ec\u200bd\ne\u2028f\u{e0041}'),
    'a\\u{0}b\\u{202E}c\\u{200B}d\\u{A}e\\u{2028}f\\u{E0041}',
  );
  assert.equal(showHidden('half \ud83d of one'), 'half \\u{D83D} of one');
  assert.equal(showHidden('Ünïcode 漢字 😀 ok'), 'Ünïcode 漢字 😀 ok');
});

test('labels are cut at 200 characters, as people count them', () => {
  assert.equal(toLabel('x'.repeat(200)), 'x'.repeat(200));
  assert.equal(toLabel('x'.repeat(201)), `${'x'.repeat(199)}…`);
  assert.equal(toLabel('😀'.repeat(200)), '😀'.repeat(200));
  assert.equal(toLabel('😀'.repeat(10_000)), `${'😀'.repeat(199)}…`);
});

test('tooltips show Markdown, cut at 1,000 characters', () => {
  assert.equal(
    toMarkdown('**b** [x](command:y) `c` <img> $(bug)'),
    '\\*\\*b\\*\\* \\[x\\]\\(command\\:y\\) \\`c\\` \\<img\\> \\$\\(bug\\)',
  );
  assert.equal(toMarkdown('x'.repeat(2000)).length, 1000);
});

test('messages make no links, lists no icons', () => {
  assert.equal(
    toMessage('No [such](command:workbench.action.quit) thing'),
    'No [such] (command:workbench.action.quit) thing',
  );
  assert.equal(toPickLabel('$(bug) d.name'), '\\$(bug) d.name');
  assert.equal(toPrompt('$(bug) [x](command:y)'), '\\$(bug) [x] (command:y)');
});

test('names among other words leave room for these', () => {
  assert.equal(toName(`a\u202e${'x'.repeat(10_000)}`).length, 80);
  assert.ok(toMessage(`${'x'.repeat(10_000)}`).length <= 500);
});

test('names of files are names on any system', () => {
  assert.equal(toFileName('ubuntu-26.10 (desktop).iso'), 'ubuntu-26.10 (desktop).iso');
  assert.equal(toFileName('../../etc/passwd'), '_.._etc_passwd');
  assert.equal(toFileName('a\u202eb\u0000c:d|e'), 'a_b_c_d_e');
  assert.equal(toFileName(' .. '), '');
  assert.equal(toFileName('con'), '_con');
  assert.equal(toFileName('Com1.iso'), '_Com1.iso');
  assert.equal(toFileName('console'), 'console');
  assert.ok(Buffer.byteLength(`${toFileName('😀'.repeat(10_000))} (1000).torrent`) <= 255);
});

test('numbers', () => {
  assert.deepEqual([0, 999, 1000, 1234, 99_949, 99_950, 999_500, 1.5e12, 2e18].map(formatBytes), [
    '0 B',
    '999 B',
    '1.0 kB',
    '1.2 kB',
    '99.9 kB',
    '100 kB',
    '1.0 MB',
    '1.5 TB',
    '2000 PB',
  ]);
  assert.equal(formatRate(1_200_000), '1.2 MB/s');
  assert.deepEqual([5, 180, 7200, 400_000].map(formatDuration), ['5 s', '3 min', '2 h', '5 d']);
  assert.deepEqual([59.6, 3599, 86_399].map(formatDuration), ['1 min', '1 h', '1 d']);
  assert.deepEqual([0, 0.379, 0.9999, 1].map(formatProgress), ['0 %', '37 %', '99 %', '100 %']);
  assert.deepEqual([formatCount(1, 'torrent'), formatCount(12, 'torrent')], ['1 torrent', '12 torrents']);
});
