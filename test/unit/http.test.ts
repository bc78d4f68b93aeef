/** The HTTP transport against servers that answer in bytes: what it sends, bounds, gives up, and tells who watches. */
import assert from 'node:assert/strict';
import type net from 'node:net';
import { describe, it } from 'node:test';
import { inspect } from 'node:util';
import { deflateSync, gzipSync } from 'node:zlib';
import type { SessionContext } from '../../src/rpc/base.ts';
import { RPCError } from '../../src/rpc/errors.ts';
import { type Exchange, ExchangeLog } from '../../src/rpc/exchange.ts';
import { Masker } from '../../src/rpc/mask.ts';
import {
  type HttpRequest,
  HttpTransport,
  redirected,
  unexpectedStatus,
} from '../../src/rpc/transport/http.ts';
import { TransmissionURL } from '../../src/rpc/url.ts';
import { type FakeServer, startFakeServer } from '../tools/fakes/server.ts';
import { until } from '../tools/until.ts';

const SECRET = 'Marker&pässword';

interface Setup {
  readonly maxResponseSize?: number;
  readonly exchanges?: Exchange[];
  readonly url?: string;
  /** Told each time that the secrets are asked for. */
  readonly onMasker?: () => void;
}

/** A transport to a server; disposing it closes it. */
function transportTo({ port }: Pick<FakeServer, 'port'>, setup: Setup = {}): HttpTransport & Disposable {
  const { maxResponseSize = 1024 * 1024, exchanges, url = `http://127.0.0.1:${port}/` } = setup;
  const log = new ExchangeLog(
    () => exchanges !== undefined,
    exchange => exchanges?.push(exchange),
  );
  const context: SessionContext = {
    ...{ url: new TransmissionURL(url), proxyUrl: undefined, tls: undefined, apiKey: undefined },
    ...{ timeout: 60, maxResponseSize, signal: new AbortController().signal },
    lost: () => {},
    certified: () => {},
    begin: method => log.begin(method),
    masker: () => new Masker([SECRET]),
  };
  const transport = new HttpTransport(context, () => {
    setup.onMasker?.();
    return context.masker();
  });
  return Object.assign(transport, { [Symbol.dispose]: () => transport.destroy() });
}

const REQUEST: HttpRequest = {
  ...{ name: 'session-get', kind: 'json', method: 'POST', path: '/rpc' },
  ...{ headers: { 'content-type': 'application/json' }, body: '{"method":"x"}' },
};
const never = new AbortController().signal;

/** A server that answers each request, however long, with these bytes. */
const answering = (answer: string | Uint8Array, then: (socket: net.Socket) => void = () => {}) =>
  startFakeServer(socket =>
    socket.on('data', () => {
      socket.write(answer);
      then(socket);
    }),
  );
const closing = (answer: string) => answering(answer, socket => socket.end());
const ok = (body: string, ...headers: string[]) =>
  `${['HTTP/1.1 200 OK', `Content-Length: ${Buffer.byteLength(body)}`, ...headers].join('\r\n')}\r\n\r\n${body}`;

describe('a request', () => {
  it('is sent as this, with its length and without encodings', async () => {
    let received = '';
    await using server = await startFakeServer(socket =>
      socket.on('data', chunk => {
        received += chunk;
        socket.write(ok('é'));
      }),
    );
    using transport = transportTo(server);
    const { status, headers, body } = await transport.request({ ...REQUEST, path: '/r p/ü?a=%20#ok' }, never);
    assert.deepEqual([status, headers['content-length'], body.toString()], [200, '2', 'é']);
    const head = `POST /r%20p/%C3%BC?a=%20#ok HTTP/1.1\r\nhost: 127.0.0.1:${server.port}\r\nconnection: keep-alive`;
    assert.equal(
      received,
      `${head}\r\ncontent-type: application/json\r\ncontent-length: 14\r\n\r\n{"method":"x"}`,
    );
  });

  it('names the host as a browser would', async () => {
    for (const [url, host] of [
      ['http://localhost:PORT/', 'localhost:PORT'],
      ['http://bücher.localhost:PORT/', 'xn--bcher-kva.localhost:PORT'],
    ] as const) {
      let received = '';
      await using server = await startFakeServer(socket =>
        socket.on('data', chunk => {
          received += chunk;
          socket.end();
        }),
      );
      const { port } = server;
      using transport = transportTo(server, { url: url.replace('PORT', `${port}`) });
      await transport.request(REQUEST, never).catch(() => {});
      if (received) assert.match(received, new RegExp(`^host: ${host.replace('PORT', `${port}`)}\r$`, 'm'));
    }
  });

  it('to a name that cannot be one is to an unknown host', async () => {
    using transport = transportTo({ port: 1 }, { url: 'http://⒈com:1/' });
    const expected = { name: 'ConnectionError', message: 'Name or service not known: ⒈com' };
    await assert.rejects(transport.request(REQUEST, never), expected);
  });

  it('after another uses its connection again, also right away', async () => {
    await using server = await answering(ok('x'));
    using transport = transportTo(server);
    for (let i = 0; i < 20; i++) await transport.request(REQUEST, never);
    assert.equal(server.connections, 1);
    await Promise.all(Array.from({ length: 100 }, () => transport.request(REQUEST, never)));
    assert.equal(server.connections, 32);
  });

  it('does not use a connection that was idle for 4 seconds', { timeout: 20_000 }, async () => {
    await using server = await answering(ok('x', 'Keep-Alive: timeout=600'));
    using transport = transportTo(server);
    await transport.request(REQUEST, never);
    await until(() => server.open === 0, 'it is closed by us');
    await transport.request(REQUEST, never);
    assert.equal(server.connections, 2);
  });
});

