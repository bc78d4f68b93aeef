/**
 * How proxies are asked for a connection: SOCKS 4, 4a and 5 (RFC 1928, RFC 1929), and HTTP's CONNECT (RFC 9110,
 * section 9.3.6). A handshake is a generator: it yields what to send and how much to read next, is given what came,
 * and returns the proxy's refusal, or nothing when the connection stands.
 */

/** What to send, and what to wait for then. */
export interface HandshakeStep {
  readonly send: Uint8Array;
  /** How many of the bytes that have come are the answer; undefined: more are to come. */
  readonly lengthOf: (received: Buffer) => number | undefined;
}

/** Why a proxy does not connect us. */
export type ProxyRefusal =
  | { readonly kind: 'credentials' }
  /** In the words that a direct connection would fail with, where there are such. */
  | { readonly kind: 'refused'; readonly words: string }
  /** The proxy's own words, neither masked nor bounded. */
  | { readonly kind: 'quoted'; readonly words: string };

/** A handshake on its way. */
export type ProxyHandshake = Generator<HandshakeStep, ProxyRefusal | undefined, Buffer>;

/** Where the proxy is to connect to, and who asks. */
export interface ProxyRequest {
  /** A name in ASCII, or an address without brackets. */
  readonly host: string;
  readonly port: number;
  readonly username: string | undefined;
  readonly password: string | undefined;
}

const CREDENTIALS_REFUSED = { kind: 'credentials' } as const;
/** Of another version not even the length is known: what has come of it is all there is to read. */
const answer = (version: number, length: number) => (received: Buffer) => {
  if (received[0] !== version) return received.length;
  return received.length < length ? undefined : length;
};
const refused = (words: string): ProxyRefusal => ({ kind: 'refused', words });

// --- SOCKS -------------------------------------------------------------------------------------------------------

/** The fields that hold names have their length in one byte. */
const LONGEST_FIELD = 255;

/** RFC 1928, section 6. */
const SOCKS5_WORDS: Readonly<Record<number, string>> = {
  1: 'General failure',
  2: 'Not allowed',
  3: 'Network is unreachable',
  4: 'No route to host',
  5: 'Connection refused',
  6: 'Connection timed out',
  7: 'Command not supported',
  8: 'Address type not supported',
};

/** SOCKS 5; a host that is a name is resolved by the proxy. */
export function* socks5({ host, port, username, password }: ProxyRequest): ProxyHandshake {
  const hasCredentials = username !== undefined || password !== undefined;
  const credentials = [username ?? '', password ?? ''].map(text => Buffer.from(text));
  const destination = socks5Address(host);
  if (!destination || credentials.some(field => field.length > LONGEST_FIELD)) {
    return refused('Name or credentials too long for SOCKS');
  }
  const methods = hasCredentials ? [0, 2] : [0];
  const [version, method] = yield {
    send: Buffer.from([5, methods.length, ...methods]),
    lengthOf: answer(5, 2),
  };
  if (version !== 5) return refused('Not a SOCKS5 proxy');
  if (method === 2 && hasCredentials) {
    const [user, secret] = credentials.map(lengthPrefixed) as [Buffer, Buffer];
    const [, status] = yield { send: Buffer.concat([Buffer.of(1), user, secret]), lengthOf: answer(1, 2) };
    if (status !== 0) return CREDENTIALS_REFUSED;
  } else if (method !== 0) return CREDENTIALS_REFUSED;
  const request = Buffer.concat([Buffer.of(5, 1, 0), destination, portBytes(port)]);
  const [answerVersion, code] = yield { send: request, lengthOf: socks5ReplyLength };
  if (answerVersion !== 5) return refused('Not a SOCKS5 proxy');
  return code === 0 ? undefined : refused(SOCKS5_WORDS[code as number] ?? `SOCKS error ${code}`);
}

/** A reply ends with the address that the proxy has bound, of any of three types; nobody needs it. */
function socks5ReplyLength(received: Buffer): number | undefined {
  const [version, code, , type, nameLength] = received;
  if (received.length < 5 && version === 5) return undefined;
  if (version !== 5 || code !== 0) return received.length;
  const length = { 1: 10, 3: 7 + (nameLength as number), 4: 22 }[type as number] ?? received.length;
  return received.length < length ? undefined : length;
}

/** An address with its type before it; undefined for a name that is too long. */
function socks5Address(host: string): Buffer | undefined {
  const v4 = ipv4Bytes(host);
  if (v4) return Buffer.concat([Buffer.of(1), v4]);
  const v6 = ipv6Bytes(host);
  if (v6) return Buffer.concat([Buffer.of(4), v6]);
  const name = Buffer.from(host);
  return name.length > LONGEST_FIELD ? undefined : Buffer.concat([Buffer.of(3), lengthPrefixed(name)]);
}

