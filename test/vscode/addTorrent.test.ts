// Torrents added in every way there is, on two kinds of clients, looked at in the daemons themselves.
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, afterEach, before, describe, type TestContext, test } from 'node:test';
import type { Daemon } from '../tools/daemons/daemon.ts';
import { DEMOS, withAuth } from '../tools/demo.ts';
import { makeTorrent, type Torrent } from '../tools/torrents.ts';
import { Menu } from './support/menu.ts';
import { openVsCode, type VsCode } from './support/vscode.ts';
import { exactly, waitFor } from './support/wait.ts';
import { WITNESSES, type Witnessed } from './support/witnesses.ts';

const SCREENSHOTS = path.resolve(import.meta.dirname, '../../out/screenshots');
const NO_TRACKER = 'http://127.0.0.1:1/announce';
const make = (name: string) => makeTorrent({ name, trackers: [NO_TRACKER] });

const explored = make('explored.iso');
const opened = make('opened.iso');
const linked = make('linked.iso');
const several = [make('several-1.iso'), make('several-2.iso')] as const;
const dropped = make('dropped.iso');
const hostile = make('a\u202eb $(bug) **bold** [x](command:btRpc.removeClient)');
const HOSTILE_LABEL = 'a\\u{202E}b $(bug) **bold** [x](command:btRpc.removeClient)';
const folder = makeTorrent({
  name: 'folder',
  files: [
    { path: 'first.bin', size: 100_000 },
    { path: 'second.bin', size: 200_000 },
    { path: 'third.bin', size: 300_000 },
  ],
  trackers: [NO_TRACKER],
});
const magnet = (torrent: Torrent) =>
  `magnet:?xt=urn:btih:${torrent.infoHash}&dn=${encodeURIComponent(torrent.name)}`;

const KINDS = ['transmission', 'qbittorrent'] as const;
type Kind = (typeof KINDS)[number];

/** What is dropped: a file with its content, a text, or the address of a file in VS Code. */
interface DroppedData {
  readonly file?: { readonly name: string; readonly base64: string };
  readonly text?: string;
  readonly uri?: string;
}

/** Runs in the page. */
function makeDataTransfer({ file, text, uri }: DroppedData): unknown {
  // biome-ignore lint/suspicious/noExplicitAny: of a browser, whose types are not those of Node
  const page = globalThis as any;
  const data = new page.DataTransfer();
  if (file)
    data.items.add(
      new page.File([page.Uint8Array.from(atob(file.base64), (c: string) => c.charCodeAt(0))], file.name),
    );
  if (text) data.setData('text/plain', text);
  if (uri) data.setData('text/uri-list', uri);
  return data;
}

