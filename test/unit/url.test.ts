import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { ValueError } from '../../src/rpc/errors.ts';
import {
  ClientURL,
  type ClientURLOptions,
  DelugeURL,
  ProxyURL,
  QbittorrentURL,
  RtorrentURL,
  TransmissionURL,
} from '../../src/rpc/url.ts';

type URLClass = new (url?: string | ClientURL | null, options?: ClientURLOptions) => ClientURL;

const HTTP = 'Scheme must be "http" or "https"';
const RTORRENT = 'Scheme must be "file", "scgi", "http" or "https"';
const PROXY = 'Scheme must be "socks5", "socks5h", "socks4", "socks4a", "http" or "https"';
const PARTS = ['scheme', 'username', 'password', 'host', 'port', 'path'] as const;
type PartName = (typeof PARTS)[number];

const partsOf = (url: ClientURL) => Object.fromEntries(PARTS.map(part => [part, url[part]]));
const refuses = (action: () => unknown, message: string) =>
  assert.throws(action, error => {
    assert.ok(error instanceof ValueError);
    assert.equal(error.message, message);
    return true;
  });
/** Sets a part as JavaScript would, whatever its type. */
const set = (url: ClientURL, part: PartName, value: unknown) => {
  (url as unknown as Record<string, unknown>)[part] = value;
};

