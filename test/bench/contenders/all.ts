// Who takes part, by the kind of daemon and of the way to it.
import type { Contenders } from './contender.ts';

/** The kinds. Each is loaded alone. */
const KINDS = {
  transmission: async () => (await import('./transmission.ts')).transmission,
  qbittorrent: async () => (await import('./qbittorrent.ts')).qbittorrent,
  deluge: async () => (await import('./deluge.ts')).deluge,
  rtorrent: async () => (await import('./rtorrent.ts')).rtorrent,
  'rtorrent-http': async () => (await import('./rtorrent.ts')).rtorrentHttp,
} satisfies Record<string, () => Promise<Contenders>>;

export type Kind = keyof typeof KINDS;

export const contendersOf = (kind: Kind): Promise<Contenders> => KINDS[kind]();
