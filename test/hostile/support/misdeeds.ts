// What hostile servers do, and how a call to each ends.
import type net from 'node:net';
import { frameOf } from '../../tools/fakes/deluge.ts';
import { http, type Misdeed, reset, type Victim, wrap, XML } from './victims.ts';

/** How a call ends: with an error, or with an answer after all. */
export type Ending = 'answer' | { readonly name: string; readonly message: RegExp };

/** A row of the table. */
export interface Row extends Misdeed {
  readonly name: string;
  /** Whom it is for; without it, for all. */
  readonly for?: (victim: Victim) => boolean;
  readonly ends: Ending | ((victim: Victim, isLogIn: boolean) => Ending);
}

// --- Endings -----------------------------------------------------------------------------------------------------

/** Seconds that a call may take that is to end by itself, and one that is not. */
export const TIMEOUT = { soon: 4, late: 0.3 } as const;

export const LATE: Ending = { name: 'TimeoutError', message: /^Timeout after 0\.3 seconds$/ };
export const LOST: Ending = { name: 'ConnectionError', message: /^Connection (lost|reset)$/ };
export const TOO_LARGE: Ending = { name: 'RPCError', message: /^Response too large: more than \d+ bytes$/ };
const unexpected = (what: RegExp): Ending => ({
  name: 'RPCError',
  message: new RegExp(`^Unexpected response: ${what.source}`, 's'),
});
const ODD = unexpected(/./);
const NO_HEAD = unexpected(/headers without end$/);
const EXPECTED = { http: 'an HTTP server', scgi: 'an rTorrent daemon', deluge: 'a Deluge daemon' };
const recognised =
  (what: string) =>
  ({ carrier }: Victim): Ending =>
    unexpected(new RegExp(`${what}, not ${EXPECTED[carrier]}$`));

// --- What to do to a socket ----------------------------------------------------------------------------------------

type Deed = Misdeed['do'];

export const nothing: Deed = () => {};
export const close: Deed = socket => socket.end();
export const say =
  (bytes: string | Uint8Array): Deed =>
  socket =>
    socket.write(bytes as string, 'latin1');
const sayAndClose =
  (bytes: string | Uint8Array): Deed =>
  socket =>
    socket.end(bytes as string, 'latin1');

/** Sends a beginning, and then the same again and again, as fast as it is taken. */
export const flood =
  (bytes: string | Uint8Array, beginning: string | Uint8Array = ''): Deed =>
  socket => {
    const more = () => {
      while (socket.writable && socket.write(bytes as string, 'latin1'));
    };
    socket.write(beginning as string, 'latin1');
    socket.on('drain', more);
    more();
  };

/** Sends a byte every millisecond, and then the last ones again and again. */
export const drip = (socket: net.Socket, bytes: Uint8Array, repeated: Uint8Array): void => {
  let index = 0;
  const timer = setInterval(() => {
    const byte = bytes[index] ?? repeated[(index - bytes.length) % repeated.length];
    if (byte === undefined) clearInterval(timer);
    else socket.write(Buffer.of(byte));
    index += 1;
  }, 1);
  socket.on('close', () => clearInterval(timer));
};

const half = (bytes: Buffer) => bytes.subarray(0, bytes.length >> 1);
/** Bytes that no protocol begins with, the same each time. */
export const GARBAGE = Buffer.from(Array.from({ length: 4096 }, (_, index) => 0x80 | ((index * 89) & 0x7f)));
const KILOBYTE = 'x'.repeat(1024);
export const PAGE = '<!DOCTYPE html><html><head><title>Router</title></head><body>Log in</body></html>';

// --- Over every carrier --------------------------------------------------------------------------------------------

