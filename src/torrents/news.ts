/** Which torrents finished or failed, from what changed. */
import type { StoreChange } from './store.ts';
import type { Torrent } from './torrent.ts';

export interface News {
  readonly finished: readonly Torrent[];
  readonly failed: readonly Torrent[];
}

/** Reads the changes of one client; what was there at first is no news. */
export class NewsReader {
  /** Info hashes of torrents that were seen incomplete. */
  readonly #incomplete = new Set<string>();

  read({ isFirst, added, changed, removed }: StoreChange): News {
    if (isFirst) this.#incomplete.clear();
    for (const { infoHash } of removed) this.#incomplete.delete(infoHash);
    for (const torrent of added) this.#isFinished(torrent);
    return {
      finished: changed.flatMap(({ after }) => (this.#isFinished(after) ? after : [])),
      failed: changed.flatMap(({ before, after }) =>
        before.state !== 'error' && after.state === 'error' ? after : [],
      ),
    };
  }

  /** Whether a torrent that was incomplete when last seen is complete now. */
  #isFinished({ infoHash, state, progress }: Torrent): boolean {
    // Then the progress is that of the check or the move, and whether it is complete is told afterwards.
    if (state === 'checking' || state === 'moving') return false;
    if (progress >= 1) return this.#incomplete.delete(infoHash);
    this.#incomplete.add(infoHash);
    return false;
  }
}