/** SOCKS 4; with a name for a host it is SOCKS 4a, and the proxy resolves it. There is no password. */
export function* socks4({ host, port, username = '' }: ProxyRequest): ProxyHandshake {
  // It ends at a zero byte.
  if (username.includes('\0')) return CREDENTIALS_REFUSED;
  const address = ipv4Bytes(host);
  const end = Buffer.of(0);
  const request = [
    Buffer.of(4, 1),
    portBytes(port),
    address ?? Buffer.of(0, 0, 0, 1),
    Buffer.from(username),
    end,
  ];
  const send = Buffer.concat(address ? request : [...request, Buffer.from(host), end]);
  const [version, reply] = yield { send, lengthOf: answer(0, 8) };
  if (version !== 0) return refused('Not a SOCKS4 proxy');
  switch (reply) {
    case 90:
      return undefined;
    case 92:
    case 93:
      return CREDENTIALS_REFUSED;
    default:
      // The protocol has but one code for all else.
      return refused(reply === 91 ? 'Connection rejected or failed' : `SOCKS error ${reply}`);
  }
}

const lengthPrefixed = (bytes: Uint8Array): Buffer => Buffer.concat([Buffer.of(bytes.length), bytes]);
const portBytes = (port: number): Buffer => Buffer.of(port >> 8, port & 0xff);

function ipv4Bytes(host: string): Buffer | undefined {
  return /^\d{1,3}(\.\d{1,3}){3}$/.test(host) ? Buffer.from(host.split('.').map(Number)) : undefined;
}

/** The 16 bytes of an IPv6 address, its zone left out: that has a meaning on this machine only. */
function ipv6Bytes(host: string): Buffer | undefined {
  const [address] = host.split('%') as [string];
  if (!address.includes(':')) return undefined;
  // The URL standard writes an address in groups of hexadecimal digits, the longest run of zeros as `::`.
  const [left, right] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::');
  const before = left?.split(':').filter(Boolean) ?? [];
  const after = right?.split(':').filter(Boolean) ?? [];
  const zeros = new Array<string>(8 - before.length - after.length).fill('0');
  const groups = [...before, ...zeros, ...after].map(group => Number.parseInt(group, 16));
  return Buffer.from(groups.flatMap(group => [group >> 8, group & 0xff]));
}

// --- HTTP --------------------------------------------------------------------------------------------------------

/** Bytes of an answer to CONNECT: a proxy that sends headers without end is none. As many as Node's HTTP takes. */
const LONGEST_HEAD = 16 * 1024;

/** Answers before the answer (1xx): more than any proxy has to say. */
const MOST_HEADS = 16;

/** A head ends with an empty line. One that is too long is taken as it is, for who reads it to see that it has none. */
function headLength(received: Buffer): number | undefined {
  const end = HEAD_END.exec(received.toString('latin1'));
  if (end) return end.index + end[0].length;
  return received.length > LONGEST_HEAD ? received.length : undefined;
}

const HEAD_END = /\r?\n\r?\n/;

/** HTTP's CONNECT, with basic authentication where there are credentials. */
export function* httpConnect({ host, port, username, password }: ProxyRequest): ProxyHandshake {
  const authority = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  const credentials =
    username === undefined && password === undefined
      ? []
      : [
          `Proxy-Authorization: Basic ${Buffer.from(`${username ?? ''}:${password ?? ''}`).toString('base64')}`,
        ];
  const lines = [`CONNECT ${authority} HTTP/1.1`, `Host: ${authority}`, ...credentials, '', ''];
  let head = yield { send: Buffer.from(lines.join('\r\n')), lengthOf: headLength };
  for (let heads = 0; heads < MOST_HEADS; heads++) {
    const text = head.toString('latin1');
    const match = /^HTTP\/1\.\d +(\d{3})(?!\d)(?: +([^\r\n]*))?/.exec(text);
    if (!match || !HEAD_END.test(text)) return refused('Not an HTTP proxy');
    const status = Number(match[1]);
    if (status >= 200) return connectRefusal(status, match[2]?.trim());
    head = yield { send: Buffer.alloc(0), lengthOf: headLength };
  }
  return refused('Not an HTTP proxy');
}

function connectRefusal(status: number, reason: string | undefined): ProxyRefusal | undefined {
  if (status < 300) return undefined;
  switch (status) {
    // tinyproxy 1.11 says 407 to no credentials and 401 to wrong ones (observed); within CONNECT both are its own.
    case 401:
    case 407:
      return CREDENTIALS_REFUSED;
    case 504:
      return refused('Connection timed out');
    default:
      return reason ? { kind: 'quoted', words: reason } : refused(`HTTP status ${status}`);
  }
}
