import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeCall, encodeFault, encodeResponse } from '../../src/rpc/codec/xmlrpc.ts';
import { decodeCall, decodeResponse } from '../../src/rpc/codec/xmlrpcDecode.ts';
import { randomFrom } from './support/random.ts';

const COUNT = 120_000;

const samples = [
  encodeResponse([
    ['a & b', 'ü€😀', 65536, 2n ** 60n],
    { faultCode: -1, faultString: 'no' },
    [[]],
    1.5,
    true,
  ]),
  encodeResponse({ __proto__: null, bytes: new Uint8Array(40), empty: '' }),
  encodeFault({ faultCode: -506, faultString: "Method 'no.such' not defined" }),
  encodeCall('d.multicall2', ['', 'main', 'd.name=', -5]),
  '<?xml version="1.0" encoding="UTF-8"?>\r\n<methodResponse>\r\n<params>\r\n<param><value><array><data>\r\n' +
    '<value><string>ctrl\x01\x07\x1b &lt;b&gt;&#x0d;</string></value>\r\n<value><i8>-92233</i8></value>\r\n' +
    '</data></array></value></param>\r\n</params>\r\n</methodResponse>\r\n',
  '<methodResponse a="b"><!-- c --><params> <param><value>un<![CDATA[<typed>]]>&#65;&amp;</value> </param></params></methodResponse>',
].map(text => Buffer.from(text));

const pieces = [
  ...[
    '<value>',
    '</value>',
    '<value/>',
    '<value><array><data>',
    '<array>',
    '<nil/>',
    '<struct>',
    '<i4>1</i4>',
  ],
  ...[
    '<dateTime.iso8601>1998</dateTime.iso8601>',
    '<![CDATA[',
    ']]>',
    '<!--',
    '-->',
    '<?pi?>',
    '<!DOCTYPE a>',
  ],
  ...[
    '&',
    '&#x110000;',
    '&#0;',
    '&lt;',
    '&unknown;',
    '<',
    '>',
    '/',
    '\0',
    '\x07',
    ' ',
    '\ufeff',
    '-',
    '9'.repeat(19),
  ],
].map(text => Buffer.from(text));

test(`${COUNT} broken texts end in a value or in a SyntaxError`, () => {
  const random = randomFrom(20_261_125);
  const ends = { answers: 0, calls: 0, errors: 0 };
  for (let run = 0; run < COUNT; run++) {
    const sample = random.pick(samples);
    const at = random.below(sample.length);
    const text = (
      run % 2 === 0
        ? random.mutated(sample)
        : Buffer.concat([sample.subarray(0, at), random.pick(pieces), sample.subarray(at)])
    ).toString();
    const decode = text.includes('methodCall') ? decodeCall : decodeResponse;
    try {
      decode(text);
      ends[decode === decodeCall ? 'calls' : 'answers'] += 1;
    } catch (error) {
      if (!(error instanceof SyntaxError)) assert.fail(`${error} for ${JSON.stringify(text)}`);
      ends.errors += 1;
    }
  }
  // Some are harmless: where none were, the decoder would not have been tried.
  for (const count of Object.values(ends)) assert.ok(count > COUNT / 100, JSON.stringify(ends));
});
