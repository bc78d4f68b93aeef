/** What the generations of Deluge must do alike: their protocol has no version to tell them by. */
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { type ClientOptions, DelugeRPC, RPCError } from '../../src/rpc/index.ts';
import type { Daemon } from '../tools/daemons/daemon.ts';
import { startDeluge } from '../tools/daemons/deluge.ts';
import { makeTorrent } from '../tools/torrents.ts';
import { until } from '../tools/until.ts';
import { callOf, eachDaemon } from './generations.ts';

const READER = { username: 'reader', password: 'reading', level: 1 } as const;
const NOBODY = { username: 'nobody', password: 'nothing', level: 0 } as const;
const HASH = '0'.repeat(40);

const clientOf = ({ url, username, password }: Daemon, options: ClientOptions = {}) =>
  new DelugeRPC({ url, username, password, ...options });

/** The arguments of core.add_torrent_file. */
const adding = (name: string) => [
  `${name}.torrent`,
  makeTorrent({ name }).metainfo.toString('base64'),
  { add_paused: true },
];

eachDaemon((_kind, { suite, chroot }) => {
  let daemon: Daemon;
  before(async () => {
    daemon = await startDeluge({ chroot, accounts: [READER, NOBODY] });
  });
  after(() => daemon?.[Symbol.asyncDispose]());

  it('refuses log-ins of every wrong kind, and levels that are too low', async () => {
    const failed = 'Authentication failed';
    for (const [credentials, message] of [
      [{ password: 'wrong' }, failed],
      [{ username: 'stranger' }, failed],
      [{ password: '' }, failed],
      [{ username: '' }, failed],
      [{ username: '', password: '' }, failed],
      [
        { username: NOBODY.username, password: NOBODY.password },
        'Not authorized: Your authorization level is 0, but you need 1',
      ],
    ] as const) {
      await using rpc = clientOf(daemon, credentials);
      await assert.rejects(rpc.connect(), { name: 'AuthenticationError', message });
    }
    await using reader = clientOf(daemon, { username: READER.username, password: READER.password });
    const message = 'Not authorized: Your authorization level is 1, but you need 5';
    await assert.rejects(reader.call('core.get_config'), { name: 'AuthenticationError', message });
    assert.match(await reader.call('daemon.info'), /^2\./);
  });

  it('has its own words for what goes wrong', async () => {
    await using rpc = clientOf(daemon);
    const refusal = async (method: string, args: unknown[]) => {
      const error = await rpc.call(method, args).catch((reason: unknown) => reason);
      assert.ok(error instanceof RPCError, String(error));
      return [error.message, (error.info as { class: string }).class];
    };
    assert.deepEqual(await refusal('core.remove_torrent', [HASH, false]), [
      `torrent_id ${HASH} not in session.`,
      'InvalidTorrentError',
    ]);
    assert.deepEqual(await refusal('core.pause_torrent', [HASH]), [`'${HASH}'`, 'WrappedException']);
    assert.match((await refusal('core.get_config', [1]))[0] ?? '', /takes 1 positional argument but 2/);
    await rpc.call('core.add_torrent_file', adding('twice'));
    const [message, name] = await refusal('core.add_torrent_file', adding('twice'));
    assert.match(message ?? '', /^Torrent already in session \([0-9a-f]{40}\)\.$/);
    assert.equal(name, 'AddTorrentError');
    assert.deepEqual(await rpc.call('core.get_torrent_status', [HASH, []]), {});
  });

  it('sends events, also after a restart', async () => {
    await using rpc = clientOf(daemon);
    await using other = clientOf(daemon);
    const added: unknown[][] = [];
    await rpc.addEventHandler('TorrentAddedEvent', (...args) => added.push(args));
    const hash = await callOf(other, ['core.add_torrent_file', adding('an event')]);
    await until(() => added.length === 1, 'the event is there');
    assert.deepEqual(added, [[hash, false]]);
    await rpc.call('core.add_torrent_file', adding('one of its own'));
    await until(() => added.length === 2, 'its own event is there');
    await daemon.restart();
    await rpc.call('daemon.info');
    const later = await callOf(other, ['core.add_torrent_file', adding('after the restart')]);
    await until(() => added.some(([id]) => id === later), 'the event is there after the restart');
    const renamed = rpc.waitForEvent('TorrentFileRenamedEvent', { signal: AbortSignal.timeout(10_000) });
    await rpc.call('core.rename_files', [later, [[0, 'renämed 😀']]]);
    assert.deepEqual(await renamed, [later, 0, 'renämed 😀']);
  });

  it('carries values of every kind', async () => {
    await using rpc = clientOf(daemon);
    const values = [
      null,
      true,
      [],
      {},
      'ü€😀\0',
      'x'.repeat(100_000),
      2n ** 64n,
      -(10n ** 60n),
      0.25,
      [1, { a: [2] }],
    ];
    // It makes later values of the same key the type of the first.
    for (const [index, value] of values.entries()) {
      await rpc.call('core.set_config', [{ [`echo${index}`]: value }]);
      assert.deepEqual(await rpc.call('core.get_config_value', [`echo${index}`]), value);
    }
    const methods = await rpc.call<string[]>('daemon.get_method_list');
    assert.ok(methods.length >= { bookworm: 73, trixie: 74, sid: 76 }[suite], `${methods.length} methods`);
    assert.match(rpc.peerCertificate?.subject ?? '', /^CN=Deluge Daemon$/);
  });
}, 'deluge');
