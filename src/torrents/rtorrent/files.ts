/**
 * Files on rTorrent's machine. It has no commands for them, but runs programs; these get their paths from rTorrent
 * itself, byte for byte, each as an argument of its own: no name is ever read by a shell, and none goes over the wire,
 * which has no room for all characters.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RtorrentCall, RtorrentRPC } from '../../rpc/index.ts';
import { untilAborted } from '../../util/async.ts';
import { toText } from '../fields.ts';
import { callEach, onEach, quote, targetOf, toBytes } from './calls.ts';
import { hasOwnFolder } from './torrent.ts';

/**
 * Removes a file, and then those of the folders around it that are empty: nothing else can be lost. $1 is the file, $2
 * the parts of its path below the torrent's directory, $3 how many of the folders around it are not the torrent's.
 */
const REMOVE = `
case $1 in /*) ;; *) exit 1 ;; esac
rm -f -- "$1" || exit 1
folder=$1
depth=$(($2 - $3))
while [ "$depth" -gt 0 ]; do
  folder=\${folder%/*}
  rmdir -- "$folder" 2>/dev/null || exit 0
  depth=$((depth - 1))
done`;

/**
 * Removes torrents with their files, one by one. Each is opened before: only then rTorrent knows where they lie.
 *
 * @throws what `call()` throws where a torrent cannot be opened, or a file not be removed: then that torrent stays.
 */
export async function removeWithFiles(
  client: RtorrentRPC,
  torrents: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  await callEach(client, onEach(torrents, 'd.stop', 'd.open'), signal);
  const questions = ['d.is_multi_file', 'd.directory', 'd.name'];
  const answers = await callEach(client, onEach(torrents, ...questions), signal);
  for (const [index, infoHash] of torrents.entries()) {
    const [isMultiFile, directory, name] = answers.slice(index * questions.length);
    const isOwn = hasOwnFolder(toText(directory), toText(name), isMultiFile === 1);
    const args = `$f.frozen_path=,$f.path_depth=,"${isOwn ? 0 : 1}"`;
    const command = `execute.throw=sh,-c,${quote(REMOVE)},sh,${args}`;
    await client.call('f.multicall', targetOf(infoHash), '', command, { signal });
    await client.call('d.erase', targetOf(infoHash), { signal });
  }
}

/**
 * Moves what there is of a torrent, and writes how that went: that it is done, or why not. $1 is the file or folder, $2 the
 * torrent's name, $3 whether it has a folder, $4 where to, $5 what to write to.
 */
const MOVE = `
say() { printf '%s' "$2" >"$1.new" && mv -- "$1.new" "$1"; }
there=$4/\${1##*/}
if [ ! -e "$1" ] || [ "$1" -ef "$there" ]; then say "$5" 'done'
elif [ "$3" = 1 ] && [ "\${1##*/}" != "$2" ]; then say "$5" "$1 is not the torrent's own folder"
elif [ -e "$there" ]; then say "$5" "There is a $there already"
elif error=$({ mkdir -p -- "$4" && mv -- "$1" "$4/"; } 2>&1); then say "$5" 'done'
else say "$5" "\${error:-It could not be moved}"
fi`;

/** Milliseconds between two looks whether it is done. */
const SHORTEST_LOOK_MS = 100;
const LONGEST_LOOK_MS = 2000;

/**
 * Stops torrents, moves their files, and starts those again that were. To another disk that may take its time, in which
 * rTorrent goes on with the others; who does not wait for the end leaves a stopped torrent that looks in the old place.
 *
 * @throws Error with the reason where they could not be moved, and what `call()` throws.
 */
export async function moveFiles(
  client: RtorrentRPC,
  torrents: readonly string[],
  folder: string,
  signal: AbortSignal,
): Promise<void> {
  const mark = `/tmp/bt-rpc-${randomUUID()}`;
  const args = `$d.base_path=,$d.name=,$d.is_multi_file=,${quote(folder)}`;
  const command = `execute.throw.bg=sh,-c,${quote(MOVE)},sh,${args}`;
  const isActive = await callEach(client, onEach(torrents, 'd.is_active'), signal);
  for (const [index, infoHash] of torrents.entries()) {
    const restart = isActive[index] === 1 ? onEach([infoHash], 'd.open', 'd.start') : [];
    await callEach(client, onEach([infoHash], 'd.stop', 'd.open', 'd.close'), signal);
    const outcome = await move(client, infoHash, `${command},${quote(mark + index)}`, mark + index, signal);
    const isDone = outcome === 'done';
    const follow: RtorrentCall[] = isDone ? [['d.directory.set', targetOf(infoHash), toBytes(folder)]] : [];
    await callEach(client, [...follow, ...restart], signal);
    if (!isDone) throw outcome instanceof Error ? outcome : new Error(outcome);
  }
}

/** How it went. In the background: rTorrent waits for other programs, and does nothing else meanwhile. */
async function move(
  client: RtorrentRPC,
  infoHash: string,
  command: string,
  mark: string,
  signal: AbortSignal,
): Promise<string | Error> {
  // It runs a command on a torrent; called by itself that would take what begins with `$` for a text.
  const calls = [['branch', targetOf(infoHash), 'd.hash=', toBytes(command)] as const];
  const [refusal] = await client.multicall(calls, { raiseErrors: false, signal });
  if (refusal instanceof Error) return refusal;
  for (let wait = SHORTEST_LOOK_MS; ; wait = Math.min(2 * wait, LONGEST_LOOK_MS)) {
    await untilAborted(sleep(wait), signal);
    const outcome = toText(await client.call('execute.capture_nothrow', '', 'cat', mark, { signal }));
    if (outcome === '') continue;
    await client.call('execute.nothrow', '', 'rm', '-f', mark, { signal });
    return outcome;
  }
}
