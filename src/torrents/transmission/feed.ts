/** The torrents of one Transmission as they change. */
import type { TransmissionRPC } from '../../rpc/index.ts';
import type { Feed } from '../adapter.ts';
import { type Fields, toAmount, toItems, toText, toVersion } from '../fields.ts';
import type { ClientFacts, Torrent, Update } from '../torrent.ts';
import { fieldsOf, type NumberedTorrent, toTorrents } from './torrent.ts';

/**
 * Milliseconds after which changes may have been missed: the daemon calls a torrent recently active, and knows which are
 * gone, for 60 seconds (observed on 3.00 to 4.1.4).
 */
const LONGEST_GAP_MS = 40_000;

export class TransmissionFeed implements Feed {
  readonly #client: TransmissionRPC;
  readonly #now: () => number;
  #facts: ClientFacts = { version: '' };
  /** By the daemon's numbers, which those that are gone are told by. */
  #torrents = new Map<number, Torrent>();
  /** Info hashes of torrents whose progress is no activity to the daemon. */
  readonly #checking = new Set<string>();
  /** Which start of the daemon it is, or which hour of it. */
  #session: unknown;
  #askedAt = 0;

  /** @param now milliseconds, of a clock that goes on while the machine sleeps. */
  constructor(client: TransmissionRPC, now: () => number = Date.now) {
    this.#client = client;
    this.#now = now;
  }

  async all(signal: AbortSignal): Promise<Update> {
    this.#askedAt = this.#now();
    const session = await this.#ask('session-get', signal, {
      fields: ['version', 'session-id', 'download-dir', 'alt-speed-enabled'],
    });
    const version = toVersion(session.version);
    const [{ torrents }, stats, freeSpace] = await Promise.all([
      this.#ask('torrent-get', signal, { format: 'table', fields: fieldsOf(version) }),
      this.#ask('session-stats', signal),
      this.#freeSpace(toText(session['download-dir']), signal),
    ]);
    const found = await toTorrents(torrents, signal);
    this.#session = session['session-id'];
    this.#torrents = new Map();
    this.#checking.clear();
    this.#facts = { version, freeSpace, ...toNumbers(session, stats) };
    return { kind: 'all', facts: this.#facts, torrents: this.#take(found) };
  }

  async changes(signal: AbortSignal, asked: readonly string[]): Promise<Update> {
    const now = this.#now();
    if (Math.abs(now - this.#askedAt) > LONGEST_GAP_MS) return this.all(signal);
    this.#askedAt = now;
    const [recent, session, stats] = await Promise.all([
      this.#get('recently-active', signal),
      this.#ask('session-get', signal, { fields: ['session-id', 'alt-speed-enabled'] }),
      this.#ask('session-stats', signal),
    ]);
    // After a start its numbers are others.
    if (session['session-id'] !== this.#session) return this.all(signal);
    const found = await toTorrents(recent.torrents, signal);
    const told = new Set(found.map(({ torrent }) => torrent.infoHash));
    const missed = [...new Set([...this.#checking, ...asked])].filter(infoHash => !told.has(infoHash));
    const untold = await this.#about(missed, signal);
    // Where one moved in the queue, so did others; 4.1.0-beta.2 calls that a change of none of them (observed).
    if (untold.some(({ id, torrent }) => this.#torrents.get(id)?.queuePosition !== torrent.queuePosition))
      return this.all(signal);
    const torrents = this.#take([...found, ...untold]);
    const removed = this.#forget(toItems(recent.removed), told);
    // 3.00 answers before it has read its torrents.
    const count = toAmount(stats.torrentCount);
    if (count !== undefined && count !== this.#torrents.size) return this.all(signal);
    this.#facts = { ...this.#facts, ...toNumbers(session, stats) };
    return { kind: 'changes', facts: this.#facts, torrents, removed };
  }

  #take(found: readonly NumberedTorrent[]): readonly Torrent[] {
    return found.map(({ id, torrent }) => {
      this.#torrents.set(id, torrent);
      if (torrent.state === 'checking') this.#checking.add(torrent.infoHash);
      else this.#checking.delete(torrent.infoHash);
      return torrent;
    });
  }

  /** @param told what is there, maybe added anew since. */
  #forget(ids: readonly unknown[], told: ReadonlySet<string>): readonly string[] {
    return ids.flatMap(id => {
      const infoHash = this.#torrents.get(Number(id))?.infoHash;
      this.#torrents.delete(Number(id));
      if (infoHash === undefined || told.has(infoHash)) return [];
      this.#checking.delete(infoHash);
      return infoHash;
    });
  }

  #get(ids: 'recently-active' | readonly string[], signal: AbortSignal): Promise<Fields> {
    return this.#ask('torrent-get', signal, { ids, format: 'table', fields: fieldsOf(this.#facts.version) });
  }

  async #about(infoHashes: readonly string[], signal: AbortSignal): Promise<readonly NumberedTorrent[]> {
    if (infoHashes.length === 0) return [];
    const { torrents } = await this.#get(infoHashes, signal);
    return toTorrents(torrents, signal);
  }

  /** Unknown where the folder is not there, which 3.00 and 4.1.4 call an error, and 4.1.0-beta.2 a size of -1. */
  async #freeSpace(path: string, signal: AbortSignal): Promise<number | undefined> {
    const answer = await this.#ask('free-space', signal, { path }).catch((error: Error) => {
      if (error.name === 'RPCError') return undefined;
      throw error;
    });
    return toAmount(answer?.['size-bytes']);
  }

  async #ask(method: string, signal: AbortSignal, args?: Record<string, unknown>): Promise<Fields> {
    const { arguments: answer } = await this.#client.call(method, args, { signal });
    return answer ?? {};
  }
}

/** What may be other with each answer. */
function toNumbers(session: Fields, stats: Fields): Omit<ClientFacts, 'version'> {
  const isSlow = session['alt-speed-enabled'];
  return {
    downloadRate: toAmount(stats.downloadSpeed),
    uploadRate: toAmount(stats.uploadSpeed),
    isSlow: typeof isSlow === 'boolean' ? isSlow : undefined,
  };
}
