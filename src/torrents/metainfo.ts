/** Reads `.torrent` files (BEP 3, 47 and 52), before a daemon is given them. */
import { createHash } from 'node:crypto';
import { type Bencoded, Dictionary, readBencoded } from './bencode.ts';

/** What a `.torrent` file says. */
export interface Metainfo {
  /** Hexadecimal, as Transmission and rTorrent call it: the v1 info hash, or the first 40 digits of the v2 one. */
  readonly infoHash: string;
  /** Hexadecimal, 40 digits; undefined where it is of the second version only. */
  readonly infoHashV1: string | undefined;
  /** Hexadecimal, 64 digits; qBittorrent and Deluge call a torrent that has one by its first 40. */
  readonly infoHashV2: string | undefined;
  /** As its author wrote it, what is no UTF-8 in it as U+FFFD; its info hash where it has none. */
  readonly name: string;
  /** Without pad files. */
  readonly files: readonly MetainfoFile[];
  /** Bytes of all files. */
  readonly size: number;
  /** Bytes. */
  readonly pieceLength: number;
  readonly isPrivate: boolean;
  /** Announce URLs, each once, in the order of their tiers. */
  readonly trackers: readonly string[];
}

export interface MetainfoFile {
  /** With `/` between folders; of several files, it begins with the torrent's name. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /**
   * Its number, from 0, as Transmission, Deluge and rTorrent count: pad files have one as well. To qBittorrent they are no
   * files (all observed, in three generations of each).
   */
  readonly index: number;
}

/** Files, pad files as well. */
const MOST_FILES = 200_000;
const SHA1_LENGTH = 20;
const SHA256_LENGTH = 32;

/**
 * Understands a `.torrent` file.
 *
 * @throws Error that says in one sentence why it is none.
 */
export function parseMetainfo(bytes: Uint8Array): Metainfo {
  try {
    return toMetainfo(bytes);
  } catch (error) {
    throw new Error(`Not a .torrent file: ${(error as Error).message}`);
  }
}

function toMetainfo(bytes: Uint8Array): Metainfo {
  if (bytes.length === 0) throw new Error('it is empty');
  if (/^\s*</.test(decode(bytes.subarray(0, 100)))) throw new Error('it is a web page');
  const root = readBencoded(bytes);
  const info = root instanceof Dictionary ? root.get('info') : undefined;
  if (!(root instanceof Dictionary) || !(info instanceof Dictionary)) throw new Error('it has no info');
  const hasV1 = info.has('pieces');
  const hasV2 = info.get('meta version') === 2;
  if (!hasV1 && !hasV2) throw new Error('it has no pieces');
  const hash = (algorithm: string) => createHash(algorithm).update(info.bytes).digest('hex');
  const infoHashV1 = hasV1 ? hash('sha1') : undefined;
  const infoHashV2 = hasV2 ? hash('sha256') : undefined;
  const infoHash = infoHashV1 ?? (infoHashV2 as string).slice(0, 40);
  const text = textOf(info, 'name');
  if (text === undefined) throw new Error('it has no name');
  const name = text || infoHash;
  checkPath([name]);
  const pieceLength = toPieceLength(info, hasV2);
  const files = hasV1 ? filesOf(info, name, pieceLength) : filesOfTree(info, name, pieceLength);
  if (hasV1 && hasV2) filesOfTree(info, name, pieceLength);
  return {
    infoHash,
    infoHashV1,
    infoHashV2,
    name,
    files,
    size: files.reduce((sum, file) => sum + file.size, 0),
    pieceLength,
    isPrivate: info.get('private') === 1,
    trackers: trackersOf(root),
  };
}

function toPieceLength(info: Dictionary, hasV2: boolean): number {
  const length = info.get('piece length');
  const isPossible = (value: number) =>
    hasV2 ? value >= 16_384 && Number.isInteger(Math.log2(value)) : value > 0;
  if (typeof length !== 'number' || !isPossible(length)) throw new Error('its piece length is invalid');
  return length;
}

// --- Files -------------------------------------------------------------------------------------------------------