export const ANYWHERE: readonly Row[] = [
  { name: 'says nothing', when: 'connected', do: nothing, ends: LATE },
  { name: 'closes at once', when: 'connected', do: close, ends: LOST },
  { name: 'resets at once', when: 'connected', do: reset, ends: LOST },
  {
    name: 'speaks garbage first',
    when: 'connected',
    do: say(GARBAGE),
    ends: { name: 'RPCError|ConnectionError', message: /./ },
  },
  {
    name: 'floods with garbage first',
    when: 'connected',
    do: flood(GARBAGE),
    ends: { name: 'RPCError|ConnectionError', message: /./ },
  },
  { name: 'never answers', when: 'asked', do: nothing, ends: LATE },
  { name: 'closes instead of an answer', when: 'asked', do: close, ends: LOST },
  { name: 'resets instead of an answer', when: 'asked', do: reset, ends: LOST },
  { name: 'answers garbage', when: 'asked', do: say(GARBAGE), ends: ODD },
  { name: 'floods with garbage', when: 'asked', do: flood(GARBAGE), ends: ODD },
  { name: 'floods with zero bytes', when: 'asked', do: flood(Buffer.alloc(4096)), ends: ODD },
  { name: 'answers with a bare web page', when: 'asked', do: sayAndClose(PAGE), ends: ODD },
  {
    name: 'is an SSH server',
    when: 'asked',
    do: say('SSH-2.0-OpenSSH_9.2p1\r\n'),
    ends: recognised('an SSH server'),
  },
  {
    name: 'answers with an alert of TLS',
    when: 'asked',
    do: say('\x15\x03\x01\x00\x02\x02\x28'),
    ends: recognised('a TLS server'),
  },
  {
    name: 'is a web server',
    when: 'asked',
    do: sayAndClose('HTTP/1.1 400 Bad Request\r\nServer: nginx\r\nContent-Length: 3\r\n\r\nbad'),
    ends: victim =>
      victim.carrier === 'http'
        ? { name: 'RPCError', message: /bad$/ }
        : recognised('an HTTP server')(victim),
  },
  {
    name: 'closes within the answer',
    when: 'asked',
    do: (socket, honest) => socket.end(half(honest)),
    ends: LOST,
  },
  {
    name: 'resets within the answer',
    when: 'asked',
    do: (socket, honest) => socket.write(half(honest), () => reset(socket)),
    ends: LOST,
  },
  {
    name: 'stalls within the answer',
    when: 'asked',
    do: (socket, honest) => socket.write(half(honest)),
    ends: LATE,
  },
  {
    name: 'stops a byte before the end',
    when: 'asked',
    do: (socket, honest) => socket.write(honest.subarray(0, -1)),
    ends: LATE,
  },
  {
    name: 'drips, but to an end',
    when: 'asked',
    do: (socket, honest) => drip(socket, honest, Buffer.alloc(0)),
    ends: 'answer',
  },
  {
    name: 'answers twice',
    when: 'asked',
    do: (socket, honest) => socket.write(Buffer.concat([honest, honest])),
    ends: 'answer',
  },
];

// --- Below TLS -------------------------------------------------------------------------------------------------------

const isSecure = (victim: Victim) => victim.isSecure;
const BELOW_TLS: readonly Row[] = (
  [
    { name: 'never shakes hands', do: nothing, ends: LATE },
    { name: 'closes before the handshake', do: close, ends: LOST },
    { name: 'resets before the handshake', do: reset, ends: LOST },
    { name: 'shakes hands with garbage', do: say(GARBAGE), ends: ODD },
    { name: 'floods the handshake with garbage', do: flood(GARBAGE), ends: ODD },
    {
      name: 'speaks SSH before the handshake',
      do: say('SSH-2.0-OpenSSH_9.2p1\r\n'),
      ends: unexpected(/an SSH server, not a/),
    },
    {
      name: 'refuses the handshake',
      do: say('\x15\x03\x01\x00\x02\x02\x28'),
      ends: { name: 'ConnectionError', message: /handshake failure/ },
    },
    { name: 'stalls within the handshake', do: say('\x16\x03\x03\x00\x7a\x02\x00\x00\x76'), ends: LATE },
    {
      name: 'floods with empty records',
      do: flood('\x16\x03\x03\x00\x00'),
      ends: { name: 'ConnectionError', message: /./ },
    },
    {
      name: 'drips a handshake without end',
      do: (socket: net.Socket) => drip(socket, Buffer.from('160303400002003ffc0303', 'hex'), Buffer.of(0)),
      ends: LATE,
    },
  ] as const
).map(row => ({ ...row, when: 'before TLS', for: isSecure }));

