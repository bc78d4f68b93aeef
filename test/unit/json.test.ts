import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeUtf8, parseJson, stringifyJson } from '../../src/rpc/json.ts';

/** As text and as bytes, and these at each alignment in memory: they are looked through word by word. */
function parseEachWay(text: string): unknown {
  const value = parseJson(text);
  const bytes = Buffer.from(text);
  for (let shift = 0; shift < 4; shift++) {
    const moved = new Uint8Array(new ArrayBuffer(bytes.length + shift), shift);
    moved.set(bytes);
    assert.deepEqual(parseJson(moved), value, text);
  }
  return value;
}

test('integers stay exact', () => {
  const cases: [text: string, value: unknown][] = [
    ['9007199254740991', 9007199254740991],
    ['9007199254740993', 9007199254740993n],
    ['-9007199254740991', -9007199254740991],
    ['-9007199254740993', -9007199254740993n],
    ['[1234567890123456]', [1234567890123456]],
    ['18446744073709551615', 18446744073709551615n],
    [
      '{"a":-9223372036854775808,"b":[ \n12345678901234567890\t]}',
      { a: -(2n ** 63n), b: [12345678901234567890n] },
    ],
    [' 12345678901234567890 ', 12345678901234567890n],
    ['[1,12345678901234567890,2,98765432109876543210]', [1, 12345678901234567890n, 2, 98765432109876543210n]],
    [`[${'9'.repeat(1000)}]`, [BigInt('9'.repeat(1000))]],
  ];
  for (const [text, value] of cases) assert.deepEqual(parseEachWay(text), value, text);
});

test('a long integer is found wherever it stands', () => {
  for (let before = 0; before < 30; before++) {
    for (const digits of ['9007199254740993', '-10000000000000001', '1234567890123456']) {
      const text = `["${'1'.repeat(before)}",${digits}]`;
      assert.deepEqual(parseEachWay(text), ['1'.repeat(before), toInteger(digits)]);
    }
  }
});

const toInteger = (digits: string) =>
  Number.isSafeInteger(Number(digits)) ? Number(digits) : BigInt(digits);

test('what is no integer stays as JSON.parse reads it', () => {
  const texts = [
    '[1234567890123456789.5]',
    '[1.2345678901234567890]',
    '[0.1234567890123456789]',
    '[1e21,1E400,-1e400,12345678901234567890e1,1.5e-300]',
    '[-0,0.0]',
    '"12345678901234567890"',
    '["a",":12345678901234567890,",",12345678901234567890","[12345678901234567890]"]',
    '{"12345678901234567890":1,"a":{"x":"b: 12345678901234567890"}}',
    '["http://tracker:1234567890123456/1234567890123456/announce?k=,1234567890123456"]',
    '["\\"",":1234567890123456789,","\\\\",":1234567890123456789,","\\\\\\""]',
    '["inf",": inf,","nan"]',
    '["67b09f4e0a1234567890123456cafe0123456789"]',
  ];
  for (const text of texts) assert.deepEqual(parseEachWay(text), JSON.parse(text), text);
});

test('the bare numbers of Transmission 3.00, also beside long ones', () => {
  const text = '{"seedRatioLimit":inf,"a":[-inf, nan ,-nan],"b":"inf","id":12345678901234567890,":inf,":1}';
  assert.deepEqual(parseEachWay(text), {
    ...{ seedRatioLimit: Number.POSITIVE_INFINITY, a: [Number.NEGATIVE_INFINITY, Number.NaN, Number.NaN] },
    ...{ b: 'inf', id: 12345678901234567890n, ':inf,': 1 },
  });
  assert.equal(parseEachWay('inf'), Number.POSITIVE_INFINITY);
});

