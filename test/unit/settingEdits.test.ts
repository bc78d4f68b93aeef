/** Edits of the settings file. */
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { clientsIn, editText, isPlain, withEdits } from '../../src/ui/settingEdits.ts';

/** Without the parser's own kind of object. */
const valueIn = (text: string) => JSON.parse(JSON.stringify(clientsIn(text)));
const remove = (index: number) => ({ path: [index], value: undefined });

test('one of several is removed, however they are written', () => {
  const clients = fc.array(
    fc.record(
      { name: fc.string(), tls: fc.option(fc.record({ insecure: fc.boolean() }, { noNullPrototype: true })) },
      { noNullPrototype: true },
    ),
    {
      minLength: 1,
      maxLength: 4,
    },
  );
  fc.assert(
    fc.property(clients, fc.nat(), fc.constantFrom(undefined, 2, '\t'), (all, at, space) => {
      const index = at % all.length;
      const text = JSON.stringify({ a: 1, 'btRpc.clients': all, z: 2 }, null, space);
      const edited = editText(text, [remove(index)]);
      assert.deepEqual(JSON.parse(edited), { a: 1, 'btRpc.clients': all.toSpliced(index, 1), z: 2 });
      assert.deepEqual(withEdits(all, [remove(index)]), all.toSpliced(index, 1));
    }),
  );
});

test('comments and format stay', () => {
  const text = `{
  // mine
  "btRpc.clients": [
    { "name": "A", "url": "http://me:pw@a" }, // the first
    // by hand
    { "name": "B", "password": "pw", "type": "deluge" },
  ],
}`;
  assert.equal(
    editText(text, [
      { path: [0, 'url'], value: 'http://a' },
      { path: [1, 'password'], value: undefined },
    ]),
    text.replace('me:pw@', '').replace(' "password": "pw",', ''),
  );
  const other = editText(text, [remove(0)]);
  assert.ok(other.includes('[\n    // by hand\n    { "name": "B"'), other);
  const one = editText(text, [remove(1)]);
  assert.ok(one.includes('}, // the first\n    // by hand\n'), one);
  assert.deepEqual(valueIn(one), [{ name: 'A', url: 'http://me:pw@a' }]);
  assert.equal(isPlain(text), false);
});

test('a comment in an odd place breaks nothing', () => {
  const text = '{"btRpc.clients": [{"name": "A"} /* odd */ , {"name": "B"} /* odder */ , {"name": "C"}]}';
  for (const index of [0, 1, 2])
    assert.deepEqual(
      valueIn(editText(text, [remove(index)])),
      [{ name: 'A' }, { name: 'B' }, { name: 'C' }].toSpliced(index, 1),
    );
});

test('one is added, also where there is none yet', () => {
  const added = { path: [0], value: { name: 'A' } };
  assert.deepEqual(valueIn(editText('{}', [added])), [{ name: 'A' }]);
  assert.deepEqual(withEdits([], [added]), [{ name: 'A' }]);
  assert.deepEqual(withEdits([{ name: 'A' }], [{ path: [0, 'tls', 'fingerprint256'], value: 'ab' }]), [
    { name: 'A', tls: { fingerprint256: 'ab' } },
  ]);
});

test('what VS Code has written itself is plain', () => {
  const settings = { a: 1, 'btRpc.clients': [{ name: 'A', tls: { insecure: true } }, { name: 'B' }] };
  assert.equal(isPlain(JSON.stringify(settings, null, 4)), true);
  assert.equal(isPlain(JSON.stringify(settings)), false);
});