// --- HTTP ------------------------------------------------------------------------------------------------------------

const isHttp = ({ carrier }: Victim) => carrier === 'http';
const head = (...lines: string[]) => `HTTP/1.1 200 OK\r\n${lines.map(line => `${line}\r\n`).join('')}\r\n`;
const CHUNKED = head('Transfer-Encoding: chunked');
const answering = (bytes: string | Uint8Array, ends: Row['ends']) => ({ do: say(bytes), ends });
const onClosing = (bytes: string | Uint8Array, ends: Row['ends']) => ({ do: sayAndClose(bytes), ends });
const flooding = (bytes: string, beginning: string, ends: Row['ends']) => ({
  do: flood(bytes, beginning),
  ends,
});
const redirecting = (status: string, location: string) =>
  answering(http(status, '', `Location: ${location}`), unexpected(/moved to /));

/** An answer that each of the three takes for another: all that matters is that it is an error. */
const REFUSED: Ending = { name: 'RPCError|AuthenticationError|ConnectionError', message: /./ };

const OVER_HTTP: readonly Row[] = Object.entries<Pick<Row, 'do' | 'ends' | 'for'>>({
  'HTTP/0.9': onClosing('{"result":"success"}', ODD),
  'HTTP of another version': onClosing('HTTP/7.3 200 OK\r\n\r\n', ODD),
  'no status': onClosing('HTTP/1.1 OK\r\n\r\n', ODD),
  'a status of four digits': onClosing('HTTP/1.1 2000 OK\r\n\r\n', ODD),
  'HTTP/1.0 without a length': {
    do: (socket, honest) =>
      socket.end(
        String(honest)
          .replace('HTTP/1.1', 'HTTP/1.0')
          .replace(/content-length.*\r\n/i, ''),
      ),
    ends: 'answer',
  },
  'a negative length': answering(head('Content-Length: -5'), ODD),
  'a length that is no number': answering(head('Content-Length: ten'), ODD),
  'a length beyond 64 bits': answering(head(`Content-Length: ${'9'.repeat(30)}`), ODD),
  'a length of 4 GB': answering(head('Content-Length: 4294967296'), TOO_LARGE),
  'two lengths': answering(`${head('Content-Length: 2', 'Content-Length: 5')}12345`, ODD),
  'a length and chunks': answering(
    `${head('Content-Length: 2', 'Transfer-Encoding: chunked')}0\r\n\r\n`,
    ODD,
  ),
  'a length that is too long, then the end': onClosing(`${head('Content-Length: 100')}{`, LOST),
  'a length that is too long, then silence': answering(`${head('Content-Length: 100')}{`, LATE),
  'a length that is too short': answering(
    `${head('Content-Length: 3', 'Content-Type: application/json')}{"result":"success"}`,
    ODD,
  ),
  'an endless line of status': flooding(KILOBYTE, 'HTTP/1.1 200 ', LATE),
  'an endless header': flooding(KILOBYTE, 'HTTP/1.1 200 OK\r\nX-More: ', NO_HEAD),
  'an endless name of a header': flooding(KILOBYTE, 'HTTP/1.1 200 OK\r\n', NO_HEAD),
  'endless headers': flooding('X-More: x\r\n', 'HTTP/1.1 200 OK\r\n', NO_HEAD),
  'headers that drip without end': {
    do: socket => drip(socket, Buffer.from('HTTP/1.1 200 OK\r\n'), Buffer.from('X: x\r\n')),
    ends: LATE,
  },
  'a zero byte in a header': answering(head('X-Zero: a\0b', 'Content-Length: 0'), ODD),
  'a header without a colon': answering(head('nonsense', 'Content-Length: 0'), ODD),
  'an endless body': flooding(KILOBYTE, head(), TOO_LARGE),
  'an endless body in chunks': flooding(`400\r\n${KILOBYTE}\r\n`, CHUNKED, TOO_LARGE),
  'an endless body in chunks of a byte': flooding('1\r\nx\r\n'.repeat(1000), CHUNKED, TOO_LARGE),
  'a body that drips without end': {
    do: socket => drip(socket, Buffer.from(CHUNKED), Buffer.from('1\r\nx\r\n')),
    ends: LATE,
  },
  'a chunk of no size': answering(`${CHUNKED}zz\r\n`, ODD),
  'a chunk beyond 64 bits': answering(`${CHUNKED}${'F'.repeat(17)}\r\n`, ODD),
  'a chunk of negative size': answering(`${CHUNKED}-1\r\n`, ODD),
  'a chunk of 4 GB': flooding(KILOBYTE, `${CHUNKED}FFFFFFFF\r\n`, TOO_LARGE),
  'an endless extension of a chunk': flooding(KILOBYTE, `${CHUNKED}1;`, LATE),
  'endless trailers': flooding('X-More: x\r\n', `${CHUNKED}1\r\nx\r\n0\r\n`, NO_HEAD),
  'chunks that end too early': onClosing(`${CHUNKED}5\r\nab`, LOST),
  'an endless flood of 103': flooding('HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n', '', LATE),
  'a flood of 100': flooding('HTTP/1.1 100 Continue\r\n\r\n', '', LOST),
  'another protocol, 101': answering(
    'HTTP/1.1 101 Switching\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\n',
    LOST,
  ),
  'a body that is packed': answering(
    http(
      '200 OK',
      Buffer.from('1f8b0800000000000003', 'hex'),
      'Content-Encoding: gzip',
      'Content-Type: application/json',
    ),
    unexpected(/./),
  ),
  'no body': answering(http('200 OK'), victim =>
    victim.client === 'qbittorrent'
      ? 'answer'
      : { name: 'RPCError', message: /^Unexpected response: $|HTTP status/ },
  ),
  'no content': answering('HTTP/1.1 204 No Content\r\n\r\n', ({ client }) =>
    client === 'qbittorrent' ? 'answer' : unexpected(/HTTP status 204/),
  ),
  'a move': redirecting('301 Moved Permanently', 'http://127.0.0.1:1/'),
  'a move to itself': redirecting('307 Temporary Redirect', '/'),
  'a move to nowhere': redirecting('308 Permanent Redirect', `javascript:alert(1)//${'x'.repeat(9000)}`),
  'a move without a place': answering(http('302 Found'), unexpected(/moved to /)),
  'a move to two places': answering(
    http('302 Found', '', 'Location: /a', 'Location: /b'),
    unexpected(/moved to \/a/),
  ),
  '401 for ever': answering(http('401 Unauthorized'), REFUSED),
  '403 for ever': answering(http('403 Forbidden', 'Forbidden'), REFUSED),
  '403 with much white space': answering(http('403 Forbidden', `${' '.repeat(1_000_000)}x`), REFUSED),
  '403 with many headings': answering(http('403 Forbidden', `<h1>403:${'<h1>'.repeat(250_000)}`), REFUSED),
  '403 with many tags': answering(http('403 Forbidden', `<h1>403:${'<'.repeat(1_000_000)}`), REFUSED),
  '404 with much white space': answering(http('404 Not Found', `${' '.repeat(1_000_000)}x`), {
    name: 'RPCError',
    message: /./,
  }),
  '409 for ever': answering(http('409 Conflict', '', 'X-Transmission-Session-Id: abcdefgh'), {
    name: 'RPCError',
    message: /./,
  }),
  '409 with another id each time': {
    do: socket => socket.write(http('409 Conflict', '', `X-Transmission-Session-Id: id${Math.random()}`)),
    ends: { name: 'RPCError', message: /./ },
  },
  '409 with two ids': answering(
    http('409 Conflict', '', 'X-Transmission-Session-Id: a', 'X-Transmission-Session-Id: b'),
    { name: 'RPCError', message: /./ },
  ),
  '409 with an id of one letter': answering(http('409 Conflict', '', 'X-Transmission-Session-Id: a'), {
    name: 'RPCError',
    message: /./,
  }),
  '409 with a long id': answering(
    http('409 Conflict', '', `X-Transmission-Session-Id: ${'a'.repeat(15_000)}`),
    { name: 'RPCError', message: /./ },
  ),
  '409 with an id that no header holds': answering(
    http('409 Conflict', '', 'X-Transmission-Session-Id: a\x01b'),
    { name: 'RPCError', message: /./ },
  ),
  '409 with an id beyond ASCII': answering(
    http('409 Conflict', '', 'X-Transmission-Session-Id: \xff\xfe\xfd\xfc\xfb\xfa'),
    { name: 'RPCError', message: /./ },
  ),
  '409 with an id of a megabyte': answering(
    http('409 Conflict', '', `X-Transmission-Session-Id: ${'a'.repeat(1_000_000)}`),
    NO_HEAD,
  ),
  'many cookies': {
    do: socket =>
      socket.write(
        http(
          '403 Forbidden',
          'Forbidden',
          ...Array.from(
            { length: 120 },
            (_, index) => `Set-Cookie: ${Math.random()}${index}=${'c+/&<'.repeat(18)}`,
          ),
        ),
      ),
    ends: REFUSED,
  },
  'a cookie that is too long': answering(
    http('403 Forbidden', 'Forbidden', `Set-Cookie: SID=${'x'.repeat(1_000_000)}`),
    NO_HEAD,
  ),
  'a cookie that no header holds': answering(
    http('403 Forbidden', 'Forbidden', 'Set-Cookie: SID=\xff\x7f\x80abc'),
    REFUSED,
  ),
  '429': answering(http('429 Too Many Requests', 'slow down'), { name: 'RPCError', message: /slow down/ }),
  '500 with a page': answering(http('500 Oops', PAGE), ODD),
  '502': answering(http('502 Bad Gateway', 'bad'), REFUSED),
}).map(([name, row]) => ({ ...row, name: `HTTP: ${name}`, when: 'asked', for: row.for ?? isHttp }));

