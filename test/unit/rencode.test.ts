import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { encodeRencode } from '../../src/rpc/codec/rencode.ts';
import { decodeFirstItems, decodeRencode } from '../../src/rpc/codec/rencodeDecode.ts';
import type { RpcValue } from '../../src/rpc/values.ts';
import { randomFrom } from './support/random.ts';

const decodeHex = (hex: string) => decodeRencode(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
const countTo = (count: number) => Array.from({ length: count }, (_, index) => index);

/** As rencode 1.0.6 wrote them. */
const RECORDED: readonly [value: RpcValue, hex: string][] = [
  [0, '00'],
  [43, '2b'],
  [44, '3e2c'],
  [-1, '46'],
  [-32, '65'],
  [-33, '3edf'],
  [127, '3e7f'],
  [-128, '3e80'],
  [128, '3f0080'],
  [-129, '3fff7f'],
  [32767, '3f7fff'],
  [32768, '4000008000'],
  [-32769, '40ffff7fff'],
  [2 ** 31 - 1, '407fffffff'],
  [-(2 ** 31), '4080000000'],
  [2 ** 31, '410000000080000000'],
  [-(2 ** 31) - 1, '41ffffffff7fffffff'],
  [2 ** 53 - 1, '41001fffffffffffff'],
  [2n ** 53n, '410020000000000000'],
  [-(2n ** 53n), '41ffe0000000000000'],
  [2n ** 63n - 1n, '417fffffffffffffff'],
  [-(2n ** 63n), '418000000000000000'],
  [2n ** 63n, `3d${Buffer.from('9223372036854775808').toString('hex')}7f`],
  [-(2n ** 63n) - 1n, `3d${Buffer.from('-9223372036854775809').toString('hex')}7f`],
  [BigInt('9'.repeat(63)), `3d${'39'.repeat(63)}7f`],
  [1.5, '2c3ff8000000000000'],
  [Number.POSITIVE_INFINITY, '2c7ff0000000000000'],
  [Number.NaN, '2c7ff8000000000000'],
  [true, '43'],
  [false, '44'],
  [null, '45'],
  ['', '80'],
  ['ü€😀', '89c3bce282acf09f9880'],
  ['a'.repeat(63), `bf${'61'.repeat(63)}`],
  ['a'.repeat(64), `36343a${'61'.repeat(64)}`],
  [[], 'c0'],
  [
    countTo(63),
    `ff${Buffer.from([...countTo(44)]).toString('hex')}${countTo(19)
      .map(i => `3e${(i + 44).toString(16)}`)
      .join('')}`,
  ],
  [countTo(64).fill(7), `3b${'07'.repeat(64)}7f`],
  [{}, '66'],
  [{ a: 1, b: [null] }, '68816101 8162c145'],
  [Object.fromEntries(countTo(24).map(i => [`k${i}`, i])), `7e${countTo(24).map(pairOf).join('')}`],
  [Object.fromEntries(countTo(25).map(i => [`k${i}`, i])), `3c${countTo(25).map(pairOf).join('')}7f`],
];

function pairOf(index: number): string {
  const key = Buffer.from(`k${index}`);
  return Buffer.from([0x80 + key.length, ...key, index]).toString('hex');
}

test('values are written and read as rencode has them', () => {
  for (const [value, hex] of RECORDED) {
    const bytes = hex.replaceAll(' ', '');
    assert.equal(encodeRencode(value, 'value').toString('hex'), bytes, String(value));
    assert.deepEqual(decodeHex(hex), value, bytes);
  }
});

test('what only others write is read', () => {
  assert.equal(decodeHex('423dcccccd'), 0.10000000149011612);
  assert.equal(decodeHex('42ff800000'), Number.NEGATIVE_INFINITY);
  assert.equal(decodeHex(`3d2d3432${'7f'}`), -42);
  assert.equal(decodeHex('303a'), '');
  assert.equal(decodeHex('30303a'), '');
  assert.deepEqual(decodeHex('3b7f'), []);
  assert.deepEqual(decodeHex('3c7f'), {});
  assert.equal(decodeHex('83ff61fe'), '\ufffda\ufffd');
});

test('the daemon’s answer to daemon.info', () => {
  assert.deepEqual(decodeHex('c301 01 85 322e302e33'), [1, 1, '2.0.3']);
});

test('keys of any kind become texts', () => {
  assert.deepEqual(decodeHex('6a 00 844e4f4e45 05 81 61 46 01 45 02'), {
    0: 'NONE',
    5: 'a',
    '-1': 1,
    null: 2,
  });
  assert.deepEqual(decodeHex('68 43 01 423f000000 02'), { true: 1, '0.5': 2 });
  assert.deepEqual(decodeHex('68 01 02 8131 03'), { 1: 3 });
  assert.deepEqual(decodeHex(`67 3635 3a ${'6b'.repeat(65)} 01`), { ['k'.repeat(65)]: 1 });
  assert.throws(() => decodeHex('67 c0 00'), SyntaxError);
});

test('no key reaches a prototype', () => {
  const key = Buffer.from('__proto__').toString('hex');
  const hex = `67 89${key} 67 88${Buffer.from('polluted').toString('hex')} 43`;
  const value = decodeHex(hex) as Record<string, unknown>;
  assert.equal(Object.getPrototypeOf(value), Object.prototype);
  assert.deepEqual(Object.entries(value), [['__proto__', { polluted: true }]]);
  assert.equal(({} as Record<string, unknown>).polluted, undefined);
  const members = `816101 89${key}02 816303 816404`;
  const several = decodeHex(`c4 6a${members} 6a${members} 6a${members} 69816101 89${key}02 816303`);
  assert.deepEqual(
    (several as object[]).map(each => Object.entries(each)),
    [4, 4, 4, 3].map(count =>
      [
        ['a', 1],
        ['__proto__', 2],
        ['c', 3],
        ['d', 4],
      ].slice(0, count),
    ),
  );
  assert.ok((several as object[]).every(each => Object.getPrototypeOf(each) === Object.prototype));
});

const integers = fc.oneof(fc.maxSafeInteger(), fc.integer({ min: -200, max: 200 }));
const longIntegers = fc
  .bigInt({ min: -(10n ** 62n) + 1n, max: 10n ** 63n - 1n })
  .filter(value => !Number.isSafeInteger(Number(value)));
const fractions = fc.double().filter(value => !Number.isInteger(value));
const texts = fc.string({ unit: 'binary', maxLength: 80 });

const { value: values } = fc.letrec<{ value: RpcValue }>(tie => ({
  value: fc.oneof(
    { maxDepth: 5, depthSize: 'small' },
    ...[integers, longIntegers, fractions, texts, fc.boolean(), fc.constant(null)],
    fc.array(tie('value'), { maxLength: 70 }),
    fc.dictionary(texts, tie('value'), { maxKeys: 30 }),
  ),
}));

/** `fc.dictionary` may make objects without a prototype; what is read has the usual one. */
function plain(value: RpcValue): RpcValue {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plain(each)]));
}

