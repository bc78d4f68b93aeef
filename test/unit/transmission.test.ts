/** The Transmission client against answers as they were recorded from 3.00 and 4.1. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inspect } from 'node:util';
import {
  AuthenticationError,
  ConnectionError,
  type Exchange,
  RPCError,
  TimeoutError,
  TransmissionRPC,
  ValueError,
} from '../../src/rpc/index.ts';
import { settle } from './support/fakeClient.ts';
import { RESET, serve, type Wire, type WireRequest } from './support/wire.ts';

const PASSWORD = 'fnork&"fnork ä';
const USER = 'fnark';

/** As 3.00 writes its heads. */
function http(status: string, body: string, ...headers: string[]): string {
  const lines = [
    `HTTP/1.1 ${status}`,
    'Server: Transmission',
    'Date: Wed, 25 Nov 2026 21:29:30 GMT',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Content-Type: text/html; charset=ISO-8859-1',
    ...headers,
  ];
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}

const ok = (body: string) => http('200 OK', body).replace('text/html', 'application/json');
const conflict = (id: string) =>
  http(
    '409 Conflict',
    `<h1>409: Conflict</h1><p>Your request had an invalid session-id header.</p><p>To fix this, follow these steps:<ol><li> When reading a response, get its X-Transmission-Session-Id header and remember it<li> Add the updated header to your outgoing requests<li> When you get this 409 error message, resend your request with the updated header</ol></p><p>This requirement has been added to help prevent <a href="https://en.wikipedia.org/wiki/Cross-site_request_forgery">CSRF</a> attacks.</p><p><code>X-Transmission-Session-Id: ${id}</code></p>`,
    `X-Transmission-Session-Id: ${id}`,
  );
const UNAUTHORIZED = http(
  '401 Unauthorized',
  '<h1>401: Unauthorized</h1><p>Unauthorized User. 1 unsuccessful login attempts.</p>',
  'WWW-Authenticate: Basic realm="Transmission"',
);
const NOT_WHITELISTED =
  "<h1>403: Forbidden</h1><p>Unauthorized IP Address.</p><p>Either disable the IP address whitelist or add your address to it.</p><p>If you're editing settings.json, see the 'rpc-whitelist' and 'rpc-whitelist-enabled' entries.</p><p>If you're still using ACLs, use a whitelist instead. See the transmission-daemon manpage for details.</p>";
const SUCCESS = '{"arguments":{"a":1},"result":"success"}\n';
const ID = '1XVbpdLlrEVsI0dC37EtUp6pA18b1oE0KmUv9v5RB4jCMqZE';
const OTHER_ID = '2XVbpdLlrEVsI0dC37EtUp6pA18b1oE0KmUv9v5RB4jCMqZE';

const sessionIdOf = ({ head }: WireRequest) => /^x-transmission-session-id: *(\S+)/im.exec(head)?.[1];

/** A daemon that knows one session id and answers what a test says, without one what 3.00 says. */
const daemon = (answer: Parameters<typeof serve>[0], id = () => ID) =>
  serve((request, number) => (sessionIdOf(request) === id() ? answer(request, number) : conflict(id())));

const clientOf = ({ port }: Wire, options = {}) =>
  new TransmissionRPC({
    url: `http://127.0.0.1:${port}/transmission/rpc`,
    username: USER,
    password: PASSWORD,
    ...options,
  });

/** The status changes of a client from now on. */
function hear(rpc: TransmissionRPC): string[] {
  const heard: string[] = [];
  for (const event of ['connecting', 'connected', 'disconnected'] as const)
    rpc.on(event, () => heard.push(event));
  return heard;
}

const failed = (Class: new (message: string) => Error, message: string | RegExp) => (error: unknown) => {
  assert.ok(error instanceof Class, inspect(error));
  if (typeof message === 'string') assert.equal(error.message, message);
  else assert.match(error.message, message);
  const all = inspect(error, { depth: 20, showHidden: true });
  const base64 = Buffer.from(`${USER}:${PASSWORD}`).toString('base64');
  for (const secret of [PASSWORD, encodeURIComponent(PASSWORD), base64, ID, OTHER_ID])
    assert.ok(!all.includes(secret), all);
  return true;
};

