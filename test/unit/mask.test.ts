/** No secret survives in what the core quotes, however the other side writes it. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { Masker } from '../../src/rpc/mask.ts';

const SECRET = 'Pä"s&\\w/ö%r d+<é>😀';
const masker = new Masker([SECRET, undefined, '']);

const percent = (text: string, format: (hex: string) => string) =>
  [...Buffer.from(text)].map(byte => `%${format(byte.toString(16).padStart(2, '0'))}`).join('');

/** How others write a text. */
const WRITERS: Readonly<Record<string, (text: string) => string>> = {
  'as it stands': text => text,
  'as Latin-1': text => Buffer.from(text).toString('latin1'),
  'percent-encoded': encodeURIComponent,
  'percent-encoded, lower case': text => percent(text, hex => hex),
  'percent-encoded, upper case': text => percent(text, hex => hex.toUpperCase()),
  'percent-encoded twice': text => encodeURIComponent(encodeURIComponent(text)),
  'percent-encoded like a whole URL': text => encodeURI(text),
  'percent-encoded where it must be': text => text.replace(/[&%+ ]/g, encodeURIComponent),
  'as a form': text => new URLSearchParams({ text }).toString().slice(5),
  'as JSON': text => JSON.stringify(text).slice(1, -1),
  'as JSON in JSON': text => JSON.stringify(JSON.stringify(text)).slice(3, -3),
  'as JSON with escaped slashes': text => JSON.stringify(text).slice(1, -1).replaceAll('/', '\\/'),
  'as JSON in ASCII': text =>
    JSON.stringify(text)
      .slice(1, -1)
      .replace(/[^ -~]/g, unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
  'as Python': text => inspect(text).slice(1, -1).replaceAll("'", "\\'"),
  'as HTML': text =>
    text.replace(/[&<>"]/g, char => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[char] ?? ''),
  'as HTML, decimal': text => text.replace(/[^a-z]/gu, char => `&#${char.codePointAt(0)};`),
  'as HTML, hexadecimal': text =>
    text.replace(/[^a-z]/gu, char => `&#x${char.codePointAt(0)?.toString(16)};`),
  'in base64': text => Buffer.from(text).toString('base64'),
  'in base64 behind one byte': text => Buffer.from(`:${text}`).toString('base64'),
  'in base64 behind two bytes': text => Buffer.from(`u:${text}`).toString('base64'),
  'in base64 before others': text => Buffer.from(`user:${text}:and more`).toString('base64'),
  'in base64 for URLs': text => Buffer.from(`user:${text}`).toString('base64url'),
  'in base64, percent-encoded': text => encodeURIComponent(Buffer.from(`user:${text}`).toString('base64')),
};

/** What must not be left of a secret that was written: any part that could not be there by chance. */
function assertMasked(secret: string, written: string, masked: string): void {
  for (let i = 0; i + 8 <= secret.length; i++) {
    const part = secret.slice(i, i + 8);
    assert.ok(!masked.includes(part), `${JSON.stringify(masked)} shows ${part} of ${written}`);
  }
  assert.ok(masked.includes('***'), masked);
}

for (const [how, write] of Object.entries(WRITERS)) {
  it(`masks a secret ${how}`, () => {
    const written = write(SECRET);
    const masked = masker.text(`before ${written} after`);
    assertMasked(SECRET, written, masked);
    assert.match(masked, /^before .*after$/);
    // In base64 the neighbours of the secret share characters with it.
    if (!how.includes('base64')) assert.equal(masked, 'before *** after');
    else assert.ok(masked.length < written.length, masked);
  });

  it(`masks any secret ${how}`, () => {
    const text = fc.string({ unit: 'grapheme', minLength: 4, maxLength: 40 });
    fc.assert(
      fc.property(text, secret => {
        const written = write(secret.toWellFormed());
        const masked = new Masker([secret]).text(`\ue000${written}\ue000`);
        if (!how.includes('base64')) assert.equal(masked, '\ue000***\ue000');
        else assert.match(masked, /^\ue000.{0,9}\*\*\*.{0,20}\ue000$/s);
      }),
      { numRuns: 40 },
    );
  });
}

it('masks a text that mixes the ways, and each of several secrets', () => {
  const both = new Masker(['swordfish', 'swordfish2', 'sésame!!']);
  const text = 'sw%6Frdfi&#115;h, swordfish2, s\\u00e9same!%21, SWORDFISH, sword';
  assert.equal(both.text(text), '***, ***, ***, ***, sword');
});

describe('an excerpt', () => {
  it('is cut, but never in the middle of a secret', () => {
    const text = `${'x'.repeat(95)}${SECRET}`;
    assert.equal(masker.excerpt(text, 100), `${'x'.repeat(95)}***`);
    assert.equal(masker.excerpt(encodeURIComponent(text), 100), `${'x'.repeat(95)}***`);
  });

  it('is left out where a secret is too short to search for', () => {
    const short = new Masker(['abc', SECRET]);
    assert.equal(short.excerpt('anything with abc in it'), '');
    assert.deepEqual(short.value({ a: ['abc'], n: 1 }), { '': 1 });
    const fault = { faultCode: -501, faultString: 'abc' };
    assert.deepEqual(short.value(fault), { faultCode: -501, faultString: '' });
    assert.equal(short.cause(new Error('abc')).message, '');
    assert.equal(new Masker(['abcd']).excerpt('an abcd'), 'an ***');
  });
});

it('knows more secrets on request, but none so short that everything would be left out', () => {
  const more = masker.plus(['session-id', 'abc']);
  assert.equal(more.excerpt(`abc session-id ${SECRET}`), 'abc *** ***');
  assert.equal(masker.excerpt('session-id'), 'session-id');
  assert.equal(masker.plus([]), masker);
});

it('copies a value with its strings, keys and numbers masked', () => {
  const digits = new Masker([SECRET, '12345678', '12345678901234567890']);
  const value = {
    [SECRET]: [`a ${SECRET}`, 12345678, 123456789, null, true, 7n, 12345678901234567890n],
    bytes: Buffer.from(SECRET),
  };
  assert.deepEqual(digits.value(value), {
    '***': ['a ***', '***', 123456789, null, true, 7n, '***'],
    bytes: `${Buffer.byteLength(SECRET)} bytes`,
  });
  let deep: unknown = SECRET;
  for (let i = 0; i < 100_000; i++) deep = [deep];
  assert.ok(!inspect(digits.value(deep), { depth: null }).includes(SECRET));
});

it('leaves the keys of the protocols as they are, whatever the secrets', () => {
  const error = { class: 'E', args: ['args'], kwargs: {}, traceback: 'class' };
  assert.deepEqual(new Masker(['args', 'class']).value(error), {
    class: 'E',
    args: ['***'],
    kwargs: {},
    traceback: '***',
  });
});

it('copies an error without what hangs on it', () => {
  const original = Object.assign(new TypeError(`No ${SECRET}`), {
    code: 'E_NO',
    socket: { password: SECRET },
  });
  const cause = masker.cause(original);
  assert.deepEqual([cause.message, cause.stack], ['No ***', 'TypeError: No ***']);
  assert.equal((cause as NodeJS.ErrnoException).code, 'E_NO');
  assert.ok(!inspect(cause, { showHidden: true, depth: null }).includes(SECRET));
  const several = new AggregateError([new Error('::1 refused'), new Error('127.0.0.1 refused')]);
  assert.equal(masker.cause(several).message, '::1 refused, 127.0.0.1 refused');
  assert.equal(masker.cause(`a ${SECRET}`).message, 'a ***');
});

it('shows none of its secrets itself', () => {
  masker.text('compiled');
  assert.ok(!inspect(masker, { showHidden: true, depth: null }).includes('Pä'));
});

it('costs little for each error, as a daemon that is down makes many', () => {
  const start = performance.now();
  for (let i = 0; i < 1000; i++) new Masker([SECRET, 'another secret']).text('connect ECONNREFUSED');
  const milliseconds = performance.now() - start;
  assert.ok(milliseconds < 500, `${milliseconds} ms`);
});

it('takes long secrets and hostile texts in its stride', () => {
  const long = 'ab%cd&'.repeat(5000);
  const large = new Masker([long]);
  assert.equal(large.text(`a ${long} and ${encodeURIComponent(long)}`), 'a *** and ***');
  const start = performance.now();
  for (const hostile of ['\\', '%25', '&amp;', '%', '&#0', 'P', '+']) {
    masker.text(hostile.repeat(500_000 / hostile.length));
  }
  const milliseconds = performance.now() - start;
  assert.ok(milliseconds < 3000, `${milliseconds} ms`);
});

it('takes as many secrets as a server sets', () => {
  const cookies = Array.from({ length: 200 }, (_, index) => `${index}+/&<"é`.repeat(10));
  const start = performance.now();
  const text = cookies.map(cookie => ` ${cookie} ${Buffer.from(cookie).toString('base64')}`).join('');
  const masked = new Masker([SECRET, ...cookies]).text(`${text} ${encodeURIComponent(SECRET)}`);
  assert.match(masked, /^( \*{3}\w?=*){401}$/);
  assert.ok(performance.now() - start < 2000);
});

it('keeps a bounded part of a value', () => {
  const wide = masker.value(Array(1_000_000).fill([SECRET])) as unknown[];
  assert.equal(wide.length, 9999);
  assert.deepEqual(wide[0], ['***']);
  assert.equal(wide.at(-1), '…');
  const keys = Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`k${index}`, 1]));
  assert.equal(Object.keys(masker.value(keys) as object).length, 9999);
  assert.equal((masker.value('x'.repeat(10_000_000)) as string).length, 256 * 1024);
});
