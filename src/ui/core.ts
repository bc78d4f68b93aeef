/** The RPC core, loaded when it is first needed: it brings an HTTP parser that takes 40 ms to compile. */
import { readFile } from 'node:fs/promises';
import type { ClientName, ClientOf } from '../rpc/index.ts';
import { ProxyURL } from '../rpc/url.ts';
import type { ClientEntry } from './entries.ts';
import type { Credentials, Login } from './secrets.ts';

/** Any of the core's clients. */
export type Rpc = ClientOf<ClientName>;

export function loadCore(): typeof import('../rpc/index.ts') {
  // A bundle of its own, beside the extension's (see esbuild.mjs).
  return require('./rpc.js');
}

/**
 * A client of the core's for an entry of the settings.
 *
 * @throws Error where the file of authorities cannot be read, and what the core makes of its options.
 */
export async function makeRpc(entry: ClientEntry, { login, proxy }: Credentials): Promise<Rpc> {
  const { type, url, timeout, tls } = entry;
  return loadCore().client(type, {
    url,
    ...login,
    timeout,
    proxyUrl: withLogin(entry.proxyUrl, proxy),
    tls: tls && {
      ca: tls.caFile === undefined ? undefined : await readAuthorities(tls.caFile),
      fingerprint256: tls.fingerprint256,
      rejectUnauthorized: tls.insecure ? false : undefined,
    },
  });
}

function withLogin(proxyUrl: string | undefined, { username, password }: Login): string | undefined {
  return proxyUrl && new ProxyURL(proxyUrl, { parts: { username, password } }).withAuth;
}

async function readAuthorities(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new Error(`The file of certificate authorities cannot be read: ${(error as Error).message}`);
  }
}
