/** The rTorrent client against answers as they were recorded from 0.9.8, and against what is none. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import {
  AuthenticationError,
  type ClientOptions,
  ConnectionError,
  type Exchange,
  RPCError,
  RtorrentRPC,
  TimeoutError,
  ValueError,
} from '../../src/rpc/index.ts';
import { RESET, type ScgiRequest, startFakeScgi } from '../tools/fakes/scgi.ts';
import { until } from '../tools/until.ts';
import { serve } from './support/wire.ts';

/** As 0.9.8 answers. */
function scgi(xml: string, length = Buffer.byteLength(xml)): string {
  return `Status: 200 OK\r\nContent-Type: text/xml\r\nContent-Length: ${length}\r\n\r\n${xml}`;
}
const xmlOf = (value: string) =>
  `<?xml version="1.0" encoding="UTF-8"?>\r\n<methodResponse>\r\n<params>\r\n<param><value>${value}</value></param>\r\n</params>\r\n</methodResponse>\r\n`;
const faultXml = (code: number, text: string) =>
  `<?xml version="1.0" encoding="UTF-8"?>\r\n<methodResponse>\r\n<fault>\r\n<value><struct>\r\n<member><name>faultCode</name>\r\n<value><i4>${code}</i4></value></member>\r\n<member><name>faultString</name>\r\n<value><string>${text}</string></value></member>\r\n</struct></value>\r\n</fault>\r\n</methodResponse>\r\n`;
const VERSION = scgi(xmlOf('<string>0.9.8</string>'));

const methodIn = ({ body }: { body: string }) => /<methodName>(.*)<\/methodName>/.exec(body)?.[1] ?? '';

type Answers = Parameters<typeof startFakeScgi>[0];

/** An rTorrent that answers the first question, and then what a test says. */
const daemon = (answer: Answers) =>
  startFakeScgi((request, count) =>
    methodIn(request) === 'system.client_version' ? VERSION : answer(request, count),
  );

const clientOf = ({ url }: { url: string }, options: ClientOptions = {}) =>
  new RtorrentRPC({ url, timeout: 5, ...options });

/** What a call's error says, after `connect()` has worked. */
async function failureOf(answer: Answers, options: ClientOptions = {}): Promise<Error> {
  await using server = await daemon(answer);
  await using rpc = clientOf(server, options);
  await rpc.connect();
  return await rpc.call('x').then(
    value => assert.fail(`it gave ${inspect(value)}`),
    error => error,
  );
}

