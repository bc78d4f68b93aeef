/** What trackers say of torrents that they complain of: `sync/maindata` tells that they do, not what. */
import type { QbittorrentRPC } from '../../rpc/index.ts';
import { type Fields, toItems, toRecord, toText } from '../fields.ts';

/** How many torrents are asked about at once: each is some kilobytes. */
const MOST = 20;
/** `status` of a tracker; one that works has words where it warns. */
const [WORKING, SAID_NO] = [2, 5];

export class Complaints {
  readonly #words = new Map<string, string>();
  /** Info hashes of torrents complained of, of which the words are not known yet. */
  readonly #unheard = new Set<string>();

  /** What was said, where that is known, and is anything. */
  of(infoHash: string): string | undefined {
    return this.#words.get(infoHash) || undefined;
  }

  note(infoHash: string, isComplainedOf: boolean): void {
    if (!isComplainedOf) {
      this.#words.delete(infoHash);
      this.#unheard.delete(infoHash);
    } else if (!this.#words.has(infoHash)) this.#unheard.add(infoHash);
  }

  /** Asks about some of those of which the words are not known yet. Their info hashes. */
  async hear(client: QbittorrentRPC, signal: AbortSignal): Promise<readonly string[]> {
    const hashes = [...this.#unheard].slice(0, MOST);
    if (hashes.length === 0) return [];
    const torrents = await client.call('torrents/info', { hashes, includeTrackers: true }, { signal });
    for (const infoHash of hashes) this.#unheard.delete(infoHash);
    for (const { hash, trackers } of toItems(torrents).map(toRecord))
      this.#words.set(toText(hash), wordsOf(toItems(trackers ?? []).map(toRecord)));
    return hashes;
  }
}

/** What the first that said no said, or else the first that warns. */
function wordsOf(trackers: readonly Fields[]): string {
  const words = [SAID_NO, WORKING].flatMap(status =>
    trackers.filter(tracker => tracker.status === status && tracker.msg).map(({ msg }) => toText(msg)),
  );
  return words[0] ?? '';
}
