import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deflateSync, inflateSync } from 'node:zlib';
import fc from 'fast-check';
import {
  type DelugeMessage,
  decodeFrame,
  encodeArguments,
  encodeCall,
  type Frame,
  FrameReader,
} from '../../src/rpc/codec/deluge.ts';
import { collectGarbage } from './support/garbage.ts';
import { randomFrom } from './support/random.ts';

/** What Deluge 2.0.3 sent: its answer to `daemon.info` with the id 1. */
const INFO = Buffer.from('0100000011789c3bccc8d86aa467a0670c000ce2023c', 'hex');
const LIMIT = 1_000_000;

/** A frame as the daemon makes it, of rencode in hexadecimal. */
function frameOf(rencode: string | Buffer): Buffer {
  const bytes = typeof rencode === 'string' ? Buffer.from(rencode.replaceAll(' ', ''), 'hex') : rencode;
  const body = deflateSync(bytes);
  const head = Buffer.from([1, 0, 0, 0, 0]);
  head.writeUInt32BE(body.length, 1);
  return Buffer.concat([head, body]);
}

const hexOf = (text: string) => Buffer.of(0x80 + text.length, ...Buffer.from(text)).toString('hex');

function readAll(chunks: readonly Buffer[], limit = LIMIT): DelugeMessage[] {
  const reader = new FrameReader(limit);
  return chunks.flatMap(chunk => [...reader.read(chunk)]).map(frame => decodeFrame(frame, limit).message);
}

test('a request is a list of one call in a frame', () => {
  const { bytes, rencode, body, size } = encodeCall(7, encodeArguments('core.f', [1, 'ü'], { a: true }));
  const expected = `c1c407${hexOf('core.f')}c20182c3bc67816143`;
  assert.equal(rencode?.toString('hex'), expected);
  assert.equal(inflateSync(body).toString('hex'), expected);
  assert.deepEqual(bytes.subarray(0, 5), Buffer.from([1, 0, 0, 0, body.length]));
  assert.deepEqual(bytes.subarray(5), body);
  assert.equal(size, bytes.length);
  assert.equal(encodeCall(300, encodeArguments('f')).rencode?.toString('hex'), 'c1c43f012c8166c066');
});

test('a request of any size is whole, compressed or not', () => {
  const bytes = fc.uint8Array({ maxLength: 3000 }).map(bytes => Buffer.from(bytes).toString('latin1'));
  fc.assert(
    fc.property(bytes, text => {
      const { rencode, body } = encodeCall(1, encodeArguments('f', [text]));
      assert.ok(rencode && inflateSync(body).equals(rencode));
    }),
  );
});

test('arguments that cannot be sent are refused with their place', () => {
  const refused: [args: [unknown, unknown?, unknown?], message: string][] = [
    [['f', { a: 1 }], 'args is an object'],
    [['f', null], 'args is null'],
    [['f', 'x'], 'args is a string'],
    [['f', [], [1]], 'kwargs is an array'],
    [['f', [], null], 'kwargs is null'],
    [['f', [undefined]], 'args[0] is undefined'],
    [['f', [], { ids: undefined }], 'kwargs.ids is undefined'],
    [[7], 'method is 7'],
    [['f\ud800'], 'method has a lone surrogate'],
  ];
  for (const [args, message] of refused) {
    assert.throws(() => encodeArguments(...(args as [string])), { name: 'ValueError', message });
  }
});

test('what the daemon says', () => {
  const traceback = hexOf('tb');
  const cases: [rencode: string, message: DelugeMessage][] = [
    [`c301 01 ${hexOf('2.0.3')}`, { kind: 'result', id: 1, value: '2.0.3' }],
    ['c301 02 45', { kind: 'result', id: 2, value: null }],
    [
      `c602 03 ${hexOf('E')} c1${hexOf('why')} 66 ${traceback}`,
      { kind: 'error', id: 3, error: { class: 'E', args: ['why'], kwargs: {}, traceback: 'tb' } },
    ],
    [`c303 ${hexOf('Ev')} c24401`, { kind: 'event', name: 'Ev', args: [false, 1] }],
    [`c303 ${hexOf('Ev')} c0`, { kind: 'event', name: 'Ev', args: [] }],
  ];
  for (const [rencode, message] of cases) assert.deepEqual(readAll([frameOf(rencode)]), [message]);
  assert.deepEqual(readAll([INFO]), [{ kind: 'result', id: 1, value: '2.0.3' }]);
});

test('what no daemon says is a SyntaxError', () => {
  const odd = [
    '01',
    'c0',
    'c101',
    'c20101',
    'c3040101',
    'c3030101',
    'c30381 61 66',
    'c602 01 01 c0 66 80',
    '66',
    'c3',
  ];
  for (const rencode of odd) assert.throws(() => readAll([frameOf(rencode)]), SyntaxError, rencode);
});

