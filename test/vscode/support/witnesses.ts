// What a daemon itself says of a torrent, over a connection of the test's own.
import type { Daemon } from '../../tools/daemons/daemon.ts';
import { callQbittorrent } from '../../tools/daemons/qbittorrent.ts';
import { callTransmission } from '../../tools/daemons/transmission.ts';

/** A torrent as its daemon knows it. */
export interface Witnessed {
  readonly name: string;
  readonly isStopped: boolean;
  /** 0 to 1. */
  readonly progress: number;
  readonly savePath: string;
  /** Labels, or the category. */
  readonly labels: readonly string[];
  readonly tags: readonly string[];
  /** From 0. */
  readonly queuePosition: number;
  readonly trackers: readonly string[];
  readonly priorities: readonly string[];
}

/** Asks a daemon for a torrent; undefined where it has none of that info hash. */
export type Witness = (daemon: Daemon, infoHash: string) => Promise<Witnessed | undefined>;

/** The kinds that are asked. */
export const WITNESSES: { readonly transmission: Witness; readonly qbittorrent: Witness } = {
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
      savePath: torrent.save_path,
      labels: torrent.category === '' ? [] : [torrent.category],
      tags: list(torrent.tags),
      queuePosition: torrent.priority - 1,
      trackers: trackers.map(({ url }: { url: string }) => url).filter((url: string) => url.includes('://')),
      priorities: files.map(({ priority }: { priority: number }) => words[priority]),
    };
  },
};
