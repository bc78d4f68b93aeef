import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import { runInNewContext } from 'node:vm';
import { type ClientOptions, QbittorrentRPC, type RPCError } from '../../src/rpc/index.ts';
import { type FakeAnswer, type FakeHttp, type FakeRequest, startFakeHttp } from '../tools/fakes/http.ts';
import { freePort } from '../tools/ports.ts';

/** An answer as 4.5.2 gives it, recorded. */
const v4 = (status: string, body: string, headers = '') =>
  `HTTP/1.1 ${status}\r\nconnection: keep-alive\r\ncontent-length: ${Buffer.byteLength(body)}\r\ncontent-security-policy: default-src 'self';\r\ncontent-type: text/plain; charset=UTF-8\r\ndate: Wed, 25 Nov 2026 21:19:51 GMT\r\nreferrer-policy: same-origin\r\n${headers}x-content-type-options: nosniff\r\nx-frame-options: SAMEORIGIN\r\nx-xss-protection: 1; mode=block\r\n\r\n${body}`;

/** An answer as 5.3.0 gives it, recorded: no reason phrase with a success, and no type with nothing. */
const v5 = (status: string, body: string, headers = '') =>
  `HTTP/1.1 ${status}\r\nconnection: keep-alive\r\ncontent-length: ${Buffer.byteLength(body)}\r\n${body && !headers.includes('content-type') ? 'content-type: text/plain; charset=UTF-8\r\n' : ''}${headers}x-content-type-options: nosniff\r\n\r\n${body}`;

const FORBIDDEN = v4('403 Forbidden', 'Forbidden');
const UNAUTHORIZED = v5('401 Unauthorized', 'Unauthorized');
const VERSION = v4('200 OK', 'v4.5.2');
const SESSION = 'qrNpxN+SPGIQPXx/bXnEEdNHsFkWMcw=';
const BANNED = 'Ihre IP-Adresse wurde nach zu vielen fehlgeschlagenen Versuchen gesperrt.';

const v4LogIn = (session = SESSION) =>
  v4('200 OK', 'Ok.', `set-cookie: SID=${session}; HttpOnly; path=/; SameSite=Strict\r\n`);
const v5LogIn = (session = SESSION) =>
  v5(
    '204 ',
    '',
    `set-cookie: QBT_SID_51220=${session}; HttpOnly; SameSite=Lax; expires=Wed, 25-Nov-2026 22:19:51 GMT; path=/\r\n`,
  );

