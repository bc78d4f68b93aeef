// A Deluge daemon that says the bytes it is told to, and remembers what it was asked.
import { once } from 'node:events';
import type net from 'node:net';
import { deflateSync, inflateSync } from 'node:zlib';
import { until } from '../until.ts';
import { startFakeServer } from './server.ts';

/** One client's connection. */
export interface FakeConnection {
  /** What came, decompressed, one for each frame; Latin-1, so that each byte is a character. */
  readonly requests: readonly string[];
  /** Resolves when so many requests have come. */
  asked(count: number): Promise<void>;
  /** Sends a frame around rencode in hexadecimal, for each; blanks in it are for the reader. */
  say(...rencode: readonly string[]): void;
  /** Sends bytes as they are. */
  write(bytes: string | Uint8Array): void;
  end(): void;
  /** Resolves when the client has closed it. */
  readonly closed: Promise<unknown>;
}

/** A running fake; disposing it closes its connections. */
export interface FakeDeluge extends AsyncDisposable {
  readonly port: number;
  readonly connections: readonly FakeConnection[];
  /** Resolves with a connection, counted from 1, when it has come. */
  connection(count: number): Promise<FakeConnection>;
}

/** What it does when a connection has made so many requests: none yet, when it has just come. */
export type FakeDaemon = (connection: FakeConnection, requests: number) => void;

/** Says that the log-in, a connection's first request, is that of an administrator. */
export const letIn: FakeDaemon = (connection, requests) => {
  if (requests === 1) connection.say('c301010a');
};

/** Starts a fake on a free port of 127.0.0.1. */
export async function startFakeDeluge(daemon: FakeDaemon = letIn): Promise<FakeDeluge> {
  const connections: FakeConnection[] = [];
  const server = await startFakeServer(socket => connections.push(attend(socket, daemon)), CERTIFICATE);
  return {
    port: server.port,
    connections,
    async connection(count) {
      await until(() => connections.length >= count, `${count} connections`);
      return connections[count - 1] as FakeConnection;
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

function attend(socket: net.Socket, daemon: FakeDaemon): FakeConnection {
  const requests: string[] = [];
  const connection: FakeConnection = {
    requests,
    asked: count => until(() => requests.length >= count, `${count} requests`),
    say: (...rencode) => void socket.write(Buffer.concat(rencode.map(frameOf))),
    write: bytes => void socket.write(bytes),
    end: () => void socket.end(),
    closed: once(socket, 'close'),
  };
  let received = Buffer.alloc(0);
  socket.on('data', chunk => {
    received = Buffer.concat([received, chunk]);
    while (received.length >= 5 && received.length >= 5 + received.readUInt32BE(1)) {
      const end = 5 + received.readUInt32BE(1);
      const count = requests.push(inflateSync(received.subarray(5, end)).toString('latin1'));
      received = received.subarray(end);
      daemon(connection, count);
    }
  });
  daemon(connection, 0);
  return connection;
}

/** A frame as the daemon makes it: version 1, length, zlib. */
export function frameOf(rencode: string): Buffer {
  const body = deflateSync(Buffer.from(rencode.replaceAll(' ', ''), 'hex'));
  const head = Buffer.from([1, 0, 0, 0, 0]);
  head.writeUInt32BE(body.length, 1);
  return Buffer.concat([head, body]);
}

/** A short text in rencode, in hexadecimal. */
export function text(value: string): string {
  const bytes = Buffer.from(value);
  return Buffer.of(0x80 + bytes.length, ...bytes).toString('hex');
}

/** An event with arguments in rencode. */
export const event = (name: string, ...args: readonly string[]) =>
  `c303 ${text(name)} ${Buffer.of(0xc0 + args.length).toString('hex')} ${args.join('')}`;

/** Made for nothing but these tests; like a daemon's, it names no host. */
export const CERTIFICATE = {
  cert: `-----BEGIN CERTIFICATE-----
MIIBhzCCAS2gAwIBAgIUXKUIy85fZEWojI6gDNVI8ntzd8gwCgYIKoZIzj0EAwIw
GDEWMBQGA1UEAwwNRGVsdWdlIERhZW1vbjAgFw0yNjExMjUyMTM0MjRaGA8yMTI2
MTEwMTIxMzQyNFowGDEWMBQGA1UEAwwNRGVsdWdlIERhZW1vbjBZMBMGByqGSM49
AgEGCCqGSM49AwEHA0IABNjqn1xLJhsUxvLSPNIoLQFVRm3FZRrLkVfIoDhFHFN1
zABnMudAmCFc+m4KsdWVsZapsppG2DcNbHmFoYGT8HejUzBRMB0GA1UdDgQWBBQU
E4IThhbcxI7PQb8yUPYt1Nl0BzAfBgNVHSMEGDAWgBQUE4IThhbcxI7PQb8yUPYt
1Nl0BzAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0gAMEUCIQCZs+3HQbsb
B+cbBRowjKeddn06RwUDyMtxlmjhjMvWXQIgQToRjxuiKZ0MXfD4JrrhxqS0qPEl
OrVvS7AEtpY5cS8=
-----END CERTIFICATE-----`,
  keyText: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgsb2fzFS6QpBtzw2Z
i2ali4I3ZJc7JhshR7yExR9S5e+hRANCAATY6p9cSyYbFMby0jzSKC0BVUZtxWUa
y5FXyKA4RRxTdcwAZzLnQJghXPpuCrHVlbGWqbKaRtg3DWx5haGBk/B3
-----END PRIVATE KEY-----`,
};
