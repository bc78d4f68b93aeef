/** One torrent, whatever the daemon. What a daemon cannot tell stays undefined, never a made-up zero. */

/** The states that a torrent is shown in. */
export const TORRENT_STATES = [
  'downloading',
  'metadata',
  'seeding',
  'stopped',
  'queued',
  'checking',
  'moving',
  'error',
] as const;
export type TorrentState = (typeof TORRENT_STATES)[number];

export interface Torrent {
  /** What the daemon's methods take, hexadecimal, lower case: of a hybrid torrent in qBittorrent the beginning of its v2 info hash. */
  readonly infoHash: string;
  /** The whole v2 info hash, of a torrent that has one and where the daemon tells. */
  readonly infoHashV2?: string | undefined;
  readonly name: string;
  readonly state: TorrentState;
  /** 0 to 1: of what is wanted; while it is checked or moved, of that, where the daemon tells. */
  readonly progress: number;
  /** Bytes per second. */
  readonly downloadRate?: number | undefined;
  /** Bytes per second. */
  readonly uploadRate?: number | undefined;
  /** Seconds until it is complete, while it is downloading. */
  readonly eta?: number | undefined;
  /** Bytes of what is wanted; unknown before the metadata are there. */
  readonly size?: number | undefined;
  /** Bytes of all files, wanted or not. */
  readonly totalSize?: number | undefined;
  /** Bytes that came in ever. */
  readonly downloaded?: number | undefined;
  /** Bytes that went out ever. */
  readonly uploaded?: number | undefined;
  /** Uploaded by downloaded. */
  readonly ratio?: number | undefined;
  /** Peers connected that have everything. */
  readonly seeds?: number | undefined;
  /** Peers connected that do not have everything. */
  readonly leechers?: number | undefined;
  /** Peers connected in all, also where it is not told which of them have everything. */
  readonly peers?: number | undefined;
  /** Transmission's labels, qBittorrent's category, the label of Deluge's plugin, rTorrent's `custom1`; empty is none. */
  readonly labels?: readonly string[] | undefined;
  /** qBittorrent's tags; empty is none. */
  readonly tags?: readonly string[] | undefined;
  /** The hosts of its trackers, without port, each once; empty is none. */
  readonly trackerHosts?: readonly string[] | undefined;
  /** The folder that its files are in, on the daemon's machine. */
  readonly savePath?: string | undefined;
  /** Seconds since 1970. */
  readonly addedAt?: number | undefined;
  /** Seconds since 1970; undefined before it is complete. */
  readonly completedAt?: number | undefined;
  /** When a byte came or went last, seconds since 1970. */
  readonly activeAt?: number | undefined;
  readonly isPrivate?: boolean | undefined;
  /** Its place in the queue, from 0; undefined outside of it. */
  readonly queuePosition?: number | undefined;
  /** The daemon's or the tracker's own words; a tracker's error does not make it the state. */
  readonly error?: string | undefined;
}

/** What a daemon says of itself. */
export interface ClientFacts {
  /** The daemon's version, digits first, without a `v`. */
  readonly version: string;
  /** Bytes per second, of all torrents. */
  readonly downloadRate?: number | undefined;
  /** Bytes per second, of all torrents. */
  readonly uploadRate?: number | undefined;
  /** Bytes free where downloads go. */
  readonly freeSpace?: number | undefined;
  /** Whether the alternative speed limits are on. */
  readonly isSlow?: boolean | undefined;
  /** What this daemon, in its version and configuration, cannot do of what its kind can. */
  readonly missing?: ReadonlySet<ActionName> | undefined;
}

/** What can be done with torrents, files and clients; which of them a kind of client can is in its adapter. */
export const ACTION_NAMES = [
  'start',
  'startNow',
  'stop',
  'verify',
  'reannounce',
  'moveInQueue',
  'setLabels',
  'setTags',
  'rename',
  'remove',
  'setLocation',
  'export',
  'addTrackers',
  'setFilePriority',
  'setSlowMode',
] as const;
export type ActionName = (typeof ACTION_NAMES)[number];

/** All torrents, or those that are new or other than they were when the last update was made. */
export type Update =
  | { readonly kind: 'all'; readonly facts: ClientFacts; readonly torrents: readonly Torrent[] }
  | {
      readonly kind: 'changes';
      readonly facts: ClientFacts;
      readonly torrents: readonly Torrent[];
      /** Info hashes. */
      readonly removed: readonly string[];
    };

/** The priorities of a file; `skip` is not wanted. */
export const FILE_PRIORITIES = ['skip', 'low', 'normal', 'high'] as const;
export type FilePriority = (typeof FILE_PRIORITIES)[number];

export interface TorrentFile {
  /** As the daemon counts it, from 0. */
  readonly index: number;
  /** From the torrent's `savePath` on, with `/` between folders. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** 0 to 1. */
  readonly progress: number;
  readonly priority: FilePriority;
}

/** How a tracker stands: not asked yet, being asked, the last answer good or bad, or not to be asked. */
export type TrackerStatus = 'waiting' | 'updating' | 'working' | 'failed' | 'disabled';

export interface Tracker {
  /** Its announce URL, which holds a secret of the user's on private trackers. */
  readonly url: string;
  readonly tier?: number | undefined;
  readonly status: TrackerStatus;
  /** Its last words, or why it could not be asked. */
  readonly message?: string | undefined;
  /** Seconds since 1970. */
  readonly nextAnnounceAt?: number | undefined;
  readonly seeds?: number | undefined;
  readonly leechers?: number | undefined;
}

export interface Peer {
  /** `192.0.2.1:6881`, IPv6 in brackets. */
  readonly address: string;
  /** The program it says it is. */
  readonly client?: string | undefined;
  /** 0 to 1. */
  readonly progress?: number | undefined;
  /** Bytes per second, from it to us. */
  readonly downloadRate?: number | undefined;
  /** Bytes per second, from us to it. */
  readonly uploadRate?: number | undefined;
  readonly isEncrypted?: boolean | undefined;
}
