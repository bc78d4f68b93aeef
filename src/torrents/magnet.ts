/** Magnet links (BEP 9, and 52 for v2): what they lead to, and those that lead to a torrent. */
import type { Torrent } from './torrent.ts';

/** The info hashes of a torrent, hexadecimal, each where it is known. */
export function infoHashesOf({ infoHash, infoHashV2 }: Torrent): {
  readonly v1?: string;
  readonly v2?: string;
} {
  if (infoHashV2 === undefined) return { v1: infoHash };
  return infoHashV2.startsWith(infoHash) ? { v2: infoHashV2 } : { v1: infoHash, v2: infoHashV2 };
}

/** What a v2 info hash begins with as a multihash: that it is SHA-256, 32 bytes. */
const SHA_256 = '1220';

/** The link, with the announce URLs of these trackers in it. */
export function toMagnetLink(torrent: Torrent, trackers: readonly string[]): string {
  const { v1, v2 } = infoHashesOf(torrent);
  const parts = [
    ...(v1 === undefined ? [] : [`xt=urn:btih:${v1}`]),
    ...(v2 === undefined ? [] : [`xt=urn:btmh:${SHA_256}${v2}`]),
    ...(torrent.name === '' ? [] : [`dn=${encode(torrent.name)}`]),
    ...trackers.map(url => `tr=${encode(url)}`),
  ];
  return `magnet:?${parts.join('&')}`;
}

const encode = (text: string) => encodeURIComponent(text.toWellFormed());

/** What a magnet link leads to. */
export interface MagnetLink {
  /** Hexadecimal: the v1 info hash, or the first 40 digits of the v2 one. */
  readonly infoHash: string;
  readonly infoHashV2: string | undefined;
  /** Empty where it has none. */
  readonly name: string;
  /** Announce URLs, each once. */
  readonly trackers: readonly string[];
}

/**
 * Understands a magnet link; parameters may be numbered (`tr.1`), what else it holds is left alone.
 *
 * @throws Error that says in one sentence why it leads to no torrent.
 */
export function parseMagnet(link: string): MagnetLink {
  const [, query] = /^\s*magnet:\?(.*?)\s*$/is.exec(link) ?? [];
  if (query === undefined) throw new Error('Not a magnet link: it does not begin with magnet:?');
  const parameters = [...new URLSearchParams(query)];
  const valuesOf = (name: string) =>
    parameters.flatMap(([key, value]) => (key.toLowerCase().replace(/\.\d+$/, '') === name ? [value] : []));
  const topics = valuesOf('xt');
  const infoHashV1 = find(topics, /^urn:btih:(.*)$/is, toInfoHashV1);
  const infoHashV2 = find(topics, /^urn:btmh:(.*)$/is, toInfoHashV2);
  const infoHash = infoHashV1 ?? infoHashV2?.slice(0, 40);
  if (infoHash === undefined)
    throw new Error(
      'Not the link of a torrent: it has neither xt=urn:btih: nor xt=urn:btmh: with an info hash',
    );
  const [name = ''] = valuesOf('dn');
  return { infoHash, infoHashV2, name, trackers: [...new Set(valuesOf('tr').filter(Boolean))] };
}

function find(
  topics: readonly string[],
  pattern: RegExp,
  toInfoHash: (text: string) => string,
): string | undefined {
  const found = topics.map(topic => pattern.exec(topic)?.[1]).find(text => text !== undefined);
  return found === undefined ? undefined : toInfoHash(found);
}

/** Base32 as well, which was the first way to write it. */
function toInfoHashV1(text: string): string {
  if (/^[0-9a-f]{40}$/i.test(text)) return text.toLowerCase();
  if (!/^[a-z2-7]{32}$/i.test(text))
    throw new Error(
      'Not the link of a torrent: its v1 info hash is neither 40 hexadecimal nor 32 base32 digits',
    );
  const bits = Array.from(text.toUpperCase(), digit => BASE32.indexOf(digit).toString(2).padStart(5, '0'));
  return BigInt(`0b${bits.join('')}`)
    .toString(16)
    .padStart(40, '0');
}

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

function toInfoHashV2(text: string): string {
  const [, hash] = /^1220([0-9a-f]{64})$/i.exec(text) ?? [];
  if (hash === undefined)
    throw new Error('Not the link of a torrent: its v2 info hash is not 1220 and 64 hexadecimal digits');
  return hash.toLowerCase();
}