describe('adding torrents', () => {
  let vscode: VsCode;
  let workbench: VsCode['workbench'];
  let view: ReturnType<VsCode['workbench']['view']>;
  const daemons = new Map<Kind, Daemon>();
  const stack = new AsyncDisposableStack();
  const daemonOf = (kind: Kind) => daemons.get(kind) as Daemon;
  const nameOf = (kind: Kind) => DEMOS[kind].label;

  before(async () => {
    for (const kind of KINDS) daemons.set(kind, stack.use(await DEMOS[kind].start()));
    const clients = KINDS.map(kind => ({ name: nameOf(kind), type: kind, url: withAuth(daemonOf(kind)) }));
    const torrents = [explored, opened, linked, ...several, dropped, folder];
    vscode = stack.use(
      await openVsCode({
        settings: { 'btRpc.clients': clients, 'workbench.tree.expandMode': 'doubleClick' },
        files: {
          ...Object.fromEntries(torrents.map(({ name, metainfo }) => [`${name}.torrent`, metainfo])),
          'hostile.torrent': hostile.metainfo,
          'empty.torrent': '',
          'page.torrent': '<!doctype html><title>Not found</title>',
        },
      }),
    );
    workbench = vscode.workbench;
    await workbench.openContainer('BT RPC');
    view = workbench.view('Clients');
    for (const kind of KINDS) {
      await view.expand(nameOf(kind));
      await view.until(`${nameOf(kind)} connected`, rows =>
        rows.some(({ label, description }) => label === nameOf(kind) && /^connected/.test(description)),
      );
    }
    await workbench.runCommand('Notifications: Clear All Notifications');
  });
  afterEach(t => vscode?.keepEvidence(t as TestContext));
  after(() => stack.disposeAsync());

  /** Waits until the daemon itself says so. */
  const witness = (
    kind: Kind,
    torrent: Torrent,
    what: string,
    isWanted: (seen: Witnessed | undefined) => boolean,
  ) =>
    waitFor(`${nameOf(kind)}'s ${torrent.name} ${what}`, async () =>
      isWanted(await WITNESSES[kind](daemonOf(kind), torrent.infoHash)),
    );

  /** Waits until the view has selected it: what was added there is shown. */
  const isSelected = (client: string, { name }: Torrent) =>
    waitFor(`${name} selected`, async () => (await view.find([client, name])).selected);

  /** Chooses from the explorer's menu of files, all of them selected. */
  const chooseInExplorer = async (...files: readonly [string, ...string[]]): Promise<void> => {
    await workbench.openContainer('Explorer');
    const rowOf = (file: string) =>
      workbench.page
        .locator('.explorer-folders-view .monaco-list-row')
        .filter({ has: workbench.page.locator('.label-name').filter({ hasText: exactly(file) }) });
    await rowOf(files[0]).click();
    for (const file of files.slice(1)) await rowOf(file).click({ modifiers: ['ControlOrMeta'] });
    await rowOf(files[0]).click({ button: 'right' });
    await (await new Menu(workbench.page).opened()).choose('Add Torrent…');
  };

  /** Runs the command as another extension may; resolves when all that it asks is answered. */
  const execute = (...args: readonly unknown[]): Promise<unknown> =>
    vscode.agent.run((api, given) => api.commands.executeCommand('btRpc.addTorrent', ...given), args);

  test('from the explorer: the client is asked for, and Enter adds with the defaults', async () => {
    const { quickInput } = workbench;
    await chooseInExplorer('explored.iso.torrent');
    await quickInput.step({ title: 'Add Torrent', placeholder: 'Choose a client' });
    await quickInput.pick('qBittorrent');
    await quickInput.step({ title: 'Add “explored.iso” to qBittorrent', placeholder: 'Enter adds' });
    const items = await quickInput.items();
    assert.deepEqual(
      items.map(({ label, description }) => [label, description]),
      [
        ['Add', ''],
        ['Save Path', `${path.join(daemonOf('qbittorrent').home, 'downloads')} (default)`],
        ['Category', 'none'],
        ['State', 'started'],
      ],
    );
    await workbench.screenshot(path.join(SCREENSHOTS, 'add-torrent.png'));
    await quickInput.accept();
    await witness('qbittorrent', explored, 'there', seen => seen?.isStopped === false);
  });

  test('from a file, for the client whose menu it was', async () => {
    const { quickInput } = workbench;
    await workbench.openContainer('BT RPC');
    await view.inlineAction('Transmission', 'Add Torrent…');
    await quickInput.step({ title: 'Add Torrent', placeholder: 'Choose where from' });
    await quickInput.pick('From File…');
    await waitFor('the dialog of files', async () => (await quickInput.value()).endsWith('/folder/'));
    await quickInput.fill(path.join(vscode.folder, 'opened.iso.torrent'));
    await quickInput.row('opened.iso.torrent').waitFor();
    await quickInput.accept();
    await quickInput.step({ title: 'Add “opened.iso” to Transmission', placeholder: 'Enter adds' });
    await quickInput.items();
    await quickInput.accept();
    await witness('transmission', opened, 'there', seen => seen?.isStopped === false);
    await isSelected('Transmission', opened);
  });

  test('a magnet link on the clipboard is offered; what is none is refused', async () => {
    const { quickInput } = workbench;
    await vscode.agent.run((api, text) => api.env.clipboard.writeText(text), ` ${magnet(linked)}\n`);
    await view.inlineAction('qBittorrent', 'Add Torrent…');
    await quickInput.step({ placeholder: 'Choose where from' });
    await quickInput.pick('Magnet Link or URL…');
    await quickInput.step({ message: 'Magnet link, or the address of a .torrent file' });
    assert.equal(await quickInput.value(), magnet(linked));
    await quickInput.fill('magnet:?xt=urn:btih:123');
    await quickInput.step({ message: 'Not the link of a torrent' });
    await quickInput.fill('ftp://example.com/x.torrent');
    await quickInput.step({ message: 'A magnet link, or an address that begins with http:// or https://' });
    await quickInput.accept(magnet(linked));
    await quickInput.step({ title: 'Add “linked.iso” to qBittorrent', placeholder: 'Enter adds' });
    await quickInput.items();
    await quickInput.accept();
    await witness('qbittorrent', linked, 'there', seen => seen !== undefined);
    await isSelected('qBittorrent', linked);
  });

  for (const kind of KINDS)
    test(`with a folder, a label, stopped and in part, to ${nameOf(kind)}`, async () => {
      const { quickInput } = workbench;
      const target = path.join(daemonOf(kind).home, 'chosen');
      await chooseInExplorer('folder.torrent');
      await quickInput.step({ placeholder: 'Choose a client' });
      await quickInput.pick(nameOf(kind));
      const options = { title: `Add “folder” to ${nameOf(kind)}`, placeholder: 'Enter adds' };
      const rowOf = async (start: RegExp) => {
        await quickInput.step(options);
        await workbench.page.mouse.move(900, 600); // no tooltip is to cover the rows
        const found = (await quickInput.items()).find(({ label }) => start.test(label));
        return found?.label ?? assert.fail(String(start));
      };

      await quickInput.pick(await rowOf(/^Save Path/));
      await quickInput.step({ message: "Folder on the daemon's machine" });
      await quickInput.accept(target);
      await quickInput.pick(await rowOf(/^(Label|Category)/));
      await quickInput.step({ placeholder: 'Choose, or type what is new' });
      await quickInput.fill('linux');
      await quickInput.pick('Create “linux”');
      if (kind === 'transmission') await quickInput.pressButton('OK');
      await quickInput.pick(await rowOf(/^State/));
      // The next list looks like the one before, whose rows lead nowhere any more.
      await quickInput.eventually('stopped', items => assert.equal(items[3]?.description, 'stopped'));
      await quickInput.pick(await rowOf(/^Files/));
      await quickInput.step({ placeholder: 'Choose the files to download' });
      await quickInput.pick('folder/second.bin');
      await quickInput.pressButton('OK');
      await rowOf(/^Files/);
      assert.deepEqual(
        (await quickInput.items()).map(({ description }) => description),
        ['', target, 'linux', 'stopped', '2 of 3, 400 kB of 600 kB'],
      );
      await quickInput.accept();
      await witness(kind, folder, 'there', seen => seen?.savePath.replace(/\/$/, '') === target);
      await witness(kind, folder, 'labelled', seen => seen?.labels.join() === 'linux');
      await witness(kind, folder, 'stopped', ({ isStopped } = {} as Witnessed) => isStopped);
      await witness(kind, folder, 'in part', ({ priorities } = {} as Witnessed) =>
        exactly('normal,skip,normal').test(priorities.join()),
      );
    });

  test('how it was done is remembered for each client; several at once', async () => {
    const { quickInput } = workbench;
    await chooseInExplorer('several-1.iso.torrent', 'several-2.iso.torrent');
    await quickInput.step({ placeholder: 'Choose a client' });
    await quickInput.pick('Transmission');
    await quickInput.step({ title: 'Add 2 torrents to Transmission', placeholder: 'Enter adds' });
    assert.deepEqual(
      (await quickInput.items()).map(({ description }) => description),
      ['', path.join(daemonOf('transmission').home, 'chosen'), 'linux', 'stopped'],
    );
    await quickInput.accept();
    for (const torrent of several)
      await witness('transmission', torrent, 'there', seen => seen?.labels.join() === 'linux');
  });

  test('one that is there already is said so, and shown', async () => {
    const { quickInput } = workbench;
    await chooseInExplorer('explored.iso.torrent');
    await quickInput.step({ placeholder: 'Choose a client' });
    await quickInput.pick('qBittorrent');
    await quickInput.step({ placeholder: 'Enter adds' });
    await quickInput.items();
    await quickInput.accept();
    await workbench.notifications.press('“explored.iso”: already in qBittorrent', 'Show');
    await isSelected('qBittorrent', explored);
  });

  test('dropped on a client: files of other programs, files of the explorer, links', async () => {
    const { quickInput } = workbench;
    await workbench.openContainer('BT RPC');
    /** Drops on the row of a client as a browser does. */
    const drop = async (client: string, dropped: DroppedData): Promise<void> => {
      const row = await view.locate(client);
      const dataTransfer = await workbench.page.evaluateHandle(makeDataTransfer, dropped);
      for (const event of ['dragenter', 'dragover', 'drop'])
        await row.dispatchEvent(event, { dataTransfer, bubbles: true, cancelable: true });
    };
    await drop('Transmission', {
      file: { name: 'dropped.iso.torrent', base64: dropped.metainfo.toString('base64') },
    });
    await quickInput.step({ title: 'Add “dropped.iso” to Transmission', placeholder: 'Enter adds' });
    await quickInput.items();
    await quickInput.accept();
    await witness('transmission', dropped, 'there', seen => seen !== undefined);
    await isSelected('Transmission', dropped);

    await drop('Transmission', {
      uri: `vscode-remote://127.0.0.1:${vscode.server.port}${vscode.folder}/linked.iso.torrent`,
    });
    await quickInput.step({ title: 'Add “linked.iso” to Transmission', placeholder: 'Enter adds' });
    await quickInput.cancel();

    await drop('qBittorrent', { text: magnet(dropped) });
    await quickInput.step({ title: 'Add “dropped.iso” to qBittorrent', placeholder: 'Enter adds' });
    await quickInput.items();
    await quickInput.accept();
    await witness('qbittorrent', dropped, 'there', seen => seen !== undefined);
    await isSelected('qBittorrent', dropped);
  });

  test('what is no torrent is refused with its reason, before a client is asked for', async () => {
    await chooseInExplorer('page.torrent');
    await workbench.notifications.toast('page.torrent: Not a .torrent file: it is a web page').waitFor();
    await workbench.runCommand('Notifications: Clear All Notifications');

    await chooseInExplorer('empty.torrent', 'page.torrent', 'hostile.torrent');
    const { message, detail, buttons } = await workbench.dialog.read();
    assert.equal(message, '2 of 3 cannot be added');
    assert.match(detail, /empty\.torrent: Not a \.torrent file: it is empty/);
    assert.deepEqual([...buttons].sort(), [`Add “${HOSTILE_LABEL}”`, 'Cancel'].sort());
    await workbench.dialog.press(`Add “${HOSTILE_LABEL}”`);
    const { quickInput } = workbench;
    await quickInput.step({ placeholder: 'Choose a client' });
    await quickInput.pick('Transmission');
    await quickInput.step({ title: `Add “${HOSTILE_LABEL}” to Transmission` });
    await quickInput.items();
    await quickInput.accept();
    await witness('transmission', hostile, 'there', seen => seen !== undefined);
  });

  test('by name of another program: a link, several files; nonsense is said to be that', async () => {
    const { quickInput } = workbench;
    const link = execute(magnet(linked));
    await quickInput.step({ placeholder: 'Choose a client' });
    await quickInput.cancel();
    await link;
    await execute('nonsense');
    await workbench.notifications.toast('Add Torrent: nonsense: A magnet link, or an address').waitFor();
    await execute(5);
    await workbench.notifications.toast('Add Torrent: it was called with something').waitFor();
    await workbench.runCommand('Notifications: Clear All Notifications');
    const files = vscode.agent.run((api, folder) => {
      const uris = ['several-1.iso.torrent', 'several-2.iso.torrent'].map(name =>
        api.Uri.file(`${folder}/${name}`),
      );
      return api.commands.executeCommand('btRpc.addTorrent', uris);
    }, vscode.folder);
    await quickInput.step({ placeholder: 'Choose a client' });
    await quickInput.pick('qBittorrent');
    await quickInput.step({ title: 'Add 2 torrents to qBittorrent' });
    await quickInput.cancel();
    await files;
  });
});