describe('Parsing', () => {
  const cases: [URLClass, string | undefined, string][] = [
    // Each class's default, and what is filled in from it
    [DelugeURL, undefined, 'localhost:58846'],
    [DelugeURL, '', 'localhost:58846'],
    [DelugeURL, 'box', 'box:58846'],
    [DelugeURL, ':123', 'localhost:123'],
    [DelugeURL, 'u:p@', 'u:p@localhost:58846'],
    [QbittorrentURL, undefined, 'http://localhost:8080'],
    [QbittorrentURL, 'localhost:1234', 'http://localhost:1234'],
    [QbittorrentURL, 'https://box', 'https://box:443'],
    [QbittorrentURL, 'https://', 'https://localhost:443'],
    [QbittorrentURL, 'http://box/qbt/', 'http://box:8080/qbt/'],
    [RtorrentURL, undefined, 'scgi://127.0.0.1:5000'],
    [RtorrentURL, 'box', 'scgi://box:5000'],
    [RtorrentURL, 'scgi://box', 'scgi://box:5000'],
    [RtorrentURL, 'http://box', 'http://box:80/RPC2'],
    [RtorrentURL, 'https://u:p@box', 'https://u:p@box:443/RPC2'],
    [RtorrentURL, 'https://box/', 'https://box:443/'],
    [RtorrentURL, '/tmp/s', 'file:///tmp/s'],
    [RtorrentURL, '/tmp/u:p@s://x', 'file:///tmp/u:p@s://x'],
    [RtorrentURL, 'file:///tmp/s:1 @?#\n', 'file:///tmp/s:1 @?#\n'],
    [RtorrentURL, 'file:////s', 'file:////s'],
    [TransmissionURL, undefined, 'http://localhost:9091/transmission/rpc'],
    [TransmissionURL, 'box', 'http://box:9091/transmission/rpc'],
    [TransmissionURL, 'https://box/transmission/rpc', 'https://box:443/transmission/rpc'],
    [TransmissionURL, 'box:1/x://y', 'http://box:1/x://y'],
    [TransmissionURL, '/rpc?a=b#c', 'http://localhost:9091/rpc?a=b#c'],
    [TransmissionURL, 'box/', 'http://box:9091/'],
    [TransmissionURL, 'HTTPS://Box', 'https://Box:443/transmission/rpc'],
    [TransmissionURL, 'localhost:', 'http://localhost:9091/transmission/rpc'],
    // IPv6
    [DelugeURL, '::1', '[::1]:58846'],
    [DelugeURL, '[::1]', '[::1]:58846'],
    [DelugeURL, '[::1]:', '[::1]:58846'],
    [DelugeURL, 'u:p@[::1]:5', 'u:p@[::1]:5'],
    [DelugeURL, 'u:p@::', 'u:p@[::]:58846'],
    [DelugeURL, 'fe80::1%eth0', '[fe80::1%eth0]:58846'],
    [DelugeURL, '[fe80::1%eth0]:5', '[fe80::1%eth0]:5'],
    [DelugeURL, '::ffff:1.2.3.4', '[::ffff:1.2.3.4]:58846'],
    [TransmissionURL, 'https://[::1]', 'https://[::1]:443/transmission/rpc'],
    // Proxies
    [ProxyURL, 'socks5://box', 'socks5://box:1080'],
    [ProxyURL, 'SOCKS5H://u:p@box/', 'socks5h://u:p@box:1080'],
    [ProxyURL, 'socks4://box:9050', 'socks4://box:9050'],
    [ProxyURL, 'socks4a://[::1]', 'socks4a://[::1]:1080'],
    [ProxyURL, 'http://box', 'http://box:80'],
    [ProxyURL, 'https://box', 'https://box:443'],
    // Any kind
    [ClientURL, 'foo://u@box/x', 'foo://u@box/x'],
    [ClientURL, 'constructor://box', 'constructor://box'],
  ];
  for (const [Class, text, expected] of cases) {
    it(`${Class.name} ${text}`, () => assert.equal(new Class(text).withAuth, expected));
  }

  it('gives credentials as they are meant', () => {
    const credentials = (text: string) => {
      const { username, password, host } = new TransmissionURL(text);
      return [username, password, host];
    };
    assert.deepEqual(credentials('u:p:q@r@box'), ['u', 'p:q@r', 'box']);
    assert.deepEqual(credentials('u%3Av:p%40%2f@box'), ['u:v', 'p@/', 'box']);
    assert.deepEqual(credentials('%C3%A4:%e2%82%ac%F0%9F%98%80@box'), ['ä', '€😀', 'box']);
    assert.deepEqual(credentials('%:100%@box'), ['%', '100%', 'box']);
    assert.deepEqual(credentials('%zz:%FF%41%C0%AF%ED%A0%80%e2%82@box'), [
      '%zz',
      '%FFA%C0%AF%ED%A0%80%e2%82',
      'box',
    ]);
    assert.deepEqual(credentials('%2541:+ @box'), ['%41', '+ ', 'box']);
    assert.deepEqual(credentials('u@box'), ['u', undefined, 'box']);
    assert.deepEqual(credentials(':p@box'), [undefined, 'p', 'box']);
    assert.deepEqual(credentials('u:@box'), ['u', undefined, 'box']);
    assert.deepEqual(credentials(':@box'), [undefined, undefined, 'box']);
    assert.deepEqual(credentials('http://box/u:p@x'), [undefined, undefined, 'box']);
  });

  it('copies another URL, of any class', () => {
    const source = new TransmissionURL('https://u:p@box:1/x');
    assert.deepEqual(partsOf(new QbittorrentURL(source)), partsOf(source));
    refuses(() => new DelugeURL(source), "Deluge URLs don't have a scheme");
    assert.equal(new TransmissionURL(new DelugeURL('box')).withAuth, 'http://box:58846/transmission/rpc');
  });
});

