/** The tool that starts a real rTorrent, without the core that it is a witness for. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addToRtorrent, callRtorrent, startRtorrent } from '../tools/daemons/rtorrent.ts';
import { makeTorrent } from '../tools/torrents.ts';

const FIELDS = ['d.name=', 'd.custom1=', 'd.complete=', 'd.completed_bytes=', 'd.state=', 'd.is_active='];

for (const isOnSocket of [false, true]) {
  const place = isOnSocket ? 'a Unix socket' : 'a port';
  test(`rTorrent on ${place} takes torrents in different states and keeps them over a restart`, async () => {
    await using daemon = await startRtorrent({ isOnSocket });
    assert.match(daemon.url, isOnSocket ? /^file:\/\/\/.*\/rpc\.socket$/ : /^scgi:\/\/127\.0\.0\.1:\d+$/);
    const complete = makeTorrent({ name: 'complete.iso', size: 300_000 });
    const half = makeTorrent({ name: 'half', size: 131_072 });
    const empty = makeTorrent({ name: 'empty & <odd>', trackers: ['http://127.0.0.1:1/announce'] });
    await addToRtorrent(daemon, complete, { share: 1, isPaused: false, labels: ['one', 'a,b'] });
    await addToRtorrent(daemon, half, { share: 0.5 });
    await addToRtorrent(daemon, empty);

    const check = async () => {
      const texts = await callRtorrent(daemon, 'd.multicall2', '', 'main', ...FIELDS);
      const rows = texts.map((_, index) => texts.slice(index, index + FIELDS.length));
      const sorted = rows.filter((_, index) => index % FIELDS.length === 0).sort();
      assert.deepEqual(sorted, [
        ['complete.iso', 'one,a%2Cb', '1', '300000', '1', '1'],
        ['empty & <odd>', '', '0', '0', '0', '0'],
        ['half', '', '0', '65536', '0', '0'],
      ]);
    };
    await check();
    const { pid } = daemon;
    await daemon.restart();
    assert.notEqual(daemon.pid, pid);
    await check();
    await assert.rejects(callRtorrent(daemon, 'no.such'), /-506 Method 'no.such' not defined/);
  });
}
