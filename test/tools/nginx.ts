// A real nginx on 127.0.0.1: the web server before rTorrent, and the other end of TLS.
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import {
  type Daemon,
  type DaemonOptions,
  type DaemonPlace,
  type DaemonRecipe,
  startDaemon,
} from './daemons/daemon.ts';

/** What somebody who starts an nginx may choose. With a user name (the default is one) it asks for HTTP basic log-in. */
export interface NginxOptions extends DaemonOptions {
  /**
   * What stands inside of `server { … }`, such as `location / { root /srv; }`. (What `return` says is said before
   * anybody is asked to log in.)
   */
  readonly config: string;
  /** Files in PEM; speaks HTTPS with them. */
  readonly tls?: { readonly certificate: string; readonly key: string };
}

/** Starts an nginx, resolved when it listens. Its `url` has no path: `http://127.0.0.1:PORT`, or `https://…`. */
export function startNginx(options: NginxOptions): Promise<Daemon> {
  return startDaemon(recipe(options), options);
}

const recipe = ({ config, tls }: NginxOptions): DaemonRecipe => ({
  kind: 'nginx',
  program: 'nginx',
  systemPackage: 'nginx-light',
  url: place => `${tls ? 'https' : 'http'}://127.0.0.1:${place.port}`,
  args: ({ home }) => ['-p', home, '-e', 'stderr', '-c', path.join(home, 'nginx.conf')],
  configure: async place => {
    await writeFile(path.join(place.home, 'users'), `${place.username}:{SHA}${sha1(place.password)}\n`);
    await writeFile(path.join(place.home, 'nginx.conf'), configuration(place, config, tls));
  },
  probe,
});

const sha1 = (text: string) => createHash('sha1').update(text).digest('base64');

/** One process, and so one to end, that may open whatever sockets we may. */
const configuration = ({ home, port, username }: DaemonPlace, config: string, tls: NginxOptions['tls']) => `
daemon off;
master_process off;
error_log stderr notice;
pid ${home}/pid;
events {}
http {
  access_log off;
  client_body_temp_path ${home}/client-body;
  proxy_temp_path ${home}/proxy;
  fastcgi_temp_path ${home}/fastcgi;
  scgi_temp_path ${home}/scgi;
  uwsgi_temp_path ${home}/uwsgi;
  server {
    listen 127.0.0.1:${port}${tls ? ' ssl' : ''};
    ${tls ? `ssl_certificate ${tls.certificate}; ssl_certificate_key ${tls.key};` : ''}
    ${username ? `auth_basic "BT RPC test"; auth_basic_user_file ${home}/users;` : ''}
    ${config}
  }
}
`;

/** It writes its id when it listens; that of one that was killed is nobody's. */
async function probe({ home }: DaemonPlace): Promise<'ready' | 'waiting'> {
  try {
    process.kill(Number(await readFile(path.join(home, 'pid'), 'utf8')) || Number.NaN, 0);
    return 'ready';
  } catch {
    return 'waiting';
  }
}
