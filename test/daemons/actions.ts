// What the tests of actions share: what is to be added.
import type { NewTorrent } from '../../src/torrents/adapter.ts';
import type { Torrent } from '../tools/torrents.ts';

type Options = Partial<Omit<NewTorrent, 'source'>>;

const DEFAULTS = { savePath: undefined, labels: [], isStopped: true, unwanted: [] };

/** How a torrent is added from its file, stopped unless said otherwise. */
export function fromFile({ name, metainfo, infoHash }: Torrent, options: Options = {}): NewTorrent {
  return { source: { kind: 'file', name: `${name}.torrent`, metainfo, infoHash }, ...DEFAULTS, ...options };
}

/** How a torrent is added by a link. */
export function fromLink(url: string, infoHash: string | undefined, options: Options = {}): NewTorrent {
  return { source: { kind: 'link', url, infoHash }, ...DEFAULTS, ...options };
}