describe('Refusing', () => {
  const cases: [URLClass, string, string][] = [
    [TransmissionURL, 'ftp://box', HTTP],
    [QbittorrentURL, 'scgi://box', HTTP],
    [TransmissionURL, '://box', HTTP],
    [TransmissionURL, ' http://box', HTTP],
    [RtorrentURL, 'ftp://box', RTORRENT],
    [RtorrentURL, '__proto__://box', RTORRENT],
    [RtorrentURL, '://box', RTORRENT],
    [ProxyURL, 'ftp://box', PROXY],
    [ProxyURL, 'box:1080', PROXY],
    [ProxyURL, '', PROXY],
    [ProxyURL, 'socks5://', 'Invalid host'],
    [ProxyURL, 'socks5://:1080', 'Invalid host'],
    [ProxyURL, 'socks5://box/x', "Proxy URLs don't have a path"],
    [ProxyURL, 'socks5://box//', "Proxy URLs don't have a path"],
    [ClientURL, '1x://box', 'Invalid scheme'],
    [DelugeURL, 'http://box', "Deluge URLs don't have a scheme"],
    [DelugeURL, '://box', "Deluge URLs don't have a scheme"],
    [DelugeURL, 'box/x', "Deluge URLs don't have a path"],
    [DelugeURL, 'box/', "Deluge URLs don't have a path"],
    [DelugeURL, '/x', "Deluge URLs don't have a path"],
    [RtorrentURL, 'scgi://u@box', "scgi URLs don't have a username"],
    [RtorrentURL, 'u:p@box', "scgi URLs don't have a username"],
    [RtorrentURL, 'scgi://:p@box', "scgi URLs don't have a password"],
    [RtorrentURL, 'scgi://box/x', "scgi URLs don't have a path"],
    [RtorrentURL, 'box:1/', "scgi URLs don't have a path"],
    [RtorrentURL, 'file://foo/bar', "file URLs don't have a host"],
    [RtorrentURL, 'file://f o o', "file URLs don't have a host"],
    [RtorrentURL, 'file://:1/bar', "file URLs don't have a port"],
    [RtorrentURL, 'file://u@/bar', "file URLs don't have a username"],
    [RtorrentURL, 'file://:p@/bar', "file URLs don't have a password"],
    ...['0', '65536', '-1', 'abc', '1.5', '0x10', ' 80', '80 ', '1e3', '+1', '٣', '80:90'].map(
      (port): [URLClass, string, string] => [TransmissionURL, `http://box:${port}/x`, 'Invalid port'],
    ),
    ...[
      'b x',
      ' box',
      'b\nx',
      'b\0',
      'b?x',
      'b#x',
      'b\\x',
      '[::1',
      'box]',
      '[box]',
      '[]',
      '[::1]5',
      'b%41',
      'b\ud800',
    ].map((host): [URLClass, string, string] => [QbittorrentURL, `http://${host}`, 'Invalid host']),
  ];
  for (const [Class, text, message] of cases) {
    it(`${Class.name} ${JSON.stringify(text)}`, () => refuses(() => new Class(text), message));
  }

  it('what is no text', () => {
    for (const url of [5, {}, [], true, () => 0, new URL('http://box')]) {
      refuses(() => new TransmissionURL(url as unknown as string), 'Invalid URL');
      refuses(() => new TransmissionURL('', { default: url as unknown as string }), 'Invalid URL');
    }
    for (const url of [undefined, null, '']) assert.equal(String(new DelugeURL(url)), 'localhost:58846');
  });

  it('never quotes what may be a secret', () => {
    for (const text of ['http://u:hunter2/x@box', 'u:hunter2', 'x://u:hunter2@box', 'u:p@hunter2 :1']) {
      assert.throws(
        () => new TransmissionURL(text),
        error =>
          !inspect(error)
            .replaceAll(/^ +at .*$/gm, '')
            .includes('hunter2'),
      );
    }
  });
});

