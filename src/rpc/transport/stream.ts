/** A connection that stays: bytes go both ways until one side ends it. */
import type net from 'node:net';
import type { BtRpcError } from '../errors.ts';
import { CLOSED, toConnectionError } from './failures.ts';
import { openSocket, type Route } from './socket.ts';

/** Who hears of what comes. */
export interface StreamListener {
  onData(chunk: Buffer): void;
  /** The other side ended it, or it broke; told once, and not after `destroy()`. */
  onLost(error: BtRpcError): void;
}

/** One connection to a daemon. */
export class Stream {
  readonly #socket: net.Socket;
  #isOver = false;

  private constructor(socket: net.Socket) {
    this.#socket = socket;
  }

  /**
   * Connects.
   *
   * @throws as {@link openSocket} does.
   */
  static async open(route: Route, signal: AbortSignal, listener: StreamListener): Promise<Stream> {
    const socket = await openSocket(route, signal);
    const stream = new Stream(socket);
    const onLost = (error: unknown) => {
      if (stream.#isOver) return;
      stream.destroy();
      listener.onLost(toConnectionError(error, route.peer, route.masker()));
    };
    const onEnd = () => onLost(Object.assign(new Error('The other side closed it'), { code: CLOSED }));
    socket.on('error', onLost).on('end', onEnd).on('close', onEnd);
    socket.on('data', chunk => {
      if (!stream.#isOver) listener.onData(chunk);
    });
    return stream;
  }

  /** Sends bytes after those that were given before. */
  write(bytes: Uint8Array): void {
    this.#socket.write(bytes);
  }

  /** Ends it at once. Safe to call again. */
  destroy(): void {
    this.#isOver = true;
    this.#socket.destroy();
  }
}
