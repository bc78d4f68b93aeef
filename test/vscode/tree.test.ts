// The Clients view with a thousand torrents: pages, groups, filters, orders, and what is looked into under a torrent.
import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { after, afterEach, before, describe, type TestContext, test } from 'node:test';
import { makeTorrents, startFullTransmission } from '../bench/fill.ts';
import type { Daemon } from '../tools/daemons/daemon.ts';
import { addToTransmission, callTransmission, startTransmission } from '../tools/daemons/transmission.ts';
import { withAuth } from '../tools/demo.ts';
import { freeze, thaw } from '../tools/freeze.ts';
import { makeTorrent } from '../tools/torrents.ts';
import { openVsCode, type VsCode } from './support/vscode.ts';

const SCREENSHOTS = path.resolve(import.meta.dirname, '../../out/screenshots');
const PASSKEY = '0123456789abcdef-passkey';
// Without what Transmission replaces in names of files.
const HOSTILE_FILE = 'cover __b__ [x](http) $(bug)\u202e.jpg';
const SHOWN_FILE = 'cover __b__ [x](http) $(bug)\\u{202E}.jpg';

const album = makeTorrent({
  name: 'AAA album',
  files: [
    { path: 'disc 10/track.flac', size: 40_000 },
    { path: 'disc 2/track.flac', size: 30_000 },
    { path: HOSTILE_FILE, size: 1_000 },
  ],
  trackers: [`http://127.0.0.1:1/${PASSKEY}/announce?key=${PASSKEY}`],
});

