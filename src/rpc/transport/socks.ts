/**
 * SOCKS 4, 4a and 5 by `socks`, the engine beneath socks-proxy-agent, on a socket of ours.
 *
 * Between the two is a line that hands the engine the proxy's bytes one by one. With the socket itself (socks 2.8.11) it
 * loses what comes right after the proxy's reply; and it takes an answer of any version for one of SOCKS 4, and forgets
 * codes that it has no name for. Its errors carry the credentials, so that of them only the message is looked at.
 */
import type net from 'node:net';
import { Duplex } from 'node:stream';
import { SocksClient } from 'socks';
import { CREDENTIALS_REFUSED, type ProxyRefusal, type ProxyRequest, refused } from '../codec/proxy.ts';
import { unknownHost } from './failures.ts';
import { receive } from './held.ts';

/** The fields that hold names have their length in one byte. */
const LONGEST_FIELD = 255;

/** What a proxy's codes mean (RFC 1928, section 6); SOCKS 4 has but one for all that is not about credentials. */
const WORDS: Readonly<Record<4 | 5, Readonly<Record<number, string>>>> = {
  4: { 91: 'Connection rejected or failed' },
  5: {
    1: 'General failure',
    2: 'Not allowed',
    3: 'Network is unreachable',
    4: 'No route to host',
    5: 'Connection refused',
    6: 'Connection timed out',
    7: 'Command not supported',
    8: 'Address type not supported',
  },
};

/**
 * Asks the proxy at the other end of a socket for a connection; a host that is a name goes to it as one. What it has
 * answered is gone from the socket then, and nothing else.
 *
 * @throws as {@link receive} does.
 */
export async function socks(
  version: 4 | 5,
  socket: net.Socket,
  request: ProxyRequest,
  signal: AbortSignal,
): Promise<ProxyRefusal | undefined> {
  const { host, username = '', password = '' } = request;
  // It ends at a zero byte.
  if (version === 4 && username.includes('\0')) return CREDENTIALS_REFUSED;
  const fields = version === 4 ? [host] : [host, username, password];
  if (fields.some(field => Buffer.byteLength(field) > LONGEST_FIELD)) {
    return refused('Name or credentials too long for SOCKS');
  }
  // The engine writes its length in characters.
  if (/\P{ASCII}/u.test(host)) return refused(unknownHost(request));
  let isLogIn = false;
  let answer = Buffer.alloc(0);
  const line = new Duplex({
    read() {},
    write(message: Buffer, _encoding, done) {
      isLogIn = message[0] === 1;
      answer = Buffer.alloc(0);
      socket.write(message);
      done();
    },
  });
  const ended = negotiate(version, line, request);
  for (;;) {
    const byte = await receive(socket, () => 1, signal);
    answer = Buffer.concat([answer, byte]);
    // The answer to a log-in has a version of its own, which not every proxy knows.
    if (!isLogIn && answer[0] !== (version === 4 ? 0 : 5)) return refused(`Not a SOCKS${version} proxy`);
    line.emit('data', byte);
    const end = await Promise.race([ended, settled()]);
    if (end) return end.complaint === undefined ? undefined : refusalOf(version, end.complaint, answer);
    // The engine tells no credentials to a proxy that asks though we said that we have none.
    if (isLogIn && !username && !password) return CREDENTIALS_REFUSED;
  }
}

/**
 * Until what the engine does at once is done: it looks at the answer to a log-in some promises later. Nothing comes from
 * the socket in the meantime, for a reset must not overtake the refusal before it.
 */
const settled = () => new Promise<undefined>(resolve => process.nextTick(resolve));

/** Lets the engine speak until it is done. */
function negotiate(
  type: 4 | 5,
  line: Duplex,
  { host, port, username: userId = '', password = '' }: ProxyRequest,
): Promise<{ readonly complaint?: string }> {
  const proxy = { type, host: '', port: 0, userId, password };
  const client = new SocksClient({ command: 'connect', proxy, destination: { host, port }, timeout: 1 });
  // How long to wait is the signal's business; and the engine's timer is never cleared: it would keep the credentials.
  Object.assign(client, { onEstablishedTimeout() {} });
  return new Promise(resolve => {
    client.once('established', () => resolve({}));
    client.once('error', ({ message: complaint }) => resolve({ complaint }));
    client.connect(line as net.Socket);
  });
}

function refusalOf(version: 4 | 5, complaint: string, [, code = 0]: Buffer): ProxyRefusal {
  const isAboutCredentials = version === 4 ? code === 92 || code === 93 : /authentication/i.test(complaint);
  if (isAboutCredentials) return CREDENTIALS_REFUSED;
  return refused(WORDS[version][code] ?? `SOCKS error ${code}`);
}
