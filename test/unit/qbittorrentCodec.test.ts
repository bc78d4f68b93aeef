import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CookieJar } from '../../src/rpc/codec/cookies.ts';
import { encodeMultipart } from '../../src/rpc/codec/multipart.ts';
import {
  decodeAnswer,
  encodeForm,
  encodeMethod,
  isWebPage,
  toFields,
} from '../../src/rpc/codec/qbittorrent.ts';
import { makeTorrent } from '../tools/torrents.ts';

const invalid = (message: string | RegExp) => ({ name: 'ValueError', message });

test('a method is taken as users write it', () => {
  for (const method of ['torrents/info', '/torrents/info', '/api/v2/torrents/info', 'api/v2//torrents/info/'])
    assert.equal(encodeMethod(method), 'torrents/info');
  assert.equal(encodeMethod('version'), 'version');
});

test('a method never leads elsewhere', () => {
  for (const method of ['', '/', '..', '../logout', 'a/../../b', 'a//b', './a', 'a/.', '/api/v2/../x', '//'])
    assert.throws(() => encodeMethod(method), invalid(/^Invalid method: /), method);
  assert.throws(() => encodeMethod('a\ud800'), invalid('method has a lone surrogate'));
  assert.throws(() => encodeMethod(undefined as never), invalid('method is undefined'));
  assert.equal(encodeMethod('torrents/info?filter=all#x'), 'torrents/info%3Ffilter%3Dall%23x');
  assert.equal(encodeMethod('a b\r\n/%2e%2e/\\'), 'a%20b%0D%0A/%252e%252e/%5C');
});

test('whatever the method, the path it makes stays below its base', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), method => {
      let encoded: string;
      try {
        encoded = encodeMethod(method);
      } catch {
        return;
      }
      const url = new URL(`http://host/base/api/v2/${encoded}`);
      assert.ok(url.pathname.startsWith('/base/api/v2/'), method);
      assert.equal(url.search + url.hash, '');
    }),
    { numRuns: 2000 },
  );
});

test('values become the text that the Web API expects', () => {
  const fields = toFields('torrents/add', {
    text: 'ä=&',
    yes: true,
    no: false,
    number: 1.5,
    zero: -0,
    big: 2n ** 64n,
    hashes: ['a', 'b', 3, true],
    urls: ['magnet:1', 'http://2'],
    categories: ['x', 'y/z'],
    tags: ['p', 'q'],
    filePriorities: [0, 7],
    json: { a: [1, null], 'b c': 2n ** 60n },
    cookies: [{ name: 'a' }, { name: 'b' }],
    none: [],
  });
  assert.deepEqual(Object.fromEntries(fields), {
    text: 'ä=&',
    yes: 'true',
    no: 'false',
    number: '1.5',
    zero: '0',
    big: '18446744073709551616',
    hashes: 'a|b|3|true',
    urls: 'magnet:1\nhttp://2',
    categories: 'x\ny/z',
    tags: 'p,q',
    filePriorities: '0,7',
    json: '{"a":[1,null],"b c":1152921504606846976}',
    cookies: '[{"name":"a"},{"name":"b"}]',
    none: '',
  });
  assert.deepEqual(toFields('torrents/info', undefined), []);
});

test('urls are joined as the method splits them', () => {
  const joined = (method: string) => toFields(method, { urls: ['a', 'b'] })[0]?.[1];
  for (const method of ['torrents/add', 'torrents/addTrackers', 'anything/else'])
    assert.equal(joined(method), 'a\nb', method);
  for (const method of ['removeTrackers', 'addWebSeeds', 'removeWebSeeds', 'reannounce'])
    assert.equal(joined(`torrents/${method}`), 'a|b', method);
});

