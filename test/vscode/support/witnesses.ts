// What a daemon itself says of a torrent, over a connection of the test's own.
import path from 'node:path';
import type { Daemon, DaemonKind } from '../../tools/daemons/daemon.ts';
import { callDeluge } from '../../tools/daemons/deluge.ts';
import { callQbittorrent } from '../../tools/daemons/qbittorrent.ts';
import { callRtorrent } from '../../tools/daemons/rtorrent.ts';
import { callTransmission } from '../../tools/daemons/transmission.ts';

/** A torrent as its daemon knows it. */
export interface Witnessed {
  readonly name: string;
  readonly isStopped: boolean;
  /** 0 to 1. */
  readonly progress: number;
  /** Of the torrent's file or folder; no `/` at its end. */
  readonly savePath: string;
  /** Labels, the label, or the category. */
  readonly labels: readonly string[];
  readonly tags: readonly string[];
  /** From 0; below for one that is in no queue. */
  readonly queuePosition: number;
  readonly trackers: readonly string[];
  readonly priorities: readonly string[];
}

/** Asks a daemon for a torrent; undefined where it has none of that info hash. */
export type Witness = (daemon: Daemon, infoHash: string) => Promise<Witnessed | undefined>;

/** Every kind. */
export const WITNESSES: { readonly [Kind in DaemonKind]: Witness } = {
  async transmission(daemon, infoHash) {
    const fields = [
      'name',
      'status',
      'percentDone',
      'downloadDir',
      'labels',
      'queuePosition',
      'trackers',
      'wanted',
      'priorities',
    ];
    const { torrents } = await callTransmission(daemon, 'torrent-get', { ids: [infoHash], fields });
    const [torrent] = torrents;
    if (!torrent) return undefined;
    const words = ['low', 'normal', 'high'];
    return {
      name: torrent.name,
      isStopped: torrent.status === 0,
      progress: torrent.percentDone,
      savePath: torrent.downloadDir,
      labels: torrent.labels,
      tags: [],
      queuePosition: torrent.queuePosition,
      trackers: torrent.trackers.map(({ announce }: { announce: string }) => announce),
      priorities: torrent.wanted.map((isWanted: unknown, index: number) =>
        isWanted ? words[torrent.priorities[index] + 1] : 'skip',
      ),
    };
  },

  async qbittorrent(daemon, infoHash) {
    const [torrent] = await callQbittorrent(
      daemon,
      'torrents/info',
      new URLSearchParams({ hashes: infoHash }),
    );
    if (!torrent) return undefined;
    const hash = new URLSearchParams({ hash: infoHash });
    const trackers = await callQbittorrent(daemon, 'torrents/trackers', hash);
    const files = await callQbittorrent(daemon, 'torrents/files', hash);
    const words: Readonly<Record<number, string>> = { 0: 'skip', 1: 'normal', 6: 'high', 7: 'high' };
    const list = (text: string) => text.split(', ').filter(Boolean);
    return {
      name: torrent.name,
      isStopped: /^(paused|stopped)/.test(torrent.state),
      progress: torrent.progress,
      savePath: torrent.save_path.replace(/(?<=.)\/$/, ''),
      labels: torrent.category === '' ? [] : [torrent.category],
      tags: list(torrent.tags),
      queuePosition: torrent.priority - 1,
      trackers: trackers.map(({ url }: { url: string }) => url).filter((url: string) => url.includes('://')),
      priorities: files.map(({ priority }: { priority: number }) => words[priority]),
    };
  },

  async deluge(daemon, infoHash) {
    const fields = [
      'name',
      'state',
      'progress',
      'download_location',
      'label',
      'queue',
      'trackers',
      'file_priorities',
    ];
    const torrent = await callDeluge(daemon, 'core.get_torrent_status', infoHash, fields);
    if (torrent.name === undefined) return undefined;
    const words: Readonly<Record<number, string>> = { 0: 'skip', 1: 'low', 4: 'normal', 7: 'high' };
    return {
      name: torrent.name,
      isStopped: torrent.state === 'Paused',
      progress: torrent.progress / 100,
      savePath: torrent.download_location,
      labels: torrent.label ? [torrent.label] : [],
      tags: [],
      queuePosition: torrent.queue,
      trackers: torrent.trackers.map(({ url }: { url: string }) => url),
      priorities: torrent.file_priorities.map((priority: number) => words[priority]),
    };
  },

  async rtorrent(daemon, infoHash) {
    const hash = infoHash.toUpperCase();
    if (!(await callRtorrent(daemon, 'download_list')).includes(hash)) return undefined;
    const ask = async (method: string) => (await callRtorrent(daemon, method, hash)).join('');
    const list = (method: string, field: string) => callRtorrent(daemon, method, hash, '', field);
    const words = ['skip', 'normal', 'high'];
    const directory = await ask('d.directory');
    const label = await ask('d.custom1');
    return {
      name: await ask('d.name'),
      isStopped: (await ask('d.state')) === '0',
      progress: Number(await ask('d.completed_bytes')) / Number(await ask('d.size_bytes')),
      // That of several files is the folder that they are in.
      savePath: (await ask('d.is_multi_file')) === '1' ? path.dirname(directory) : directory,
      labels: label === '' ? [] : label.split(',').map(decodeURIComponent),
      tags: [],
      queuePosition: -1,
      trackers: await list('t.multicall', 't.url='),
      priorities: (await list('f.multicall', 'f.priority=')).map(priority => words[Number(priority)] ?? ''),
    };
  },
};
