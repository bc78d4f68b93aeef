/** SCGI (https://python.ca/scgi/protocol.txt): headers and a body there, and back what CGI writes. */

/** What each request has; of content types 0.16 knows two, and closes the connection at any other. */
const HEADERS = 'SCGI\x001\0REQUEST_METHOD\0POST\0REQUEST_URI\0/RPC2\0CONTENT_TYPE\0text/xml\0';

/** The bytes before the body of a request. rTorrent takes at most 2000 of them, and wants its length first. */
export function encodeHead(bodySize: number): Buffer {
  const block = `CONTENT_LENGTH\0${bodySize}\0${HEADERS}`;
  return Buffer.from(`${block.length}:${block},`, 'latin1');
}

/** What comes before the body of an answer. */
export interface ScgiHead {
  /** 200 where it says none, as in CGI (RFC 3875, section 6.3.3). */
  readonly status: number;
  /** Bytes of the body; undefined: all until the connection ends. */
  readonly contentLength: number | undefined;
  /** Bytes of the head itself. */
  readonly size: number;
}

/** Bytes within which a head ends: rTorrent's has less than 100. */
const LONGEST_HEAD = 8192;
const END = /\r?\n\r?\n/;
const HEAD = /^(?:[\w-]+:[^\r\n]*(?:\r?\n|$))+$/;
const STATUS = /^status:[ \t]*(\S*)/im;
const LENGTH = /^content-length:[ \t]*([^\r\n]*)/im;
const FIRST = 'Status:';

/**
 * The head of an answer; undefined as long as it is not whole.
 *
 * @param bytes the beginning of the answer.
 * @param isAll no more will come.
 * @throws SyntaxError where it is none, and never will be.
 */
export function decodeHead(bytes: Uint8Array, isAll = false): ScgiHead | undefined {
  const text = Buffer.from(bytes.subarray(0, LONGEST_HEAD)).toString('latin1');
  const end = END.exec(text);
  if (!end) {
    const isCut = FIRST.startsWith(text) || text.startsWith(FIRST);
    const isPossible = isAll ? isCut : /^[\w-]*(:|$)/.test(text) && text.length < LONGEST_HEAD;
    if (isPossible) return undefined;
    throw new SyntaxError('No SCGI');
  }
  const head = text.slice(0, end.index);
  if (!HEAD.test(head)) throw new SyntaxError('No SCGI');
  const [, status = '200'] = STATUS.exec(head) ?? [];
  const [, length] = LENGTH.exec(head) ?? [];
  return {
    status: toNumber(status),
    contentLength: length === undefined ? undefined : toNumber(length.trimEnd()),
    size: end.index + end[0].length,
  };
}

function toNumber(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new SyntaxError('No SCGI');
  return Number(text);
}
