/** What the generations of qBittorrent do each in their own way. */
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ClientOptions, QbittorrentRPC, type RPCError } from '../../src/rpc/index.ts';
import type { Daemon } from '../tools/daemons/daemon.ts';
import { startQbittorrent } from '../tools/daemons/qbittorrent.ts';
import { startFakeProxy } from '../tools/proxies.ts';
import { makeTorrent, type Torrent } from '../tools/torrents.ts';
import { type Call, callOf, eachDaemon } from './generations.ts';

const clientOf = ({ url, username, password }: Daemon, options: ClientOptions = {}) =>
  new QbittorrentRPC({ url, username, password, ...options });

const HASH = '0'.repeat(40);
const POLL_MS = 50;

const adding = (files: readonly { readonly filename: string; readonly content: Uint8Array }[]): Call => [
  'torrents/add',
  { paused: true, stopped: true },
  { files: files.map(file => ['torrents', file]) },
];
const fileOf = ({ metainfo: content, infoHash }: Torrent) => ({ filename: infoHash, content });

eachDaemon((_kind, { suite, chroot }) => {
  /** Since 5.2: another log-in, API keys, JSON for an answer to torrents/add, words for what is missing. */
  const isNew = suite === 'sid';
  /** Since 5.0 it is called so. */
  const [stop, start] = suite === 'bookworm' ? ['pause', 'resume'] : ['stop', 'start'];
  let daemon: Daemon;
  before(async () => {
    daemon = await startQbittorrent({ chroot });
  });
  after(() => daemon?.[Symbol.asyncDispose]());

  /** What is said of an error, and the status of HTTP that it came with. */
  const refusal = (call: Promise<unknown>) =>
    call.then(
      answer => assert.fail(`no refusal: ${answer}`),
      (error: RPCError) => [error.message, (error.info as { status: number }).status],
    );
  const appeared = async (rpc: QbittorrentRPC, { infoHash }: Torrent) => {
    while ((await callOf(rpc, ['torrents/info', { hashes: infoHash }])).length === 0) await sleep(POLL_MS);
  };

  it('logs in and out with whatever cookie it gives', async () => {
    await using rpc = clientOf(daemon);
    const heads: string[] = [];
    rpc.on('exchange', exchange => {
      const [http] = exchange.response();
      heads.push(`${exchange.method} ${http?.head}`);
    });
    assert.match(await rpc.call('app/version'), /^v\d/);
    const [logIn = ''] = heads;
    assert.match(logIn, isNew ? /^auth\/login HTTP\/1\.1 204/ : /^auth\/login HTTP\/1\.1 200/);
    const cookie = isNew ? `QBT_SID_${daemon.port}` : 'SID';
    assert.match(logIn, new RegExp(`^set-cookie: ${cookie}=`, 'im'));
    await rpc.disconnect();
    assert.match(heads.at(-1) ?? '', /^auth\/logout HTTP\/1\.1 20/);
  });

  it('renews a session that is over, once for ten calls', async () => {
    await using own = await startQbittorrent({ chroot, preferences: { 'WebUI\\SessionTimeout': 1 } });
    await using rpc = clientOf(own);
    let logIns = 0;
    rpc.on('exchange', ({ method }) => {
      if (method === 'auth/login') logIns++;
    });
    await rpc.connect();
    assert.equal(await rpc.call('auth/logout'), '');
    const ten = () => Promise.all(Array.from({ length: 10 }, () => rpc.call('app/version')));
    await ten();
    assert.equal(logIns, 2);
    // Any call would refresh the session: there is nothing to look at until it is over.
    await sleep(2100);
    await ten();
    assert.equal(logIns, 3);
  });

  it('bans who was wrong too often', async () => {
    const preferences = { 'WebUI\\MaxAuthenticationFailCount': 2 };
    await using own = await startQbittorrent({ chroot, preferences });
    await using wrong = clientOf(own, { password: 'wrong' });
    const attempt = async () => {
      const calls = await Promise.allSettled(Array.from({ length: 10 }, () => wrong.call('app/version')));
      return [...new Set(calls.map(call => String((call as PromiseRejectedResult).reason)))];
    };
    assert.deepEqual(await attempt(), ['AuthenticationError: Authentication failed']);
    assert.deepEqual(await attempt(), ['AuthenticationError: Authentication failed']);
    assert.deepEqual(await attempt(), ['AuthenticationError: Too many failed authentication attempts']);
  });

  it('asks for no log-in where it is told so', async () => {
    await using own = await startQbittorrent({ chroot, username: '' });
    for (const credentials of [
      { username: '', password: '' },
      { username: 'any', password: 'thing' },
    ]) {
      await using rpc = clientOf(own, credentials);
      // What changed since the last answer is kept by session: there has to be one.
      const { rid } = await rpc.call<{ rid: number }>('sync/maindata');
      const changes = await rpc.call<Record<string, unknown>>('sync/maindata', { rid });
      assert.equal(changes.full_update, undefined);
    }
  });

  it('is told from a wrong password where it refuses the host name', async () => {
    await using own = await startQbittorrent({ chroot, preferences: { 'WebUI\\ServerDomains': 'box.test' } });
    await using proxy = await startFakeProxy({
      names: { 'other.test': '127.0.0.1', 'box.test': '127.0.0.1' },
    });
    const proxyUrl = `socks5h://${proxy.address}`;
    await using other = clientOf(own, { host: 'other.test', proxyUrl });
    await assert.rejects(other.connect(), {
      name: 'ConnectionError',
      message: `qBittorrent refuses the host name other.test:${own.port}`,
    });
    await using rpc = clientOf(own, { host: 'box.test', proxyUrl });
    assert.match(await rpc.call('app/version'), /^v/);
  });

  if (isNew)
    it('takes an API key instead of a log-in, until there is another', async () => {
      await using rpc = clientOf(daemon);
      const { apiKey } = await rpc.call<{ apiKey: string }>('app/rotateAPIKey');
      await using keyed = new QbittorrentRPC({ url: daemon.url, apiKey });
      const methods: string[] = [];
      keyed.on('exchange', ({ method }) => methods.push(method));
      assert.match(await keyed.call('app/version'), /^v\d/);
      await keyed.disconnect();
      assert.ok(
        methods.every(method => method === 'app/version'),
        methods.join(),
      );
      await daemon.restart();
      assert.match(await keyed.call('app/version'), /^v\d/);
      const next = await rpc.call<{ apiKey: string }>('app/rotateAPIKey');
      const failed = { name: 'AuthenticationError', message: 'Authentication failed' };
      await assert.rejects(keyed.call('app/version'), failed);
      keyed.apiKey = next.apiKey;
      assert.match(await keyed.call('app/version'), /^v\d/);
      assert.equal(await rpc.call('app/deleteAPIKey'), '');
      await assert.rejects(keyed.call('app/version'), failed);
    });
  else
    it('knows no API keys', async () => {
      await using rpc = clientOf(daemon);
      await assert.rejects(rpc.call('app/rotateAPIKey'), { message: 'Unknown RPC method' });
      await using keyed = new QbittorrentRPC({ url: daemon.url, apiKey: `qbt_${'x'.repeat(28)}` });
      await assert.rejects(keyed.call('app/version'), { name: 'AuthenticationError' });
    });

  it('answers torrents/add in its own way', async () => {
    await using rpc = clientOf(daemon);
    const [one, two] = [makeTorrent({ name: 'one' }), makeTorrent({ name: 'two 😀' })];
    const answer = await callOf(rpc, adding([fileOf(one), fileOf(two)]));
    if (isNew) {
      const { added_torrent_ids: ids, success_count: count } = answer;
      assert.deepEqual([ids.sort(), count], [[one.infoHash, two.infoHash].sort(), 2]);
    } else assert.equal(answer, 'Ok.');
    for (const torrent of [one, two]) await appeared(rpc, torrent);
    const again = callOf(rpc, adding([fileOf(one)]));
    if (isNew) assert.deepEqual((await refusal(again))[1], 409);
    else assert.equal(await again, 'Fails.');
    const magnet = makeTorrent({ name: 'magnet' });
    const linked = await callOf(rpc, ['torrents/add', { urls: [`magnet:?xt=urn:btih:${magnet.infoHash}`] }]);
    assert.ok(isNew ? linked.success_count + linked.pending_count === 1 : linked === 'Ok.', String(linked));
    await appeared(rpc, magnet);
    const bad = { filename: 'bad.torrent', content: Buffer.from('no') };
    assert.deepEqual(await refusal(callOf(rpc, adding([bad]))), [
      "Error: 'bad.torrent' is not a valid torrent file.",
      415,
    ]);
    const hashes = [one, two, magnet].map(({ infoHash }) => infoHash);
    assert.equal(await rpc.call('torrents/delete', { hashes, deleteFiles: false }), '');
  });

  it('exports the bytes of a torrent', async () => {
    await using rpc = clientOf(daemon);
    const torrent = makeTorrent({ name: 'exported' });
    await callOf(rpc, adding([fileOf(torrent)]));
    await appeared(rpc, torrent);
    const exported = await rpc.call<Uint8Array>('torrents/export', { hash: torrent.infoHash });
    assert.ok(exported instanceof Uint8Array);
    const info = torrent.metainfo.subarray(torrent.metainfo.indexOf('4:info'), -1);
    assert.ok(Buffer.from(exported).includes(info));
    assert.equal(await rpc.call(`torrents/${stop}`, { hashes: torrent.infoHash }), '');
    assert.equal(await rpc.call(`torrents/${start}`, { hashes: torrent.infoHash }), '');
    await rpc.call('torrents/delete', { hashes: torrent.infoHash, deleteFiles: false });
  });

  it('has its own words for what goes wrong', async () => {
    await using rpc = clientOf(daemon);
    const unknown = ['Unknown RPC method', 404];
    const gone = suite === 'bookworm' ? 'torrents/stop' : 'torrents/pause';
    for (const method of ['no/such', 'nosuch', 'torrents/nosuch', gone])
      assert.deepEqual(await refusal(rpc.call(method, { hashes: HASH })), unknown, method);
    assert.deepEqual(await refusal(rpc.call('torrents/properties')), [
      isNew ? 'Missing required parameters: hash' : 'Bad Request',
      400,
    ]);
    assert.deepEqual(await refusal(rpc.call('torrents/createCategory', { category: '/' })), [
      'Incorrect category name',
      409,
    ]);
    const toNone = rpc.call('torrents/addTrackers', { hash: HASH, urls: ['http://127.0.0.1:1/'] });
    if (isNew) assert.equal(await toNone, '');
    else assert.deepEqual(await refusal(toNone), unknown);
    assert.equal(rpc.status, 'connected');
  });
}, 'qbittorrent');