// --- SCGI ------------------------------------------------------------------------------------------------------------

const scgi = (...lines: string[]) => `${lines.map(line => `${line}\r\n`).join('')}\r\n`;
const OK = 'Status: 200 OK';

const OVER_SCGI: readonly Row[] = Object.entries<Pick<Row, 'do' | 'ends'>>({
  'a status that is none': onClosing(scgi('Status: fine') + XML, ODD),
  'a status of failure': onClosing(scgi('Status: 500 Oops') + XML, ODD),
  'a status of twenty digits': onClosing(scgi(`Status: ${'2'.repeat(20)}`) + XML, ODD),
  'a length of 4 GB': answering(scgi(OK, 'Content-Length: 4294967296'), TOO_LARGE),
  'a length beyond 64 bits': answering(scgi(OK, `Content-Length: ${'9'.repeat(30)}`), ODD),
  'a negative length': answering(scgi(OK, 'Content-Length: -1') + XML, ODD),
  'a length that is too long, then the end': onClosing(scgi(OK, 'Content-Length: 9999') + XML, LOST),
  'a length that is too long, then silence': answering(scgi(OK, 'Content-Length: 9999') + XML, LATE),
  'a length that is too short': answering(scgi(OK, 'Content-Length: 99') + XML, ODD),
  'a length of nothing': answering(scgi(OK, 'Content-Length: 0') + XML, {
    name: 'RPCError',
    message: /^Unexpected response: /,
  }),
  'two lengths': answering(scgi(OK, 'Content-Length: 99', 'Content-Length: 5') + XML, ODD),
  'no length, no end': answering(scgi(OK) + XML, LATE),
  'no length, no end, endless': flooding(KILOBYTE, scgi(OK), TOO_LARGE),
  'a line without a colon': onClosing(scgi(OK, 'nonsense') + XML, ODD),
  'a head without an end': onClosing(OK, LOST),
  'an endless head': flooding('X-More: x\r\n', `${OK}\r\n`, ODD),
  'an endless line': flooding(KILOBYTE, `${OK}\r\nX-More: `, ODD),
  'a head that drips without end': {
    do: socket => drip(socket, Buffer.from(`${OK}\r\n`), Buffer.from('X: x\r\n')),
    ends: LATE,
  },
}).map(([name, row]) => ({
  ...row,
  name: `SCGI: ${name}`,
  when: 'asked',
  for: ({ carrier }) => carrier === 'scgi',
}));

