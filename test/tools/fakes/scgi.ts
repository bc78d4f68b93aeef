// An SCGI server that answers with the bytes it is told to, and remembers what it was asked.
import type { Socket } from 'node:net';
import { startFakeServer } from './server.ts';

/** A request as it came, and the connection that it came over. */
export interface ScgiRequest {
  /** The netstring of the headers, its length and comma included. */
  readonly head: string;
  readonly body: string;
  readonly socket: Socket;
}

/** A running fake; disposing it closes its connections. */
export interface FakeScgi extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly requests: readonly ScgiRequest[];
  /** Connections that are open now. */
  readonly open: number;
}

/** The answer of a daemon that dies: its connection is reset. */
export const RESET = Symbol('reset');

/**
 * What to send back before the connection is closed, head included; undefined: nothing, and it stays open, as it is the
 * test's.
 */
export type ScgiAnswer = string | Uint8Array | typeof RESET | undefined;

/**
 * Starts a fake on a free port of 127.0.0.1. Each connection has one request.
 *
 * @param answer is told which request it is, counted from 1.
 */
export async function startFakeScgi(
  answer: (request: ScgiRequest, count: number) => ScgiAnswer,
): Promise<FakeScgi> {
  const requests: ScgiRequest[] = [];
  const server = await startFakeServer(socket => {
    let received = Buffer.alloc(0);
    const read = (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      const [head, length] = /^\d+:CONTENT_LENGTH\0(\d+)\0[^,]*,/.exec(received.toString('latin1')) ?? [];
      if (head === undefined || received.length < head.length + Number(length)) return;
      socket.off('data', read);
      const request = { head, body: received.subarray(head.length).toString(), socket };
      const bytes = answer(request, requests.push(request));
      if (bytes === RESET) socket.resetAndDestroy();
      else if (bytes !== undefined) socket.end(bytes);
    };
    socket.on('data', read);
  });
  return {
    url: `scgi://127.0.0.1:${server.port}`,
    port: server.port,
    requests,
    get open() {
      return server.open;
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}
