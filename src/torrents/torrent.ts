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
  /** 0 to 1. */
  readonly progress: number;
  /** Bytes per second. */
  readonly downloadRate?: number | undefined;
  /** Bytes per second. */
  readonly uploadRate?: number | undefined;
  /** Seconds until it is complete. */
  readonly eta?: number | undefined;
  /** Bytes of what is wanted. */
  readonly size?: number | undefined;
  /** Uploaded by downloaded. */
  readonly ratio?: number | undefined;
  /** The daemon's or the tracker's own words. */
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
  /** Everything that is shown, asked anew. */
  list(client: Client, signal: AbortSignal): Promise<Listing>;
}
