/** Time-outs, sizes and TLS, as they may be given. */
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { describe, it } from 'node:test';
import { ValueError } from '../../src/rpc/errors.ts';
import { sameTls, type TlsOptions, toMaxResponseSize, toTimeout, toTls } from '../../src/rpc/options.ts';
import { PEM } from './support/certificate.ts';

const FINGERPRINT = 'AB'.repeat(32);

describe('a timeout', () => {
  it('is 60 seconds where it is falsy', () => {
    for (const value of [undefined, null, 0, -0, Number.NaN, '', false, 0n, '0', ' 0.0 '])
      assert.equal(toTimeout(value), 60, String(value));
  });

  it('is what a number can be made of', () => {
    for (const [value, seconds] of [
      [5, 5],
      [0.25, 0.25],
      ['5', 5],
      [' 1.5 ', 1.5],
      ['1e3', 1000],
      [10n, 10],
      [true, 1],
      [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
      ['Infinity', Number.POSITIVE_INFINITY],
      [1e300, 1e300],
    ] as const)
      assert.equal(toTimeout(value), seconds);
  });

  it('is nothing else', () => {
    const no = [
      'abc',
      ' ',
      '\n',
      '5s',
      '-1',
      'NaN',
      '-Infinity',
      {},
      [],
      [5],
      new Date(),
      () => 5,
      Symbol('5'),
    ];
    for (const value of [-1, -0.001, -5n, Number.NEGATIVE_INFINITY, ...no])
      assert.throws(() => toTimeout(value), new ValueError('Invalid timeout'));
  });
});

it('a maximum response size is bytes, 256 MiB by default', () => {
  assert.equal(toMaxResponseSize(undefined), 256 * 1024 * 1024);
  assert.equal(toMaxResponseSize(1), 1);
  assert.equal(toMaxResponseSize(Number.POSITIVE_INFINITY), Number.POSITIVE_INFINITY);
  for (const value of [0, -1, 1.5, Number.NaN, Number.NEGATIVE_INFINITY, '5', null, 5n, {}, 2 ** 53])
    assert.throws(() => toMaxResponseSize(value), new ValueError('Invalid maximum response size'));
});

describe('tls', () => {
  it('is nothing where nothing is set', () => {
    for (const value of [undefined, null, {}, { ca: undefined, fingerprint256: null }])
      assert.equal(toTls(value as undefined), undefined);
  });

  it('holds what is set and nothing else', () => {
    assert.deepEqual(toTls({ rejectUnauthorized: false, ca: undefined }), { rejectUnauthorized: false });
    assert.deepEqual(toTls({ ca: PEM }), { ca: PEM });
  });

  it('reads a fingerprint in any form', () => {
    const colons = FINGERPRINT.match(/../g)?.join(':');
    for (const fingerprint256 of [FINGERPRINT, colons, FINGERPRINT.toLowerCase(), ` ${colons}\n`])
      assert.deepEqual(toTls({ fingerprint256 }), { fingerprint256: colons });
  });

  it('reads authorities in any form, as PEM', () => {
    const { raw } = new X509Certificate(PEM);
    for (const ca of [PEM, Buffer.from(PEM), new TextEncoder().encode(PEM), raw, new Uint8Array(raw)])
      assert.deepEqual(toTls({ ca }), { ca: PEM });
    const bundle = `# ours\n${PEM}${PEM}`;
    assert.deepEqual(toTls({ ca: bundle }), { ca: bundle });
  });

  it('is refused where it is no object of options', () => {
    for (const value of [5, 'x', true, [], new URL('https://box')])
      assert.throws(() => toTls(value as TlsOptions), new ValueError('Invalid TLS options'));
  });

  it('is refused where a part is invalid', () => {
    for (const value of [
      5,
      'x',
      true,
      [],
      () => {},
      { ca: 5 },
      { ca: {} },
      { ca: 'garbage' },
      { ca: new Uint8Array(5) },
      { ca: '' },
      { fingerprint256: '' },
      { ca: PEM.slice(0, 200) },
      { ca: [1] },
      { rejectUnauthorized: 'no' },
      { rejectUnauthorized: 0 },
      { rejectUnauthorized: null },
      { fingerprint256: 5 },
      { fingerprint256: 'AB' },
      { fingerprint256: `${FINGERPRINT}00` },
      { fingerprint256: 'XY'.repeat(32) },
    ])
      assert.throws(() => toTls(value as unknown as undefined), ValueError, JSON.stringify(value));
  });

  it('is the same where all parts are', () => {
    const tls = toTls({ ca: PEM, rejectUnauthorized: true });
    assert.ok(sameTls(undefined, undefined));
    assert.ok(sameTls(tls, toTls({ ca: Buffer.from(PEM), rejectUnauthorized: true })));
    for (const other of [
      undefined,
      { ca: PEM },
      { ca: `${PEM}${PEM}`, rejectUnauthorized: true },
      { ca: PEM, rejectUnauthorized: false },
      { ca: PEM, rejectUnauthorized: true, fingerprint256: FINGERPRINT },
    ])
      assert.ok(!sameTls(tls, toTls(other)));
  });
});
