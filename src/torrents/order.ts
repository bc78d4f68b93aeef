/** The order in which torrents are shown. */
import type { Torrent } from './torrent.ts';

const { compare } = new Intl.Collator(undefined, { numeric: true });

/** By name, and each once, whatever the daemon says: its info-hash is what tells one from the other. */
export function inOrder(torrents: readonly Torrent[]): Torrent[] {
  const unique = new Map(torrents.map(torrent => [torrent.infoHash, torrent]));
  return [...unique.values()].sort(byName);
}

function byName(a: Torrent, b: Torrent): number {
  return compare(a.name, b.name) || (a.infoHash < b.infoHash ? -1 : 1);
}