describe('a call', () => {
  it('sends credentials unasked and goes over the wire once', async () => {
    await using wire = await daemon(() => ok(SUCCESS));
    await using rpc = clientOf(wire);
    const answer = await rpc.call('torrent-get', { fields: ['id'] }, { tag: 5 });
    assert.deepEqual(answer, { arguments: { a: 1 }, result: 'success' });
    const [probe, call] = wire.requests;
    assert.equal(wire.requests.length, 2);
    assert.deepEqual(JSON.parse(probe?.body ?? ''), {
      method: 'session-get',
      arguments: { fields: ['version'] },
    });
    assert.equal(call?.body, '{"method":"torrent-get","arguments":{"fields":["id"]},"tag":5}');
    for (const { head } of [probe, call] as WireRequest[]) {
      assert.match(head, /^POST \/transmission\/rpc HTTP\/1\.1\r\n/);
      const base64 = Buffer.from(`${USER}:${PASSWORD}`).toString('base64');
      assert.match(head, new RegExp(`^authorization: Basic ${base64}\\r?$`, 'im'));
      assert.match(head, /^content-type: application\/json\r?$/im);
      assert.doesNotMatch(head, /^(origin|referer|transfer-encoding|expect):/im);
    }
  });

  it('goes without credentials where there are none', async () => {
    await using wire = await daemon(() => ok(SUCCESS));
    await using rpc = new TransmissionRPC(`http://127.0.0.1:${wire.port}/transmission/rpc`);
    await rpc.call('session-get');
    assert.doesNotMatch(wire.requests.map(request => request.head).join(), /^authorization:/im);
  });

  it('connects also where no session id is asked for', async () => {
    await using wire = await serve(() => ok(SUCCESS));
    await using rpc = clientOf(wire);
    await rpc.call('session-get');
    assert.equal(wire.requests.length, 2);
  });

  it('sends nothing where it cannot be sent', async () => {
    await using wire = await daemon(() => ok(SUCCESS));
    await using rpc = clientOf(wire);
    const refused = failed(ValueError, /./);
    await assert.rejects(rpc.call('torrent-remove', { ids: undefined }), refused);
    await assert.rejects(rpc.call('torrent-remove', { ids: [1, 1] }), refused);
    await assert.rejects(
      rpc.call('session-get', {}, { tag: 'x' }),
      failed(ValueError, 'Tag must be a number: x'),
    );
    assert.deepEqual([wire.requests.length, rpc.status], [0, 'disconnected']);
  });

  it('fails with the daemon’s words, and the connection stays', async () => {
    await using wire = await daemon(() =>
      ok('{"arguments":{},"result":"method name not recognized","tag":5}\n'),
    );
    await using rpc = clientOf(wire);
    const error = await rpc.call('nosuch', {}, { tag: 5 }).catch(reason => reason);
    failed(RPCError, 'Method name not recognized')(error);
    assert.deepEqual(error.info, { arguments: {}, tag: 5 });
    assert.equal(rpc.status, 'connected');
  });
});

describe('JSON-RPC', () => {
  // As 4.1.4 answers.
  const answers: Record<string, string> = {
    session_get: '{"id":7,"jsonrpc":"2.0","result":{"version":"4.1.4"}}',
    torrent_get:
      '{"error":{"code":-32602,"data":{"error_string":"no fields specified"},"message":"Invalid params"},"id":0,"jsonrpc":"2.0"}',
    no_such: '{"error":{"code":-32601,"message":"Method not found"},"id":0,"jsonrpc":"2.0"}',
  };

  it('is spoken for names with underscores', async () => {
    await using wire = await serve(request =>
      sessionIdOf(request) === ID
        ? ok(answers[JSON.parse(request.body).method] as string)
        : conflict(ID).replace('\r\n\r\n', '\r\nX-Transmission-Rpc-Version: 6.0.1\r\n\r\n'),
    );
    await using rpc = clientOf(wire);
    const answer = await rpc.call('session_get', { fields: ['version'] }, { tag: 7 });
    assert.deepEqual(answer, { id: 7, jsonrpc: '2.0', result: { version: '4.1.4' } });
    assert.equal(
      wire.requests.at(-1)?.body,
      '{"jsonrpc":"2.0","method":"session_get","params":{"fields":["version"]},"id":7}',
    );
    const error = await rpc.call('torrent_get').catch(reason => reason);
    failed(RPCError, 'Invalid params: no fields specified')(error);
    assert.equal(error.info.code, -32602);
    await assert.rejects(rpc.call('no_such'), failed(RPCError, 'Method not found'));
    assert.equal(rpc.status, 'connected');
  });

  for (const [version, answer, message] of [
    ['3.00', '{"arguments":{},"result":"method name not recognized"}\n', 'Method name not recognized'],
    ['4.1.0-beta.2', '{"arguments":0,"result":"no method name"}', 'No method name'],
  ] as const)
    it(`is refused by ${version} in its own words`, async () => {
      await using wire = await daemon(() => ok(answer));
      await using rpc = clientOf(wire);
      await assert.rejects(rpc.call('session_get'), failed(RPCError, message));
    });
});

