/** The four types of client: what each is called, how its address is read, and what it can log in with. */
import type { ClientName } from '../rpc/index.ts';
import { type ClientURL, DelugeURL, QbittorrentURL, RtorrentURL, TransmissionURL } from '../rpc/url.ts';

/** What the interface knows of a type of client without loading the RPC core. */
export interface ClientType {
  /** As its makers write it. */
  readonly label: string;
  /** How it is spoken to, in a few words. */
  readonly transport: string;
  readonly URL: new (url?: string) => ClientURL;
  /** Whether it takes an API key in place of a user name and password. */
  readonly hasApiKeys: boolean;
}

/** Every type of client, in the order in which they are offered. */
export const CLIENT_TYPES: { readonly [Name in ClientName]: ClientType } = {
  transmission: {
    label: 'Transmission',
    transport: 'RPC over HTTP',
    URL: TransmissionURL,
    hasApiKeys: false,
  },
  qbittorrent: { label: 'qBittorrent', transport: 'Web API', URL: QbittorrentURL, hasApiKeys: true },
  deluge: { label: 'Deluge', transport: "the daemon's own protocol", URL: DelugeURL, hasApiKeys: false },
  rtorrent: {
    label: 'rTorrent',
    transport: 'XML-RPC over SCGI or HTTP',
    URL: RtorrentURL,
    hasApiKeys: false,
  },
};

/** The names of all types. */
export const CLIENT_NAMES = Object.keys(CLIENT_TYPES) as ClientName[];

/** Whether a text names a type of client. */
export function isClientType(value: unknown): value is ClientName {
  return typeof value === 'string' && Object.hasOwn(CLIENT_TYPES, value);
}

/** Whether a log-in has any meaning at an address: plain SCGI, over TCP or a socket, knows none. */
export function takesCredentials({ scheme }: ClientURL): boolean {
  return scheme !== 'scgi' && scheme !== 'file';
}
