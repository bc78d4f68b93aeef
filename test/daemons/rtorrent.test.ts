/** What the generations of rTorrent do each in their own way, over TCP, a Unix socket and a web server. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { RPCError, RtorrentRPC } from '../../src/rpc/index.ts';
import type { Daemon } from '../tools/daemons/daemon.ts';
import { startRtorrent } from '../tools/daemons/rtorrent.ts';
import { startNginx } from '../tools/nginx.ts';
import { makeTorrent } from '../tools/torrents.ts';
import { until } from '../tools/until.ts';
import { eachDaemon, latin1, TRACKERS } from './generations.ts';

const TORRENT = makeTorrent({ name: 'né.iso', trackers: TRACKERS });
const HASH = TORRENT.infoHash.toUpperCase();

eachDaemon((_kind, { suite, chroot }) => {
  const isNew = suite === 'sid';
  const stack = new AsyncDisposableStack();
  let onPort: Daemon;
  let onSocket: Daemon;
  let nginx: Daemon;
  before(async () => {
    onPort = stack.use(await startRtorrent({ chroot }));
    onSocket = stack.use(await startRtorrent({ chroot, isOnSocket: true }));
    const scgi = `scgi_param SCGI 1; scgi_param CONTENT_TYPE $content_type; scgi_pass 127.0.0.1:${onPort.port};`;
    nginx = stack.use(await startNginx({ config: `location /RPC2 { ${scgi} }` }));
  });
  after(() => stack.disposeAsync());

  const WAYS = {
    'SCGI over TCP': () => new RtorrentRPC(onPort.url),
    'SCGI over a Unix socket': () => new RtorrentRPC(onSocket.url),
    'a web server': () => new RtorrentRPC({ url: nginx.url, ...credentials(nginx) }),
  };
  for (const [way, client] of Object.entries(WAYS))
    describe(`over ${way}`, () => {
      it('takes many calls at once, also in one', async () => {
        await using rpc = client();
        const numbers = Array.from({ length: 300 }, (_, index) => index);
        const added = await Promise.all(numbers.map(number => rpc.call('math.add', '', number, 1)));
        assert.deepEqual(
          added,
          numbers.map(number => number + 1),
        );
        const lists = await Promise.all(Array.from({ length: 64 }, () => rpc.call('system.listMethods')));
        for (const list of lists) assert.deepEqual(list, lists[0]);
        assert.ok((lists[0] as string[]).length >= (isNew ? 870 : 735));
        const calls = numbers.map(number => ['math.add', '', number] as const);
        assert.deepEqual(await rpc.multicall(calls), numbers);
      });

      it('has its own words for what goes wrong', async () => {
        await using rpc = client();
        const refusals = [
          ['d.name', ['0'.repeat(40)], -501, 'Could not find info-hash.', 'info-hash not found'],
          ['d.name', ['abc'], -501, 'Unsupported target type found.', 'invalid target'],
          ['d.name', [1], -503, 'Target of wrong type to command.', 'target must be a string'],
          ['no.such', [], -506, "Method 'no.such' not defined", undefined],
          ['throttle.global_down.max_rate.set', ['', 'x'], -503, 'Not a value.', undefined],
        ] as const;
        for (const [method, params, code, message, since016] of refusals) {
          const error = await rpc.call(method, ...params).catch((reason: unknown) => reason);
          assert.ok(error instanceof RPCError, String(error));
          const isOther = isNew && since016 !== undefined;
          assert.equal(error.message, isOther ? `invalid parameters: ${since016}` : message);
          const { faultCode } = error.info as { faultCode: number };
          assert.equal(faultCode, isOther ? -503 : code);
        }
        const mixed = [['system.client_version'], ['no.such']] as const;
        const [version, failure] = await rpc.multicall(mixed, { raiseErrors: false });
        assert.match(String(version), /^0\./);
        assert.ok(failure instanceof RPCError);
      });

      it('takes a torrent as bytes, and gives its name', async () => {
        await using rpc = client();
        assert.equal(await rpc.call('load.raw', '', TORRENT.metainfo, 'd.custom1.set=here'), 0);
        while (!(await rpc.call<string[]>('download_list', '')).includes(HASH));
        assert.equal(await rpc.call('d.name', TORRENT.infoHash), TORRENT.name);
        assert.equal(await rpc.call('d.custom1', TORRENT.infoHash), 'here');
        const rows = await rpc.call(
          'd.multicall.filtered',
          '',
          'main',
          'equal=d.name=,cat=né.iso',
          'd.hash=',
        );
        assert.deepEqual(rows, [[HASH]]);
        await rpc.call('d.erase', TORRENT.infoHash);
      });

      it('says how large a request may be', async () => {
        await using rpc = client();
        await assert.rejects(rpc.call('cat', '', 'x'.repeat(600_000)), {
          name: 'RPCError',
          message:
            /^Request too large: 6\d{5} bytes are more than rTorrent \(network\.xmlrpc\.size_limit, 524288 bytes\) takes$/,
        });
        await assert.rejects(rpc.call('cat', '', 'x'.repeat(17 * 1024 * 1024)), {
          message: /^Request too large: 178\d{5} bytes are more than .* takes/,
        });
        assert.match(await rpc.call('system.client_version'), /^0\./);
      });
    });

  it('has one name or another for a method', async () => {
    await using rpc = new RtorrentRPC(onPort.url);
    const [before016, since016] = ['schedule2', 'd.name.or_base64'];
    const name = await rpc.getSupportedMethod(before016, since016);
    assert.equal(name, isNew ? since016 : before016);
  });

  if (isNew)
    it('gives the bytes of a name that is no UTF-8', async () => {
      await using rpc = new RtorrentRPC(onPort.url);
      const torrent = latin1('caf_ bar');
      const hash = torrent.infoHash.toUpperCase();
      await rpc.call('load.raw', '', torrent.metainfo);
      while (!(await rpc.call<string[]>('download_list', '')).includes(hash));
      const name = await rpc.call<Uint8Array>('d.name.as_binary', hash);
      assert.equal(Buffer.from(name).toString('latin1'), 'café bar');
      await rpc.call('d.erase', hash);
    });

  it('ends with a call that it may not answer', async () => {
    await using own = await startRtorrent({ chroot });
    await using rpc = new RtorrentRPC({ url: own.url, timeout: 20 });
    const end = await rpc.call('system.shutdown.normal', '').catch((reason: unknown) => String(reason));
    assert.ok(end === 0 || end === 'ConnectionError: Connection lost', String(end));
    await until(() => own.pid === undefined, 'it has ended');
  });
}, 'rtorrent');

const credentials = ({ username, password }: Daemon) => ({ username, password });
