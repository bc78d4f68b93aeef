/** What a caller gives to send to qBittorrent, checked and read, as the body of a request. */
import { randomUUID } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { isUint8Array } from 'node:util/types';
import { checkText, unsendable } from '../arguments.ts';
import { encodeMultipart, type FormFile } from '../codec/multipart.ts';
import { encodeForm, encodeMethod, toFields } from '../codec/qbittorrent.ts';
import { ValueError } from '../errors.ts';

/** A file to upload. */
export interface QbittorrentFile {
  /** What the daemon calls it, also in its complaints. Two files of a call may have the same. */
  readonly filename: string;
  /** Its bytes, or the path of a file that is read here. */
  readonly content: Uint8Array | string | Blob;
  /** Default: that of the Blob, or `application/x-bittorrent`. */
  readonly contentType?: string | undefined;
}

/** A call ready to be sent, and to be sent again. */
export interface EncodedCall {
  /** As it stands in a path. */
  readonly method: string;
  readonly contentType: string;
  readonly body: string | Uint8Array;
}

/**
 * A call as it goes over the wire.
 *
 * @throws ValueError naming the place of what cannot be sent, or the file that cannot be read.
 */
export async function encodeCall(
  method: string,
  options?: unknown,
  files: readonly (readonly [field: string, file: QbittorrentFile])[] = [],
): Promise<EncodedCall> {
  const name = encodeMethod(method);
  const fields = toFields(name, options);
  if (!Array.isArray(files)) throw unsendable(files, 'files');
  if (files.length === 0) {
    return { method: name, contentType: 'application/x-www-form-urlencoded', body: encodeForm(fields) };
  }
  const read = await Promise.all(Array.from(files, (entry, index) => toFormFile(entry, `files[${index}]`)));
  const boundary = `bt-rpc-${randomUUID()}`;
  return {
    method: name,
    contentType: `multipart/form-data; boundary=${boundary}`,
    body: encodeMultipart(fields, read, boundary),
  };
}

async function toFormFile(entry: unknown, place: string): Promise<FormFile> {
  if (!Array.isArray(entry)) throw unsendable(entry, place);
  const [field, file] = entry;
  if (typeof file !== 'object' || file === null) throw unsendable(file, `${place}[1]`);
  const { filename, content, contentType = (content instanceof Blob && content.type) || TORRENT } = file;
  const type = stringAt(contentType, `${place}[1].contentType`);
  // A line break in it would be a header of its own.
  if (!/^[\x20-\x7e]+$/.test(type)) throw new ValueError(`${place}[1].contentType is invalid`);
  return {
    field: stringAt(field, `${place}[0]`),
    filename: stringAt(filename, `${place}[1].filename`),
    contentType: type,
    content: await toBytes(content, `${place}[1].content`),
  };
}

const TORRENT = 'application/x-bittorrent';

function stringAt(value: unknown, place: string): string {
  if (typeof value !== 'string') throw unsendable(value, place);
  return checkText(value, place);
}

async function toBytes(content: unknown, place: string): Promise<Uint8Array> {
  if (isUint8Array(content)) return content;
  if (content instanceof Blob) return new Uint8Array(await content.arrayBuffer());
  if (typeof content !== 'string') throw unsendable(content, place);
  try {
    const found = await stat(content);
    // A pipe or a device may keep us waiting for ever, or never end.
    if (!found.isFile() && !found.isDirectory()) throw new Error('Not a file');
    return await readFile(content);
  } catch (error) {
    throw new ValueError(`${place}: ${reasonOf(error)}: ${content}`, { cause: error });
  }
}

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return 'No such file';
  if (code === 'EISDIR') return 'It is a directory';
  return code === 'EACCES' ? 'Permission denied' : message;
}
