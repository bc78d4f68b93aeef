// A Deluge daemon that says the bytes it is told to, and remembers what it was asked.
import { once } from 'node:events';
import tls from 'node:tls';
import { deflateSync, inflateSync } from 'node:zlib';

/** One client's connection. */
export interface FakeConnection {
  /** What came, decompressed, one for each frame; Latin-1, so that each byte is a character. */
  readonly requests: readonly string[];
  /** Resolves when so many requests have come. */
  asked(count: number): Promise<void>;
  /** Sends a frame around rencode in hexadecimal; blanks in it are for the reader. */
  say(...rencode: readonly string[]): void;
  /** Sends bytes as they are. */
  write(bytes: string | Uint8Array): void;
  end(): void;
  /** Resolves when the client has closed it. */
  readonly closed: Promise<void>;
}

/** A running fake; disposing it closes its connections. */
export interface FakeDeluge extends AsyncDisposable {
  readonly port: number;
  readonly connections: readonly FakeConnection[];
  /** Resolves with a connection, counted from 1, when it has come. */
  connection(count: number): Promise<FakeConnection>;
}

/** What it does with a new connection; by default it lets everybody in. */
export type FakeWelcome = (connection: FakeConnection) => void | Promise<void>;

/** The answer to a log-in, the first call on a connection: its id is 1, and the account is an administrator's. */
export const WELCOME = 'c301010a';

const letEverybodyIn: FakeWelcome = async connection => {
  await connection.asked(1);
  connection.say(WELCOME);
};

/** Starts a fake on a free port of 127.0.0.1. */
export async function startFakeDeluge(welcome: FakeWelcome = letEverybodyIn): Promise<FakeDeluge> {
  const connections: FakeConnection[] = [];
  const sockets = new Set<tls.TLSSocket>();
  const arrivals = new Waiters();
  const server = tls.createServer({ key: KEY, cert: CERTIFICATE }, socket => {
    sockets.add(socket.on('close', () => sockets.delete(socket)));
    const connection = attend(socket);
    connections.push(connection);
    arrivals.reached(connections.length);
    void welcome(connection);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    port: (server.address() as { port: number }).port,
    connections,
    async connection(count) {
      await arrivals.wait(count);
      return connections[count - 1] as FakeConnection;
    },
    async [Symbol.asyncDispose]() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

function attend(socket: tls.TLSSocket): FakeConnection {
  const requests: string[] = [];
  const arrivals = new Waiters();
  let received = Buffer.alloc(0);
  socket.on('error', () => {});
  socket.on('data', chunk => {
    received = Buffer.concat([received, chunk]);
    while (received.length >= 5 && received.length >= 5 + received.readUInt32BE(1)) {
      const end = 5 + received.readUInt32BE(1);
      requests.push(inflateSync(received.subarray(5, end)).toString('latin1'));
      received = received.subarray(end);
      arrivals.reached(requests.length);
    }
  });
  return {
    requests,
    asked: count => arrivals.wait(count),
    say: (...rencode) => {
      socket.write(Buffer.concat(rencode.map(frameOf)));
    },
    write: bytes => {
      socket.write(bytes);
    },
    end: () => socket.end(),
    closed: once(socket, 'close').then(() => {}),
  };
}

/** Who waits until something has happened so many times. */
class Waiters {
  #count = 0;
  readonly #waiting = new Set<() => void>();

  reached(count: number): void {
    this.#count = count;
    for (const wake of this.#waiting) wake();
  }

  wait(count: number): Promise<void> {
    return new Promise(resolve => {
      const wake = () => {
        if (this.#count < count) return;
        this.#waiting.delete(wake);
        resolve();
      };
      this.#waiting.add(wake);
      wake();
    });
  }
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

/** What `daemon.set_event_interest` and all that answers True says to the call of an id. */
export const yes = (id: number) => `c301 ${Buffer.of(id).toString('hex')} 43`;

/** An event with arguments in rencode. */
export const event = (name: string, ...args: readonly string[]) =>
  `c303 ${text(name)} ${Buffer.of(0xc0 + args.length).toString('hex')} ${args.join('')}`;

/** Made for nothing but these tests; like a daemon's, it names no host. */
const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBhzCCAS2gAwIBAgIUXKUIy85fZEWojI6gDNVI8ntzd8gwCgYIKoZIzj0EAwIw
GDEWMBQGA1UEAwwNRGVsdWdlIERhZW1vbjAgFw0yNjExMjUyMTM0MjRaGA8yMTI2
MTEwMTIxMzQyNFowGDEWMBQGA1UEAwwNRGVsdWdlIERhZW1vbjBZMBMGByqGSM49
AgEGCCqGSM49AwEHA0IABNjqn1xLJhsUxvLSPNIoLQFVRm3FZRrLkVfIoDhFHFN1
zABnMudAmCFc+m4KsdWVsZapsppG2DcNbHmFoYGT8HejUzBRMB0GA1UdDgQWBBQU
E4IThhbcxI7PQb8yUPYt1Nl0BzAfBgNVHSMEGDAWgBQUE4IThhbcxI7PQb8yUPYt
1Nl0BzAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0gAMEUCIQCZs+3HQbsb
B+cbBRowjKeddn06RwUDyMtxlmjhjMvWXQIgQToRjxuiKZ0MXfD4JrrhxqS0qPEl
OrVvS7AEtpY5cS8=
-----END CERTIFICATE-----`;

const KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgsb2fzFS6QpBtzw2Z
i2ali4I3ZJc7JhshR7yExR9S5e+hRANCAATY6p9cSyYbFMby0jzSKC0BVUZtxWUa
y5FXyKA4RRxTdcwAZzLnQJghXPpuCrHVlbGWqbKaRtg3DWx5haGBk/B3
-----END PRIVATE KEY-----`;
