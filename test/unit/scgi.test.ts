import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeHead, encodeHead } from '../../src/rpc/codec/scgi.ts';
import { randomFrom } from './support/random.ts';

// Recorded from rTorrent 0.9.8.
const HEAD = 'Status: 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 152\r\n\r\n';

test('the head of a request is a netstring, the length first', () => {
  const text = encodeHead(1234).toString('latin1');
  const [, length, block] = /^(\d+):(.*),$/s.exec(text) ?? [];
  assert.equal(block?.length, Number(length));
  const fields = block?.split('\0') ?? [];
  assert.deepEqual(fields, [
    ...['CONTENT_LENGTH', '1234', 'SCGI', '1', 'REQUEST_METHOD', 'POST', 'REQUEST_URI', '/RPC2'],
    ...['CONTENT_TYPE', 'text/xml', ''],
  ]);
  assert.ok(encodeHead(Number.MAX_SAFE_INTEGER).length < 2000);
});

test('the head of an answer', () => {
  const of = (text: string) => decodeHead(Buffer.from(text));
  assert.deepEqual(of(HEAD), { status: 200, contentLength: 152, size: HEAD.length });
  assert.deepEqual(of(`${HEAD}<?xml`), { status: 200, contentLength: 152, size: HEAD.length });
  assert.deepEqual(of('Content-Type: a\n\n'), { status: 200, contentLength: undefined, size: 17 });
  assert.deepEqual(of('STATUS:404\r\ncontent-length:\t7 \r\n\r\n'), {
    status: 404,
    contentLength: 7,
    size: 34,
  });
});

test('it may come in pieces', () => {
  for (let length = 0; length < HEAD.length; length++) {
    assert.equal(decodeHead(Buffer.from(HEAD.slice(0, length))), undefined);
    assert.equal(decodeHead(Buffer.from(HEAD.slice(0, length)), true), undefined);
  }
});

test('what is no such head is refused as soon as that is clear', () => {
  const broken = [
    ...[
      'HTTP/1.1 400 Bad Request\r\n',
      '<html>',
      '{"id":1}',
      '\x15\x03\x01',
      'SSH-2.0-OpenSSH_9.2\r\n',
      '\r\n',
    ],
    ...[
      'Status: OK\r\n\r\n',
      'Status: 200\r\nContent-Length: -1\r\n\r\n',
      'Status: 200\r\nContent-Length: 1e3\r\n\r\n',
    ],
    ...['Status: 200\r\nno header\r\n\r\n', 'Status: 200\r\nContent-Length: 99999999999999999999\r\n\r\n'],
    `Status: 200 OK\r\n${'A: b\r\n'.repeat(2000)}`,
    'a'.repeat(8192),
  ];
  for (const text of broken)
    assert.throws(() => decodeHead(Buffer.from(text, 'latin1')), SyntaxError, text.slice(0, 60));
  // What could become a head, and is all there is.
  for (const text of ['hello', 'Content', 'Fails.\r\n'])
    assert.throws(() => decodeHead(Buffer.from(text), true), SyntaxError, text);
  assert.equal(decodeHead(Buffer.from('hello')), undefined);
});

test('100,000 broken heads end in a head, in none yet, or in a SyntaxError', () => {
  const random = randomFrom(7);
  const samples = [
    HEAD,
    `${HEAD}<?xml version="1.0"?>`,
    'Status: 502\r\n',
    ': \r\n\r\n',
    'Content-Length: 5\n\n',
  ];
  const ends = { heads: 0, parts: 0, errors: 0 };
  for (let run = 0; run < 100_000; run++) {
    const bytes = random.mutated(Buffer.from(random.pick(samples)));
    try {
      const head = decodeHead(bytes, run % 2 === 0);
      ends[head ? 'heads' : 'parts'] += 1;
      if (!head) continue;
      assert.ok(head.size > 0 && head.size <= bytes.length);
      assert.ok(Number.isSafeInteger(head.status) && Number.isSafeInteger(head.contentLength ?? 0));
    } catch (error) {
      if (!(error instanceof SyntaxError))
        assert.fail(`${error} for ${JSON.stringify(bytes.toString('latin1'))}`);
      ends.errors += 1;
    }
  }
  for (const count of Object.values(ends)) assert.ok(count > 1000, JSON.stringify(ends));
});
