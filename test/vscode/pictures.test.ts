// The pictures of the README: the sidebar and a result, in the dark, light and high contrast themes.
import assert from 'node:assert/strict';
import { mkdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { type DemoClient, startDemoDaemons } from '../tools/demo.ts';
import { openVsCode } from './support/vscode.ts';

const SCREENSHOTS = path.resolve(import.meta.dirname, '../../out/screenshots');
const SIDEBAR_WIDTH = 470;

/** What people call their clients. */
const NAMES: { readonly [Type in DemoClient['type']]: string } = {
  transmission: 'Home server',
  qbittorrent: 'Seedbox',
  deluge: 'NAS',
  rtorrent: 'Lab',
};

test('the sidebar and a result in three themes', async t => {
  await mkdir(SCREENSHOTS, { recursive: true });
  await using stack = new AsyncDisposableStack();
  const demos = await startDemoDaemons(stack);
  const clients = demos.map(client => ({ ...client, name: NAMES[client.type] }));
  const vscode = await openVsCode(
    { viewport: { width: 1200, height: 675 }, settings: { 'btRpc.clients': clients } },
    t,
  );
  const { workbench } = vscode;
  await workbench.openContainer('BT RPC');
  const view = workbench.view('Clients');
  for (const name of ['Home server', 'Seedbox', 'NAS', 'Lab']) {
    await view.expand(name);
    await view.find([name, 'ubuntu-26.10-desktop-amd64.iso']);
  }
  for (const name of ['NAS', 'Lab']) await view.collapse(name);

  const edge = await workbench.page.locator('.part.sidebar').boundingBox();
  assert.ok(edge);
  await workbench.page.mouse.move(edge.x + edge.width, 300);
  await workbench.page.mouse.down();
  await workbench.page.mouse.move(edge.x + SIDEBAR_WIDTH, 300, { steps: 5 });
  await workbench.page.mouse.up();

  await view.inlineAction('Home server', 'Call Method');
  await workbench.quickInput.step({ placeholder: 'Choose a method' });
  await workbench.quickInput.fill('torrent-get');
  await workbench.quickInput.pick('torrent-get');
  await workbench.quickInput.step({ message: 'Parameters as JSON' });
  await workbench.quickInput.accept('{"fields": ["name", "status", "percentDone", "uploadRatio"]}');
  await workbench.editors.waitForTab('torrent-get.json');
  await workbench.runCommand('Notifications: Clear All Notifications');
  await workbench.page.mouse.move(900, 600);

  for (const [theme, kind, name] of [
    ['Default High Contrast', 'hc-black', 'high-contrast'],
    ['Default Light Modern', 'vs', 'light'],
    ['Default Dark Modern', 'vs-dark', 'dark'],
  ] as const) {
    await vscode.configure({ 'workbench.colorTheme': theme });
    await workbench.themeKind(kind);
    const file = path.join(SCREENSHOTS, `readme-${name}.png`);
    await workbench.screenshot(file);
    assert.ok((await stat(file)).size > 20_000, `${file} shows something`);
  }
});
