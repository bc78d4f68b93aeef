/** SCGI (https://python.ca/scgi/protocol.txt): headers and a body there, and back what CGI writes. */

/** The bytes before the body of a request. rTorrent takes at most 2000 of them, and wants its length first. */
export function encodeHead(bodySize: number): Buffer {
  const headers = [
    ['CONTENT_LENGTH', String(bodySize)],
    ['SCGI', '1'],
    ['REQUEST_METHOD', 'POST'],
    ['REQUEST_URI', '/RPC2'],
    // 0.16 knows two types, and closes the connection at any other.
    ['CONTENT_TYPE', 'text/xml'],
  ];
  const block = headers.map(([name, value]) => `${name}\0${value}\0`).join('');
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
const LINE = /\r?\n/;
const HEADER = /^([\w-]+):[ \t]*(.*)$/;
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
  const end = /\r?\n\r?\n/.exec(text);
  if (!end) {
    const isCut = FIRST.startsWith(text) || text.startsWith(FIRST);
    const isPossible = isAll ? isCut : /^[\w-]*(:|$)/.test(text) && text.length < LONGEST_HEAD;
    if (isPossible) return undefined;
    throw new SyntaxError('No SCGI');
  }
  const headers = new Map<string, string>();
  for (const line of text.slice(0, end.index).split(LINE)) {
    const [, name, value] = HEADER.exec(line) ?? [];
    if (name === undefined || value === undefined) throw new SyntaxError('No SCGI');
    headers.set(name.toLowerCase(), value.trim());
  }
  const status = headers.get('status') ?? '200';
  const length = headers.get('content-length');
  return {
    status: toNumber(status.split(' ', 1)[0] as string),
    contentLength: length === undefined ? undefined : toNumber(length),
    size: end.index + end[0].length,
  };
}

function toNumber(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new SyntaxError('No SCGI');
  return Number(text);
}