describe('a session id', () => {
  it('is renewed within a call, which nobody notices', async () => {
    let id = ID;
    await using wire = await daemon(
      () => ok(SUCCESS),
      () => id,
    );
    await using rpc = clientOf(wire);
    await rpc.connect();
    const heard = hear(rpc);
    id = OTHER_ID;
    assert.equal((await rpc.call('session-get')).result, 'success');
    assert.deepEqual([heard, wire.requests.length], [[], 3]);
    await rpc.call('session-get');
    assert.equal(wire.requests.length, 4);
  });

  it('is renewed for ten calls at once', async () => {
    let id = ID;
    await using wire = await daemon(
      () => ok(SUCCESS),
      () => id,
    );
    await using rpc = clientOf(wire);
    await rpc.connect();
    const heard = hear(rpc);
    id = OTHER_ID;
    await Promise.all(Array.from({ length: 10 }, () => rpc.call('session-get')));
    assert.ok(wire.requests.length <= 21, `${wire.requests.length} requests`);
    assert.deepEqual(heard, []);
  });

  it('that is refused again and again is an error, not a loop, and not shown', async () => {
    let number = 0;
    const idOf = (n: number) => `${n}${ID.slice(1)}`;
    await using wire = await serve(() =>
      http('409 Conflict', idOf(++number), `X-Transmission-Session-Id: ${idOf(number)}`),
    );
    await using rpc = clientOf(wire);
    await rpc.connect();
    await assert.rejects(rpc.call('session-get'), failed(RPCError, 'Unexpected response: ***'));
    assert.equal(wire.requests.length, 3);
    assert.deepEqual(wire.requests.map(sessionIdOf), [undefined, idOf(1), idOf(2)]);
  });

  it('that is not told is an error', async () => {
    await using wire = await serve(() => http('409 Conflict', 'no'));
    await using rpc = clientOf(wire);
    await assert.rejects(rpc.connect(), failed(RPCError, 'Unexpected response: no'));
    assert.equal(wire.requests.length, 1);
  });
});

