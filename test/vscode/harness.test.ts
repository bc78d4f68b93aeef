// Proves that the harness itself works, so that a failure elsewhere is the extension's.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, afterEach, before, describe, type TestContext, test } from 'node:test';
import type { Locator } from 'playwright-core';
import { findLeaks } from './support/leaks.ts';
import { clickInRow } from './support/row-click.ts';
import { openVsCode, type VsCode } from './support/vscode.ts';

const SECRET = 'Zq7 sécret/+="word';

describe('the harness', () => {
  let vscode: VsCode;
  before(async () => {
    vscode = await openVsCode({ vsix: null, files: { 'hello.json': '{ "hello": "world" }\n' } });
  });
  afterEach(t => vscode.keepEvidence(t as TestContext));
  after(() => vscode?.[Symbol.asyncDispose]());

  test('the workbench shows the folder, without chat and welcome', async () => {
    const { workbench, folder } = vscode;
    await workbench.openContainer('Explorer');
    await workbench.view('Explorer Section: folder').pane.waitFor();
    assert.equal(await workbench.page.locator('.part.auxiliarybar').filter({ visible: true }).count(), 0);
    assert.deepEqual(await workbench.editors.tabs(), []);
    assert.equal(path.basename(folder), 'folder');
  });

  test('the palette runs a command, an editor shows its text', async () => {
    const { workbench, agent } = vscode;
    await workbench.runCommand('View: Toggle Panel Visibility');
    await workbench.page.locator('.part.panel').filter({ visible: true }).waitFor();
    await agent.run(
      async (vscode, file) => {
        await vscode.window.showTextDocument(vscode.Uri.file(file));
      },
      path.join(vscode.folder, 'hello.json'),
    );
    await workbench.editors.waitForTab('hello.json');
    assert.equal(await workbench.editors.text(), '{ "hello": "world" }\n');
    await workbench.statusBarItem('JSON').waitFor();
  });

  test('the agent answers, reports errors, and survives a reload', async () => {
    const { agent } = vscode;
    assert.equal(await agent.run((_, { a, b }) => a + b, { a: 1, b: 2 }), 3);
    await assert.rejects(
      agent.run(() => {
        throw new RangeError('on purpose');
      }),
      /RangeError: on purpose/,
    );
    const before = await agent.pid();
    await vscode.reload();
    assert.notEqual(await agent.pid(), before);
    assert.equal(await agent.run(vscode => vscode.workspace.workspaceFolders?.length), 1);
  });

  test('dialogs, notifications, boxes and quick picks can be driven', async () => {
    const { workbench, agent } = vscode;
    const { dialog, notifications, quickInput } = workbench;
    const modal = agent.run(vscode =>
      vscode.window.showWarningMessage('Remove?', { modal: true, detail: 'All.' }, 'Remove'),
    );
    const { buttons, ...texts } = await dialog.read();
    assert.deepEqual(texts, { message: 'Remove?', detail: 'All.' });
    assert.deepEqual([...buttons].sort(), ['Cancel', 'Remove']);
    await dialog.press('Remove');
    assert.equal(await modal, 'Remove');

    const note = agent.run(vscode => vscode.window.showErrorMessage('A note', 'Retry'));
    await notifications.toast('A note').waitFor();
    assert.deepEqual(await notifications.read(), [{ text: 'A note', severity: 'error', buttons: ['Retry'] }]);
    await notifications.press('A note', 'Retry');
    assert.equal(await note, 'Retry');

    const box = agent.run(vscode =>
      vscode.window.showInputBox({
        title: 'Password',
        password: true,
        validateInput: value => (value === 'no' ? 'Not this one' : undefined),
      }),
    );
    await quickInput.step({ title: 'Password' });
    assert.equal(await quickInput.isPassword(), true);
    await quickInput.fill('no');
    await quickInput.step({ message: 'Not this one' });
    assert.equal(await quickInput.severity(), 'error');
    await quickInput.accept('yes');
    assert.equal(await box, 'yes');

    const pick = agent.run(async vscode => {
      const items = [{ label: 'one', description: '1', detail: 'first' }, { label: 'two' }];
      return (await vscode.window.showQuickPick(items, { placeHolder: 'Which?' }))?.label;
    });
    await quickInput.step({ placeholder: 'Which?' });
    await quickInput.eventually('both', items =>
      assert.deepEqual(
        items.map(({ label, description, detail }) => [label, description, detail]),
        [
          ['one', '1', 'first'],
          ['two', '', ''],
        ],
      ),
    );
    await quickInput.pick('two');
    assert.equal(await pick, 'two');
  });

  test('a click on a row that has become another one does nothing', async () => {
    const { workbench, agent } = vscode;
    const { quickInput } = workbench;
    const pick = agent.run(vscode => vscode.window.showQuickPick(['one', 'two'], { placeHolder: 'Which?' }));
    await quickInput.step({ placeholder: 'Which?' });
    const click = (row: Locator, timeout: number) => row.click({ timeout });
    assert.equal(await clickInRow(quickInput.row('one'), { label: 'two' }, click), false);
    assert.equal(await clickInRow(quickInput.row('two'), { label: 'two', index: 0 }, click), false);
    assert.equal(await clickInRow(quickInput.row('two'), { label: 'two', index: 1 }, click), true);
    assert.equal(await pick, 'two');
  });

  test('what a failed test has left open is closed', async () => {
    const { workbench, agent } = vscode;
    void agent.run(vscode => vscode.window.showErrorMessage('A note'));
    const box = agent.run(vscode => vscode.window.showInputBox({ title: 'A box', ignoreFocusOut: true }));
    await workbench.quickInput.step({ title: 'A box' });
    const modal = agent.run(vscode => vscode.window.showWarningMessage('Really?', { modal: true }));
    await workbench.dialog.read();
    await workbench.closeWhatIsOpen();
    assert.deepEqual([await box, await modal], [undefined, undefined]);
    await workbench.notifications.toasts.first().waitFor({ state: 'detached' });
  });

  test('the leak finder finds what is written down, and nothing else', async () => {
    assert.deepEqual(await vscode.findLeaks(SECRET), []);
    await writeFile(
      path.join(vscode.folder, 'leak.txt'),
      `Basic ${Buffer.from(`user:${SECRET}`).toString('base64')}`,
    );
    await vscode.workbench.page.evaluate(secret => {
      (globalThis as never as { localStorage: Record<string, string> }).localStorage.leak = secret;
    }, encodeURIComponent(SECRET));
    const found = await vscode.findLeaks(SECRET);
    assert.equal(found.length, 2, found.join('\n'));
    assert.match(found[0] ?? '', /^localStorage leak: percent-encoded$/);
    assert.match(found[1] ?? '', /leak\.txt: base64/);
    for (const before of ['', 'a', 'ab']) {
      const text = Buffer.from(`${before}${SECRET}`).toString('base64');
      assert.equal((await findLeaks(SECRET, { texts: { text } })).length, 1, `base64 after "${before}"`);
    }
  });
});