describe('calls', () => {
  it('go over a connection each, as SCGI wants it', async () => {
    await using server = await daemon(() => scgi(xmlOf('<i8>42</i8>')));
    await using rpc = clientOf(server);
    assert.equal(await rpc.call('d.size_bytes', 'ABC'), 42);
    assert.equal(rpc.status, 'connected');
    const [probe, call] = server.requests as [ScgiRequest, ScgiRequest];
    assert.equal(server.requests.length, 2);
    assert.equal(methodIn(probe), 'system.client_version');
    assert.equal(
      call.body,
      '<?xml version="1.0" encoding="UTF-8"?>\r\n<methodCall><methodName>d.size_bytes</methodName><params>' +
        '<param><value><string>ABC</string></value></param></params></methodCall>\r\n\r\n',
    );
    const fields = `CONTENT_LENGTH\0${call.body.length}\0SCGI\x001\0REQUEST_METHOD\0POST\0REQUEST_URI\0/RPC2\0CONTENT_TYPE\0text/xml\0`;
    assert.equal(call.head, `${fields.length}:${fields},`);
    await until(() => server.open === 0, 'XX');
  });

  it('end with the answer, however it comes', async () => {
    const value = 'ü'.repeat(100_000);
    const whole = scgi(xmlOf(`<string>${value}</string>`));
    const bytes = Buffer.from(whole);
    const answers: Record<string, (request: ScgiRequest) => string | undefined> = {
      'and the connection stays open': ({ socket }) => void socket.write(whole),
      'in pieces': ({ socket }) => {
        (async () => {
          for (let at = 0; at < bytes.length; at += at < 100 ? 1 : 70_001) {
            socket.write(bytes.subarray(at, at < 100 ? at + 1 : at + 70_001));
            await sleep(0);
          }
        })();
        return undefined;
      },
      'without a length': () => whole.replace(/Content-Length.*\r\n/, ''),
      'with more behind it': () => `${whole}garbage`,
      'with other line breaks': () => whole.replaceAll('\r', ''),
    };
    for (const [how, answer] of Object.entries(answers)) {
      const length = (text: string) =>
        text.replace(/Content-Length: \d+/, `Content-Length: ${bodySize(text)}`);
      const bodySize = (text: string) => Buffer.byteLength(text.slice(text.indexOf('<')));
      const fixed = (request: ScgiRequest) => {
        const text = answer(request);
        return how === 'with other line breaks' && text ? length(text) : text;
      };
      await using server = await daemon(fixed);
      await using rpc = clientOf(server);
      assert.equal(await rpc.call('x'), value, how);
    }
  });

  it('survive bytes that are no UTF-8', async () => {
    const xml = xmlOf('<string>a\xff\x01b</string>');
    await using server = await daemon(() => Buffer.from(scgi(xml, xml.length), 'latin1'));
    await using rpc = clientOf(server);
    assert.equal(await rpc.call('x'), 'a\ufffd\x01b');
  });

  it('take a signal last, and only that', async () => {
    await using server = await daemon(({ body }) =>
      scgi(xmlOf(`<i4>${body.split('<param>').length - 1}</i4>`)),
    );
    await using rpc = clientOf(server);
    const { signal } = new AbortController();
    assert.equal(await rpc.call('x', { signal }), 0);
    assert.equal(await rpc.call('x', 'a', { signal }), 1);
    assert.equal(await rpc.call('x', 'a', { signal: 'x' }), 2);
    assert.equal(await rpc.call('x', 'a', {}), 2);
    await assert.rejects(rpc.call('x', { signal }, 'a'), {
      name: 'ValueError',
      message: 'params[0].signal is a AbortSignal',
    });
    await assert.rejects(rpc.call('x', { signal, a: 1 }), ValueError);
    await assert.rejects(rpc.call('x', { signal: undefined }), { message: 'params[0].signal is undefined' });
  });

  it('send nothing that cannot be sent', async () => {
    await using server = await daemon(() => VERSION);
    await using rpc = clientOf(server);
    for (const value of [2n ** 63n, -(2 ** 64), Number.NaN, null, undefined, [() => {}], '\ud800', '\0'])
      await assert.rejects(rpc.call('x', '', value), ValueError);
    await assert.rejects(rpc.multicall([['x', 2n ** 63n]]), ValueError);
    assert.equal(rpc.status, 'disconnected');
    assert.equal(server.requests.length, 0);
  });

  it('abort: the connection is closed, others go on', async () => {
    await using server = await daemon(({ body, socket }) => {
      if (body.includes('quick')) return scgi(xmlOf('<i8>1</i8>'));
      socket.write('Status: 200 OK\r\n');
      return undefined;
    });
    await using rpc = clientOf(server);
    const controller = new AbortController();
    const slow = rpc.call('slow', { signal: controller.signal });
    const other = rpc.call('slow', { signal: AbortSignal.timeout(200) });
    await until(() => server.requests.length === 3, 'XX');
    controller.abort(new Error('enough'));
    await assert.rejects(slow, { message: 'enough' });
    await until(() => server.open === 1, 'all were asked');
    assert.equal(await rpc.call('quick'), 1);
    assert.equal(rpc.status, 'connected');
    await assert.rejects(other, { name: 'TimeoutError' });
    await until(() => server.open === 0, 'XX');
    await assert.rejects(
      rpc.call('quick', { signal: AbortSignal.abort('at once') }),
      error => error === 'at once',
    );
  });

  it('time out, and a late answer reaches nobody', async () => {
    await using server = await daemon(() => undefined);
    await using rpc = clientOf(server, { timeout: 0.2 });
    await assert.rejects(rpc.call('slow'), (error: Error) => error instanceof TimeoutError);
    assert.equal(rpc.status, 'connected');
    await until(() => server.open === 0, 'XX');
  });

  it('are bounded in number, the others wait for their turn', async () => {
    const open: ScgiRequest[] = [];
    await using server = await daemon(request => {
      open.push(request);
      return undefined;
    });
    await using rpc = clientOf(server);
    await rpc.connect();
    const controller = new AbortController();
    const calls = Array.from({ length: 80 }, (_, index) => rpc.call('x', index));
    const waiting = rpc.call('waiting', { signal: controller.signal });
    await until(() => open.length === 32, 'XX');
    await sleep(50);
    assert.equal(open.length, 32);
    controller.abort(new Error('not any more'));
    await assert.rejects(waiting, { message: 'not any more' });
    for (let answered = 0; answered < 80; answered++) {
      await until(() => open.length > answered, 'XX');
      const { body, socket } = open[answered] as ScgiRequest;
      socket.end(scgi(xmlOf(/<i4>\d+<\/i4>/.exec(body)?.[0] ?? '')));
    }
    assert.deepEqual(
      await Promise.all(calls),
      Array.from({ length: 80 }, (_, index) => index),
    );
    assert.ok(!open.some(({ body }) => body.includes('waiting')));
  });

  it('fail together when the daemon is gone, those that wait as well, and the next one connects', async () => {
    await using server = await daemon((_, number) =>
      number === 20 ? RESET : number < 40 ? undefined : VERSION,
    );
    await using rpc = clientOf(server);
    const calls = await Promise.allSettled(Array.from({ length: 60 }, () => rpc.call('x')));
    for (const call of calls) {
      assert.ok(call.status === 'rejected' && call.reason instanceof ConnectionError);
      assert.equal(call.reason.message, 'Connection reset');
    }
    assert.equal(rpc.status, 'disconnected');
    await until(() => server.open === 0, 'XX');
    const before = server.requests.length;
    assert.ok(before <= 40, `${before}`);
  });
});

