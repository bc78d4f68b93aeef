/** What Node, undici and OpenSSL throw, as the errors that users read. */
import { BtRpcError, ConnectionError } from '../errors.ts';
import type { Masker } from '../mask.ts';
import type { ClientURL } from '../url.ts';

/** Whom we talked to, as errors name it. */
export interface Peer {
  readonly host: string;
  readonly port: number;
  /** The path of a Unix socket; then host and port are not used. */
  readonly socketPath?: string | undefined;
}

/** Whom a client's URL names. */
export function peerOf({ scheme, host, port, path }: ClientURL): Peer {
  return {
    host: host ?? 'localhost',
    port: port ?? (scheme === 'https' ? 443 : 80),
    socketPath: scheme === 'file' ? path : undefined,
  };
}

/** The words for Node's and undici's error codes; each a whole sentence of its own. */
const WORDS: Readonly<Record<string, (peer: Peer) => string>> = {
  ECONNREFUSED: () => 'Connection refused',
  ECONNRESET: () => 'Connection reset',
  EPIPE: () => 'Connection reset',
  UND_ERR_SOCKET: () => 'Connection lost',
  UND_ERR_DESTROYED: () => 'Connection lost',
  UND_ERR_CLOSED: () => 'Connection lost',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: () => 'Connection lost',
  HPE_INVALID_EOF_STATE: () => 'Connection lost',
  ENOTFOUND: ({ host }) => `Name or service not known: ${host}`,
  EAI_AGAIN: ({ host }) => `Name or service not known: ${host}`,
  ETIMEDOUT: () => 'Connection timed out',
  EHOSTUNREACH: () => 'No route to host',
  ENETUNREACH: () => 'Network is unreachable',
  EADDRNOTAVAIL: () => 'Address not available',
  ENOENT: ({ socketPath }) => `No such socket: ${socketPath}`,
  ENOTSOCK: ({ socketPath }) => `No such socket: ${socketPath}`,
  EACCES: ({ socketPath }) => (socketPath ? `Permission denied: ${socketPath}` : 'Permission denied'),
};

/** The `ConnectionError` that an error of the transport means; an error of ours is returned as it is. */
export function toConnectionError(error: unknown, peer: Peer, masker: Masker): BtRpcError {
  if (error instanceof BtRpcError) return error;
  const cause = masker.cause(error);
  const code = codeOf(error);
  const words = code === undefined ? undefined : WORDS[code];
  return new ConnectionError(words ? words(peer) : `Connection failed: ${cause.message || code}`, { cause });
}

/** Node reports a host with several addresses as an AggregateError; undici wraps the socket's own error. */
function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code } = error as NodeJS.ErrnoException;
  if (error instanceof AggregateError) return code ?? codeOf(error.errors[0]);
  return code;
}