// --- JSON ------------------------------------------------------------------------------------------------------------

const asJson = (body: string | Uint8Array, transmission: Ending, qbittorrent: Ending) => ({
  do: (socket: net.Socket) => socket.write(http('200 OK', body, 'Content-Type: application/json')),
  // A log-in of qBittorrent has no JSON.
  ends: ({ client }: Victim, isLogIn: boolean) =>
    client === 'transmission' ? transmission : isLogIn ? ODD : qbittorrent,
});
const DEEP = 1_000_000;

const IN_JSON: readonly Row[] = Object.entries<Pick<Row, 'do' | 'ends'>>({
  'lists, very deep': asJson('['.repeat(DEEP) + ']'.repeat(DEEP), ODD, 'answer'),
  'objects, very deep': asJson(`${'{"a":'.repeat(DEEP)}1${'}'.repeat(DEEP)}`, ODD, 'answer'),
  'deep within an answer': asJson(
    `{"result":"success","arguments":${'['.repeat(DEEP)}${']'.repeat(DEEP)}}`,
    'answer',
    'answer',
  ),
  'deep within an error': asJson(
    `{"result":"no","arguments":${'['.repeat(DEEP)}${']'.repeat(DEEP)}}`,
    { name: 'RPCError', message: /^No$/ },
    'answer',
  ),
  'deep, without an end': asJson('['.repeat(DEEP), ODD, ODD),
  'an integer of a million digits': asJson(`[${'9'.repeat(1_000_000)}]`, ODD, 'answer'),
  'an integer of ten million digits': asJson(`[${'9'.repeat(10_000_000)}]`, ODD, ODD),
  'a long error': asJson(
    JSON.stringify({ result: 'no'.repeat(2_000_000) }),
    { name: 'RPCError', message: /^No/ },
    'answer',
  ),
  'a text without an end': asJson('{"result":"', ODD, ODD),
  'zero bytes': asJson('\0\0\0\0', ODD, ODD),
  'UTF-16': asJson(Buffer.from('{"result":"success"}', 'utf16le'), ODD, ODD),
  'no UTF-8': asJson(
    Buffer.from('{"result":"\xff\xfe"}', 'latin1'),
    { name: 'RPCError', message: /^\uFFFD\uFFFD$/ },
    'answer',
  ),
  null: asJson('null', ODD, 'answer'),
  'a number': asJson('5', ODD, 'answer'),
  'a text': asJson('"success"', ODD, 'answer'),
  'a list': asJson('[]', ODD, 'answer'),
  'no result': asJson('{}', ODD, 'answer'),
  'a result that is null': asJson('{"result":null}', ODD, 'answer'),
  'a result that is a number': asJson('{"result":1}', ODD, 'answer'),
  'a result that is an object': asJson('{"result":{}}', ODD, 'answer'),
  'a result that is empty': asJson('{"result":""}', { name: 'RPCError', message: /./ }, 'answer'),
  'arguments that are a number': asJson('{"result":"success","arguments":5}', 'answer', 'answer'),
  'a prototype': asJson('{"__proto__":{"result":"success"}}', ODD, 'answer'),
  'an error that is a text': asJson('{"jsonrpc":"2.0","error":"no","id":0}', ODD, 'answer'),
  'an error without words': asJson('{"jsonrpc":"2.0","error":{"code":1},"id":0}', ODD, 'answer'),
  'an error whose words are a number': asJson(
    '{"jsonrpc":"2.0","error":{"message":1},"id":0}',
    ODD,
    'answer',
  ),
  'an error whose data are a list': asJson(
    '{"jsonrpc":"2.0","error":{"message":"no","data":[1]},"id":0}',
    { name: 'RPCError', message: /^No$/ },
    'answer',
  ),
}).map(([name, row]) => ({
  ...row,
  name: `JSON: ${name}`,
  when: 'asked',
  for: ({ client }) => client === 'transmission' || client === 'qbittorrent',
}));

