/** The error classes, as who catches one sees them. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  AuthenticationError,
  BtRpcError,
  ConnectionError,
  NotImplementedError,
  RPCError,
  TimeoutError,
  ValueError,
} from '../../src/rpc/errors.ts';

const CLASSES = {
  RPCError,
  ConnectionError,
  AuthenticationError,
  TimeoutError,
  ValueError,
  NotImplementedError,
};

for (const [name, Class] of Object.entries(CLASSES)) {
  it(`${name} derives directly from BtRpcError and bears its name`, () => {
    const error = new Class('words');
    assert.equal(Object.getPrototypeOf(Class), BtRpcError);
    assert.ok(error instanceof BtRpcError && error instanceof Error);
    assert.equal(error.name, name);
    assert.equal(String(error), `${name}: words`);
    assert.ok(error.stack?.startsWith(`${name}: words\n`));
    assert.equal(Object.values(CLASSES).filter(Other => error instanceof Other).length, 1);
  });

  it(`${name} has info always, a cause where there is one`, () => {
    const error = new Class('words');
    assert.deepEqual([Object.hasOwn(error, 'info'), error.info, 'cause' in error], [true, undefined, false]);
  });
}

it('info and cause are what was given', () => {
  const cause = new Error('why');
  for (const error of [
    new ConnectionError('words', { cause, info: { a: 1 } }),
    new RPCError('words', { a: 1 }, { cause }),
  ])
    assert.deepEqual([error.cause, error.info], [cause, { a: 1 }]);
  assert.equal(new RPCError('words', 0).info, 0);
  assert.equal(new BtRpcError('words').name, 'BtRpcError');
});

describe('translate()', () => {
  const error = new RPCError('Torrent 17 not found in session');

  it('gives the error of the first pattern that matches', () => {
    const mine = new ValueError('mine');
    const other = new ValueError('other');
    assert.equal(error.translate({ nothing: other, 'not found': mine, Torrent: other }), mine);
  });

  it('makes a new one, groups filled in', () => {
    const made = error.translate({
      'Torrent (\\d+) not (found|known)( at all)?': [ValueError, 'No \\1, \\2\\3, (\\0)!'],
    });
    assert.ok(made instanceof ValueError);
    assert.equal(made.message, 'No 17, found, (Torrent 17 not found)!');
    assert.ok(error.translate({ '': [RangeError, 'x'] }) instanceof RangeError);
  });

  it('gives itself where none matches', () => {
    assert.equal(error.translate({}), error);
    assert.equal(error.translate({ '^not': new Error('x'), torrent: new Error('case') }), error);
  });
});
