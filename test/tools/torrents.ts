// Real torrents with real payload, the same bytes at every run.
import { createCipheriv, createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type Bencodable, bencode } from './bencode.ts';

/** What a torrent is to hold. */
export interface TorrentOptions {
  /** Any text: also names that no file could have, as long as the payload is not written. */
  readonly name: string;
  /** The size of a torrent of one file; default 64 KiB. */
  readonly size?: number;
  /** Several files instead, with `/` in their paths; they lie in a folder of the torrent's name. */
  readonly files?: readonly { readonly path: string; readonly size: number }[];
  /** Announce addresses, one tier each. */
  readonly trackers?: readonly string[];
  /** HTTP addresses of the payload (BEP 19). */
  readonly webSeeds?: readonly string[];
  readonly isPrivate?: boolean;
  /** A power of two; default 16 KiB. */
  readonly pieceLength?: number;
}

/** One file of a payload. */
export interface TorrentFile {
  /** Below the download folder, with `/`; begins with the torrent's name. */
  readonly path: string;
  readonly content: Buffer;
}

/** A torrent and all that belongs to it. */
export interface Torrent {
  readonly name: string;
  /** Lower-case hexadecimal. */
  readonly infoHash: string;
  /** The bytes of its .torrent file. */
  readonly metainfo: Buffer;
  readonly files: readonly TorrentFile[];
  /** Writes the first part of its payload (default: all) as a daemon would have left it in its download folder. */
  writePayload(folder: string, share?: number): Promise<void>;
}

/** An announce URL where nobody listens. */
export const NO_TRACKER = 'http://127.0.0.1:1/announce';

const DEFAULT_SIZE = 64 * 1024;
const DEFAULT_PIECE_LENGTH = 16 * 1024;

/** Makes a torrent; the same options give the same bytes. */
export function makeTorrent(options: TorrentOptions): Torrent {
  const { name, trackers = [], webSeeds = [], pieceLength = DEFAULT_PIECE_LENGTH } = options;
  const files: TorrentFile[] = options.files
    ? options.files.map(file => ({ path: `${name}/${file.path}`, content: payload(file) }))
    : [{ path: name, content: payload({ path: name, size: options.size ?? DEFAULT_SIZE }) }];
  const info = {
    name,
    'piece length': pieceLength,
    pieces: pieceHashes(
      files.map(file => file.content),
      pieceLength,
    ),
    ...(options.files
      ? { files: options.files.map(file => ({ length: file.size, path: file.path.split('/') })) }
      : { length: options.size ?? DEFAULT_SIZE }),
    ...(options.isPrivate && { private: 1 }),
  } satisfies Bencodable;
  const [firstTracker] = trackers;
  const metainfo = bencode({
    ...(firstTracker && { announce: firstTracker }),
    ...(trackers.length > 1 && { 'announce-list': trackers.map(tracker => [tracker]) }),
    ...(webSeeds.length > 0 && { 'url-list': webSeeds }),
    info,
  });
  return {
    name,
    infoHash: createHash('sha1').update(bencode(info)).digest('hex'),
    metainfo,
    files,
    writePayload: (folder, share = 1) => writeFiles(files, folder, share),
  };
}

/** Bytes that look random and compress to nothing, made from the path and nothing else: a key stream. */
export function payload(file: { readonly path: string; readonly size: number }): Buffer {
  const key = createHash('sha256').update(file.path).digest().subarray(0, 16);
  return createCipheriv('aes-128-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(file.size));
}

/** The pieces run on across the borders of files. */
export function pieceHashes(contents: readonly Buffer[], pieceLength: number): Buffer {
  const all = Buffer.concat(contents);
  const hashes: Buffer[] = [];
  for (let start = 0; start < all.length; start += pieceLength)
    hashes.push(
      createHash('sha1')
        .update(all.subarray(start, start + pieceLength))
        .digest(),
    );
  return Buffer.concat(hashes);
}

async function writeFiles(files: readonly TorrentFile[], folder: string, share: number): Promise<void> {
  let left = Math.round(share * files.reduce((sum, file) => sum + file.content.length, 0));
  for (const file of files) {
    if (left <= 0) return;
    const target = path.join(folder, file.path);
    await mkdir(path.dirname(target), { recursive: true });
    await writeFile(target, file.content.subarray(0, left));
    left -= file.content.length;
  }
}