test('frames are found however the stream is cut', () => {
  const big = Buffer.concat([Buffer.from('c30102', 'hex'), Buffer.from(`70000:${'x'.repeat(70_000)}`)]);
  const stream = Buffer.concat([INFO, frameOf(big), INFO, frameOf(`c303${hexOf('Ev')}c0`)]);
  const whole = readAll([stream]);
  assert.deepEqual(
    whole.map(({ kind }) => kind),
    ['result', 'result', 'result', 'event'],
  );
  fc.assert(
    fc.property(fc.array(fc.nat(stream.length), { maxLength: 12 }), cuts => {
      const borders = [0, ...cuts.sort((a, b) => a - b), stream.length];
      const chunks = borders.slice(1).map((end, index) => stream.subarray(borders[index], end));
      assert.deepEqual(readAll(chunks), whole);
    }),
  );
  assert.deepEqual(readAll(Array.from(stream, byte => Buffer.of(byte))), whole);
});

test('an answer that is too large fails its own call and no other', () => {
  const random = randomFrom(1);
  const noise = random.bytes(3000);
  const answer = (id: string) =>
    frameOf(Buffer.concat([Buffer.from(`c301${id}`, 'hex'), Buffer.from(`${noise.length}:`), noise]));
  const bomb = frameOf(Buffer.concat([Buffer.from('c3013f012c39393939393a', 'hex'), Buffer.alloc(99_999)]));
  const event = frameOf(
    Buffer.concat([Buffer.from(`c303${hexOf('Ev')}c1`, 'hex'), Buffer.from('3000:'), noise]),
  );
  const stream = Buffer.concat([INFO, answer('07'), bomb, event, INFO]);
  const expected = [
    { kind: 'result', id: 1, value: '2.0.3' },
    { kind: 'too large', id: 7 },
    { kind: 'too large', id: 300 },
    { kind: 'too large', id: undefined },
    { kind: 'result', id: 1, value: '2.0.3' },
  ];
  assert.deepEqual(readAll([stream], 2000), expected);
  assert.deepEqual(
    readAll(
      Array.from(stream, byte => Buffer.of(byte)),
      2000,
    ),
    expected,
  );
  const [frame] = [...new FrameReader(2000).read(answer('07'))] as [Frame];
  assert.ok(frame.size > 3000 && frame.body.length <= 512 && !frame.isWhole);
});

test('no more is held than the limit, whatever a frame claims', async () => {
  const reader = new FrameReader(LIMIT);
  const [frame] = [...reader.read(Buffer.concat([Buffer.from('01ffffffff789c', 'hex'), Buffer.alloc(600)]))];
  assert.throws(() => decodeFrame(frame as Frame, LIMIT), SyntaxError);
  await collectGarbage();
  const before = process.memoryUsage().arrayBuffers;
  for (let index = 0; index < 1000; index++) assert.deepEqual([...reader.read(Buffer.alloc(65_536))], []);
  await collectGarbage();
  assert.ok(process.memoryUsage().arrayBuffers - before < 10_000_000);
});

test('what is no frame is known by its first bytes', () => {
  const page = 'HTTP/1.1 400 Bad Request\r\n\r\n';
  const strangers = [
    page,
    'SSH-2.0-OpenSSH_9.2p1\r\n',
    '220 mail ESMTP',
    '\x02\x00\x00\x00\x11x\x9c',
    '\x00',
  ];
  for (const text of strangers) {
    assert.throws(() => readAll([Buffer.from(text, 'latin1')]), {
      name: 'SyntaxError',
      message: Buffer.from(text, 'latin1').toString(),
    });
  }
  assert.throws(() => readAll([Buffer.from('0100000011feed', 'hex')]), SyntaxError);
  assert.throws(() => readAll([Buffer.from('0100000000789c', 'hex')]), SyntaxError);
  assert.throws(() => readAll([Buffer.from('0100000004789c0000', 'hex')]), SyntaxError);
  assert.throws(() => readAll([INFO, Buffer.from(page)]), SyntaxError);
});

test('whatever comes ends in messages or a SyntaxError', () => {
  const random = randomFrom(7);
  const frames = ['c3010180', `c303${hexOf('Ev')}c0`, `c60203${hexOf('E')}c066${hexOf('tb')}`].map(frameOf);
  const seeds = [INFO, ...frames, Buffer.concat([INFO, INFO])];
  const seen = { messages: 0, errors: 0 };
  for (let run = 0; run < 100_000; run++) {
    const bytes =
      run % 4 === 0 ? frameOf(random.bytes(1 + random.below(12))) : random.mutated(random.pick(seeds));
    const middle = random.below(bytes.length + 1);
    try {
      seen.messages += readAll([bytes.subarray(0, middle), bytes.subarray(middle)], 100).length;
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw new Error(bytes.toString('hex'), { cause: error });
      seen.errors += 1;
    }
  }
  assert.ok(seen.messages > 1000 && seen.errors > 10_000, JSON.stringify(seen));
});