describe('an answer', () => {
  const failing = async (server: FakeServer, setup: Setup, error: object) => {
    using transport = transportTo(server, setup);
    await assert.rejects(transport.request(REQUEST, never), error);
    await until(() => server.open === 0, 'its connection is closed');
  };
  const tooLarge = { name: 'RPCError', message: 'Response too large: more than 100 bytes' };

  it('that says to be too large is refused at its head', async () => {
    await using server = await answering('HTTP/1.1 200 OK\r\nContent-Length: 101\r\n\r\n');
    await failing(server, { maxResponseSize: 100 }, tooLarge);
  });

  it('that is too large, without an end or a length, is cut off', async () => {
    const chunked = `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n65\r\n${'x'.repeat(101)}`;
    for (const answer of [chunked, `HTTP/1.1 200 OK\r\n\r\n${'x'.repeat(101)}`]) {
      await using server = await answering(answer);
      await failing(server, { maxResponseSize: 100 }, tooLarge);
    }
  });

  it('of just the size that is allowed', async () => {
    await using server = await answering(ok('x'.repeat(100)));
    using transport = transportTo(server, { maxResponseSize: 100 });
    assert.equal((await transport.request(REQUEST, never)).body.length, 100);
  });

  it('in chunks, after others that come before an answer, and without a length', async () => {
    const early = 'HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n';
    const chunked = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n';
    await using server = await answering(early + chunked);
    using transport = transportTo(server);
    assert.equal(String((await transport.request(REQUEST, never)).body), 'abc');
    await using old = await closing('HTTP/1.0 200 OK\r\n\r\nabc');
    using other = transportTo(old);
    assert.equal(String((await other.request(REQUEST, never)).body), 'abc');
  });

  it('that is packed, though nobody asked for it, is unpacked', async () => {
    const packed = (encoding: string, body: Buffer) => {
      const head = `HTTP/1.1 200 OK\r\nContent-Encoding: ${encoding}\r\nContent-Length: ${body.length}\r\n\r\n`;
      return startFakeServer(socket => socket.once('data', () => socket.write(head) && socket.write(body)));
    };
    for (const [encoding, body] of [
      ['gzip', gzipSync('abc')],
      ['X-GZIP', gzipSync('abc')],
      ['deflate', deflateSync('abc')],
      ['identity', Buffer.from('abc')],
    ] as const) {
      await using server = await packed(encoding, body);
      using transport = transportTo(server);
      assert.equal(String((await transport.request(REQUEST, never)).body), 'abc');
    }
    for (const [encoding, body, message] of [
      ['gzip', gzipSync(Buffer.alloc(101)), tooLarge.message],
      ['gzip', Buffer.from('abc'), 'Unexpected response: packed as gzip: incorrect header check'],
      ['br', Buffer.from('abc'), 'Unexpected response: packed as br: not supported'],
    ] as const) {
      await using server = await packed(encoding, body);
      using transport = transportTo(server, { maxResponseSize: 100 });
      await assert.rejects(transport.request(REQUEST, never), { name: 'RPCError', message });
    }
  });

  it('that is cut short is a lost connection', async () => {
    for (const answer of [
      '',
      'HTTP/1.1 200',
      'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab',
      'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nab',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab',
      'HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab',
    ]) {
      await using server = await closing(answer);
      await failing(server, {}, { name: 'ConnectionError', message: 'Connection lost' });
    }
  });

  it('that is no HTTP is quoted, or named', async () => {
    for (const [answer, message] of [
      [`\x00\x1b[31m${'x'.repeat(300)}`, `\\u{0}\\u{1B}[31m${'x'.repeat(194)}`],
      ['<html>hello', '<html>hello'],
      ['HTTP/1.1 200 OK\r\nno header\r\n\r\n', / header/],
      ['SSH-2.0-OpenSSH_9.2\r\n', 'an SSH server, not an HTTP server'],
      [Buffer.from('15030300020246', 'hex'), 'a TLS server, not an HTTP server'],
      [`HTTP/1.1 200 OK\r\nX: ${'x'.repeat(20_000)}`, 'headers without end'],
      [`Welcome ${SECRET} and ${encodeURIComponent(SECRET)}`, 'Welcome *** and ***'],
    ] as const) {
      await using server = await answering(answer);
      const expected = typeof message === 'string' ? `Unexpected response: ${message}` : message;
      await failing(server, {}, { name: 'RPCError', message: expected });
    }
  });

  it('before there was a question, or a close instead of one, is asked for once only', async () => {
    for (const serve of [
      (socket: net.Socket) => socket.write(ok('x')),
      (socket: net.Socket) => socket.end(),
      (socket: net.Socket) => socket.destroy(),
      (socket: net.Socket) => socket.resetAndDestroy(),
    ]) {
      await using server = await startFakeServer(serve);
      using transport = transportTo(server);
      await transport.request(REQUEST, never).catch(() => {});
      await until(() => server.open === 0 || server.connections === 1, 'over');
      assert.equal(server.connections, 1);
    }
  });

  it('that sends us elsewhere is not followed', () => {
    const response = {
      status: 302,
      headers: { location: `http://x/?${encodeURIComponent(SECRET)}` },
      body: Buffer.of(),
    };
    const error = redirected(response, new Masker([SECRET]));
    assert.equal(String(error), 'RPCError: Unexpected response: moved to http://x/?***');
    assert.deepEqual(error.info, { status: 302 });
  });

  it('says so much as can be said where a secret is too short to be masked', () => {
    const masker = new Masker(['abc']);
    const response = { status: 502, headers: { location: 'http://x' }, body: Buffer.from('Bad gateway') };
    assert.equal(redirected(response, masker).message, 'Unexpected response: moved to another address');
    const { message, info } = unexpectedStatus(response, masker, { status: 502 });
    assert.equal(message, 'Unexpected response: HTTP status 502');
    assert.deepEqual(info, { status: 502 });
    assert.equal(
      unexpectedStatus(response, new Masker([SECRET]), undefined).message,
      'Unexpected response: Bad gateway',
    );
  });
});

