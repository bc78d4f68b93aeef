/** HTTP's CONNECT, on a connected socket. */
import type net from 'node:net';
import {
  connectRequest,
  headLength,
  NO_HTTP_PROXY,
  type ProxyRefusal,
  type ProxyRequest,
  readAnswer,
} from '../codec/proxy.ts';
import { receive } from './held.ts';

/** Answers before the answer (1xx): more than any proxy has to say. */
const MOST_HEADS = 16;

/**
 * Asks the proxy at the other end of a socket for a connection. What it has answered is gone from the socket then, and
 * nothing else.
 *
 * @throws as {@link receive} does.
 */
export async function httpConnect(
  socket: net.Socket,
  request: ProxyRequest,
  signal: AbortSignal,
): Promise<ProxyRefusal | undefined> {
  socket.write(connectRequest(request));
  for (let heads = 0; heads < MOST_HEADS; heads++) {
    const answer = readAnswer(await receive(socket, headLength, signal));
    if (answer !== 'interim') return answer;
  }
  return NO_HTTP_PROXY;
}
