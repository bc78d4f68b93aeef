// Torrents added in every way there is, to each kind of client, looked at in the daemons themselves.
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { DaemonKind } from '../tools/daemons/daemon.ts';
import { makeTorrent, NO_TRACKER, type Torrent } from '../tools/torrents.ts';
import { startWebServer } from '../tools/webServer.ts';
import { openClients } from './support/clients.ts';
import { type DroppedData, dropOn } from './support/drop.ts';
import { chooseInExplorer } from './support/explorer.ts';
import { HOSTILE_LABEL, HOSTILE_NAME } from './support/hostile.ts';
import { KINDS, TRAITS } from './support/traits.ts';
import { waitFor } from './support/wait.ts';

const SCREENSHOTS = path.resolve(import.meta.dirname, '../../out/screenshots');
const make = (name: string) => makeTorrent({ name, trackers: [NO_TRACKER] });

const explored = make('explored.iso');
const opened = make('opened.iso');
const linked = make('linked.iso');
const fetched = make('fetched.iso');
const several = [make('several-1.iso'), make('several-2.iso')] as const;
const dropped = make('dropped.iso');
const hostile = make(HOSTILE_NAME);
const folder = makeTorrent({
  name: 'folder',
  files: [
    { path: 'first.bin', size: 100_000 },
    { path: 'second.bin', size: 200_000 },
    { path: 'third.bin', size: 300_000 },
  ],
  trackers: [NO_TRACKER],
});
const written = make('written.iso');
const torrents = [explored, opened, linked, ...several, dropped, folder];
const magnet = (torrent: Torrent) =>
  `magnet:?xt=urn:btih:${torrent.infoHash}&dn=${encodeURIComponent(torrent.name)}&tr=${encodeURIComponent(NO_TRACKER)}`;

