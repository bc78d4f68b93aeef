// Two daemons that exchange files show it: rates, what is left, and each other.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type ClientName, client } from '../../src/rpc/index.ts';
import { adapterOf } from '../../src/torrents/adapters.ts';
import type { Peer, Torrent } from '../../src/torrents/torrent.ts';
import type { Daemon } from '../tools/daemons/daemon.ts';
import { type Swarm, startSwarm } from '../tools/swarm.ts';
import { waitFor } from '../vscode/support/wait.ts';

const stack = new AsyncDisposableStack();
let swarm: Swarm;
before(async () => {
  swarm = await startSwarm(stack);
});
after(() => stack.disposeAsync());

const isMoving = ({ downloadRate = 0, uploadRate = 0 }: Torrent | Peer) => downloadRate + uploadRate > 0;

/** A torrent and one of its peers, once there are some and bytes go. */
async function exchanging(type: ClientName, daemon: Daemon, infoHash: string): Promise<[Torrent, Peer]> {
  const { url, username, password } = daemon;
  await using rpc = client(type, { url, username, password });
  const { signal } = new AbortController();
  const { follow, details } = adapterOf(type);
  const feed = follow(rpc);
  return waitFor(`rates and peers of ${type}`, async (): Promise<[Torrent, Peer] | undefined> => {
    const { torrents } = await feed.all(signal);
    const torrent = torrents.find(one => one.infoHash === infoHash);
    const [peer] = torrent ? await details.peers(rpc, torrent, signal) : [];
    return torrent && peer && isMoving(torrent) && isMoving(peer) ? [torrent, peer] : undefined;
  });
}

for (const type of ['qbittorrent', 'deluge'] as const) {
  test(`${type} downloads from the other`, async () => {
    const { infoHash } = type === 'deluge' ? swarm.down : swarm.up;
    const [torrent, peer] = await exchanging(type, swarm[type], infoHash);
    assert.equal(torrent.state, 'downloading');
    assert.ok((torrent.downloadRate ?? 0) > 0);
    assert.ok((torrent.eta ?? 0) > 0);
    assert.equal(torrent.seeds, 1);
    assert.match(peer.address, /^127\.0\.0\.1:\d+$/);
    assert.equal(peer.progress, 1);
  });

  test(`${type} uploads to the other`, async () => {
    const { infoHash } = type === 'deluge' ? swarm.up : swarm.down;
    const [torrent, peer] = await exchanging(type, swarm[type], infoHash);
    assert.equal(torrent.state, 'seeding');
    assert.ok((torrent.uploadRate ?? 0) > 0);
    assert.equal(torrent.leechers, 1);
    assert.ok((peer.progress ?? 1) < 1);
  });
}
