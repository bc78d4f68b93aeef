/** Each client to each daemon by every transport, directly and through every kind of proxy; the README shows the table. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, it } from 'node:test';
import { type ClientName, type ClientOptions, client } from '../../src/rpc/index.ts';
import { type Certificates, makeCertificates } from '../tools/certificates.ts';
import { SUITES } from '../tools/chroots.ts';
import type { Daemon } from '../tools/daemons/daemon.ts';
import { startRtorrent } from '../tools/daemons/rtorrent.ts';
import { listTorrents } from '../tools/listTorrents.ts';
import { startNginx } from '../tools/nginx.ts';
import { startDanted, startMicrosocks, startTinyproxy } from '../tools/proxies.ts';
import { until } from '../tools/until.ts';
import { eachDaemon, KINDS } from './generations.ts';

const TRANSPORTS: { readonly [Name in ClientName]: readonly string[] } = {
  transmission: ['HTTP', 'HTTPS'],
  qbittorrent: ['HTTP', 'HTTPS'],
  deluge: ['TLS'],
  rtorrent: ['SCGI over TCP', 'SCGI over a Unix socket', 'HTTP', 'HTTPS'],
};
const PROXIES = ['none', 'SOCKS 4', 'SOCKS 5', 'HTTP CONNECT'] as const;
type Proxy = (typeof PROXIES)[number];

/** A Unix socket is on this machine: no proxy leads to it. */
const proxiesOf = (transport: string): readonly Proxy[] =>
  transport.endsWith('Unix socket') ? ['none'] : PROXIES;

const stack = new AsyncDisposableStack();
let certificates: Certificates;
let proxies: { readonly [Name in Exclude<Proxy, 'none'>]: Daemon };
before(async () => {
  certificates = stack.use(await makeCertificates());
  proxies = {
    'SOCKS 4': stack.use(await startDanted()),
    'SOCKS 5': stack.use(await startMicrosocks()),
    'HTTP CONNECT': stack.use(await startTinyproxy()),
  };
});
after(() => stack.disposeAsync());

/** What an nginx before the daemon does with a request. */
const pass = (name: ClientName, { port }: Daemon) =>
  name === 'rtorrent'
    ? `location / { scgi_param SCGI 1; scgi_param CONTENT_TYPE $content_type; scgi_pass 127.0.0.1:${port}; }`
    : `location / { proxy_pass http://127.0.0.1:${port}; }`;

/** What listens, who may log in, and how its certificate is checked. */
interface Place {
  readonly server: Daemon;
  readonly options: ClientOptions;
}

eachDaemon((kind, { chroot }) => {
  const { name } = kind;
  const servers = new AsyncDisposableStack();
  let places: Readonly<Record<string, Place>>;
  before(async () => {
    const daemon = servers.use(await kind.start({ chroot }));
    const direct = placeOf(daemon, daemon);
    const isRtorrent = name === 'rtorrent';
    const url = (server: Daemon) => (name === 'transmission' ? `${server.url}/transmission/rpc` : server.url);
    const behind = async (tls?: Certificates['valid']): Promise<Place> => {
      const config = pass(name, daemon);
      const account = isRtorrent ? {} : { username: '' };
      const server = servers.use(await startNginx({ config, ...account, ...(tls && { tls }) }));
      const { options } = placeOf(server, isRtorrent ? server : daemon);
      return {
        server,
        options: { ...options, url: url(server), ...(tls && { tls: { ca: certificates.ca } }) },
      };
    };
    const https = name === 'deluge' ? direct : await behind(certificates.valid);
    const socket = isRtorrent ? servers.use(await startRtorrent({ chroot, isOnSocket: true })) : daemon;
    places = {
      'SCGI over TCP': direct,
      'SCGI over a Unix socket': placeOf(socket, socket),
      TLS: direct,
      HTTP: isRtorrent ? await behind() : direct,
      HTTPS: https,
    };
  });
  after(() => servers.disposeAsync());

  for (const transport of TRANSPORTS[name])
    for (const proxy of proxiesOf(transport))
      it(`${transport}, ${proxy === 'none' ? 'directly' : `through a proxy: ${proxy}`}`, async () => {
        const { server, options } = places[transport] ?? assert.fail();
        const by = proxy === 'none' ? undefined : proxies[proxy];
        await using rpc = client(name, { ...options, proxyUrl: by && withAuth(by) });
        const { torrents } = await listTorrents(name, rpc as never, AbortSignal.timeout(10_000));
        assert.deepEqual(torrents, []);
        if (!by) return;
        const isLogged = new RegExp(`127\\.0\\.0\\.1[:.]${server.port}\\b`);
        await until(() => isLogged.test(by.log()), `${by.kind} has logged the connection`);
      });
});

function placeOf(server: Daemon, { username, password }: Daemon): Place {
  return { server, options: { url: server.url, ...(username && { username, password }) } };
}

function withAuth({ url, username, password }: Daemon): string {
  return username ? url.replace('://', `://${username}:${password}@`) : url;
}

it('the README shows what is tested here', async () => {
  const rows = KINDS.flatMap(({ name, label, versions }) =>
    TRANSPORTS[name].map(transport => {
      const [direct, ...through] = proxiesOf(transport);
      const cells = [label, ...SUITES.map(suite => versions[suite]), transport];
      return [...cells, through.join(', ') || direct];
    }),
  );
  const readme = await readFile(path.resolve(import.meta.dirname, '../../README.md'), 'utf8');
  const shown = readme.split('\n').map(line =>
    line
      .split('|')
      .slice(1, -1)
      .map(cell => cell.trim()),
  );
  for (const row of rows)
    assert.ok(
      shown.some(cells => cells.join() === row.join()),
      `README.md has no row | ${row.join(' | ')} |`,
    );
});