// --- XML -------------------------------------------------------------------------------------------------------------

const response = (value: string) =>
  `<?xml version="1.0"?><methodResponse><params><param>${value}</param></params></methodResponse>`;
const ARRAY = ['<value><array><data>', '</data></array></value>'] as const;
const STRUCT = ['<value><struct><member><name>a</name>', '</member></struct></value>'] as const;
const LAUGHS = Array.from(
  { length: 30 },
  (_, index) => `<!ENTITY l${index + 1} "${`&l${index};`.repeat(10)}">`,
);
const FAULT = (code: string, words: string) =>
  `<?xml version="1.0"?><methodResponse><fault><value><struct><member><name>faultCode</name><value>${code}</value></member><member><name>faultString</name><value>${words}</value></member></struct></value></fault></methodResponse>`;

const IN_XML: readonly Row[] = Object.entries<readonly [string, Row['ends']]>({
  'entities without end': [
    `<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "ha">${LAUGHS.join('')}]>${response('<value>&l30;</value>').slice(21)}`,
    ODD,
  ],
  'an entity from a file': [
    `<?xml version="1.0"?><!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>${response('<value>&f;</value>').slice(21)}`,
    ODD,
  ],
  'an entity that nobody knows': [response('<value>&ha;</value>'), 'answer'],
  'arrays, very deep': [response(ARRAY[0].repeat(100_000) + ARRAY[1].repeat(100_000)), ODD],
  'structs, very deep': [response(STRUCT[0].repeat(100_000) + STRUCT[1].repeat(100_000)), ODD],
  'arrays without an end': [ARRAY[0].repeat(100_000), ODD],
  'an integer of a million digits': [response(`<value><i8>${'9'.repeat(1_000_000)}</i8></value>`), ODD],
  'an integer that is none': [response('<value><i8>0x10</i8></value>'), ODD],
  'a boolean that is none': [response('<value><boolean>2</boolean></value>'), ODD],
  'base64 that is none': [response('<value><base64>\0\0</base64></value>'), ODD],
  'a section without an end': [response('<value><![CDATA[</value>'), ODD],
  'a comment without an end': [`<!-- ${'-'.repeat(1_000_000)}`, ODD],
  'many comments': [response(`<value>${'<!---->'.repeat(100_000)}</value>`), 'answer'],
  'a tag without an end': [`<methodResponse ${'a="b" '.repeat(200_000)}`, ODD],
  'many attributes': [response(`<value ${'a="b" '.repeat(200_000)}>x</value>`), 'answer'],
  'two values': [response('<value>1</value><value>2</value>'), ODD],
  'no value': [response(''), ODD],
  'something after it': [`${XML}<x/>`, ODD],
  'a call': ['<methodCall><methodName>x</methodName></methodCall>', ODD],
  'a fault whose code is a text': [FAULT('<string>x</string>', '<string>no</string>'), ODD],
  'a fault whose words are a number': [FAULT('<i4>1</i4>', '<i4>1</i4>'), ODD],
  'a fault with many words': [
    FAULT('<i4>1</i4>', `<string>${'no'.repeat(2_000_000)}</string>`),
    { name: 'RPCError', message: /^no/ },
  ],
  'zero bytes': ['\0\0\0\0', ODD],
  'UTF-16': [Buffer.from(XML, 'utf16le').toString('latin1'), ODD],
}).map(([name, [body, ends]]) => ({
  ...{ name: `XML: ${name}`, when: 'asked', for: ({ client }) => client === 'rtorrent', ends },
  // Both carriers say the length; each wraps what the table does not know yet.
  do: (socket, honest) => {
    const isScgi = honest.toString('latin1', 0, 7) === 'Status:';
    const carrier = isScgi ? 'scgi' : 'http';
    socket.write(wrap({ carrier, client: 'rtorrent' } as Victim, body));
  },
}));

