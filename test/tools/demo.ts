// Real daemons with a few torrents in different states, for people to look at.
import type { AddOptions, Daemon, DaemonKind } from './daemons/daemon.ts';
import { addToDeluge, startDeluge } from './daemons/deluge.ts';
import { addToQbittorrent, startQbittorrent } from './daemons/qbittorrent.ts';
import { addToRtorrent, startRtorrent } from './daemons/rtorrent.ts';
import { addToTransmission, startTransmission } from './daemons/transmission.ts';
import { ensureSystemPackages, type SystemPackageName } from './system-packages.ts';
import { makeTorrent, type Torrent } from './torrents.ts';

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
    start: startQbittorrent,
    add: addToQbittorrent,
  },
  deluge: { label: 'Deluge', systemPackage: 'deluged', start: startDeluge, add: addToDeluge },
  rtorrent: { label: 'rTorrent', systemPackage: 'rtorrent', start: startRtorrent, add: addToRtorrent },
};

const MEGABYTE = 1_000_000;
/** Nothing listens there: the tracker's error is one of the things to see. */
const NO_TRACKER = 'http://127.0.0.1:1/announce';

const TORRENTS: readonly { readonly torrent: Torrent; readonly options: AddOptions }[] = [
  { name: 'archlinux-2026.11.01-x86_64.iso', share: 1, isPaused: false, labels: ['linux'] },
  { name: 'debian-13.2.0-amd64-netinst.iso', share: 1, isPaused: false, labels: ['linux', 'server'] },
  { name: 'Fedora-Workstation-Live-43-x86_64.iso', share: 0.5, isPaused: false, labels: ['linux'] },
  { name: 'linux-6.18.tar.xz', share: 0.75, isPaused: true, labels: [] },
  { name: 'ubuntu-26.10-desktop-amd64.iso', share: 1, isPaused: true, labels: ['linux'] },
].map(({ name, ...options }, index) => ({
  torrent: makeTorrent({ name, size: (index + 1) * MEGABYTE, trackers: [NO_TRACKER] }),
  options,
}));

/** A daemon that is up, as an entry of the setting `btRpc.clients`; its address holds the credentials. */
export interface DemoClient {
  readonly name: string;
  readonly type: DaemonKind;
  readonly url: string;
}

/** Installs what is missing and starts a daemon of each kind that can be had; `stack` ends them. */
export async function startDemoDaemons(stack: AsyncDisposableStack): Promise<DemoClient[]> {
  const demos = Object.entries(DEMOS) as [DaemonKind, Demo][];
  const missing = ensureSystemPackages(demos.map(([, { systemPackage }]) => systemPackage));
  const clients: DemoClient[] = [];
  for (const [type, demo] of demos) {
    if (missing.includes(demo.systemPackage)) {
      console.log(`Without ${demo.label}: the Debian package ${demo.systemPackage} is not there.`);
      continue;
    }
    console.log(`Starting ${demo.label} …`);
    const daemon = stack.use(await demo.start());
    for (const { torrent, options } of TORRENTS) await demo.add(daemon, torrent, options);
    clients.push({ name: demo.label, type, url: withAuth(daemon) });
  }
  return clients;
}

/** A daemon's address with its credentials. */
export function withAuth({ url, username, password }: Daemon): string {
  if (username === '') return url;
  const credentials = `${encodeURIComponent(username)}:${encodeURIComponent(password)}@`;
  return url.includes('://') ? url.replace('://', `://${credentials}`) : credentials + url;
}
