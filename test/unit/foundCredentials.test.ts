/** Credentials in the settings: found, and cut without touching anything else. */
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { CLIENT_NAMES, CLIENT_TYPES } from '../../src/ui/clientTypes.ts';
import { findCredentials } from '../../src/ui/foundCredentials.ts';

const BOX = { name: 'Box', type: 'transmission', url: 'http://box/x' };
const find = (raw: Record<string, unknown>) => {
  const [found] = findCredentials([{ ...BOX, ...raw }]);
  return found && { login: found.login, proxy: found.proxy, edits: found.edits };
};

test('nothing is found where nothing is', () => {
  assert.deepEqual(findCredentials([BOX, { ...BOX, name: 'B', proxyUrl: 'http://p:1' }]), []);
  for (const setting of [undefined, null, {}, 'x', [null, 7, { name: 'Odd' }]])
    assert.deepEqual(findCredentials(setting), []);
});

test('in the address, in that of the proxy, and in properties', () => {
  assert.deepEqual(find({ url: 'http://me:p%40w@box/x', proxyUrl: 'socks5://you:pw@p:1' }), {
    login: { username: 'me', password: 'p@w' },
    proxy: { username: 'you', password: 'pw' },
    edits: [
      { path: [0, 'url'], value: 'http://box/x' },
      { path: [0, 'proxyUrl'], value: 'socks5://p:1' },
    ],
  });
  assert.deepEqual(find({ url: 'http://me:old@box/x', password: 'new' }), {
    login: { username: 'me', password: 'new' },
    proxy: undefined,
    edits: [
      { path: [0, 'password'], value: undefined },
      { path: [0, 'url'], value: 'http://box/x' },
    ],
  });
});

test('in a bad entry, where it is clear whose they are', () => {
  const login = { username: 'me', password: 'pw' };
  const edit = { path: [0, 'url'], value: 'http://box/x' };
  const url = 'http://me:pw@box/x';
  assert.deepEqual(find({ url, timeout: 'x' }), { login, proxy: undefined, edits: [edit] });
  assert.deepEqual(find({ url, proxyUrl: 'ftp://you:pw@p' }), { login, proxy: undefined, edits: [edit] });
  assert.deepEqual(find({ url, proxyUrl: 'socks5://you:pw@p:1', tls: 'x' }), {
    login,
    proxy: { username: 'you', password: 'pw' },
    edits: [edit, { path: [0, 'proxyUrl'], value: 'socks5://p:1' }],
  });
  assert.equal(find({ url: 'http://me:pw@box:99999' }), undefined);
  assert.equal(find({ url, type: 'utorrent' }), undefined);
  // Of two with one name the first holds, whatever is wrong with the second.
  assert.deepEqual(findCredentials([BOX, { ...BOX, url }, { ...BOX, url, timeout: 'x' }]), []);
});

test('digits without quotes are a password all the same', () => {
  assert.deepEqual(find({ username: 'me', password: 123456 })?.login, { username: 'me', password: '123456' });
});

test('an API key stands alone, and only where there are any', () => {
  const raw = { username: 'me', password: 'pw', apiKey: 'key' };
  assert.deepEqual(find({ ...raw, type: 'qbittorrent' })?.login, { apiKey: 'key' });
  assert.deepEqual(find(raw)?.login, { username: 'me', password: 'pw' });
});

test('what an address cannot use is cut, not stored: the client could not be made with it', () => {
  const found = find({ type: 'rtorrent', url: 'scgi://127.0.0.1:5000', username: 'me', password: 'pw' });
  assert.equal(found?.login, undefined);
  assert.equal(found?.edits.length, 2);
});

test('an address that was cut is the same address, and holds nothing any more', () => {
  const part = fc.string({ minLength: 1 }).map(encodeURIComponent);
  fc.assert(
    fc.property(fc.constantFrom(...CLIENT_NAMES), part, part, (type, username, password) => {
      const scheme = type === 'deluge' ? '' : 'http://';
      const url = `${scheme}${username}:${password}@box:8080`;
      const [found] = findCredentials([{ name: 'Box', type, url }]);
      const [edit] = found?.edits ?? [];
      const cut = new CLIENT_TYPES[type].URL(edit?.value as string);
      assert.equal(cut.withAuth, new CLIENT_TYPES[type].URL(url).withoutAuth);
      assert.equal(found?.login?.username, decodeURIComponent(username));
    }),
  );
});
