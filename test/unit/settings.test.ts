/** What a client can be made with and set to. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ValueError } from '../../src/rpc/errors.ts';
import type { ClientOptions } from '../../src/rpc/options.ts';
import { ClientURL, TransmissionURL } from '../../src/rpc/url.ts';
import { PEM } from './support/certificate.ts';
import { FakeRPC, KeyedRPC } from './support/fakeClient.ts';

const DEFAULT = 'http://localhost:9091/transmission/rpc';

const refused =
  (message?: string) =>
  (error: unknown): boolean => {
    assert.ok(error instanceof ValueError, String(error));
    assert.doesNotMatch(`${error.message} ${error.stack}`, /secret/);
    if (message !== undefined) assert.equal(error.message, message);
    return true;
  };

/** How often a connection would have ended. */
class CountingRPC extends KeyedRPC {
  changes = 0;
  protected override settingsChanged(): void {
    this.changes++;
    super.settingsChanged();
  }
}

describe('a client is made', () => {
  it('with nothing', () => {
    for (const rpc of [new FakeRPC(), new FakeRPC(undefined), new FakeRPC({}), new FakeRPC('')]) {
      assert.equal(rpc.url.withAuth, DEFAULT);
      assert.ok(rpc.url instanceof TransmissionURL);
      assert.deepEqual([rpc.timeout, rpc.proxyUrl, rpc.tls, rpc.apiKey], [60, undefined, undefined, false]);
    }
  });

  it('with a URL, or one among the options, as text or as such', () => {
    const text = 'https://user:pass@box:1/x';
    for (const url of [text, new TransmissionURL(text)]) {
      assert.equal(new FakeRPC(url as string).url.withAuth, text);
      assert.equal(new FakeRPC({ url }).url.withAuth, text);
    }
  });

  it('with options, each of which may be undefined', () => {
    const names = ['url', 'scheme', 'host', 'port', 'path', 'username', 'password', 'apiKey', 'timeout'];
    const none = Object.fromEntries(
      [...names, 'proxyUrl', 'tls', 'maxResponseSize'].map(n => [n, undefined]),
    );
    assert.equal(new FakeRPC(none as ClientOptions).url.withAuth, DEFAULT);
    const rpc = new FakeRPC({
      timeout: '5',
      proxyUrl: 'SOCKS5://u:p@proxy',
      tls: { rejectUnauthorized: false },
    });
    assert.equal(rpc.timeout, 5);
    assert.ok(rpc.proxyUrl instanceof ClientURL);
    assert.equal(rpc.proxyUrl.withAuth, 'socks5://u:p@proxy:1080');
    assert.deepEqual(rpc.tls, { rejectUnauthorized: false });
  });

  it('with an instance of some class that has them', () => {
    class Place {
      get url() {
        return 'http://box:1/x';
      }
      readonly username = 'u';
    }
    assert.equal(new FakeRPC(new Place()).url.withAuth, 'http://u@box:1/x');
  });

  it('with single parts that overload those of the URL', () => {
    const url = 'http://user:pass@box:1/x';
    for (const [parts, expected] of [
      [{ scheme: 'https' }, 'https://user:pass@box:1/x'],
      [{ host: 'other' }, 'http://user:pass@other:1/x'],
      [{ port: 2 }, 'http://user:pass@box:2/x'],
      [{ port: '2' }, 'http://user:pass@box:2/x'],
      [{ path: 'y' }, 'http://user:pass@box:1/y'],
      [{ username: 'me' }, 'http://me:pass@box:1/x'],
      [{ password: 'p@ss' }, 'http://user:p%40ss@box:1/x'],
    ] as const)
      assert.equal(new FakeRPC({ url, ...parts }).url.withAuth, expected);
    assert.equal(new FakeRPC({ host: 'box' }).url.withAuth, 'http://box:9091/transmission/rpc');
  });

  it('with nothing that is invalid', () => {
    const url = new URL('https://user:secret@box');
    for (const options of [null, 5, true, [], () => {}, Symbol('x'), 5n, url])
      assert.throws(() => new FakeRPC(options as ClientOptions), refused('Invalid options'));
    for (const options of [
      { url: 5 },
      { url: {} },
      { url: 'ftp://user:secret@box' },
      { url: 'user:secret@box:0' },
      { url: 'user:secret@bo x' },
      { scheme: 'scgi' },
      { scheme: 5 },
      { host: 5 },
      { host: 'a b' },
      { port: 65536 },
      { port: -1 },
      { port: 1.5 },
      { port: 'x' },
      { port: {} },
      { path: 5 },
      { username: 5 },
      { password: { secret: 1 } },
      { timeout: 'x' },
      { timeout: -1 },
      { timeout: {} },
      { proxyUrl: 'ftp://user:secret@proxy' },
      { proxyUrl: 'proxy:1' },
      { proxyUrl: 'user:secret@proxy:1' },
      { proxyUrl: 5 },
      { tls: 5 },
      { tls: { ca: 5 } },
      { tls: { fingerprint256: 'x' } },
      { apiKey: 'secret' },
      { apiKey: 5 },
      { maxResponseSize: 0 },
      { maxResponseSize: 'x' },
    ])
      assert.throws(
        () => new FakeRPC(options as unknown as ClientOptions),
        refused(),
        JSON.stringify(options),
      );
  });
});

