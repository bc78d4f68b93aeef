import assert from 'node:assert/strict';
import { existsSync, globSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { addToTransmission, callTransmission } from '../tools/daemons/transmission.ts';
import { makeTorrent, NO_TRACKER } from '../tools/torrents.ts';
import { fromFile, fromLink } from './actions.ts';
import { BOTH, begin, FILES, folder, single } from './begin.ts';
import { eventually } from './followed.ts';
import { eachDaemon, TRACKERS } from './generations.ts';

eachDaemon((_kind, { suite, chroot }) => {
  test('all there is to know', async () => {
    await using it = await begin('transmission', chroot);
    const downloads = path.join(it.daemon.home, 'downloads');
    const { downloadRate, uploadRate, freeSpace = 0, isSlow, missing } = it.followed.store.facts ?? {};
    assert.deepEqual(
      { downloadRate, uploadRate, isSlow, missing },
      {
        ...{ downloadRate: 0, uploadRate: 0, isSlow: false, missing: undefined },
      },
    );
    assert.ok(freeSpace > 1_000_000, String(freeSpace));
    const {
      addedAt = 0,
      completedAt: _,
      activeAt: __,
      ratio: ___,
      ...torrent
    } = it.torrentOf(folder.infoHash);
    assert.ok(Math.abs(addedAt - Date.now() / 1000) < 600, String(addedAt));
    assert.deepEqual(torrent, {
      ...{ infoHash: folder.infoHash, name: 'folder', state: 'stopped', progress: torrent.progress },
      ...{ downloadRate: 0, uploadRate: 0, eta: undefined, size: 70_000, totalSize: 70_000 },
      ...{ downloaded: 0, uploaded: 0, peers: 0, labels: [], trackerHosts: ['127.0.0.1'] },
      ...{ savePath: downloads, isPrivate: true, queuePosition: 0, error: undefined },
    });
    assert.equal(it.torrentOf(single.infoHash).isPrivate, false);
  });

  test('a refresh with nothing new is three short questions', async () => {
    await using it = await begin('transmission', chroot);
    const { kind, traffic } = await it.followed.refresh();
    assert.equal(kind, 'changes');
    assert.deepEqual([...traffic.methods].sort(), ['session-get', 'session-stats', 'torrent-get']);
    // All that was done with them is less than a minute ago, so they are told.
    assert.ok(traffic.sentBytes < 1600 && traffic.receivedBytes < 4000, JSON.stringify(traffic));
  });

  test('start, start now, stop, verify, reannounce', async () => {
    await using it = await begin('transmission', chroot);
    const { actions, rpc, signal, followed } = it;
    await actions.start(rpc, BOTH, signal);
    await followed.until(single.infoHash, ({ state }) => state === 'seeding');
    await followed.until(folder.infoHash, ({ state }) => state === 'downloading');
    await actions.reannounce(rpc, BOTH, signal);
    await actions.stop(rpc, BOTH, signal);
    for (const infoHash of BOTH) await followed.until(infoHash, ({ state }) => state === 'stopped');
    await callTransmission(it.daemon, 'session-set', { 'download-queue-size': 1 });
    const other = makeTorrent({ name: 'other', trackers: TRACKERS });
    await addToTransmission(it.daemon, other);
    await actions.start(rpc, [folder.infoHash, other.infoHash], signal);
    await followed.until(other.infoHash, ({ state }) => state === 'queued');
    await actions.startNow?.(rpc, [other.infoHash], signal);
    await followed.until(other.infoHash, ({ state }) => state === 'downloading');
    await actions.stop(rpc, [single.infoHash], signal);
    await actions.verify(rpc, [single.infoHash], signal);
    await followed.until(single.infoHash, ({ state, progress }) => state === 'stopped' && progress === 1);
  });

  test('the queue', async () => {
    await using it = await begin('transmission', chroot);
    const { actions, rpc, signal, followed } = it;
    const third = makeTorrent({ name: 'third', trackers: TRACKERS });
    await addToTransmission(it.daemon, third);
    const order = () =>
      [folder, single, third]
        .map(({ infoHash, name }) => ({ name, place: followed.store.get(infoHash)?.queuePosition ?? -1 }))
        .sort((a, b) => a.place - b.place)
        .map(({ name }) => name)
        .join();
    const moves = [
      ['bottom', [folder, single], 'third,folder,single'],
      ['top', [folder, single], 'folder,single,third'],
      ['down', [folder], 'single,folder,third'],
      ['up', [folder, third], 'folder,third,single'],
    ] as const;
    for (const [move, torrents, expected] of moves) {
      const [first, ...others] = torrents.map(({ infoHash }) => infoHash);
      await actions.moveInQueue?.(rpc, [first as string, ...others], move, signal);
      await followed.untilHolds(() => order() === expected, order);
    }
  });

  test('labels are seen at once, also where the daemon calls them no change', async () => {
    await using it = await begin('transmission', chroot);
    const { actions, rpc, signal, followed } = it;
    await actions.setLabels(rpc, BOTH, ['b', 'ä'], signal);
    await followed.refresh(...BOTH);
    for (const infoHash of BOTH) assert.deepEqual(followed.store.get(infoHash)?.labels, ['b', 'ä']);
    assert.deepEqual(await actions.labelling.known(rpc, signal), ['b', 'ä']);
    await actions.setLabels(rpc, [folder.infoHash], [], signal);
    await followed.refresh(folder.infoHash);
    assert.deepEqual(followed.store.get(folder.infoHash)?.labels, []);
    await assert.rejects(actions.setLabels(rpc, BOTH, ['a,b'], signal), /comma/);
  });

  test('rename, and another place', async () => {
    await using it = await begin('transmission', chroot);
    const { actions, rpc, signal, followed, details } = it;
    await actions.rename?.(rpc, it.torrentOf(folder.infoHash), 'neu', signal);
    const { name } = await followed.until(folder.infoHash, torrent => torrent.name !== 'folder');
    assert.equal(name, 'neu');
    const place = path.join(it.daemon.home, 'elsewhere');
    await actions.setLocation(rpc, [folder.infoHash], place, signal);
    await followed.until(folder.infoHash, ({ savePath }) => savePath === place);
    await eventually(
      async () => globSync('neu/a*', { cwd: place }),
      found => found.length === 1,
    );
    const files = await details.files(rpc, it.torrentOf(folder.infoHash), signal);
    assert.deepEqual(
      files.map(({ path: inside }) => inside),
      ['neu/a', 'neu/b/c'],
    );
  });

  test('remove, with and without data', async () => {
    await using it = await begin('transmission', chroot);
    const { actions, rpc, signal, followed } = it;
    const downloads = path.join(it.daemon.home, 'downloads');
    await actions.remove(rpc, [folder.infoHash], true, signal);
    await followed.untilHolds(
      () => followed.store.size === 1,
      () => followed.store.size,
    );
    await eventually(
      async () => existsSync(path.join(downloads, 'folder/a')),
      exists => !exists,
    );
    await actions.remove(rpc, [single.infoHash], false, signal);
    await followed.untilHolds(
      () => followed.store.size === 0,
      () => followed.store.size,
    );
    assert.ok(existsSync(path.join(downloads, 'single')));
  });

  test('files and their priorities', async () => {
    await using it = await begin('transmission', chroot);
    const { actions, rpc, signal, details } = it;
    const torrent = it.torrentOf(folder.infoHash);
    const files = () => details.files(rpc, torrent, signal);
    const [first, second] = await files();
    assert.deepEqual(
      { ...first, progress: Math.round((first?.progress ?? 0) * 100) },
      { index: 0, path: 'folder/a', size: 40_000, progress: 82, priority: 'normal' },
    );
    assert.deepEqual(second, { index: 1, path: 'folder/b/c', size: 30_000, progress: 0, priority: 'normal' });
    for (const priority of ['high', 'skip', 'low', 'normal'] as const) {
      await actions.setFilePriority(rpc, torrent, [1], priority, signal);
      assert.deepEqual(
        (await files()).map(file => file.priority),
        ['normal', priority],
      );
    }
    await actions.setFilePriority(rpc, torrent, [], 'skip', signal);
    assert.deepEqual(
      (await files()).map(file => file.priority),
      ['normal', 'normal'],
      'none is not all',
    );
    await assert.rejects(actions.setFilePriority(rpc, torrent, [2], 'skip', signal), /out of range/);
  });

  test('trackers', async () => {
    await using it = await begin('transmission', chroot);
    const { actions, rpc, signal, details, followed } = it;
    const [known, added] = [NO_TRACKER, 'http://127.0.0.1:3/announce'];
    await actions.addTrackers?.(rpc, BOTH, [known, added], signal);
    await actions.addTrackers?.(rpc, BOTH, [known], signal);
    const urls = async (infoHash: string) =>
      (await details.trackers(rpc, it.torrentOf(infoHash), signal)).map(({ url }) => url);
    for (const infoHash of BOTH) assert.deepEqual(await urls(infoHash), [known, added]);
    await actions.start(rpc, [single.infoHash], signal);
    const [tracker] = await eventually(
      () => details.trackers(rpc, it.torrentOf(single.infoHash), signal),
      ([first]) => first?.status === 'failed' && first.nextAnnounceAt !== undefined,
    );
    const { nextAnnounceAt = 0, ...others } = tracker ?? assert.fail();
    assert.ok(nextAnnounceAt > Date.now() / 1000 - 60, String(nextAnnounceAt));
    assert.deepEqual(others, {
      ...{ url: known, tier: 0, status: 'failed', message: 'Could not connect to tracker' },
      ...{ seeds: undefined, leechers: undefined },
    });
    await followed.until(single.infoHash, ({ error }) => error === undefined || error !== '');
  });

  test('peers, and everything', async () => {
    await using it = await begin('transmission', chroot);
    const { rpc, signal, details } = it;
    const torrent = it.torrentOf(folder.infoHash);
    assert.deepEqual(await details.peers(rpc, torrent, signal), []);
    const everything = (await details.everything(rpc, torrent, signal)) as Record<string, unknown>;
    assert.equal(everything.hashString, folder.infoHash);
    assert.ok(Object.keys(everything).length >= 70, String(Object.keys(everything).length));
    // 3.00 would say 0 of what came later.
    assert.equal('availability' in everything, suite !== 'bookworm');
    const unknown = { ...torrent, infoHash: '0'.repeat(40) };
    assert.deepEqual(await details.files(rpc, unknown, signal), []);
    assert.deepEqual(await details.everything(rpc, unknown, signal), {});
  });

  test('after a start of the daemon its numbers are others', async () => {
    await using it = await begin('transmission', chroot);
    const { actions, rpc, signal, followed } = it;
    await actions.remove(rpc, [folder.infoHash], false, signal);
    await followed.refresh();
    await addToTransmission(it.daemon, folder);
    await it.daemon.restart();
    await eventually(
      () => followed.refresh().catch(() => undefined),
      update => update?.kind === 'all',
    );
    // 3.00 answers before it has read them.
    await followed.untilHolds(
      () => followed.store.size === 2,
      () => followed.store.size,
    );
    await actions.remove(rpc, [single.infoHash], false, signal);
    const { torrents, ...update } = await followed.refresh();
    assert.deepEqual(update.kind === 'changes' && update.removed, [single.infoHash]);
    assert.deepEqual(
      [...followed.store.all()].map(({ name }) => name),
      ['folder'],
    );
  });

  test('slow mode', async () => {
    await using it = await begin('transmission', chroot);
    const { actions, rpc, signal, followed } = it;
    for (const isOn of [true, true, false]) {
      await actions.setSlowMode?.(rpc, isOn, signal);
      await followed.refresh();
      assert.equal(followed.store.facts?.isSlow, isOn);
    }
    assert.equal(await actions.defaultSavePath(rpc, signal), path.join(it.daemon.home, 'downloads'));
  });

  test('adding a file, with what is chosen for it, and again', async () => {
    await using it = await begin('transmission', chroot);
    const { actions, rpc, signal, followed, details } = it;
    const torrent = makeTorrent({ name: 'new', files: FILES, trackers: TRACKERS });
    const savePath = path.join(it.daemon.home, 'chosen');
    const chosen = { savePath, labels: ['b', 'ä'], isStopped: false, unwanted: [1] };
    const { infoHash } = torrent;
    assert.deepEqual(await actions.add(rpc, fromFile(torrent, chosen), signal), {
      ...{ infoHash, isDuplicate: false },
    });
    const added = await followed.until(infoHash, ({ state }) => state === 'downloading', [infoHash]);
    assert.deepEqual(
      [added.savePath, added.labels, added.size, added.totalSize],
      [savePath, ['b', 'ä'], 49_152, 70_000],
    );
    const files = await details.files(rpc, added, signal);
    assert.deepEqual(
      files.map(({ priority }) => priority),
      ['normal', 'skip'],
    );
    const again = fromFile(torrent, { labels: ['c'] });
    assert.deepEqual(await actions.add(rpc, again, signal), { infoHash, isDuplicate: true });
    await followed.refresh(infoHash);
    assert.deepEqual(followed.store.get(infoHash)?.labels, ['b', 'ä']);
  });

  test('adding a magnet link, and what is none', async () => {
    await using it = await begin('transmission', chroot);
    const { actions, rpc, signal, followed } = it;
    const infoHash = '0123456789abcdef0123456789abcdef01234567';
    const link = `magnet:?xt=urn:btih:${infoHash}&dn=m`;
    const add = (isStopped: boolean) => actions.add(rpc, fromLink(link, infoHash, { isStopped }), signal);
    assert.deepEqual(await add(false), { infoHash, isDuplicate: false });
    await followed.until(infoHash, ({ state }) => state === 'metadata');
    assert.deepEqual(await add(true), { infoHash, isDuplicate: true });
    await actions.remove(rpc, [infoHash], false, signal);
    await add(true);
    await followed.untilHolds(
      () => followed.store.get(infoHash)?.state === 'stopped',
      () => followed.store.get(infoHash),
    );
    const bad = { ...single, metainfo: Buffer.from('nonsense') };
    await assert.rejects(actions.add(rpc, fromFile(bad), signal), { name: 'RPCError' });
    const nowhere = fromLink('http://127.0.0.1:1/x.torrent', undefined);
    await assert.rejects(actions.add(rpc, nowhere, signal), { name: 'RPCError' });
  });
}, 'transmission');
