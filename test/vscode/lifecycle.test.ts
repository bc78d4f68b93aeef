// When the extension asks a daemon and when it does not, seen from a daemon that counts.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, afterEach, before, beforeEach, describe, type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { openVsCode, type VsCode } from './support/vscode.ts';
import { waitFor } from './support/wait.ts';

/** Longer than the shortest interval between two refreshes. */
const A_WHILE_MS = 2_500;

/** A Transmission 3.00 that counts what it is asked, and never answers `hang`. */
async function startCounter({ hangs = false, password = '' } = {}) {
  const asked: string[] = [];
  const logins: (string | undefined)[] = [];
  const listed: unknown[] = [];
  const hanging: ServerResponse[] = [];
  const columns = ['hashString', 'name', 'status', 'percentDone'];
  const answers: Readonly<Record<string, unknown>> = {
    'session-get': { version: '3.00 (bb6b5a062e)' },
    // One with the hash of another, as no honest daemon has.
    'torrent-get': {
      torrents: [columns, ['a1', 'one', 0, 1], ['a2', 'two', 0, 1], ['a2', 'twin', 0, 1]],
      removed: [],
    },
  };
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { method, arguments: args } = JSON.parse(String(Buffer.concat(chunks)) || '{}');
    asked.push(method);
    if (method === 'torrent-get') listed.push(args.ids ?? 'all');
    const { authorization } = request.headers;
    logins.push(authorization && Buffer.from(authorization.slice(6), 'base64').toString());
    if (hangs || method === 'hang') hanging.push(response);
    else if (password && !logins.at(-1)?.endsWith(`:${password}`)) response.writeHead(401).end();
    else response.end(JSON.stringify({ result: 'success', arguments: answers[method] ?? {} }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/transmission/rpc`,
    asked,
    logins,
    /** What torrents were asked for. */
    listed,
    hanging,
    connections: () => new Promise<number>(resolve => server.getConnections((_, count) => resolve(count))),
    listings: () => asked.filter(method => method === 'torrent-get').length,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
    },
  };
}

describe('when a daemon is asked', () => {
  let vscode: VsCode;
  let workbench: VsCode['workbench'];
  let view: ReturnType<VsCode['workbench']['view']>;
  let daemon: Awaited<ReturnType<typeof startCounter>>;
  let entry: { readonly name: string; readonly type: string; readonly url: string };

  before(async () => {
    vscode = await openVsCode();
    workbench = vscode.workbench;
    view = workbench.view('Clients');
  });
  beforeEach(async () => {
    daemon = await startCounter();
    entry = { name: 'Box', type: 'transmission', url: daemon.url };
    await workbench.openContainer('BT RPC');
  });
  afterEach(async t => {
    await vscode?.keepEvidence(t as TestContext);
    await vscode.configure({ 'btRpc.clients': undefined, 'btRpc.refreshInterval': undefined });
    await daemon[Symbol.asyncDispose]();
  });
  after(() => vscode?.[Symbol.asyncDispose]());

  const connected = () =>
    view.until('connected', rows =>
      rows.some(({ description }) => /^connected · 3\.00 · 2/.test(description)),
    );

  test('nobody is asked before the first expand; torrents with one hash are one', async () => {
    await vscode.configure({ 'btRpc.clients': [entry] });
    await view.find('Box');
    assert.deepEqual(daemon.asked, []);
    await view.expand('Box');
    await view.eventually('two torrents', rows =>
      assert.deepEqual(
        rows.map(({ label }) => label),
        ['Box', 'one', 'twin'],
      ),
    );
  });

  test('who connects only to add something, and leaves, sees the torrents all the same', async () => {
    await vscode.configure({ 'btRpc.clients': [entry] });
    await view.find('Box');
    const magnet = `magnet:?xt=urn:btih:${'a'.repeat(40)}&dn=x`;
    void vscode.agent.run((api, link) => api.commands.executeCommand('btRpc.addTorrent', link), magnet);
    await workbench.quickInput.step({ title: 'Add “x” to Box', placeholder: 'Enter adds' });
    await workbench.page.keyboard.press('Escape');
    await connected();
    assert.ok(!daemon.asked.includes('torrent-add'));
  });

  test('polling stops while the view is hidden, and goes on at once when it is back', async () => {
    await vscode.configure({ 'btRpc.clients': [entry], 'btRpc.refreshInterval': 30 });
    await view.expand('Box');
    await connected();
    await workbench.openContainer('Explorer');
    await workbench.openContainer('BT RPC');
    await waitFor('a second listing', () => daemon.listings() === 2);
    await workbench.openContainer('Explorer');
    await vscode.configure({ 'btRpc.refreshInterval': 1 });
    await sleep(A_WHILE_MS);
    assert.equal(daemon.listings(), 2);
  });

  test('with an interval of 0 only Refresh asks; another interval counts at once', async () => {
    await vscode.configure({ 'btRpc.clients': [entry], 'btRpc.refreshInterval': 0 });
    await view.expand('Box');
    await connected();
    await workbench.openContainer('Explorer');
    await workbench.openContainer('BT RPC');
    await connected();
    await sleep(A_WHILE_MS);
    assert.equal(daemon.listings(), 1);
    await workbench.runCommand('BT RPC: Refresh');
    await waitFor('the refresh', () => daemon.listings() === 2);
    assert.deepEqual(daemon.listed, ['all', 'all'], 'who asks for a refresh gets everything');
    await vscode.configure({ 'btRpc.refreshInterval': 1 });
    await waitFor('polling', () => daemon.listings() >= 4);
    assert.deepEqual([...new Set(daemon.listed.slice(2))], ['recently-active']);
  });

  test('a client that is removed while its call runs ends the call, and leaves no connection', async () => {
    const { quickInput, notifications } = workbench;
    await vscode.configure({ 'btRpc.clients': [entry] });
    await view.inlineAction('Box', 'Call Method');
    await quickInput.step({ placeholder: 'Choose a method' });
    await quickInput.fill('hang');
    await quickInput.accept();
    await quickInput.step({ message: 'Parameters as JSON' });
    await quickInput.accept();
    await waitFor('the call', () => daemon.hanging.length === 1);
    await vscode.configure({ 'btRpc.clients': [] });
    await notifications.toast('Box: Disconnected').waitFor();
    await waitFor('no connection', async () => (await daemon.connections()) === 0);
    const { length } = daemon.asked;
    await sleep(A_WHILE_MS);
    assert.equal(daemon.asked.length, length);
    await workbench.runCommand('Notifications: Clear All Notifications');
  });

  test('a call can be cancelled, and says nothing then', async () => {
    const { quickInput, notifications, output } = workbench;
    await vscode.configure({ 'btRpc.clients': [entry] });
    await view.inlineAction('Box', 'Call Method');
    await quickInput.step({ placeholder: 'Choose a method' });
    await quickInput.accept('hang');
    await quickInput.step({ message: 'Parameters as JSON' });
    await quickInput.accept();
    await notifications.press('Calling hang of Box', 'Cancel');
    await notifications.toast('Calling hang of Box').waitFor({ state: 'detached' });
    await workbench.runCommand('BT RPC: Show Log');
    await output.waitFor(/\[info\] \[Box\] hang \d+ ms .*cancelled/);
    assert.deepEqual(await notifications.read(), []);
    await workbench.runCommand('View: Hide Panel');
  });

  test('a daemon that says nothing holds up no other, and Disconnect does not wait for it', async () => {
    await using slow = await startCounter({ hangs: true });
    await vscode.configure({ 'btRpc.clients': [{ ...entry, name: 'Slow', url: slow.url }, entry] });
    await view.expand('Slow');
    await view.until('connecting', ([row]) => row?.description === 'connecting');
    await view.expand('Box');
    await connected();
    await waitFor('the question', () => slow.asked.length > 0);
    await view.choose('Slow', 'Disconnect');
    await view.until('disconnected', ([row]) => row?.description === 'disconnected');
    await waitFor('no connection', async () => (await slow.connections()) === 0);
  });

  test('refused credentials are tried once, whoever asks', async () => {
    const { quickInput, notifications } = workbench;
    await using strict = await startCounter({ password: '1001' });
    const named = (username: string, password: unknown) => ({
      ...entry,
      url: strict.url,
      username,
      password,
    });
    await vscode.configure({ 'btRpc.clients': [named('me', 'wrong')] });
    await notifications.toast('Credentials of “Box” were moved').waitFor();
    await view.expand('Box');
    await view.find(['Box', 'Authentication failed']);
    const { length } = strict.logins;
    await view.inlineAction('Box', 'Call Method');
    await quickInput.step({ placeholder: 'Choose a method' });
    await quickInput.accept('session-stats');
    await quickInput.step({ message: 'Parameters as JSON' });
    await quickInput.accept();
    await notifications.toast('Box: Authentication failed').waitFor();
    await sleep(A_WHILE_MS);
    assert.equal(strict.logins.length, length);
    await workbench.runCommand('Notifications: Clear All Notifications');
    // Others in the setting are tried at once; digits without quotes are a password too.
    await vscode.configure({ 'btRpc.clients': [named('me', 1001)] });
    await connected();
    await workbench.runCommand('Notifications: Clear All Notifications');
  });

  test('a client whose settings change while its parameters are asked for is called with the new ones', async () => {
    await using other = await startCounter();
    const { quickInput, editors } = workbench;
    await vscode.configure({ 'btRpc.clients': [entry] });
    await view.inlineAction('Box', 'Call Method');
    await quickInput.step({ placeholder: 'Choose a method' });
    await quickInput.fill('port-test');
    await quickInput.pick('port-test');
    await quickInput.step({ message: 'Parameters as JSON' });
    await vscode.configure({ 'btRpc.clients': [{ ...entry, url: other.url }] });
    await quickInput.accept();
    await editors.waitForTab('port-test.json');
    assert.ok(other.asked.includes('port-test'));
    assert.ok(!daemon.asked.includes('port-test'));
    await waitFor('no connection', async () => (await daemon.connections()) === 0);
    await workbench.runCommand('View: Close All Editors');
  });

  test('by keyboard alone: the selected client first, the own text first, the catalogue of the version', async () => {
    const { quickInput, editors } = workbench;
    await vscode.configure({
      'btRpc.clients': [
        { ...entry, name: 'A', url: 'http://127.0.0.1:1' },
        { ...entry, name: 'B' },
      ],
    });
    await view.select('B');
    await workbench.runCommand('BT RPC: Call Method…');
    await quickInput.step({ placeholder: 'Choose a client' });
    await quickInput.accept();
    await quickInput.step({ title: 'Call Method of B', placeholder: 'Choose a method' });
    const methods = await quickInput.eventually('the methods', items => assert.ok(items.length > 5));
    const names = methods.map(({ label }) => label);
    assert.ok(!names.includes(''), names.join());
    assert.ok(!names.some(name => name.includes('_')), 'Transmission 3.00 has no method of JSON-RPC');
    await quickInput.fill('session-st');
    await quickInput.eventually('the own text first', items =>
      assert.deepEqual(
        items.slice(0, 2).map(({ label }) => label),
        ['Call "session-st"', 'session-stats'],
      ),
    );
    // Another row than the first, by its key and by its mouse button.
    await quickInput.box.press('ArrowDown');
    await quickInput.box.press('Enter');
    await quickInput.step({ title: 'Call Method of B: session-stats' });
    await quickInput.pressButton('Back');
    await quickInput.step({ placeholder: 'Choose a method' });
    await quickInput.fill('session-st');
    await quickInput.row('Call "session-st"').waitFor();
    await quickInput.pick('session-stats');
    await quickInput.step({ title: 'Call Method of B: session-stats' });
    await quickInput.pressButton('Back');
    await quickInput.step({ placeholder: 'Choose a method' });
    // At once, before VS Code has the rows for it.
    await quickInput.accept('session-stats');
    await quickInput.step({ message: 'Parameters as JSON' });
    await quickInput.accept();
    await editors.waitForTab('session-stats.json');
    await workbench.runCommand('View: Close All Editors');
    // Without a word typed, the first of the list is taken.
    await view.inlineAction('B', 'Call Method');
    await quickInput.step({ placeholder: 'Choose a method' });
    await quickInput.eventually('the methods', items => assert.ok(items.length > 5));
    await quickInput.accept();
    await quickInput.step({ title: `Call Method of B: ${names[0]}` });
    await quickInput.cancel();
  });

  test('Remove Client takes several, and asks once; what is for one takes the one whose menu it is', async () => {
    const { quickInput } = workbench;
    await vscode.configure({
      'btRpc.clients': ['A', 'B', 'C'].map(name => ({ ...entry, name })),
    });
    await view.find('C');
    // A click on a client expands it, and what comes then would move those below.
    await view.expand('A');
    await view.find(['A', 'twin']);
    await view.select('A', 'C');
    await view.choose('C', 'Call Method…');
    await quickInput.step({ title: 'Call Method of C' });
    await quickInput.cancel();
    await view.choose('C', 'Add Torrent…');
    await quickInput.step({ placeholder: 'Choose where from' });
    await quickInput.pick('Magnet Link or URL…');
    await quickInput.step({ message: 'Magnet link, or the address of a .torrent file' });
    await quickInput.accept(`magnet:?xt=urn:btih:${'a'.repeat(40)}&dn=other`);
    await quickInput.step({ title: 'Add “other” to C' });
    await quickInput.cancel();
    await view.choose('C', 'Remove Client…');
    const { message, detail } = await workbench.dialog.read();
    assert.equal(message, 'Remove 2 clients?');
    assert.match(detail, /^A\nC\n/);
    await workbench.dialog.press('Remove Client');
    await view.eventually('what is left', rows =>
      assert.deepEqual(
        rows.filter(({ level }) => level === 1).map(({ label }) => label),
        ['B'],
      ),
    );
  });

  test('Refresh that fails says so, once for all', async () => {
    await vscode.configure({
      'btRpc.clients': ['A', 'B'].map(name => ({ ...entry, name, url: 'http://127.0.0.1:1' })),
    });
    for (const name of ['A', 'B']) {
      await view.expand(name);
      await view.find([name, 'Connection refused']);
    }
    await workbench.runCommand('BT RPC: Refresh');
    await workbench.notifications.toast('2 clients failed: A, B').waitFor();
    assert.equal(await workbench.notifications.toasts.count(), 1);
    await workbench.runCommand('Notifications: Clear All Notifications');
  });
});
