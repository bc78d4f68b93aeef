// Proxies on 127.0.0.1: Debian's, whose logs show each connection, and a fake one for what none of those does.
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import tls from 'node:tls';
import type { Certificate } from './certificates.ts';
import {
  type Daemon,
  type DaemonOptions,
  type DaemonPlace,
  type DaemonRecipe,
  startDaemon,
} from './daemons/daemon.ts';

/** A real SOCKS 5 proxy; logs `connected to HOST:PORT`. Without a user name it asks for no log-in. */
export const startMicrosocks = (options?: DaemonOptions): Promise<Daemon> => startDaemon(microsocks, options);

/** A real HTTP proxy; logs `Established connection to host "HOST"`. Without a user name it asks for no log-in. */
export const startTinyproxy = (options?: DaemonOptions): Promise<Daemon> => startDaemon(tinyproxy, options);

/** A real proxy for SOCKS 4 and 5, without log-in (SOCKS 4 has none); logs each connection with both ends. */
export const startDanted = (): Promise<Daemon> => startDaemon(danted, { username: '' });

const microsocks: DaemonRecipe = {
  kind: 'microsocks',
  program: 'microsocks',
  systemPackage: 'microsocks',
  url: ({ port }) => `socks5://127.0.0.1:${port}`,
  args: ({ port, username, password }) => [
    ...['-i', '127.0.0.1', '-p', `${port}`],
    ...(username ? ['-u', username, '-P', password] : []),
  ],
  configure: async () => {},
  probe: place => probe(place, Buffer.of(5, 2, 0, 2), answer => answer[0] === 5),
};

const tinyproxy: DaemonRecipe = {
  kind: 'tinyproxy',
  program: 'tinyproxy',
  systemPackage: 'tinyproxy',
  url: ({ port }) => `http://127.0.0.1:${port}`,
  args: ({ home }) => ['-d', '-c', path.join(home, 'tinyproxy.conf')],
  configure: ({ home, port, username, password }) =>
    writeFile(
      path.join(home, 'tinyproxy.conf'),
      `Port ${port}
Listen 127.0.0.1
Allow 127.0.0.1
LogLevel Connect
${username ? `BasicAuth ${username} ${password}` : ''}
`,
    ),
  probe: place => probe(place, 'GET / HTTP/1.0\r\n\r\n', answer => /tinyproxy/i.test(String(answer))),
};

const danted: DaemonRecipe = {
  kind: 'danted',
  program: 'danted',
  systemPackage: 'dante-server',
  url: ({ port }) => `socks4://127.0.0.1:${port}`,
  args: ({ home }) => ['-f', path.join(home, 'danted.conf')],
  configure: ({ home, port }) =>
    writeFile(
      path.join(home, 'danted.conf'),
      `logoutput: stdout
internal: 127.0.0.1 port = ${port}
external: 127.0.0.1
clientmethod: none
socksmethod: none
client pass { from: 127.0.0.0/8 to: 0.0.0.0/0 }
socks pass { from: 127.0.0.0/8 to: 0.0.0.0/0 log: connect disconnect error }
`,
    ),
  probe: place => probe(place, Buffer.of(5, 1, 0), answer => answer[0] === 5),
};

/** Whether what answers on the port is such a proxy. */
async function probe(
  { port }: DaemonPlace,
  greeting: string | Uint8Array,
  isRight: (answer: Buffer) => boolean,
): Promise<'ready' | 'waiting' | 'port taken'> {
  const socket = net.connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    socket.write(greeting);
    const [answer] = await once(socket, 'data');
    return isRight(answer) ? 'ready' : 'port taken';
  } catch {
    return 'waiting';
  } finally {
    socket.destroy();
  }
}

/** What a fake proxy was asked for. */
export interface ProxyDemand {
  readonly protocol: 'socks4' | 'socks5' | 'http';
  /** As it came: a name, or an address. */
  readonly host: string;
  readonly port: number;
  readonly username: string | undefined;
  readonly password: string | undefined;
}

/** A running fake proxy. */
export interface FakeProxy extends AsyncDisposable {
  /** Without a scheme. */
  readonly address: string;
  readonly port: number;
  readonly demands: readonly ProxyDemand[];
}