describe('multicall', () => {
  const FAULT =
    '<value><struct><member><name>faultCode</name><value><i4>-506</i4></value></member><member><name>faultString</name><value><string>no</string></value></member></struct></value>';
  const RESULTS = `<array><data>\r\n<value><array><data>\r\n<value><string>a</string></value>\r\n</data></array></value>\r\n${FAULT}\r\n</data></array>`;
  const calls = [['a', 1], ['b']] as const;

  it('gives the values, or errors in their place', async () => {
    await using server = await daemon(() => scgi(xmlOf(RESULTS)));
    await using rpc = clientOf(server);
    const [value, error] = await rpc.multicall(calls, { raiseErrors: false });
    assert.equal(value, 'a');
    assert.ok(error instanceof RPCError);
    assert.equal(error.message, 'no');
    assert.deepEqual(error.info, { faultCode: -506, faultString: 'no' });
    const byMethod = await rpc.multicall(calls, { raiseErrors: false, asObject: true });
    assert.deepEqual(Object.keys(byMethod), ['a', 'b']);
    assert.equal(byMethod.a, 'a');
    assert.ok(byMethod.b instanceof RPCError);
    await assert.rejects(rpc.multicall(calls), { name: 'RPCError', message: 'no' });
    await assert.rejects(rpc.multicall(calls, { asObject: true }), { name: 'RPCError', message: 'no' });
    assert.equal(methodIn(server.requests[1] as ScgiRequest), 'system.multicall');
  });

  it('refuses the same method twice in an object, before anything is sent', async () => {
    await using server = await daemon(() => VERSION);
    await using rpc = clientOf(server);
    await assert.rejects(rpc.multicall([['d.name', 'A'], ['x'], ['d.name', 'B']], { asObject: true }), {
      name: 'ValueError',
      message: "Multiple d.name calls: [ 'd.name', 'A' ], [ 'd.name', 'B' ]",
    });
    assert.equal(server.requests.length, 0);
  });

  it('takes no answer to other questions', async () => {
    await using server = await daemon(() => scgi(xmlOf(RESULTS)));
    await using rpc = clientOf(server);
    await assert.rejects(rpc.multicall([['a']]), {
      name: 'RPCError',
      message: /^Unexpected response: <\?xml/,
    });
    assert.equal(rpc.status, 'connected');
  });

  it('takes a signal', async () => {
    await using server = await daemon(() => undefined);
    await using rpc = clientOf(server);
    await assert.rejects(rpc.multicall(calls, { signal: AbortSignal.timeout(50) }), { name: 'TimeoutError' });
  });
});