test('what cannot be sent is named with its place', () => {
  const cycle: Record<string, unknown> = {};
  cycle.self = { again: cycle };
  const cases: [options: unknown, message: string][] = [
    [{ hashes: ['a', undefined] }, 'options.hashes[1] is undefined'],
    // biome-ignore lint/suspicious/noSparseArray: a hole is undefined, too
    [{ hashes: [, 'a'] }, 'options.hashes[0] is undefined'],
    [{ hash: undefined }, 'options.hash is undefined'],
    [{ hash: null }, 'options.hash is null'],
    [{ hashes: [null] }, 'options.hashes[0] is null'],
    [{ hashes: [['a']] }, 'options.hashes[0] is an array'],
    [{ hashes: ['a', {}] }, 'options.hashes[1] is an object'],
    [{ 'a b': () => {} }, 'options["a b"] is a function'],
    [{ a: Symbol('x') }, 'options.a is a symbol'],
    [{ a: Number.NaN }, 'options.a is NaN'],
    [{ a: [Number.POSITIVE_INFINITY] }, 'options.a[0] is Infinity'],
    [{ a: new Date(0) }, 'options.a is a Date'],
    [{ a: new Uint8Array() }, 'options.a is a Uint8Array'],
    [{ a: new Map() }, 'options.a is a Map'],
    [{ a: '\ud800' }, 'options.a has a lone surrogate'],
    [{ a: ['b', '\udc00'] }, 'options.a[1] has a lone surrogate'],
    [{ '\ud800': 1 }, 'options["\\ud800"] has a lone surrogate'],
    [{ json: { a: [undefined] } }, 'options.json.a[0] is undefined'],
    [{ json: { 'a b': { c: () => {} } } }, 'options.json["a b"].c is a function'],
    [{ json: cycle }, 'options.json.self.again is a cycle'],
    [null, 'options is null'],
    [['a'], 'options is an array'],
    ['a=b', 'options is a string'],
    [new URLSearchParams(), 'options is a URLSearchParams'],
  ];
  for (const [options, message] of cases)
    assert.throws(() => toFields('torrents/info', options), invalid(message), message);
});

test('a form is read back as it was written', () => {
  const text = fc.string({ unit: 'grapheme' });
  fc.assert(
    fc.property(fc.array(fc.tuple(text, text)), fields => {
      const read = [...new URLSearchParams(encodeForm(fields))];
      assert.deepEqual(
        read,
        fields.map(field => [...field]),
      );
    }),
  );
  // qBittorrent takes a plus sign for a space.
  assert.equal(encodeForm([['a', '1+1 =ü']]), 'a=1%2B1%20%3D%C3%BC');
});

test('a form with files, byte by byte', () => {
  const body = encodeMultipart(
    [['tags', 'ü,b']],
    [
      {
        field: 'torrents',
        filename: 'a.torrent',
        contentType: 'text/x',
        content: Buffer.from([0, 255, 13, 10]),
      },
      { field: 'torrents', filename: 'a.torrent', contentType: 'text/x', content: Buffer.from('2') },
      { field: 'torrents', filename: 'a-2.torrent', contentType: 'text/x', content: Buffer.from('3') },
      { field: 'to"r', filename: 'x";\r\ny', contentType: 'text/x', content: Buffer.from('4') },
      { field: '', filename: 'x";\r\ny', contentType: 'text/x', content: Buffer.from('5') },
    ],
    'BOUND',
  );
  const part = (name: string, content: string) =>
    `--BOUND\r\nContent-Disposition: form-data; ${name}\r\nContent-Type: text/x\r\n\r\n${content}\r\n`;
  assert.equal(
    Buffer.from(body).toString('latin1'),
    [
      '--BOUND\r\nContent-Disposition: form-data; name="tags"\r\n\r\n\xc3\xbc,b\r\n',
      part('name="torrents"; filename="a.torrent"', '\0\xff\r\n'),
      part('name="torrents"; filename="a-2.torrent"', '2'),
      part('name="torrents"; filename="a-2-2.torrent"', '3'),
      part('name="to%22r"; filename="x%22%3B%0D%0Ay"', '4'),
      part('name=""; filename="x%22%3B%0D%0Ay-2"', '5'),
      '--BOUND--\r\n',
    ].join(''),
  );
});

