/** Credentials in SecretStorage: whose they are, and who hears of a change. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { ClientEntry } from '../../src/ui/entries.ts';
import { Secrets } from '../../src/ui/secrets.ts';

const BOX: ClientEntry = {
  kind: 'client',
  name: 'Box',
  type: 'transmission',
  url: 'http://box:9091/rpc',
  proxyUrl: 'socks5://proxy:1080',
  timeout: undefined,
  tls: undefined,
};
const ME = { username: 'me', password: 'pw', apiKey: undefined };
const NONE = { login: {}, proxy: {} };

/** Storage that windows share. */
function makeStorage() {
  const values = new Map<string, string>();
  const listeners = new Set<(event: { key: string }) => void>();
  const tell = (key: string) => {
    for (const listener of listeners) listener({ key });
  };
  const secrets = {
    get: async (key: string) => values.get(key),
    keys: async () => [...values.keys()],
    store: async (key: string, value: string) => {
      values.set(key, value);
      tell(key);
    },
    delete: async (key: string) => {
      values.delete(key);
      tell(key);
    },
    onDidChange(listener: (event: { key: string }) => void) {
      listeners.add(listener);
      return { dispose: () => listeners.delete(listener) };
    },
  };
  return {
    values,
    openWindow: () => new Secrets({ secrets } as unknown as ConstructorParameters<typeof Secrets>[0]),
  };
}

test('a login is for the client of that name at that origin, and for no other', async () => {
  const secrets = makeStorage().openWindow();
  await secrets.set(BOX, 'login', ME);
  assert.deepEqual((await secrets.get({ ...BOX, url: 'http://BOX:9091/other' })).login, {
    username: 'me',
    password: 'pw',
  });
  for (const other of [
    { name: 'Other' },
    { url: 'http://box:9092/rpc' },
    { url: 'https://box:9091/rpc' },
    { url: 'http://stranger:9091/rpc' },
    { type: 'qbittorrent' as const },
  ])
    assert.deepEqual(await secrets.get({ ...BOX, ...other }), NONE);
});

test("a proxy's login is for the proxy's origin", async () => {
  const secrets = makeStorage().openWindow();
  await secrets.set(BOX, 'proxy', ME);
  assert.equal((await secrets.get({ ...BOX, url: 'http://elsewhere' })).proxy.username, 'me');
  for (const proxyUrl of [undefined, 'socks5://proxy:1081', 'http://proxy:1080'])
    assert.deepEqual(await secrets.get({ ...BOX, proxyUrl }), NONE);
});

test('names are those of all that is stored; deleting leaves nothing', async () => {
  const { values, openWindow } = makeStorage();
  const secrets = openWindow();
  await secrets.set(BOX, 'login', ME);
  await secrets.set(BOX, 'proxy', ME);
  await secrets.set({ ...BOX, name: 'a:b' }, 'proxy', ME);
  await secrets.set({ ...BOX, name: 'Empty' }, 'login', { username: '', password: '' });
  assert.deepEqual(await secrets.names(), ['a:b', 'Box']);
  await secrets.delete('Box');
  assert.deepEqual([...values.keys()], ['proxy:a:b']);
});

test('another window hears of a change to what it uses; who made it does not', async () => {
  const { openWindow } = makeStorage();
  const here = openWindow();
  const there = openWindow();
  const heard: string[] = [];
  here.onDidChange(name => heard.push(`here ${name}`));
  const subscription = there.onDidChange(name => heard.push(`there ${name}`));
  await here.set(BOX, 'login', ME);
  await setImmediate();
  assert.deepEqual(heard, [], 'nobody there has used it yet');
  await there.get(BOX);
  await here.set(BOX, 'login', { ...ME, password: 'new' });
  await here.set({ ...BOX, name: 'Unused' }, 'login', ME);
  await setImmediate();
  assert.deepEqual(heard, ['there Box']);
  assert.equal((await there.get(BOX)).login.password, 'new');
  await here.set(BOX, 'login', { ...ME, password: 'new' });
  await setImmediate();
  await here.delete('Box');
  await setImmediate();
  assert.deepEqual(heard, ['there Box', 'there Box'], 'the same again is no change');
  subscription.dispose();
  await here.set(BOX, 'login', ME);
  await setImmediate();
  assert.equal(heard.length, 2);
});