const isLogIn = ({ path }: FakeRequest) => path.endsWith('/auth/login');
const cookieOf = ({ headers }: FakeRequest) => headers.get('cookie');
const namesOf = ({ requests }: FakeHttp) => requests.map(({ path }) => path.replace(/^.*\/api\/v2\//, ''));

/** A client with credentials for a fake. */
const clientOf = (fake: FakeHttp, options: ClientOptions = {}) =>
  new QbittorrentRPC({ url: fake.url, username: 'fnark', password: 'fnork+ fnörk', ...options });

/** Always logs in, and answers anything else with this. */
const startAnswering = (answer: FakeAnswer) =>
  startFakeHttp(request => (isLogIn(request) ? v4LogIn() : answer));

/** A daemon whose sessions can be ended. */
async function startWithSessions(logIn = v4LogIn, password = 'fnork+ fnörk') {
  const sessions = new Set<string>();
  const state = { password };
  const fake = await startFakeHttp(request => {
    const session = /SID[^=]*=([^;]*)/.exec(cookieOf(request) ?? '')?.[1] ?? '';
    if (isLogIn(request)) {
      if (sessions.has(session)) return v4('200 OK', 'Ok.');
      if (new URLSearchParams(request.body).get('password') !== state.password) return v4('200 OK', 'Fails.');
      const next = `session+/number/${fake.requests.length}`;
      sessions.add(next);
      return logIn(next);
    }
    if (!sessions.has(session)) return FORBIDDEN;
    return v4('200 OK', request.body);
  });
  return { fake, sessions, state };
}

test('the log-in and the calls of 4.5.2', async () => {
  await using fake = await startAnswering(v4('200 OK', '2.8.19'));
  await using rpc = clientOf(fake);
  assert.equal(await rpc.call('app/webapiVersion', { a: [1, 2], 'b c': 'ä+' }), '2.8.19');
  await rpc.disconnect();
  const [logIn, call, logOut] = fake.requests;
  assert.deepEqual(namesOf(fake), ['auth/login', 'app/webapiVersion', 'auth/logout']);
  assert.equal(logIn?.body, 'username=fnark&password=fnork%2B%20fn%C3%B6rk');
  assert.equal(call?.body, 'a=1%7C2&b%20c=%C3%A4%2B');
  assert.deepEqual(
    [logIn, call, logOut].map(each => each && cookieOf(each)),
    [undefined, `SID=${SESSION}`, `SID=${SESSION}`],
  );
  for (const { head, headers } of fake.requests) {
    assert.match(head, /^POST \/api\/v2\//);
    assert.equal(headers.get('host'), `127.0.0.1:${fake.port}`);
    assert.equal(headers.get('content-type'), 'application/x-www-form-urlencoded');
    for (const name of ['origin', 'referer', 'transfer-encoding', 'authorization', 'expect'])
      assert.equal(headers.has(name), false, name);
    assert.ok(headers.has('content-length'));
  }
});

test('the log-in and the calls of 5.3.0', async () => {
  const added = '{"added_torrent_ids":[],"failure_count":0,"pending_count":1,"success_count":0}';
  const json = v5('202 ', added, 'content-type: application/json\r\n');
  await using fake = await startFakeHttp(request => (isLogIn(request) ? v5LogIn() : json));
  await using rpc = clientOf(fake);
  assert.deepEqual(await rpc.call('torrents/add', { urls: ['a', 'b'] }), JSON.parse(added));
  assert.equal(fake.requests[1]?.headers.get('cookie'), `QBT_SID_51220=${SESSION}`);
  assert.equal(fake.requests[1]?.body, 'urls=a%0Ab');
});

test('an answer without a body is an empty text', async () => {
  await using fake = await startAnswering(v5('204 ', ''));
  assert.equal(await clientOf(fake).call('app/deleteAPIKey'), '');
});

test('files go with a known length, each under a name of its own', async () => {
  await using fake = await startAnswering(v4('200 OK', 'Ok.'));
  const content = Buffer.from('d4:infode');
  // Of another realm, as in VS Code or a test runner: it is an instance of another class.
  const file = { filename: 'a.torrent', content: runInNewContext('Uint8Array').from(content) };
  await clientOf(fake).call(
    'torrents/add',
    { paused: true },
    {
      files: [
        ['torrents', file],
        ['torrents', { ...file, content: new Blob([content], { type: 'a/b' }) }],
        ['torrents', { filename: 'ü', content: import.meta.filename, contentType: 'text/x' }],
      ],
    },
  );
  const { headers, body } = fake.requests[1] as FakeRequest;
  assert.equal(headers.has('transfer-encoding'), false);
  const type = headers.get('content-type') ?? '';
  const form = await new Response(Buffer.from(body, 'latin1'), {
    headers: { 'content-type': type },
  }).formData();
  assert.equal(form.get('paused'), 'true');
  const files = form.getAll('torrents') as File[];
  assert.deepEqual(
    files.map(({ name, type }) => [name, type]),
    [
      ['a.torrent', 'application/x-bittorrent'],
      ['a-2.torrent', 'a/b'],
      ['ü', 'text/x'],
    ],
  );
  assert.deepEqual(Buffer.from((await files[1]?.bytes()) ?? []), content);
  assert.match((await files[2]?.text()) ?? '', /each under a name of its own/);
});

test('what cannot be sent is told before anything is', async () => {
  await using fake = await startAnswering(VERSION);
  const rpc = clientOf(fake);
  const content = new Uint8Array();
  const files: [files: unknown, message: string | RegExp][] = [
    ['a', 'files is a string'],
    [['a'], 'files[0] is a string'],
    [[undefined], 'files[0] is undefined'],
    [Array(1), 'files[0] is undefined'],
    [[['a', null]], 'files[0][1] is null'],
    [[[1, { filename: 'a', content }]], 'files[0][0] is 1'],
    [[['a', { content }]], 'files[0][1].filename is undefined'],
    [[['a', { filename: 'a' }]], 'files[0][1].content is undefined'],
    [[['a', { filename: 'a', content: 1 }]], 'files[0][1].content is 1'],
    [[['a', { filename: '\ud800', content }]], 'files[0][1].filename has a lone surrogate'],
    [[['a', { filename: 'a', content, contentType: 'a\r\nb: c' }]], 'files[0][1].contentType is invalid'],
    [[['a', { filename: 'a', content: '/no/such' }]], 'files[0][1].content: No such file: /no/such'],
    [[['a', { filename: 'a', content: '/' }]], 'files[0][1].content: It is a directory: /'],
    [[['a', { filename: 'a', content: '/dev/zero' }]], 'files[0][1].content: Not a file: /dev/zero'],
    [[['a', { filename: 'a', content: 'a\0b' }]], /^files\[0\]\[1\]\.content: /],
  ];
  for (const [value, message] of files)
    await assert.rejects(rpc.call('torrents/add', {}, { files: value as never }), {
      name: 'ValueError',
      message,
    });
  await assert.rejects(rpc.call('a', { b: [undefined] }), { message: 'options.b[0] is undefined' });
  await assert.rejects(rpc.call('../b'), { message: 'Invalid method: ../b' });
  const reason = new Error('enough');
  await assert.rejects(rpc.call('a', {}, { signal: AbortSignal.abort(reason) }), reason);
  assert.equal(fake.requests.length, 0);
});

test('the path of a reverse proxy is kept', async () => {
  await using fake = await startAnswering(VERSION);
  const paths: [given: string, sent: string][] = [
    ['', '/api/v2/app/version'],
    ['/', '/api/v2/app/version'],
    ['/a/qbt', '/a/qbt/api/v2/app/version'],
    ['/a//qbt//?x#y', '/a//qbt/api/v2/app/version'],
    ['/ü b', '/%C3%BC%20b/api/v2/app/version'],
  ];
  for (const [given, sent] of paths) {
    await clientOf(fake, { url: `${fake.url}${given}` }).call('/app/version/');
    assert.equal(fake.requests.at(-1)?.path, sent);
  }
});

// --- Logging in --------------------------------------------------------------------------------------------------

test('wrong credentials, as 4.5.2 and 5.3.0 say it, are one attempt for all who wait', async t => {
  const answers: [name: string, logIn: string, requests: string[]][] = [
    ['4.5.2', v4('200 OK', 'Fails.'), ['auth/login']],
    ['5.3.0', UNAUTHORIZED, ['auth/login', 'app/version']],
  ];
  for (const [name, logIn, requests] of answers) {
    await t.test(name, async () => {
      await using fake = await startFakeHttp(request => (isLogIn(request) ? logIn : FORBIDDEN));
      const rpc = clientOf(fake);
      const calls = await Promise.allSettled(Array.from({ length: 10 }, () => rpc.call('app/version')));
      for (const call of calls) {
        assert.equal(call.status, 'rejected');
        assert.equal(String(call.reason), 'AuthenticationError: Authentication failed');
      }
      assert.deepEqual(namesOf(fake), requests);
      assert.equal(
        fake.requests.some(request => request.headers.has('cookie')),
        false,
      );
      assert.equal(rpc.status, 'disconnected');
    });
  }
});

test('a ban is told as such, in whatever language', async () => {
  await using fake = await startFakeHttp(() => v4('403 Forbidden', BANNED));
  await assert.rejects(clientOf(fake).connect(), {
    name: 'AuthenticationError',
    message: 'Too many failed authentication attempts',
    info: { status: 403, body: BANNED },
  });
});

test('a refused host name is no wrong password', async t => {
  const v4Unauthorized = v4('401 Unauthorized', 'Unauthorized');
  const cases: [name: string, options: ClientOptions][] = [
    ['with credentials', {}],
    ['without', { username: '', password: '' }],
    ['with an API key', { username: '', password: '', apiKey: 'qbt_0123456789012345678901234567' }],
  ];
  for (const [name, options] of cases) {
    for (const answer of [UNAUTHORIZED, v4Unauthorized]) {
      await t.test(name, async () => {
        await using fake = await startFakeHttp(() => answer);
        await assert.rejects(clientOf(fake, options).connect(), {
          name: 'ConnectionError',
          message: `qBittorrent refuses the host name 127.0.0.1:${fake.port}`,
        });
      });
    }
  }
});

test('a refused password or key is no refused host name, as a request without them shows', async () => {
  const apiKey = 'qbt_0123456789012345678901234567';
  for (const options of [{}, { username: '', password: '', apiKey }]) {
    for (const bare of [FORBIDDEN, VERSION]) {
      await using fake = await startFakeHttp(request =>
        isLogIn(request) || request.headers.has('authorization') ? UNAUTHORIZED : bare,
      );
      await assert.rejects(clientOf(fake, options).connect(), {
        name: 'AuthenticationError',
        message: 'Authentication failed',
      });
    }
  }
});

test('a host name that is refused later', async () => {
  let isRefused = false;
  await using fake = await startFakeHttp(request =>
    isRefused ? UNAUTHORIZED : isLogIn(request) ? v5LogIn() : VERSION,
  );
  const rpc = clientOf(fake);
  await rpc.call('app/version');
  isRefused = true;
  await assert.rejects(rpc.call('app/version'), /^ConnectionError: qBittorrent refuses the host name/);
  assert.equal(rpc.status, 'disconnected');
});

test('an accepted log-in without a cookie is a log-in, and a cookie may come later', async () => {
  let cookie = '';
  await using fake = await startFakeHttp(request => v4('200 OK', isLogIn(request) ? 'Ok.' : 'x', cookie));
  const rpc = clientOf(fake);
  assert.equal(await rpc.call('app/version'), 'x');
  cookie = 'set-cookie: SID=one; path=/\r\nset-cookie: proxy=two+/; path=/\r\n';
  await rpc.call('app/version');
  cookie = '';
  await rpc.call('app/version');
  await rpc.disconnect();
  assert.deepEqual(fake.requests.map(cookieOf), [
    ...[undefined, undefined, undefined, 'SID=one; proxy=two+/', 'SID=one; proxy=two+/'],
  ]);
});

test('without credentials it goes without a log-in, or not at all', async () => {
  const options = { username: '', password: '' };
  await using open = await startFakeHttp(() => VERSION);
  const rpc = clientOf(open, options);
  assert.equal(await rpc.call('app/version'), 'v4.5.2');
  await rpc.disconnect();
  assert.deepEqual(namesOf(open), ['app/version', 'app/version']);

  await using closed = await startFakeHttp(() => FORBIDDEN);
  await assert.rejects(clientOf(closed, options).call('app/version'), {
    name: 'AuthenticationError',
    message: 'Authentication failed',
    info: { status: 403, body: 'Forbidden' },
  });
});

test('an API key goes with each request, and nothing else does', async () => {
  const apiKey = 'qbt_quEyRa45fn9dbTLtrnsISfbamKrG';
  const state = { apiKey };
  await using fake = await startFakeHttp(({ headers }) =>
    headers.get('authorization') === `Bearer ${state.apiKey}`
      ? v5('200 ', 'v5.3.0', 'set-cookie: a=b\r\n')
      : v5('403 Forbidden', 'Forbidden'),
  );
  const rpc = new QbittorrentRPC({ url: fake.url, apiKey });
  assert.equal(await rpc.call('app/version'), 'v5.3.0');
  await rpc.disconnect();
  assert.deepEqual(namesOf(fake), ['app/version', 'app/version']);
  assert.equal(
    fake.requests.some(request => request.headers.has('cookie')),
    false,
  );

  await rpc.connect();
  state.apiKey = 'another';
  await assert.rejects(rpc.call('app/version'), {
    name: 'AuthenticationError',
    message: 'Authentication failed',
  });
  assert.equal(rpc.status, 'disconnected');
  await assert.rejects(rpc.connect(), { name: 'AuthenticationError', message: 'Authentication failed' });
});

// --- Sessions that end -------------------------------------------------------------------------------------------

for (const [name, logIn] of [
  ['4.5.2', v4LogIn],
  ['5.3.0', v5LogIn],
] as const) {
  test(`ten calls on one expired session of ${name} log in once`, async () => {
    const { fake, sessions } = await startWithSessions(logIn);
    await using _ = fake;
    const rpc = clientOf(fake);
    await rpc.connect();
    const statuses: string[] = [];
    rpc.on('disconnected', () => statuses.push('disconnected'));
    for (let round = 0; round < 2; round++) {
      sessions.clear();
      const calls = Array.from({ length: 10 }, (_, index) => rpc.call('echo', { index }));
      assert.deepEqual(
        await Promise.all(calls),
        Array.from({ length: 10 }, (_, index) => `index=${index}`),
      );
    }
    assert.equal(fake.requests.filter(isLogIn).length, 3);
    assert.deepEqual(statuses, []);
  });
}

test('a call that found the session expired late uses the one that others have renewed', async () => {
  const { fake, sessions } = await startWithSessions();
  await using _ = fake;
  const rpc = clientOf(fake);
  await rpc.connect();
  sessions.clear();
  await rpc.call('echo');
  await Promise.all([rpc.call('echo'), rpc.call('echo')]);
  assert.equal(fake.requests.filter(isLogIn).length, 2);
});

test('who gives up while logging in again leaves it to the next', async () => {
  const logIns: FakeRequest[] = [];
  const given = new AbortController();
  await using fake = await startFakeHttp(request => {
    if (!isLogIn(request)) return logIns.length === 3 ? v4('200 OK', request.body) : FORBIDDEN;
    logIns.push(request);
    // The second never ends by itself.
    if (logIns.length === 2) given.abort(new Error('enough'));
    return logIns.length === 2 ? undefined : v4LogIn();
  });
  const rpc = clientOf(fake);
  await rpc.connect();
  const first = rpc.call('echo', {}, { signal: given.signal });
  const others = [rpc.call('echo', { a: 1 }), rpc.call('echo', { a: 2 })];
  await assert.rejects(first, /enough/);
  assert.deepEqual(await Promise.all(others), ['a=1', 'a=2']);
  assert.equal(logIns.length, 3);
});

test('a password that has changed meanwhile is tried once for all', async () => {
  const { fake, sessions, state } = await startWithSessions();
  await using _ = fake;
  const rpc = clientOf(fake);
  await rpc.connect();
  let disconnects = 0;
  rpc.on('disconnected', () => disconnects++);
  sessions.clear();
  state.password = 'another';
  const calls = await Promise.allSettled(Array.from({ length: 10 }, () => rpc.call('echo')));
  for (const call of calls)
    assert.equal(
      String((call as PromiseRejectedResult).reason),
      'AuthenticationError: Authentication failed',
    );
  assert.equal(fake.requests.filter(isLogIn).length, 2);
  assert.equal(disconnects, 1);
});

test('what a method refuses is no expired session', async () => {
  await using words = await startAnswering(v4('403 Forbidden', 'Cannot write to directory'));
  const rpc = clientOf(words);
  await assert.rejects(rpc.call('torrents/setDownloadPath'), {
    name: 'RPCError',
    message: 'Cannot write to directory',
    info: { status: 403, body: 'Cannot write to directory' },
  });
  assert.deepEqual(namesOf(words), ['auth/login', 'torrents/setDownloadPath']);

  await using wordless = await startAnswering(FORBIDDEN);
  const other = clientOf(wordless);
  await assert.rejects(other.call('a/b'), { name: 'RPCError', message: 'Forbidden' });
  assert.deepEqual(namesOf(wordless), ['auth/login', 'a/b', 'auth/login', 'a/b']);
  assert.equal(other.status, 'connected');
});

test('a session that is logged out by a call is renewed by the next', async () => {
  let isIn = false;
  await using fake = await startFakeHttp(request => {
    if (!isLogIn(request) && !isIn) return FORBIDDEN;
    isIn = !request.path.endsWith('/auth/logout');
    const over = 'set-cookie: SID=; expires=Tue, 24-Nov-2026 21:19:55 GMT; path=/\r\n';
    return isLogIn(request) ? v4LogIn() : isIn ? VERSION : v4('200 OK', '', over);
  });
  const rpc = clientOf(fake);
  assert.equal(await rpc.call('auth/logout'), '');
  assert.equal(await rpc.call('app/version'), 'v4.5.2');
  assert.deepEqual(fake.requests.slice(2).map(cookieOf), [undefined, undefined, `SID=${SESSION}`]);
});

test('a daemon that is gone makes no error of a log-out', async () => {
  const fake = await startAnswering(VERSION);
  const rpc = clientOf(fake);
  await rpc.connect();
  await fake[Symbol.asyncDispose]();
  await rpc.disconnect();
  assert.equal(rpc.status, 'disconnected');
  await assert.rejects(rpc.connect(), { name: 'ConnectionError', message: 'Connection refused' });
});

test('an idle connection is not used again when the daemon is about to close it', {
  timeout: 20_000,
}, async () => {
  await using fake = await startAnswering(VERSION);
  const rpc = clientOf(fake);
  await rpc.call('app/version');
  await rpc.call('app/version');
  await sleep(4200);
  await rpc.call('app/version');
  const connections = fake.requests.map(({ connection }) => connection);
  assert.deepEqual(connections, [1, 1, 1, 2]);
});

// --- What comes back ---------------------------------------------------------------------------------------------

test('errors have the words of the daemon', async t => {
  const cases: [answer: string, message: string, info: object][] = [
    [v4('404 Not Found', 'Not Found'), 'Unknown RPC method', { status: 404, body: 'Not Found' }],
    [v4('404 Not Found', ''), 'Unknown RPC method', { status: 404, body: '' }],
    [
      v5('404 Not Found', 'Endpoint does not exist'),
      'Unknown RPC method',
      { status: 404, body: 'Endpoint does not exist' },
    ],
    [v5('404 Not Found', 'No such torrent'), 'No such torrent', { status: 404, body: 'No such torrent' }],
    [
      v5('400 Bad Request', 'Missing required parameters: hash'),
      'Missing required parameters: hash',
      { status: 400, body: 'Missing required parameters: hash' },
    ],
    [
      v4('409 Conflict', 'Unable to create category'),
      'Unable to create category',
      { status: 409, body: 'Unable to create category' },
    ],
    [v5('500 Internal Server Error', ''), 'HTTP status 500', { status: 500, body: '' }],
  ];
  for (const [answer, message, info] of cases) {
    await t.test(message, async () => {
      await using fake = await startAnswering(answer);
      const rpc = clientOf(fake);
      await assert.rejects(rpc.call('a/b'), { name: 'RPCError', message, info });
      assert.equal(rpc.status, 'connected');
    });
  }
});

/** An answer of another web server. */
const foreign = (status: string, header: string, body: string) =>
  `HTTP/1.1 ${status}\r\n${header}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
const HTML = 'Content-Type: text/html';
const page = (words: string) => `<html>\r\n<h1>${words}</h1>\r\n</html>`;
const BASIC = 'WWW-Authenticate: Basic realm="Transmission"';

/** What others answer, whatever they are asked. */
const STRANGERS: readonly (readonly [name: string, answer: string, message: RegExp])[] = [
  [
    'a web page',
    foreign('200 OK', HTML, '<!DOCTYPE html><b>Hi'),
    /^Unexpected response: <!DOCTYPE html><b>Hi/,
  ],
  [
    'nginx whose upstream is gone',
    foreign('502 Bad Gateway', HTML, page('502 Bad Gateway')),
    /^Unexpected response: <html>\\u\{D\}\\u\{A\}<h1>502 Bad Gateway/,
  ],
  [
    'nginx that lets nobody in',
    foreign('403 Forbidden', HTML, page('403 Forbidden')),
    /^Unexpected response: <html>/,
  ],
  [
    'Transmission that wants a password',
    foreign('401 Unauthorized', BASIC, '<h1>401: Unauthorized</h1>'),
    /^Unexpected response: <h1>401: Unauthorized/,
  ],
  [
    'a web server that wants a password of its own',
    foreign('401 Unauthorized', BASIC, 'Unauthorized'),
    /^Unexpected response: Unauthorized$/,
  ],
  [
    'a redirect',
    foreign('302 Found', 'Location: https://else.where/', ''),
    /^Unexpected response: moved to https:\/\/else\.where\/$/,
  ],
  [
    'another web service',
    foreign('200 OK', 'Content-Type: application/json', '{"error":"what"'),
    /^Unexpected response: \{"error":"what"$/,
  ],
  ['no HTTP', 'SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n', /^Unexpected response: /],
];

for (const [name, answer, message] of STRANGERS) {
  test(`not qBittorrent: ${name}`, async () => {
    await using stranger = await startFakeHttp(() => answer);
    for (const options of [{}, { username: '', password: '' }])
      await assert.rejects(clientOf(stranger, options).connect(), { name: 'RPCError', message });
    await using later = await startAnswering(answer);
    await assert.rejects(clientOf(later).call('a/b'), { name: 'RPCError', message });
  });
}

test('credentials go to no other place', async () => {
  await using elsewhere = await startFakeHttp(() => VERSION);
  const moved = `HTTP/1.1 307 Moved\r\nlocation: ${elsewhere.url}/\r\ncontent-length: 0\r\n\r\n`;
  await using fake = await startFakeHttp(() => moved);
  await assert.rejects(clientOf(fake).connect(), /moved to/);
  assert.equal(elsewhere.requests.length, 0);
});

test('a request too large for the web server before qBittorrent', async () => {
  const title = '413 Request Entity Too Large';
  await using fake = await startAnswering(foreign(title, HTML, page(title)));
  await assert.rejects(clientOf(fake).call('a/b', { c: 'd'.repeat(1000) }), {
    name: 'RPCError',
    message: `Request too large: 1002 bytes are more than 127.0.0.1:${fake.port} takes`,
  });
});

test('no secret shows, whatever is echoed', async t => {
  const password = 'p a+s/ürd$1';
  const session = 'Se+ss/ion=Id0123';
  const setCookie = `set-cookie: SID=${session}; path=/\r\n`;
  const echo = (request: FakeRequest) => `${request.head}\n${request.body}\n${password} ${session}`;
  const secrets = [password, encodeURIComponent(password), session, encodeURIComponent(session)];
  secrets.push(Buffer.from(password).toString('base64'), Buffer.from(password).toString('latin1'));
  const hidden = (error: RPCError) => {
    const shown = `${error.message} ${error.stack} ${inspect(error, { depth: 9, showHidden: true })}`;
    for (const secret of secrets) assert.ok(!shown.includes(secret), `${secret} in ${shown}`);
    return true;
  };
  for (const status of ['200 OK', '403 Forbidden', '401 Unauthorized', '404 Not Found', '500 Oh']) {
    await t.test(status, async () => {
      await using fake = await startFakeHttp(request => v4(status, echo(request), setCookie));
      await assert.rejects(clientOf(fake, { password }).connect(), hidden);
      await using later = await startFakeHttp(request =>
        isLogIn(request) ? v4LogIn(session) : v4(status, `<html>${echo(request)}`),
      );
      const rpc = clientOf(later, { password });
      await assert.rejects(rpc.call('a/b', { c: password }), hidden);
      for (const secret of secrets) assert.ok(!inspect(rpc, { depth: 9, showHidden: true }).includes(secret));
    });
  }
  const apiKey = 'qbt_quEyRa45fn9dbTLtrnsISfbamKrG';
  await using fake = await startFakeHttp(request => v5('409 Conflict', request.head));
  await assert.rejects(new QbittorrentRPC({ url: fake.url, apiKey }).connect(), (error: RPCError) => {
    assert.ok(!inspect(error, { depth: 9 }).includes(apiKey));
    return true;
  });
});

test('a short cookie, such as a load balancer has, hides no words', async () => {
  const setCookies = `set-cookie: SID=${SESSION}\r\nset-cookie: SERVERID=s1\r\n`;
  await using fake = await startFakeHttp(request =>
    isLogIn(request) ? v4('200 OK', 'Ok.', setCookies) : v4('409 Conflict', `Not ${SESSION}, but s1`),
  );
  await assert.rejects(clientOf(fake).call('a'), { name: 'RPCError', message: 'Not ***, but s1' });
  assert.equal(cookieOf(fake.requests[1] as FakeRequest), `SID=${SESSION}; SERVERID=s1`);
});

test('an API key goes without credentials', () => {
  const apiKey = 'qbt_0123456789012345678901234567';
  assert.throws(() => new QbittorrentRPC({ username: 'a', apiKey }), { name: 'ValueError' });
  assert.equal(new QbittorrentRPC({ apiKey }).apiKey, true);
});

test('nothing listens', async () => {
  const rpc = new QbittorrentRPC({ url: `http://127.0.0.1:${await freePort()}` });
  await assert.rejects(rpc.call('app/version'), { name: 'ConnectionError', message: 'Connection refused' });
});
