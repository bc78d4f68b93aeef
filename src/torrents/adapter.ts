/** What each kind of client's part must be able to do: one adapter turns one kind of daemon's words into torrents. */
import type { FilePriority, Peer, Torrent, TorrentFile, Tracker, Update } from './torrent.ts';

export interface Adapter<Client> {
  /** Begins to follow the torrents over one connection; asks nothing yet. */
  follow(client: Client): Feed;
  readonly details: Details<Client>;
  readonly actions: Actions<Client>;
}

/**
 * The torrents of one connection as they change. One call at a time; after one that failed or was aborted comes `all`.
 * Both throw what the client's `call()` throws, or an Error where the answer is no list of torrents.
 */
export interface Feed {
  /** Everything, asked anew. */
  all(signal: AbortSignal): Promise<Update>;
  /**
   * What changed since the last call, as cheaply as the protocol can say it; everything where the daemon answers so.
   *
   * @param asked info hashes of torrents that something was asked of since: they are looked at even where the daemon
   *   does not count that as a change.
   */
  changes(signal: AbortSignal, asked: readonly string[]): Promise<Update>;
}

/** What one torrent is asked for when somebody looks into it. An unknown torrent's are empty, or the daemon's error. */
export interface Details<Client> {
  files(client: Client, torrent: Torrent, signal: AbortSignal): Promise<readonly TorrentFile[]>;
  trackers(client: Client, torrent: Torrent, signal: AbortSignal): Promise<readonly Tracker[]>;
  peers(client: Client, torrent: Torrent, signal: AbortSignal): Promise<readonly Peer[]>;
  /** All that the daemon knows of the torrent, in its own words. */
  everything(client: Client, torrent: Torrent, signal: AbortSignal): Promise<unknown>;
}

export type QueueMove = 'top' | 'up' | 'down' | 'bottom';

/** Info hashes, each once, never none. */
export type InfoHashes = readonly [string, ...string[]];

/**
 * What can be done; undefined is what the protocol cannot do, which is then not offered. Each resolves when the daemon
 * has said yes, and throws what `call()` throws where it says no.
 */
export interface Actions<Client> {
  start(client: Client, torrents: InfoHashes, signal: AbortSignal): Promise<void>;
  /** Past the queue. */
  startNow: ((client: Client, torrents: InfoHashes, signal: AbortSignal) => Promise<void>) | undefined;
  stop(client: Client, torrents: InfoHashes, signal: AbortSignal): Promise<void>;
  verify(client: Client, torrents: InfoHashes, signal: AbortSignal): Promise<void>;
  reannounce(client: Client, torrents: InfoHashes, signal: AbortSignal): Promise<void>;
  /** In the order of the queue, so that several keep theirs. */
  moveInQueue:
    | ((client: Client, torrents: InfoHashes, move: QueueMove, signal: AbortSignal) => Promise<void>)
    | undefined;
  /** In place of those it has; where a client has one label only, at most one; made where it does not exist yet. */
  setLabels(
    client: Client,
    torrents: InfoHashes,
    labels: readonly string[],
    signal: AbortSignal,
  ): Promise<void>;
  /** In place of those it has. */
  setTags:
    | ((client: Client, torrents: InfoHashes, tags: readonly string[], signal: AbortSignal) => Promise<void>)
    | undefined;
  rename:
    | ((client: Client, torrent: Torrent, name: string, signal: AbortSignal) => Promise<void>)
    | undefined;
  /** @param withData whether its files go as well. */
  remove(client: Client, torrents: InfoHashes, withData: boolean, signal: AbortSignal): Promise<void>;
  /** Moves the files to another folder on the daemon's machine. */
  setLocation(client: Client, torrents: InfoHashes, folder: string, signal: AbortSignal): Promise<void>;
  /** The `.torrent` file. */
  export: ((client: Client, torrent: Torrent, signal: AbortSignal) => Promise<Uint8Array>) | undefined;
  addTrackers:
    | ((client: Client, torrents: InfoHashes, urls: readonly string[], signal: AbortSignal) => Promise<void>)
    | undefined;
  /** Those that there are; `skip` and `normal` are always. */
  readonly filePriorities: readonly FilePriority[];
  setFilePriority(
    client: Client,
    torrent: Torrent,
    files: readonly number[],
    priority: FilePriority,
    signal: AbortSignal,
  ): Promise<void>;
  /** The alternative speed limits of the whole client. */
  setSlowMode: ((client: Client, isOn: boolean, signal: AbortSignal) => Promise<void>) | undefined;
  /** The labels that are known, also those that no torrent has, and how many a torrent can have. */
  readonly labelling: {
    readonly most: 1 | undefined;
    known(client: Client, signal: AbortSignal): Promise<readonly string[]>;
  };
  /** Where downloads go unless said otherwise. */
  defaultSavePath(client: Client, signal: AbortSignal): Promise<string>;
  add(client: Client, torrent: NewTorrent, signal: AbortSignal): Promise<Added>;
}

/** What is added, and how. */
export interface NewTorrent {
  readonly source:
    | {
        readonly kind: 'file';
        readonly name: string;
        readonly metainfo: Uint8Array;
        readonly infoHash: string;
        /** The whole v2 info hash, where there is one: qBittorrent knows a hybrid torrent by it. */
        readonly infoHashV2?: string | undefined;
      }
    /** `infoHash` of a magnet link; undefined where only the daemon will find out. */
    | {
        readonly kind: 'link';
        readonly url: string;
        readonly infoHash: string | undefined;
        readonly infoHashV2?: string | undefined;
      };
  /** Absolute, on the daemon's machine; undefined is the daemon's own. */
  readonly savePath: string | undefined;
  readonly labels: readonly string[];
  readonly isStopped: boolean;
  /** Files that are not wanted, as `MetainfoFile.index` has them: pad files count. */
  readonly unwanted: readonly number[];
}

export interface Added {
  /** Undefined while the daemon fetches what an address leads to. */
  readonly infoHash: string | undefined;
  /** Whether it was there before; then nothing has changed. */
  readonly isDuplicate: boolean;
}
