// Everything that is done with a Deluge and looked up in it, by the daemons of all generations.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { delugeAdapter } from '../../src/torrents/deluge/adapter.ts';
import { generations } from '../tools/chroots.ts';
import type { Daemon } from '../tools/daemons/daemon.ts';
import { addToDeluge, callDeluge, startDeluge } from '../tools/daemons/deluge.ts';
import { makeTorrent, NO_TRACKER } from '../tools/torrents.ts';
import { startLonelyTracker } from '../tools/tracker.ts';
import { startWebServer } from '../tools/webServer.ts';
import { fromFile, fromLink } from './actions.ts';
import { becomes, eventually, Followed } from './followed.ts';
import { liveAndGo } from './life.ts';

const { actions, details } = delugeAdapter;
const A = makeTorrent({ name: 'a', trackers: [NO_TRACKER] });
const B = makeTorrent({ name: 'b', size: 50_000, trackers: [NO_TRACKER], isPrivate: true });
const C = makeTorrent({ name: 'c', size: 40_000, trackers: [NO_TRACKER] });
const TREE = makeTorrent({
  name: 'tree',
  files: [
    { path: 'one ü', size: 40_000 },
    { path: 'sub/two', size: 30_000 },
    { path: 'three', size: 20_000 },
  ],
  trackers: [NO_TRACKER, 'udp://Tracker.Example:6969/x'],
});
const MAGNET_HASH = '0123456789abcdef0123456789abcdef01234567';

function connect(daemon: Daemon) {
  const followed = new Followed('deluge', daemon);
  const { rpc, signal } = followed;
  /** One key of a torrent, as the daemon tells it itself. */
  const ask = async (infoHash: string, key: string): Promise<unknown> =>
    (await callDeluge(daemon, 'core.get_torrent_status', infoHash, [key]))[key];
  return { followed, rpc, ask, signal };
}

