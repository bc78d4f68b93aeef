/** Transmission's two envelopes, against what the daemons were observed to say. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { decodeResponse, encodeRequest } from '../../src/rpc/codec/transmission.ts';
import { RPCError, ValueError } from '../../src/rpc/errors.ts';

const refuses = (run: () => unknown, message: string) => assert.throws(run, new ValueError(message));

describe('a request', () => {
  for (const [name, args, tag, body] of [
    ['session-get', undefined, undefined, '{"method":"session-get"}'],
    ['session-get', {}, 7, '{"method":"session-get","arguments":{},"tag":7}'],
    [
      'torrent-set',
      { 'peer-limit': 5, ids: [1] },
      undefined,
      '{"method":"torrent-set","arguments":{"peer-limit":5,"ids":[1]}}',
    ],
    ['foo', undefined, undefined, '{"method":"foo"}'],
    ['foo_bar-baz', undefined, undefined, '{"method":"foo_bar-baz"}'],
    ['session_get', undefined, undefined, '{"jsonrpc":"2.0","method":"session_get","id":0}'],
    [
      'torrent_get',
      { ids: 'recently_active', fields: ['id'] },
      7,
      '{"jsonrpc":"2.0","method":"torrent_get","params":{"ids":"recently_active","fields":["id"]},"id":7}',
    ],
    ['a"b\n', { ä: '😀' }, undefined, '{"method":"a\\"b\\n","arguments":{"ä":"😀"}}'],
  ] as const)
    it(body, () => assert.equal(encodeRequest(name, args, tag), body));

  it('is JSON that says the same, for anything that JSON holds', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }),
        fc.dictionary(fc.string(), fc.jsonValue()),
        (name, args) => {
          fc.pre(!/\d{19}/.test(JSON.stringify(args))); // integers beyond 64 bits are refused
          const { method, ...others } = JSON.parse(encodeRequest(name, args));
          const expected = JSON.parse(JSON.stringify(args));
          assert.equal(method, name);
          assert.deepEqual({ ...(others.arguments ?? others.params) }, { ...expected });
        },
      ),
    );
  });
});

describe('a tag', () => {
  it('is an integer of 64 bits, also as text', () => {
    for (const [tag, digits] of [
      [0, '0'],
      [-0, '0'],
      [-5, '-5'],
      ['12', '12'],
      [' +12\n', '12'],
      ['0012', '12'],
      [9007199254740993n, '9007199254740993'],
      ['9007199254740993', '9007199254740993'],
      [2n ** 63n - 1n, '9223372036854775807'],
      [-(2n ** 63n), '-9223372036854775808'],
    ] as const) {
      assert.equal(encodeRequest('a', undefined, tag), `{"method":"a","tag":${digits}}`);
      assert.equal(encodeRequest('a_b', undefined, tag), `{"jsonrpc":"2.0","method":"a_b","id":${digits}}`);
    }
  });

  it('is nothing else', () => {
    for (const tag of ['abc', '', ' ', '1.5', '1e3', '0x1', 1.5, Number.NaN, Number.POSITIVE_INFINITY])
      refuses(() => encodeRequest('a', undefined, tag), `Tag must be a number: ${tag}`);
    for (const tag of [null, true, {}, [5], Symbol('x')])
      refuses(() => encodeRequest('a', undefined, tag), `Tag must be a number: ${String(tag)}`);
    for (const tag of [2n ** 63n, '-9223372036854775809', 1e300])
      refuses(() => encodeRequest('a', undefined, tag), `Tag is outside of 64 bits: ${BigInt(tag)}`);
  });
});

describe('arguments', () => {
  it('are an object or none: torrent-remove without ids would remove all', () => {
    for (const [args, words] of [
      [null, 'null'],
      [[1], 'an array'],
      ['x', 'a string'],
      [5, '5'],
      [new Map(), 'a Map'],
      [() => {}, 'a function'],
    ] as const)
      refuses(() => encodeRequest('torrent-remove', args), `args is ${words}`);
  });

  it('hold only what JSON holds, and the place is named', () => {
    const cycle: Record<string, unknown> = {};
    cycle.self = { cycle };
    for (const [args, words] of [
      [{ ids: undefined }, 'args.ids is undefined'],
      [{ ids: [1, 2, () => {}] }, 'args.ids[2] is a function'],
      [{ ids: [1, undefined] }, 'args.ids[1] is undefined'],
      [{ 'peer-limit': Number.NaN }, 'args.peer-limit is NaN'],
      [{ a: { 'b c': Number.NEGATIVE_INFINITY } }, 'args.a["b c"] is -Infinity'],
      [{ a: new Date(0) }, 'args.a is a Date'],
      [{ a: Symbol('x') }, 'args.a is a symbol'],
      [{ a: '\ud83d' }, 'args.a has a lone surrogate'],
      [cycle, 'args.self.cycle is a cycle'],
    ] as const)
      refuses(() => encodeRequest('a', args), `Failed to serialize to JSON: ${words}`);
  });

  it('hold integers of 64 bits', () => {
    const fine = { a: 2n ** 63n - 1n, b: -(2n ** 63n), c: 2 ** 53, d: [1e300, -1.5], e: 2 ** 62 };
    assert.equal(
      encodeRequest('x', fine),
      '{"method":"x","arguments":{"a":9223372036854775807,"b":-9223372036854775808,"c":9007199254740992,"d":[1e+300,-1.5],"e":4611686018427388000}}',
    );
    refuses(
      () => encodeRequest('x', { a: [{ b: 2n ** 63n }] }),
      `args.a[0].b is outside of 64 bits: ${2n ** 63n}`,
    );
    for (const number of [2 ** 63, -1e19, 1e20])
      refuses(() => encodeRequest('x', { a: number }), `args.a is outside of 64 bits: ${number}`);
  });

  it('of torrent-remove name each torrent once', () => {
    const hash = 'ab'.repeat(20);
    for (const method of ['torrent-remove', 'torrent_remove']) {
      for (const [ids, words] of [
        [[2, 2], 'args.ids[1] repeats args.ids[0]'],
        [[1, 2, 3, 2n], 'args.ids[3] repeats args.ids[1]'],
        [[hash, 1, hash.toUpperCase()], 'args.ids[2] repeats args.ids[0]'],
      ] as const)
        refuses(() => encodeRequest(method, { ids }), `${words}, which crashes Transmission`);
      for (const ids of [[1, 2, hash], [], 'recently-active', 5, null]) encodeRequest(method, { ids });
    }
    encodeRequest('torrent-get', { ids: [2, 2] });
  });

  it('come with a method that is text', () => {
    for (const [method, words] of [
      [undefined, 'method is undefined'],
      [5, 'method is 5'],
      ['\udc00', 'method has a lone surrogate'],
    ] as const)
      refuses(() => encodeRequest(method as string), words);
  });
});

describe('an answer', () => {
  it('is the whole object, in both dialects', () => {
    for (const [text, answer] of [
      [
        '{"arguments":{"a-b":1},"result":"success","tag":7}\n',
        { arguments: { 'a-b': 1 }, result: 'success', tag: 7 },
      ],
      ['{"id":1,"jsonrpc":"2.0","result":{"a_b":0}}', { id: 1, jsonrpc: '2.0', result: { a_b: 0 } }],
      ['{"result":"success"}', { result: 'success' }],
    ] as const) {
      assert.deepEqual(decodeResponse(text), answer);
      assert.deepEqual(decodeResponse(Buffer.from(text)), answer);
    }
  });

  it('keeps integers beyond 2^53, and reads the bare inf of 3.00', () => {
    assert.deepEqual(
      decodeResponse(
        '{"arguments":{"a":9007199254740993,"seedRatioLimit":inf},"result":"success","tag":-9007199254740993}',
      ),
      {
        arguments: { a: 9007199254740993n, seedRatioLimit: Number.POSITIVE_INFINITY },
        result: 'success',
        tag: -9007199254740993n,
      },
    );
  });

  it('never fails for bytes that are no UTF-8', () => {
    const bytes = Buffer.from('{"arguments":{"name":"a\xe8"},"result":"success"}', 'latin1');
    assert.deepEqual(decodeResponse(bytes), { arguments: { name: 'a\ufffd' }, result: 'success' });
  });

  const errors: [text: string, message: string, info: unknown][] = [
    // 3.00
    [
      '{"arguments":{},"result":"method name not recognized"}\n',
      'Method name not recognized',
      { arguments: {} },
    ],
    ['{"arguments":{},"result":"no method name","tag":3}', 'No method name', { arguments: {}, tag: 3 }],
    [
      '{"arguments":{"path":"/x","size-bytes":-1},"result":"No such file or directory"}',
      'No such file or directory',
      { arguments: { path: '/x', 'size-bytes': -1 } },
    ],
    // 4.1.0-beta.2
    ['{"arguments":0,"result":"no method name"}', 'No method name', { arguments: 0 }],
    // 4.1.4
    [
      '{"error":{"code":-32601,"message":"Method not found"},"id":1,"jsonrpc":"2.0"}',
      'Method not found',
      { code: -32601, id: 1, jsonrpc: '2.0' },
    ],
    [
      '{"error":{"code":-32602,"data":{"error_string":"no fields specified"},"message":"Invalid params"},"id":5,"jsonrpc":"2.0"}',
      'Invalid params: no fields specified',
      { code: -32602, data: { error_string: 'no fields specified' }, id: 5, jsonrpc: '2.0' },
    ],
    [
      '{"error":{"code":5,"data":{"error_string":"No such file or directory","result":{"path":"/x"}},"message":"system error"},"id":5,"jsonrpc":"2.0"}',
      'System error: No such file or directory',
      {
        code: 5,
        data: { error_string: 'No such file or directory', result: { path: '/x' } },
        id: 5,
        jsonrpc: '2.0',
      },
    ],
    [
      '{"error":{"code":-32700,"data":{"error_string":"Couldn\'t parse JSON at position 1 \'x\': Invalid value. (3)"},"message":"Parse error"},"id":null,"jsonrpc":"2.0"}',
      "Parse error: Couldn't parse JSON at position 1 'x': Invalid value. (3)",
      {
        code: -32700,
        data: { error_string: "Couldn't parse JSON at position 1 'x': Invalid value. (3)" },
        id: null,
        jsonrpc: '2.0',
      },
    ],
    [
      '{"error":{"code":4,"message":"unrecognized info"},"id":0,"jsonrpc":"2.0"}',
      'Unrecognized info',
      { code: 4, id: 0, jsonrpc: '2.0' },
    ],
  ];
  for (const [text, message, info] of errors)
    it(message, () => {
      assert.throws(
        () => decodeResponse(text),
        (error: unknown) => {
          assert.ok(error instanceof RPCError);
          assert.deepEqual([error.message, error.info], [message, info]);
          return true;
        },
      );
    });

  it('is none where it is something else', () => {
    for (const text of [
      '',
      '<html>',
      '{"arguments":{}',
      '5',
      'null',
      '"success"',
      '[]',
      '[{"result":"success"}]',
      '{}',
      '{"result":5}',
      '{"result":{}}',
      '{"jsonrpc":"2.0","id":1}',
      '{"jsonrpc":"2.0","error":"no","id":1}',
      '{"jsonrpc":"2.0","error":{"code":1},"id":1}',
    ])
      assert.equal(decodeResponse(text), undefined, text);
  });

  it('is read or refused, whatever it is', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), text => {
        try {
          decodeResponse(text);
        } catch (error) {
          assert.ok(error instanceof RPCError);
        }
      }),
    );
  });
});
