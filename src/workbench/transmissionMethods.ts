/**
 * Transmission's methods. No version can list them (observed on 3.00 to 4.1.4); names and arguments are those of its
 * rpc-spec.md, each called once on 3.00, 4.1.0-beta.2 and 4.1.4.
 */

import { isWithin, type Span } from '../util/versions.ts';
import type { Method } from './method.ts';

const METHODS: readonly (Method & Span)[] = [
  method('blocklist-update', 'Downloads the blocklist and loads it'),
  method('free-space', 'Says how much space is free in a folder', '{"path": ""}'),
  { ...method('group-get', 'Tells about bandwidth groups', '{"group": []}'), since: '4.0.0' },
  { ...method('group-set', 'Changes or makes a bandwidth group', '{"name": ""}'), since: '4.0.0' },
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

/** Since when each has a name of JSON-RPC as well (`rpc_version_semver` 6.0.0). */
const JSON_RPC: Span = { since: '4.1.0' };

/** The methods of a version, in both dialects where it speaks both. */
export function transmissionMethods(version: string | undefined): readonly Method[] {
  const methods = METHODS.filter(span => isWithin(span, version));
  return isWithin(JSON_RPC, version) ? [...methods, ...methods.map(toJsonRpc)] : methods;
}

/** Names and keys in snake_case, which makes it JSON-RPC. */
function toJsonRpc({ name, summary, template }: Method): Method {
  const toSnake = (text: string) =>
    text.replace(/(?<=\w)-(?=\w)/g, '_').replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`);
  return method(toSnake(name), summary, toSnake(template));
}

function method(name: string, summary: string, template = ''): Method {
  return { name, summary, template };
}
