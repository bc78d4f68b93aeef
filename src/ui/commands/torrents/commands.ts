/** The commands on torrents. */
import type { App } from '../../app.ts';
import { registerRemoveTorrents } from './removeTorrents.ts';
import { registerRunTorrents } from './runTorrents.ts';

export function registerTorrentCommands(app: App): void {
  registerRunTorrents(app);
  registerRemoveTorrents(app);
}