test('what is written is read again', () => {
  fc.assert(
    fc.property(values, value => {
      assert.deepEqual(decodeRencode(encodeRencode(value, 'value')), plain(value));
    }),
    { numRuns: 1000 },
  );
});

/** A string as it is written. */
const written = (bytes: Buffer) =>
  bytes.length < 64 ? Buffer.from([0x80 + bytes.length, ...bytes]) : Buffer.from(`${bytes.length}:${bytes}`);

test('dictionaries that resemble each other do not mix', () => {
  const names = ['a', 'b', 'c', 'd', 'e', 'é', 'k', '1', '0', '__proto__', 'toString', '\0'.repeat(64)];
  const keys = fc.constantFrom(
    ...names.map(name => Buffer.from(name)),
    Buffer.of(0xe9),
    Buffer.of(0x6b, 0xff),
  );
  const entries = fc.array(fc.tuple(keys, fc.integer({ min: 0, max: 9 })), { maxLength: 12 });
  fc.assert(
    fc.property(fc.array(entries, { maxLength: 12 }), dicts => {
      const pairs = dicts.map(dict => [
        Buffer.of(0x66 + dict.length),
        ...dict.flatMap(([key, value]) => [written(key), Buffer.of(value)]),
      ]);
      const list = Buffer.concat([Buffer.of(0xc0 + dicts.length), ...pairs.flat()]);
      const expected = dicts.map(dict =>
        Object.fromEntries(dict.map(([key, value]) => [String(key), value])),
      );
      assert.deepEqual(decodeRencode(list), expected);
    }),
    { numRuns: 2000 },
  );
});

test('a key that is likely to come is not seen where another stands', () => {
  const first = { a: 1, é: 2, c: 3, d: 4 };
  const head = Buffer.concat([Buffer.of(0xc2), encodeRencode(first, 'value')]);
  // The second key is é in Latin-1: as UTF-8 it is nothing.
  const second = Buffer.from('6a 816101 81e902 816303 816404'.replaceAll(' ', ''), 'hex');
  assert.deepEqual(decodeRencode(Buffer.concat([head, second])), [first, { a: 1, '\ufffd': 2, c: 3, d: 4 }]);
});

test('bytes go as a string, and whole numbers as integers', () => {
  assert.deepEqual(decodeRencode(encodeRencode([Buffer.from('ü'), new Uint8Array([97])], 'v')), ['ü', 'a']);
  assert.equal(encodeRencode([-0, 3.0, 5n], 'v').toString('hex'), 'c3000305');
  assert.equal(decodeRencode(encodeRencode(Object.create(null), 'v')) instanceof Object, true);
  const long = 'x'.repeat(100_000);
  assert.deepEqual(decodeRencode(encodeRencode([long, [long]], 'v')), [long, [long]]);
});