test('what is no JSON is a SyntaxError that speaks of the text', () => {
  const texts = ['', ' ', '{', '[1', '{"a":}', '[info]', '[-]', '[+1]', 'nano', '[012345678901234567890]'];
  texts.push(
    '{12345678901234567890:1}',
    '[12345678901234567890',
    '[inf',
    '["a":inf]',
    '[inf inf]',
    '{"a":1,inf}',
  );
  texts.push(
    '[--12345678901234567890]',
    '["a\n",inf]',
    '<html>12345678901234567890',
    '"12345678901234567890',
  );
  for (const text of texts) {
    assert.throws(
      () => parseEachWay(text),
      error => error instanceof SyntaxError && !/[0-9a-f]{8}-/.test(error.message),
      text,
    );
  }
});

test('keys that mean something to JavaScript are keys like others', () => {
  const text = '{"__proto__":{"a":12345678901234567890},"constructor":inf,"toString":1}';
  const value = parseEachWay(text) as Record<string, unknown>;
  assert.deepEqual(Object.keys(value), ['__proto__', 'constructor', 'toString']);
  assert.deepEqual(Object.getOwnPropertyDescriptor(value, '__proto__')?.value, { a: 12345678901234567890n });
  assert.equal(Object.getPrototypeOf(value), Object.prototype);
  const own = parseEachWay('{"__proto__":12345678901234567890}') as object;
  assert.equal(Object.getOwnPropertyDescriptor(own, '__proto__')?.value, 12345678901234567890n);
  assert.equal(({} as { a?: unknown }).a, undefined);
});

test('bytes that are no UTF-8 never fail', () => {
  const bytes = Buffer.from('{"name":"a\xff\xfe\xc3(","id":12345678901234567890}', 'latin1');
  assert.deepEqual(parseJson(bytes), { name: 'a\ufffd\ufffd\ufffd(', id: 12345678901234567890n });
  assert.equal(
    decodeUtf8(new Uint8Array([0xf0, 0x9f, 0x98, 0x80, 0xed, 0xa0, 0x80])),
    '😀\ufffd\ufffd\ufffd',
  );
});

test('any depth and any length', () => {
  const depth = 200_000;
  const deep = `${'['.repeat(depth)}12345678901234567890${']'.repeat(depth)}`;
  let value = parseJson(deep);
  while (Array.isArray(value)) [value = null] = value;
  assert.equal(value, 12345678901234567890n);
  const escapes = '\\"'.repeat(3_000_000);
  assert.deepEqual(parseJson(`["${escapes}",12345678901234567890]`), [
    '"'.repeat(3_000_000),
    12345678901234567890n,
  ]);
});

test('hostile texts take no more than their length', () => {
  const texts = [
    `["${'\\"'.repeat(500_000)}`,
    `[12345678901234567890,"${'\\'.repeat(1_000_001)}"`,
    `[1234567890123456${' '.repeat(1_000_000)}x`,
    ':'.repeat(1_000_000),
    `[inf,${'"'.repeat(1_000_001)}`,
    `[${' '.repeat(1_000_000)}inf`,
    `${'9'.repeat(1_000_000)}x`,
    `[${'inf,'.repeat(250_000)}`,
    `[${`"${'\\'.repeat(999)}x" `.repeat(1000)}`,
  ];
  for (const text of texts) {
    const start = performance.now();
    assert.throws(() => parseJson(Buffer.from(text)), SyntaxError);
    assert.ok(performance.now() - start < 2000, text.slice(0, 20));
  }
  const start = performance.now();
  assert.deepEqual(parseJson(`["a${'9'.repeat(1_000_000)}"]`), [`a${'9'.repeat(1_000_000)}`]);
  assert.ok(performance.now() - start < 2000);
});

// --- Any input ---------------------------------------------------------------------------------------------------

/** What JSON.parse says, or that it says no; in it whatever it may have rounded is left out. */
function expected(text: string): { value?: unknown } {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return {};
  }
}

/** A value as JSON.parse would have given it. */
function rounded(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (Array.isArray(value)) return value.map(rounded);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, rounded(item)]));
}

