// The pictures of the README: torrents in all states and a result, in the dark, light and high contrast themes.
import assert from 'node:assert/strict';
import { mkdir, stat, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { bencode } from '../tools/bencode.ts';
import type { Daemon } from '../tools/daemons/daemon.ts';
import { callTransmission } from '../tools/daemons/transmission.ts';
import { type DemoClient, startDemoDaemons } from '../tools/demo.ts';
import type { TreeRow, View } from './support/view.ts';
import { openVsCode, type VsCode } from './support/vscode.ts';

const SCREENSHOTS = path.resolve(import.meta.dirname, '../../out/screenshots');
const WINDOW = { width: 1200, height: 720 };
const TITLE_HEIGHT = 36;
/** The view and the rates below it. */
const SIDEBAR = { x: 0, y: TITLE_HEIGHT, width: 640, height: WINDOW.height - TITLE_HEIGHT };
const THEMES = [
  ['Default High Contrast', 'hc-black', 'high-contrast'],
  ['Default Light Modern', 'vs', 'light'],
  ['Default Dark Modern', 'vs-dark', 'dark'],
] as const;

/** What people call their clients. */
const NAMES: { readonly [Type in DemoClient['type']]: string } = {
  transmission: 'Home server',
  qbittorrent: 'Seedbox',
  deluge: 'NAS',
  rtorrent: 'Lab',
};
/** Those that are expanded, from the bottom up: what is expanded moves what is below. */
const CLIENTS = ['NAS', 'Seedbox', 'Home server'];
/** libtorrent looks for whom to give to every 15 s, and for somebody new every 30 s. */
const EXCHANGE_TIMEOUT_MS = 70_000;
const UP = 'ubuntu-26.10-desktop-amd64.iso';
const DOWN = 'debian-13.2.0-amd64-netinst.iso';

test('torrents in all states and a result in three themes', async t => {
  await mkdir(SCREENSHOTS, { recursive: true });
  await using stack = new AsyncDisposableStack();
  const [demos, vscode] = await Promise.all([startDemoDaemons(stack), openVsCode({ viewport: WINDOW }, t)]);
  const clients = demos.map(({ client }) => ({ ...client, name: NAMES[client.type] }));
  await vscode.configure({ 'btRpc.clients': clients });
  const { workbench } = vscode;
  await workbench.openContainer('BT RPC');
  await widenSidebar(vscode);
  await callMethod(vscode);
  const view = workbench.view('Clients');
  const transmission = demos.find(({ client }) => client.type === 'transmission')?.daemon;
  assert.ok(transmission);
  await startLongCheck(transmission);
  await expandAll(view);
  await workbench.runCommand('Notifications: Clear All Notifications');
  for (const theme of THEMES) await takePicture(vscode, theme, 'readme');
  await groupAndFilter(vscode, view);
  for (const theme of THEMES) await takePicture(vscode, theme, 'readme-groups', SIDEBAR);
});

async function widenSidebar({ workbench: { page } }: VsCode): Promise<void> {
  const edge = await page.locator('.part.sidebar').boundingBox();
  assert.ok(edge);
  await page.mouse.move(edge.x + edge.width, 300);
  await page.mouse.down();
  await page.mouse.move(SIDEBAR.width, 300, { steps: 5 });
  await page.mouse.up();
}

async function callMethod({ workbench }: VsCode): Promise<void> {
  const { quickInput } = workbench;
  await workbench.view('Clients').inlineAction('Home server', 'Call Method');
  await quickInput.step({ placeholder: 'Choose a method' });
  await quickInput.fill('torrent-get');
  await quickInput.pick('torrent-get');
  await quickInput.step({ message: 'Parameters as JSON' });
  await quickInput.accept('{"fields": ["name", "status", "percentDone", "uploadRatio"]}');
  await workbench.editors.waitForTab('torrent-get.json');
}

/** Has it look through 20 GB, of which no byte is on the disk: long enough for all pictures. */
async function startLongCheck(transmission: Daemon): Promise<void> {
  const info = { length: 20e9, name: 'Rocky-10.1-x86_64-dvd.iso', 'piece length': 2 ** 24 };
  const pieces = Buffer.alloc(20 * Math.ceil(info.length / info['piece length']));
  const file = path.join(transmission.home, 'downloads', info.name);
  await writeFile(file, '');
  await truncate(file, info.length);
  const metainfo = bencode({ info: { ...info, pieces } }).toString('base64');
  const { 'torrent-added': added } = await callTransmission(transmission, 'torrent-add', { metainfo });
  await callTransmission(transmission, 'torrent-verify', { ids: [added?.id] });
}

/** Expands what is to be seen, while nothing moves above it, and waits until there is life in it. */
async function expandAll(view: View): Promise<void> {
  await view.expand('Lab');
  await view.find(['Lab', 'linux-6.18.tar.xz']);
  await view.collapse('Lab');
  await view.expand('Seedbox');
  await view.expand(['Seedbox', DOWN]);
  for (const name of ['Peers', 'Trackers', 'Files']) await view.expand(['Seedbox', DOWN, name]);
  for (const name of ['NAS', 'Home server']) await view.expand(name);
  await view.find(['Seedbox', DOWN, 'Files', DOWN]);
  await view.until('a peer', rows =>
    rows.some(({ description }) => /^Deluge.* · 100 % · ↓/.test(description)),
  );
  const states: readonly (readonly [path: readonly string[], description: RegExp])[] = [
    [['Home server', 'archlinux-2026.11.01-x86_64.iso'], /^seeding/],
    [['Home server', 'kubuntu-26.10-desktop-amd64.iso'], /^error · .* · No data found/],
    [['Home server', 'linux-6.18.tar.xz'], /^stopped · 74 %/],
    [['Home server', 'openSUSE-Leap-16.0-DVD-x86_64.iso'], /^queued/],
    [['Home server', 'Rocky-10.1-x86_64-dvd.iso'], /^checking · [1-9]/],
    [['Seedbox'], /↓ .* ↑ /],
    [['NAS'], /↓ .* ↑ /],
    [['Seedbox', DOWN], /^downloading · [4-9]\d % · ↓ \d{3} kB\/s · \d+ min/],
    [['Seedbox', UP], /^seeding · ratio .* · ↑ \d{3} kB/],
    [['Seedbox', 'linuxmint-22.3-cinnamon-64bit.iso'], /^metadata/],
    [['NAS', UP], /^downloading · [4-9]\d % · ↓ \d{3} kB\/s · \d+ min/],
    [['NAS', DOWN], /^seeding · ratio .* · ↑ \d{3} kB/],
  ];
  for (const [place, description] of states) {
    const isSo = (rows: readonly TreeRow[]) => {
      const at = rows.findIndex(row => row.level === 1 && row.label === place[0]);
      const row = rows.slice(at).find(({ label }) => label === place.at(-1));
      return description.test(row?.description ?? '');
    };
    await view.until(`${place.join(' › ')} as ${description}`, isSo, EXCHANGE_TIMEOUT_MS);
  }
}

/** Groups by state under a filter, some of them expanded. */
async function groupAndFilter(vscode: VsCode, view: View): Promise<void> {
  const { workbench } = vscode;
  await workbench.runCommand('BT RPC: Filter Torrents…');
  await workbench.quickInput.step({ title: 'Filter Torrents' });
  await workbench.quickInput.accept('iso size<1GB');
  await workbench.quickInput.closed();
  await vscode.configure({ 'btRpc.groupBy': 'state' });
  for (const name of CLIENTS) await view.find([name, 'Seeding']);
  for (const name of CLIENTS)
    for (const group of ['Seeding', 'Downloading']) await view.expand([name, group]);
  await view.expand(['Home server', 'Errors']);
}

async function takePicture(
  vscode: VsCode,
  [theme, kind, name]: (typeof THEMES)[number],
  prefix: string,
  part?: typeof SIDEBAR,
): Promise<void> {
  const { workbench } = vscode;
  await vscode.configure({ 'workbench.colorTheme': theme });
  await workbench.themeKind(kind);
  await workbench.page.mouse.click(900, 78); // into the first line of the result, away from the rows
  const file = path.join(SCREENSHOTS, `${prefix}-${name}.png`);
  await workbench.screenshot(file, part);
  assert.ok((await stat(file)).size > 20_000, `${file} shows something`);
}