describe('getSupportedMethod', () => {
  const LIST =
    '<array><data>\r\n<value><string>system.pid</string></value>\r\n<value><string>d.name</string></value>\r\n</data></array>';

  it('gives the first that there is', async () => {
    await using server = await daemon(() => scgi(xmlOf(LIST)));
    await using rpc = clientOf(server);
    assert.equal(await rpc.getSupportedMethod('d.multicall3', 'd.name', 'system.pid'), 'd.name');
    assert.equal(await rpc.getSupportedMethod('d.name', { signal: new AbortController().signal }), 'd.name');
    await assert.rejects(rpc.getSupportedMethod('a', 'b'), {
      name: 'ValueError',
      message: "Unsupported method(s): 'a', 'b'",
    });
    await assert.rejects(
      rpc.getSupportedMethod('a', { signal: AbortSignal.abort('no') }),
      error => error === 'no',
    );
  });

  it('asks for names only', async () => {
    await using server = await daemon(() => assert.fail('asked'));
    await using rpc = clientOf(server);
    for (const [wrong, what] of [
      [undefined, 'undefined'],
      [Symbol('a'), 'a symbol'],
      [['d.name'], 'an array'],
    ] as const)
      await assert.rejects(rpc.getSupportedMethod('d.name', wrong as never), {
        name: 'ValueError',
        message: `candidates[1] is ${what}`,
      });
  });

  it('takes a signal of another realm, which is of another class', async () => {
    await using server = await daemon(() => assert.fail('asked'));
    await using rpc = clientOf(server);
    const signal = { aborted: true, reason: 'no', addEventListener() {}, removeEventListener() {} };
    await assert.rejects(rpc.getSupportedMethod('a', { signal: signal as never }), error => error === 'no');
  });
});