/** Every integer beyond ±2^53 of a value, and how often it is one. */
function check(text: string): void {
  const { value } = expected(text);
  let ours: unknown;
  try {
    ours = parseJson(text);
  } catch (error) {
    assert.ok(error instanceof SyntaxError, `${error}: ${text}`);
    assert.equal(value, undefined, `refused: ${text}`);
    return;
  }
  if (value === undefined) assert.match(text, /inf|nan/, `accepted: ${text}`);
  else assert.deepEqual(rounded(ours), value, text);
}

/** Small and quick, and the same at each run. */
function generator(seed: number): (limit: number) => number {
  let state = seed;
  return limit => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

const ATOMS = [
  '1',
  '-0',
  '0.5',
  '1e3',
  '1234567890123456',
  '-9007199254740993',
  '12345678901234567890',
  'true',
];
ATOMS.push(
  'null',
  '"a"',
  '"\\""',
  '"\\\\"',
  '":1234567890123456,"',
  '"[inf]"',
  '""',
  '"\\u1234"',
  '"ü😀"',
  '123456789012345678.5',
);

function generate(random: (limit: number) => number, depth: number): string {
  const kind = depth > 3 ? 0 : random(4);
  const space = () => ['', '', '', ' ', '\n'][random(5)] ?? '';
  const items = () =>
    Array.from({ length: random(4) }, () => space() + generate(random, depth + 1) + space());
  if (kind === 2) return `[${items().join()}]`;
  if (kind === 3) return `{${items().map((item, index) => `"k${index}"${space()}:${item}`)}}`;
  return ATOMS[random(ATOMS.length)] ?? '';
}

const PIECES = [
  '"',
  '\\',
  ',',
  ':',
  '[',
  ']',
  '{',
  '}',
  '-',
  '.',
  'e',
  '0',
  '9',
  'inf',
  'nan',
  ' ',
  '1234567890123456',
];

function mutate(random: (limit: number) => number, text: string): string {
  const place = random(text.length + 1);
  const piece = PIECES[random(PIECES.length)] ?? '';
  return text.slice(0, place) + (random(3) > 0 ? piece : '') + text.slice(place + random(3));
}

test('100,000 texts, sound and broken: the value that JSON.parse gives, or its SyntaxError', () => {
  const random = generator(20261125);
  let broken = 0;
  for (let run = 0; run < 50_000; run++) {
    const sound = generate(random, 0);
    check(sound);
    let text = sound;
    for (let times = random(3); times >= 0; times--) text = mutate(random, text);
    check(text);
    if (expected(text).value === undefined) broken++;
  }
  assert.ok(broken > 20_000, `only ${broken} are broken`);
});

// --- There and back ----------------------------------------------------------------------------------------------

const number = fc.double({ noDefaultInfinity: true, noNaN: true }).map(value => (value === 0 ? 0 : value));
const long = fc
  .bigInt({ min: -(2n ** 200n), max: 2n ** 200n })
  .filter(value => !Number.isSafeInteger(Number(value)));
const text = fc.string({ unit: 'grapheme' });
const { value: anyValue } = fc.letrec(tie => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.oneof(number, fc.maxSafeInteger(), long, text, fc.boolean(), fc.constant(null)),
    fc.array(tie('value'), { maxLength: 5 }),
    fc.dictionary(fc.oneof(text, fc.constant('__proto__')), tie('value'), {
      maxKeys: 5,
      noNullPrototype: true,
    }),
  ),
}));

/** A double beyond ±2^53 is written as the shortest digits that mean it, and these are read back exactly. */
function exact(value: unknown): unknown {
  if (
    typeof value === 'number' &&
    Number.isInteger(value) &&
    !Number.isSafeInteger(value) &&
    Math.abs(value) < 1e21
  )
    return BigInt(String(value));
  if (Array.isArray(value)) return value.map(exact);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, exact(item)]));
}

