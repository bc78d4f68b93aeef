/** The public face of the RPC core: everything that others may use, and nothing else. */
import type { ClientClass } from './base.ts';
import { DelugeRPC } from './clients/deluge.ts';
import { QbittorrentRPC } from './clients/qbittorrent.ts';
import { RtorrentRPC } from './clients/rtorrent.ts';
import { TransmissionRPC } from './clients/transmission.ts';
import { ValueError } from './errors.ts';
import type { ClientOptions } from './options.ts';
import type { ClientURL } from './url.ts';

export {
  type CallOptions,
  type ClientClass,
  ConnectionStatus,
  type PeerCertificate,
  RPCBase,
  type RPCEvents,
} from './base.ts';
export { DelugeRPC } from './clients/deluge.ts';
export type { QbittorrentCallOptions } from './clients/qbittorrent.ts';
export { QbittorrentRPC } from './clients/qbittorrent.ts';
export type { QbittorrentFile } from './clients/qbittorrentCall.ts';
export type { MulticallOptions, RtorrentCall } from './clients/rtorrent.ts';
export { RtorrentRPC } from './clients/rtorrent.ts';
export type { TransmissionCallOptions } from './clients/transmission.ts';
export { TransmissionRPC } from './clients/transmission.ts';
export type { DelugeError } from './codec/deluge.ts';
export type { TransmissionJsonRpcResponse, TransmissionResponse } from './codec/transmission.ts';
export {
  AuthenticationError,
  BtRpcError,
  ConnectionError,
  NotImplementedError,
  RPCError,
  TimeoutError,
  type Translation,
  ValueError,
} from './errors.ts';
export type { EventHandler } from './eventHandlers.ts';
export type { Exchange, Layer } from './exchange.ts';
export type { ClientOptions, TlsOptions } from './options.ts';
export { ClientURL, DelugeURL, QbittorrentURL, RtorrentURL, TransmissionURL } from './url.ts';
export type { RpcValue } from './values.ts';

/** The client classes by name. */
interface Clients {
  deluge: DelugeRPC;
  qbittorrent: QbittorrentRPC;
  rtorrent: RtorrentRPC;
  transmission: TransmissionRPC;
}

/** The names of the clients, as in settings. */
export type ClientName = keyof Clients;

/** The client of a name. */
export type ClientOf<Name extends ClientName> = Clients[Name];

const CLASSES: { readonly [Name in keyof Clients]: ClientClass<Clients[Name]> } = {
  deluge: DelugeRPC,
  qbittorrent: QbittorrentRPC,
  rtorrent: RtorrentRPC,
  transmission: TransmissionRPC,
};

/** The client classes, sorted by name. */
export function clients(): ClientClass[] {
  return Object.values(CLASSES).sort((a, b) => (a.clientName < b.clientName ? -1 : 1));
}

/**
 * A new client by its name.
 *
 * @throws ValueError `No such client: …`, or where an option cannot be used.
 */
export function client<Name extends keyof Clients>(
  name: Name,
  urlOrOptions?: string | ClientURL | ClientOptions,
): Clients[Name];
export function client(
  name: string,
  urlOrOptions?: string | ClientURL | ClientOptions,
): Clients[keyof Clients];
export function client(
  name: string,
  urlOrOptions?: string | ClientURL | ClientOptions,
): Clients[keyof Clients] {
  if (!Object.hasOwn(CLASSES, name)) throw new ValueError(`No such client: ${String(name)}`);
  return new CLASSES[name as keyof Clients](urlOrOptions);
}