/** How a fake proxy is to be. */
export interface FakeProxyOptions {
  /** Names that only it knows, such as `{ 'daemon.test': '127.0.0.1' }`. */
  readonly names?: Readonly<Record<string, string>>;
  /** Speaks TLS with it: an `https://` proxy. */
  readonly certificate?: Certificate;
}

/**
 * Starts a proxy for SOCKS 4, 4a, 5 and CONNECT on one port, whatever the credentials. It takes each message of a
 * handshake to come in one piece.
 */
export async function startFakeProxy({ names = {}, certificate }: FakeProxyOptions = {}): Promise<FakeProxy> {
  const demands: ProxyDemand[] = [];
  const sockets = new Set<net.Socket>();
  const serve = async (client: net.Socket) => {
    sockets.add(client.on('close', () => sockets.delete(client)).on('error', () => {}));
    const { granted, refused, ...demand } = await readDemand(client);
    demands.push(demand);
    const daemon = net.connect(demand.port, names[demand.host] ?? demand.host);
    sockets.add(daemon.on('close', () => client.destroy()));
    daemon.on('connect', () => client.write(granted)).on('error', () => client.end(refused));
    client.on('close', () => daemon.destroy());
    client.pipe(daemon).pipe(client);
  };
  const server = certificate
    ? tls.createServer({ cert: certificate.cert, key: certificate.keyText }, serve)
    : net.createServer(serve);
  server.on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  return {
    port,
    address: `127.0.0.1:${port}`,
    demands,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

type Demand = ProxyDemand & { granted: Buffer; refused: Buffer };

async function readDemand(client: net.Socket): Promise<Demand> {
  const [first] = (await once(client, 'data')) as [Buffer];
  if (first[0] === 4) return readSocks4(first);
  if (first[0] === 5) return await readSocks5(client, first);
  const [, host = '', port] = /^CONNECT (\S+):(\d+) /.exec(String(first)) ?? [];
  const basic = /proxy-authorization: basic (\S+)/i.exec(String(first))?.[1];
  const [username, password] = basic ? Buffer.from(basic, 'base64').toString().split(':') : [];
  return {
    ...{ protocol: 'http', host: host.replace(/^\[(.*)\]$/, '$1'), port: Number(port), username, password },
    granted: Buffer.from('HTTP/1.1 200 OK\r\n\r\n'),
    refused: Buffer.from('HTTP/1.1 502 Bad Gateway\r\n\r\n'),
  };
}

function readSocks4(bytes: Buffer): Demand {
  const [username = '', name = ''] = bytes.toString('latin1', 8).split('\0');
  const isName = bytes.readUInt32BE(4) < 256;
  return {
    ...{ protocol: 'socks4', port: bytes.readUInt16BE(2), username, password: undefined },
    host: isName ? name : [...bytes.subarray(4, 8)].join('.'),
    granted: Buffer.from('005a000000000000', 'hex'),
    refused: Buffer.from('005b000000000000', 'hex'),
  };
}

async function readSocks5(client: net.Socket, greeting: Buffer): Promise<Demand> {
  const asksCredentials = greeting.includes(2, 2);
  client.write(Buffer.of(5, asksCredentials ? 2 : 0));
  let [bytes] = (await once(client, 'data')) as [Buffer];
  let username: string | undefined;
  let password: string | undefined;
  if (asksCredentials) {
    const end = 2 + (bytes[1] as number);
    [username, password] = [bytes.toString('utf8', 2, end), bytes.toString('utf8', end + 1)];
    client.write(Buffer.of(1, 0));
    [bytes] = (await once(client, 'data')) as [Buffer];
  }
  const address = bytes.subarray(4, -2);
  const host = {
    1: () => [...address].join('.'),
    3: () => String(address.subarray(1)),
    4: () => ipv6(address),
  };
  return {
    ...{ protocol: 'socks5', port: bytes.readUInt16BE(bytes.length - 2), username, password },
    host: host[bytes[3] as 1 | 3 | 4](),
    granted: Buffer.from('05000001000000000000', 'hex'),
    refused: Buffer.from('05050001000000000000', 'hex'),
  };
}

const ipv6 = (address: Buffer): string => address.toString('hex').match(/..../g)?.join(':') ?? '';
