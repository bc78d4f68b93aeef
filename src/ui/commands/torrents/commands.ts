/** The commands on torrents. */
import type { App } from '../../app.ts';
import type { ResultDocuments } from '../../documents.ts';
import { registerAddTorrent } from '../addTorrent/addTorrent.ts';
import { registerAddTrackers } from './addTrackers.ts';
import { registerCopyTorrents } from './copy.ts';
import { registerExportTorrents } from './exportTorrents.ts';
import { registerFilePriority } from './filePriority.ts';
import { registerSetTorrentLabel } from './labels.ts';
import { registerMoveInQueue } from './moveInQueue.ts';
import { registerRemoveTorrents } from './removeTorrents.ts';
import { registerRenameTorrent } from './renameTorrent.ts';
import { registerRunTorrents } from './runTorrents.ts';
import { registerSetLocation } from './setLocation.ts';
import { registerShowTorrent } from './showTorrent.ts';
import { registerSlowMode } from './slowMode.ts';

export function registerTorrentCommands(app: App, documents: ResultDocuments): void {
  registerAddTorrent(app);
  registerRunTorrents(app);
  registerMoveInQueue(app);
  registerSetTorrentLabel(app);
  registerRenameTorrent(app);
  registerSetLocation(app);
  registerAddTrackers(app);
  registerFilePriority(app);
  registerCopyTorrents(app);
  registerShowTorrent(app, documents);
  registerExportTorrents(app);
  registerRemoveTorrents(app);
  registerSlowMode(app);
}