describe('Defaults', () => {
  const make = (url: string, fallback: string | ClientURL) =>
    new TransmissionURL(url, { default: fallback }).withAuth;

  it('can be given as text or URL, and are completed by the class', () => {
    assert.equal(make('', 'https://box:1/x'), 'https://box:1/x');
    assert.equal(make('', new TransmissionURL('https://box:1/x')), 'https://box:1/x');
    assert.equal(make('', 'box'), 'http://box:9091/transmission/rpc');
    assert.equal(make('other', 'https://box:1/x'), 'https://other:1/x');
    assert.equal(make('http://other', 'https://box:1/x'), 'http://other:80/x');
    refuses(() => make('box', 'ftp://x'), HTTP);
  });

  it('lend their credentials as any other part', () => {
    const fallback = 'http://u:p@box:1/x';
    assert.equal(make('', fallback), fallback);
    assert.equal(make('other:2', fallback), 'http://u:p@other:2/x');
    assert.equal(make('https://other', fallback), 'https://u:p@other:443/x');
    assert.equal(make('v@box', fallback), 'http://v:p@box:1/x');
    assert.equal(make(':q@box', fallback), 'http://u:q@box:1/x');
  });

  it('of rTorrent mix no sockets with hosts', () => {
    const rtorrent = (url: string, fallback: string) => new RtorrentURL(url, { default: fallback }).withAuth;
    assert.equal(rtorrent('', '/tmp/s'), 'file:///tmp/s');
    assert.equal(rtorrent('file://', '/tmp/s'), 'file:///tmp/s');
    assert.equal(rtorrent('box', '/tmp/s'), 'scgi://box:5000');
    assert.equal(rtorrent('http://', '/tmp/s'), 'http://127.0.0.1:80/RPC2');
    assert.equal(rtorrent('https://box', 'http://box:81/x'), 'https://box:443/x');
    assert.equal(rtorrent('scgi://box', 'http://box:81/x'), 'scgi://box:5000');
    assert.equal(rtorrent('/tmp/s', 'http://u:p@box:81/x'), 'file:///tmp/s');
  });
});

describe('Single parts', () => {
  const make = (Class: URLClass, url: string | undefined, parts: ClientURLOptions['parts']) =>
    new Class(url, { parts }).withAuth;

  it('stand in for those of the URL before defaults fill in', () => {
    assert.equal(make(RtorrentURL, undefined, { scheme: 'file', path: '/tmp/s' }), 'file:///tmp/s');
    assert.equal(make(RtorrentURL, 'box:1', { scheme: 'file', path: '/tmp/s' }), 'file:///tmp/s');
    assert.equal(make(RtorrentURL, '/tmp/s', { scheme: 'SCGI', host: 'box' }), 'scgi://box:5000');
    assert.equal(make(RtorrentURL, undefined, { scheme: 'http' }), 'http://127.0.0.1:80/RPC2');
    assert.equal(
      make(TransmissionURL, undefined, { scheme: 'https', host: 'box' }),
      'https://box:443/transmission/rpc',
    );
    assert.equal(
      make(TransmissionURL, 'u:p@box:1/x', { port: '2', password: 'q@' }),
      'http://u:q%40@box:2/x',
    );
    assert.equal(
      make(TransmissionURL, 'u:p@box:1/x', { host: undefined, path: '' }),
      'http://u:p@box:1/transmission/rpc',
    );
    assert.equal(make(DelugeURL, 'box', { host: '[::1]', port: 5 }), '[::1]:5');
    assert.equal(make(TransmissionURL, 'HTTPS://box:443/x', { scheme: 'http' }), 'http://box:80/x');
    assert.equal(make(TransmissionURL, 'https://box/x', { scheme: 'http' }), 'http://box:9091/x');
  });

  it('are refused as everywhere', () => {
    refuses(() => make(RtorrentURL, undefined, { scheme: 'constructor' }), RTORRENT);
    refuses(() => make(RtorrentURL, undefined, { scheme: 5 }), RTORRENT);
    refuses(
      () => make(RtorrentURL, undefined, { scheme: 'file', host: 'box', path: '/x' }),
      "file URLs don't have a host",
    );
    refuses(() => make(RtorrentURL, 'http://u:p@box', { scheme: 'scgi' }), "scgi URLs don't have a username");
    refuses(() => make(RtorrentURL, 'SCGI://box:1/x', { scheme: 'scgi' }), "scgi URLs don't have a path");
    refuses(() => make(RtorrentURL, 'box:1/x', { scheme: 'scgi' }), "scgi URLs don't have a path");
    refuses(() => make(DelugeURL, undefined, { path: '/x' }), "Deluge URLs don't have a path");
    refuses(() => make(TransmissionURL, undefined, { port: 'abc' }), 'Invalid port');
    refuses(() => make(TransmissionURL, undefined, { password: 5 }), 'Invalid password');
  });
});

