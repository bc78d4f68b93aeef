// A user adds a Transmission, looks at its torrents, calls a method, loses the daemon and finds it again.
import assert from 'node:assert/strict';
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { after, afterEach, before, describe, type TestContext, test } from 'node:test';
import type { Daemon } from '../tools/daemons/daemon.ts';
import { addToTransmission, startTransmission } from '../tools/daemons/transmission.ts';
import { makeTorrent } from '../tools/torrents.ts';
import { typeSettings } from './support/settings-editor.ts';
import type { TreeRow } from './support/view.ts';
import { openVsCode, type VsCode } from './support/vscode.ts';

const PASSWORD = 'Zq7 pässword/+="x';
const WRONG_PASSWORD = 'wr0ng-Pa55word';
const SCREENSHOTS = path.resolve(import.meta.dirname, '../../out/screenshots');

const ubuntu = makeTorrent({ name: 'ubuntu-26.10-desktop-amd64.iso', size: 4 << 20 });
const debian = makeTorrent({ name: 'debian-13.2.0-amd64-netinst.iso', size: 2 << 20 });
const hostile = makeTorrent({ name: 'a‮b **bold** [x](command:btRpc.removeClient)' });

describe('a Transmission in the Clients view', () => {
  let daemon: Daemon;
  let vscode: VsCode;
  let workbench: VsCode['workbench'];
  let view: ReturnType<VsCode['workbench']['view']>;

  before(async () => {
    await mkdir(SCREENSHOTS, { recursive: true });
    daemon = await startTransmission({ username: 'tester', password: PASSWORD });
    await addToTransmission(daemon, ubuntu, { share: 0.5 });
    await addToTransmission(daemon, debian, { share: 1, isPaused: false });
    await addToTransmission(daemon, hostile);
    // VS Code's own local history keeps whatever is saved in an editor, also a password that somebody types there.
    vscode = await openVsCode({ settings: { 'workbench.localHistory.enabled': false } });
    workbench = vscode.workbench;
    await workbench.openContainer('BT RPC');
    view = workbench.view('Clients');
  });
  afterEach(t => vscode?.keepEvidence(t as TestContext));
  after(async () => {
    await vscode?.[Symbol.asyncDispose]();
    await daemon?.[Symbol.asyncDispose]();
  });

  /** Answers the steps of *Add Client* up to the last, whose Enter tries the connection. */
  const typeClient = async ({ name, password }: { name: string; password: string }): Promise<void> => {
    const { quickInput } = workbench;
    await quickInput.step({ title: 'Add Client', message: 'Address of Transmission' });
    assert.equal(await quickInput.value(), 'http://localhost:9091/transmission/rpc');
    await quickInput.fill('http://127.0.0.1:99999');
    await quickInput.step({ message: 'Invalid port' });
    assert.equal(await quickInput.severity(), 'error');
    await quickInput.accept(daemon.url);
    await quickInput.step({ message: 'User name' });
    await quickInput.accept('tester');
    await quickInput.step({ message: 'Password of tester' });
    assert.equal(await quickInput.isPassword(), true);
    await quickInput.accept(password);
    await quickInput.step({ message: 'Name of the client' });
    await quickInput.accept(name);
  };

  test('welcome content leads to Add Client; a wrong password loses nothing that was typed', async () => {
    const { quickInput, dialog } = workbench;
    await view.welcomeButton('Add Client');
    await quickInput.step({ placeholder: 'Choose the type of client' });
    await quickInput.pick('Transmission');
    await typeClient({ name: 'Seedbox', password: WRONG_PASSWORD });
    const refused = await dialog.read();
    assert.match(refused.message, /^Could not connect to http:\/\/127\.0\.0\.1/);
    assert.equal(refused.detail, 'Authentication failed');
    assert.deepEqual([...refused.buttons].sort(), ['Edit', 'Save Anyway']);

    await dialog.press('Edit');
    await quickInput.step({ message: 'Address of Transmission' });
    assert.equal(await quickInput.value(), daemon.url);
    await quickInput.accept();
    await quickInput.step({ message: 'User name' });
    assert.equal(await quickInput.value(), 'tester');
    await quickInput.accept();
    await quickInput.step({ message: 'Password of tester' });
    assert.equal(await quickInput.value(), WRONG_PASSWORD);
    await quickInput.pressButton('Back');
    await quickInput.step({ message: 'User name' });
    await quickInput.accept();
    await quickInput.step({ message: 'Password of tester' });
    await quickInput.accept(PASSWORD);
    await quickInput.step({ message: 'Name of the client' });
    assert.equal(await quickInput.value(), 'Seedbox');
    await quickInput.accept();
    await view.find('Seedbox');
  });

  test('the client shows its version and count, and under it the torrents with state and progress', async () => {
    await view.expand('Seedbox');
    await view.eventually('the client and its torrents', ([client, ...torrents]) => {
      assert.match(client?.description ?? '', /^connected · \d[\d.]* · 3 torrents · /);
      assert.equal(client?.icon, 'codicon-pass-filled');
      assert.deepEqual(
        torrents.map(({ label, description }) => [label, description]),
        [
          ['a\\u{202E}b **bold** [x](command:btRpc.removeClient)', 'stopped · 0 %'],
          [debian.name, 'seeding · ratio 0.00'],
          [ubuntu.name, 'stopped · 50 %'],
        ],
      );
      assert.match(torrents[1]?.aria ?? '', /^debian.*, seeding, ratio 0\.00$/);
    });
  });

  test('the tooltips tell whom we talk to, and interpret nothing of what a daemon says', async () => {
    const tooltip = await view.tooltip('Seedbox');
    assert.ok(tooltip.includes(daemon.url), tooltip);
    assert.match(tooltip, /Route: direct, from/);
    assert.ok(!tooltip.includes('tester'));
    const hostileTooltip = await view.tooltip([
      'Seedbox',
      'a\\u{202E}b **bold** [x](command:btRpc.removeClient)',
    ]);
    const hover = workbench.page.locator('.monaco-hover').filter({ visible: true });
    assert.equal(await hover.locator('a').count(), 0);
    assert.match(hostileTooltip, /\*\*bold\*\* \[x\]\(command/);
  });

  test('a torrent added elsewhere appears, a removed one goes, a change is seen', async () => {
    const extra = makeTorrent({ name: 'extra.iso' });
    await addToTransmission(daemon, extra, { share: 1 });
    await view.find(['Seedbox', 'extra.iso']);
    await call('torrent-start', { ids: [extra.infoHash] });
    await view.until('it seeds', rows =>
      rows.some(row => row.label === 'extra.iso' && /^seeding/.test(row.description)),
    );
    await call('torrent-remove', { ids: [extra.infoHash] });
    await view.gone(['Seedbox', 'extra.iso']);
  });

  test('Call Method opens the answer as a read-only JSON document, again in the same tab', async () => {
    const { quickInput, editors } = workbench;
    for (const round of [1, 2]) {
      await workbench.runCommand('BT RPC: Call Method…');
      await quickInput.step({ placeholder: 'Choose a method' });
      await quickInput.fill('session-get');
      await quickInput.pick('session-get');
      await quickInput.step({ message: 'Parameters as JSON' });
      await quickInput.fill('{"fields": [}');
      await quickInput.accept();
      await quickInput.step({ message: 'Not JSON at character 13' });
      assert.equal(await quickInput.value(), '{"fields": [}');
      await quickInput.accept(round === 1 ? '' : '{"fields": ["version", /* all */ "rpc-version",]}');
      await editors.waitForTab('session-get.json');
      await editors.eventually(`the answer of round ${round}`, text => {
        const answer = JSON.parse(text);
        assert.equal(answer.result, 'success');
        const fields = Object.keys(answer.arguments).sort();
        if (round === 1) assert.ok(fields.length > 2, 'all that there are');
        else assert.deepEqual(fields, ['rpc-version', 'version']);
      });
      if (round === 1) await shoot('result');
    }
    const uri = await vscode.agent.run(api => api.window.activeTextEditor?.document.uri.toString(true));
    assert.equal(uri, 'btrpc:/Seedbox/session-get.json');
    assert.equal((await editors.tabs()).length, 1);
    await workbench.page.keyboard.type('x');
    await workbench.page.locator('.monaco-editor-overlaymessage').filter({ hasText: 'read-only' }).waitFor();
  });

  test("an RPC error becomes a document with the daemon's words, and a message", async () => {
    const { quickInput, editors, notifications } = workbench;
    await view.inlineAction('Seedbox', 'Call Method');
    await quickInput.step({ placeholder: 'Choose a method' });
    await quickInput.fill('no-such-method');
    await quickInput.pick('Call "no-such-method"');
    await quickInput.step({ message: 'Parameters as JSON' });
    await quickInput.accept();
    await editors.waitForTab('no-such-method.json');
    const { error } = JSON.parse(await editors.text());
    assert.equal(error.name, 'RPCError');
    assert.match(error.message, /^(Method name not recognized|No method name)$/);
    await notifications.toast(`Seedbox: ${error.message}`).waitFor();
    await workbench.runCommand('Notifications: Clear All Notifications');
  });

  test('light and dark look good enough to show', async () => {
    await shoot('sidebar');
  });

  test('a killed daemon is noticed, says why and offers ways out, without a flood of messages', async () => {
    const { notifications } = workbench;
    await notifications.record();
    await daemon.kill();
    const look = ([client, failure, ...torrents]: readonly TreeRow[]) => {
      assert.equal(client?.description, 'failed');
      assert.equal(failure?.label, 'Connection refused');
      assert.deepEqual(failure?.actions, ['Retry', 'Edit Client…']);
      assert.equal(torrents.length, 3, 'the last known stay');
    };
    await view.eventually('the failure', look, 7_000);
    await workbench.waitForBadge('BT RPC', '1');
    await daemon.restart();
    await view.until(
      'connected again',
      ([client]) => /^connected · .* · 3 torrents/.test(client?.description ?? ''),
      30_000,
    );
    await workbench.waitForBadge('BT RPC', '');
    assert.deepEqual(await notifications.recorded(), []);
  });

  test('Retry finds a daemon that is back at once', async () => {
    await daemon.stop();
    await view.find(['Seedbox', 'Connection refused'], 7_000);
    // Else a refresh may be faster than the click.
    await vscode.configure({ 'btRpc.refreshInterval': 0 });
    await daemon.restart();
    await view.inlineAction(['Seedbox', 'Connection refused'], 'Retry');
    await view.gone(['Seedbox', 'Connection refused']);
    await vscode.configure({ 'btRpc.refreshInterval': undefined });
  });

  test('the log has a line per call and per change of status', async () => {
    await workbench.runCommand('BT RPC: Show Log');
    const { output } = workbench;
    await output.waitForChannel(/BT RPC/);
    await output.eventually('all that was done', text => {
      assert.match(text, /\[Seedbox\] connected to Transmission/);
      assert.match(text, /\[info\] \[Seedbox\] session-get \d+ ms [\d.]+ k?B ok/);
      assert.match(text, /\[info\] \[Seedbox\] no-such-method \d+ ms [\d.]+ k?B RPCError: /);
      assert.match(text, /\[info\] \[Seedbox\] failed: Connection refused/);
      assert.equal(text.match(/failed: Connection refused/g)?.length, 2);
    });
  });

  test('Set Credentials with a wrong password fails with a way out; the right one connects', async () => {
    const { quickInput } = workbench;
    for (const password of [WRONG_PASSWORD, PASSWORD]) {
      await view.choose('Seedbox', 'Set Credentials…');
      await quickInput.step({ title: 'Set Credentials of Seedbox', message: 'User name' });
      assert.equal(await quickInput.value(), 'tester');
      await quickInput.accept();
      await quickInput.step({ message: 'Password' });
      await quickInput.accept(password);
      if (password === PASSWORD) await view.gone(['Seedbox', 'Authentication failed']);
      else
        await view.eventually('ways out', ([, failure]) => {
          assert.equal(failure?.label, 'Authentication failed');
          assert.deepEqual(failure?.actions.slice(0, 2), ['Retry', 'Set Credentials…']);
        });
    }
    await view.until('connected', ([client]) => client?.description.startsWith('connected') === true);
  });

  test('Edit Client keeps what is not changed, under another name too', async () => {
    const { quickInput } = workbench;
    await view.choose('Seedbox', 'Edit Client…');
    await quickInput.step({ title: 'Edit Client', message: 'Address' });
    assert.equal(await quickInput.value(), daemon.url);
    await quickInput.accept();
    await quickInput.step({ message: 'User name' });
    await quickInput.accept();
    await quickInput.step({ message: 'Password' });
    await quickInput.accept();
    await quickInput.step({ message: 'Name' });
    await quickInput.accept('Box');
    await view.gone('Seedbox');
    await view.expand('Box');
    await view.find(['Box', debian.name]);
  });

  test('credentials typed into settings.json are moved out, the comments stay', async () => {
    const file = vscode.server.settingsFile;
    const withAuth = daemon.url.replace('//', `//tester:${encodeURIComponent(PASSWORD)}@`);
    const addition = `,\n    // by hand\n    { "name": "Hand", "type": "transmission", "url": "${withAuth}" }, // mine\n    { "name": "Odd", "type": "nosuch" }`;
    await typeSettings(vscode.agent, text => text.replace(/\n {2}\]/, end => addition + end));
    await workbench.notifications.toast('Credentials of “Hand” were moved').waitFor();
    const after = await readFile(file, 'utf8');
    assert.ok(
      after.includes(
        `// by hand\n    { "name": "Hand", "type": "transmission", "url": "${daemon.url}" }, // mine`,
      ),
      after,
    );
    await view.expand('Hand');
    await view.find(['Hand', ubuntu.name]);
    const odd = await view.find('Odd');
    assert.match(odd.description, /^invalid · "type" must be one of/);
    assert.equal(odd.icon, 'codicon-warning');
  });

  test('Disconnect stays disconnected; Connect connects', async () => {
    await view.choose('Hand', 'Disconnect');
    await view.until('disconnected', rows =>
      rows.some(row => row.label === 'Hand' && row.description === 'disconnected'),
    );
    await workbench.runCommand('BT RPC: Refresh');
    assert.equal((await view.find('Hand')).description, 'disconnected');
    await view.choose('Hand', 'Connect');
    await view.until('connected', rows =>
      rows.some(row => row.label === 'Hand' && row.description.startsWith('connected')),
    );
  });

  test('a password is nowhere in clear, and lasts over a reload', async () => {
    for (const secret of [PASSWORD, WRONG_PASSWORD]) assert.deepEqual(await vscode.findLeaks(secret), []);
    await vscode.reload();
    await workbench.openContainer('BT RPC');
    await view.expand('Box');
    await view.find(['Box', debian.name]);
  });

  test('Remove Client asks, and takes its secret with it', async () => {
    const { dialog } = workbench;
    await view.choose('Hand', 'Remove Client…');
    const question = await dialog.read();
    assert.equal(question.message, 'Remove the client “Hand”?');
    await dialog.press('Cancel');
    await view.find('Hand');
    await view.choose('Hand', 'Remove Client…');
    await dialog.press('Remove Client');
    await view.gone('Hand');
    assert.ok(!(await readFile(vscode.server.settingsFile, 'utf8')).includes('Hand'));
  });

  /** Asks the daemon itself, not through the extension. */
  async function call(method: string, args: Record<string, unknown>): Promise<void> {
    const { callTransmission } = await import('../tools/daemons/transmission.ts');
    await callTransmission(daemon, method, args);
  }

  /** Pictures in the dark and the light theme. */
  async function shoot(name: string): Promise<void> {
    for (const [theme, kind] of [
      ['Default Light Modern', 'vs'],
      ['Default Dark Modern', 'vs-dark'],
    ] as const) {
      await vscode.configure({ 'workbench.colorTheme': theme });
      await workbench.themeKind(kind);
      await workbench.screenshot(path.join(SCREENSHOTS, `${name}-${kind === 'vs' ? 'light' : 'dark'}.png`));
    }
  }
});