describe('errors', () => {
  it('are the words of the daemon', async () => {
    const error = await failureOf(() => scgi(faultXml(-506, "Method 'x' not defined")));
    assert.ok(error instanceof RPCError);
    assert.equal(error.message, "Method 'x' not defined");
    assert.deepEqual(error.info, { faultCode: -506, faultString: "Method 'x' not defined" });
  });

  it('tell what answers instead', async () => {
    const cases: [string, string][] = [
      ['HTTP/1.1 400 Bad Request\r\n\r\n', 'an HTTP server, not an rTorrent daemon'],
      ['\x15\x03\x03\x00\x02\x02\x32', 'a TLS server, not an rTorrent daemon'],
      ['SSH-2.0-OpenSSH_9.2p1\r\n', 'an SSH server, not an rTorrent daemon'],
      ['hello\x00\x1b\n', 'hello\\u{0}\\u{1B}\\u{A}'],
      ['x', 'x'],
      [
        'Status: 500 Internal Server Error\r\n\r\n',
        'Status: 500 Internal Server Error\\u{D}\\u{A}\\u{D}\\u{A}',
      ],
      [scgi(''), ''],
      [scgi('<html>no</html>'), '<html>no</html>'],
      [scgi(xmlOf('<string>cut').slice(0, -40), 500).replace('500', '10'), '<?xml vers'],
      [scgi('{"id":1,"result":"0.16"}'), '{"id":1,"result":"0.16"}'],
      [scgi('y'.repeat(1000)), 'y'.repeat(200)],
    ];
    for (const [answer, message] of cases) {
      const error = await failureOf(() => Buffer.from(answer, 'latin1'));
      assert.ok(error instanceof RPCError, String(error));
      assert.equal(error.message, `Unexpected response: ${message}`);
    }
  });

  it('tell that the connection was lost', async () => {
    const cases: [Answers, string][] = [
      [() => '', 'Connection lost'],
      [() => 'Status: 200 OK\r\nContent-', 'Connection lost'],
      [() => scgi(xmlOf('<string>cut</string>'), 500), 'Connection lost'],
      [() => RESET, 'Connection reset'],
    ];
    for (const [answer, message] of cases) {
      const error = await failureOf(answer);
      assert.ok(error instanceof ConnectionError, String(error));
      assert.equal(error.message, message);
    }
  });

  it('tell that an answer is too large', async () => {
    const long = scgi(xmlOf(`<string>${'x'.repeat(1000)}</string>`));
    const message = 'Response too large: more than 500 bytes';
    for (const answer of [long, long.replace(/Content-Length.*\r\n/, '')]) {
      const error = await failureOf(() => answer, { maxResponseSize: 500 });
      assert.ok(error instanceof RPCError);
      assert.equal(error.message, message);
    }
    // At once, not when all of it has come.
    const endless = ({ socket }: ScgiRequest) => void socket.write(long.slice(0, 100));
    assert.equal((await failureOf(endless, { maxResponseSize: 500 })).message, message);
  });

  it('tell that a request was too large', async () => {
    const words =
      'Call XML not a proper XML-RPC call.  XML-RPC request too large.  Max allowed is 524288 bytes';
    await using server = await daemon(({ body }) =>
      body.length < 1_000_000 ? scgi(faultXml(-503, words)) : RESET,
    );
    await using rpc = clientOf(server);
    await assert.rejects(rpc.call('load.raw', '', new Uint8Array(600_000)), (error: RPCError) => {
      assert.ok(error instanceof RPCError);
      assert.match(
        error.message,
        /^Request too large: 800\d\d\d bytes .* rTorrent \(network\.xmlrpc\.size_limit, 524288 bytes\)/,
      );
      assert.deepEqual(error.info, { faultCode: -503, faultString: words });
      return true;
    });
    await assert.rejects(rpc.call('load.raw', '', new Uint8Array(3_000_000)), {
      message: new RegExp(`^Request too large: 4000\\d\\d\\d bytes .* 127.0.0.1:${server.port}`),
    });
  });

  it('tell that nobody is there', async () => {
    const missing = path.join(tmpdir(), 'bt-rpc no such.socket');
    const tooLong = `/${'x'.repeat(200)}`;
    const cases: [ClientOptions, string, string][] = [
      [{ url: missing }, 'ConnectionError', `No such socket: ${missing}`],
      [{ url: `file://${missing}` }, 'ConnectionError', `No such socket: ${missing}`],
      [{ url: tmpdir() }, 'ConnectionError', `No such socket: ${tmpdir()}`],
      [{ url: import.meta.filename }, 'ConnectionError', `No such socket: ${import.meta.filename}`],
      [{ url: tooLong }, 'ConnectionError', `Invalid address: ${tooLong}`],
      [{ url: 'file://' }, 'ValueError', 'file URLs need a path'],
      [
        { url: missing, proxyUrl: 'socks5://127.0.0.1:1' },
        'ValueError',
        `You cannot use a proxy to connect to file://${missing}`,
      ],
      [{ url: 'scgi://127.0.0.1:1' }, 'ConnectionError', 'Connection refused'],
    ];
    for (const [options, name, message] of cases) {
      await using rpc = new RtorrentRPC(options);
      await assert.rejects(rpc.call('x'), { name, message });
      await assert.rejects(rpc.connect(), { name, message });
      assert.equal(rpc.status, 'disconnected');
    }
  });

  it('keep a peer that never answers, or never reads, from being one', async () => {
    const silent = createServer(socket => socket.on('error', () => {})).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as { port: number };
    await using rpc = new RtorrentRPC({ port, timeout: 0.2 });
    await assert.rejects(rpc.call('load.raw', '', new Uint8Array(10_000_000)), { name: 'TimeoutError' });
    assert.equal(rpc.status, 'disconnected');
    silent.close();
  });
});

