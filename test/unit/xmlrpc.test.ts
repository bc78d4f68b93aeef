import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { encodeCall, encodeFault, encodeMulticall, encodeResponse } from '../../src/rpc/codec/xmlrpc.ts';
import { decodeCall, decodeResponse, readResults } from '../../src/rpc/codec/xmlrpcDecode.ts';
import { ValueError } from '../../src/rpc/errors.ts';
import { collectGarbage } from './support/garbage.ts';

/** The parameters of a call, as they go over the wire. */
const paramsIn = (xml: string) => /<params>(.*)<\/params>/s.exec(xml)?.[1];
const sent = (value: unknown) =>
  /^<param><value>(.*)<\/value><\/param>$/s.exec(paramsIn(encodeCall('x', [value])) ?? '')?.[1];

describe('what is sent', () => {
  test('a call, to the letter', () => {
    assert.equal(
      encodeCall('d.custom1.set', ['ABC', 'a & b']),
      '<?xml version="1.0" encoding="UTF-8"?>\r\n<methodCall><methodName>d.custom1.set</methodName><params>' +
        '<param><value><string>ABC</string></value></param>' +
        '<param><value><string>a &amp; b</string></value></param></params></methodCall>\r\n\r\n',
    );
    assert.equal(
      encodeCall('system.pid', []),
      '<?xml version="1.0" encoding="UTF-8"?>\r\n<methodCall><methodName>system.pid</methodName><params></params></methodCall>\r\n\r\n',
    );
    assert.match(encodeCall('a<b', []), /<methodName>a&lt;b<\/methodName>/);
  });

  test('each type', () => {
    const cases: [unknown, string][] = [
      ['', '<string></string>'],
      [' <ü>\t\r\n"\'😀', '<string> &lt;ü&gt;\t&#13;\n"\'😀</string>'],
      [0, '<i4>0</i4>'],
      [-0, '<i4>0</i4>'],
      [2 ** 31 - 1, '<i4>2147483647</i4>'],
      [-(2 ** 31), '<i4>-2147483648</i4>'],
      [2 ** 31, '<i8>2147483648</i8>'],
      [-(2 ** 31) - 1, '<i8>-2147483649</i8>'],
      [2 ** 62, '<i8>4611686018427387904</i8>'],
      [-(2 ** 63), '<i8>-9223372036854775808</i8>'],
      [5n, '<i8>5</i8>'],
      [2n ** 63n - 1n, '<i8>9223372036854775807</i8>'],
      [1.5, '<double>1.5</double>'],
      [-0.25, '<double>-0.25</double>'],
      [1.25e-9, '<double>0.00000000125</double>'],
      [-5e-324, `<double>-0.${'0'.repeat(323)}5</double>`],
      [true, '<boolean>1</boolean>'],
      [false, '<boolean>0</boolean>'],
      [new Uint8Array(100).fill(255), `<base64>${'/'.repeat(133)}w==</base64>`],
      [Buffer.from('xabcx').subarray(1, 4), '<base64>YWJj</base64>'],
      [[], '<array><data></data></array>'],
      [
        ['a', [1]],
        '<array><data><value><string>a</string></value>' +
          '<value><array><data><value><i4>1</i4></value></data></array></value></data></array>',
      ],
      [{}, '<struct></struct>'],
      [
        Object.assign(Object.create(null), { 'a&': 1 }),
        '<struct><member><name>a&amp;</name><value><i4>1</i4></value></member></struct>',
      ],
    ];
    for (const [value, xml] of cases) assert.equal(sent(value), xml);
  });

  test('methodName comes first in a struct', () => {
    const first =
      /^<struct><member><name>methodName<\/name><value><string>a<\/string><\/value><\/member><member>/;
    for (const call of [
      { methodName: 'a', params: [] },
      { params: [], methodName: 'a' },
      { 1: 2, methodName: 'a' },
    ])
      assert.match(sent(call) ?? '', first);
    assert.equal(
      paramsIn(encodeMulticall([['d.name', 'H'], ['system.pid']])),
      '<param><value><array><data>' +
        '<value><struct><member><name>methodName</name><value><string>d.name</string></value></member>' +
        '<member><name>params</name><value><array><data><value><string>H</string></value></data></array></value></member>' +
        '</struct></value>' +
        '<value><struct><member><name>methodName</name><value><string>system.pid</string></value></member>' +
        '<member><name>params</name><value><array><data></data></array></value></member></struct></value>' +
        '</data></array></value></param>',
    );
  });

  test('what cannot be sent is named with its place', () => {
    const cycle: unknown[] = [];
    cycle.push(cycle);
    const deep = (depth: number) => {
      let value: unknown = 1;
      for (let level = 0; level < depth; level++) value = [value];
      return value;
    };
    const cases: [unknown, string][] = [
      [undefined, 'params[0] is undefined'],
      [null, 'params[0] is null'],
      [Number.NaN, 'params[0] is NaN'],
      [-Infinity, 'params[0] is -Infinity'],
      [2 ** 63, 'params[0] is 9223372036854775808, beyond 64 bits'],
      [2n ** 63n, 'params[0] is 9223372036854775808, beyond 64 bits'],
      [-(2n ** 63n) - 1n, 'params[0] is -9223372036854775809, beyond 64 bits'],
      [1e300, `params[0] is ${BigInt(1e300)}, beyond 64 bits`],
      [() => {}, 'params[0] is a function'],
      [Symbol('s'), 'params[0] is a symbol'],
      [new Date(), 'params[0] is a Date'],
      [new Map(), 'params[0] is a Map'],
      [new Float64Array(1), 'params[0] is a Float64Array'],
      ['\ud800', 'params[0] has a lone surrogate'],
      ['a\u0001', 'params[0] has a character that XML cannot carry: U+0001'],
      ['\uffff', 'params[0] has a character that XML cannot carry: U+FFFF'],
      [[1, undefined], 'params[0][1] is undefined'],
      // biome-ignore lint/suspicious/noSparseArray: an array may have holes
      [[, 1], 'params[0][0] is undefined'],
      [{ a: { 'b c': [null] } }, 'params[0].a["b c"][0] is null'],
      [{ '\udc00': 1 }, 'params[0]["\\udc00"] has a lone surrogate'],
      [{ ids: undefined }, 'params[0].ids is undefined'],
      [cycle, 'params[0][0] is a cycle'],
      [deep(200), `params[0]${'[0]'.repeat(128)} is nested too deeply`],
    ];
    for (const [value, message] of cases)
      assert.throws(() => encodeCall('x', [value]), { name: 'ValueError', message }, message);
    assert.throws(() => encodeCall('x', ['', deep(1e5)]), ValueError);
    assert.throws(() => encodeCall(undefined as never, []), { message: 'method is undefined' });
    assert.throws(() => encodeCall('a\0', []), {
      message: /^method has a character that XML cannot carry: U\+0000$/,
    });
    // The same value twice is no cycle.
    const shared = [1];
    assert.ok(encodeCall('x', [[shared, shared], shared]));
  });

  test('what cannot be sent in a multicall is named with its place', () => {
    const cases: [unknown, string][] = [
      [undefined, 'calls is undefined'],
      ['d.name', 'calls is a string'],
      [[['a'], 'b'], 'calls[1] is a string'],
      [[[]], 'calls[0][0] is undefined'],
      [[[5]], 'calls[0][0] is 5'],
      [[['a', Number.NaN]], 'calls[0][1] is NaN'],
      [[['a'], ['b', [{ c: null }]]], 'calls[1][1][0].c is null'],
    ];
    for (const [calls, message] of cases)
      assert.throws(() => encodeMulticall(calls as never), { name: 'ValueError', message });
  });
});

