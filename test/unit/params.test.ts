import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import type { ClientName, DelugeRPC, TransmissionRPC } from '../../src/rpc/index.ts';
import { invoke } from '../../src/workbench/invoke.ts';
import { parseParams } from '../../src/workbench/params.ts';

const TYPES: readonly ClientName[] = ['transmission', 'qbittorrent', 'rtorrent', 'deluge'];

/** The value of any JSON, as an item of an array. */
function parseItem(json: string): unknown {
  const parsed = parseParams('rtorrent', `[${json}]`);
  assert.ok('value' in parsed, json);
  return (parsed.value as unknown[])[0];
}

test('nothing is no parameters', () => {
  for (const type of TYPES) {
    for (const text of ['', ' \t ', '/* nothing */', ' // nothing'])
      assert.deepEqual(parseParams(type, text), { value: undefined }, text);
  }
});

test('each kind of client takes its own shape', () => {
  const shapes: readonly [text: string, ...takenBy: ClientName[]][] = [
    ['{}', 'transmission', 'qbittorrent', 'deluge'],
    ['{"ids": [1]}', 'transmission', 'qbittorrent', 'deluge'],
    ['[]', 'rtorrent', 'deluge'],
    ['["", "main"]', 'rtorrent', 'deluge'],
    ['{"args": [], "kwargs": {}}', 'transmission', 'qbittorrent', 'deluge'],
    ['{"args": [], "kwargs": []}', 'transmission', 'qbittorrent'],
    ['{"kwargs": 1, "args": []}', 'transmission', 'qbittorrent'],
    ['{"kwargs": 1, "args": {}}', 'transmission', 'qbittorrent'],
    ['null'],
    ['7'],
    ['"text"'],
    ['true'],
  ];
  for (const [text, ...takenBy] of shapes) {
    for (const type of TYPES) {
      const parsed = parseParams(type, text);
      assert.equal('value' in parsed, takenBy.includes(type), `${type}: ${text}`);
      if ('problem' in parsed) assert.match(parsed.problem, /^The parameters must be an (object|array), /);
    }
  }
});

test('comments and trailing commas are allowed', () => {
  const text = '/* all */ {"ids": [1, 2,], // two\n "x": {"y": null,},}';
  assert.deepEqual(parseParams('transmission', text), { value: { ids: [1, 2], x: { y: null } } });
});

test('what is no JSON is told with its place', () => {
  const cases: readonly [text: string, problem: string][] = [
    ['{"ids": [1, }', 'Not JSON at character 13: value expected'],
    ['{"ids": [1 2]}', 'Not JSON at character 12: comma expected'],
    ['{ids: 1}', 'Not JSON at character 2: invalid symbol'],
    ['{"a" 1}', 'Not JSON at character 6: colon expected'],
    ['{"a": 1', 'Not JSON at character 8: close brace expected'],
    ['{} {}', 'Not JSON at character 4: end of file expected'],
    ['{"a": "\\x"}', 'Not JSON at character 7: invalid escape character'],
    ['{"a": 1.}', 'Not JSON at character 7: unexpected end of number'],
  ];
  for (const [text, problem] of cases) assert.deepEqual(parseParams('transmission', text), { problem });
});

test('what is nested too deeply is no exception', () => {
  const text = '['.repeat(100_000) + ']'.repeat(100_000);
  assert.deepEqual(parseParams('rtorrent', text), { problem: 'Nested too deeply' });
});

test('no integer is a wrong number', () => {
  fc.assert(
    fc.property(fc.bigInt(), integer => {
      const value = parseItem(String(integer));
      assert.equal(BigInt(value as number | bigint), integer);
      assert.equal(typeof value, Number.isSafeInteger(Number(integer)) ? 'number' : 'bigint');
    }),
  );
  assert.equal(parseItem('9007199254740991'), 2 ** 53 - 1);
  assert.equal(parseItem('9007199254740993'), 9007199254740993n);
  assert.equal(parseItem('-9223372036854775808'), -(2n ** 63n));
  assert.ok(Object.is(parseItem('-0'), -0));
  assert.equal(parseItem('1.5e3'), 1500);
  assert.equal(parseItem('1e30'), 1e30);
});

test('__proto__ is a key like any other', () => {
  const parsed = parseParams('transmission', '{"__proto__": {"polluted": 1}, "constructor": 2}');
  assert.ok('value' in parsed);
  assert.equal(JSON.stringify(parsed.value), '{"__proto__":{"polluted":1},"constructor":2}');
  assert.equal(Object.getPrototypeOf(parsed.value), Object.prototype);
});

/** A value with rounded integers, as JSON.parse has them. */
function rounded(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(rounded);
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, rounded(member)]));
}

test('any JSON is what it is for JSON.parse', () => {
  fc.assert(fc.property(fc.json(), json => assert.deepEqual(rounded(parseItem(json)), JSON.parse(json))));
});

test('what JSON.parse takes is taken, what it does not is not', () => {
  const isJson = (text: string) => {
    try {
      JSON.parse(text);
      return true;
    } catch {
      return false;
    }
  };
  const letters = fc.constantFrom(...'{}[]:,"ab\\01.-eE+ \n', 'null', 'true', 'false', '"a":');
  const texts = fc.array(letters, { maxLength: 12 }).map(pieces => `[${pieces.join('')}]`);
  fc.assert(
    fc.property(texts, text => {
      // Trailing commas are what is allowed besides.
      fc.pre(!/,\s*[\]}]/.test(text));
      assert.equal('value' in parseParams('rtorrent', text), isJson(text), text);
    }),
    { numRuns: 20_000 },
  );
});

/** A client that tells how it was called. */
const echo = { call: async (...args: unknown[]) => args };
const { signal } = new AbortController();

test('parameters go where the kind of client has them', async () => {
  const cases: readonly [type: ClientName, text: string, args: unknown[]][] = [
    ['transmission', '', [undefined, { signal }]],
    ['transmission', '{"ids": [1]}', [{ ids: [1] }, { signal }]],
    ['qbittorrent', '', [undefined, { signal }]],
    ['qbittorrent', '{"hashes": "all"}', [{ hashes: 'all' }, { signal }]],
    ['rtorrent', '', [{ signal }]],
    ['rtorrent', '["", 2]', ['', 2, { signal }]],
    ['deluge', '', [[], {}, { signal }]],
    ['deluge', '[[], {"a": 1}]', [[[], { a: 1 }], {}, { signal }]],
    ['deluge', '{"torrent_id": "x"}', [[], { torrent_id: 'x' }, { signal }]],
    ['deluge', '{}', [[], {}, { signal }]],
    ['deluge', '{"args": [1]}', [[1], {}, { signal }]],
    ['deluge', '{"kwargs": {"a": 1}}', [[], { a: 1 }, { signal }]],
    ['deluge', '{"args": [1], "kwargs": {"a": 1}}', [[1], { a: 1 }, { signal }]],
    ['deluge', '{"args": {"completion_text": "/"}}', [[], { args: { completion_text: '/' } }, { signal }]],
    ['deluge', '{"args": [1], "other": 2}', [[], { args: [1], other: 2 }, { signal }]],
  ];
  for (const [type, text, args] of cases) {
    const parsed = parseParams(type, text);
    assert.ok('value' in parsed, text);
    const rpc = echo as unknown as TransmissionRPC & DelugeRPC;
    const called = await invoke(type, rpc, 'some.method', parsed.value, signal);
    assert.deepEqual(called, ['some.method', ...args], `${type}: ${text}`);
  }
});