describe('behind a web server', () => {
  const http = (status: string, body: string, ...headers: string[]) =>
    [`HTTP/1.1 ${status}`, `Content-Length: ${Buffer.byteLength(body)}`, ...headers, '', body].join('\r\n');
  const PASSWORD = 'fnork&"fnork ä';
  const options = (port: number) => ({
    url: `http://127.0.0.1:${port}/rt/RPC2?a`,
    username: 'fnark',
    password: PASSWORD,
  });
  const page = (status: string, body = `<html>${status} ${PASSWORD}</html>`, ...headers: string[]) =>
    http(status, body, 'Content-Type: text/html', ...headers);

  it('speaks HTTP with basic authentication', async () => {
    await using server = await serve(() => http('200 OK', xmlOf('<i8>42</i8>'), 'Content-Type: text/xml'));
    await using rpc = new RtorrentRPC(options(server.port));
    assert.equal(await rpc.call('x'), 42);
    const { head = '' } = server.requests.at(-1) ?? {};
    assert.match(head, /^POST \/rt\/RPC2\?a HTTP\/1\.1\r\n/);
    assert.match(head, /^content-type: text\/xml\r?$/im);
    const credentials = Buffer.from(`fnark:${PASSWORD}`).toString('base64');
    assert.ok(head.includes(`Basic ${credentials}`), head);
    assert.equal(server.connections, 1);
    await using bare = new RtorrentRPC(`http://127.0.0.1:${server.port}`);
    await bare.connect();
    assert.match(server.requests.at(-1)?.head ?? '', /^POST \/RPC2 HTTP/);
    assert.doesNotMatch(server.requests.at(-1)?.head ?? '', /authorization/i);
  });

  it('tells its refusals apart', async () => {
    const cases: [string, (port: number) => { name: string; message: string | RegExp }][] = [
      [page('401 Unauthorized'), () => ({ name: 'AuthenticationError', message: 'Authentication failed' })],
      [
        page('413 Request Entity Too Large'),
        port => ({
          name: 'RPCError',
          message: new RegExp(`^Request too large: 2\\d\\d bytes .* 127.0.0.1:${port}`),
        }),
      ],
      [
        page('502 Bad Gateway'),
        port => ({
          name: 'ConnectionError',
          message: `rTorrent does not answer the web server 127.0.0.1:${port}`,
        }),
      ],
      [
        page('504 Gateway Time-out'),
        port => ({
          name: 'ConnectionError',
          message: `rTorrent does not answer the web server 127.0.0.1:${port}`,
        }),
      ],
      [
        page('301 Moved', '', 'Location: https://other/RPC2'),
        () => ({ name: 'RPCError', message: 'Unexpected response: moved to https://other/RPC2' }),
      ],
      [
        page('404 Not Found'),
        () => ({ name: 'RPCError', message: 'Unexpected response: <html>404 Not Found ***</html>' }),
      ],
      [
        page('405 Not Allowed', ''),
        () => ({ name: 'RPCError', message: 'Unexpected response: HTTP status 405' }),
      ],
      [page('200 OK'), () => ({ name: 'RPCError', message: 'Unexpected response: <html>200 OK ***</html>' })],
      [
        http('200 OK', faultXml(-1, PASSWORD.replaceAll('&', '&amp;'))),
        () => ({ name: 'RPCError', message: '***' }),
      ],
    ];
    for (const [answer, expected] of cases) {
      await using server = await serve(({ body }) =>
        body.includes('client_version') ? http('200 OK', xmlOf('a')) : answer,
      );
      await using rpc = new RtorrentRPC(options(server.port));
      await rpc.connect();
      await assert.rejects(rpc.call('x', 'y'.repeat(120)), (error: Error) => {
        assert.partialDeepStrictEqual({ name: error.name }, { name: expected(server.port).name });
        const { message } = expected(server.port);
        if (typeof message === 'string') assert.equal(error.message, message);
        else assert.match(error.message, message);
        assert.ok(!inspect(error, { depth: 9 }).includes('fnork'), inspect(error));
        return true;
      });
      const isLost = /^(Auth|Conn)/.test(expected(server.port).name);
      assert.equal(rpc.status, isLost ? 'disconnected' : 'connected');
    }
  });

  it('asks with a wrong password once for all that wait', async () => {
    await using server = await serve(() => page('401 Unauthorized'));
    await using rpc = new RtorrentRPC(options(server.port));
    const calls = await Promise.allSettled(Array.from({ length: 10 }, () => rpc.call('x')));
    assert.ok(calls.every(call => call.status === 'rejected' && call.reason instanceof AuthenticationError));
    assert.equal(server.requests.length, 1);
  });

  it('takes a closed connection for a large request for its size', async () => {
    await using server = await serve(({ body }) =>
      body.includes('client_version') ? http('200 OK', xmlOf('a')) : page('502 Bad Gateway'),
    );
    await using rpc = new RtorrentRPC(options(server.port));
    await rpc.connect();
    await assert.rejects(rpc.call('load.raw', '', new Uint8Array(2_000_000)), {
      name: 'RPCError',
      message: /^Request too large: 266\d{4} bytes are more than rTorrent takes/,
    });
  });
});