test('a form with files is read back by others as it was written', async () => {
  const name = fc.stringMatching(/^[a-z. ]{1,8}$/);
  const file = fc.record({
    field: name,
    filename: name,
    contentType: fc.constant('a/b'),
    content: fc.uint8Array(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(file, { minLength: 1 }), async files => {
      const body = encodeMultipart([], files, 'B0-x');
      const headers = { 'content-type': 'multipart/form-data; boundary=B0-x' };
      const form = await new Response(new Uint8Array(body), { headers }).formData();
      const read = [...form].map(([field, value]) => [field, value as File] as const);
      assert.deepEqual(
        await Promise.all(read.map(async ([field, value]) => [field, await value.bytes()])),
        files.map(({ field, content }) => [field, content]),
      );
      assert.equal(new Set(read.map(([, value]) => value.name)).size, files.length);
    }),
    { numRuns: 200 },
  );
});

test('answers are what they say or look like', () => {
  const decode = (type: string, body: string | Uint8Array) => decodeAnswer(type, Buffer.from(body));
  const json = 'application/json';
  const text = 'text/plain; charset=UTF-8';
  assert.deepEqual(decode(json, '{"a":[1,9007199254740993]}'), { a: [1, 9007199254740993n] });
  assert.equal(decode('Application/JSON; charset=utf-8', '1024'), 1024);
  assert.deepEqual(decode(text, ' \r\n[1]'), [1]);
  assert.deepEqual(decode('', '{"a":1}'), { a: 1 });
  for (const words of [
    'v4.5.2',
    '2.8.19',
    '1024',
    'Ok.',
    'Fails.',
    'true',
    'null',
    '"a"',
    ' \n',
    '[a]/b',
    '{',
  ])
    assert.equal(decode(text, words), words);
  for (const type of [json, text, '', 'application/x-bittorrent']) assert.equal(decode(type, ''), '');
  assert.equal(decode(text, Buffer.from([0x61, 0xff, 0xc3, 0xbc])), 'a\ufffdü');
  assert.throws(() => decode(json, '{"a":'), SyntaxError);
});

test('files are bytes, whatever 4.5.2 calls a torrent', () => {
  const { metainfo } = makeTorrent({ name: 'a' });
  const bytes = new Uint8Array(metainfo);
  for (const type of [
    'text/plain; charset=UTF-8',
    'application/x-bittorrent',
    'application/octet-stream',
    '',
  ])
    assert.deepEqual(decodeAnswer(type, metainfo), bytes);
  assert.deepEqual(decodeAnswer('image/png', Buffer.from('{}')), new Uint8Array([123, 125]));
  for (const words of ['d', 'd8:nothing', 'd4:info', 'de', 'd1:ai1ee', 'x4:infode'])
    assert.equal(decodeAnswer('text/plain', Buffer.from(words)), words);
});

test('any bytes are an answer', () => {
  const type = fc.constantFrom('', 'text/plain', 'application/octet-stream');
  fc.assert(
    fc.property(type, fc.uint8Array(), (contentType, body) => {
      decodeAnswer(contentType, body);
    }),
    { numRuns: 1000 },
  );
});

test('web pages are told from answers', () => {
  for (const page of ['<!DOCTYPE html>', '\n <html>', '<?xml version="1.0"?>', '<h1>404: Not Found</h1>'])
    assert.equal(isWebPage(page), true, page);
  for (const words of ['', 'Ok.', '{"a":"<html>"}', '< 5', '<', 'v5 <html>'])
    assert.equal(isWebPage(words), false, words);
});

test('cookies are given back as they came, under any name', () => {
  const jar = new CookieJar();
  assert.equal(jar.header, undefined);
  // As observed on 4.5.2 and 5.3.0.
  jar.take(['SID=9b+dr/x=; HttpOnly; path=/; SameSite=Strict']);
  assert.equal(jar.header, 'SID=9b+dr/x=');
  jar.take([
    'QBT_SID_51220="q u"; HttpOnly; SameSite=Lax; expires=Sun, 22-Nov-2020 22:01:02 GMT; path=/',
    'x',
    '=y',
  ]);
  assert.equal(jar.header, 'SID=9b+dr/x=; QBT_SID_51220="q u"', 'a wrong clock ends no session');
  jar.take(['SID=; expires=Tue, 24-Nov-2026 21:19:55 GMT; path=/']);
  assert.equal(jar.header, 'QBT_SID_51220="q u"');
  jar.take(['QBT_SID_51220=new', 'a=1', 'b=2']);
  jar.take(['a=deleted; Expires=Thu, 01 Jan 1970 00:00:00 GMT', 'b=deleted; Max-Age=0']);
  assert.equal(jar.header, 'QBT_SID_51220=new');
});

test('the values of former cookies stay secrets, not without end', () => {
  const jar = new CookieJar();
  jar.take(['SID=first']);
  for (let turn = 0; turn < 1000; turn++) jar.take([`turning=${turn}`]);
  assert.ok(jar.secrets.includes('first'));
  assert.ok(jar.secrets.includes('998'));
  assert.ok(jar.secrets.length < 100);
});
