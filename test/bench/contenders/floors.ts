// The floors: what it costs at least to send a request that was made before, and to have its answer.
import net from 'node:net';
import { Client } from 'undici';
import type { Place } from './contender.ts';

/** An answer over HTTP, its body not decoded yet. */
export interface Answer {
  readonly status: number;
  header(name: string): string;
  json(): Promise<unknown>;
  text(): Promise<string>;
}

/** What a request has, as both floors take it. */
export interface Post {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Makes requests ready to be sent, again and again. */
export interface HttpFloor {
  prepare(post: Post): () => Promise<Answer>;
  close(): unknown;
}

/** undici as it comes: one client, and so one connection. */
export function bareUndici({ url }: Place): HttpFloor {
  const client = new Client(new URL(url).origin);
  return {
    prepare: post => {
      const options = { method: 'POST', ...post } as const;
      return async () => {
        const { statusCode, headers, body } = await client.request(options);
        return {
          status: statusCode,
          header: name => String(headers[name]),
          json: () => body.json(),
          text: () => body.text(),
        };
      };
    },
    close: () => client.destroy(),
  };
}

/** HTTP on bare sockets: the head is searched for the length of the body, and for nothing else. */
export function bareHttp({ url }: Place): HttpFloor {
  const { hostname, port, host } = new URL(url);
  const idle: net.Socket[] = [];
  const all: net.Socket[] = [];
  const open = () => {
    const socket = net.connect({ host: hostname, port: Number(port), noDelay: true });
    all.push(socket);
    return socket;
  };
  return {
    prepare: ({ path, headers, body }) => {
      const lines = Object.entries({ host, ...headers, 'content-length': Buffer.byteLength(body) });
      const head = [`POST ${path} HTTP/1.1`, ...lines.map(line => line.join(': ')), '\r\n'].join('\r\n');
      const request = Buffer.from(head + body);
      return async () => {
        const socket = idle.pop() ?? open();
        socket.write(request);
        const answer = await receiveHttp(socket);
        // nginx ends it with its thousandth answer.
        if (!/^connection: *close/im.test(answer.head)) idle.push(socket);
        return answer;
      };
    },
    close: () => {
      for (const socket of all) socket.destroy();
    },
  };
}

function receiveHttp(socket: net.Socket): Promise<Answer & { head: string }> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let head: string | undefined;
    let missing = 0;
    const onData = (chunk: Buffer) => {
      if (head === undefined) {
        const end = chunk.indexOf('\r\n\r\n');
        if (end < 0) return reject(new Error('A head in pieces'));
        head = chunk.toString('latin1', 0, end);
        missing = Number(/content-length: *(\d+)/i.exec(head)?.[1]);
        chunk = chunk.subarray(end + 4);
      }
      chunks.push(chunk);
      missing -= chunk.length;
      if (missing > 0) return;
      socket.off('data', onData).off('error', reject).off('close', onClose);
      resolve(toAnswer(head, chunks));
    };
    const onClose = () => reject(new Error('closed'));
    socket.on('data', onData).on('error', reject).on('close', onClose);
  });
}

function toAnswer(head: string, chunks: readonly Buffer[]): Answer & { head: string } {
  const text = async () => Buffer.concat(chunks).toString();
  return {
    head,
    status: Number(head.slice('HTTP/1.1 '.length, 'HTTP/1.1 200'.length)),
    header: name => new RegExp(`^${name}: *([^\\r]*)`, 'im').exec(head)?.[1] ?? '',
    json: async () => JSON.parse(await text()),
    text,
  };
}

/** Sends a request to an SCGI server on a connection of its own; the whole answer, its head included. */
export function askScgi({ url }: Place, request: Buffer): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = net.connect({ host: hostname, port: Number(port), noDelay: true });
    const chunks: Buffer[] = [];
    socket.write(request);
    socket.on('data', chunk => chunks.push(chunk)).on('error', reject);
    socket.on('end', () => resolve(Buffer.concat(chunks).toString()));
  });
}

/** A body as an SCGI request. */
export function scgi(body: string): Buffer {
  const head = `CONTENT_LENGTH\0${Buffer.byteLength(body)}\0SCGI\x001\0CONTENT_TYPE\0text/xml\0`;
  return Buffer.from(`${head.length}:${head},${body}`);
}