const answer = (value: string) =>
  `<?xml version="1.0"?><methodResponse><params><param>${value}</param></params></methodResponse>`;
const received = (value: string) => {
  const decoded = decodeResponse(answer(`<value>${value}</value>`));
  return 'value' in decoded ? decoded.value : assert.fail('a fault');
};

describe('what arrives', () => {
  // Recorded from rTorrent 0.9.8, as all with line breaks here.
  test('an answer of rTorrent, control characters and all', () => {
    const xml =
      '<?xml version="1.0" encoding="UTF-8"?>\r\n<methodResponse>\r\n<params>\r\n<param><value><array><data>\r\n' +
      '<value><array><data>\r\n<value><string>ctrl\x01\x07\x1b &amp; &lt;b&gt;&#x0d;\n]]&gt; é€</string></value>\r\n' +
      '<value><i8>-9223372036854775808</i8></value>\r\n<value><i8>9007199254740993</i8></value>\r\n' +
      '<value><i8>65536</i8></value>\r\n<value><i4>0</i4></value>\r\n<value><string></string></value>\r\n' +
      '</data></array></value>\r\n<value><array><data>\r\n</data></array></value>\r\n' +
      '</data></array></value></param>\r\n</params>\r\n</methodResponse>\r\n';
    assert.deepEqual(decodeResponse(xml), {
      value: [['ctrl\x01\x07\x1b & <b>\r\n]]> é€', -(2n ** 63n), 9007199254740993n, 65536, 0, ''], []],
    });
  });

  test('a fault of rTorrent', () => {
    const xml =
      '<?xml version="1.0" encoding="UTF-8"?>\r\n<methodResponse>\r\n<fault>\r\n<value><struct>\r\n' +
      '<member><name>faultCode</name>\r\n<value><i4>-506</i4></value></member>\r\n' +
      "<member><name>faultString</name>\r\n<value><string>Method 'no.such' not defined</string></value></member>\r\n" +
      '</struct></value>\r\n</fault>\r\n</methodResponse>\r\n';
    const fault = { faultCode: -506, faultString: "Method 'no.such' not defined" };
    assert.deepEqual(decodeResponse(xml), { fault });
    assert.deepEqual(decodeResponse(encodeFault(fault)), { fault });
  });

  test('each type, and other ways to write it', () => {
    const cases: [string, unknown][] = [
      ['', ''],
      ['  untyped ', '  untyped '],
      ['\n <int>\t+5 </int> ', 5],
      ['<i4>-0</i4>', 0],
      ['<i8>9007199254740991</i8>', 2 ** 53 - 1],
      ['<i8>9007199254740992</i8>', 2n ** 53n],
      ['<i8>-9007199254740993</i8>', -(2n ** 53n) - 1n],
      ['<i8>000000000000000042</i8>', 42],
      ['<boolean>1</boolean>', true],
      ['<boolean> 0 </boolean>', false],
      ['<double>-1.5e3</double>', -1500],
      ['<double>.5</double>', 0.5],
      ['<base64>YW\r\nJj</base64>', Uint8Array.of(97, 98, 99)],
      ['<base64/>', new Uint8Array()],
      ['<nil/>', null],
      ['<nil></nil>', null],
      ['<string/>', ''],
      ['<string />', ''],
      ['<string xml:lang="en">a</string >', 'a'],
      ['<dateTime.iso8601>19980717T14:08:55</dateTime.iso8601>', '19980717T14:08:55'],
      ['<i99>from the future</i99>', 'from the future'],
      ['<string>a<![CDATA[<b>&amp;]]]]><![CDATA[>]]>c</string>', 'a<b>&amp;]]>c'],
      ['<string>a<!-- <c> -->b<?pi ?></string>', 'ab'],
      ['<!-- c --><i4>5</i4><!-- c -->', 5],
      ['<string>&lt;&gt;&amp;&quot;&apos;&#65;&#x1F600;&#x0d;</string>', '<>&"\'A😀\r'],
      ['<string>a & b &unknown; &#xD800; &#x110000; &#x;</string>', 'a & b &unknown; \ufffd \ufffd &#x;'],
      ['<array><data/></array>', []],
      ['<array>\n<data>\n<value>a</value>\n<!-- --><value/>\n</data>\n</array>', ['a', '']],
      ['<array><data><value><string>a</string></value> <!-- --> </data></array>', ['a']],
      ['<struct> <!-- &#32; --> <member><name>a</name><value/></member></struct>', { a: '' }],
      ['<struct/>', {}],
      ['<struct> <member> <name>a</name> <value> <i4>1</i4> </value> </member> </struct>', { a: 1 }],
      ['<struct><member><name>a&lt;</name><value>1</value></member></struct>', { 'a<': '1' }],
    ];
    for (const [xml, value] of cases) assert.deepEqual(received(xml), value, xml);
    assert.deepEqual(decodeResponse(`\ufeff ${answer('<value>a</value>')} <!-- --> `), { value: 'a' });
  });

  test('a struct may have members of any name', () => {
    const value = received(
      '<struct><member><name>__proto__</name><value>x</value></member></struct>',
    ) as object;
    assert.deepEqual(Object.entries(value), [['__proto__', 'x']]);
    assert.equal(Object.getPrototypeOf(value), Object.prototype);
  });

  test('who keeps a name does not keep the whole answer in memory', async () => {
    const filler = 'x'.repeat(1_000_000);
    const nameIn = (index: number) => {
      const name = `<value><string>the name of torrent ${index}</string></value>`;
      const xml = answer(
        `<value><array><data>${name}<value>${filler}${index}</value></data></array></value>`,
      );
      const decoded = decodeResponse(xml);
      return 'value' in decoded ? (decoded.value as string[])[0] : assert.fail();
    };
    await collectGarbage();
    const before = process.memoryUsage().heapUsed;
    const kept = Array.from({ length: 50 }, (_, index) => nameIn(index));
    await collectGarbage();
    const grown = process.memoryUsage().heapUsed - before;
    assert.ok(grown < 5_000_000, `${grown} bytes for ${kept.length} names`);
  });

  test('what is no answer is refused', () => {
    const deep = (depth: number) =>
      '<array><data><value>'.repeat(depth) + '</value></data></array>'.repeat(depth);
    assert.ok(received(deep(128)));
    const values = [
      '<i4></i4>',
      '<i4>x</i4>',
      '<i4>1.5</i4>',
      '<i8>99999999999999999999</i8>',
      '<i8>0x10</i8>',
      '<i8>1</i4>',
      '<boolean>yes</boolean>',
      '<boolean/>',
      '<double>nan</double>',
      '<double/>',
      '<base64>a*b</base64>',
      '<array></array>',
      '<array><data><i4>1</i4></data></array>',
      '<array><data></data>',
      '<struct><member><value>a</value><name>a</name></member></struct>',
      '<struct><name>a</name></struct>',
      '<string>a<b>c</b></string>',
      'a<i4>5</i4>',
      '<i4>5</i4>a',
      '<i4>5</i4><i4>5</i4>',
      '<string>a',
      '<string>a</string',
      '<',
      '<string><!-- a</string>',
      '<string><![CDATA[a]]</string>',
      '<>a</>',
      '</string>',
      deep(129),
      deep(1e5),
    ];
    for (const value of values) assert.throws(() => received(value), SyntaxError, value.slice(0, 100));
    const documents = [
      '',
      ' ',
      'garbage',
      '{"jsonrpc":"2.0"}',
      '<html><body>no</body></html>',
      '<methodResponse/>',
      '<methodResponse></methodResponse>',
      '<methodResponse><params></params></methodResponse>',
      '<methodResponse><params><param><value>a</value></param><param><value>b</value></param></params></methodResponse>',
      `${answer('<value>a</value>')}x`,
      answer('<value>a</value>').repeat(2),
      encodeCall('a', []),
      '<methodResponse><fault><value>a</value></fault></methodResponse>',
      '<methodResponse><fault><value><struct/></value></fault></methodResponse>',
      `<!DOCTYPE methodResponse>${answer('<value>a</value>')}`,
      `<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "&#38;a;&#38;a;">]>${answer('<value>&a;</value>')}`,
    ];
    for (const text of documents) assert.throws(() => decodeResponse(text), SyntaxError, text);
  });

  test('each beginning of an answer is refused', () => {
    const xml = encodeResponse([{ a: 'b & c', d: [1, 2n ** 60n, 1.5, true] }, Uint8Array.of(1)]);
    for (let length = 0; length < xml.length; length++)
      assert.throws(() => decodeResponse(xml.slice(0, length)), SyntaxError, xml.slice(0, length));
  });

  test('hostile texts take no time', () => {
    const blow = (text: string) => {
      const start = performance.now();
      assert.throws(() => decodeResponse(text), SyntaxError);
      assert.ok(performance.now() - start < 1000, text.slice(0, 80));
    };
    const many = 300_000;
    blow(answer(`<value><base64>${' '.repeat(many)}!</base64></value>`));
    blow(answer(`<value><double>${'1'.repeat(many)}x</double></value>`));
    blow(answer(`<value><i8>${'1'.repeat(many)}</i8></value>`));
    blow(answer(`<value><string>${'&'.repeat(many)}<x`));
    blow('<'.repeat(many));
    blow('<!--'.repeat(many));
    blow(`<${'a'.repeat(many)} ${'/ '.repeat(many)}`);
    blow(answer('<value><array><data>'.repeat(many)));
    blow(answer('<value><struct><member><name>a</name>'.repeat(many)));
  });

  test('a call', () => {
    for (const params of ['', '<params/>', '<params></params>', ' <params> </params> '])
      assert.deepEqual(decodeCall(`<methodCall><methodName>a.b</methodName>${params}</methodCall>`), {
        method: 'a.b',
        params: [],
      });
    for (const xml of [
      '',
      '<methodCall/>',
      answer('<value/>'),
      encodeCall('a', [1]).trim().slice(0, -1),
      `${encodeCall('a', [])}x`,
    ])
      assert.throws(() => decodeCall(xml), SyntaxError, xml);
    assert.deepEqual(decodeCall(encodeMulticall([['d.name', 'H']])), {
      method: 'system.multicall',
      params: [[{ methodName: 'd.name', params: ['H'] }]],
    });
  });

  test('the results of a multicall', () => {
    const fault = { faultCode: -501, faultString: 'no' };
    assert.deepEqual(readResults([['a'], fault, [[]]], 3), [{ value: 'a' }, { fault }, { value: [] }]);
    for (const [value, count] of [
      ['a', 1],
      [[], 1],
      [[['a']], 2],
      [['a'], 1],
      [[['a', 'b']], 1],
      [[[]], 1],
      [[{}], 1],
    ] as const)
      assert.throws(() => readResults(value as never, count), SyntaxError);
  });
});

