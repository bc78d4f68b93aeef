/** The words for what cannot be sent, and the place where it is. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { runInNewContext } from 'node:vm';
import { checkText, cyclic, isPlainObject, memberPlace, unsendable } from '../../src/rpc/arguments.ts';
import { ValueError } from '../../src/rpc/errors.ts';

it('tells object literals, also of another realm, from all else', () => {
  for (const value of [{}, { a: 1 }, Object.create(null), runInNewContext('({})')])
    assert.equal(isPlainObject(value), true);
  for (const value of [
    null,
    undefined,
    1,
    'a',
    [],
    () => {},
    new Date(),
    new Map(),
    /a/,
    new (class A {})(),
    new Uint8Array(),
  ])
    assert.equal(isPlainObject(value), false, String(value));
});

it('names members as code would', () => {
  assert.equal(memberPlace('args', 'ids'), 'args.ids');
  assert.equal(memberPlace('args', 'peer-limit'), 'args.peer-limit');
  assert.equal(memberPlace('args', 'ä1'), 'args.ä1');
  assert.equal(memberPlace('args', 'my key'), 'args["my key"]');
  assert.equal(memberPlace('args', ''), 'args[""]');
  assert.equal(memberPlace('args', '1'), 'args["1"]');
  assert.equal(memberPlace('args', 'a"\n'), 'args["a\\"\\n"]');
});

it('says what a value is', () => {
  class Torrent {}
  for (const [value, words] of [
    [undefined, 'undefined'],
    [null, 'null'],
    [Number.NaN, 'NaN'],
    [1.5, '1.5'],
    [() => {}, 'a function'],
    [Symbol('x'), 'a symbol'],
    [true, 'a boolean'],
    ['secret', 'a string'],
    [1n, 'a bigint'],
    [[], 'an array'],
    [{}, 'an object'],
    [new Torrent(), 'a Torrent'],
    [new Date(), 'a Date'],
  ] as const) {
    const error = unsendable(value, 'args.x');
    assert.ok(error instanceof ValueError);
    assert.equal(error.message, `args.x is ${words}`);
  }
  assert.equal(cyclic('args').message, 'args is a cycle');
});

it('takes any text but one with a lone surrogate', () => {
  assert.equal(checkText('ä😀\0', 'args'), 'ä😀\0');
  for (const text of ['\ud83d', 'a\udc00b', '😀'.slice(1)])
    assert.throws(() => checkText(text, 'args.a'), new ValueError('args.a has a lone surrogate'));
});
