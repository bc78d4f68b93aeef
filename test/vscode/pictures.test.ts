// The pictures of the README: the sidebar and a result, in the dark, light and high contrast themes.
import assert from 'node:assert/strict';
import { mkdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { addToTransmission, callTransmission, startTransmission } from '../tools/daemons/transmission.ts';
import { makeTorrent } from '../tools/torrents.ts';
import { openVsCode } from './support/vscode.ts';

const SCREENSHOTS = path.resolve(import.meta.dirname, '../../out/screenshots');
const SIDEBAR_WIDTH = 470;

const torrents = [
  { name: 'archlinux-2026.11.01-x86_64.iso', share: 1, isPaused: false },
  { name: 'debian-13.2.0-amd64-netinst.iso', share: 1, isPaused: false },
  { name: 'Fedora-Workstation-Live-43-x86_64.iso', share: 0.5, isPaused: false },
  { name: 'linux-6.18.tar.xz', share: 0.75, isPaused: true },
  { name: 'ubuntu-26.10-desktop-amd64.iso', share: 1, isPaused: true },
];

test('the sidebar and a result in three themes', async t => {
  await mkdir(SCREENSHOTS, { recursive: true });
  await using seedbox = await startTransmission();
  await using home = await startTransmission();
  for (const { name, ...options } of torrents)
    await addToTransmission(seedbox, makeTorrent({ name }), options);
  const withAuth = seedbox.url.replace('//', `//${seedbox.username}:${seedbox.password}@`);
  const vscode = await openVsCode(
    {
      viewport: { width: 1200, height: 675 },
      settings: {
        'btRpc.clients': [
          { name: 'Seedbox', type: 'transmission', url: withAuth },
          { name: 'Home server', type: 'transmission', url: home.url },
        ],
      },
    },
    t,
  );
  const { workbench } = vscode;
  await workbench.openContainer('BT RPC');
  const view = workbench.view('Clients');
  await view.expand('Seedbox');
  await view.find(['Seedbox', 'ubuntu-26.10-desktop-amd64.iso']);
  await home.stop();
  await view.expand('Home server');
  await view.find(['Home server', 'Connection refused']);

  const edge = await workbench.page.locator('.part.sidebar').boundingBox();
  assert.ok(edge);
  await workbench.page.mouse.move(edge.x + edge.width, 300);
  await workbench.page.mouse.down();
  await workbench.page.mouse.move(edge.x + SIDEBAR_WIDTH, 300, { steps: 5 });
  await workbench.page.mouse.up();

  await view.inlineAction('Seedbox', 'Call Method');
  await workbench.quickInput.step({ placeholder: 'Choose a method' });
  await workbench.quickInput.fill('torrent-get');
  await workbench.quickInput.pick('torrent-get');
  await workbench.quickInput.step({ message: 'Parameters as JSON' });
  await workbench.quickInput.accept('{"fields": ["name", "status", "percentDone", "uploadRatio"]}');
  await workbench.editors.waitForTab('torrent-get.json');
  await callTransmission(seedbox, 'session-get');
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