describe('a Transmission with 1,201 torrents in the Clients view', () => {
  const stack = new AsyncDisposableStack();
  let daemon: Daemon;
  let vscode: VsCode;
  let workbench: VsCode['workbench'];
  let view: ReturnType<VsCode['workbench']['view']>;
  const torrents = makeTorrents(1200);

  before(async () => {
    await mkdir(SCREENSHOTS, { recursive: true });
    daemon = await startFullTransmission(torrents, stack);
    await addToTransmission(daemon, album, { share: 0.5, labels: ['music', 'lossless $(bug)'] });
    const clients = [{ name: 'Box', type: 'transmission', url: withAuth(daemon) }];
    vscode = stack.use(
      await openVsCode({ settings: { 'btRpc.clients': clients, 'btRpc.refreshInterval': 1 } }),
    );
    workbench = vscode.workbench;
    await workbench.openContainer('BT RPC');
    view = workbench.view('Clients');
    await view.expand('Box');
    await view.find(['Box', album.name]);
  });
  afterEach(t => vscode?.keepEvidence(t as TestContext));
  after(() => stack.disposeAsync());

  const message = () => view.pane.locator('.tree-explorer-viewlet-tree-view .message');
  const labels = (rows: readonly { readonly label: string }[]) => rows.map(({ label }) => label);
  const goTo = async (key: 'Home' | 'End') => {
    await view.pane.locator('.monaco-list').first().focus();
    await workbench.page.keyboard.press(key);
  };
  const filter = async (text: string) => {
    await workbench.runCommand('BT RPC: Filter Torrents…');
    await workbench.quickInput.step({ title: 'Filter Torrents' });
    await workbench.quickInput.accept(text);
    await workbench.quickInput.closed();
  };
  const choose = async (command: string, label: string) => {
    await workbench.runCommand(`BT RPC: ${command}`);
    await workbench.quickInput.step({ title: command.slice(0, -1) });
    await workbench.quickInput.pick(label);
    await workbench.quickInput.closed();
  };

  test("the client's line has the count, the free space and slow mode", async () => {
    await view.eventually('the count and the space', ([first]) =>
      assert.match(first?.description ?? '', /^connected · \d[\d.]* · 1201 torrents · \d[\d.]* [MGT]B free$/),
    );
    await callTransmission(daemon, 'session-set', { 'alt-speed-enabled': true });
    await view.until('slow', ([first]) => /free · slow$/.test(first?.description ?? ''));
    assert.match(await view.tooltip('Box'), /Slow mode: on/);
    await callTransmission(daemon, 'session-set', { 'alt-speed-enabled': false });
    await view.until('not slow', ([first]) => /free$/.test(first?.description ?? ''));
  });

  test('the status bar has the rates while the view is shown, and leads to it', async () => {
    const item = workbench.statusBarItem('↓ 0 B/s ↑ 0 B/s');
    await item.waitFor();
    await workbench.openContainer('Explorer');
    await workbench.statusBarItem('↓ – ↑ –').click();
    await item.waitFor();
    await view.find('Box');
  });

  test('all of a page have a menu, though the row after them is no torrent', async () => {
    await view.click(['Box', album.name]);
    await workbench.page.keyboard.press('ControlOrMeta+A');
    await view.until('all selected', ([, ...rows]) => rows.every(({ selected }) => selected));
    const titles = await view.contextMenu(['Box', album.name]);
    for (const title of ['Start Torrent', 'Set Torrent Label…', 'Remove Torrent and Data…'])
      assert.ok(titles.includes(title), `${title} among ${titles}`);
    await view.click(['Box', album.name]);
  });

  test('a long list comes in pages; Enter extends it in place', async () => {
    await goTo('End');
    await view.find('Show 500 More (701 left)');
    await workbench.page.keyboard.press('Enter');
    await view.gone('Show 500 More (701 left)');
    await goTo('End');
    await view.click('Show 201 More (201 left)');
    await view.until('all', rows => !rows.some(({ label }) => label.startsWith('Show ')));
    await goTo('End');
    await view.find('Some.Show.S01E1200.1080p.WEB.H264');
    await goTo('Home');
  });

  test('a filter is checked while it is typed, seen while it is on, and cleared with one click', async () => {
    const { quickInput } = workbench;
    await workbench.runCommand('BT RPC: Filter Torrents…');
    await quickInput.step({ title: 'Filter Torrents' });
    await quickInput.fill('size>lots');
    await quickInput.step({ message: '"lots" at character 6' });
    assert.equal(await quickInput.severity(), 'error');
    await quickInput.accept('S01E000 state:stopped');
    await message().filter({ hasText: 'Filter: S01E000 state:stopped · 8 of 1201 torrents' }).waitFor();
    await view.eventually('eight torrents', rows => {
      assert.equal(rows.length, 9);
      assert.equal(rows[1]?.label, 'Some.Show.S01E0002.1080p.WEB.H264');
    });
    await filter('[x](command:btRpc.removeClient)');
    await view.find(['Box', 'No torrent matches the filter']);
    assert.equal(await message().locator('a').count(), 0);
    await view.titleAction('Clear Filter');
    await view.find(['Box', album.name]);
    await message().waitFor({ state: 'hidden' });
    await workbench.runCommand('BT RPC: Filter Torrents…');
    await quickInput.step({ title: 'Filter Torrents' });
    assert.equal(await quickInput.value(), '[x](command:btRpc.removeClient)');
    await quickInput.cancel();
  });

  test('Sort Torrents sorts, and turns around', async () => {
    await choose('Sort Torrents…', 'Size');
    await view.until('the largest first', rows => rows[1]?.label === album.name);
    await choose('Sort Torrents…', 'Size');
    await view.until('the smallest first', rows => /\(0001\)/.test(rows[1]?.label ?? ''));
    await choose('Sort Torrents…', 'Name');
    await view.until('by name', rows => rows[1]?.label === album.name);
  });

  test('Group Torrents writes the setting; groups have counts, errors come first', async () => {
    await callTransmission(daemon, 'torrent-start', { ids: torrents.slice(0, 3).map(each => each.infoHash) });
    await choose('Group Torrents…', 'State');
    await view.eventually('groups', rows => {
      assert.deepEqual(
        rows.slice(1).map(({ label, description }) => `${label} ${description}`),
        ['Downloading 3', 'Stopped 1198'],
      );
      assert.equal(rows[1]?.aria, 'Downloading, 3 torrents');
      assert.equal(rows[1]?.icon, 'codicon-arrow-circle-down');
    });
    await view.expand(['Box', 'Downloading']);
    await view.until('three', all => all.filter(({ level }) => level === 3).length === 3);
    const moving = torrents[0]?.name ?? '';
    await view.expand(['Box', 'Downloading', moving]);
    await view.expand(['Box', 'Downloading', moving, 'Files']);
    await callTransmission(daemon, 'torrent-stop', { ids: torrents.slice(0, 2).map(each => each.infoHash) });
    await view.until('one', all => all.filter(({ level }) => level === 3).length === 1);
    await view.expand(['Box', 'Stopped']);
    await view.until('what was expanded still so', all => {
      const at = all.findIndex(({ label }) => label === moving);
      return all[at]?.expanded === true && all[at + 1]?.label === 'Files' && all[at + 1]?.expanded === true;
    });
    await view.collapse(['Box', 'Stopped', moving, 'Files']);
    await view.collapse(['Box', 'Stopped', moving]);
    await view.collapse(['Box', 'Stopped']);
    await choose('Group Torrents…', 'Label');
    await view.eventually('labels', rows =>
      assert.deepEqual(labels(rows), ['Box', 'lossless $(bug)', 'music', 'No Label']),
    );
    await view.expand(['Box', 'music']);
    await view.find(['Box', 'music', album.name]);
    await vscode.configure({ 'btRpc.groupBy': 'none' });
    await view.find(['Box', album.name]);
  });

  test('under a torrent are its files, as they change', async () => {
    await view.expand(['Box', album.name]);
    await view.eventually('folders', rows =>
      assert.deepEqual(labels(rows.slice(2, 5)), ['Files', 'Trackers', 'Peers']),
    );
    await view.expand(['Box', album.name, 'Files']);
    await view.eventually('files', rows =>
      assert.deepEqual(
        rows.filter(({ level }) => level === 4).map(({ label, description }) => [label, description]),
        [
          [SHOWN_FILE, '0 % · 1.0 kB · AAA album'],
          ['track.flac', '0 % · 30.0 kB · AAA album/disc 2'],
          ['track.flac', '81 % · 40.0 kB · AAA album/disc 10'],
        ],
      ),
    );
    await callTransmission(daemon, 'torrent-set', { ids: [album.infoHash], 'priority-high': [2] });
    await view.until('its priority', all => all.some(each => /high priority/.test(each.description)));
    const tooltip = await view.tooltip(['Box', album.name, 'Files', SHOWN_FILE]);
    assert.ok(tooltip.startsWith(`AAA album/${SHOWN_FILE}`), tooltip);
    await workbench.screenshot(path.join(SCREENSHOTS, 'tree-files.png'));
    await view.collapse(['Box', album.name, 'Files']);
  });

  test('its trackers, without the secret in their addresses; and that there are no peers', async () => {
    await view.expand(['Box', album.name, 'Trackers']);
    await view.find(['Box', album.name, 'Trackers', '127.0.0.1:1']);
    const tooltip = await view.tooltip(['Box', album.name, 'Trackers', '127.0.0.1:1']);
    assert.match(tooltip, /^http:\/\/127\.0\.0\.1:1\/…/);
    await view.expand(['Box', album.name, 'Peers']);
    await view.find(['Box', album.name, 'Peers', 'No peers']);
    assert.ok(!(await workbench.page.content()).includes(PASSKEY));
    await workbench.screenshot(path.join(SCREENSHOTS, 'tree-trackers.png'));
  });

  test('a daemon that is killed and comes back finds what was expanded still so', async () => {
    await view.click(['Box', album.name, 'Trackers', '127.0.0.1:1']);
    await daemon.kill();
    await view.find(['Box', 'Connection refused'], 8_000);
    const known = (await view.read()).filter(({ level }) => level === 4);
    assert.deepEqual(labels(known), ['127.0.0.1:1', 'No peers']);
    await workbench.screenshot(path.join(SCREENSHOTS, 'tree-failed.png'));
    await view.until('all that may be out of date dimmed', all => {
      // What is selected has the colour of the selection.
      const old = all.filter(each => each.level > 1 && each.label !== 'Connection refused' && !each.selected);
      return new Set(old.map(({ iconColor }) => iconColor)).size === 1;
    });
    await daemon.restart();
    await view.until('connected', ([first]) => /1201 torrents/.test(first?.description ?? ''), 30_000);
    await view.gone(['Box', 'Connection refused']);
    await view.until('it is selected still', rows =>
      rows.some(({ label, selected }) => label === '127.0.0.1:1' && selected),
    );
    await view.find(['Box', album.name, 'Peers', 'No peers']);
  });

  test('a notice of a torrent that finishes, only where it is wanted; Show leads to it, be it far down', async () => {
    const { notifications } = workbench;
    await vscode.configure({ 'btRpc.notifications': 'all' });
    await choose('Sort Torrents…', 'Size');
    await choose('Sort Torrents…', 'Size');
    await album.writePayload(path.join(daemon.home, 'downloads'), 1);
    await callTransmission(daemon, 'torrent-verify', { ids: [album.infoHash] });
    await notifications.press('Box: “AAA album” finished', 'Show');
    await view.until('it is selected, far down', rows =>
      rows.some(({ label, selected, index }) => label === album.name && selected && index > 1000),
    );
    await goTo('Home');
    await choose('Sort Torrents…', 'Name');
  });

  test('a client that hangs holds up no other', async () => {
    await using other = await startTransmission();
    await addToTransmission(other, makeTorrent({ name: 'other.iso' }));
    await freeze(daemon);
    const entries = [
      { name: 'Box', type: 'transmission', url: daemon.url },
      { name: 'Other', type: 'transmission', url: withAuth(other) },
    ];
    await vscode.configure({ 'btRpc.clients': entries });
    // Until then it is about to be another client, whose row is drawn anew.
    await workbench.notifications.toast('Credentials of “Other” were moved').waitFor();
    await view.collapse('Box');
    await view.expand('Other');
    await view.find(['Other', 'other.iso']);
    await callTransmission(other, 'torrent-start', { ids: [makeTorrent({ name: 'other.iso' }).infoHash] });
    await view.until('it starts', rows => rows.some(each => /^downloading/.test(each.description)));
    thaw(daemon);
    await vscode.configure({ 'btRpc.clients': entries.slice(0, 1) });
    await view.gone('Other');
  });
});