for (const { suite, chroot } of generations())
  describe(`Deluge of Debian ${suite}`, () => {
    const start = () => startDeluge({ chroot });

    test('torrents are started, stopped, verified, announced and removed', async () => {
      await using daemon = await start();
      const { rpc, followed, signal } = connect(daemon);
      await using _ = followed;
      await liveAndGo({ daemon, followed, add: addToDeluge, kept: A, deleted: B });
      await becomes(async () => existsSync(path.join(daemon.home, 'downloads', 'b')), false);
      assert.ok(existsSync(path.join(daemon.home, 'downloads', 'a')));
      await assert.rejects(actions.remove(rpc, [A.infoHash], true, signal), /not in session/);
      await assert.rejects(actions.stop(rpc, [A.infoHash], signal), { name: 'RPCError' });
    });

    test('torrents move in the queue, and past it', async () => {
      await using daemon = await start();
      const { rpc, followed, ask, signal } = connect(daemon);
      await using _ = followed;
      await callDeluge(daemon, 'core.set_config', { max_active_downloading: 1, max_active_limit: 1 });
      for (const torrent of [A, B, C]) await addToDeluge(daemon, torrent, { isPaused: false });
      const order = async () => {
        await followed.refresh();
        return [...followed.store.all()]
          .toSorted((one, other) => (one.queuePosition ?? 9) - (other.queuePosition ?? 9))
          .map(({ name, queuePosition }) => `${queuePosition} ${name}`);
      };
      await becomes(order, ['0 a', '1 b', '2 c']);
      await actions.moveInQueue?.(rpc, [B.infoHash, C.infoHash], 'top', signal);
      await becomes(order, ['0 b', '1 c', '2 a']);
      await actions.moveInQueue?.(rpc, [A.infoHash], 'up', signal);
      await becomes(order, ['0 b', '1 a', '2 c']);
      await actions.moveInQueue?.(rpc, [B.infoHash], 'down', signal);
      await becomes(order, ['0 a', '1 b', '2 c']);
      await actions.moveInQueue?.(rpc, [A.infoHash, B.infoHash], 'bottom', signal);
      await becomes(order, ['0 c', '1 a', '2 b']);

      const queued = [A, B, C].find(({ infoHash }) => followed.store.get(infoHash)?.state === 'queued');
      assert.ok(queued);
      await actions.startNow?.(rpc, [queued.infoHash], signal);
      await followed.sees(queued, { state: 'downloading' });
      assert.equal(await ask(queued.infoHash, 'auto_managed'), false);
    });

    test('labels come with their plugin', async () => {
      await using daemon = await start();
      const { rpc, followed, ask, signal } = connect(daemon);
      await using _ = followed;
      await addToDeluge(daemon, A, {});
      await followed.refresh();
      assert.equal(followed.store.get(A.infoHash)?.labels, undefined);
      await assert.rejects(actions.setLabels(rpc, [A.infoHash], ['x'], signal), { name: 'RPCError' });

      await callDeluge(daemon, 'core.enable_plugin', 'Label');
      await followed.sees(A, { labels: [] });
      await callDeluge(daemon, 'label.add', 'old');
      await actions.setLabels(rpc, [A.infoHash], ['Films-4.k'], signal);
      assert.equal(await ask(A.infoHash, 'label'), 'films-4.k');
      await followed.sees(A, { labels: ['films-4.k'] });
      await actions.setLabels(rpc, [A.infoHash], ['old'], signal);
      await followed.sees(A, { labels: ['old'] });
      assert.deepEqual(await actions.labelling.known(rpc, signal), ['films-4.k', 'old']);
      await actions.setLabels(rpc, [A.infoHash], [], signal);
      await followed.sees(A, { labels: [] });
      await assert.rejects(actions.setLabels(rpc, [A.infoHash], ['ä b'], signal), /a-z 0-9/);
      await assert.rejects(actions.setLabels(rpc, [A.infoHash], ['a', 'b'], signal), /one label/);

      await callDeluge(daemon, 'core.disable_plugin', 'Label');
      await followed.sees(A, { labels: undefined });
    });

    test('a torrent is renamed, moved, and gets trackers', async () => {
      await using daemon = await start();
      const { rpc, followed, ask, signal } = connect(daemon);
      await using _ = followed;
      await addToDeluge(daemon, TREE, { share: 1 });
      await followed.sees(TREE, { name: 'tree', trackerHosts: ['127.0.0.1', 'tracker.example'] });
      const torrent = followed.store.get(TREE.infoHash);
      assert.ok(torrent && actions.rename && actions.addTrackers);
      await actions.rename(rpc, torrent, 'ü $x "y"', signal);
      await followed.sees(TREE, { name: 'ü $x "y"' });

      const elsewhere = path.join(daemon.home, 'else where', 'ü');
      await actions.setLocation(rpc, [TREE.infoHash], `${elsewhere}/`, signal);
      await followed.sees(TREE, { savePath: elsewhere, state: 'stopped' });
      assert.ok(existsSync(path.join(elsewhere, 'tree', 'sub', 'two')));
      assert.ok(!existsSync(path.join(daemon.home, 'downloads', 'tree')));
      await actions.setLocation(rpc, [TREE.infoHash], elsewhere, signal);
      await followed.sees(TREE, { state: 'stopped' });
      await assert.rejects(
        actions.setLocation(rpc, [TREE.infoHash], path.join(daemon.home, 'config/core.conf/x'), signal),
        /Deluge did not move it/,
      );

      const added = ['http://new.example/announce', NO_TRACKER, 'udp://newer.example:1/x'];
      await actions.addTrackers(rpc, [TREE.infoHash], added, signal);
      const trackers = (await ask(TREE.infoHash, 'trackers')) as { url: string; tier: number }[];
      assert.deepEqual(
        trackers.map(({ url, tier }) => `${tier} ${url}`),
        [
          `0 ${NO_TRACKER}`,
          '1 udp://Tracker.Example:6969/x',
          '2 http://new.example/announce',
          '3 udp://newer.example:1/x',
        ],
      );
      const hosts = ['127.0.0.1', 'tracker.example', 'new.example', 'newer.example'];
      await followed.sees(TREE, { trackerHosts: hosts });
    });

    test('files and their priorities', async () => {
      await using daemon = await start();
      const { rpc, followed, signal } = connect(daemon);
      await using _ = followed;
      await addToDeluge(daemon, TREE, { share: 0.5 });
      await followed.sees(TREE, { size: 90_000, totalSize: 90_000 });
      const torrent = followed.store.get(TREE.infoHash);
      assert.ok(torrent);
      const files = await details.files(rpc, torrent, signal);
      assert.deepEqual(
        files.map(({ index, path, size, priority }) => ({ index, path, size, priority })),
        [
          { index: 0, path: 'tree/one ü', size: 40_000, priority: 'normal' },
          { index: 1, path: 'tree/sub/two', size: 30_000, priority: 'normal' },
          { index: 2, path: 'tree/three', size: 20_000, priority: 'normal' },
        ],
      );
      assert.ok((files[0]?.progress ?? 0) > 0.8);
      assert.equal(files[2]?.progress, 0);
      const priorities = async () =>
        (await details.files(rpc, torrent, signal)).map(({ priority }) => priority);
      await actions.setFilePriority(rpc, torrent, [1, 2], 'skip', signal);
      assert.deepEqual(await priorities(), ['normal', 'skip', 'skip']);
      await followed.sees(TREE, { size: 49_152, totalSize: 90_000 });
      await actions.setFilePriority(rpc, torrent, [2], 'high', signal);
      await actions.setFilePriority(rpc, torrent, [0], 'low', signal);
      assert.deepEqual(await priorities(), ['low', 'skip', 'high']);
      await assert.rejects(actions.setFilePriority(rpc, torrent, [3], 'low', signal), /no such file/);
    });

    test('trackers, peers, and everything', async () => {
      await using daemon = await start();
      await using other = await start();
      await using tracker = await startLonelyTracker();
      const { rpc, followed, signal } = connect(daemon);
      await using _ = followed;
      const shared = makeTorrent({ name: 'shared', size: 8_000_000, trackers: [tracker.url, NO_TRACKER] });
      await addToDeluge(daemon, shared, { share: 1, isPaused: false });
      await addToDeluge(other, shared, { isPaused: false });
      await followed.sees(shared, { state: 'seeding', leechers: 0 });
      const torrent = followed.store.get(shared.infoHash);
      assert.ok(torrent);
      await becomes(async () => {
        const trackers = await details.trackers(rpc, torrent, signal);
        return trackers.map(({ url, tier, status, seeds, leechers }) => ({
          url,
          tier,
          status,
          seeds,
          leechers,
        }));
      }, [
        { url: tracker.url, tier: 0, status: 'working', seeds: 3, leechers: 4 },
        { url: NO_TRACKER, tier: 1, status: 'waiting', seeds: undefined, leechers: undefined },
      ]);
      const [first] = await details.trackers(rpc, torrent, signal);
      const wait = (first?.nextAnnounceAt ?? 0) - Date.now() / 1000;
      assert.ok(wait > 1000 && wait <= 1801, `${wait} s`);

      await callDeluge(other, 'core.set_torrent_options', [shared.infoHash], { max_download_speed: 100 });
      const port = await callDeluge(daemon, 'core.get_listen_port');
      await callDeluge(other, 'core.connect_peer', shared.infoHash, '127.0.0.1', port);
      // Nobody tells that a peer has come.
      await becomes(async () => {
        await followed.refresh();
        return followed.store.get(shared.infoHash)?.leechers;
      }, 1);
      const [peer, ...others] = await details.peers(rpc, torrent, signal);
      assert.ok(peer);
      assert.deepEqual(others, []);
      assert.match(peer.address, /^127\.0\.0\.1:\d+$/);
      assert.match(peer.client ?? '', /^Deluge/);
      assert.ok((peer.progress ?? 2) < 1);
      await becomes(async () => {
        await followed.refresh();
        return (followed.store.get(shared.infoHash)?.uploadRate ?? 0) > 0;
      }, true);

      const everything = (await details.everything(rpc, torrent, signal)) as Record<string, unknown>;
      assert.equal(everything.hash, shared.infoHash);
      assert.ok(Object.keys(everything).length > 60);
      const unknown = { ...torrent, infoHash: A.infoHash };
      for (const look of [details.files, details.trackers, details.peers])
        assert.deepEqual(await look(rpc, unknown, signal), []);
      assert.deepEqual(await details.everything(rpc, unknown, signal), {});
    });

    test('torrents are added as they are wanted', async () => {
      await using daemon = await start();
      const { rpc, followed, ask, signal } = connect(daemon);
      await using _ = followed;
      await callDeluge(daemon, 'core.enable_plugin', 'Label');
      assert.equal(await actions.defaultSavePath(rpc, signal), path.join(daemon.home, 'downloads'));
      const savePath = path.join(daemon.home, 'ü "x"');
      const wish = fromFile(TREE, { savePath, labels: ['films'], isStopped: false, unwanted: [0, 2] });
      assert.deepEqual(await actions.add(rpc, wish, signal), { infoHash: TREE.infoHash, isDuplicate: false });
      // The pieces of what is wanted.
      await followed.sees(TREE, { state: 'downloading', savePath, labels: ['films'], size: 49_152 });
      assert.deepEqual(await ask(TREE.infoHash, 'file_priorities'), [0, 4, 0]);

      const trackers = await ask(TREE.infoHash, 'trackers');
      const again = makeTorrent({
        name: 'tree',
        files: TREE.files.map(file => ({ path: file.path.slice('tree/'.length), size: file.content.length })),
        trackers: ['http://other.example/announce'],
      });
      assert.equal(again.infoHash, TREE.infoHash);
      assert.deepEqual(await actions.add(rpc, fromFile(again), signal), {
        infoHash: TREE.infoHash,
        isDuplicate: true,
      });
      assert.deepEqual(await ask(TREE.infoHash, 'trackers'), trackers);

      assert.deepEqual(await actions.add(rpc, fromFile(A, { unwanted: [] }), signal), {
        infoHash: A.infoHash,
        isDuplicate: false,
      });
      await followed.sees(A, { state: 'stopped', labels: [], savePath: path.join(daemon.home, 'downloads') });
      const broken = { ...A, metainfo: Buffer.from('d4:infod4:name1:xee'), infoHash: 'f'.repeat(40) };
      await assert.rejects(actions.add(rpc, fromFile(broken), signal), { name: 'RPCError' });
    });

    test('torrents are added by magnet link and by address', async () => {
      await using daemon = await start();
      const { rpc, followed, signal } = connect(daemon);
      await using _ = followed;
      const magnet = `magnet:?xt=urn:btih:${MAGNET_HASH}&dn=by%20link`;
      for (const isDuplicate of [false, true])
        assert.deepEqual(
          await actions.add(rpc, fromLink(magnet, MAGNET_HASH, { isStopped: false }), signal),
          { infoHash: MAGNET_HASH, isDuplicate },
        );
      await followed.sees({ infoHash: MAGNET_HASH }, { state: 'metadata', name: 'by link', size: undefined });
      // Also where only the daemon reads the link.
      assert.deepEqual(await actions.add(rpc, fromLink(magnet, undefined), signal), {
        infoHash: MAGNET_HASH,
        isDuplicate: true,
      });

      await using web = await startWebServer(B);
      assert.deepEqual(await actions.add(rpc, fromLink(web.there, undefined), signal), {
        infoHash: B.infoHash,
        isDuplicate: false,
      });
      await followed.sees(B, { state: 'stopped' });
      await assert.rejects(actions.add(rpc, fromLink(web.nowhere, undefined), signal), { name: 'RPCError' });
    });

    test('a quiet refresh is one small call; after a restart comes everything', async () => {
      await using daemon = await start();
      const { followed } = connect(daemon);
      await using _ = followed;
      for (const torrent of [A, B, C]) await addToDeluge(daemon, torrent, {});
      assert.equal((await followed.refresh()).kind, 'all');
      const { traffic, kind } = await eventually(
        () => followed.refresh(),
        update => update.traffic.methods.length === 1,
      );
      assert.equal(kind, 'changes');
      assert.ok(traffic.sentBytes + traffic.receivedBytes < 400, `${traffic.sentBytes} B`);
      // The connection is lost, and what happens now nobody hears.
      await daemon.restart();
      await callDeluge(daemon, 'core.remove_torrent', B.infoHash, false);
      const kinds: string[] = [];
      const names = async () => {
        const update = await followed.refresh().catch(() => undefined);
        if (update) kinds.push(update.kind);
        return [...followed.store.all()].map(({ name }) => name).sort();
      };
      await becomes(names, ['a', 'c']);
      assert.equal(kinds[0], 'all');
    });
  });
