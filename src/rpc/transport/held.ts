/** Sockets on their way: ours to close when nobody waits for them any more. */
import net from 'node:net';
import { CLOSED } from './failures.ts';

/** Milliseconds of silence after which a peer is asked whether it is still there; routers forget idle connections. */
const KEEP_ALIVE_MS = 30_000;

/** Where a socket goes. */
export type Target = { readonly path: string } | { readonly host: string; readonly port: number };

/**
 * A connected socket.
 *
 * @throws as {@link held} does.
 */
export async function connect(target: Target, signal: AbortSignal): Promise<net.Socket> {
  signal.throwIfAborted();
  const socket = begin(target, true);
  await held(socket, 'connect', signal);
  return socket;
}

/**
 * A socket on its way: what is written to it goes out when it arrives.
 *
 * @param keepAlive whether a silent peer is asked.
 */
export function begin(target: Target, keepAlive: boolean): net.Socket {
  // Requests are written whole: waiting for more to send only delays them.
  const options = { noDelay: true, keepAlive, keepAliveInitialDelay: KEEP_ALIVE_MS };
  const socket = net.connect({ ...target, ...options });
  // Between two owners, nobody else hears of an error, which would end the process.
  socket.on('error', () => {});
  return socket;
}

/**
 * Waits for an event of a socket. Whatever ends the wait otherwise destroys the socket: its error, its end, the signal.
 *
 * @throws the socket's error, one with the code {@link CLOSED}, or the signal's reason when it aborts.
 */
export function held(socket: net.Socket, event: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const release = () => {
      signal.removeEventListener('abort', onAbort);
      socket.off(event, onEvent).off('end', onEnd).off('close', onEnd).off('error', onError);
    };
    const onEvent = () => {
      release();
      resolve();
    };
    const onError = (error: unknown) => {
      release();
      socket.destroy();
      reject(error);
    };
    const onEnd = () => onError(socket.errored ?? closedEarly());
    const onAbort = () => onError(signal.reason);
    socket.on(event, onEvent).on('end', onEnd).on('close', onEnd).on('error', onError);
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    else if (socket.destroyed) onEnd();
  });
}

/**
 * The beginning of what the other side sends; the rest stays in the socket.
 *
 * @param lengthOf how much of what has come belongs to it; undefined: more is to come.
 * @throws as {@link held} does.
 */
export async function receive(
  socket: net.Socket,
  lengthOf: (received: Buffer) => number | undefined,
  signal: AbortSignal,
): Promise<Buffer> {
  let received = Buffer.alloc(0);
  for (;;) {
    const chunk: Buffer | null = socket.read();
    if (!chunk) {
      await held(socket, 'readable', signal);
      continue;
    }
    received = Buffer.concat([received, chunk]);
    const length = lengthOf(received);
    if (length === undefined) continue;
    if (length < received.length) socket.unshift(received.subarray(length));
    return received.subarray(0, length);
  }
}

/** The error for a connection that the other side closed before it was of any use. */
export function closedEarly(): Error {
  return Object.assign(new Error('The other side closed the connection'), { code: CLOSED });
}
