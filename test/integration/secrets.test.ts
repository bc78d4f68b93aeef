/** No password, session id or proxy credential shows anywhere, over any route, also where the other side echoes it. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import type net from 'node:net';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { inspect, promisify } from 'node:util';
import {
  type ClientName,
  type ClientOptions,
  client,
  type Exchange,
  type RPCBase,
} from '../../src/rpc/index.ts';
import { type Certificates, makeCertificates } from '../tools/certificates.ts';
import { TESTED_CLIENTS, type TestedClient } from '../tools/clients.ts';
import { type FakeRequest, startFakeHttp } from '../tools/fakes/http.ts';
import { startFakeServer } from '../tools/fakes/server.ts';
import { freePort } from '../tools/ports.ts';
import { startMicrosocks, startTinyproxy } from '../tools/proxies.ts';

const stack = new AsyncDisposableStack();
let certificates: Certificates;
before(async () => {
  certificates = stack.use(await makeCertificates());
});
after(() => stack.disposeAsync());

/** Each secret is recognised by its own mark, whatever becomes of the characters around it. */
const SECRETS = {
  password: 'pw-Marker1 &ö/"<%41',
  apiKey: 'qbt_Marker2+abcdefghijklmnop',
  proxyUser: 'pu-Marker3 ä',
  proxyPassword: 'pp-Marker4:@/é"\\',
  sessionId: 'sid-Marker5+/ABCDEFGHIJKLMNOP==',
};

/** Parts of the secrets that no text may hold, in capitals: their marks, plain and in base64 at each alignment. */
const TRACES = Object.values(SECRETS).flatMap(secret => {
  const mark = /Marker\d/.exec(secret)?.[0] ?? assert.fail();
  const aligned = [0, 1, 2].map(offset =>
    Buffer.from(`${'\0'.repeat(offset)}${mark}\0\0`)
      .toString('base64')
      .slice(Math.ceil((offset * 8) / 6), -4),
  );
  return [mark, ...aligned].map(trace => trace.toUpperCase());
});

/** Fails when anything that can be seen of a thing shows a secret. */
function assertSilent(thing: unknown, where: string): void {
  const options = { depth: 40, showHidden: true, maxStringLength: null, maxArrayLength: null };
  const shown = [
    inspect(thing, options),
    inspect(thing, { ...options, customInspect: false }),
    String(thing),
    JSON.stringify(thing) ?? '',
    thing instanceof Error ? `${thing.stack}${thing.message}${inspect(thing.cause, options)}` : '',
  ].join('\n');
  for (const trace of TRACES) {
    const at = shown.toUpperCase().indexOf(trace);
    assert.equal(at, -1, `${where} shows ${trace}: ${shown.slice(Math.max(0, at - 200), at + 100)}`);
  }
}

/** Makes the call of a client that is to fail somehow, and looks at all that is to be seen of it. */
async function lookAt(tested: TestedClient, options: ClientOptions, where: string): Promise<void> {
  const rpc = client(tested.name, { timeout: 2, ...options });
  const exchanges: Exchange[] = [];
  rpc.on('exchange', exchange => exchanges.push(exchange));
  // What a method gives back is the caller's, whatever it holds.
  const error = await tested.call(rpc).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assertSilent(error, `${where}: what it said`);
  assertSilent(rpc, `${where}: the client`);
  assertSilent(rpc.url, `${where}: its address`);
  assertSilent(rpc.proxyUrl, `${where}: its proxy`);
  for (const exchange of exchanges) {
    assertSilent(exchange, `${where}: the exchange ${exchange.method}`);
    assertSilent(exchange.request(), `${where}: the request ${exchange.method}`);
    assertSilent(exchange.response(), `${where}: the answer to ${exchange.method}`);
  }
  await rpc.disconnect().catch(reason => assertSilent(reason, `${where}: the log-out`));
}

/** Who wants credentials. */
const hasCredentials = (name: ClientName) => name !== 'rtorrent';

function optionsFor(name: ClientName, address: string, scheme = 'http'): ClientOptions {
  const schemeOf = {
    deluge: '',
    rtorrent: 'scgi://',
    qbittorrent: `${scheme}://`,
    transmission: `${scheme}://`,
  };
  const url = `${schemeOf[name]}${address}`;
  return { url, ...(hasCredentials(name) && { username: 'someone', password: SECRETS.password }) };
}