describe('adding torrents', () => {
  const ui = openClients(KINDS, {
    viewport: { width: 1280, height: 1000 },
    // The editor that a click opens is not to select its file and no other.
    settings: { 'explorer.autoReveal': false },
    files: {
      ...Object.fromEntries(torrents.map(({ name, metainfo }) => [`${name}.torrent`, metainfo])),
      'hostile.torrent': hostile.metainfo,
      'empty.torrent': '',
      'page.torrent': '<!doctype html><title>Not found</title>',
    },
    fill: async (daemon, kind) => TRAITS[kind].prepare?.(daemon),
  });
  let web: Awaited<ReturnType<typeof startWebServer>>;
  before(async () => {
    web = await startWebServer(fetched);
  });
  after(() => web[Symbol.asyncDispose]());

  const choose = (...files: readonly [string, ...string[]]) =>
    chooseInExplorer(ui.workbench, 'Add Torrent…', ...files);

  const drop = async (client: string, data: DroppedData) => dropOn(await ui.view.locate(client), data);

  /** Runs the command as another extension may; resolves when all that it asks is answered. */
  const execute = (...args: readonly unknown[]): Promise<unknown> =>
    ui.vscode.agent.run((api, given) => api.commands.executeCommand('btRpc.addTorrent', ...given), args);

  /** Waits for the options, and adds with those that there are. */
  const acceptOptions = async (what: string, client: string): Promise<void> => {
    await ui.quickInput.step({ title: `Add ${what} to ${client}`, placeholder: 'Enter adds' });
    await ui.quickInput.items();
    await ui.quickInput.accept();
  };

  /** Goes through the boxes that ask for a link. */
  const enterLink = async (client: string, link: string): Promise<void> => {
    await ui.view.inlineAction(client, 'Add Torrent…');
    await ui.quickInput.step({ placeholder: 'Choose where from' });
    await ui.quickInput.pick('Magnet Link or URL…');
    await ui.quickInput.step({ message: 'Magnet link, or the address of a .torrent file' });
    await ui.quickInput.accept(link);
  };

  const isThere = (kind: DaemonKind, torrent: Torrent) =>
    ui.witness(kind, torrent, 'there', seen => seen !== undefined);

  test('from the explorer: the client is asked for, and Enter adds with the defaults', async () => {
    const { quickInput } = ui;
    await choose('explored.iso.torrent');
    await quickInput.step({ title: 'Add Torrent', placeholder: 'Choose a client' });
    await quickInput.pick('qBittorrent');
    await quickInput.step({ title: 'Add “explored.iso” to qBittorrent', placeholder: 'Enter adds' });
    const downloads = path.join(ui.daemonOf('qbittorrent').home, 'downloads');
    await quickInput.eventually('the options', items =>
      assert.deepEqual(
        items.map(({ label, description }) => [label, description]),
        [
          ['Add', ''],
          ['Save Path', `${downloads} (default)`],
          ['Category', 'none'],
          ['State', 'started'],
        ],
      ),
    );
    await ui.workbench.screenshot(path.join(SCREENSHOTS, 'add-torrent.png'));
    await quickInput.accept();
    await ui.workbench.notifications.press('“explored.iso”: added to qBittorrent', 'Show');
    await ui.witness('qbittorrent', explored, 'there', seen => seen?.isStopped === false);
    await ui.isSelected('qbittorrent', explored.name);
  });

  test('a magnet link on the clipboard is offered; what is none is refused', async () => {
    const { quickInput } = ui;
    await ui.vscode.agent.run((api, text) => api.env.clipboard.writeText(text), ` ${magnet(linked)}\n`);
    await ui.workbench.openContainer('BT RPC');
    await ui.view.inlineAction('qBittorrent', 'Add Torrent…');
    await quickInput.step({ placeholder: 'Choose where from' });
    await quickInput.pick('Magnet Link or URL…');
    await quickInput.step({ message: 'Magnet link, or the address of a .torrent file' });
    assert.equal(await quickInput.value(), magnet(linked));
    await quickInput.fill('magnet:?xt=urn:btih:123');
    await quickInput.step({ message: 'Not the link of a torrent' });
    await quickInput.fill('ftp://example.com/x.torrent');
    await quickInput.step({ message: 'A magnet link, or an address that begins with http:// or https://' });
    await quickInput.cancel();
  });

  test('dropped from the explorer', async () => {
    const file = `${ui.vscode.folder}/linked.iso.torrent`;
    await drop('Transmission', { uri: `vscode-remote://127.0.0.1:${ui.vscode.server.port}${file}` });
    await ui.quickInput.step({ title: 'Add “linked.iso” to Transmission', placeholder: 'Enter adds' });
    await ui.quickInput.cancel();
  });

  test('what is no torrent is refused with its reason, before a client is asked for', async () => {
    const { quickInput, workbench } = ui;
    await choose('page.torrent');
    await workbench.notifications.toast('page.torrent: Not a .torrent file: it is a web page').waitFor();
    await workbench.runCommand('Notifications: Clear All Notifications');

    await choose('empty.torrent', 'page.torrent', 'hostile.torrent');
    const { message, detail, buttons } = await workbench.dialog.read();
    assert.equal(message, '2 of 3 cannot be added');
    assert.match(detail, /empty\.torrent: Not a \.torrent file: it is empty/);
    assert.deepEqual([...buttons].sort(), [`Add “${HOSTILE_LABEL}”`, 'Cancel'].sort());
    await workbench.dialog.press(`Add “${HOSTILE_LABEL}”`);
    await quickInput.step({ placeholder: 'Choose a client' });
    await quickInput.pick('Transmission');
    await acceptOptions(`“${HOSTILE_LABEL}”`, 'Transmission');
    await isThere('transmission', hostile);
  });

  test('by name of another program: a link, several files; nonsense is said to be that', async () => {
    const { quickInput, workbench } = ui;
    const link = execute(magnet(linked));
    await quickInput.step({ placeholder: 'Choose a client' });
    await quickInput.cancel();
    await link;
    await execute('nonsense');
    await workbench.notifications.toast('Add Torrent: nonsense: A magnet link, or an address').waitFor();
    await execute(5);
    await workbench.notifications.toast('Add Torrent: it was called with something').waitFor();
    await workbench.runCommand('Notifications: Clear All Notifications');
    const files = ui.vscode.agent.run((api, folder) => {
      const uris = ['several-1.iso.torrent', 'several-2.iso.torrent'].map(name =>
        api.Uri.file(`${folder}/${name}`),
      );
      return api.commands.executeCommand('btRpc.addTorrent', uris);
    }, ui.vscode.folder);
    await quickInput.step({ placeholder: 'Choose a client' });
    await quickInput.pick('qBittorrent');
    await quickInput.step({ title: 'Add 2 torrents to qBittorrent' });
    await quickInput.cancel();
    await files;
  });

  test('what was added is selected, and takes no keys from who goes on writing', async () => {
    const { quickInput, workbench } = ui;
    await workbench.openContainer('BT RPC');
    await workbench.runCommand('File: New Untitled Text File');
    const link = execute(magnet(written));
    await quickInput.step({ placeholder: 'Choose a client' });
    await quickInput.pick('Transmission');
    await acceptOptions('“written.iso”', 'Transmission');
    await ui.isSelected('transmission', written.name);
    await link;
    await workbench.page.locator('.monaco-editor.focused').waitFor();
    await workbench.runCommand('View: Close All Editors');
  });

  for (const kind of KINDS) {
    const client = ui.nameOf(kind);
    // rTorrent does not keep the name that a link gives.
    const nameOfLinked = kind === 'rtorrent' ? `${linked.infoHash.toUpperCase()}.meta` : linked.name;

    describe(client, () => {
      before(async () => {
        await ui.workbench.openContainer('BT RPC');
        await ui.view.expand(client);
      });
      // So that the others have room.
      after(async () => {
        await ui.workbench.openContainer('BT RPC');
        await ui.view.collapse(client);
      });

      test('from a file, for the client whose menu it was', async () => {
        const { quickInput } = ui;
        await ui.view.inlineAction(client, 'Add Torrent…');
        await quickInput.step({ title: 'Add Torrent', placeholder: 'Choose where from' });
        await quickInput.pick('From File…');
        await waitFor('the dialog of files', async () => (await quickInput.value()).endsWith('/folder/'));
        await quickInput.fill(path.join(ui.vscode.folder, 'opened.iso.torrent'));
        await quickInput.row('opened.iso.torrent').waitFor();
        await quickInput.accept();
        await acceptOptions('“opened.iso”', client);
        await ui.witness(kind, opened, 'there', seen => seen?.isStopped === false);
        await ui.isSelected(kind, opened.name);
      });

      test('by a magnet link', async () => {
        await enterLink(client, magnet(linked));
        await acceptOptions('“linked.iso”', client);
        await isThere(kind, linked);
        await ui.isSelected(kind, nameOfLinked);
        await ui.shows(kind, nameOfLinked, /^metadata/);
      });

      test('by an address, which the daemon fetches', async () => {
        await enterLink(client, web.there);
        await acceptOptions(`“${web.there}”`, client);
        await isThere(kind, fetched);
        await ui.view.find([client, fetched.name]);
        // qBittorrent does not tell what it will be.
        if (kind === 'qbittorrent') {
          await ui.workbench.notifications.toast(`“${web.there}”: added to ${client}`).waitFor();
          await ui.workbench.runCommand('Notifications: Clear All Notifications');
        } else await ui.isSelected(kind, fetched.name);
      });

      test('dropped: a file of another program, a link', async () => {
        const { name, metainfo } = dropped;
        await drop(client, { file: { name: `${name}.torrent`, base64: metainfo.toString('base64') } });
        await acceptOptions('“dropped.iso”', client);
        await isThere(kind, dropped);
        await ui.isSelected(kind, dropped.name);

        await drop(client, { text: magnet(linked) });
        await acceptOptions('“linked.iso”', client);
        await ui.workbench.notifications.toast(`“linked.iso”: already in ${client}`).waitFor();
        await ui.isSelected(kind, nameOfLinked);
      });

      test('with a folder, a label, stopped and in part', async () => {
        const { quickInput } = ui;
        const target = path.join(ui.daemonOf(kind).home, 'chosen');
        await choose('folder.torrent');
        await quickInput.step({ placeholder: 'Choose a client' });
        await quickInput.pick(client);
        const pickOption = async (label: string) => {
          await quickInput.step({ title: `Add “folder” to ${client}`, placeholder: 'Enter adds' });
          await ui.workbench.page.mouse.move(900, 600); // no tooltip is to cover the rows
          await quickInput.pick(label);
        };

        await pickOption('Save Path');
        await quickInput.step({ message: "Folder on the daemon's machine" });
        await quickInput.accept(target);
        await pickOption(TRAITS[kind].labelling);
        await quickInput.step({ placeholder: 'Choose, or type what is new' });
        await quickInput.fill('linux');
        await quickInput.pick('Create “linux”');
        if (TRAITS[kind].labelling === 'Labels') await quickInput.pressButton('OK');
        await pickOption('State');
        // The next list looks like the one before, whose rows lead nowhere any more.
        await quickInput.eventually('stopped', items => assert.equal(items[3]?.description, 'stopped'));
        await pickOption('Files');
        await quickInput.step({ placeholder: 'Choose the files to download' });
        await quickInput.pick('folder/second.bin');
        await quickInput.pressButton('OK');
        await quickInput.step({ placeholder: 'Enter adds' });
        await quickInput.eventually('what was chosen', items =>
          assert.deepEqual(
            items.map(({ description }) => description),
            ['', target, 'linux', 'stopped', '2 of 3, 400 kB of 600 kB'],
          ),
        );
        await quickInput.accept();
        await ui.witness(kind, folder, 'as it was chosen', seen => {
          const { savePath, labels = [], isStopped, priorities = [] } = seen ?? {};
          const isChosen = savePath === target && labels.join() === 'linux' && isStopped;
          return isChosen === true && priorities.join() === 'normal,skip,normal';
        });
      });

      test('how it was done is remembered; several at once', async () => {
        const { quickInput } = ui;
        await choose('several-1.iso.torrent', 'several-2.iso.torrent');
        await quickInput.step({ placeholder: 'Choose a client' });
        await quickInput.pick(client);
        await quickInput.step({ title: `Add 2 torrents to ${client}`, placeholder: 'Enter adds' });
        await quickInput.eventually('what is remembered', items =>
          assert.deepEqual(
            items.map(({ description }) => description),
            ['', path.join(ui.daemonOf(kind).home, 'chosen'), 'linux', 'stopped'],
          ),
        );
        await quickInput.accept();
        for (const torrent of several)
          await ui.witness(kind, torrent, 'there', seen => seen?.labels.join() === 'linux');
      });
    });
  }
});
