/** `multipart/form-data` (RFC 7578), as qBittorrent's parser takes it (`src/base/http/requestparser.cpp`). */

/** One file of a form. */
export interface FormFile {
  /** The name of its field. */
  readonly field: string;
  readonly filename: string;
  readonly contentType: string;
  readonly content: Uint8Array;
}

/**
 * A form with files as one body.
 *
 * Two files of one name would become one (observed on 4.5.2 to 5.3.0: the last wins), so that each gets a name of its
 * own, as in `a.torrent`, `a-2.torrent`.
 *
 * @param boundary must not occur in any of the values.
 */
export function encodeMultipart(
  fields: readonly (readonly [name: string, value: string])[],
  files: readonly FormFile[],
  boundary: string,
): Uint8Array {
  const pieces: (string | Uint8Array)[] = [];
  const begin = (disposition: string, type = '') =>
    pieces.push(`--${boundary}\r\nContent-Disposition: form-data; ${disposition}\r\n${type}\r\n`);
  for (const [name, value] of fields) {
    begin(`name="${quote(name)}"`);
    pieces.push(value, '\r\n');
  }
  const names = new Set<string>();
  for (const { field, filename, contentType, content } of files) {
    const name = unusedName(quote(filename), names);
    names.add(name);
    begin(`name="${quote(field)}"; filename="${name}"`, `Content-Type: ${contentType}\r\n`);
    pieces.push(content, '\r\n');
  }
  pieces.push(`--${boundary}--\r\n`);
  return Buffer.concat(pieces.map(piece => (typeof piece === 'string' ? Buffer.from(piece) : piece)));
}

/** As browsers do; and without semicolons, at which qBittorrent cuts the line also within quotes. */
function quote(name: string): string {
  return name.replace(/[";\r\n]/g, encodeURIComponent);
}

function unusedName(name: string, used: ReadonlySet<string>): string {
  const [, stem = '', extension = ''] = /^(.*?)(\.[^.]*)?$/s.exec(name) ?? [];
  let unused = name;
  for (let count = 2; used.has(unused); count++) unused = `${stem}-${count}${extension}`;
  return unused;
}
