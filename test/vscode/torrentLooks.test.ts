// How torrents in every state look, and that nothing of what a hostile daemon says is taken for more than text.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { after, afterEach, before, describe, type TestContext, test } from 'node:test';
import { showHidden } from '../../src/util/text.ts';
import { openVsCode, type VsCode } from './support/vscode.ts';
import { waitFor } from './support/wait.ts';

const SCREENSHOTS = path.resolve(import.meta.dirname, '../../out/screenshots');

type Fields = Record<string, unknown>;

/** A Transmission 3.00 with these settings and torrents, whatever they are, and whatever becomes of them while it runs. */
async function startFake(session: Fields, torrents: readonly Fields[], listed: () => void) {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { method, arguments: args = {} } = JSON.parse(String(Buffer.concat(chunks)));
    const answers: Record<string, () => unknown> = {
      'session-get': () => ({ version: '3.00', 'session-id': 'x', 'download-dir': '/', ...session }),
      'session-stats': () => ({
        torrentCount: torrents.length,
        downloadSpeed: 1_200_000,
        uploadSpeed: 300_000,
      }),
      'free-space': () => ({ 'size-bytes': 120e9 }),
      'torrent-get': () => {
        const fields: string[] = args.fields;
        const wanted = Array.isArray(args.ids)
          ? torrents.filter(({ hashString }) => args.ids.includes(hashString))
          : torrents;
        if (args.format !== 'table') return { torrents: wanted };
        listed();
        return {
          torrents: [fields, ...wanted.map(torrent => fields.map(field => torrent[field]))],
          removed: [],
        };
      },
    };
    response.end(JSON.stringify({ result: 'success', arguments: answers[method]?.() ?? {} }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/transmission/rpc`,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
    },
  };
}

const STATUS = { stopped: 0, queued: 3, checking: 2, downloading: 4, seeding: 6 };
let lastId = 0;

function fakeTorrent(name: string, status: keyof typeof STATUS, some: Fields = {}): Fields {
  lastId += 1;
  return {
    id: lastId,
    hashString: String(lastId).padStart(40, '0'),
    name,
    status: STATUS[status],
    percentDone: 0.374,
    metadataPercentComplete: 1,
    recheckProgress: 0.5,
    sizeWhenDone: 4.7e9,
    totalSize: 4.7e9,
    labels: [],
    trackers: [{ announce: 'https://tracker.example/announce' }],
    downloadDir: '/downloads',
    addedDate: 1_764_000_000,
    queuePosition: lastId,
    error: 0,
    ...some,
  };
}

const EVIL =
  '$(bug) **b** [x](command:btRpc.removeClient) <img src=x> http://evil.example \u202eabc\u0000\u200b\n';
const SHOWN_EVIL =
  '$(bug) **b** [x](command:btRpc.removeClient) <img src=x> http://evil.example \\u{202E}abc\\u{0}\\u{200B}\\u{A}';

const TORRENTS = [
  fakeTorrent('debian-13.2.0-amd64-netinst.iso', 'downloading', {
    rateDownload: 1_200_000,
    eta: 180,
    peersConnected: 5,
  }),
  fakeTorrent('ubuntu-26.10-desktop-amd64.iso', 'seeding', {
    percentDone: 1,
    uploadRatio: 1.234,
    rateUpload: 300_000,
    peersConnected: 4,
  }),
  fakeTorrent('magnet', 'downloading', { percentDone: 0, metadataPercentComplete: 0 }),
  fakeTorrent('linux-6.18.tar.xz', 'stopped'),
  fakeTorrent('Fedora-Workstation-Live-43-x86_64.iso', 'queued'),
  fakeTorrent('archlinux-2026.11.01-x86_64.iso', 'checking'),
  fakeTorrent('disk full.iso', 'stopped', { error: 3, errorString: 'No space left on device' }),
  fakeTorrent('unregistered.iso', 'seeding', {
    percentDone: 1,
    uploadRatio: 0,
    error: 2,
    errorString: 'Unregistered torrent',
  }),
];

const evil = fakeTorrent(EVIL, 'stopped', {
  error: 3,
  errorString: EVIL,
  labels: [EVIL],
  downloadDir: EVIL,
  trackers: [{ announce: `http://${EVIL}/` }],
  files: [{ name: `${EVIL}/${EVIL}`, length: 5, bytesCompleted: 5 }],
  fileStats: [{ wanted: true, priority: 0 }],
  trackerStats: [
    { announce: `http://t.example/${EVIL}`, hasAnnounced: true, lastAnnounceResult: EVIL, announceState: 1 },
  ],
  peers: [{ address: EVIL, port: 1, clientName: EVIL, progress: 0.5, rateToClient: 5, rateToPeer: 0 }],
});
const endless = fakeTorrent('x'.repeat(10_000), 'stopped', {
  error: 2,
  errorString: 'y'.repeat(10_000),
  labels: ['z'.repeat(10_000)],
});

const ICONS = { label: 'tag', folder: 'folder' } as const;

/** Nothing hides in it. */
const assertShown = (text: string) => assert.equal(text, showHidden(text));

describe('how torrents look', () => {
  const stack = new AsyncDisposableStack();
  const session = { 'alt-speed-enabled': false };
  const torrents = [...TORRENTS];
  let listings = 0;
  let vscode: VsCode;
  let workbench: VsCode['workbench'];
  let view: ReturnType<VsCode['workbench']['view']>;
  let clients: readonly object[];

  before(async () => {
    await mkdir(SCREENSHOTS, { recursive: true });
    const fake = stack.use(await startFake(session, torrents, () => (listings += 1)));
    clients = [{ name: 'Seedbox', type: 'transmission', url: fake.url }];
    vscode = stack.use(
      await openVsCode({ settings: { 'btRpc.clients': clients, 'btRpc.refreshInterval': 1 } }),
    );
    workbench = vscode.workbench;
    await workbench.openContainer('BT RPC');
    view = workbench.view('Clients');
    const edge = await workbench.page.locator('.part.sidebar').boundingBox();
    assert.ok(edge);
    await workbench.page.mouse.move(edge.x + edge.width, 300);
    await workbench.page.mouse.down();
    await workbench.page.mouse.move(edge.x + 620, 300, { steps: 5 });
    await workbench.page.mouse.up();
    await view.expand('Seedbox');
  });
  afterEach(t => vscode?.keepEvidence(t as TestContext));
  after(() => stack.disposeAsync());

  test('each state has its words and its icon', async () => {
    await view.eventually('all', rows => {
      assert.deepEqual(
        rows.map(({ label, description, icon }) => [label, description, icon?.replace('codicon-', '')]),
        [
          ['Seedbox', 'connected · 3.00 · 8 torrents · ↓ 1.2 MB/s ↑ 300 kB/s · 120 GB free', 'pass-filled'],
          ['archlinux-2026.11.01-x86_64.iso', 'checking · 50 %', 'sync'],
          [
            'debian-13.2.0-amd64-netinst.iso',
            'downloading · 37 % · ↓ 1.2 MB/s · 3 min · 5 peers',
            'arrow-circle-down',
          ],
          ['disk full.iso', 'error · 37 % · No space left on device', 'error'],
          ['Fedora-Workstation-Live-43-x86_64.iso', 'queued · 37 % · place 6', 'clock'],
          ['linux-6.18.tar.xz', 'stopped · 37 %', 'debug-pause'],
          ['magnet', 'metadata', 'cloud-download'],
          [
            'ubuntu-26.10-desktop-amd64.iso',
            'seeding · ratio 1.23 · ↑ 300 kB/s · 4 peers',
            'arrow-circle-up',
          ],
          ['unregistered.iso', 'seeding · ratio 0.00 · Unregistered torrent', 'arrow-circle-up'],
        ],
      );
      assert.equal(
        rows[2]?.aria,
        'debian-13.2.0-amd64-netinst.iso, downloading, 37 %, down 1.2 MB/s, 3 min, 5 peers',
      );
    });
    await workbench.statusBarItem('↓ 1.2 MB/s ↑ 300 kB/s').waitFor();
    const tooltip = await view.tooltip(['Seedbox', 'debian-13.2.0-amd64-netinst.iso']);
    for (const known of [
      'Size: 4.7 GB',
      'Added: Nov 24, 2025',
      'Trackers: tracker.example',
      'Folder: /downloads',
    ])
      assert.ok(tooltip.includes(known), tooltip);
    for (const [theme, kind] of [
      ['Default High Contrast', 'hc-black'],
      ['Default High Contrast Light', 'hc-light'],
      ['Default Light Modern', 'vs'],
      ['Default Dark Modern', 'vs-dark'],
    ] as const) {
      await vscode.configure({ 'workbench.colorTheme': theme });
      await workbench.themeKind(kind);
      await workbench.screenshot(path.join(SCREENSHOTS, `looks-${kind}.png`));
    }
  });

  test('what is selected stays so when a row above it, which is too, is drawn anew', async () => {
    const names = ['debian-13.2.0-amd64-netinst.iso', 'linux-6.18.tar.xz', 'unregistered.iso'] as const;
    const [first, ...others] = names;
    await view.select(['Seedbox', first], ...others.map(name => ['Seedbox', name]));
    torrents[0] = { ...torrents[0], rateDownload: 2_100_000 };
    await view.eventually('the news, and all selected', rows => {
      assert.match(rows[2]?.description ?? '', /2\.1 MB\/s/);
      assert.deepEqual(
        rows.flatMap(({ label, selected }) => (selected ? label : [])),
        names,
      );
    });
    await view.click(['Seedbox', first]);
  });

  test('a refresh without news, or settings that mean the same, draw nothing anew', async () => {
    await workbench.page.mouse.move(0, 0);
    const count = () =>
      view.pane.locator('.monaco-list-rows').evaluate(element => {
        const page = globalThis as { drawn?: number };
        const seen = page.drawn;
        page.drawn = 0;
        if (seen === undefined) {
          // biome-ignore lint/suspicious/noExplicitAny: the page's own class
          const Observer = (globalThis as any).MutationObserver;
          new Observer(() => {
            page.drawn = (page.drawn ?? 0) + 1;
          }).observe(element, { subtree: true, childList: true, characterData: true, attributes: true });
        }
        return seen ?? 0;
      });
    const refreshes = async (wanted: number) => {
      const before = listings;
      await waitFor('some refreshes', () => listings > before + wanted);
    };
    await refreshes(1); // what was drawn for another reason, such as the pointer that left
    await count();
    await refreshes(3);
    await vscode.configure({ 'btRpc.clients': clients.map(each => ({ ...each, note: 'mine' })) });
    await refreshes(3);
    assert.equal(await count(), 0);
    torrents[0] = { ...torrents[0], rateDownload: 2_000_000 };
    await view.until('news', rows => rows.some(({ description }) => description.includes('2.0 MB/s')));
    assert.ok((await count()) > 0);
  });

  test('whatever a daemon says is text, shown as it is', async () => {
    torrents.push(evil);
    await view.find(['Seedbox', SHOWN_EVIL]);
    await view.expand(['Seedbox', SHOWN_EVIL]);
    for (const [index, folder] of ['Files', 'Trackers', 'Peers'].entries()) {
      await view.find(['Seedbox', SHOWN_EVIL, folder]);
      await view.expand(['Seedbox', SHOWN_EVIL, folder]);
      await view.until(folder, all => all.filter(({ level }) => level === 4).length === index + 1);
    }
    const rows = await view.read();
    const hover = workbench.page.locator('.monaco-hover').filter({ visible: true });
    for (const { label } of rows.filter(({ level }) => level === 4)) {
      const tooltip = await view.tooltip(label);
      assertShown(tooltip.replaceAll('\n', ''));
      assert.equal(await hover.locator('a, img, strong strong').count(), 0);
    }
    const evilTooltip = await view.tooltip(['Seedbox', SHOWN_EVIL]);
    assert.equal(await hover.locator('a, img').count(), 0);
    assert.match(evilTooltip, /\$\(bug\) \*\*b\*\* \[x\]\(command/);
    for (const { label, description, aria } of await view.read()) assertShown(label + description + aria);
    await workbench.screenshot(path.join(SCREENSHOTS, 'looks-hostile.png'));
    for (const groupBy of ['label', 'folder'] as const) {
      await vscode.configure({ 'btRpc.groupBy': groupBy });
      const groups = await view.until(groupBy, all =>
        all.some(({ label, icon }) => label.startsWith('$(bug) **b** [x]') && icon?.endsWith(ICONS[groupBy])),
      );
      for (const { label, aria } of groups) assertShown(label + aria);
    }
    await vscode.configure({ 'btRpc.groupBy': 'none' });
  });

  test('what never ends is cut', async () => {
    torrents.push(endless);
    const row = await waitFor('it', async () =>
      (await view.read()).find(({ label }) => label.startsWith('xxx')),
    );
    assert.equal(row.label, `${'x'.repeat(199)}…`);
    assert.ok(row.description.length < 250);
    const tooltip = await view.tooltip(row.label);
    assert.ok(tooltip.startsWith('xxx'), tooltip);
    assert.ok(tooltip.length < 1200, `${tooltip.length} characters`);
    await workbench.runCommand('BT RPC: Filter Torrents…');
    await workbench.quickInput.step({ title: 'Filter Torrents' });
    await workbench.quickInput.accept('q'.repeat(5000));
    const message = view.pane.locator('.tree-explorer-viewlet-tree-view .message');
    await message.filter({ hasText: '0 of 10 torrents' }).waitFor();
    await view.titleAction('Clear Filter');
  });

  test('a notice of what fails, with its hostile words as text', async () => {
    await vscode.configure({ 'btRpc.notifications': 'failed' });
    Object.assign(evil, { error: 0 });
    await view.until('it is well', rows =>
      rows.some(each => each.label === SHOWN_EVIL && /^stopped/.test(each.description)),
    );
    Object.assign(evil, { error: 3 });
    const toast = workbench.notifications.toast('failed: $(bug) **b**');
    await toast.waitFor();
    assert.equal(await toast.locator('.notification-list-item-message a').count(), 0);
    await workbench.runCommand('Notifications: Clear All Notifications');
  });

  test('what is selected in two clients stays so when one of them is drawn anew', async () => {
    await vscode.configure({ 'btRpc.clients': [...clients, { ...clients[0], name: 'Other' }] });
    await view.expand('Other');
    const other = ['Other', 'linux-6.18.tar.xz'];
    await view.find(other);
    await view.select(['Seedbox', 'linux-6.18.tar.xz'], other);
    session['alt-speed-enabled'] = true;
    await view.until('both slow, and selected', rows => {
      const slow = rows.filter(({ level, description }) => level === 1 && description.endsWith(' · slow'));
      return slow.length === 2 && rows.filter(({ selected }) => selected).length === 2;
    });
  });
});
