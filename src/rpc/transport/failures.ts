/** What Node, undici and OpenSSL throw, as the errors that users read. */
import { domainToASCII } from 'node:url';
import { BtRpcError, ConnectionError, RPCError } from '../errors.ts';
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

/** A host as it goes over the wire: names beyond ASCII in Punycode. */
export function asciiHost(host: string): string {
  return domainToASCII(host) || host;
}

/** Our own code for a connection that the other side closed before it was of any use. */
export const CLOSED = 'CLOSED';

/** The words for a host that nobody knows by this name. */
export const unknownHost = ({ host }: Pick<Peer, 'host'>): string => `Name or service not known: ${host}`;

/** The words for Node's and undici's error codes; each a whole sentence of its own. */
const WORDS: Readonly<Record<string, (peer: Peer) => string>> = {
  [CLOSED]: () => 'Connection lost',
  ECONNREFUSED: () => 'Connection refused',
  ECONNRESET: () => 'Connection reset',
  EPIPE: () => 'Connection reset',
  UND_ERR_SOCKET: () => 'Connection lost',
  UND_ERR_DESTROYED: () => 'Connection lost',
  UND_ERR_CLOSED: () => 'Connection lost',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: () => 'Connection lost',
  ENOTFOUND: unknownHost,
  EAI_AGAIN: unknownHost,
  ETIMEDOUT: () => 'Connection timed out',
  EHOSTUNREACH: () => 'No route to host',
  ENETUNREACH: () => 'Network is unreachable',
  EADDRNOTAVAIL: () => 'Address not available',
  EINVAL: ({ host, socketPath }) => `Invalid address: ${socketPath ?? host}`,
  ENOENT: ({ socketPath }) => `No such socket: ${socketPath}`,
  ENOTDIR: ({ socketPath }) => `No such socket: ${socketPath}`,
  ENOTSOCK: ({ socketPath }) => `No such socket: ${socketPath}`,
  EACCES: ({ socketPath }) => (socketPath ? `Permission denied: ${socketPath}` : 'Permission denied'),
};

/** The codes of a connection that the other side ended. */
const ENDED = new Set([CLOSED, 'ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']);
/** Bytes from which on a reset means that the request was too large: rTorrent's and nginx's limits begin here. */
const LARGE_REQUEST = 512 * 1024;

/**
 * The `ConnectionError` that an error of the transport means; an error of ours is returned as it is.
 *
 * @param unansweredBytes the size of a request to which no answer had begun; 0 where there was none.
 */
export function toConnectionError(
  error: unknown,
  peer: Peer,
  masker: Masker,
  unansweredBytes = 0,
): BtRpcError {
  if (error instanceof BtRpcError) return error;
  const cause = masker.cause(error);
  const code = codeOf(error) ?? '';
  // The resolver has codes of its own, and EINVAL for names that it does not even look for.
  const isLookup = error instanceof Error && (error as NodeJS.ErrnoException).syscall === 'getaddrinfo';
  const say = isLookup ? unknownHost : WORDS[code];
  const words = say?.(peer) ?? `Connection failed: ${opensslReason(error) ?? (cause.message || code)}`;
  const failure = new ConnectionError(words, { cause });
  if (unansweredBytes <= LARGE_REQUEST || !ENDED.has(code)) return failure;
  const message = `${describeTooLarge(unansweredBytes, peer)}: it closed the connection`;
  // What it is for who sent no large request.
  return new ConnectionError(message, { cause: failure });
}

/** What OpenSSL says of a failure, such as `tlsv1 alert protocol version`; its message is that among places in its source. */
function opensslReason(error: unknown): string | undefined {
  const { library, reason } = (error ?? {}) as { library?: unknown; reason?: unknown };
  return typeof library === 'string' && typeof reason === 'string' ? reason : undefined;
}

/**
 * The error for a request that the other side says is too large for it.
 *
 * @param whose the limit is: `rTorrent`, or the peer.
 */
export function tooLarge(bytes: number, whose: string | Peer, info?: unknown): RPCError {
  return new RPCError(describeTooLarge(bytes, whose), info);
}

function describeTooLarge(bytes: number, whose: string | Peer): string {
  const owner = typeof whose === 'string' ? whose : (whose.socketPath ?? `${whose.host}:${whose.port}`);
  return `Request too large: ${bytes} bytes are more than ${owner} takes`;
}

/** Node reports a host with several addresses as an AggregateError. */
export function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code } = error as NodeJS.ErrnoException;
  return error instanceof AggregateError ? (code ?? codeOf(error.errors[0])) : code;
}

// --- What answers instead of a daemon ----------------------------------------------------------------------------

/** Characters of a foreign answer that an error shows. */
const EXCERPT_LENGTH = 200;

/** The error for an answer that no such daemon gives, in words of ours, which need no masking. */
export function unexpected(words: string, info?: unknown): RPCError {
  return new RPCError(`Unexpected response: ${words}`, info);
}

/** The error for an answer that no such daemon gives: its beginning, control characters escaped. */
export function unexpectedResponse(text: string, masker: Masker, info?: unknown): RPCError {
  return unexpected(excerptOf(text, masker), info);
}

/** The error for an answer of another server: what it is where it is recognised, else the answer's beginning. */
export function otherServer(answer: string, expected: string, masker: Masker): RPCError {
  const name = recognise(answer);
  return name ? unexpected(`${name}, not ${expected}`) : unexpectedResponse(answer, masker);
}

/** The beginning of a foreign text as a message shows it: masked, control characters escaped. */
export function excerptOf(text: string, masker: Masker): string {
  return escapeControls(masker.excerpt(text, EXCERPT_LENGTH));
}

/** Control, bidirectional and line-breaking characters as `\u{XX}`. */
function escapeControls(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Cf}\u2028\u2029]/gu,
    char => `\\u{${(char.codePointAt(0) as number).toString(16).toUpperCase()}}`,
  );
}

/** How other servers begin; TLS with a record of an alert or a handshake. */
const BEGINNINGS: readonly (readonly [beginning: string, name: string])[] = [
  ['HTTP/', 'an HTTP server'],
  ['\x15\x03', 'a TLS server'],
  ['\x16\x03', 'a TLS server'],
  ['SSH-', 'an SSH server'],
];

/** What a server is by the first bytes that it sent, such as `an HTTP server`; undefined where we don't know. */
function recognise(answer: string): string | undefined {
  return BEGINNINGS.find(([beginning]) => answer.startsWith(beginning))?.[1];
}