describe('refused', () => {
  it('credentials are tried once by ten calls', async () => {
    await using wire = await serve(() => UNAUTHORIZED);
    await using rpc = clientOf(wire);
    const heard = hear(rpc);
    const calls = await Promise.allSettled(Array.from({ length: 10 }, () => rpc.call('session-get')));
    for (const call of calls)
      failed(AuthenticationError, 'Authentication failed')((call as PromiseRejectedResult).reason);
    assert.deepEqual([wire.requests.length, heard], [1, ['connecting', 'disconnected']]);
  });

  it('credentials that were good before end the connection', async () => {
    let isChanged = false;
    await using wire = await daemon(() => (isChanged ? UNAUTHORIZED : ok(SUCCESS)));
    await using rpc = clientOf(wire);
    const seen: string[] = [];
    await rpc.call('session-get');
    rpc.on('exchange', ({ outcome, error }) => seen.push(`${outcome} ${error}`));
    const heard = hear(rpc);
    isChanged = true;
    const wrong = failed(AuthenticationError, 'Authentication failed');
    await assert.rejects(rpc.call('session-get'), wrong);
    assert.deepEqual(heard, ['disconnected']);
    assert.deepEqual(seen, ['error AuthenticationError: Authentication failed']);
  });

  const long = (text: string) => `Unexpected response: ${text.slice(0, 200)}`;
  const page = `<html>\n<head><title>502 Bad Gateway</title></head>${' '.repeat(300)}</html>`;
  const cases: [what: string, answer: string, Class: new (message: string) => Error, message: string][] = [
    [
      'an address that is not in the white list of 3.00',
      http('403 Forbidden', NOT_WHITELISTED),
      ConnectionError,
      "Unauthorized IP Address. Either disable the IP address whitelist or add your address to it. If you're editing settings.json, see the 'rpc-whitelist' and 'rpc-whitelist-enabled' entries. If you're still using ACLs, use a whitelist instead. See the transmission-daemon manpage for details.",
    ],
    [
      'an address that is not in the white list of 4.1',
      http('403 Forbidden', '<h1>403: Forbidden</h1>'),
      ConnectionError,
      'Forbidden: Transmission refuses our address, or locked us out after failed log-ins',
    ],
    [
      'anybody after too many log-ins (3.00)',
      http(
        '403 Forbidden',
        '<h1>403: Forbidden</h1><p>Too many unsuccessful login attempts. Please restart transmission-daemon.</p>',
      ),
      AuthenticationError,
      'Too many unsuccessful login attempts. Please restart transmission-daemon.',
    ],
    [
      'by qBittorrent, which listens there',
      http('403 Forbidden', 'Forbidden'),
      RPCError,
      'Unexpected response: Forbidden',
    ],
    [
      'a host name',
      http('421 Misdirected Request', '<h1>421: Misdirected Request</h1><p>Transmission received…'),
      ConnectionError,
      'Transmission refuses the host name 127.0.0.1:PORT',
    ],
    [
      'by moving away (a wrong path)',
      http('301 Moved Permanently', '<h1>301: Moved Permanently</h1>', 'Location: /transmission/web/'),
      RPCError,
      'Unexpected response: moved to /transmission/web/',
    ],
    [
      'by a web server with another page',
      http('404 Not Found', ''),
      RPCError,
      'Unexpected response: HTTP status 404',
    ],
    [
      'by a web server before it',
      http('502 Bad Gateway', page),
      RPCError,
      long(page)
        .replace('\n', '\\u{A}')
        .replaceAll(/ +$/g, match => match),
    ],
    ['by a page that is fine', ok('<!DOCTYPE html>'), RPCError, 'Unexpected response: <!DOCTYPE html>'],
    [
      'by an answer that is cut',
      ok('{"arguments":{},"resu'),
      RPCError,
      'Unexpected response: {"arguments":{},"resu',
    ],
    ['by nothing', ok(''), RPCError, 'Unexpected response: '],
    [
      'by a request that is too large',
      http('413 Request Entity Too Large', '<h1>413</h1>'),
      RPCError,
      'Request too large: 59 bytes are more than 127.0.0.1:PORT takes',
    ],
  ];
  for (const [what, answer, Class, message] of cases)
    it(what, async () => {
      await using wire = await serve(() => answer);
      await using rpc = clientOf(wire);
      const heard = hear(rpc);
      const error = await rpc.connect().catch(reason => reason);
      failed(Class, message.replace('PORT', String(wire.port)))(error);
      assert.equal(
        error.info?.status,
        answer.startsWith('HTTP/1.1 200') ? undefined : Number(answer.slice(9, 12)),
      );
      assert.deepEqual([wire.requests.length, heard], [1, ['connecting', 'disconnected']]);
    });

  it('a large request by a web server before it, with its size', async () => {
    await using wire = await daemon(() => http('413 Request Entity Too Large', '<html>nginx</html>'));
    await using rpc = clientOf(wire);
    const metainfo = 'ä'.repeat(1000);
    const bytes = Buffer.byteLength(JSON.stringify({ method: 'torrent-add', arguments: { metainfo } }));
    const error = failed(
      RPCError,
      `Request too large: ${bytes} bytes are more than 127.0.0.1:${wire.port} takes`,
    );
    await assert.rejects(rpc.call('torrent-add', { metainfo }), error);
    assert.equal(rpc.status, 'connected');
  });
});

