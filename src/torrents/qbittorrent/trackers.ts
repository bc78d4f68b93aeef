/** Which torrent has which trackers, as `sync/maindata` tells it: by tracker. */
import { toTexts } from '../fields.ts';

export class TrackerMap {
  /** Info hashes by address, and the other way round. */
  readonly #torrents = new Map<string, ReadonlySet<string>>();
  readonly #trackers = new Map<string, Set<string>>();

  /** The addresses of a torrent's trackers. */
  of(infoHash: string): Iterable<string> {
    return this.#trackers.get(infoHash) ?? [];
  }

  /** These torrents have this tracker from now on, and no others. The info hashes of those for which that is new. */
  set(url: string, infoHashes: unknown): readonly string[] {
    const before = this.#torrents.get(url) ?? new Set();
    const after = new Set(toTexts(infoHashes));
    if (after.size > 0) this.#torrents.set(url, after);
    else this.#torrents.delete(url);
    const gone = [...before].filter(infoHash => !after.has(infoHash));
    const come = [...after].filter(infoHash => !before.has(infoHash));
    for (const infoHash of gone) {
      const urls = this.#trackers.get(infoHash);
      urls?.delete(url);
      if (urls?.size === 0) this.#trackers.delete(infoHash);
    }
    for (const infoHash of come) {
      const urls = this.#trackers.get(infoHash);
      if (urls) urls.add(url);
      else this.#trackers.set(infoHash, new Set([url]));
    }
    return [...gone, ...come];
  }
}