describe('watching the wire', () => {
  const watch = (rpc: RtorrentRPC) => {
    const exchanges: Exchange[] = [];
    rpc.on('exchange', exchange => exchanges.push(exchange));
    return exchanges;
  };

  it('shows each coat', async () => {
    const answer = scgi(xmlOf('<string>ü</string>'));
    await using server = await daemon(() => answer);
    await using rpc = clientOf(server);
    const exchanges = watch(rpc);
    await rpc.call('x', 'ä');
    assert.deepEqual(
      exchanges.map(({ id, method, outcome }) => ({ id, method, outcome })),
      [
        { id: 1, method: 'system.client_version', outcome: 'ok' },
        { id: 2, method: 'x', outcome: 'ok' },
      ],
    );
    const exchange = exchanges[1] as Exchange;
    const { head, body } = server.requests[1] as ScgiRequest;
    const size = head.length + Buffer.byteLength(body);
    assert.equal(exchange.sentBytes, size);
    assert.equal(exchange.receivedBytes, Buffer.byteLength(answer));
    assert.deepEqual(exchange.request(), [
      { kind: 'scgi', head, size },
      { kind: 'xml', text: body, size: Buffer.byteLength(body) },
    ]);
    const [, answerHead = '', xml = ''] = /^(.*?\r\n\r\n)(.*)$/s.exec(answer) ?? [];
    assert.deepEqual(exchange.response(), [
      { kind: 'scgi', head: answerHead, size: Buffer.byteLength(answer) },
      { kind: 'xml', text: xml, size: Buffer.byteLength(xml) },
    ]);
  });

  it('shows what went wrong', async () => {
    await using server = await daemon((_, number) =>
      number === 2 ? scgi(faultXml(-1, 'no')) : number === 3 ? 'HTTP/1.1 400\r\n' : undefined,
    );
    await using rpc = clientOf(server);
    const exchanges = watch(rpc);
    await assert.rejects(rpc.call('fault'));
    await assert.rejects(rpc.call('garbage'));
    await assert.rejects(rpc.call('aborted', { signal: AbortSignal.timeout(50) }));
    rpc.url = 'scgi://127.0.0.1:1';
    await assert.rejects(rpc.call('refused'));
    const [, fault, garbage, aborted, refused] = exchanges as [
      Exchange,
      Exchange,
      Exchange,
      Exchange,
      Exchange,
    ];
    assert.equal(fault.outcome, 'error');
    assert.equal(fault.error?.message, 'no');
    assert.deepEqual(garbage.response(), [{ kind: 'scgi', text: 'HTTP/1.1 400\r\n', size: 14 }]);
    assert.match(garbage.error?.message ?? '', /an HTTP server/);
    assert.equal(aborted.outcome, 'aborted');
    assert.deepEqual(aborted.response(), []);
    assert.ok(aborted.sentBytes > 100);
    assert.equal(refused.error?.message, 'Connection refused');
    assert.deepEqual(
      [refused.sentBytes, refused.receivedBytes, refused.request(), refused.response()],
      [0, 0, [], []],
    );
  });
});