describe('a connection', () => {
  for (const [how, end, message] of [
    ['closed in mid-call', null, 'Connection lost'],
    ['reset in mid-call', RESET, 'Connection reset'],
    [
      'closed within an answer',
      http('200 OK', SUCCESS, 'Connection: close').slice(0, -10),
      'Connection lost',
    ],
    ['closed within a head', 'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-', 'Connection lost'],
  ] as const)
    it(`that is ${how} is lost; the call is not sent again`, async () => {
      let isEnding = true;
      await using wire = await daemon(() => (isEnding ? end : ok(SUCCESS)));
      await using rpc = clientOf(wire);
      await rpc.connect();
      const heard = hear(rpc);
      await assert.rejects(rpc.call('torrent-start'), failed(ConnectionError, message));
      await settle();
      assert.deepEqual([wire.requests.length, heard], [2, ['disconnected']]);
      isEnding = false;
      await rpc.call('session-get');
      assert.deepEqual(heard, ['disconnected', 'connecting', 'connected']);
    });

  it('that stands still within an answer ends with time', async () => {
    await using wire = await daemon(() => ok(SUCCESS).slice(0, -10));
    await using rpc = clientOf(wire, { timeout: 0.2 });
    await assert.rejects(rpc.call('session-get'), failed(TimeoutError, 'Timeout after 0.2 seconds'));
  });

  it('stays with a call that takes too long, whose late answer is dropped', async () => {
    await using wire = await daemon(({ body }) => (body.includes('slow') ? undefined : ok(SUCCESS)));
    await using rpc = clientOf(wire, { timeout: 0.2 });
    await rpc.connect();
    const heard = hear(rpc);
    const slow = rpc.call('slow');
    const others = Array.from({ length: 5 }, () => rpc.call('session-get'));
    await assert.rejects(slow, failed(TimeoutError, 'Timeout after 0.2 seconds'));
    await Promise.all([...others, rpc.call('session-get')]);
    assert.deepEqual(heard, []);
  });

  it('leaves no socket behind, whether it came about or not', async () => {
    await using wire = await daemon(() => ok(SUCCESS));
    await using closed = await serve(() => UNAUTHORIZED);
    for (const server of [wire, closed]) {
      const rpc = clientOf(server);
      await rpc.call('session-get').catch(failed(AuthenticationError, 'Authentication failed'));
      await rpc.disconnect();
      // Well before an idle connection would be closed.
      for (let wait = 0; server.open > 0 && wait < 100; wait++) await settle();
      assert.deepEqual([server.open, server.connections], [0, 1]);
    }
  });

  it('shows no secret that the other side echoes', async () => {
    await using wire = await serve(request => {
      const base64 = /^authorization: Basic (\S+)/im.exec(request.head)?.[1] ?? '';
      const echo = `${PASSWORD} ${encodeURIComponent(PASSWORD)} ${base64} ${sessionIdOf(request) ?? ''}`;
      if (!sessionIdOf(request)) return conflict(ID);
      if (request.body.includes('words'))
        return ok(JSON.stringify({ arguments: { [echo]: [echo] }, result: echo }));
      if (request.body.includes('page')) return ok(`<html>${echo}`);
      if (request.body.includes('error')) return http('500 Oops', echo);
      return http('403 Forbidden', `<h1>403: Forbidden</h1><p>${echo}</p>`);
    });
    await using rpc = clientOf(wire);
    for (const method of ['words', 'page', 'error', 'forbidden'])
      await assert.rejects(rpc.call(method), failed(Error, /\*\*\*/));
  });

  it('leaves foreign words out where a secret is too short to be searched for', async () => {
    await using wire = await daemon(({ body }) => {
      if (body.includes('words')) return ok('{"arguments":{"xyz":"xyz"},"result":"wrong: xyz"}');
      if (body.includes('page')) return ok('<html>xyz');
      return http('403 Forbidden', '<h1>403: Forbidden</h1><p>Unauthorized IP Address of xyz.</p>');
    });
    await using rpc = clientOf(wire, { password: 'xyz' });
    for (const [method, Class, message] of [
      ['words', RPCError, 'Call failed'],
      ['page', RPCError, 'Unexpected response: '],
      [
        'forbidden',
        ConnectionError,
        'Forbidden: Transmission refuses our address, or locked us out after failed log-ins',
      ],
    ] as const) {
      const error = await rpc.call(method).catch(reason => reason);
      failed(Class, message)(error);
      assert.doesNotMatch(inspect(error, { depth: 9 }), /xyz/);
    }
  });

  it('tells of each exchange, log-in and renewal included', async () => {
    let id = ID;
    await using wire = await daemon(
      ({ body }) => (body.includes('slow') ? undefined : ok(SUCCESS)),
      () => id,
    );
    await using rpc = clientOf(wire);
    const seen: Exchange[] = [];
    rpc.on('exchange', exchange => seen.push(exchange));
    await rpc.call('torrent-get', { fields: ['id'] });
    id = OTHER_ID;
    await rpc.call('session-stats');
    const controller = new AbortController();
    const slow = rpc.call('slow', {}, { signal: controller.signal });
    controller.abort();
    await assert.rejects(slow, { name: 'AbortError' });
    await settle();
    assert.deepEqual(
      seen.map(exchange => [exchange.id, exchange.method, exchange.outcome]),
      [
        [1, 'session-get', 'ok'],
        [2, 'torrent-get', 'ok'],
        [3, 'session-stats', 'ok'],
        [4, 'session-stats', 'ok'],
        [5, 'slow', 'aborted'],
      ],
    );
    const text = inspect(
      seen.map(exchange => [exchange.request(), exchange.response()]),
      { depth: 9 },
    );
    assert.match(text, /"method":"torrent-get"/);
    for (const secret of [Buffer.from(`${USER}:${PASSWORD}`).toString('base64'), ID, OTHER_ID])
      assert.ok(!text.includes(secret), text);
  });
});