describe('a large request', () => {
  const sending = (size: number) => ({ ...REQUEST, body: Buffer.alloc(size, 'x') });
  const resetting = () => startFakeServer(socket => socket.once('data', () => socket.resetAndDestroy()));

  it('that is reset says how large it was', async () => {
    await using server = await resetting();
    using transport = transportTo(server);
    await assert.rejects(transport.request(sending(4 * 1024 * 1024), never), (error: Error) => {
      const owner = `127.0.0.1:${server.port}`;
      const message = `Request too large: 4194304 bytes are more than ${owner} takes: it closed the connection`;
      assert.equal(String(error), `ConnectionError: ${message}`);
      return true;
    });
  });

  it('that is small is just reset', async () => {
    await using server = await resetting();
    using transport = transportTo(server);
    await assert.rejects(transport.request(sending(1000), never), { message: 'Connection reset' });
  });

  it('whose answer had begun is lost', async () => {
    await using server = await closing('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n');
    using transport = transportTo(server);
    const large = transport.request(sending(600 * 1024), never);
    await assert.rejects(large, { name: 'ConnectionError', message: /^Connection (lost|reset)$/ });
  });
});

describe('an abort', () => {
  const reason = new Error('enough');
  const isReason = (error: unknown) => error === reason;

  it('before anything', async () => {
    await using server = await answering(ok('x'));
    using transport = transportTo(server);
    await assert.rejects(transport.request(REQUEST, AbortSignal.abort(reason)), isReason);
    assert.equal(server.connections, 0);
  });

  it('for no reason at all is one', async () => {
    await using server = await startFakeServer(() => {});
    using transport = transportTo(server);
    const controller = new AbortController();
    const requesting = transport.request(REQUEST, controller.signal);
    controller.abort(null);
    await assert.rejects(requesting, error => error === null);
  });

  it('closes the connection, whatever came before', async () => {
    for (const answer of ['', 'HTTP/1.1 200', 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx']) {
      await using server = await answering(answer);
      using transport = transportTo(server);
      const controller = new AbortController();
      const requesting = transport.request(REQUEST, controller.signal);
      await until(() => server.open === 1, 'connected');
      await new Promise(resolve => setTimeout(resolve, 20));
      controller.abort(reason);
      await assert.rejects(requesting, isReason);
      await until(() => server.open === 0, 'closed');
    }
  });

  it('while all connections are busy takes the request out of the queue', async () => {
    await using server = await startFakeServer(() => {});
    using transport = transportTo(server);
    const others = Array.from({ length: 32 }, () => transport.request(REQUEST, never).catch(() => {}));
    await until(() => server.open === 32, 'all are busy');
    const controller = new AbortController();
    const requesting = transport.request(REQUEST, controller.signal);
    controller.abort(reason);
    await assert.rejects(requesting, isReason);
    transport.destroy();
    await Promise.all(others);
    await until(() => server.open === 0, 'closed');
    assert.equal(server.connections, 32);
  });

  it('while the connection opens closes it', async () => {
    // The handshake of TLS never comes.
    await using server = await startFakeServer(() => {});
    using transport = transportTo(server, { url: `https://127.0.0.1:${server.port}/` });
    const controller = new AbortController();
    const requesting = transport.request(REQUEST, controller.signal);
    await until(() => server.open === 1, 'connecting');
    controller.abort(reason);
    await assert.rejects(requesting, isReason);
    await until(() => server.open === 0, 'closed');
  });

  it('disturbs no other request', async () => {
    await using server = await startFakeServer(socket =>
      socket.on('data', chunk => {
        if (String(chunk).includes('/slow')) return;
        socket.write(ok('x'));
      }),
    );
    using transport = transportTo(server);
    const controller = new AbortController();
    const slow = transport.request({ ...REQUEST, path: '/slow' }, controller.signal);
    const quick = Array.from({ length: 10 }, () => transport.request(REQUEST, never));
    controller.abort(reason);
    await assert.rejects(slow, isReason);
    assert.equal((await Promise.all(quick)).length, 10);
  });

  it('leaves no listener behind, nor does an answer', async () => {
    await using server = await answering(ok('x'));
    using transport = transportTo(server);
    const controller = new AbortController();
    let listeners = 0;
    const { signal } = controller;
    const { addEventListener, removeEventListener } = signal;
    signal.addEventListener = (...args: Parameters<typeof addEventListener>) => {
      listeners += 1;
      addEventListener.apply(signal, args);
    };
    signal.removeEventListener = (...args: Parameters<typeof removeEventListener>) => {
      listeners -= 1;
      removeEventListener.apply(signal, args);
    };
    for (let i = 0; i < 5; i++) await transport.request(REQUEST, signal);
    assert.equal(listeners, 0);
  });
});

it('destroying it ends requests and connections at once', async () => {
  await using server = await startFakeServer(() => {});
  const transport = transportTo(server);
  const requests = Array.from({ length: 70 }, () => transport.request(REQUEST, never));
  await until(() => server.open === 32, 'connected');
  transport.destroy();
  transport.destroy();
  for (const outcome of await Promise.allSettled(requests)) {
    assert.equal(outcome.status === 'rejected' && String(outcome.reason), 'ConnectionError: Connection lost');
  }
  await assert.rejects(transport.request(REQUEST, never), { message: 'Connection lost' });
  await until(() => server.open === 0, 'closed');
});

describe('an exchange', () => {
  it('tells what went over the wire, to the byte', async () => {
    let sent = 0;
    const answer = ok('{"result":"success"}', 'X-Two:  2', 'Content-Type: application/json');
    await using server = await startFakeServer(socket =>
      socket.on('data', chunk => {
        sent += chunk.length;
        socket.write(answer);
      }),
    );
    const exchanges: Exchange[] = [];
    using transport = transportTo(server, { exchanges });
    await transport.request(REQUEST, never);
    const [exchange] = exchanges;
    assert.ok(exchange && exchange.milliseconds > 0 && exchange.startedAt instanceof Date);
    assert.deepEqual([exchange.id, exchange.method, exchange.outcome], [1, 'session-get', 'ok']);
    assert.equal(exchange.sentBytes, sent);
    assert.equal(exchange.receivedBytes, answer.length - 1); // the second blank
    const { port } = server;
    assert.deepEqual(exchange.request(), [
      {
        kind: 'http',
        head: `POST /rpc HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\nconnection: keep-alive\r\ncontent-type: application/json\r\ncontent-length: 14\r\n\r\n`,
        size: sent,
      },
      { kind: 'json', text: '{"method":"x"}', size: 14 },
    ]);
    assert.deepEqual(exchange.response(), [
      {
        kind: 'http',
        head: 'HTTP/1.1 200 OK\r\nContent-Length: 20\r\nX-Two: 2\r\nContent-Type: application/json\r\n\r\n',
        size: answer.length - 1,
      },
      { kind: 'json', text: '{"result":"success"}', size: 20 },
    ]);
  });

  it('of what fails tells how far it came, and why', async () => {
    const exchanges: Exchange[] = [];
    await using lost = await closing('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab');
    using half = transportTo(lost, { exchanges });
    await half.request(REQUEST, never).catch(() => {});
    using refused = transportTo({ port: 1 }, { exchanges });
    await refused.request(REQUEST, never).catch(() => {});
    await using silent = await startFakeServer(() => {});
    using aborted = transportTo(silent, { exchanges });
    await aborted.request(REQUEST, AbortSignal.timeout(50)).catch(() => {});
    await using server = await answering(ok('no'));
    using misread = transportTo(server, { exchanges });
    const reading = misread.request(REQUEST, never, () => {
      throw new RPCError('No such thing');
    });
    await assert.rejects(reading, { message: 'No such thing' });

    assert.deepEqual(
      exchanges.map(({ outcome, error, sentBytes, receivedBytes }) => [
        ...[outcome, error?.message, sentBytes > 100, receivedBytes],
      ]),
      [
        ['error', 'Connection lost', true, 40],
        ['error', 'Connection refused', false, 0],
        ['aborted', 'The operation was aborted due to timeout', true, 0],
        ['error', 'No such thing', true, 40],
      ],
    );
    assert.deepEqual(
      exchanges.map(exchange => exchange.response().length),
      [1, 0, 0, 1],
    );
  });

  it('shows no secret, neither ours nor what the other side sets', async () => {
    const id = 'S0me/Session+Id==';
    const session = [`Set-Cookie: SID=${id}; HttpOnly; path=/`, `X-Transmission-Session-Id: ${id}`];
    const page = `<b>${id} ${SECRET} ${encodeURIComponent(id)} ${Buffer.from(`u:${SECRET}`).toString('base64')}</b>`;
    await using server = await answering(ok(page, ...session));
    const exchanges: Exchange[] = [];
    using transport = transportTo(server, { exchanges });
    const basic = Buffer.from(`user:${SECRET}`).toString('base64');
    const headers = { authorization: `Basic ${basic}`, cookie: `a=${id}; SID=other-session-id` };
    const body = `password=${encodeURIComponent(SECRET)}&again=other-session-id`;
    await transport.request({ ...REQUEST, kind: 'form', headers, body }, never);
    const [exchange] = exchanges;
    const shown = inspect([exchange?.request(), exchange?.response()], { depth: 9, maxStringLength: null });
    for (const secret of [id, SECRET, basic, 'other-session-id', encodeURIComponent(SECRET)]) {
      assert.ok(!shown.includes(secret), shown);
    }
    assert.match(shown, /authorization: Basic \*\*\*/);
    assert.match(shown, /cookie: a=\*\*\*; SID=\*\*\*/);
    assert.match(shown, /Set-Cookie: SID=\*\*\*; HttpOnly; path=\//);
    assert.match(shown, /password=\*\*\*&again=\*\*\*/);
  });

  it('is bounded, and shows bytes as bytes', async () => {
    const large = `[${'é'.repeat(400_000)}]`;
    await using server = await answering(ok(large));
    const exchanges: Exchange[] = [];
    using transport = transportTo(server, { exchanges });
    await transport.request({ ...REQUEST, body: Buffer.from('ff00fe', 'hex') }, never);
    const [, sent] = exchanges[0]?.request() ?? [];
    assert.deepEqual([...(sent?.bytes ?? [])], [0xff, 0, 0xfe]);
    const [, received] = exchanges[0]?.response() ?? [];
    assert.equal(received?.size, 800_002);
    assert.ok(received?.text && received.text.length <= 256 * 1024 && received.text.startsWith('[éé'));
  });

  it('is not made while nobody listens', async () => {
    await using server = await answering(ok('x'));
    let maskers = 0;
    const onMasker = () => {
      maskers += 1;
    };
    using unwatched = transportTo(server, { onMasker });
    await unwatched.request(REQUEST, never);
    assert.equal(maskers, 0);
    using watched = transportTo(server, { onMasker, exchanges: [] });
    await watched.request(REQUEST, never);
    assert.equal(maskers, 1);
  });
});