test('what is written is read back', () => {
  fc.assert(
    fc.property(anyValue, value => {
      const written = stringifyJson(value, 'args');
      assert.deepEqual(parseEachWay(written), exact(value));
    }),
    { numRuns: 2000 },
  );
});

test('what JSON.stringify can write is written the same', () => {
  fc.assert(
    fc.property(fc.jsonValue(), value => {
      assert.equal(stringifyJson(value, 'args'), JSON.stringify(value));
    }),
  );
});

test('a reference used twice is no cycle', () => {
  const shared = [1];
  assert.equal(stringifyJson({ a: shared, b: [shared, shared] }, 'args'), '{"a":[1],"b":[[1],[1]]}');
});

test('what cannot be written is named with its place, wherever it stands', () => {
  const bad: [value: unknown, words: string][] = [
    [undefined, 'is undefined'],
    [() => {}, 'is a function'],
    [Symbol('a'), 'is a symbol'],
    [Number.NaN, 'is NaN'],
    [Number.NEGATIVE_INFINITY, 'is -Infinity'],
    [new Date(0), 'is a Date'],
    [new Map(), 'is a Map'],
    [new Uint8Array(), 'is a Uint8Array'],
    ['a\ud800', 'has a lone surrogate'],
  ];
  const path = fc.array(fc.oneof(fc.nat({ max: 3 }), fc.stringMatching(/^[a-z][a-z0-9-]{0,3}$/)), {
    maxLength: 4,
  });
  fc.assert(
    fc.property(path, fc.constantFrom(...bad), (steps, [value, words]) => {
      const place = steps.reduce<string>(
        (at, s) => at + (typeof s === 'number' ? `[${s}]` : `.${s}`),
        'args',
      );
      const whole = steps.reduceRight<unknown>(
        (inner, s) => (typeof s === 'number' ? [...Array(s).fill(0), inner] : { first: 1, [s]: inner }),
        value,
      );
      assert.throws(() => stringifyJson(whole, 'args'), { name: 'ValueError', message: `${place} ${words}` });
    }),
  );
  const cycle: unknown[] = [];
  cycle.push({ a: cycle });
  assert.throws(() => stringifyJson(cycle, 'args'), { name: 'ValueError', message: 'args[0].a is a cycle' });
  assert.throws(() => stringifyJson({ '\ud800': 1 }, 'args'), /args\["\\ud800"\] has a lone surrogate/);
});

test('what is nested too deeply to be written is named', () => {
  let deep: unknown = 1;
  for (let depth = 0; depth < 255; depth++) deep = [deep];
  assert.equal(stringifyJson({ a: deep }, 'args'), `{"a":${'['.repeat(255)}1${']'.repeat(255)}}`);
  for (let depth = 0; depth < 100_000; depth++) deep = [deep];
  assert.throws(() => stringifyJson({ a: deep }, 'args'), {
    name: 'ValueError',
    message: /^args\.a(\[0\])+ is nested too deeply$/,
  });
});

test('what cannot be read exactly is not read at all', () => {
  assert.throws(() => parseJson(`[${'9'.repeat(20_000_000)}]`), SyntaxError);
  assert.throws(() => parseJson(`[${'9007199254740993,'.repeat(1_100_000)}1]`), SyntaxError);
});

test('more values than an answer may have', () => {
  const message = 'Response too large: more than 16777216 values';
  const most = Buffer.concat([Buffer.from('[0'), Buffer.alloc(2 * (2 ** 24 - 3), ',0'), Buffer.from(']')]);
  assert.equal((parseJson(most) as unknown[]).length, 2 ** 24 - 2);
  const more = Buffer.concat([Buffer.from('[0'), Buffer.alloc(2 * 2 ** 24, ',0'), Buffer.from(']')]);
  assert.throws(() => parseJson(more), { name: 'RPCError', message });
});