/** As v1 has them: one, or a list with paths, pad files in between. */
function filesOf(info: Dictionary, name: string, pieceLength: number): MetainfoFile[] {
  const list = info.get('files');
  if (list !== undefined && !Array.isArray(list)) throw new Error('its files are no list');
  if (list && (list.length === 0 || list.length > MOST_FILES))
    throw new Error(list.length === 0 ? 'it has no files' : 'it has too many files');
  const files = list
    ? list.map((entry, index) => toFile(entry, name, index))
    : [{ path: name, size: toSize(info.get('length')), index: 0, isPad: false }];
  const total = files.reduce((sum, { size }) => sum + size, 0);
  const pieces = toBytes(info.get('pieces'));
  if (!Number.isSafeInteger(total) || pieces.length !== Math.ceil(total / pieceLength) * SHA1_LENGTH)
    throw new Error('its pieces do not fit its size');
  return files.flatMap(({ isPad, ...file }) => (isPad ? [] : [file]));
}

function toFile(entry: Bencoded, name: string, index: number): MetainfoFile & { readonly isPad: boolean } {
  if (!(entry instanceof Dictionary)) throw new Error('what it says of a file is invalid');
  const path = entry.get('path.utf-8') ?? entry.get('path');
  if (!Array.isArray(path) || path.length === 0) throw new Error('one of its files has no path');
  const attributes = decode(toBytes(entry.get('attr') ?? new Uint8Array()));
  const names = path.map(part => decode(toBytes(part)));
  checkPath(names);
  return {
    path: [name, ...names].join('/'),
    // A symbolic link may do without.
    size: attributes.includes('l') ? 0 : toSize(entry.get('length')),
    index,
    isPad: attributes.includes('p'),
  };
}

/** As v2 has them: a tree of names. Deluge's library pads each, the last one too, so that the next begins a piece. */
function filesOfTree(info: Dictionary, name: string, pieceLength: number): MetainfoFile[] {
  const files: MetainfoFile[] = [];
  let index = 0;
  const walk = (tree: Bencoded | undefined, names: readonly string[]): void => {
    if (!(tree instanceof Dictionary)) throw new Error('its tree of files is invalid');
    for (const [key, entry] of tree) {
      if (key !== '') {
        walk(entry, [...names, decode(Buffer.from(key, 'latin1'))]);
        continue;
      }
      checkPath(names);
      const size = sizeOfLeaf(entry);
      files.push({ path: names.join('/'), size, index });
      index += size % pieceLength === 0 ? 1 : 2;
      if (files.length > MOST_FILES) throw new Error('it has too many files');
    }
  };
  walk(info.get('file tree'), []);
  if (files.length === 0) throw new Error('it has no files');
  const isSingle = files.length === 1 && files[0]?.path === name;
  return isSingle ? files : files.map(file => ({ ...file, path: `${name}/${file.path}` }));
}

function sizeOfLeaf(entry: Bencoded): number {
  if (!(entry instanceof Dictionary)) throw new Error('what it says of a file is invalid');
  const size = toSize(entry.get('length'));
  if (size > 0 && toBytes(entry.get('pieces root')).length !== SHA256_LENGTH)
    throw new Error('one of its files has no pieces');
  return size;
}

/** Names with a slash in them occur; a path that leads elsewhere is an attack, whatever a daemon makes of it. */
function checkPath(names: readonly string[]): void {
  const isElsewhere = (name: string) =>
    /^(?:[/\\]|[a-z]:[/\\])/i.test(name) || name.split(/[/\\]/).includes('..');
  if (names.length === 0 || names.includes('')) throw new Error('one of its files has no name');
  if (names.some(isElsewhere)) throw new Error('the path of one of its files leads out of its folder');
}

// --- Values ------------------------------------------------------------------------------------------------------

function trackersOf(root: Dictionary): readonly string[] {
  const tiers = root.get('announce-list');
  const urls = Array.isArray(tiers) && tiers.length > 0 ? tiers.flat() : [root.get('announce')];
  return [...new Set(urls.flatMap(url => (url instanceof Uint8Array ? decode(url) || [] : [])))];
}

function textOf(dictionary: Dictionary, key: string): string | undefined {
  const text = dictionary.get(`${key}.utf-8`) ?? dictionary.get(key);
  return text instanceof Uint8Array ? decode(text) : undefined;
}

function toSize(value: Bencoded | undefined): number {
  if (typeof value === 'number' && value >= 0) return value;
  throw new Error('the size of a file is missing or invalid');
}

function toBytes(value: Bencoded | undefined): Uint8Array {
  if (value instanceof Uint8Array) return value;
  throw new Error('something else stands where a text is due');
}

/** What is no UTF-8 becomes U+FFFD. */
function decode(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
}
