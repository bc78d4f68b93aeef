import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ClientOptions, type Exchange, QbittorrentRPC } from '../../src/rpc/index.ts';
import type { Daemon } from '../tools/daemons/daemon.ts';
import { addToQbittorrent, callQbittorrent, startQbittorrent } from '../tools/daemons/qbittorrent.ts';
import { makeTorrent } from '../tools/torrents.ts';

let daemon: Daemon;
before(async () => {
  daemon = await startQbittorrent();
});
after(() => daemon[Symbol.asyncDispose]());

/** A client with the daemon's credentials. */
const clientOf = ({ url, username, password }: Daemon, options: ClientOptions = {}) =>
  new QbittorrentRPC({ url, username, password, ...options });

interface TorrentInfo {
  readonly name: string;
  readonly state: string;
  readonly progress: number;
  readonly category: string;
  readonly tags: string;
}

/** The log-ins that a client does from now on. */
function countLogIns(rpc: QbittorrentRPC): { readonly all: Exchange[] } {
  const all: Exchange[] = [];
  rpc.on('exchange', exchange => {
    if (exchange.method === 'auth/login') all.push(exchange);
  });
  return { all };
}

/** The torrents by name, once all of these are there and this far: adding and checking go on after the answer. */
async function listed(
  rpc: QbittorrentRPC,
  progress: Readonly<Record<string, number>>,
): Promise<Map<string, TorrentInfo>> {
  for (;;) {
    const torrents = await rpc.call<TorrentInfo[]>('torrents/info');
    const found = new Map(torrents.map(torrent => [torrent.name, torrent]));
    if (Object.entries(progress).every(([name, share]) => found.get(name)?.progress === share)) return found;
    await sleep(50);
  }
}

test('the harness: torrents in different states, kept over a restart', async () => {
  await using own = await startQbittorrent();
  const complete = makeTorrent({ name: 'complete', size: 300_000 });
  const half = makeTorrent({ name: 'half', size: 262_144 });
  await addToQbittorrent(own, complete, { share: 1, isPaused: false, category: 'films', labels: ['a', 'b'] });
  await addToQbittorrent(own, half, { share: 0.5 });
  await addToQbittorrent(own, makeTorrent({ name: 'none' }), { isPaused: false });
  await own.restart();
  await using rpc = clientOf(own);
  const torrents = await listed(rpc, { complete: 1, half: 0.5, none: 0 });
  const stateOf = (name: string) => {
    const { state, category, tags } = torrents.get(name) as TorrentInfo;
    return { state: state.replace('stopped', 'paused'), category, tags };
  };
  assert.deepEqual(stateOf('complete'), { state: 'stalledUP', category: 'films', tags: 'a, b' });
  assert.deepEqual(stateOf('half'), { state: 'pausedDL', category: '', tags: '' });
  assert.deepEqual(stateOf('none'), { state: 'stalledDL', category: '', tags: '' });
});

test('answers are JSON, text and bytes', async () => {
  await using rpc = clientOf(daemon);
  assert.match(await rpc.call('app/version'), /^v\d+\.\d+/);
  assert.match(await rpc.call('/api/v2/app/webapiVersion'), /^\d+\.\d+/);
  assert.equal(await rpc.call('app/defaultSavePath'), path.join(daemon.home, 'downloads'));
  assert.equal(await rpc.call('transfer/downloadLimit'), '0');
  assert.equal(typeof (await rpc.call<{ dht: boolean }>('app/preferences')).dht, 'boolean');
  assert.deepEqual(await rpc.call('torrents/info', { filter: 'errored' }), []);
  assert.equal(await rpc.call('torrents/delete', { hashes: [], deleteFiles: false }), '');
});

test('torrents from bytes, a path and a Blob are added at once, and exported again', async () => {
  await using rpc = clientOf(daemon);
  const [one, two, three, four] = ['one', 'two', 'three', 'four ü'].map(name => makeTorrent({ name }));
  assert.ok(one && two && three && four);
  const file = path.join(daemon.home, 'three.torrent');
  await writeFile(file, three.metainfo);
  const options = { paused: true, stopped: true, tags: ['x', 'y z'], category: 'c/d' };
  const added = await rpc.call('torrents/add', options, {
    files: [
      ['torrents', { filename: 'same.torrent', content: new Uint8Array(one.metainfo) }],
      ['torrents', { filename: 'same.torrent', content: new Blob([two.metainfo]) }],
      ['torrents', { filename: 'same.torrent', content: file }],
      ['torrents', { filename: 'a "b;c"\r\n=ü.torrent', content: four.metainfo }],
    ],
  });
  assert.ok(added);
  const torrents = await listed(rpc, { one: 0, two: 0, three: 0, 'four ü': 0 });
  for (const name of ['one', 'two', 'three', 'four ü']) {
    const { category, tags } = torrents.get(name) as TorrentInfo;
    assert.deepEqual({ category, tags }, { category: 'c/d', tags: 'x, y z' });
  }
  const exported = await rpc.call<Uint8Array>('torrents/export', { hash: two.infoHash });
  assert.ok(exported instanceof Uint8Array);
  const info = two.metainfo.subarray(two.metainfo.indexOf('4:info'));
  assert.ok(Buffer.from(exported).includes(info), 'the bytes of the torrent itself');
  await rpc.call('torrents/delete', { hashes: [one.infoHash, two.infoHash], deleteFiles: true });
  const left = (await callQbittorrent(daemon, 'torrents/info')).map((each: TorrentInfo) => each.name);
  assert.ok(!left.includes('one') && !left.includes('two') && left.includes('three'));
});

