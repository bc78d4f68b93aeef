// What hardly anybody does: names as long as a page, commands that are called with anything, clients that go meanwhile.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { after, afterEach, before, beforeEach, describe, type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Daemon } from '../tools/daemons/daemon.ts';
import { startTransmission } from '../tools/daemons/transmission.ts';
import { openVsCode, type VsCode } from './support/vscode.ts';
import { waitFor } from './support/wait.ts';

/** Nothing listens there. */
const NOWHERE = 'http://127.0.0.1:1';
const LONG_NAME = 'n'.repeat(2_000);
const LONG_LABEL = `${'n'.repeat(199)}…`;

describe('what is unusual', () => {
  let vscode: VsCode;
  let workbench: VsCode['workbench'];
  let view: ReturnType<VsCode['workbench']['view']>;
  let daemon: Daemon;
  const stack = new AsyncDisposableStack();

  before(async () => {
    daemon = stack.use(await startTransmission());
    vscode = stack.use(await openVsCode());
    workbench = vscode.workbench;
    await workbench.openContainer('BT RPC');
    view = workbench.view('Clients');
    // Away from the icon of the container, whose tooltip stays when its badge changes.
    await workbench.page.mouse.move(0, 0);
  });
  beforeEach(() => clear());
  afterEach(t => vscode?.keepEvidence(t as TestContext));
  after(() => stack.disposeAsync());

  /** Clears the notifications, and waits as VS Code drops for good what is beyond three in 800 ms. */
  const clear = async () => {
    await vscode.agent.run(api => api.commands.executeCommand('notifications.clearAll'));
    await sleep(1_000);
  };
  const write = (...clients: readonly object[]) => vscode.configure({ 'btRpc.clients': clients });
  const transmission = (name: string, url = NOWHERE) => ({ name, type: 'transmission', url });
  /** Begins a command, and does not wait for its end. */
  const begin = (command: string, ...args: readonly unknown[]) =>
    vscode.agent.run(
      (api, [id, args]) => {
        void api.commands.executeCommand(id, ...args);
      },
      [`btRpc.${command}`, args] as const,
    );

  test('without any client, Add Client is offered', async () => {
    await begin('callMethod');
    await workbench.notifications.press('Call Method: there is no client yet.', 'Add Client');
    await workbench.quickInput.step({ title: 'Add Client', placeholder: 'Choose the type of client' });
    await workbench.quickInput.cancel();
    await workbench.quickInput.closed();
  });

  test('a name as long as a page leaves room for what is wrong', async () => {
    await write(transmission(LONG_NAME), transmission('Second'));
    await view.find(LONG_LABEL);
    await begin('connect', LONG_NAME);
    await workbench.notifications.toast('Connection refused').waitFor();
    await view.until('failed', ([row]) => row?.description === 'failed');
    const tooltip = await view.tooltip(LONG_LABEL);
    assert.match(tooltip, /Last error: Connection refused/);
    assert.ok(tooltip.length <= 1_000, `${tooltip.length} characters`);
  });

  test('whatever a command for clients is called with, it asks, or says that there is no such client', async () => {
    const { quickInput, notifications } = workbench;
    await write(transmission('First', NOWHERE.replace('//', '//me:pw@')), transmission('Second'));
    await notifications.toast('Credentials of “First” were moved').waitFor();
    for (const [command, message] of [
      ['connect', 'There is no client “Nobody”.'],
      ['disconnect', 'There is no client “Nobody”.'],
      ['removeClient', 'There is no client “Nobody”.'],
      ['editClient', 'There is no client “Nobody”.'],
      ['clearCredentials', 'No credentials of “Nobody” are stored.'],
    ] as const) {
      for (const args of [[null], [null, null], [5], [{}, 'no list'], [[1, 2]]]) {
        await begin(command, ...args);
        await quickInput.step({ placeholder: 'Choose a client' });
        await quickInput.cancel();
        await quickInput.closed();
      }
      await begin(command, 'Nobody');
      await notifications.toast(message).waitFor();
      await clear();
    }
  });

  test('a client that goes, or moves, while its credentials are asked for is given none', async () => {
    const { quickInput, notifications } = workbench;
    for (const [name, clients, message] of [
      ['Gone', [], 'There is no client “Gone”.'],
      ['Moved', [transmission('Moved', 'http://127.0.0.1:2')], 'its address has just changed'],
    ] as const) {
      await write(transmission(name), transmission('Other'));
      await begin('setCredentials', name);
      await quickInput.step({ message: 'User name' });
      await quickInput.accept('somebody');
      await quickInput.step({ message: 'Password' });
      await write(...clients);
      await view.gone('Other');
      await quickInput.accept('something');
      await notifications.toast(message).waitFor();
    }
    await begin('clearCredentials');
    await quickInput.step({ placeholder: 'Choose a client' });
    const names = (await quickInput.items()).map(({ label }) => label);
    await quickInput.cancel();
    assert.deepEqual(names, ['First']);
  });

  test('Edit Client offers what is stored for one address for no other', async () => {
    const { quickInput, dialog, notifications } = workbench;
    const seen: (string | undefined)[] = [];
    await using stranger = createServer((request, response) => {
      seen.push(request.headers.authorization);
      response.writeHead(401).end();
    });
    await once(stranger.listen(0, '127.0.0.1'), 'listening');
    const { port } = stranger.address() as AddressInfo;
    await write(transmission('First', NOWHERE.replace('//', '//me:pw@')));
    await notifications.toast('Credentials of “First” were moved').waitFor();
    await begin('editClient', 'First');
    await quickInput.step({ message: 'Address of Transmission' });
    await quickInput.accept(`http://127.0.0.1:${port}`);
    await quickInput.step({ message: 'User name' });
    assert.equal(await quickInput.value(), '');
    await quickInput.pressButton('Back');
    await quickInput.step({ message: 'Address of Transmission' });
    await quickInput.accept(NOWHERE);
    await quickInput.step({ message: 'User name' });
    assert.equal(await quickInput.value(), 'me');
    await quickInput.pressButton('Back');
    await quickInput.step({ message: 'Address of Transmission' });
    await quickInput.accept(`http://127.0.0.1:${port}`);
    await quickInput.step({ message: 'User name' });
    await quickInput.accept();
    await quickInput.step({ message: 'Name of the client' });
    await quickInput.accept();
    assert.equal((await dialog.read()).detail, 'Authentication failed');
    await dialog.press('Edit');
    await quickInput.step({ message: 'Address of Transmission' });
    await quickInput.cancel();
    assert.deepEqual(new Set(seen), new Set([undefined]));
  });

  test('the way back loses nothing that was typed, and leads to another type of client', async () => {
    const { quickInput } = workbench;
    await begin('addClient');
    await quickInput.step({ placeholder: 'Choose the type of client' });
    await quickInput.pick('Transmission');
    await quickInput.step({ message: 'Address of Transmission' });
    await quickInput.accept('http://some.host/rpc');
    await quickInput.step({ message: 'User name' });
    await quickInput.accept('me');
    await quickInput.step({ message: 'Password of me' });
    await quickInput.fill('pw');
    await quickInput.pressButton('Back');
    await quickInput.step({ message: 'User name' });
    await quickInput.accept();
    await quickInput.step({ message: 'Password of me' });
    assert.equal(await quickInput.value(), 'pw');
    await quickInput.pressButton('Back');
    await quickInput.step({ message: 'User name' });
    await quickInput.pressButton('Back');
    await quickInput.step({ message: 'Address of Transmission' });
    await quickInput.fill('http://other.host/rpc');
    for (const [label, address] of [
      ['qBittorrent', 'http://other.host/rpc'],
      // That is no address of a Deluge.
      ['Deluge', 'localhost:58846'],
    ] as const) {
      await quickInput.pressButton('Back');
      await quickInput.step({ placeholder: 'Choose the type of client' });
      await quickInput.pick(label);
      await quickInput.step({ message: `Address of ${label}` });
      assert.equal(await quickInput.value(), address);
    }
    await quickInput.accept();
    await quickInput.step({ message: "User name of the daemon's account" });
    assert.equal(await quickInput.value(), 'me');
    await quickInput.cancel();
  });

  test('who looks at the methods again has the parameters as they were typed', async () => {
    const { quickInput } = workbench;
    await write(transmission('First', daemon.url));
    await begin('callMethod', 'First');
    for (const params of ['', '{"fields": [']) {
      await quickInput.step({ placeholder: 'Choose a method' });
      await quickInput.fill('session-get');
      await quickInput.pick('session-get');
      await quickInput.step({ message: 'Parameters as JSON' });
      assert.equal(await quickInput.value(), params);
      await quickInput.fill('{"fields": [');
      await quickInput.pressButton('Back');
    }
    await quickInput.step({ placeholder: 'Choose a method' });
    await quickInput.cancel();
  });

  test('a client that goes while its parameters are asked for is said to be gone', async () => {
    const { quickInput, notifications } = workbench;
    await write(transmission('First', daemon.url), transmission('Second'));
    await begin('callMethod', 'First');
    await quickInput.step({ placeholder: 'Choose a method' });
    await quickInput.fill('session-get');
    await quickInput.accept();
    await quickInput.step({ message: 'Parameters as JSON' });
    await write(transmission('Second'));
    await view.gone('First');
    await quickInput.accept();
    await notifications.toast('There is no client “First”.').waitFor();
  });

  test('the log at its finest: requests in lines as they went, and no secret', async () => {
    const { quickInput } = workbench;
    await begin('showLog');
    await workbench.runCommand('Developer: Set Log Level...');
    await quickInput.pick('BT RPC');
    await quickInput.pick('Trace');
    const url = daemon.url.replace('://', `://${daemon.username}:${daemon.password}@`);
    await write(transmission('Traced', url));
    await view.expand('Traced');
    await view.until('connected', rows => rows.some(({ description }) => /^connected/.test(description)));
    const [file] = globSync('**/BT RPC.log', { cwd: vscode.server.dataDir });
    const read = () => readFile(path.join(vscode.server.dataDir, file ?? ''), 'utf8');
    const log = await waitFor('the answer in the log', async () => {
      const text = await read();
      return /\[trace\] \[Traced\] request \d+ < json/.test(text) ? text : undefined;
    });
    assert.match(
      log,
      /\[debug\] \[Traced\] request \d+ > http, [^\n]*\nPOST \/transmission\/rpc HTTP\/1\.1\nhost: /,
    );
    assert.match(log, /\nauthorization: Basic \*\*\*\n/);
    assert.deepEqual(await vscode.findLeaks(daemon.password), []);
  });
});
