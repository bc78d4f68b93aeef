import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { AuthenticationError, RPCError } from '../../src/rpc/index.ts';
import { toErrorText, toResultText } from '../../src/workbench/result.ts';

test('what JSON has is written as JSON has it', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), value =>
      assert.equal(toResultText(value), JSON.stringify(value, null, 2)),
    ),
  );
});

test('what JSON has no word for is written in its own way', () => {
  const cases: readonly [value: unknown, json: string][] = [
    [undefined, 'null'],
    [[undefined, { gone: undefined }], '[null,{"gone":null}]'],
    [Number.NaN, '{"$number":"nan"}'],
    [Number.POSITIVE_INFINITY, '{"$number":"inf"}'],
    [{ ratio: Number.NEGATIVE_INFINITY }, '{"ratio":{"$number":"-inf"}}'],
    [Uint8Array.of(0, 255, 16), '{"$bytes":"AP8Q"}'],
    [[Buffer.from('in a buffer').subarray(3, 5)], '[{"$bytes":"YSA="}]'],
    [9007199254740993n, '9007199254740993'],
    [{ size: [-(2n ** 70n), 5n] }, '{"size":[-1180591620717411303424,5]}'],
    ['\ud800 \u2028', '"\\ud800 \u2028"'],
  ];
  for (const [value, json] of cases) assert.equal(compact(toResultText(value)), json);
});

/** Without the blanks of the layout; none of the texts here has two. */
const compact = (text: string) => text.replace(/\n */g, '').replaceAll('": ', '":');

test('a key is a key, whatever it is called', () => {
  const value = JSON.parse(
    '{"__proto__": 1, "toJSON": "text", "constructor": {"toJSON": null}, "$bytes": 2}',
  );
  assert.deepEqual(JSON.parse(toResultText(value)), value);
});

test('every digit of an integer stays', () => {
  fc.assert(
    fc.property(fc.bigInt(), integer =>
      assert.equal(toResultText({ integer }), `{\n  "integer": ${integer}\n}`),
    ),
  );
});

test('an error is a document with its name, its words, and what else the daemon said', () => {
  const error = new RPCError('Failed', { code: 9007199254740993n, more: undefined });
  assert.equal(
    compact(toErrorText(error)),
    '{"error":{"name":"RPCError","message":"Failed","info":{"code":9007199254740993,"more":null}}}',
  );
  assert.equal(
    compact(toErrorText(new AuthenticationError('Authentication failed'))),
    '{"error":{"name":"AuthenticationError","message":"Authentication failed"}}',
  );
  assert.deepEqual(JSON.parse(toErrorText(new TypeError('odd'))), {
    error: { name: 'TypeError', message: 'odd' },
  });
});
