/**
 * The torrents of one qBittorrent as they change: `sync/maindata` tells what changed since its answer before, of which it
 * remembers one for each session. An answer that was lost is made up for by asking for everything.
 */
import type { QbittorrentRPC } from '../../rpc/index.ts';
import { mapInTurns } from '../../util/async.ts';
import { isWithin } from '../../util/versions.ts';
import type { Feed } from '../adapter.ts';
import { type Fields, toAmount, toMembers, toRecord, toTexts, toVersion } from '../fields.ts';
import type { ActionName, ClientFacts, Torrent, Update } from '../torrent.ts';
import { Complaints } from './complaints.ts';
import { isComplainedOf, merge, toTorrent } from './torrent.ts';
import { TrackerMap } from './trackers.ts';

export class QbittorrentFeed implements Feed {
  readonly #client: QbittorrentRPC;
  #version = '';
  #tellsTrackers = false;
  /** Of the answer before. */
  #rid: unknown;
  #torrents = new Map<string, Fields>();
  #trackers = new TrackerMap();
  readonly #complaints = new Complaints();
  #serverState: Fields = {};

  constructor(client: QbittorrentRPC) {
    this.#client = client;
  }

  all(signal: AbortSignal): Promise<Update> {
    return this.#ask(0, signal);
  }

  changes(signal: AbortSignal): Promise<Update> {
    return this.#ask(this.#rid, signal);
  }

  /** @param rid 0 for everything. A daemon that was started anew, or forgot us, answers so to any. */
  async #ask(rid: unknown, signal: AbortSignal): Promise<Update> {
    const answer = toRecord(await this.#client.call('sync/maindata', { rid }, { signal }));
    const isAll = answer.full_update === true;
    if (typeof answer.rid !== 'number' || (rid === 0 && !isAll))
      throw new Error('Unexpected response: no list of torrents');
    if (isAll) {
      this.#version = toVersion(await this.#client.call('app/version', {}, { signal }));
      this.#tellsTrackers = isWithin({ since: '4.3.0' }, this.#version);
      this.#torrents = new Map();
      this.#trackers = new TrackerMap();
      this.#serverState = {};
    }
    const gone = this.#forget(answer);
    const changed = await this.#takeTorrents(answer, signal);
    for (const infoHash of this.#takeTrackers(answer)) changed.add(infoHash);
    for (const infoHash of await this.#complaints.hear(this.#client, signal)) changed.add(infoHash);
    const torrents = await this.#toTorrents(changed, signal);
    this.#serverState = { ...this.#serverState, ...(answer.server_state as Fields | undefined) };
    this.#rid = answer.rid;
    const facts = this.#facts();
    const removed = gone.filter(infoHash => !this.#torrents.has(infoHash));
    return isAll ? { kind: 'all', facts, torrents } : { kind: 'changes', facts, torrents, removed };
  }

  /** The info hashes of those of which something shown changed. Since 5.0 an empty list is left out. */
  async #takeTorrents({ torrents = {} }: Fields, signal: AbortSignal): Promise<Set<string>> {
    const changed = new Set<string>();
    const take = ([infoHash, changes]: readonly [string, unknown]) => {
      const before = this.#torrents.get(infoHash);
      const after = merge(before, toRecord(changes));
      if (after === before) return;
      this.#torrents.set(infoHash, after);
      this.#complaints.note(infoHash, isComplainedOf(after));
      changed.add(infoHash);
    };
    await mapInTurns(toMembers(torrents), take, signal);
    return changed;
  }

  #forget({ torrents_removed }: Fields): readonly string[] {
    const removed = toTexts(torrents_removed) ?? [];
    for (const infoHash of removed) {
      this.#torrents.delete(infoHash);
      this.#complaints.note(infoHash, false);
    }
    return removed;
  }

  #takeTrackers({ trackers = {}, trackers_removed }: Fields): readonly string[] {
    return [
      ...toMembers(trackers).flatMap(([url, infoHashes]) => this.#trackers.set(url, infoHashes)),
      ...(toTexts(trackers_removed) ?? []).flatMap(url => this.#trackers.set(url, [])),
    ];
  }

  /** A tracker may be told to have a torrent that is gone. */
  #toTorrents(infoHashes: ReadonlySet<string>, signal: AbortSignal): Promise<readonly Torrent[]> {
    const known = [...infoHashes].filter(infoHash => this.#torrents.has(infoHash));
    const make = (infoHash: string) => {
      const trackers = this.#tellsTrackers ? this.#trackers.of(infoHash) : undefined;
      const complaint = this.#complaints.of(infoHash);
      return toTorrent(infoHash, this.#torrents.get(infoHash) ?? {}, { trackers, complaint });
    };
    return mapInTurns(known, make, signal);
  }

  #facts(): ClientFacts {
    const { dl_info_speed, up_info_speed, free_space_on_disk, use_alt_speed_limits } = this.#serverState;
    return {
      version: this.#version,
      downloadRate: toAmount(dl_info_speed),
      uploadRate: toAmount(up_info_speed),
      freeSpace: toAmount(free_space_on_disk),
      isSlow: typeof use_alt_speed_limits === 'boolean' ? use_alt_speed_limits : undefined,
      missing: this.#missing(),
    };
  }

  #missing(): ReadonlySet<ActionName> {
    const missing = new Set(
      Object.entries(SINCE).flatMap(([action, since]) =>
        isWithin({ since }, this.#version) ? [] : (action as ActionName),
      ),
    );
    if (this.#serverState.queueing === false) missing.add('moveInQueue');
    return missing;
  }
}

/** The first version that can do it, where it is not 4.1.0. */
const SINCE: { readonly [Action in ActionName]?: string } = {
  reannounce: '4.1.2',
  setTags: '4.2.0',
  export: '4.5.0',
};
