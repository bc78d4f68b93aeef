/** Names that no daemon takes as they are, and integers that JavaScript's numbers cannot hold. */
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ClientName } from '../../src/rpc/index.ts';
import type { Suite } from '../tools/chroots.ts';
import { clientFor } from '../tools/clients.ts';
import type { Daemon } from '../tools/daemons/daemon.ts';
import { listTorrents } from '../tools/listTorrents.ts';
import { makeTorrent } from '../tools/torrents.ts';
import { type Call, callOf, eachDaemon, latin1, TRACKERS } from './generations.ts';

const POLL_MS = 50;

const EMOJI = makeTorrent({ name: 'emoji 😀 ü€', trackers: TRACKERS });
const LATIN = latin1('caf_ bar');
const CONTROLS = makeTorrent({ name: 'ctrl \x01\x07\x1b\\ end', trackers: TRACKERS });

/** What a daemon makes of these names, in this order. */
type Names = readonly [emoji: string, latin1: string, controls: string];

const KEPT = 'ctrl \x01\x07\x1b\\ end';
/** It takes the next two bytes for parts of the letter. */
const libtorrent: Names = ['emoji 😀 ü€', 'caf_ar', 'ctrl ___ end'];
const transmission4: Names = ['emoji 😀 ü€', 'caf\ufffd bar', KEPT];
const rtorrent09: Names = ['emoji ???? ?????', 'caf? bar', KEPT];

const NAMES: Readonly<Record<ClientName, Readonly<Record<Suite, Names>>>> = {
  transmission: {
    // It writes `\u1f600`, and takes what is no UTF-8 for Latin-1.
    bookworm: ['emoji \u1f600 ü€', 'café bar', KEPT],
    trixie: transmission4,
    sid: transmission4,
  },
  qbittorrent: { bookworm: libtorrent, trixie: libtorrent, sid: libtorrent },
  deluge: { bookworm: libtorrent, trixie: libtorrent, sid: libtorrent },
  rtorrent: {
    bookworm: rtorrent09,
    trixie: rtorrent09,
    // It writes bytes past its alphabet as `%F0`; those that are UTF-8 are read as such.
    sid: ['emoji 😀 ü€', 'caf%E9 bar', KEPT],
  },
};

/** Calls that give an integer back; qBittorrent has none that could. */
const ECHOES: { readonly [Name in ClientName]?: (integer: bigint | number) => readonly Call[] } = {
  transmission: tag => [['session-stats', {}, { tag }]],
  deluge: integer => [
    ['core.set_config', [{ echo: integer }]],
    ['core.get_config_value', ['echo']],
  ],
  rtorrent: integer => [['math.add', '', integer]],
};

eachDaemon((kind, { suite, chroot }) => {
  const { name } = kind;
  let daemon: Daemon;
  before(async () => {
    daemon = await kind.start({ chroot });
  });
  after(() => daemon?.[Symbol.asyncDispose]());

  it('names of any kind arrive as the daemon tells them', async () => {
    await using rpc = clientFor(name, daemon);
    const torrents = [EMOJI, LATIN, CONTROLS];
    for (const torrent of torrents) await callOf(rpc, kind.add(torrent));
    for (;;) {
      const listing = await listTorrents(name, rpc as never, AbortSignal.timeout(10_000));
      const names = listing.torrents.map(torrent => torrent.name).sort();
      if (names.length < torrents.length) await sleep(POLL_MS);
      else return assert.deepEqual(names, [...NAMES[name][suite]].sort());
    }
  });

  if (name === 'transmission')
    it('paths of files too, whose bytes 4.1.0-beta.2 puts into its JSON as they are', async () => {
      await using rpc = clientFor(name, daemon);
      const { arguments: answer } = await callOf(rpc, ['torrent-get', { fields: ['files'] }]);
      const paths = answer.torrents.map((torrent: { files: { name: string }[] }) => torrent.files[0]?.name);
      const [emoji, latin] = NAMES[name][suite];
      assert.ok(paths.includes(emoji) && paths.includes(latin), paths.join());
    });

  const echo = ECHOES[name];
  if (!echo) return;
  it('integers of 64 bits go there and back', async () => {
    await using rpc = clientFor(name, daemon);
    for (const integer of [2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n), 2 ** 53 - 1, -1]) {
      let answer: { tag?: unknown } | null | undefined;
      for (const call of echo(integer)) answer = await callOf(rpc, call);
      assert.equal(answer?.tag ?? answer, integer);
    }
  });
});