// --- Deluge ------------------------------------------------------------------------------------------------------------

const frame = (version: number, length: number, body: string) => {
  const start = Buffer.alloc(5);
  start.writeUInt8(version);
  start.writeUInt32BE(length, 1);
  return Buffer.concat([start, Buffer.from(body, 'hex')]);
};
const rencode = (hex: string) => frameOf(hex);
const EVENT = rencode('c303 85 4576656e74 c0');

const IN_DELUGE: readonly Row[] = Object.entries<Pick<Row, 'do' | 'ends'>>({
  'a frame of 4 GB': flooding(KILOBYTE, '', ODD),
  'a claim of 4 GB': { do: say(frame(1, 0xffffffff, '789c')), ends: LATE },
  'a claim of 4 GB, and the bytes': {
    do: flood(Buffer.alloc(65536), frame(1, 0xffffffff, '789c')),
    ends: ODD,
  },
  'another version': { do: say(frame(2, 10, '789c')), ends: ODD },
  'a frame of nothing': { do: say(frame(1, 0, '000000')), ends: ODD },
  'what is not packed': { do: say(frame(1, 5, 'c301010a00')), ends: ODD },
  'what is packed wrongly': { do: say(frame(1, 6, '789cffffffff')), ends: ODD },
  'a packet cut short': { do: say(frame(1, 4, '789c0300')), ends: ODD },
  'an empty packet': { do: say(rencode('')), ends: ODD },
  'two values': { do: say(rencode('0101')), ends: ODD },
  'no list': { do: say(rencode('01')), ends: ODD },
  'a list of nothing': { do: say(rencode('c0')), ends: ODD },
  'a message of another kind': { do: say(rencode('c3090101')), ends: ODD },
  'lists, very deep': { do: say(rencode('c1'.repeat(DEEP))), ends: ODD },
  'dictionaries, very deep': { do: say(rencode(`6780`.repeat(DEEP))), ends: ODD },
  'a text of 4 GB': { do: say(rencode(Buffer.from('4294967296:x').toString('hex'))), ends: ODD },
  'an integer without an end': { do: say(rencode(`3d${'39'.repeat(100_000)}`)), ends: ODD },
  'a type that there is not': { do: say(rencode('2d')), ends: ODD },
  'an answer to nobody': { do: say(rencode('c301 3e7f 0a')), ends: LATE },
  'an answer to a list': { do: say(rencode('c301 c0 0a')), ends: LATE },
  'an answer to nothing': { do: say(rencode('c301 45 0a')), ends: LATE },
  'many answers to nobody': {
    do: flood(Buffer.concat(Array(100).fill(rencode('c301 3e7f 0a')))),
    ends: LATE,
  },
  'an error to nobody': { do: say(rencode('c6 02 3e7f 8178 c0 66 8174')), ends: LATE },
  'an error whose class is a number': { do: say(rencode('c6 02 01 01 c0 66 8174')), ends: ODD },
  'an error whose arguments are a number': { do: say(rencode('c6 02 01 8178 01 66 8174')), ends: ODD },
  'an event whose name is a number': { do: say(rencode('c303 01 c0')), ends: ODD },
  'an event whose arguments are a number': { do: say(rencode('c303 8178 01')), ends: ODD },
  'events without end': { do: flood(Buffer.concat(Array(100).fill(EVENT))), ends: LATE },
  '10,000 events, then an answer': {
    do: (socket, honest) => socket.write(Buffer.concat([...Array(10_000).fill(EVENT), honest])),
    ends: 'answer',
  },
  'an answer that comes a hundred times': {
    do: (socket, honest) => socket.write(Buffer.concat(Array(100).fill(honest))),
    ends: 'answer',
  },
}).map(([name, row]) => ({
  ...row,
  name: `Deluge: ${name}`,
  when: 'asked',
  for: ({ carrier }) => carrier === 'deluge',
}));

/** The whole table. */
export const ROWS: readonly Row[] = [
  ...ANYWHERE,
  ...BELOW_TLS,
  ...OVER_HTTP,
  ...OVER_SCGI,
  ...IN_JSON,
  ...IN_XML,
  ...IN_DELUGE,
];
