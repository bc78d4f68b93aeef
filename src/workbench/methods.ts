/** The methods that a daemon has, where it cannot list them itself. */

import type { ClientName } from '../rpc/index.ts';

/** A method as it is offered to call. */
export interface Method {
  readonly name: string;
  /** One line of what it does. */
  readonly summary: string;
  /** Parameters to start from, as JSON. */
  readonly template: string;
}

/** Transmission has no introspection in any version; the names and arguments are those of its rpc-spec.md. */
const TRANSMISSION: readonly Method[] = [
  method('blocklist-update', 'Downloads the blocklist and loads it'),
  method('free-space', 'Says how much space is free in a folder', '{"path": ""}'),
  method('port-test', 'Asks whether the peer port is open from outside'),
  method('queue-move-bottom', 'Moves torrents to the end of the queue', '{"ids": []}'),
  method('queue-move-down', 'Moves torrents one down in the queue', '{"ids": []}'),
  method('queue-move-top', 'Moves torrents to the front of the queue', '{"ids": []}'),
  method('queue-move-up', 'Moves torrents one up in the queue', '{"ids": []}'),
  method('session-close', 'Shuts the daemon down'),
  method('session-get', 'Tells the settings of the daemon'),
  method('session-set', 'Changes settings of the daemon', '{}'),
  method('session-stats', 'Tells rates, counts and totals'),
  method(
    'torrent-add',
    'Adds a torrent by URL, magnet link, path or content',
    '{"filename": "", "paused": true}',
  ),
  method('torrent-get', 'Tells about torrents', '{"fields": ["id", "name", "status", "percentDone"]}'),
  method('torrent-reannounce', 'Asks the trackers for more peers', '{"ids": []}'),
  method(
    'torrent-remove',
    'Removes torrents; without ids, all of them',
    '{"ids": [], "delete-local-data": false}',
  ),
  method(
    'torrent-rename-path',
    'Renames a file or folder of a torrent',
    '{"ids": [], "path": "", "name": ""}',
  ),
  method('torrent-set', 'Changes settings of torrents', '{"ids": []}'),
  method(
    'torrent-set-location',
    'Moves torrents to another folder',
    '{"ids": [], "location": "", "move": true}',
  ),
  method('torrent-start', 'Starts torrents', '{"ids": []}'),
  method('torrent-start-now', 'Starts torrents past the queue', '{"ids": []}'),
  method('torrent-stop', 'Stops torrents', '{"ids": []}'),
  method('torrent-verify', 'Verifies the data of torrents', '{"ids": []}'),
];

/** The methods of a kind of client. */
export const METHODS: { readonly [Type in ClientName]: readonly Method[] } = { transmission: TRANSMISSION };

function method(name: string, summary: string, template = ''): Method {
  return { name, summary, template };
}