describe('a setting', () => {
  it('that is falsy restores the default', () => {
    const rpc = new FakeRPC({
      url: 'https://u:p@box:1/x',
      timeout: 5,
      proxyUrl: 'http://p',
      tls: { ca: PEM },
    });
    for (const falsy of ['', null, undefined] as unknown as undefined[]) {
      rpc.url = 'box';
      rpc.url = falsy;
      assert.equal(rpc.url.withAuth, DEFAULT);
      rpc.timeout = 5;
      rpc.timeout = falsy;
      assert.equal(rpc.timeout, 60);
      rpc.proxyUrl = 'http://p';
      rpc.proxyUrl = falsy;
      assert.equal(rpc.proxyUrl, undefined);
    }
    rpc.timeout = Number.NaN;
    assert.equal(rpc.timeout, 60);
    rpc.tls = undefined;
    assert.equal(rpc.tls, undefined);
  });

  it('that is equal changes nothing', () => {
    const options = {
      url: 'http://box:1/x',
      proxyUrl: 'socks5://u:p@proxy',
      timeout: 5,
      tls: { rejectUnauthorized: false, ca: PEM },
    };
    const rpc = new CountingRPC({ ...options, apiKey: 'key' });
    const { url, proxyUrl } = rpc;
    rpc.url = options.url;
    rpc.url = new TransmissionURL('HTTP://box:1/x');
    rpc.url.port = 1;
    rpc.url.host = 'box';
    rpc.proxyUrl = 'socks5://u:p@proxy:1080';
    rpc.timeout = '5';
    rpc.tls = { ...options.tls, fingerprint256: undefined };
    rpc.apiKey = 'key';
    assert.equal(rpc.changes, 0);
    assert.equal(rpc.url, url, 'who holds it still holds the one that counts');
    assert.equal(rpc.proxyUrl, proxyUrl);
    url.port = 2;
    assert.equal(rpc.changes, 1);
  });

  it('that is invalid changes nothing', () => {
    const rpc = new CountingRPC({ url: 'box:1', proxyUrl: 'http://proxy', timeout: 5 });
    const set = (name: string, value: unknown) => () => Object.assign(rpc, { [name]: value });
    assert.throws(set('url', 'ftp://box'), refused('Scheme must be "http" or "https"'));
    assert.throws(set('url', 5), refused('Invalid URL'));
    assert.throws(set('proxyUrl', 'ftp://box'), refused());
    assert.throws(set('proxyUrl', 'box'), refused());
    assert.throws(set('timeout', -1), refused('Invalid timeout'));
    assert.throws(set('tls', 5), refused('Invalid TLS options'));
    assert.throws(set('apiKey', 'a\nb'), refused('Invalid API key'));
    assert.throws(() => Object.assign(rpc.url, { port: 70_000 }), refused('Invalid port'));
    assert.equal(rpc.changes, 0);
    assert.deepEqual(
      [String(rpc.url), String(rpc.proxyUrl), rpc.timeout, rpc.tls, rpc.apiKey],
      ['http://box:1/transmission/rpc', 'http://proxy:80', 5, undefined, false],
    );
  });

  it('of the URL is one for each part', () => {
    const rpc = new CountingRPC({ proxyUrl: 'http://proxy' });
    const parts = { scheme: 'https', host: 'a', port: 1, path: '/a', username: 'u', password: 'p' };
    for (const [part, value] of Object.entries(parts)) Object.assign(rpc.url, { [part]: value });
    assert.equal(rpc.changes, 6);
    for (const part of ['host', 'port', 'path', 'username', 'password'])
      Object.assign(rpc.url, { [part]: undefined });
    assert.equal(rpc.changes, 11);
  });

  it('of a URL that was replaced is nobody’s', () => {
    const rpc = new CountingRPC({ proxyUrl: 'http://proxy' });
    const { url, proxyUrl } = rpc;
    rpc.url = 'box';
    rpc.proxyUrl = 'http://other';
    url.host = 'x';
    if (proxyUrl) proxyUrl.host = 'x';
    assert.equal(rpc.changes, 2);
    const mine = new TransmissionURL('mine');
    rpc.url = mine;
    mine.host = 'x';
    assert.deepEqual([rpc.changes, rpc.url.host], [3, 'mine']);
  });

  it('of TLS cannot be changed behind its back', () => {
    const rpc = new CountingRPC({ tls: { rejectUnauthorized: true } });
    Object.assign(rpc.tls ?? {}, { rejectUnauthorized: false });
    assert.deepEqual(rpc.tls, { rejectUnauthorized: true });
  });
});

