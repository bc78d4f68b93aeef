/** Magnet links that lead to a torrent (BEP 9, BEP 53). */
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
