/** The events that a daemon sends by itself. */
import type { ClientName } from '../rpc/index.ts';

/** By type of client; the same 22 in Deluge 2.0.3, 2.2.0 and 2.2.1.dev0 (deluge/event.py). The others have none. */
export const DAEMON_EVENTS: { readonly [Name in ClientName]: readonly string[] } = {
  transmission: [],
  qbittorrent: [],
  rtorrent: [],
  deluge: [
    'ClientDisconnectedEvent',
    'ConfigValueChangedEvent',
    'CreateTorrentProgressEvent',
    'ExternalIPEvent',
    'NewVersionAvailableEvent',
    'PluginDisabledEvent',
    'PluginEnabledEvent',
    'PreTorrentRemovedEvent',
    'SessionPausedEvent',
    'SessionResumedEvent',
    'SessionStartedEvent',
    'TorrentAddedEvent',
    'TorrentFileCompletedEvent',
    'TorrentFileRenamedEvent',
    'TorrentFinishedEvent',
    'TorrentFolderRenamedEvent',
    'TorrentQueueChangedEvent',
    'TorrentRemovedEvent',
    'TorrentResumedEvent',
    'TorrentStateChangedEvent',
    'TorrentStorageMovedEvent',
    'TorrentTrackerStatusEvent',
  ],
};
