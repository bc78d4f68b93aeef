// The ways from each client to a real daemon: directly, through a SOCKS proxy, over TLS.
import type { ClientOptions, RPCBase } from '../../src/rpc/index.ts';
import { makeCertificates } from './certificates.ts';
import { clientFor, TESTED_CLIENTS, type TestedClient } from './clients.ts';
import type { Daemon } from './daemons/daemon.ts';
import { startNginx } from './nginx.ts';
import { startMicrosocks } from './proxies.ts';

/** A client, and how it is to reach its daemon. */
export interface Route {
  readonly tested: TestedClient;
  readonly way: 'direct' | 'socks5' | 'tls';
}

/** Every client by every way; Deluge has TLS of its own, so that its direct way is that already. */
export const ROUTES: readonly Route[] = TESTED_CLIENTS.flatMap(tested =>
  (['direct', 'socks5', 'tls'] as const)
    .filter(way => way !== 'tls' || tested.name !== 'deluge')
    .map(way => ({ tested, way })),
);

/** A route whose servers run; disposing it ends them. */
export interface OpenRoute extends AsyncDisposable {
  readonly daemon: Daemon;
  /** What holds the other end of our connections: the proxy, the web server or, on the direct way, the daemon. */
  readonly near: Daemon;
  client(options?: ClientOptions): RPCBase;
}

/** Starts the servers of a route. */
export async function openRoute({ tested, way }: Route): Promise<OpenRoute> {
  const stack = new AsyncDisposableStack();
  const daemon = stack.use(await tested.start());
  const { near = daemon, options } = await WAYS[way](stack, tested, daemon);
  return {
    daemon,
    near,
    client: more => clientFor(tested.name, daemon, { ...options, ...more }),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** What stands before the daemon, and the options that lead there. */
interface Way {
  readonly near?: Daemon;
  readonly options: ClientOptions;
}

const WAYS: {
  [way in Route['way']]: (stack: AsyncDisposableStack, tested: TestedClient, daemon: Daemon) => Promise<Way>;
} = {
  direct: async () => ({ options: {} }),
  async socks5(stack) {
    const near = stack.use(await startMicrosocks());
    const { port, username, password } = near;
    return { near, options: { proxyUrl: `socks5://${username}:${password}@127.0.0.1:${port}` } };
  },
  async tls(stack, { name }, daemon) {
    const { ca, valid } = stack.use(await makeCertificates());
    const near = stack.use(await startNginx({ config: passTo(name, daemon), tls: valid, username: '' }));
    const path = name === 'transmission' ? '/transmission/rpc' : undefined;
    return { near, options: { scheme: 'https', port: near.port, path, tls: { ca } } };
  },
};

/** What a web server does with a request for a daemon; SCGI takes its length first. */
export function passTo(name: TestedClient['name'], { port }: Daemon): string {
  return name === 'rtorrent'
    ? `location / { scgi_param CONTENT_LENGTH $content_length; scgi_param SCGI 1; scgi_pass 127.0.0.1:${port}; }`
    : `location / { proxy_pass http://127.0.0.1:${port}; }`;
}
