// The codecs alone: who takes part, and what each does with the answer that a daemon gave.
import { constants, deflateSync } from 'node:zlib';
import { decodeFrame } from '../../src/rpc/codec/deluge.ts';
import { encodeRencode } from '../../src/rpc/codec/rencode.ts';
import { decodeRencode } from '../../src/rpc/codec/rencodeDecode.ts';
import { decodeResponse } from '../../src/rpc/codec/xmlrpcDecode.ts';
import { parseJson } from '../../src/rpc/json.ts';
import { load } from './contenders/contender.ts';

/** Does the work once. */
type Work = () => unknown;
/** Prepares the work on an answer. */
type Prepare = (answer: Buffer) => Work | Promise<Work>;

/** What Python measures instead: a program that has `data`, and defines `work()`. */
interface Python {
  readonly python: string;
}

export interface Codec {
  /** What it is measured on: the list of this kind of daemon. */
  readonly kind: 'transmission' | 'deluge' | 'rtorrent';
  readonly contenders: Readonly<Record<string, Prepare | Python>>;
}

const onText = (parse: (text: string) => unknown): Prepare => {
  return answer => {
    const text = answer.toString();
    return () => parse(text);
  };
};

const PYTHON = 'import rencode, zlib';

export const CODECS = {
  'XML-RPC decode': {
    kind: 'rtorrent',
    contenders: {
      core: onText(decodeResponse),
      // It makes no values, and so is no decoder: the fastest that only finds what there is.
      saxes: async answer => {
        const { SaxesParser } = await load('saxes');
        return onText(text => {
          const parser = new SaxesParser();
          for (const event of ['opentag', 'closetag', 'text']) parser.on(event, () => {});
          parser.write(text).close();
        })(answer);
      },
      'fast-xml-parser': async answer => {
        const { XMLParser } = await load('fast-xml-parser');
        return onText(text => new XMLParser().parse(text))(answer);
      },
      xml2js: async answer => {
        const { default: xml2js } = await load('xml2js');
        return onText(text => xml2js.parseStringPromise(text))(answer);
      },
      '@xmldom/xmldom': async answer => {
        const { DOMParser } = await load('@xmldom/xmldom');
        return onText(text => new DOMParser({ onError: () => {} }).parseFromString(text, 'text/xml'))(answer);
      },
    },
  },
  'rencode decode': {
    kind: 'deluge',
    contenders: {
      core: answer => () => decodeRencode(answer),
      'python3-rencode': { python: `${PYTHON}\ndef work(): rencode.loads(data, decode_utf8=True)` },
      'python3-rencode, bytes': { python: `${PYTHON}\ndef work(): rencode.loads(data)` },
    },
  },
  'rencode + zlib decode': {
    kind: 'deluge',
    contenders: {
      core: answer => {
        const body = deflateSync(answer);
        return () => decodeFrame({ size: body.length, body, isWhole: true }, constants.Z_MAX_CHUNK);
      },
      'python3-rencode': {
        python: `${PYTHON}\npacked = zlib.compress(data)\ndef work(): rencode.loads(zlib.decompress(packed), decode_utf8=True)`,
      },
    },
  },
  'rencode encode': {
    kind: 'deluge',
    contenders: {
      core: answer => {
        const value = decodeRencode(answer);
        return () => encodeRencode(value, 'value');
      },
      'python3-rencode': {
        python: `${PYTHON}\nvalue = rencode.loads(data, decode_utf8=True)\ndef work(): rencode.dumps(value)`,
      },
    },
  },
  'JSON decode': {
    kind: 'transmission',
    contenders: {
      core: answer => () => parseJson(answer),
      'JSON.parse': answer => () => JSON.parse(answer.toString()),
      'lossless-json': async answer => {
        const { parse } = await load('lossless-json');
        return () => parse(answer.toString());
      },
      'json-bigint': async answer => {
        const { default: factory } = await load('json-bigint');
        const { parse } = factory({ useNativeBigInt: true });
        return () => parse(answer.toString());
      },
    },
  },
} as const satisfies Record<string, Codec>;

export type CodecName = keyof typeof CODECS;

/** A program for Python that does the work so many times, and prints the milliseconds that one takes. */
export const pythonProgram = ({ python }: Python, file: string, count: number): string => `
import time
data = open(${JSON.stringify(file)}, 'rb').read()
${python}
work()
start = time.perf_counter()
for _ in range(${count}): work()
print((time.perf_counter() - start) * 1000 / ${count})
`;
