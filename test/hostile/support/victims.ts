// Every client by every way that it has to a daemon, and a server that is an honest daemon until it is told otherwise.
import { once } from 'node:events';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import tls from 'node:tls';
import { inflateSync } from 'node:zlib';
import { type ClientName, type ClientOptions, client, type RPCBase } from '../../../src/rpc/index.ts';
import { TESTED_CLIENTS } from '../../tools/clients.ts';
import { CERTIFICATE, frameOf } from '../../tools/fakes/deluge.ts';

/** What a client's own protocol is wrapped in. */
export type Carrier = 'http' | 'scgi' | 'deluge';

/** One client, and one way to its daemon. */
export interface Victim {
  readonly name: string;
  readonly client: ClientName;
  readonly carrier: Carrier;
  readonly isSecure: boolean;
  readonly isUnix: boolean;
}

/** All of them. */
export const VICTIMS: readonly Victim[] = [
  victim('transmission', 'http'),
  victim('transmission', 'https'),
  victim('qbittorrent', 'http'),
  victim('qbittorrent', 'https'),
  victim('rtorrent', 'scgi'),
  victim('rtorrent', 'file'),
  victim('rtorrent', 'http'),
  victim('rtorrent', 'https'),
  victim('deluge', 'deluge'),
];

function victim(name: ClientName, scheme: string): Victim {
  return {
    name: `${name} over ${{ file: 'a Unix socket', deluge: 'TLS' }[scheme] ?? scheme}`,
    client: name,
    carrier: scheme === 'deluge' ? scheme : scheme.startsWith('http') ? 'http' : 'scgi',
    isSecure: scheme === 'https' || scheme === 'deluge',
    isUnix: scheme === 'file',
  };
}

/** What a server does instead of what it should. */
export interface Misdeed {
  /** When it does it: to a connection that has come, before or after the handshake of TLS, or to a request. */
  readonly when: 'before TLS' | 'connected' | 'asked';
  /** @param honest what an honest daemon would answer; empty where nothing was asked. */
  do(socket: net.Socket, honest: Buffer): unknown;
}

/** A daemon that can turn. */
export interface Turncoat extends AsyncDisposable {
  readonly port: number;
  /** The client for it. */
  client(options?: ClientOptions): RPCBase;
  /** Connections that are open now. */
  readonly open: number;
  /** Ends all connections, and serves these that come from now on so; without a misdeed, honestly. */
  restart(misdeed?: Misdeed): void;
  /** Does this from the next connection or request on, those that are open included. */
  turn(misdeed: Misdeed): void;
}

/** Starts a server on 127.0.0.1, or on a Unix socket. */
export async function startTurncoat(victim: Victim): Promise<Turncoat> {
  const sockets = new Set<net.Socket>();
  let misdeed: Misdeed | undefined;
  const keep = (socket: net.Socket) => {
    sockets.add(socket.on('close', () => sockets.delete(socket)).on('error', () => {}));
    socket.resume();
  };
  const attend = (socket: net.Socket) => {
    keep(socket);
    if (misdeed?.when === 'connected') misdeed.do(socket, Buffer.alloc(0));
    if (misdeed?.when === 'connected') return;
    let received = Buffer.alloc(0);
    socket.on('data', chunk => {
      received = Buffer.concat([received, chunk]);
      for (let size = sizeOf(victim.carrier, received); size; size = sizeOf(victim.carrier, received)) {
        const honest = answerTo(victim, received.subarray(0, size));
        received = received.subarray(size);
        if (misdeed) misdeed.do(socket, honest);
        else if (victim.carrier === 'scgi') socket.end(honest);
        else socket.write(honest);
      }
    });
  };
  const secureContext = tls.createSecureContext({ cert: CERTIFICATE.cert, key: CERTIFICATE.keyText });
  const server = net.createServer(socket => {
    if (!victim.isSecure) attend(socket);
    else if (misdeed?.when === 'before TLS') {
      keep(socket);
      misdeed.do(socket, Buffer.alloc(0));
    } else {
      socket.on('error', () => {});
      const secured = new tls.TLSSocket(socket, { isServer: true, secureContext });
      RAW.set(secured, socket);
      attend(secured);
    }
  });
  const socketPath = path.join(tmpdir(), `bt-rpc-hostile-${process.pid}-${++lastSocket}`);
  if (victim.isUnix) server.listen(socketPath);
  else server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const port = victim.isUnix ? 0 : (server.address() as net.AddressInfo).port;
  const endAll = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port,
    client: options =>
      client(victim.client, { ...addressOf(victim, victim.isUnix ? socketPath : port), ...options }),
    get open() {
      return sockets.size;
    },
    restart(next) {
      misdeed = next;
      endAll();
    },
    turn(next) {
      misdeed = next;
    },
    async [Symbol.asyncDispose]() {
      endAll();
      server.close();
      await once(server, 'close');
    },
  };
}