test('magnet links, and lists joined as each method wants them', async () => {
  await using rpc = clientOf(daemon);
  const hashes = ['a', 'b'].map(digit => digit.repeat(40));
  const urls = hashes.map((hash, index) => `magnet:?xt=urn:btih:${hash}&dn=magnet ${index}`);
  await rpc.call('torrents/add', { urls, paused: true, stopped: true });
  await listed(rpc, { 'magnet 0': 0, 'magnet 1': 0 });
  assert.equal((await rpc.call<TorrentInfo[]>('torrents/info', { hashes })).length, 2);

  const hash = hashes[0] as string;
  const trackers = ['http://127.0.0.1:9/a', 'http://127.0.0.1:9/b', 'http://127.0.0.1:9/c'];
  const trackersOf = async () => {
    const all = await callQbittorrent(daemon, 'torrents/trackers', new URLSearchParams({ hash }));
    return all
      .map((tracker: { url: string }) => tracker.url)
      .filter((url: string) => url.startsWith('http'))
      .sort();
  };
  await rpc.call('torrents/addTrackers', { hash, urls: trackers });
  assert.deepEqual(await trackersOf(), trackers);
  await rpc.call('torrents/removeTrackers', { hash, urls: trackers.slice(0, 2) });
  assert.deepEqual(await trackersOf(), trackers.slice(2));

  for (const category of ['k/l', 'm|n', 'o,p']) await rpc.call('torrents/createCategory', { category });
  await rpc.call('torrents/removeCategories', { categories: ['m|n', 'o,p'] });
  const categories = Object.keys(await callQbittorrent(daemon, 'torrents/categories'));
  assert.ok(categories.includes('k/l') && !categories.includes('m|n') && !categories.includes('o,p'));
  await rpc.call('app/setPreferences', { json: { max_connec: 321, mail_notification_sender: 'a&b=ü+%' } });
  const preferences = await callQbittorrent(daemon, 'app/preferences');
  assert.equal(preferences.max_connec, 321);
  assert.equal(preferences.mail_notification_sender, 'a&b=ü+%');
});

test('refusals have the words of the daemon', async () => {
  await using rpc = clientOf(daemon);
  const unknown = { name: 'RPCError', message: 'Unknown RPC method' };
  for (const method of ['no/such', 'nosuch', 'app/nosuch', 'torrents/info?filter=all', 'a b/c#d'])
    await assert.rejects(rpc.call(method), unknown, method);
  await assert.rejects(rpc.call('torrents/createCategory', { category: '/' }), {
    name: 'RPCError',
    message: 'Incorrect category name',
    info: { status: 409, body: 'Incorrect category name' },
  });
  await assert.rejects(
    rpc.call('torrents/add', {}, { files: [['x', { filename: 'bad.torrent', content: Buffer.from('no') }]] }),
    /^RPCError: Error: 'bad\.torrent' is not a valid torrent file/,
  );
  await assert.rejects(rpc.call('torrents/properties'), (error: Error & { info: { status: number } }) => {
    assert.equal(error.info.status, 400);
    return true;
  });
  assert.equal(rpc.status, 'connected');
});

test('large requests, and one that is too large', { timeout: 120_000 }, async () => {
  await using rpc = clientOf(daemon);
  const file = (size: number) => ({
    files: [['x', { filename: 'large.torrent', content: Buffer.alloc(size) }] as const],
  });
  await assert.rejects(rpc.call('torrents/add', {}, file(60 * 1024 * 1024)), /not a valid torrent file/);
  await assert.rejects(rpc.call('torrents/add', {}, file(65 * 1024 * 1024)), {
    message: /^Request too large: 6815\d{4} bytes are more than (qBittorrent|127\.0\.0\.1:\d+) takes/,
  });
  assert.match(await rpc.call('app/version'), /^v/);
});