describe('Setting parts', () => {
  it('changes that part and reports it once', () => {
    const changes: string[] = [];
    const url: ClientURL = new TransmissionURL('u:p@box', { onChange: () => changes.push(url.withAuth) });
    assert.deepEqual(changes, []);
    url.scheme = 'HTTPS';
    url.host = '[::1]';
    url.host = '::1';
    url.port = '99';
    url.port = 99;
    url.path = 'x';
    url.username = 'ä';
    url.password = '%41';
    url.password = '%41';
    assert.deepEqual(changes, [
      'https://u:p@box:9091/transmission/rpc',
      'https://u:p@[::1]:9091/transmission/rpc',
      'https://u:p@[::1]:99/transmission/rpc',
      'https://u:p@[::1]:99/x',
      'https://%C3%A4:p@[::1]:99/x',
      'https://%C3%A4:%2541@[::1]:99/x',
    ]);
  });

  it('to something falsy clears them', () => {
    for (const Class of [DelugeURL, QbittorrentURL, RtorrentURL, TransmissionURL, ClientURL]) {
      for (const falsy of [undefined, null, '', 0, false, Number.NaN]) {
        const url = new Class(Class === RtorrentURL ? 'http://u:p@box:1/x' : 'u:p@box:1');
        for (const part of PARTS) {
          set(url, part, falsy);
          assert.equal(url[part], undefined);
        }
        assert.equal(url.withAuth, '');
      }
    }
  });

  it('clears nothing that a proxy must have', () => {
    const url = new ProxyURL('socks5://box');
    refuses(() => set(url, 'scheme', ''), PROXY);
    refuses(() => set(url, 'host', ''), 'Invalid host');
    url.path = '/';
    url.port = undefined;
    assert.equal(url.withAuth, 'socks5://box');
  });

  it('checks them, and leaves the URL as it was where one is refused', () => {
    const cases: [URLClass, string, PartName, unknown, string][] = [
      [TransmissionURL, '', 'scheme', 'file', HTTP],
      [TransmissionURL, '', 'scheme', 5, HTTP],
      [RtorrentURL, '', 'scheme', 'ftp', RTORRENT],
      [DelugeURL, '', 'scheme', 'http', "Deluge URLs don't have a scheme"],
      [DelugeURL, '', 'path', '/x', "Deluge URLs don't have a path"],
      [RtorrentURL, '', 'path', '/x', "scgi URLs don't have a path"],
      [RtorrentURL, '', 'username', 'u', "scgi URLs don't have a username"],
      [RtorrentURL, '', 'password', 'p', "scgi URLs don't have a password"],
      [RtorrentURL, '/s', 'host', 'b x', "file URLs don't have a host"],
      [RtorrentURL, '/s', 'port', 'abc', "file URLs don't have a port"],
      [RtorrentURL, '/s', 'username', 'u', "file URLs don't have a username"],
      [RtorrentURL, '/s', 'password', 'p', "file URLs don't have a password"],
      [RtorrentURL, 'http://u@box', 'scheme', 'scgi', "scgi URLs don't have a username"],
      [RtorrentURL, 'http://:p@box', 'scheme', 'file', "file URLs don't have a password"],
      [ProxyURL, 'http://box', 'path', '/x', "Proxy URLs don't have a path"],
      [ProxyURL, 'http://box', 'scheme', 'scgi', PROXY],
      ...[-1, 65536, 1.5, Number.POSITIVE_INFINITY, '0', 'abc', ' 80', '0x10', true, {}, [80], 80n].map(
        (port): [URLClass, string, PartName, unknown, string] => [
          DelugeURL,
          '',
          'port',
          port,
          'Invalid port',
        ],
      ),
      ...['a:1', 'a/b', 'a@b', '[a]', '[::1]:1', ' ', '1:2', 5, {}].map(
        (host): [URLClass, string, PartName, unknown, string] => [
          DelugeURL,
          '',
          'host',
          host,
          'Invalid host',
        ],
      ),
      [DelugeURL, '', 'username', 5, 'Invalid username'],
      [DelugeURL, '', 'password', {}, 'Invalid password'],
      [TransmissionURL, '', 'path', 5, 'Invalid path'],
    ];
    for (const [Class, text, part, value, message] of cases) {
      const url = new Class(text, { onChange: () => assert.fail('changed') });
      const before = partsOf(url);
      refuses(() => set(url, part, value), message);
      assert.deepEqual(partsOf(url), before);
    }
  });

  it('takes only options for options, and only a function for onChange', () => {
    for (const options of [null, 5, 'x', [], () => {}])
      refuses(() => new DelugeURL('', options as ClientURLOptions), 'Invalid options');
    for (const onChange of [5, 'x', {}])
      refuses(() => new DelugeURL('', { onChange } as unknown as ClientURLOptions), 'Invalid onChange');
  });

  it('lets exceptions of onChange through', () => {
    const onChange = () => {
      throw new RangeError('mine');
    };
    const url = new DelugeURL('', { onChange });
    assert.throws(() => set(url, 'host', 'box'), RangeError);
    assert.equal(url.host, 'box');
  });

  const schemes: [URLClass, string, string, string][] = [
    [RtorrentURL, 'box:1', 'file', 'file://'],
    [RtorrentURL, 'http://box:1/s', 'file', 'file:///s'],
    [RtorrentURL, '/tmp/s', 'scgi', 'scgi://127.0.0.1:5000'],
    [RtorrentURL, '/tmp/s', 'https', 'https://127.0.0.1:443/tmp/s'],
    [RtorrentURL, 'box:1', 'http', 'http://box:1/RPC2'],
    [RtorrentURL, 'box', 'http', 'http://box:5000/RPC2'],
    [RtorrentURL, 'http://box', 'scgi', 'scgi://box:5000'],
    [RtorrentURL, 'http://box:1/x', 'scgi', 'scgi://box:1'],
    [TransmissionURL, 'u:p@box', 'https', 'https://u:p@box:9091/transmission/rpc'],
    [TransmissionURL, 'http://box:80', 'https', 'https://box:443/transmission/rpc'],
    [TransmissionURL, 'https://box', 'http', 'http://box:80/transmission/rpc'],
    [TransmissionURL, 'https://box:80', 'http', 'http://box:80/transmission/rpc'],
    [ProxyURL, 'socks5://box', 'socks4', 'socks4://box:1080'],
    [ProxyURL, 'socks5://box', 'https', 'https://box:443'],
  ];
  for (const [Class, text, scheme, expected] of schemes) {
    it(`${Class.name} ${text} to ${scheme}`, () => {
      let changes = 0;
      const url = new Class(text, { onChange: () => changes++ });
      url.scheme = scheme;
      assert.deepEqual([url.withAuth, changes], [expected, 1]);
    });
  }

  it('brings nothing back that was cleared', () => {
    const url = new TransmissionURL();
    for (const part of ['host', 'port', 'path'] as const) set(url, part, undefined);
    url.scheme = 'https';
    assert.equal(url.withAuth, 'https://');
  });
});

