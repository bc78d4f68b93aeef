// What sets the kinds of clients apart in the tests of what one does with their torrents.
import type { Daemon, DaemonKind } from '../../tools/daemons/daemon.ts';
import { callDeluge } from '../../tools/daemons/deluge.ts';
import { callQbittorrent } from '../../tools/daemons/qbittorrent.ts';
import { callTransmission } from '../../tools/daemons/transmission.ts';

/** What is to be known of one kind. */
export interface Traits {
  /** What the menu of a torrent does not offer. */
  readonly lacks: readonly string[];
  /** What it calls a label. */
  readonly labelling: 'Labels' | 'Label' | 'Category';
  readonly hasTags?: boolean;
  readonly hasLowPriority?: boolean;
  /** Whether its alternative speed limits are on; undefined where it has none. */
  readonly isSlow?: (daemon: Daemon) => Promise<boolean>;
  /** What only this daemon's own words for a torrent have. */
  readonly ownWord: RegExp;
  /** Gives it what it has only if one wants it. */
  readonly prepare?: (daemon: Daemon) => Promise<unknown>;
}

/** Every kind. */
export const TRAITS: { readonly [Kind in DaemonKind]: Traits } = {
  transmission: {
    lacks: ['Export Torrent…'],
    labelling: 'Labels',
    hasLowPriority: true,
    isSlow: async daemon => (await callTransmission(daemon, 'session-get'))['alt-speed-enabled'],
    ownWord: /"hash_?[sS]tring": /,
  },
  qbittorrent: {
    lacks: [],
    labelling: 'Category',
    hasTags: true,
    isSlow: async daemon => Number(await callQbittorrent(daemon, 'transfer/speedLimitsMode')) === 1,
    ownWord: /"piece_size": /,
    prepare(daemon) {
      const most = { max_active_torrents: 50, max_active_uploads: 50, max_active_downloads: 50 };
      const json = JSON.stringify({ queueing_enabled: true, ...most });
      return callQbittorrent(daemon, 'app/setPreferences', new URLSearchParams({ json }));
    },
  },
  deluge: {
    lacks: ['Export Torrent…'],
    labelling: 'Label',
    hasLowPriority: true,
    ownWord: /"download_location": /,
    prepare: daemon => callDeluge(daemon, 'core.enable_plugin', 'Label'),
  },
  rtorrent: {
    lacks: ['Start Torrent Now', 'Move in Queue…', 'Rename Torrent…'],
    labelling: 'Label',
    ownWord: /"d\.hash": /,
  },
};

/** All of them. */
export const KINDS = Object.keys(TRAITS) as readonly DaemonKind[];