test('ten calls with a wrong password are one attempt, and the last one bans', async () => {
  const preferences = { 'WebUI\\MaxAuthenticationFailCount': 2, 'WebUI\\BanDuration': 3600 };
  await using own = await startQbittorrent({ preferences });
  const wrong = clientOf(own, { password: 'wrong' });
  const attempts = async () => {
    const calls = await Promise.allSettled(Array.from({ length: 10 }, () => wrong.call('app/version')));
    return new Set(calls.map(call => String((call as PromiseRejectedResult).reason)));
  };
  const failed = new Set(['AuthenticationError: Authentication failed']);
  assert.deepEqual(await attempts(), failed);
  assert.deepEqual(await attempts(), failed);
  assert.deepEqual(
    await attempts(),
    new Set(['AuthenticationError: Too many failed authentication attempts']),
  );
  await assert.rejects(clientOf(own).connect(), /Too many failed authentication attempts/);
});

test('no credentials: refused, or not needed', async () => {
  const none = { username: '', password: '' };
  const closed = clientOf(daemon, none);
  await assert.rejects(closed.connect(), { name: 'AuthenticationError', message: 'Authentication failed' });
  await using open = await startQbittorrent({ username: '' });
  for (const options of [none, { username: 'any', password: 'thing' }]) {
    await using rpc = clientOf(open, options);
    assert.match(await rpc.call('app/version'), /^v/);
    // What changes since the last answer is kept by session: there has to be one.
    const { rid } = await rpc.call<{ rid: number }>('sync/maindata');
    assert.equal(
      (await rpc.call<{ full_update?: boolean }>('sync/maindata', { rid })).full_update,
      undefined,
    );
  }
});

test('a session that is gone is renewed once for ten calls', async () => {
  await using rpc = clientOf(daemon);
  const logIns = countLogIns(rpc);
  await rpc.connect();
  for (let round = 2; round < 4; round++) {
    assert.equal(await rpc.call('auth/logout'), '');
    await Promise.all(Array.from({ length: 10 }, () => rpc.call('app/version')));
    assert.equal(logIns.all.length, round);
  }
});

test('a session that has run out is renewed', async () => {
  await using own = await startQbittorrent({ preferences: { 'WebUI\\SessionTimeout': 1 } });
  await using rpc = clientOf(own);
  const logIns = countLogIns(rpc);
  await rpc.connect();
  // Each call refreshes the session, so that none may be made until it is over.
  await sleep(2100);
  assert.match(await rpc.call('app/version'), /^v/);
  assert.equal(logIns.all.length, 2);
});

test('a daemon that is killed, and one that comes back', async () => {
  await using own = await startQbittorrent();
  await using rpc = clientOf(own);
  await rpc.connect();
  await own.restart();
  assert.match(await rpc.call('app/version'), /^v/, 'a new daemon knows no old session');
  await own.kill();
  const statuses: string[] = [];
  for (const status of ['connecting', 'connected', 'disconnected'] as const)
    rpc.on(status, () => statuses.push(status));
  const calls = await Promise.allSettled([rpc.call('app/version'), rpc.call('app/version')]);
  for (const call of calls) {
    assert.equal(call.status, 'rejected');
    assert.equal(call.reason.name, 'ConnectionError');
  }
  assert.equal(rpc.status, 'disconnected');
  await own.restart();
  assert.match(await rpc.call('app/version'), /^v/);
  assert.deepEqual(statuses.slice(-2), ['connecting', 'connected']);
});

test('a forwarded port and a foreign name are refused host names', async () => {
  await using forwarder = await startForwarder(daemon.port);
  const forwarded = clientOf(daemon, { port: forwarder.port });
  for (const rpc of [forwarded, clientOf(daemon, { port: forwarder.port, password: 'wrong' })])
    await assert.rejects(rpc.connect(), {
      name: 'ConnectionError',
      message: `qBittorrent refuses the host name 127.0.0.1:${forwarder.port}`,
    });

  await using own = await startQbittorrent({ preferences: { 'WebUI\\ServerDomains': 'box.example' } });
  await assert.rejects(clientOf(own, { host: 'localhost' }).connect(), {
    name: 'ConnectionError',
    message: `qBittorrent refuses the host name localhost:${own.port}`,
  });
  assert.match(await clientOf(own).call('app/version'), /^v/);
});

test('logging out ends the session at the daemon', async () => {
  const rpc = clientOf(daemon);
  let logIn = '';
  rpc.on('exchange', ({ method, outcome }) => {
    logIn += `${method}: ${outcome}, `;
  });
  await rpc.call('app/version');
  await rpc.disconnect();
  assert.equal(logIn, 'auth/login: ok, app/version: ok, auth/logout: ok, ');
});

/** Forwards a port, as `ssh -L` does. */
async function startForwarder(port: number) {
  const server = net.createServer(socket => {
    const target = net.connect(port, '127.0.0.1');
    socket.pipe(target).pipe(socket);
    for (const each of [socket, target]) each.on('error', () => {});
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as net.AddressInfo).port,
    async [Symbol.asyncDispose]() {
      server.close();
    },
  };
}
