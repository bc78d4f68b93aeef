/** Deluge's events that tell of changes of torrents (deluge/event.py; the same in 2.0.3 to 2.2.1.dev0). */

export const ADDED_EVENT = 'TorrentAddedEvent';

/** The first argument of each is the torrent's id. */
export const TORRENT_EVENTS = [
  ADDED_EVENT,
  'TorrentRemovedEvent',
  'TorrentStateChangedEvent',
  'TorrentTrackerStatusEvent',
  'TorrentFinishedEvent',
  'TorrentResumedEvent',
  'TorrentStorageMovedEvent',
  'TorrentFolderRenamedEvent',
  'TorrentFileRenamedEvent',
];

/** What may change any torrent; the keys of a plugin come and go with it. */
export const SESSION_EVENTS = [
  'SessionStartedEvent',
  'SessionPausedEvent',
  'SessionResumedEvent',
  'PluginEnabledEvent',
  'PluginDisabledEvent',
];

export const QUEUE_EVENT = 'TorrentQueueChangedEvent';
