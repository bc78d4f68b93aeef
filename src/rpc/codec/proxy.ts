/** What is asked of proxies and how they refuse, and the words of HTTP's CONNECT (RFC 9110, section 9.3.6). */

/** Why a proxy does not connect us. */
export type ProxyRefusal =
  | { readonly kind: 'credentials' }
  /** In the words that a direct connection would fail with, where there are such. */
  | { readonly kind: 'refused'; readonly words: string }
  /** The proxy's own words, neither masked nor bounded. */
  | { readonly kind: 'quoted'; readonly words: string };

export const CREDENTIALS_REFUSED = { kind: 'credentials' } as const;
export const refused = (words: string): ProxyRefusal => ({ kind: 'refused', words });

/** Where the proxy is to connect to, and who asks. */
export interface ProxyRequest {
  /** A name in ASCII, or an address without brackets. */
  readonly host: string;
  readonly port: number;
  readonly username: string | undefined;
  readonly password: string | undefined;
}

/** Bytes of an answer to CONNECT: a proxy that sends headers without end is none. As many as Node's HTTP takes. */
const LONGEST_HEAD = 16 * 1024;

/** A head ends with an empty line. One that is too long is taken as it is, for who reads it to see that it has none. */
export function headLength(received: Buffer): number | undefined {
  const end = HEAD_END.exec(received.toString('latin1'));
  if (end) return end.index + end[0].length;
  return received.length > LONGEST_HEAD ? received.length : undefined;
}

const HEAD_END = /\r?\n\r?\n/;

/** HTTP's CONNECT, with basic authentication where there are credentials. */
export function connectRequest({ host, port, username, password }: ProxyRequest): string {
  const authority = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  const credentials =
    username === undefined && password === undefined
      ? []
      : [
          `Proxy-Authorization: Basic ${Buffer.from(`${username ?? ''}:${password ?? ''}`).toString('base64')}`,
        ];
  return [`CONNECT ${authority} HTTP/1.1`, `Host: ${authority}`, ...credentials, '', ''].join('\r\n');
}

/** What the head of an answer means: a refusal, none (the connection stands), or that the answer is still to come. */
export function readAnswer(head: Buffer): ProxyRefusal | undefined | 'interim' {
  const text = head.toString('latin1');
  const match = /^HTTP\/1\.\d +(\d{3})(?!\d)(?: +([^\r\n]*))?/.exec(text);
  if (!match || !HEAD_END.test(text)) return NO_HTTP_PROXY;
  const status = Number(match[1]);
  return status < 200 ? 'interim' : connectRefusal(status, match[2]?.trim());
}

export const NO_HTTP_PROXY = refused('Not an HTTP proxy');

function connectRefusal(status: number, reason: string | undefined): ProxyRefusal | undefined {
  if (status < 300) return undefined;
  switch (status) {
    // tinyproxy 1.11 says 407 to no credentials and 401 to wrong ones (observed); within CONNECT both are its own.
    case 401:
    case 407:
      return CREDENTIALS_REFUSED;
    case 504:
      return refused('Connection timed out');
    default:
      return reason ? { kind: 'quoted', words: reason } : refused(`HTTP status ${status}`);
  }
}
