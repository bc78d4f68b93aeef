// Two daemons on 127.0.0.1 that really exchange files, slowly enough to be looked at, and the tracker that brings them
// together. Transmission cannot take part: it drops peers of its own machine.
import type { Daemon } from './daemons/daemon.ts';
import { addToDeluge, callDeluge, startDeluge } from './daemons/deluge.ts';
import { addToQbittorrent, callQbittorrent, startQbittorrent } from './daemons/qbittorrent.ts';
import { makeTorrent, type Torrent } from './torrents.ts';
import { startTracker } from './tracker.ts';

/** Daemons with torrents that go from one to the other. */
export interface Swarm extends Exchange {
  readonly qbittorrent: Daemon;
  readonly deluge: Daemon;
}

/** What two daemons give each other. */
export interface Exchange {
  /** What qBittorrent gives to Deluge. */
  readonly down: Torrent;
  /** What Deluge gives to qBittorrent. */
  readonly up: Torrent;
}

/** Where and how long two daemons exchange files. */
export interface ExchangeOptions {
  readonly announceUrl: string;
  /** How long all of a file takes. */
  readonly seconds: number;
  /** How much of it the other has already, 0 to 1; default 0. */
  readonly share?: number;
}

/** Bytes per second, each way. */
const RATE = 250_000;

/** Starts a swarm, resolved when everybody has what they shall have; `stack` ends it. */
export async function startSwarm(stack: AsyncDisposableStack): Promise<Swarm> {
  const { url } = stack.use(await startTracker());
  const qbittorrent = stack.use(await startQbittorrent());
  const deluge = stack.use(await startDeluge());
  const exchange = await startExchange(qbittorrent, deluge, { announceUrl: url, seconds: 90 });
  return { qbittorrent, deluge, ...exchange };
}

/** Has these two give each other a file, slowed down for all of their torrents. */
export async function startExchange(
  qbittorrent: Daemon,
  deluge: Daemon,
  { announceUrl, seconds, share = 0 }: ExchangeOptions,
): Promise<Exchange> {
  for (const limit of ['transfer/setUploadLimit', 'transfer/setDownloadLimit'])
    await callQbittorrent(qbittorrent, limit, new URLSearchParams({ limit: String(RATE) }));
  await callDeluge(deluge, 'core.set_config', { max_upload_speed: RATE / 1024 });
  const make = (name: string) =>
    makeTorrent({ name, size: seconds * RATE, pieceLength: 256 * 1024, trackers: [announceUrl] });
  const down = make('ubuntu-26.10-desktop-amd64.iso');
  const up = make('debian-13.2.0-amd64-netinst.iso');
  await addToQbittorrent(qbittorrent, down, { share: 1, isPaused: false, labels: ['linux'] });
  await addToDeluge(deluge, up, { share: 1, isPaused: false });
  await addToDeluge(deluge, down, { share, isPaused: false });
  await resume(deluge, down);
  await addToQbittorrent(qbittorrent, up, { share, isPaused: false });
  return { down, up };
}

/**
 * What Deluge looked through waits in its queue for up to half a minute, so that it is taken out. It resumes only what it
 * knows to be out, by a status that it reads anew when it is asked for.
 */
async function resume(deluge: Daemon, { infoHash }: Torrent): Promise<void> {
  await callDeluge(deluge, 'core.set_torrent_options', [infoHash], { auto_managed: false });
  await callDeluge(deluge, 'core.get_torrent_status', infoHash, ['state']);
  await callDeluge(deluge, 'core.resume_torrents', [infoHash]);
}
