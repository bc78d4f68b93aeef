/** The core's public face: its names, what they make, and what the compiler knows of them. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inspect } from 'node:util';
import * as rpc from '../../src/rpc/index.ts';

const CLASSES = {
  deluge: { Class: rpc.DelugeRPC, URL: rpc.DelugeURL, label: 'Deluge', url: 'localhost:58846' },
  qbittorrent: {
    Class: rpc.QbittorrentRPC,
    URL: rpc.QbittorrentURL,
    label: 'qBittorrent',
    url: 'http://localhost:8080',
  },
  rtorrent: { Class: rpc.RtorrentRPC, URL: rpc.RtorrentURL, label: 'rTorrent', url: 'scgi://127.0.0.1:5000' },
  transmission: {
    Class: rpc.TransmissionRPC,
    URL: rpc.TransmissionURL,
    label: 'Transmission',
    url: 'http://localhost:9091/transmission/rpc',
  },
} as const;
const NAMES = Object.keys(CLASSES) as rpc.ClientName[];

it('exports what was agreed on, and no more', () => {
  assert.deepEqual(Object.keys(rpc).sort(), [
    'AuthenticationError',
    'BtRpcError',
    'ClientURL',
    'ConnectionError',
    'ConnectionStatus',
    'DelugeRPC',
    'DelugeURL',
    'NotImplementedError',
    'QbittorrentRPC',
    'QbittorrentURL',
    'RPCBase',
    'RPCError',
    'RtorrentRPC',
    'RtorrentURL',
    'TimeoutError',
    'TransmissionRPC',
    'TransmissionURL',
    'ValueError',
    'client',
    'clients',
  ]);
});

it('lists the client classes, sorted by name', () => {
  assert.deepEqual(
    rpc.clients(),
    NAMES.map(name => CLASSES[name].Class),
  );
  rpc.clients().pop();
  assert.equal(rpc.clients().length, 4);
});

for (const name of NAMES) {
  const { Class, URL, label, url } = CLASSES[name];
  describe(name, () => {
    it('has its name, label and kind of URL, on the class and on each client', () => {
      assert.deepEqual([Class.clientName, Class.label, Class.URL], [name, label, URL]);
      const made = rpc.client(name);
      assert.ok(made instanceof Class && made instanceof rpc.RPCBase);
      assert.equal(made.constructor, Class);
      assert.deepEqual([made.name, made.label], [name, label]);
      assert.ok(made.url instanceof URL && made.url instanceof rpc.ClientURL);
    });

    it('begins disconnected, at its default', () => {
      const made = rpc.client(name);
      assert.equal(made.url.withAuth, url);
      assert.deepEqual(
        [made.status, made.isConnected, made.timeout, made.proxyUrl, made.tls, made.apiKey],
        ['disconnected', false, 60, undefined, undefined, false],
      );
      assert.equal(made.peerCertificate, undefined);
    });

    it('is made with a URL, with options, with neither', () => {
      const other = name === 'transmission' ? 'http://box:1/transmission/rpc' : new URL('box:1').toString();
      for (const given of ['box:1', { url: 'box:1' }, { host: 'box', port: 1 }, new URL('box:1')]) {
        assert.equal(rpc.client(name, given).url.toString(), other);
        assert.equal(new Class(given).url.toString(), other);
      }
      for (const given of [undefined, '', {}]) assert.equal(rpc.client(name, given).url.toString(), url);
    });

    it('is made with nothing invalid', () => {
      for (const given of [
        null,
        5,
        [],
        'a b',
        { port: 70_000 },
        { scheme: 'ftp' },
        { timeout: -1 },
      ] as string[])
        assert.throws(() => rpc.client(name, given), rpc.ValueError, inspect(given));
      assert.throws(() => rpc.client(name, { proxyUrl: 'ftp://x' }), rpc.ValueError);
    });

    it('shows no secret', () => {
      const made = rpc.client(name, { proxyUrl: 'http://secret1:secret2@proxy' });
      if (name !== 'rtorrent') made.url.password = 'secret3';
      const text = inspect(made, { showHidden: true, depth: 10 }) + inspect(made, { customInspect: false });
      assert.doesNotMatch(text, /secret/);
      assert.ok(text.includes(made.url.toString()));
    });

    it('has API keys or says that it has none', () => {
      if (name === 'qbittorrent') {
        assert.equal(rpc.client(name, { apiKey: 'key' }).apiKey, true);
        for (const credentials of [{ username: 'u' }, { password: 'p' }])
          assert.throws(() => rpc.client(name, { apiKey: 'key', ...credentials }), rpc.ValueError);
      } else {
        const none = new rpc.ValueError(`${label} has no API keys`);
        assert.throws(() => rpc.client(name, { apiKey: 'key' }), none);
        assert.throws(() => Object.assign(rpc.client(name), { apiKey: 'key' }), none);
      }
    });

    it('has events or says that it has none', async () => {
      if (name === 'deluge') return;
      const error = { name: 'NotImplementedError', message: `Events are not supported for ${label}` };
      const made = rpc.client(name);
      await assert.rejects(
        made.addEventHandler('e', () => {}),
        error,
      );
      await assert.rejects(
        made.removeEventHandler('e', () => {}),
        error,
      );
      await assert.rejects(made.waitForEvent('e'), error);
    });
  });
}

it('knows no other client', () => {
  for (const name of ['foo', '', 'Transmission', 'constructor', '__proto__', 'toString'])
    assert.throws(() => rpc.client(name), new rpc.ValueError(`No such client: ${name}`));
  for (const name of [undefined, null, 5, {}, Symbol('x')] as unknown[] as string[])
    assert.throws(() => rpc.client(name), new rpc.ValueError(`No such client: ${String(name)}`));
});

/** Compiles only where both types are the same. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const holds = <_ extends true>(): void => {};

it('has types that say as much (held by the compiler)', () => {
  const never = (): boolean => false;
  holds<Same<rpc.ClientName, 'deluge' | 'qbittorrent' | 'rtorrent' | 'transmission'>>();
  const transmission = rpc.client('transmission');
  const qbittorrent = rpc.client('qbittorrent', 'box');
  const deluge = rpc.client('deluge', {});
  const rtorrent = rpc.client('rtorrent');
  holds<Same<typeof transmission, rpc.TransmissionRPC>>();
  holds<Same<typeof qbittorrent, rpc.QbittorrentRPC>>();
  holds<Same<typeof deluge, rpc.DelugeRPC>>();
  holds<Same<typeof rtorrent, rpc.RtorrentRPC>>();
  const name: string = 'transmission';
  const any = rpc.client(name);
  holds<Same<typeof any, rpc.DelugeRPC | rpc.QbittorrentRPC | rpc.RtorrentRPC | rpc.TransmissionRPC>>();
  const one = rpc.client('deluge' as 'deluge' | 'transmission');
  holds<Same<typeof one, rpc.DelugeRPC | rpc.TransmissionRPC>>();

  if (never()) {
    const old = transmission.call('torrent-get');
    holds<Same<typeof old, Promise<rpc.TransmissionResponse>>>();
    const json = transmission.call('torrent_get');
    holds<Same<typeof json, Promise<rpc.TransmissionJsonRpcResponse>>>();
    const mine = transmission.call<{ mine: 1 }>('torrent-get', {}, { tag: 1n, signal: undefined });
    holds<Same<typeof mine, Promise<{ mine: 1 }>>>();
    const version = qbittorrent.call<string>('app/version');
    holds<Same<typeof version, Promise<string>>>();
    transmission.on('connected', () => {});
    transmission.on('exchange', exchange => holds<Same<typeof exchange, rpc.Exchange>>());
    transmission.on('listenerError', (_error, event) => holds<Same<typeof event, string>>());
    // @ts-expect-error there is no such event
    transmission.on('conected', () => {});
    // @ts-expect-error arguments have names
    void transmission.call('torrent-get', [1]);
    // @ts-expect-error there is no such option
    rpc.client('transmission', { hostname: 'box' });
    transmission.url = 'box';
    transmission.url = undefined;
    transmission.url.port = '5';
    transmission.timeout = '5';
    // @ts-expect-error the status is told, not set
    transmission.status = 'connected';
  }
});
