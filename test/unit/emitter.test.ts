/** Listeners that throw are told of and break nothing. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { it } from 'node:test';
import { SafeEmitter } from '../../src/rpc/emitter.ts';
import { settle } from './support/fakeClient.ts';

interface Events {
  thing: [number, string];
  other: [];
  listenerError: [unknown, string];
}

class Emitter extends SafeEmitter<Events> {}

const throws = (error: unknown) => () => {
  throw error;
};

/** What `process.emitWarning` was given meanwhile; nothing is printed. */
function catchWarnings(t: { mock: typeof import('node:test').mock }): string[] {
  const warnings: string[] = [];
  t.mock.method(process, 'emitWarning', (warning: unknown) => warnings.push(String(warning)));
  return warnings;
}

it('calls listeners in the order added, with the arguments and itself as this', () => {
  const emitter = new Emitter();
  const calls: unknown[] = [];
  emitter.on('thing', function (this: unknown, ...args) {
    calls.push(['first', ...args, this === emitter]);
  });
  emitter.once('thing', (...args) => calls.push(['once', ...args]));
  emitter.on('thing', (...args) => calls.push(['last', ...args]));
  assert.equal(emitter.emit('thing', 1, 'a'), true);
  assert.equal(emitter.emit('thing', 2, 'b'), true);
  assert.equal(emitter.emit('other'), false);
  assert.deepEqual(calls, [
    ['first', 1, 'a', true],
    ['once', 1, 'a'],
    ['last', 1, 'a'],
    ['first', 2, 'b', true],
    ['last', 2, 'b'],
  ]);
});

it('forgets a listener', () => {
  const emitter = new Emitter();
  const listener = () => assert.fail('called');
  emitter.on('other', listener).off('other', listener);
  emitter.once('other', listener).off('other', listener);
  assert.equal(emitter.emit('other'), false);
});

it('works with what Node has for emitters', async () => {
  const emitter = new Emitter();
  const waiting = once(emitter, 'thing');
  emitter.emit('thing', 5, 'x');
  assert.deepEqual(await waiting, [5, 'x']);
});

it('tells of what listeners throw and reject with, and calls the others', async t => {
  const warnings = catchWarnings(t);
  const emitter = new Emitter();
  const told: unknown[] = [];
  const heard: number[] = [];
  emitter.on('listenerError', (error, event) => told.push(error, event));
  emitter.on('thing', throws('sync'));
  emitter.once('thing', async () => throws('async')());
  // biome-ignore lint/suspicious/noThenProperty: as promises of other makes are
  emitter.on('thing', () => ({ then: (_: unknown, reject: (error: unknown) => void) => reject('foreign') }));
  emitter.on('thing', number => heard.push(number));
  emitter.emit('thing', 7, '');
  await settle();
  assert.deepEqual(told, ['sync', 'thing', 'foreign', 'thing', 'async', 'thing']);
  assert.deepEqual([heard, warnings], [[7], []]);
});

it('warns where nobody listens to that', async t => {
  const warnings = catchWarnings(t);
  const emitter = new Emitter();
  emitter.on('other', throws(new RangeError('first')));
  emitter.on('other', async () => throws('second')());
  emitter.on('other', throws(Object.create(null)));
  emitter.on('other', throws(Symbol('fourth')));
  emitter.emit('other');
  await settle();
  assert.deepEqual(warnings, [
    'RangeError: first',
    'Error: [Object: null prototype] {}',
    'Error: Symbol(fourth)',
    "Error: 'second'",
  ]);
});

it('warns where who listens to that throws too', async t => {
  const warnings = catchWarnings(t);
  const emitter = new Emitter();
  const told: unknown[] = [];
  emitter.on('listenerError', throws(new Error('again')));
  emitter.on('listenerError', error => told.push(error));
  emitter.on('other', throws('first'));
  emitter.emit('other');
  await settle();
  assert.deepEqual([warnings, told], [['Error: again'], ['first']]);
});
