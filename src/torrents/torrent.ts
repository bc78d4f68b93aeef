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
  /** Hexadecimal, lower case. */
  readonly infoHash: string;
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
  /** Uploaded by downloaded. */
  readonly ratio?: number | undefined;
  /** The daemon's or the tracker's own words; a tracker's error does not make it the state. */
  readonly error?: string | undefined;
}

/** What a daemon says of itself and its torrents. */
export interface Listing {
  /** The daemon's version, digits first, without a `v`. */
  readonly version: string;
  readonly torrents: readonly Torrent[];
}

/** Turns one kind of daemon's words into torrents. */
export interface Adapter<Client> {
  /**
   * Everything that is shown, asked anew.
   *
   * @throws what the client's `call()` throws, or an Error where the answer is no list of torrents.
   */
  list(client: Client, signal: AbortSignal): Promise<Listing>;
}
