// A web server that answers with the bytes it is told to, and remembers what it was asked.
import { startFakeServer } from './server.ts';

/** A request as it came. */
export interface FakeRequest {
  /** Such as `/api/v2/app/version`. */
  readonly path: string;
  /** The request line and the headers. */
  readonly head: string;
  /** Latin-1, so that each byte is a character. */
  readonly body: string;
  /** Which connection it came over, from 1. */
  readonly connection: number;
  /** Header names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
}

/** A running fake; disposing it closes its connections. */
export interface FakeHttp extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly requests: readonly FakeRequest[];
}

/** What to send back: whole answers, head included; undefined: nothing, ever. */
export type FakeAnswer = string | Uint8Array | undefined;

/** Starts a fake on a free port of 127.0.0.1. It reads bodies by their Content-Length alone, as qBittorrent does. */
export async function startFakeHttp(
  answer: (request: FakeRequest) => FakeAnswer | Promise<FakeAnswer>,
): Promise<FakeHttp> {
  const requests: FakeRequest[] = [];
  const server = await startFakeServer(socket => {
    const connection = server.connections;
    let received = Buffer.alloc(0);
    socket.on('data', async chunk => {
      received = Buffer.concat([received, chunk]);
      for (let request = take(); request; request = take()) {
        requests.push(request);
        const bytes = await answer(request);
        if (bytes !== undefined) socket.write(bytes);
      }
    });
    const take = (): FakeRequest | undefined => {
      const end = received.indexOf('\r\n\r\n');
      if (end === -1) return undefined;
      const head = received.toString('latin1', 0, end);
      const [line = '', ...lines] = head.split('\r\n');
      const headers = new Map(lines.map(each => splitHeader(each)));
      const size = Number(headers.get('content-length') ?? 0);
      if (received.length < end + 4 + size) return undefined;
      const body = received.toString('latin1', end + 4, end + 4 + size);
      received = received.subarray(end + 4 + size);
      return { path: line.split(' ')[1] ?? '', head, headers, body, connection };
    };
  });
  const { port } = server;
  const dispose = () => server[Symbol.asyncDispose]();
  return { port, url: `http://127.0.0.1:${port}`, requests, [Symbol.asyncDispose]: dispose };
}

function splitHeader(line: string): [string, string] {
  const colon = line.indexOf(':');
  return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
}
