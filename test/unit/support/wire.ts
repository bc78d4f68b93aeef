// A web server that speaks in whatever bytes the test gives it.
import { type FakeServer, startFakeServer } from '../../tools/fakes/server.ts';

/** A request as it came. */
export interface WireRequest {
  /** Request line and headers. */
  readonly head: string;
  readonly body: string;
}

/** A server on a port of its own; disposing it closes everything. */
export interface Wire extends FakeServer {
  readonly requests: readonly WireRequest[];
}

/** The answer of a daemon that dies: its socket is reset. */
export const RESET = Symbol('reset');

/**
 * Serves requests whose length is known, over as many connections as come.
 *
 * @param answer the bytes of the answer, after which the connection is closed where they say so; undefined: none;
 *   `null`: the connection is closed.
 */
export async function serve(
  answer: (request: WireRequest, number: number) => string | typeof RESET | undefined | null,
): Promise<Wire> {
  const requests: WireRequest[] = [];
  const server = await startFakeServer(socket => {
    let received = Buffer.alloc(0);
    const take = (): WireRequest | undefined => {
      const end = received.indexOf('\r\n\r\n');
      if (end === -1) return undefined;
      const head = received.subarray(0, end).toString('latin1');
      const length = Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0);
      if (received.length < end + 4 + length) return undefined;
      const body = received.subarray(end + 4, end + 4 + length).toString();
      received = received.subarray(end + 4 + length);
      return { head, body };
    };
    socket.on('data', chunk => {
      received = Buffer.concat([received, chunk]);
      for (let request = take(); request; request = take()) {
        requests.push(request);
        const bytes = answer(request, requests.length);
        if (bytes === null) socket.end();
        else if (bytes === RESET) socket.resetAndDestroy();
        else if (bytes && /^connection: close/im.test(bytes)) socket.end(bytes);
        else if (bytes !== undefined) socket.write(bytes);
      }
    });
  });
  return Object.assign(server, { requests });
}