let lastSocket = 0;

/** What a socket with TLS runs on. */
const RAW = new WeakMap<net.Socket, net.Socket>();

/** Resets a connection; a Unix socket, which has no such thing, is closed. */
export function reset(socket: net.Socket): void {
  const raw = RAW.get(socket) ?? socket;
  if (raw.remoteAddress === undefined) raw.destroy();
  else raw.resetAndDestroy();
}

/** What the tests' credentials are; no error may show them. */
export const SECRET = 'sesame-open-yourself';

/** Where the server is, and the credentials for it. */
export function addressOf(
  { client: name, carrier, isSecure }: Victim,
  place: number | string,
): ClientOptions {
  if (typeof place === 'string') return { url: `file://${place}` };
  if (carrier === 'scgi') return { url: `scgi://127.0.0.1:${place}` };
  const credentials = { username: 'fnark', password: SECRET };
  if (carrier === 'deluge') return { host: '127.0.0.1', port: place, ...credentials };
  const url = `${isSecure ? 'https' : 'http'}://127.0.0.1:${place}${name === 'transmission' ? '/transmission/rpc' : ''}`;
  return { url, ...credentials, ...(isSecure && { tls: { rejectUnauthorized: false } }) };
}

/** Makes the client's call that changes nothing. */
export function callOf(victim: Victim, rpc: RPCBase): Promise<unknown> {
  const tested = TESTED_CLIENTS.find(({ name }) => name === victim.client);
  return (tested as (typeof TESTED_CLIENTS)[number]).call(rpc);
}

// --- The honest daemon -------------------------------------------------------------------------------------------

/** Bytes of the request at the beginning; 0 while it is not whole. */
function sizeOf(carrier: Carrier, received: Buffer): number {
  if (carrier === 'deluge') {
    const size = received.length < 5 ? 5 : 5 + received.readUInt32BE(1);
    return received.length < size ? 0 : size;
  }
  const end = { http: /\r\n\r\n/, scgi: /,/ }[carrier].exec(received.toString('latin1'));
  if (!end) return 0;
  const headSize = end.index + end[0].length;
  const head = received.toString('latin1', 0, headSize);
  const size = headSize + Number(/content.length(?:: |\0)(\d+)/i.exec(head)?.[1] ?? 0);
  return received.length < size ? 0 : size;
}

/** What a daemon answers, as recorded; see the unit tests of each client for more of it. */
function answerTo(victim: Victim, request: Buffer): Buffer {
  switch (victim.client) {
    case 'deluge': {
      // [[id, method, …]], with an id that stands in one byte.
      const id = inflateSync(request.subarray(5)).subarray(2, 3).toString('hex');
      return frameOf(id === '01' ? 'c301010a' : `c301 ${id} 85 322e312e31`);
    }
    case 'rtorrent':
      return wrap(victim, XML);
    case 'transmission':
      return wrap(victim, JSON_ANSWER);
    case 'qbittorrent':
      return http('200 OK', request.includes('auth/login') ? 'Ok.' : 'v4.5.2', 'content-type: text/plain');
  }
}

export const XML =
  '<?xml version="1.0" encoding="UTF-8"?>\r\n<methodResponse>\r\n<params>\r\n<param><value><string>0.9.8</string></value></param>\r\n</params>\r\n</methodResponse>\r\n';
export const JSON_ANSWER = '{"arguments":{"version":"4.1.4"},"result":"success"}\n';

/** An answer over HTTP with its length. */
export function http(status: string, body: string | Uint8Array = '', ...headers: string[]): Buffer {
  const lines = [`HTTP/1.1 ${status}`, `Content-Length: ${Buffer.byteLength(body)}`, ...headers, '', ''];
  return Buffer.concat([Buffer.from(lines.join('\r\n'), 'latin1'), Buffer.from(body as string)]);
}

/** A body in what the victim expects around it. */
export function wrap({ carrier, client: name }: Victim, body: string | Uint8Array): Buffer {
  if (carrier === 'http')
    return http('200 OK', body, `Content-Type: ${name === 'rtorrent' ? 'text/xml' : 'application/json'}`);
  const head = `Status: 200 OK\r\nContent-Type: text/xml\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), Buffer.from(body as string)]);
}