test('bytes of another realm, which are of another class, are bytes too', () => {
  assert.deepEqual(encodeRencode(runInNewContext('Uint8Array.of(104, 105)'), 'v'), encodeRencode('hi', 'v'));
});

test('what cannot be sent is refused, with its place', () => {
  const cycle: unknown[] = [1];
  cycle.push({ back: cycle });
  const deep = countTo(300).reduce<unknown>(inner => [inner], 1);
  const refused: [value: unknown, message: RegExp][] = [
    [undefined, /^args is undefined$/],
    [{ ids: [1, 2, () => {}] }, /^args\.ids\[2\] is a function$/],
    [[{ 'my key': Symbol('s') }], /^args\[0\]\["my key"\] is a symbol$/],
    [[new Date()], /^args\[0\] is a Date$/],
    [[new Map()], /^args\[0\] is a Map$/],
    [[new Float64Array(1)], /^args\[0\] is a Float64Array$/],
    // biome-ignore lint/suspicious/noSparseArray: a hole is what is tested
    [[1, , 2], /^args\[1\] is undefined$/],
    [cycle, /^args\[1\]\.back is a cycle$/],
    [['\ud800'], /^args\[0\] has a lone surrogate$/],
    [{ 'a\udfff': 1 }, /lone surrogate$/],
    [[Buffer.of(0xff)], /^args\[0\] is not UTF-8$/],
    [[2 ** 53], /^args\[0\] is 9007199254740992, beyond ±2\^53: only a bigint is exact there$/],
    [[10n ** 63n], /^args\[0\] is an integer of more than 63 characters$/],
    [[-(10n ** 62n)], /^args\[0\] is an integer of more than 63 characters$/],
    [deep, /^args(\[0\]){256} is nested too deeply$/],
  ];
  for (const [value, message] of refused) {
    assert.throws(() => encodeRencode(value, 'args'), { name: 'ValueError', message }, String(message));
  }
  const shared = { a: 1 };
  assert.deepEqual(decodeRencode(encodeRencode([shared, shared], 'args')), [shared, shared]);
});

test('what is no rencode is a SyntaxError, whatever it claims', () => {
  const refused = [
    ...[
      '',
      '2d',
      '2f',
      '3a',
      '7f',
      'c1',
      'c20101 01',
      '0000',
      '67',
      '6701',
      '6781',
      '3b',
      '3b01',
      '3c',
      '3c01',
      '3c0102',
    ],
    ...['3e', '3f00', '40000000', '4100000000000000', '42000000', '2c00000000000000'],
    ...['3d7f', '3d2d7f', '3d317f7f', '3d31', '3d2b317f', '3d20317f', `3d${'31'.repeat(64)}7f`, '3d312e357f'],
    ...['313a', '81', '39393939393939393939393a', '39'.repeat(40), '313131', '312d3a61', 'bf61'],
  ];
  for (const hex of refused) assert.throws(() => decodeHex(hex), SyntaxError, hex);
  for (const code of [0xc1, 0x3b]) {
    assert.throws(() => decodeRencode(Buffer.alloc(1_000_000, code)), /nested too deeply/);
  }
  const nested = Buffer.concat([Buffer.alloc(256, 0xc1), Buffer.of(0)]);
  assert.deepEqual(String(decodeRencode(nested)), '0');
});

test('the first items of a list are read without its end', () => {
  const first = (hex: string) => decodeFirstItems(Buffer.from(hex, 'hex'), 2);
  assert.deepEqual(first('c3010785'), [1, 7]);
  assert.deepEqual(first('3b0107'), [1, 7]);
  for (const hex of ['', 'c3', 'c301', 'c1010101', '660102', '0101'])
    assert.throws(() => first(hex), SyntaxError, hex);
});

/** A daemon's answer with some of everything, cut, swapped and overwritten. */
test('whatever comes ends in a value or a SyntaxError, soon', () => {
  const random = randomFrom(20_261_125);
  const seeds = fc.sample(values, { numRuns: 200, seed: 1 }).map(value => encodeRencode(value, 'value'));
  let read = 0;
  const started = performance.now();
  for (let run = 0; run < 150_000; run++) {
    const bytes =
      run % 3 === 0 ? random.bytes(random.below(40)) : random.mutated(random.pick(seeds).subarray(0, 400));
    try {
      const value = decodeRencode(bytes);
      read += 1;
      // What was read can be written, and is the same then, unless its float32 is a whole number by chance.
      if (run % 50 === 0) JSON.stringify(value, (_, each) => (typeof each === 'bigint' ? `${each}` : each));
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw new Error(bytes.toString('hex'), { cause: error });
    }
  }
  assert.ok(read > 10_000 && read < 140_000, `${read} were read`);
  assert.ok(performance.now() - started < 30_000);
});
