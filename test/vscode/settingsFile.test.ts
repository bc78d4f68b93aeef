// The settings file as people write it: what we change in it, and what we leave alone.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, afterEach, before, describe, type TestContext, test } from 'node:test';
import { typeSettings } from './support/settings-editor.ts';
import { openVsCode, type VsCode } from './support/vscode.ts';

/** One line, a comment, credentials in an address, in one of a proxy, and as properties. */
const WRITTEN = `"btRpc.clients": [{"name": "One", "type": "transmission", "url": "http://me:s3cret-One@127.0.0.1:1"}, /* two */ {"name": "Two", "username": "me", "password": "s3cret-Two", "type": "deluge", "url": "127.0.0.1:1", "proxyUrl": "socks5://you:s3cret-Proxy@127.0.0.1:2"}]`;
const MOVED = WRITTEN.replace('me:s3cret-One@', '')
  .replace(' "username": "me", "password": "s3cret-Two",', '')
  .replace('you:s3cret-Proxy@', '');

describe('the settings file', () => {
  let vscode: VsCode;
  let workbench: VsCode['workbench'];
  let view: ReturnType<VsCode['workbench']['view']>;
  /** The file as it was at first. */
  let quiet: string;
  const file = () => readFile(vscode.server.settingsFile, 'utf8');

  before(async () => {
    vscode = await openVsCode({ settings: { 'workbench.localHistory.enabled': false } });
    quiet = await file();
    workbench = vscode.workbench;
    await workbench.openContainer('BT RPC');
    view = workbench.view('Clients');
  });
  afterEach(t => vscode?.keepEvidence(t as TestContext));
  after(() => vscode?.[Symbol.asyncDispose]());

  test('credentials are cut out of it, and not a blank more; one message names the clients', async () => {
    await workbench.notifications.record();
    const withClients = (line: string) => quiet.replace(/\s*\}\s*$/, `, // and\n  ${line}\n}\n`);
    await typeSettings(vscode.agent, () => withClients(WRITTEN));
    await workbench.notifications.toast('Credentials of “One”, “Two” were moved').waitFor();
    const text = await file();
    assert.ok(text.endsWith(`, // and\n  ${MOVED}\n}\n`), text);
    const messages = (await workbench.notifications.recorded()).filter(text => /Credentials/.test(text));
    assert.equal(messages.length, 1, messages.join());
    for (const secret of ['s3cret-One', 's3cret-Two', 's3cret-Proxy'])
      assert.deepEqual(await vscode.findLeaks(secret), []);
  });

  test('Remove Client takes the last of a line, and leaves the others readable', async () => {
    await view.choose('Two', 'Remove Client…');
    await workbench.dialog.press('Remove Client');
    await view.gone('Two');
    await view.find('One');
    assert.match(await file(), /"btRpc\.clients": \[\{"name": "One", .*\}, \/\* two \*\/ \]\n\}/);
  });

  test('a client that cannot be saved is not lost', async () => {
    const { quickInput, dialog } = workbench;
    // Plain, so that VS Code writes it, which it does not do while it has unsaved changes.
    await typeSettings(vscode.agent, () => quiet);
    await view.gone('One');
    await typeSettings(vscode.agent, () => `${quiet}\n`, { isSaved: false });
    // Not from the palette: the settings may be in a dialog of their own, which keeps its keys to itself.
    await vscode.agent.run(api => void api.commands.executeCommand('btRpc.addClient'));
    await quickInput.step({ placeholder: 'Choose the type of client' });
    await quickInput.pick('rTorrent');
    await quickInput.step({ message: 'Address of rTorrent' });
    await quickInput.accept('scgi://127.0.0.1:1');
    await quickInput.step({ message: 'Name of the client' });
    await quickInput.accept('Mine');
    await dialog.press('Save Anyway');
    const { message, detail } = await dialog.read();
    assert.equal(message, 'The client could not be saved');
    assert.match(detail, /unsaved changes/);
    await vscode.agent.run(async api => {
      await api.commands.executeCommand('workbench.action.files.save');
      await api.commands.executeCommand('workbench.action.closeActiveEditor');
    });
    await dialog.press('Edit');
    await quickInput.step({ message: 'Address of rTorrent' });
    assert.equal(await quickInput.value(), 'scgi://127.0.0.1:1');
    await quickInput.accept();
    await quickInput.step({ message: 'Name of the client' });
    assert.equal(await quickInput.value(), 'Mine');
    await quickInput.accept();
    await dialog.press('Save Anyway');
    await view.find('Mine');
  });
});