describe('servers that echo', () => {
  /** What a request holds, as web servers and scripts repeat it. */
  const echoesOf = ({ head, body }: FakeRequest): string[] => {
    const all = `${head}\r\n\r\n${Buffer.from(body, 'latin1')}`;
    const basic = /^authorization: *basic (\S+)/im.exec(head)?.[1] ?? '';
    return [
      all,
      Buffer.from(basic, 'base64').toString(),
      encodeURIComponent(all),
      decodeURIComponent(body.includes('%') ? body.replaceAll('+', ' ') : ''),
      Buffer.from(all).toString('base64'),
      JSON.stringify(all),
      all.replace(/[&<>"]/g, char => `&#${char.charCodeAt(0)};`),
    ];
  };
  const http = (status: string, body: string, ...headers: string[]) =>
    `${[`HTTP/1.1 ${status}`, `Content-Length: ${Buffer.byteLength(body)}`, ...headers].join('\r\n')}\r\n\r\n${body}`;
  const oneLine = (text: string) => text.replace(/[\r\n]+/g, ' ');

  /** Answers that hold an echo in every place that we may quote. */
  const ANSWERS: readonly ((echo: string) => string)[] = [
    ...['200 OK', '400 Bad Request', '401 Unauthorized', '403 Forbidden', '404 Not Found', '409 Conflict'],
    ...['413 Too Large', '415 Unsupported', '421 Misdirected', '500 Internal Server Error', '503 Down'],
  ].map(status => (echo: string) => http(status, echo, 'Content-Type: text/html'));
  const OTHERS: typeof ANSWERS = [
    echo => http(`500 ${oneLine(echo)}`, echo),
    echo => http('302 Found', '', `Location: /login?${encodeURIComponent(echo)}`),
    echo => http('302 Found', '', `Location: /${oneLine(echo)}`),
    echo => http('200 OK', JSON.stringify({ result: echo, arguments: { [echo]: [echo] } })),
    echo =>
      http(
        '200 OK',
        JSON.stringify({ error: { message: echo, data: echo } }),
        'Content-Type: application/json',
      ),
    echo =>
      http(
        '200 OK',
        `<methodResponse><fault><value><struct><member><name>faultString</name><value><string>${echo.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</string></value></member><member><name>faultCode</name><value><i4>-1</i4></value></member></struct></value></fault></methodResponse>`,
      ),
    echo => echo,
    echo => `HTTP/1.1 200 OK\r\n${oneLine(echo).replaceAll(':', ' ')}\r\n\r\n`,
    echo => `HTTP/1.1 200 OK\r\nContent-Length: ${oneLine(echo)}\r\n\r\n`,
  ];

  const COOKIE = `Set-Cookie: SID=${SECRETS.sessionId}; HttpOnly; path=/`;
  /** What each daemon says to a log-in that it accepts. */
  const LOGGED_IN = {
    transmission: http('409 Conflict', 'again', `X-Transmission-Session-Id: ${SECRETS.sessionId}`),
    qbittorrent: http('200 OK', 'Ok.', COOKIE),
  };

  for (const tested of TESTED_CLIENTS.filter(({ name }) => name !== 'deluge')) {
    const { name } = tested;
    const isOverHttp = name !== 'rtorrent';
    const optionsTo = (url: string): ClientOptions => ({
      ...{ url, username: 'someone', password: SECRETS.password },
    });

    it(`${name}: each answer to the log-in, and to a call after it`, async () => {
      for (const [index, answer] of [...ANSWERS, ...OTHERS].entries()) {
        for (const form of [0, 1, 2, 3, 4, 5, 6]) {
          for (const isLoggedIn of isOverHttp ? [false, true] : [false]) {
            let requests = 0;
            await using server = await startFakeHttp(request => {
              requests += 1;
              const login = isLoggedIn && requests === 1 && LOGGED_IN[name as keyof typeof LOGGED_IN];
              return login || answer(echoesOf(request)[form] || 'nothing');
            });
            const where = `${name}, answer ${index}, form ${form}${isLoggedIn ? ', logged in' : ''}`;
            await lookAt(tested, optionsTo(server.url), where);
          }
        }
      }
    });
  }

  it('qbittorrent: an API key', async () => {
    const tested = TESTED_CLIENTS.find(({ name }) => name === 'qbittorrent') as TestedClient;
    for (const answer of [...ANSWERS, ...OTHERS]) {
      await using server = await startFakeHttp(request => answer(echoesOf(request)[0] ?? ''));
      await lookAt(tested, { url: server.url, apiKey: SECRETS.apiKey }, 'API key');
    }
  });

  it('what comes unasked, with and without TLS', async () => {
    const echo = (socket: net.Socket) =>
      socket.once('data', chunk => socket.end(Buffer.concat([chunk, Buffer.from(SECRETS.password)])));
    await using secure = await startFakeServer(echo, certificates.selfSigned);
    await using plain = await startFakeServer(echo);
    for (const tested of TESTED_CLIENTS.filter(({ name }) => hasCredentials(name))) {
      const port = tested.name === 'deluge' ? secure.port : plain.port;
      await lookAt(tested, optionsFor(tested.name, `127.0.0.1:${port}`), `${tested.name}, raw echo`);
      await lookAt(
        tested,
        optionsFor(tested.name, `127.0.0.1:${secure.port}`, 'https'),
        `${tested.name}, TLS`,
      );
    }
  });
});

describe('proxies', () => {
  const { proxyUser, proxyPassword } = SECRETS;
  const credentials = `${encodeURIComponent(proxyUser)}:${encodeURIComponent(proxyPassword)}`;
  const SCHEMES = ['socks5', 'socks5h', 'socks4', 'socks4a', 'http', 'https'];
  const everyRoute = async (port: number, where: string) => {
    for (const tested of TESTED_CLIENTS) {
      for (const scheme of SCHEMES) {
        const proxyUrl = `${scheme}://${credentials}@127.0.0.1:${port}`;
        const options = { ...optionsFor(tested.name, '127.0.0.1:1'), proxyUrl };
        await lookAt(tested, options, `${tested.name} through ${scheme}, ${where}`);
      }
    }
  };

  it('that are down', async () => everyRoute(await freePort(), 'down'));

  it('that refuse the credentials', async () => {
    await using microsocks = await startMicrosocks();
    await using tinyproxy = await startTinyproxy();
    for (const tested of TESTED_CLIENTS) {
      for (const proxy of [
        `socks5://${credentials}@127.0.0.1:${microsocks.port}`,
        `http://${credentials}@127.0.0.1:${tinyproxy.port}`,
      ]) {
        const options = { ...optionsFor(tested.name, '127.0.0.1:1'), proxyUrl: proxy };
        await lookAt(tested, options, `${tested.name} through ${proxy.slice(0, 6)}, refused`);
      }
    }
  });

  it('that echo, in any place', async () => {
    for (const answer of [
      (chunk: Buffer) => chunk,
      (chunk: Buffer) => `HTTP/1.1 503 ${chunk.toString().replace(/[\r\n]+/g, ' ')}\r\n\r\n`,
      () => `HTTP/1.1 503 ${proxyPassword} ${encodeURIComponent(proxyUser)}\r\n\r\n`,
      (chunk: Buffer) => `HTTP/1.1 200 OK\r\n\r\n${chunk}`,
    ]) {
      await using server = await startFakeServer(socket =>
        socket.once('data', chunk => socket.end(answer(chunk))),
      );
      await everyRoute(server.port, 'echo');
    }
  });

  it('with TLS that is not trusted', async () => {
    await using server = await startFakeServer(() => {}, certificates.selfSigned);
    for (const tested of TESTED_CLIENTS) {
      const proxyUrl = `https://${credentials}@127.0.0.1:${server.port}`;
      const options = { ...optionsFor(tested.name, '127.0.0.1:1'), proxyUrl };
      await lookAt(tested, options, `${tested.name} through https`);
    }
  });
});

it('values that cannot be used are not repeated', () => {
  const { password, proxyPassword } = SECRETS;
  const encoded = encodeURIComponent(proxyPassword);
  const attempts: (() => RPCBase)[] = TESTED_CLIENTS.flatMap(({ name }) => [
    () => client(name, `gopher://u:${encodeURIComponent(password)}@box`),
    () => client(name, { proxyUrl: `gopher://u:${encoded}@box` }),
    () => client(name, { proxyUrl: `socks5://u:${encoded}@box:99999999` }),
    () => client(name, { proxyUrl: `socks5://u:${encoded}@` }),
    () => client(name, { password, port: 'x' }),
    () => client(name, { apiKey: `${SECRETS.apiKey}\n` }),
  ]);
  for (const attempt of attempts) {
    assert.throws(attempt, error => {
      assertSilent(error, 'a value');
      return true;
    });
  }
});

it('nothing is printed, whatever the environment asks for', async () => {
  const core = path.join(import.meta.dirname, '../../src/rpc/index.ts');
  const { proxyUser, proxyPassword, password } = SECRETS;
  const script = `const { client } = await import(${JSON.stringify(core)});
    for (const scheme of ['socks5', 'http', 'https', 'socks4a']) {
      const proxyUrl = scheme + '://' + process.argv[1] + '@127.0.0.1:1';
      await client('transmission', { password: process.argv[2], proxyUrl }).connect().catch(() => {});
    }`;
  const credentials = `${encodeURIComponent(proxyUser)}:${encodeURIComponent(proxyPassword)}`;
  const env = { ...process.env, DEBUG: '*' };
  const args = ['--input-type=module', '-e', script, credentials, password];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { env });
  assert.deepEqual([stdout, stderr], ['', '']);
});
