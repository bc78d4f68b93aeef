// The daemons of three Debians: what is known of each, and how the same thing is done with each.
import { createHash } from 'node:crypto';
import { describe } from 'node:test';
import type { ClientName, RPCBase } from '../../src/rpc/index.ts';
import { type Generation, generations, type Suite } from '../tools/chroots.ts';
import type { Daemon, DaemonOptions } from '../tools/daemons/daemon.ts';
import { startDeluge } from '../tools/daemons/deluge.ts';
import { startQbittorrent } from '../tools/daemons/qbittorrent.ts';
import { startRtorrent } from '../tools/daemons/rtorrent.ts';
import { startTransmission } from '../tools/daemons/transmission.ts';
import { makeTorrent, NO_TRACKER, type Torrent } from '../tools/torrents.ts';

/** The arguments of a `call()`. */
export type Call = readonly [method: string, ...args: unknown[]];

/** What is to be known about one kind of daemon to test all kinds alike. */
export interface Kind {
  readonly name: ClientName;
  readonly label: string;
  /** The version that each Debian had when the tests were written. */
  readonly versions: Readonly<Record<Suite, string>>;
  start(options: DaemonOptions): Promise<Daemon>;
  /** Changes nothing. */
  readonly question: Call;
  /** What it says of a method that it does not have. */
  readonly unknown: { readonly call: Call; readonly messages: Readonly<Record<Suite, string>> };
  /** Adds a torrent that is not to be started. */
  add(torrent: Torrent): Call;
  remove(infoHash: string): Call;
}

const everywhere = (text: string): Record<Suite, string> => ({ bookworm: text, trixie: text, sid: text });

/** All kinds. */
export const KINDS: readonly Kind[] = [
  {
    name: 'transmission',
    label: 'Transmission',
    versions: { bookworm: '3.00', trixie: '4.1.0-beta.2', sid: '4.1.4' },
    start: startTransmission,
    question: ['session-stats'],
    unknown: {
      call: ['no-such'],
      messages: {
        bookworm: 'Method name not recognized',
        trixie: 'No method name',
        sid: 'No method name',
      },
    },
    add: ({ metainfo }) => ['torrent-add', { metainfo: metainfo.toString('base64'), paused: true }],
    remove: infoHash => ['torrent-remove', { ids: [infoHash] }],
  },
  {
    name: 'qbittorrent',
    label: 'qBittorrent',
    versions: { bookworm: '4.5.2', trixie: '5.1.0', sid: '5.3.0' },
    start: startQbittorrent,
    question: ['app/webapiVersion'],
    unknown: { call: ['no/such'], messages: everywhere('Unknown RPC method') },
    add: ({ metainfo: content }) => [
      'torrents/add',
      { paused: true, stopped: true },
      { files: [['torrents', { filename: 'a.torrent', content }]] },
    ],
    remove: infoHash => ['torrents/delete', { hashes: [infoHash], deleteFiles: false }],
  },
  {
    name: 'deluge',
    label: 'Deluge',
    versions: { bookworm: '2.0.3', trixie: '2.2.0', sid: '2.2.1.dev0+20260307' },
    start: startDeluge,
    question: ['core.get_session_state'],
    unknown: { call: ['no.such'], messages: everywhere('RPC call on invalid function: no.such') },
    add: ({ metainfo }) => [
      'core.add_torrent_file',
      ['a.torrent', metainfo.toString('base64'), { add_paused: true }],
    ],
    remove: infoHash => ['core.remove_torrent', [infoHash, false]],
  },
  {
    name: 'rtorrent',
    label: 'rTorrent',
    versions: { bookworm: '0.9.8', trixie: '0.9.8', sid: '0.16.17' },
    start: startRtorrent,
    question: ['system.pid'],
    unknown: { call: ['no.such'], messages: everywhere("Method 'no.such' not defined") },
    add: ({ metainfo }) => ['load.raw', '', metainfo],
    remove: infoHash => ['d.erase', infoHash.toUpperCase()],
  },
];

/** Makes a call whose types nobody looks at. */
// biome-ignore lint/suspicious/noExplicitAny: what a daemon answers, looked at by a test
export function callOf(rpc: RPCBase, [method, ...args]: Call): Promise<any> {
  return (rpc as RPCBase & { call(...args: unknown[]): Promise<unknown> }).call(method, ...args);
}

/** Milliseconds after which a daemon that never gets where it is awaited fails its tests. */
const LONGEST_MS = 180_000;

/** Describes tests for each kind, or for one, in each Debian that is there. */
export function eachDaemon(test: (kind: Kind, generation: Generation) => void, only?: ClientName): void {
  for (const generation of generations())
    for (const kind of KINDS.filter(({ name }) => only === undefined || name === only)) {
      const { suite } = generation;
      const title = `${kind.label} ${kind.versions[suite]} of Debian ${suite}`;
      describe(title, { timeout: LONGEST_MS }, () => test(kind, generation));
    }
}

/** 0.9.8 of rTorrent takes no torrent without one. */
export const TRACKERS = [NO_TRACKER];

/** A torrent in whose name `_` became an é of Latin-1, a byte that no torrent's name should have. */
export function latin1(name: string): Torrent {
  const torrent = makeTorrent({ name, trackers: TRACKERS });
  const metainfo = Buffer.from(torrent.metainfo);
  metainfo[metainfo.indexOf(name) + name.indexOf('_')] = 0xe9;
  const info = metainfo.subarray(metainfo.indexOf('4:info') + '4:info'.length, -1);
  return { ...torrent, metainfo, infoHash: createHash('sha1').update(info).digest('hex') };
}