describe('Text', () => {
  it('shows credentials only where asked to', () => {
    const url = new TransmissionURL('us%65r:hunt%65r2@box:1/x');
    assert.equal(url.withAuth, 'http://user:hunter2@box:1/x');
    const shown = [url.withoutAuth, `${url}`, url.toString(), JSON.parse(JSON.stringify(url)), inspect(url)];
    assert.deepEqual(shown, Array(5).fill('http://box:1/x'));
    assert.equal(url.address, 'box:1');
    const raw = inspect(url, { customInspect: false, showHidden: true, depth: 9, getters: false });
    assert.ok(!raw.includes('hunter2'));
    assert.deepEqual(Object.keys(url), []);
  });

  it('is compared with everything in it', () => {
    const url = new TransmissionURL('u:p@box:1/x');
    assert.ok(url.equals('HTTP://u:%70@box:1/x'));
    assert.ok(url.equals(new TransmissionURL(url)));
    for (const other of [
      'u:q@box:1/x',
      'v:p@box:1/x',
      'u:p@b:1/x',
      'u:p@box:2/x',
      'u:p@box:1/y',
      'https://u:p@box:1/x',
      '',
    ]) {
      assert.ok(!url.equals(other), other);
    }
    assert.ok(!url.equals('ftp://box'));
    assert.ok(!url.equals(new QbittorrentURL(url)));
    assert.ok(!url.equals(undefined as unknown as string));
    const own = new TransmissionURL('', { default: 'u:p@box' });
    assert.ok(own.equals('box') && own.equals('') && !own.equals('localhost'));
  });
});

