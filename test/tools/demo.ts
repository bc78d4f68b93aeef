// Real daemons with a few torrents in all states that last, two of which exchange files, for people to look at.
import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { AddOptions, Daemon, DaemonKind } from './daemons/daemon.ts';
import { addToDeluge, startDeluge } from './daemons/deluge.ts';
import { addToQbittorrent, callQbittorrent, startQbittorrent } from './daemons/qbittorrent.ts';
import { addToRtorrent, startRtorrent } from './daemons/rtorrent.ts';
import { addToTransmission, callTransmission, startTransmission } from './daemons/transmission.ts';
import { startExchange } from './swarm.ts';
import { ensureSystemPackages, type SystemPackageName } from './system-packages.ts';
import { makeTorrent, NO_TRACKER, type Torrent } from './torrents.ts';
import { startTracker } from './tracker.ts';

/** How a kind of daemon is brought up and filled. */
export interface Demo {
  readonly label: string;
  readonly systemPackage: SystemPackageName;
  start(): Promise<Daemon>;
  add(daemon: Daemon, torrent: Torrent, options: AddOptions): Promise<void>;
}

/** Every kind of daemon. */
export const DEMOS: { readonly [Kind in DaemonKind]: Demo } = {
  transmission: {
    label: 'Transmission',
    systemPackage: 'transmission-daemon',
    start: startTransmission,
    add: addToTransmission,
  },
  qbittorrent: {
    label: 'qBittorrent',
    systemPackage: 'qbittorrent-nox',
    start: () => startQbittorrent({ refreshInterval: 1500 }),
    add: addToQbittorrent,
  },
  deluge: { label: 'Deluge', systemPackage: 'deluged', start: startDeluge, add: addToDeluge },
  rtorrent: { label: 'rTorrent', systemPackage: 'rtorrent', start: startRtorrent, add: addToRtorrent },
};

const MEGABYTE = 1_000_000;

/** The tracker's error is one of the things to see. */
const iso = (name: string, megabytes: number) =>
  makeTorrent({ name, size: megabytes * MEGABYTE, trackers: [NO_TRACKER] });

/** What each daemon has. */
const TORRENTS: readonly { readonly torrent: Torrent; readonly options: AddOptions }[] = [
  {
    torrent: iso('archlinux-2026.11.01-x86_64.iso', 1),
    options: { share: 1, isPaused: false, labels: ['linux'] },
  },
  {
    torrent: iso('Fedora-Workstation-Live-43-x86_64.iso', 3),
    options: { share: 0.5, isPaused: false, labels: ['linux', 'desktop'] },
  },
  { torrent: iso('linux-6.18.tar.xz', 4), options: { share: 0.75, isPaused: true } },
];

/** A daemon that is up, as an entry of the setting `btRpc.clients`; its address holds the credentials. */
export interface DemoClient {
  readonly name: string;
  readonly type: DaemonKind;
  readonly url: string;
}

/** A daemon of the demo, and how it is reached. */
export interface DemoDaemon {
  readonly client: DemoClient;
  readonly daemon: Daemon;
}

/**
 * Installs what is missing and starts a daemon of each kind that can be had, together with torrents in every state that
 * lasts; `stack` ends them.
 */
export async function startDemoDaemons(stack: AsyncDisposableStack): Promise<DemoDaemon[]> {
  const demos = Object.entries(DEMOS) as [DaemonKind, Demo][];
  const missing = ensureSystemPackages(demos.map(([, { systemPackage }]) => systemPackage));
  const start = async ([type, demo]: [DaemonKind, Demo]): Promise<DemoDaemon[]> => {
    if (missing.includes(demo.systemPackage)) {
      console.log(`Without ${demo.label}: the Debian package ${demo.systemPackage} is not there.`);
      return [];
    }
    console.log(`Starting ${demo.label} …`);
    const daemon = stack.use(await demo.start());
    for (const { torrent, options } of TORRENTS) await demo.add(daemon, torrent, options);
    return [{ client: { name: demo.label, type, url: withAuth(daemon) }, daemon }];
  };
  const daemons = (await Promise.all(demos.map(start))).flat();
  const daemonOf = (kind: DaemonKind) => daemons.find(({ client }) => client.type === kind)?.daemon;
  const transmission = daemonOf('transmission');
  const qbittorrent = daemonOf('qbittorrent');
  const deluge = daemonOf('deluge');
  await Promise.all([
    transmission && addTroubles(transmission),
    qbittorrent && addMagnetLink(qbittorrent),
    qbittorrent && deluge && startLongExchange(stack, qbittorrent, deluge),
  ]);
  return daemons;
}

/** One that waits for its place, and one whose data is gone. */
async function addTroubles(transmission: Daemon): Promise<void> {
  await callTransmission(transmission, 'session-set', { 'download-queue-size': 1 });
  await addToTransmission(transmission, iso('openSUSE-Leap-16.0-DVD-x86_64.iso', 5), { isPaused: false });
  const lost = iso('kubuntu-26.10-desktop-amd64.iso', 2);
  await addToTransmission(transmission, lost, { share: 1 });
  await rm(path.join(transmission.home, 'downloads', lost.name));
  await callTransmission(transmission, 'torrent-start', { ids: [lost.infoHash] });
}

/** Of something that nobody has, so that it goes on looking. */
async function addMagnetLink(qbittorrent: Daemon): Promise<void> {
  const { name, infoHash } = iso('linuxmint-22.3-cinnamon-64bit.iso', 1);
  const urls = `magnet:?xt=urn:btih:${infoHash}&dn=${name}&tr=${encodeURIComponent(NO_TRACKER)}`;
  await callQbittorrent(qbittorrent, 'torrents/add', new URLSearchParams({ urls }));
}

/** Five minutes to be looked at. */
async function startLongExchange(
  stack: AsyncDisposableStack,
  qbittorrent: Daemon,
  deluge: Daemon,
): Promise<void> {
  const { url } = stack.use(await startTracker());
  await startExchange(qbittorrent, deluge, { announceUrl: url, seconds: 500, share: 0.4 });
}

/** A daemon's address with its credentials. */
export function withAuth({ url, username, password }: Daemon): string {
  if (username === '') return url;
  const credentials = `${encodeURIComponent(username)}:${encodeURIComponent(password)}@`;
  return url.includes('://') ? url.replace('://', `://${credentials}`) : credentials + url;
}
