// What one does with torrents of several clients at once, what is asked before, and what goes wrong.
import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, test } from 'node:test';
import { DEMOS } from '../tools/demo.ts';
import { freeze, thaw } from '../tools/freeze.ts';
import { makeTorrent, NO_TRACKER } from '../tools/torrents.ts';
import { openClients } from './support/clients.ts';
import { HOSTILE_LABEL, HOSTILE_NAME } from './support/hostile.ts';

const SCREENSHOTS = path.resolve(import.meta.dirname, '../../out/screenshots');

const two = makeTorrent({ name: 'beta.iso', size: 1 << 20, trackers: [NO_TRACKER] });
const folder = makeTorrent({ name: 'folder', size: 300_000, trackers: [NO_TRACKER] });
const hidden = makeTorrent({ name: 'private.iso', trackers: [NO_TRACKER] });
const hostile = makeTorrent({ name: HOSTILE_NAME, trackers: [NO_TRACKER] });

const KINDS = ['transmission', 'qbittorrent'] as const;

describe('actions on torrents of several clients', () => {
  const ui = openClients(KINDS, {
    async fill(daemon, kind) {
      const { add } = DEMOS[kind];
      await add(daemon, two, { share: 1, isPaused: false });
      await Promise.all([folder, hidden, hostile].map(torrent => add(daemon, torrent, {})));
    },
  });

  test('hostile names are shown and not followed', async () => {
    const [kind] = KINDS;
    await ui.view.choose([ui.nameOf(kind), HOSTILE_LABEL], 'Remove Torrent…');
    const { message } = await ui.workbench.dialog.read();
    assert.equal(message, `Remove “${HOSTILE_LABEL}” from ${ui.nameOf(kind)}?`);
    assert.equal(await ui.workbench.dialog.box.locator('a').filter({ hasText: 'x' }).count(), 0);
    await ui.workbench.dialog.press('Cancel');
    // VS Code makes links, also to commands, and icons in what stands below a box.
    const { quickInput } = ui;
    await ui.view.choose([ui.nameOf(kind), HOSTILE_LABEL], 'Rename Torrent…');
    await quickInput.step({ message: 'New name of' });
    const shown = HOSTILE_LABEL.replace('](', '] (');
    assert.equal(
      await quickInput.message(),
      `New name of “${shown}” (Press 'Enter' to confirm or 'Escape' to cancel)`,
    );
    assert.equal(
      await quickInput.widget.locator('.quick-input-message a, .quick-input-message .codicon').count(),
      0,
    );
    await quickInput.cancel();
  });

  test('the palette asks, with what is selected ticked; torrents of two clients at once', async () => {
    const { quickInput } = ui;
    const [first, second] = KINDS;
    await ui.view.select([ui.nameOf(first), two.name], [ui.nameOf(second), hidden.name]);
    await ui.workbench.runCommand('BT RPC: Stop Torrent');
    await quickInput.step({ placeholder: 'Choose torrents' });
    await quickInput.eventually('what is selected, ticked, before the others', items =>
      assert.deepEqual(
        items.flatMap(({ label, checked }, index) => (checked ? [`${index} ${label}`] : [])),
        [`0 ${two.name}`, `1 ${hidden.name}`],
      ),
    );
    await ui.workbench.screenshot(path.join(SCREENSHOTS, 'choose-torrents.png'));
    await quickInput.pressButton('OK');
    await ui.witness(first, two, 'stopped', seen => seen?.isStopped === true);
    await ui.witness(second, hidden, 'stopped', seen => seen?.isStopped === true);
  });

  test('Delete removes what is selected, of both clients, after one question', async () => {
    const [first, second] = KINDS;
    await ui.view.select([ui.nameOf(first), two.name], [ui.nameOf(second), two.name]);
    await ui.workbench.page.keyboard.press('Delete');
    const { message, detail } = await ui.workbench.dialog.read();
    assert.equal(message, 'Remove 2 torrents from Transmission, qBittorrent?');
    assert.match(
      detail,
      /^beta\.iso · 1\.0 MB · Transmission\nbeta\.iso · 1\.0 MB · qBittorrent\n\nTogether 2\.1 MB/,
    );
    await ui.workbench.dialog.press('Remove Torrent');
    for (const kind of KINDS) await ui.witness(kind, two, 'gone', seen => seen === undefined);
  });

  test('whatever it is called with is not trusted', async () => {
    const call = (argument: unknown) =>
      ui.vscode.agent.run(
        (api, given) => api.commands.executeCommand('btRpc.removeTorrentAndData', given),
        argument,
      );
    await call(5);
    await ui.workbench.notifications
      .toast('Remove Torrent and Data: it was called with something that is not in the Clients view')
      .waitFor();
    // VS Code hides messages that come fast; each ends with nothing asked.
    for (const argument of ['x', {}, { kind: 'torrent', torrent: {} }, [{}]]) await call(argument);
    assert.equal(await ui.workbench.dialog.isOpen(), false);
    await ui.workbench.runCommand('Notifications: Clear All Notifications');
  });

  test('btRpc.confirm says what is asked', async () => {
    const [kind] = KINDS;
    await ui.vscode.configure({ 'btRpc.confirm': 'write' });
    await ui.view.choose([ui.nameOf(kind), folder.name], 'Start Torrent');
    const { message, buttons } = await ui.workbench.dialog.read();
    assert.equal(message, `Start Torrent: “${folder.name}”?`);
    assert.deepEqual([...buttons].sort(), ['Cancel', 'Start Torrent']);
    await ui.workbench.dialog.press('Start Torrent');
    await ui.witness(kind, folder, 'started', seen => seen?.isStopped === false);

    await ui.vscode.configure({ 'btRpc.confirm': 'never' });
    await ui.view.choose([ui.nameOf(kind), folder.name], 'Remove Torrent…');
    await ui.witness(kind, folder, 'gone', seen => seen === undefined);
    await ui.view.gone([ui.nameOf(kind), folder.name]);
    // Right after the view was drawn anew.
    await ui.view.choose([ui.nameOf(kind), hidden.name], 'Remove Torrent and Data…');
    await ui.workbench.dialog.press('Cancel');
    await ui.vscode.configure({ 'btRpc.confirm': undefined });
  });

  test('one client that hangs holds up no other, and what is cancelled is taken back', async () => {
    const [first, second] = KINDS;
    await freeze(ui.daemonOf(first));
    await ui.view.select([ui.nameOf(first), hidden.name], [ui.nameOf(second), hidden.name]);
    await ui.view.choose([ui.nameOf(second), hidden.name], 'Start Torrent');
    await ui.witness(second, hidden, 'started', seen => seen?.isStopped === false);
    await ui.shows(first, hidden.name, /^downloading/);
    await ui.workbench.notifications.press('Start Torrent…', 'Cancel');
    await ui.shows(first, hidden.name, /^stopped/);
    await ui.shows(second, hidden.name, /^(downloading|queued)/);
    await ui.workbench.notifications.toast('Start Torrent…').waitFor({ state: 'detached' });
    assert.deepEqual(await ui.workbench.notifications.read(), []);
    thaw(ui.daemonOf(first));
    await ui.view.until('connected again', rows => /^connected/.test(rows[0]?.description ?? ''), 30_000);
  });

  test('who does not wait for the labels that there are can add a torrent all the same', async () => {
    const { quickInput, notifications } = ui.workbench;
    const [kind] = KINDS;
    const step = { title: `Add “other” to ${ui.nameOf(kind)}`, placeholder: 'Enter adds' };
    await ui.vscode.agent.run(api => {
      void api.commands.executeCommand('btRpc.addTorrent', `magnet:?xt=urn:btih:${'a'.repeat(40)}&dn=other`);
    });
    await quickInput.step({ placeholder: 'Choose a client' });
    await quickInput.pick(ui.nameOf(kind));
    await quickInput.step(step);
    await quickInput.pick('State');
    await quickInput.eventually('stopped', items => assert.equal(items[3]?.description, 'stopped'));
    await freeze(ui.daemonOf(kind));
    await quickInput.pick('Labels');
    await notifications.press(step.title, 'Cancel');
    await quickInput.step(step);
    await quickInput.eventually('still stopped', items => assert.equal(items[3]?.description, 'stopped'));
    await quickInput.cancel();
    thaw(ui.daemonOf(kind));
    await ui.view.until('connected', rows => /^connected/.test(rows[0]?.description ?? ''), 30_000);
  });

  test('what one client refuses is told in one message, and done by the other', async () => {
    const [first, second] = KINDS;
    await ui.view.expand([ui.nameOf(first), hidden.name]);
    await ui.daemonOf(first).kill();
    await ui.view.select([ui.nameOf(first), hidden.name], [ui.nameOf(second), folder.name]);
    await ui.view.choose([ui.nameOf(second), folder.name], 'Start Torrent');
    await ui.workbench.notifications
      .toast(/Start Torrent \(Transmission, “private\.iso”\): Connection refused/)
      .waitFor();
    await ui.witness(second, folder, 'started', seen => seen?.isStopped === false);
    // What was only asked for likewise.
    await ui.view.choose([ui.nameOf(first), hidden.name, 'Files'], 'Set File Priority…');
    await ui.workbench.notifications
      .toast(/Set File Priority \(Transmission, “private\.iso”\): Connection refused/)
      .waitFor();
    await ui.daemonOf(first).restart();
  });
});
