// What stands before VS Code's server for people: the plain server has no key for secrets, and its page looks for
// services of Microsoft's.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import { freePort } from './ports.ts';

/** A web server that shows VS Code. Disposing it closes all of its connections. */
export interface VsCodeFront extends AsyncDisposable {
  readonly port: number;
}

/** Starts it on 127.0.0.1, before a server that listens on `serverPort`. */
export async function startVsCodeFront(serverPort: number): Promise<VsCodeFront> {
  // The page encrypts what it stores with this key: without one, stored secrets end with the page.
  const key = randomBytes(32);
  const server = http.createServer((request, response) => {
    if (request.method === 'POST' && request.url === '/mint-key') response.end(key);
    else void forward(request, response, serverPort);
  });
  const sockets = new Set<net.Socket>();
  server.on('connection', socket => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.on('upgrade', (request, socket: net.Socket, head) => tunnel(request, socket, head, serverPort));
  const port = await freePort();
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    port,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

async function forward(
  request: http.IncomingMessage,
  response: http.ServerResponse,
  port: number,
): Promise<void> {
  const headers = { ...request.headers, 'accept-encoding': 'identity' };
  const upstream = http.request({
    host: '127.0.0.1',
    port,
    path: request.url,
    method: request.method,
    headers,
  });
  request.pipe(upstream);
  upstream.on('error', error => response.writeHead(502).end(String(error)));
  const [answer] = (await once(upstream, 'response')) as [http.IncomingMessage];
  const isPage = answer.headers['content-type']?.startsWith('text/html') === true;
  if (!isPage) {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
    return;
  }
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk);
  const page = configure(Buffer.concat(chunks).toString());
  const { 'content-length': _, ...kept } = answer.headers;
  response.writeHead(answer.statusCode ?? 502, kept).end(page);
}

/** Changes the configuration that the server writes into the page, as a host of VS Code for the Web may. */
function configure(page: string): string {
  return page.replace(
    /(id="vscode-workbench-web-configuration" data-settings=")([^"]*)"/,
    (_, start: string, settings: string) => {
      const configuration = JSON.parse(settings.replaceAll('&quot;', '"').replaceAll('&amp;', '&'));
      configuration._wrapWebWorkerExtHostInIframe = false; // that frame would come from vscode-cdn.net
      configuration.productConfiguration = {
        ...configuration.productConfiguration,
        extensionsGallery: null,
        enableTelemetry: false,
        serviceWorker: undefined,
      };
      const text = JSON.stringify(configuration).replaceAll('&', '&amp;').replaceAll('"', '&quot;');
      return `${start}${text}"`;
    },
  );
}

/** Joins a WebSocket's two ends. */
function tunnel(request: http.IncomingMessage, socket: net.Socket, head: Buffer, port: number): void {
  const upstream = net.connect(port, '127.0.0.1', () => {
    const headers: string[] = [];
    for (let i = 0; i < request.rawHeaders.length; i += 2)
      headers.push(`${request.rawHeaders[i]}: ${request.rawHeaders[i + 1]}`);
    upstream.write(`${request.method} ${request.url} HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n`);
    upstream.write(head);
    socket.pipe(upstream).pipe(socket);
  });
  const end = () => {
    socket.destroy();
    upstream.destroy();
  };
  for (const each of [socket, upstream]) each.on('error', end).on('close', end);
}