describe('an API key', () => {
  const alone = refused('An API key goes without a user name and password');

  it('is for clients that have such', () => {
    const none = refused('Fake has no API keys');
    assert.throws(() => new FakeRPC({ apiKey: 'secret' }), none);
    assert.throws(() => new FakeRPC({ apiKey: 'secret', username: 'u' }), none);
    const rpc = new FakeRPC({ apiKey: '' });
    assert.throws(() => {
      rpc.apiKey = 'secret';
    }, none);
    rpc.apiKey = undefined;
    assert.equal(rpc.apiKey, false);
  });

  it('reads as whether there is one', () => {
    const rpc = new KeyedRPC({ apiKey: 'key' });
    assert.equal(rpc.apiKey, true);
    rpc.apiKey = undefined;
    assert.equal(rpc.apiKey, false);
  });

  it('goes without a user name and password, whichever is set first', () => {
    for (const options of [{ username: 'u' }, { password: 'p' }, { url: 'u:p@box' }])
      assert.throws(() => new KeyedRPC({ apiKey: 'secret', ...options }), alone);

    const named = new KeyedRPC('u@box');
    assert.throws(() => {
      named.apiKey = 'secret';
    }, alone);
    assert.equal(named.apiKey, false);

    const keyed = new CountingRPC({ apiKey: 'secret', host: 'box' });
    for (const part of ['username', 'password'] as const)
      assert.throws(() => {
        keyed.url[part] = 'secret';
      }, alone);
    assert.throws(() => {
      keyed.url = 'u:secret@box';
    }, alone);
    assert.deepEqual([keyed.changes, keyed.url.withAuth], [0, 'http://box:9091/transmission/rpc']);
    keyed.apiKey = undefined;
    keyed.url.username = 'u';
    assert.equal(keyed.changes, 2);
  });

  it('is what a header can hold', () => {
    for (const apiKey of ['a b', 'a\r\nX: y', 'ä', '\u007f', 5, {}] as string[])
      assert.throws(() => new KeyedRPC({ apiKey }), refused('Invalid API key'));
  });
});