/** A text that XML can carry. */
const text = fc
  .string({ unit: 'binary' })
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what XML cannot carry
  .map(value => value.replace(/[\x00-\x08\x0B\x0C\x0E-\x1F\uFFFE\uFFFF]/g, '&'));
const { value: anyValue } = fc.letrec<{ value: unknown }>(tie => ({
  value: fc.oneof(
    { depthSize: 'small' },
    text,
    fc.integer(),
    fc.maxSafeInteger(),
    fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n),
    fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e9, max: 1e9 }),
    fc.boolean(),
    fc.uint8Array(),
    fc.array(tie('value')),
    fc.dictionary(text, tie('value'), { noNullPrototype: true }),
  ),
}));

/** What a value reads as when it comes back. */
function normal(value: unknown): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  if (Object.is(value, -0)) return 0;
  if (value instanceof Uint8Array || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(normal);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, normal(item)]));
}

test('what is nested as deeply as may be arrives as it was', () => {
  let value: unknown = 1;
  for (let level = 0; level < 128; level++) value = level % 2 ? { a: value } : [value];
  assert.deepEqual(decodeResponse(encodeResponse(value)), { value });
});

test('what is sent arrives as it was', () => {
  fc.assert(
    fc.property(anyValue, value => {
      assert.deepEqual(decodeResponse(encodeResponse(value)), { value: normal(value) });
    }),
    { numRuns: 2000 },
  );
  fc.assert(
    fc.property(text, fc.array(anyValue), (method, params) => {
      assert.deepEqual(decodeCall(encodeCall(method, params)), { method, params: normal(params) });
    }),
    { numRuns: 500 },
  );
});