describe('For any text in any part', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({
      unit: fc.constantFrom(
        ...'%4125fF:/@?#[]\\+ \t\r\n\0äé😀',
        '\ud800',
        '\udc00',
        '%41',
        '%C3',
        '%A4',
        '://',
      ),
    }),
  );
  const host = fc.oneof(
    fc.constantFrom('box', '::1', 'fe80::1%eth0', '[::]', 'müller.example', '10.0.0.1'),
    fc.webUrl().map(url => new URL(url).hostname),
    fc.ipV6(),
    text,
  );
  const port = fc.oneof(fc.integer({ min: 1, max: 65535 }), fc.nat().map(String), text);
  const values = { username: text, password: text, host, port, path: text };
  const starts: [URLClass, string][] = [
    [DelugeURL, ''],
    [QbittorrentURL, ''],
    [QbittorrentURL, 'https://box'],
    [TransmissionURL, ''],
    [RtorrentURL, ''],
    [RtorrentURL, '/tmp/s'],
    [RtorrentURL, 'http://box'],
    [ProxyURL, 'socks5h://box'],
    [ClientURL, 'foo://box'],
  ];
  for (const [Class, start] of starts) {
    it(`a ${Class.name} from ${start || 'the default'} survives being written and read`, () => {
      const property = fc.property(fc.record(values), given => {
        const url = new Class(start);
        for (const part of Object.keys(values) as (keyof typeof values)[]) {
          if (given[part] === '') continue;
          const before = partsOf(url);
          try {
            set(url, part, given[part]);
            if (part !== 'port' && part !== 'host' && part !== 'path') assert.equal(url[part], given[part]);
          } catch (error) {
            if (!(error instanceof ValueError)) throw error;
            assert.deepEqual(partsOf(url), before);
          }
        }
        const again = new Class(url.withAuth);
        assert.deepEqual(partsOf(again), partsOf(url));
        assert.ok(again.equals(url) && url.equals(again) && url.equals(url.withAuth));
        assert.deepEqual(partsOf(new Class(url)), partsOf(url));
        assert.deepEqual(partsOf(new Class('', { parts: partsOf(url) })), partsOf(url));
        assert.equal(new Class(url.withoutAuth).username, undefined);
      });
      fc.assert(property, { numRuns: 400 });
    });

    it(`${Class.name}: a text is refused with a ValueError or read, then written and read alike`, () => {
      const pieces = fc.constantFrom(
        'http',
        'file',
        '://',
        ':',
        '/',
        '@',
        '[',
        ']',
        '::1',
        'box',
        '80',
        '%41',
        ' ',
        '.',
      );
      const any = fc.oneof(fc.string({ unit: pieces }), text);
      const property = fc.property(any, input => {
        let url: ClientURL;
        try {
          url = new Class(input);
        } catch (error) {
          if (error instanceof ValueError) return;
          throw error;
        }
        assert.deepEqual(partsOf(new Class(url.withAuth)), partsOf(url));
        assert.ok(url.equals(input));
      });
      fc.assert(property, { numRuns: 600 });
    });
  }

  it('leaves no credentials in what is shown', () => {
    const secret = fc.string({ unit: 'binary', minLength: 8 });
    const property = fc.property(secret, password => {
      const url = new QbittorrentURL('', { parts: { username: password, password } });
      assert.equal(`${url}${inspect({ url })}${JSON.stringify([url])}`.includes(password), false);
    });
    fc.assert(property);
  });
});
