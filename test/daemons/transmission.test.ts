/** What the generations of Transmission do each in their own way. */
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { type ClientOptions, RPCError, TransmissionRPC } from '../../src/rpc/index.ts';
import type { Suite } from '../tools/chroots.ts';
import type { Daemon } from '../tools/daemons/daemon.ts';
import { startTransmission } from '../tools/daemons/transmission.ts';
import { startFakeProxy } from '../tools/proxies.ts';
import { makeTorrent } from '../tools/torrents.ts';
import { callOf, eachDaemon } from './generations.ts';

const clientOf = ({ url, username, password }: Daemon, options: ClientOptions = {}) =>
  new TransmissionRPC({ url, username, password, ...options });

const HASH = '0'.repeat(40);

/** What it says of these calls; undefined: that it went well. */
const ANSWERS: readonly (readonly [
  method: string,
  args: Record<string, unknown>,
  message: Readonly<Record<Suite, string | undefined>>,
])[] = [
  ['torrent-get', {}, all('No fields specified')],
  ['torrent-get', { fields: ['name'], ids: [HASH] }, all(undefined)],
  ['torrent-start', { ids: [HASH] }, all(undefined)],
  ['torrent-add', {}, all('No filename or metainfo specified')],
  [
    'torrent-add',
    { metainfo: 'AAAA' },
    {
      bookworm: 'Invalid or corrupt torrent file',
      trixie: 'Unrecognized info',
      sid: 'Unrecognized info',
    },
  ],
  [
    'free-space',
    { path: '/no/such' },
    { bookworm: 'No such file or directory', trixie: undefined, sid: 'No such file or directory' },
  ],
];

function all(message: string | undefined): Record<Suite, string | undefined> {
  return { bookworm: message, trixie: message, sid: message };
}

eachDaemon((_kind, { suite, chroot }) => {
  const hasJsonRpc = suite === 'sid';
  let daemon: Daemon;
  before(async () => {
    daemon = await startTransmission({ chroot });
  });
  after(() => daemon?.[Symbol.asyncDispose]());

  it('has its own words for what goes wrong', async () => {
    await using rpc = clientOf(daemon);
    for (const [method, args, messages] of ANSWERS) {
      const error = await rpc.call(method, args).then(
        () => undefined,
        (reason: RPCError) => `${reason.name}: ${reason.message}`,
      );
      const message = messages[suite];
      assert.equal(error, message && `RPCError: ${message}`, method);
    }
  });

  it('knows a torrent that it has', async () => {
    await using rpc = clientOf(daemon);
    const { metainfo, infoHash } = makeTorrent({ name: 'twice', files: [{ path: 'ü/é', size: 10 }] });
    const adding = ['torrent-add', { metainfo: metainfo.toString('base64'), paused: true }] as const;
    assert.equal((await callOf(rpc, adding)).arguments['torrent-added'].hashString, infoHash);
    assert.equal((await callOf(rpc, adding)).arguments['torrent-duplicate'].hashString, infoHash);
    const listing = await callOf(rpc, ['torrent-get', { ids: [infoHash], fields: ['files'] }]);
    assert.equal(listing.arguments.torrents[0].files[0].name, 'twice/ü/é');
    await rpc.call('torrent-remove', { ids: [infoHash] });
  });

  if (hasJsonRpc)
    it('speaks both dialects on one connection', async () => {
      await using rpc = clientOf(daemon);
      const { metainfo, infoHash } = makeTorrent({ name: 'json-rpc 😀' });
      const args = { metainfo: metainfo.toString('base64'), paused: true };
      const { result } = await callOf(rpc, ['torrent_add', args]);
      assert.equal(result.torrent_added.hash_string, infoHash);
      const fields = { old: ['hashString', 'totalSize'], new: ['hash_string', 'total_size'] };
      const [old, snake] = await Promise.all([
        rpc.call('torrent-get', { fields: fields.old }, { tag: 7 }),
        rpc.call('torrent_get', { fields: fields.new }, { tag: 2n ** 53n + 1n }),
      ]);
      assert.deepEqual(old, {
        result: 'success',
        arguments: { torrents: [{ hashString: infoHash, totalSize: 65_536 }] },
        tag: 7,
      });
      assert.deepEqual(snake, {
        jsonrpc: '2.0',
        id: 2n ** 53n + 1n,
        result: { torrents: [{ hash_string: infoHash, total_size: 65_536 }] },
      });
      await rpc.call('torrent_remove', { ids: [infoHash] });
      for (const [method, message, code] of [
        ['no_such', 'Method not found', -32601],
        ['torrent_get', 'Invalid params: no fields specified', -32602],
      ] as const) {
        const error = await rpc.call(method).catch((reason: unknown) => reason);
        assert.ok(error instanceof RPCError, String(error));
        assert.deepEqual([error.message, (error.info as { code: number }).code], [message, code]);
      }
      await daemon.restart();
      const { result: session } = await callOf(rpc, ['session_get', { fields: ['rpc_version'] }]);
      assert.ok(session.rpc_version >= 19);
    });
  else
    it('says of the newer dialect that it has no such method', async () => {
      await using rpc = clientOf(daemon);
      const message = suite === 'bookworm' ? 'Method name not recognized' : 'No method name';
      await assert.rejects(rpc.call('session_get'), { name: 'RPCError', message });
    });

  it('locks out who was wrong too often', async () => {
    const settings = { 'anti-brute-force-enabled': true, 'anti-brute-force-threshold': 5 };
    await using own = await startTransmission({ chroot, settings });
    await using wrong = clientOf(own, { password: 'wrong' });
    const seen = new Set<string>();
    // 3.00 has a limit of 100 of its own.
    for (let i = 0; i < 102; i++) await wrong.connect().catch((error: Error) => seen.add(String(error)));
    const [first, last, ...others] = seen;
    assert.equal(first, 'AuthenticationError: Authentication failed');
    assert.equal(
      last,
      suite === 'bookworm'
        ? 'AuthenticationError: Too many unsuccessful login attempts. Please restart transmission-daemon.'
        : 'ConnectionError: Forbidden: Transmission refuses our address, or locked us out after failed log-ins',
    );
    assert.deepEqual(others, []);
  });

  it('without a log-in takes no host name that it does not know', async () => {
    await using own = await startTransmission({ chroot, username: '' });
    await using rpc = new TransmissionRPC(own.url);
    assert.equal((await rpc.call('session-stats')).result, 'success');
    await using proxy = await startFakeProxy({ names: { 'box.example': '127.0.0.1' } });
    const proxyUrl = `socks5h://${proxy.address}`;
    await using other = new TransmissionRPC({ url: own.url, host: 'box.example', proxyUrl });
    await assert.rejects(other.connect(), {
      name: 'ConnectionError',
      message: `Transmission refuses the host name box.example:${own.port}`,
    });
  });
}, 'transmission');
