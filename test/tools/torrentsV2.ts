// Torrents of the second version (BEP 52), and hybrids of both, whose v1 files are aligned by pad files (BEP 47).
import { createHash } from 'node:crypto';
import { type Bencodable, bencode } from './bencode.ts';
import { payload, pieceHashes, type TorrentFile } from './torrents.ts';

/** What a torrent is to hold. */
export interface TorrentV2Options {
  readonly name: string;
  /** Names in their order, each at most a piece long; they lie in a folder of the torrent's name. */
  readonly files: readonly { readonly path: string; readonly size: number }[];
  readonly isHybrid?: boolean;
  readonly tracker?: string;
}

/** A torrent and all that belongs to it. */
export interface TorrentV2 {
  readonly name: string;
  /** Of its v1 part; undefined without one. */
  readonly infoHashV1: string | undefined;
  readonly infoHashV2: string;
  readonly metainfo: Buffer;
  readonly files: readonly TorrentFile[];
}

const BLOCK_LENGTH = 16 * 1024;
/** Files of one piece need no list of their pieces' hashes. */
const PIECE_LENGTH = 4 * BLOCK_LENGTH;

/** Makes a torrent; the same options give the same bytes. */
export function makeTorrentV2({ name, files: list, isHybrid = false, tracker }: TorrentV2Options): TorrentV2 {
  const files = list.map(({ path, size }) => ({ path, content: payload({ path: `${name}/${path}`, size }) }));
  const tree = files.map(({ path, content }): [string, Bencodable] => [
    path,
    { '': { length: content.length, 'pieces root': merkleRoot(content) } },
  ]);
  const info = {
    name,
    'piece length': PIECE_LENGTH,
    'meta version': 2,
    'file tree': Object.fromEntries(tree),
    ...(isHybrid && v1Part(files)),
  } satisfies Bencodable;
  const bytes = bencode(info);
  return {
    name,
    infoHashV1: isHybrid ? createHash('sha1').update(bytes).digest('hex') : undefined,
    infoHashV2: createHash('sha256').update(bytes).digest('hex'),
    metainfo: bencode({ ...(tracker && { announce: tracker }), info, 'piece layers': {} }),
    files: files.map(({ path, content }) => ({ path: `${name}/${path}`, content })),
  };
}

/** The same files as v1 has them: each begins a piece, for what lies between is padding. */
function v1Part(files: readonly TorrentFile[]) {
  const padded = files.flatMap(({ path, content }, at) => {
    const size = (PIECE_LENGTH - (content.length % PIECE_LENGTH)) % PIECE_LENGTH;
    const pad = { path: `.pad/${size}`, content: Buffer.alloc(size), attr: 'p' };
    return at === files.length - 1 || size === 0 ? [{ path, content }] : [{ path, content }, pad];
  });
  return {
    pieces: pieceHashes(
      padded.map(({ content }) => content),
      PIECE_LENGTH,
    ),
    files: padded.map(({ path, content, ...rest }) => ({
      ...rest,
      length: content.length,
      path: path.split('/'),
    })),
  };
}

/** Blocks hashed, then pairs of hashes, up to one; what lacks to a power of two is zeros. */
function merkleRoot(content: Buffer): Buffer {
  const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest();
  let hashes = Array.from({ length: Math.max(1, Math.ceil(content.length / BLOCK_LENGTH)) }, (_, at) =>
    sha256(content.subarray(at * BLOCK_LENGTH, (at + 1) * BLOCK_LENGTH)),
  );
  const width = 2 ** Math.ceil(Math.log2(hashes.length));
  while (hashes.length < width) hashes.push(Buffer.alloc(32));
  while (hashes.length > 1)
    hashes = Array.from({ length: hashes.length / 2 }, (_, at) =>
      sha256(Buffer.concat([hashes[2 * at] as Buffer, hashes[2 * at + 1] as Buffer])),
    );
  return hashes[0] as Buffer;
}
