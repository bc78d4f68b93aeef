/**
 * TLS on top of a connected socket.
 *
 * Certificates are judged here and not while the handshake runs, so that an error can show the certificate, and so that
 * a pinned one is enough. Nothing is sent before the judgement.
 *
 * VS Code patches `tls` for extensions unless `ca` is given, and Node trusts only its bundled authorities by default, so
 * `ca` is always given: Node's and the system's.
 */
import net from 'node:net';
import tls from 'node:tls';
import type { PeerCertificate } from '../base.ts';
import { ConnectionError } from '../errors.ts';
import type { TlsOptions } from '../options.ts';
import { asciiHost, CLOSED } from './failures.ts';
import { held } from './held.ts';

/** Whom to expect at the other end. */
export interface TlsPeer {
  /** The name or address that the certificate is to be for. */
  readonly host: string;
  /** Without it the system's and Node's authorities are trusted. */
  readonly tls?: TlsOptions | undefined;
  /** Told of the certificate that was accepted. */
  certified?(certificate: PeerCertificate): void;
}

/**
 * A TLS connection on top of a connected socket, which it owns from now on.
 *
 * @throws ConnectionError for a certificate that is not trusted, its fingerprint in the message, everything else of it
 *   and the code of what is wrong in `info`; OpenSSL's or Node's error where there is no TLS; the signal's reason when
 *   it aborts. The socket is closed then.
 */
export async function startTls(
  socket: net.Socket,
  { host, tls: options, certified }: TlsPeer,
  signal: AbortSignal,
): Promise<tls.TLSSocket> {
  const name = asciiHost(host);
  const ca = options?.ca === undefined ? trustedAuthorities() : Buffer.from(options.ca);
  const secure = tls.connect({
    socket,
    // Server name indication is for names only (RFC 6066, section 3); `127.1` is none.
    ...(net.isIP(name) ? {} : { servername: name }),
    host: name,
    ca,
    ...(options?.ca === undefined ? { secureContext: trustingContext() } : {}),
    rejectUnauthorized: false,
  });
  secure.on('error', () => {});
  try {
    await held(secure, 'secureConnect', signal);
    const certificate = certificateOf(secure);
    // The types say that it is an Error; it is a code.
    const fault = (secure.authorizationError as unknown as string | null) ?? undefined;
    checkTrust(certificate, fault, host, options);
    if (certificate) certified?.(certificate);
    return secure;
  } catch (error) {
    secure.destroy();
    socket.destroy();
    // Node says ECONNRESET of an orderly end as well; only a real reset comes from a system call.
    const { code, syscall } = error as NodeJS.ErrnoException;
    throw code === 'ECONNRESET' && !syscall ? Object.assign(error as Error, { code: CLOSED }) : error;
  }
}

function certificateOf(secure: tls.TLSSocket): PeerCertificate | undefined {
  const certificate = secure.getPeerX509Certificate();
  return (
    certificate && {
      fingerprint256: certificate.fingerprint256,
      subject: oneLine(certificate.subject),
      issuer: oneLine(certificate.issuer),
      validFrom: new Date(certificate.validFrom),
      validTo: new Date(certificate.validTo),
    }
  );
}

/** Node separates the parts of a distinguished name by line feeds; an empty one is undefined. */
const oneLine = (name: string | undefined): string => (name ?? '').replaceAll('\n', ', ');

/** @throws ConnectionError unless the certificate is the pinned one or, without a pin, nothing is wrong with it. */
function checkTrust(
  certificate: PeerCertificate | undefined,
  fault: string | undefined,
  host: string,
  options: TlsOptions | undefined,
): void {
  const pinned = options?.fingerprint256;
  const fingerprint = certificate?.fingerprint256;
  const shown = fingerprint ? ` (SHA-256 fingerprint ${fingerprint})` : '';
  if (pinned !== undefined) {
    if (fingerprint === pinned) return;
    const info = { ...certificate, code: 'PIN_MISMATCH' };
    throw new ConnectionError(`Certificate is not the pinned one${shown}`, { info });
  }
  if (fault === undefined || options?.rejectUnauthorized === false) return;
  const words = wordsFor(fault, host, certificate);
  throw new ConnectionError(`Certificate not trusted: ${words}${shown}`, {
    info: { ...certificate, code: fault },
  });
}

function wordsFor(fault: string, host: string, certificate: PeerCertificate | undefined): string {
  switch (fault) {
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
      return 'it is self-signed';
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
      return 'it is signed by an unknown authority';
    case 'CERT_HAS_EXPIRED':
      return certificate ? `it expired on ${dayOf(certificate.validTo)}` : 'it has expired';
    case 'CERT_NOT_YET_VALID':
      return certificate ? `it is not valid before ${dayOf(certificate.validFrom)}` : 'it is not yet valid';
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return `it is not for the host name ${host}`;
    default:
      return fault.toLowerCase().replaceAll('_', ' ');
  }
}

const dayOf = (date: Date): string => date.toISOString().slice(0, 10);

let authorities: string[] | undefined;
let context: tls.SecureContext | undefined;

/** Node's and the system's authorities, read once: it takes 30 to 80 ms. */
function trustedAuthorities(): string[] {
  authorities ??= [...new Set([...tls.getCACertificates('default'), ...tls.getCACertificates('system')])];
  return authorities;
}

/** Made once: to parse all authorities takes 10 ms. */
function trustingContext(): tls.SecureContext {
  context ??= tls.createSecureContext({ ca: trustedAuthorities() });
  return context;
}
