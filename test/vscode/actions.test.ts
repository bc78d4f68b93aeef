// What one does with torrents, on two kinds of clients, looked at in the daemons themselves.
import assert from 'node:assert/strict';
import { access, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, afterEach, before, describe, type TestContext, test } from 'node:test';
import type { Daemon } from '../tools/daemons/daemon.ts';
import { callQbittorrent } from '../tools/daemons/qbittorrent.ts';
import { callTransmission } from '../tools/daemons/transmission.ts';
import { DEMOS, withAuth } from '../tools/demo.ts';
import { freeze, thaw } from '../tools/freeze.ts';
import { makeTorrent, type Torrent } from '../tools/torrents.ts';
import { openVsCode, type VsCode } from './support/vscode.ts';
import { waitFor } from './support/wait.ts';
import { WITNESSES, type Witnessed } from './support/witnesses.ts';

const SCREENSHOTS = path.resolve(import.meta.dirname, '../../out/screenshots');
const NO_TRACKER = 'http://127.0.0.1:1/announce';
const HOSTILE_NAME = 'a\u202eb $(bug) **bold** [x](command:btRpc.removeClient)';
const HOSTILE_LABEL = 'a\\u{202E}b $(bug) **bold** [x](command:btRpc.removeClient)';

const make = (name: string) => makeTorrent({ name, size: 1 << 20, trackers: [NO_TRACKER] });
const one = make('alpha.iso');
const two = make('beta.iso');
const kept = make('gamma.iso');
const gone = make('delta.iso');
const folder = makeTorrent({
  name: 'folder',
  files: [
    { path: 'first.bin', size: 100_000 },
    { path: 'second.bin', size: 100_000 },
    { path: 'third.bin', size: 100_000 },
  ],
  trackers: [NO_TRACKER],
});
const hidden = makeTorrent({
  name: 'private.iso',
  isPrivate: true,
  trackers: ['http://127.0.0.1:1/k3y/announce'],
});
const hostile = makeTorrent({ name: HOSTILE_NAME, trackers: [NO_TRACKER] });

const KINDS = ['transmission', 'qbittorrent'] as const;
type Kind = (typeof KINDS)[number];

/** What sets the kinds apart. */
const TRAITS: {
  readonly [K in Kind]: {
    /** The boxes that setting a label goes through before the label. */
    readonly hasTags: boolean;
    readonly canExport: boolean;
    /** Whether its alternative speed limits are on. */
    isSlow(daemon: Daemon): Promise<boolean>;
    /** What only this daemon's own words for a torrent have. */
    readonly ownWord: RegExp;
  };
} = {
  transmission: {
    hasTags: false,
    canExport: false,
    isSlow: async daemon => (await callTransmission(daemon, 'session-get'))['alt-speed-enabled'],
    ownWord: /"hash_?[sS]tring": /,
  },
  qbittorrent: {
    hasTags: true,
    canExport: true,
    isSlow: async daemon => Number(await callQbittorrent(daemon, 'transfer/speedLimitsMode')) === 1,
    ownWord: /"piece_size": /,
  },
};

describe('actions on torrents', () => {
  let vscode: VsCode;
  let workbench: VsCode['workbench'];
  let view: ReturnType<VsCode['workbench']['view']>;
  const daemons = new Map<Kind, Daemon>();
  const stack = new AsyncDisposableStack();
  const daemonOf = (kind: Kind) => daemons.get(kind) as Daemon;
  const nameOf = (kind: Kind) => DEMOS[kind].label;

  before(async () => {
    for (const kind of KINDS) {
      const daemon = stack.use(await DEMOS[kind].start());
      daemons.set(kind, daemon);
      for (const torrent of [one, two, kept, gone])
        await DEMOS[kind].add(daemon, torrent, { share: 1, isPaused: false });
      for (const torrent of [folder, hidden, hostile]) await DEMOS[kind].add(daemon, torrent, {});
    }
    await callQbittorrent(
      daemonOf('qbittorrent'),
      'app/setPreferences',
      new URLSearchParams({ json: JSON.stringify({ queueing_enabled: true, max_active_torrents: 50 }) }),
    );
    const clients = KINDS.map(kind => ({ name: nameOf(kind), type: kind, url: withAuth(daemonOf(kind)) }));
    // A click is to select a torrent and no more: what opens below it moves the rows.
    const settings = { 'btRpc.clients': clients, 'workbench.tree.expandMode': 'doubleClick' };
    vscode = stack.use(await openVsCode({ settings }));
    workbench = vscode.workbench;
    await workbench.openContainer('BT RPC');
    view = workbench.view('Clients');
    for (const kind of KINDS) {
      await view.expand(nameOf(kind));
      await view.find([nameOf(kind), two.name]);
    }
    await workbench.runCommand('Notifications: Clear All Notifications');
  });
  afterEach(async t => {
    await vscode?.keepEvidence(t as TestContext);
    // No tooltip is to cover what the next one clicks.
    await workbench?.page.mouse.move(900, 600);
  });
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

  /** Waits until the view says so. */
  const shows = (kind: Kind, label: string, description: RegExp) =>
    waitFor(`${nameOf(kind)}'s ${label} shown as ${description}`, async () =>
      description.test((await view.find([nameOf(kind), label])).description),
    );

  for (const kind of KINDS) {
    const client = nameOf(kind);
    const { hasTags, canExport, isSlow, ownWord } = TRAITS[kind];

    describe(client, () => {
      test('stop from the row, start from the menu', async () => {
        await shows(kind, one.name, /^seeding/);
        await view.inlineAction([client, one.name], 'Stop Torrent');
        await witness(kind, one, 'stopped', seen => seen?.isStopped === true);
        await shows(kind, one.name, /^stopped/);
        await view.choose([client, one.name], 'Start Torrent');
        await witness(kind, one, 'started', seen => seen?.isStopped === false);
        await shows(kind, one.name, /^(seeding|queued)/);
      });

      test('several at once', async () => {
        await view.select([client, one.name], [client, two.name]);
        await view.choose([client, two.name], 'Stop Torrent');
        for (const torrent of [one, two])
          await witness(kind, torrent, 'stopped', seen => seen?.isStopped === true);
        await view.choose([client, two.name], 'Start Torrent Now');
        for (const torrent of [one, two])
          await witness(kind, torrent, 'started', seen => seen?.isStopped === false);
      });

      test('verify finds what is missing', async () => {
        await view.choose([client, two.name], 'Stop Torrent');
        await witness(kind, two, 'stopped', seen => seen?.isStopped === true);
        await writeFile(path.join(daemonOf(kind).home, 'downloads', two.name), Buffer.alloc(1 << 20));
        await view.choose([client, two.name], 'Verify Torrent');
        await witness(kind, two, 'found empty', seen => seen?.progress === 0);
      });

      test('a label that is new, and none', async () => {
        const { quickInput } = workbench;
        await view.choose([client, one.name], 'Set Torrent Label…');
        if (hasTags) {
          await quickInput.step({ placeholder: 'Choose what to set' });
          await quickInput.pick('Category');
        }
        await quickInput.step({ placeholder: 'or type what is new' });
        await quickInput.fill('linux');
        await quickInput.pick('Create “linux”');
        if (!hasTags) await quickInput.pressButton('OK');
        await witness(kind, one, 'labelled', seen => seen?.labels.join() === 'linux');

        await view.choose([client, one.name], 'Set Torrent Label…');
        if (hasTags) {
          await quickInput.step({ placeholder: 'Choose what to set' });
          await quickInput.pick('Category');
        }
        await quickInput.step({ placeholder: 'or type what is new' });
        if (hasTags) await quickInput.pick('None');
        else {
          assert.equal((await quickInput.items()).find(({ label }) => label === 'linux')?.checked, true);
          await quickInput.pick('linux');
          await quickInput.pressButton('OK');
        }
        await witness(kind, one, 'without a label', seen => seen?.labels.length === 0);
      });

      if (hasTags)
        test('tags, several', async () => {
          const { quickInput } = workbench;
          await view.choose([client, one.name], 'Set Torrent Label…');
          await quickInput.step({ placeholder: 'Choose what to set' });
          await quickInput.pick('Tags');
          await quickInput.step({ placeholder: 'or type what is new' });
          for (const tag of ['old', 'new']) {
            await quickInput.fill(tag);
            await quickInput.pick(`Create “${tag}”`);
          }
          await quickInput.pressButton('OK');
          await witness(kind, one, 'tagged', seen => seen?.tags.toSorted().join() === 'new,old');
        });

      test('rename', async () => {
        const { quickInput } = workbench;
        await view.choose([client, kept.name], 'Rename Torrent…');
        await quickInput.step({ message: `New name of “${kept.name}”` });
        assert.equal(await quickInput.value(), kept.name);
        await quickInput.accept('renamed.iso');
        await witness(kind, kept, 'renamed', seen => seen?.name === 'renamed.iso');
        await view.find([client, 'renamed.iso']);
      });

      test('location', async () => {
        const { quickInput } = workbench;
        const target = path.join(daemonOf(kind).home, 'elsewhere');
        await view.choose([client, one.name], 'Set Torrent Location…');
        await quickInput.step({ message: "Folder on the daemon's machine" });
        assert.equal(await quickInput.value(), path.join(daemonOf(kind).home, 'downloads'));
        await quickInput.fill('elsewhere');
        await quickInput.step({ message: 'An absolute path' });
        await quickInput.accept(target);
        await witness(kind, one, 'moved', seen => seen?.savePath.replace(/\/$/, '') === target);
        await waitFor('its file moved', () => access(path.join(target, one.name)).then(() => true));
      });

      test('trackers', async () => {
        const { quickInput } = workbench;
        const added = ['http://127.0.0.1:2/announce', 'udp://127.0.0.1:3'];
        await view.choose([client, one.name], 'Add Trackers…');
        await quickInput.step({ message: 'Announce URLs' });
        await quickInput.fill('ftp://tracker');
        await quickInput.step({ message: 'No announce URL of http, https, udp, ws or wss: ftp://tracker' });
        await quickInput.accept(added.join(' '));
        await witness(kind, one, 'with the trackers', seen =>
          added.every(url => seen?.trackers.some(tracker => tracker.startsWith(url))),
        );
      });

      test('queue', async () => {
        const { quickInput } = workbench;
        // qBittorrent queues what is not complete only.
        await view.choose([client, hidden.name], 'Move in Queue…');
        await quickInput.step({ placeholder: 'Choose where to' });
        assert.deepEqual(
          (await quickInput.items()).map(({ label }) => label),
          ['Top', 'Up', 'Down', 'Bottom'],
        );
        await quickInput.pick('Top');
        await witness(kind, hidden, 'first', seen => seen?.queuePosition === 0);
      });

      test('priority of files', async () => {
        const { quickInput } = workbench;
        await view.click([client, folder.name]);
        await workbench.runCommand('BT RPC: Set File Priority…');
        await quickInput.step({ placeholder: 'Choose a torrent' });
        await quickInput.pick(folder.name);
        await quickInput.step({ placeholder: 'Choose files' });
        const items = await quickInput.items();
        const labels = items.map(({ label }) => label);
        assert.deepEqual(
          labels.map(label => label.replace(/^folder\//, '')),
          ['first.bin', 'second.bin', 'third.bin'],
        );
        for (const label of labels.slice(1)) await quickInput.pick(label);
        await quickInput.pressButton('OK');
        await quickInput.step({ placeholder: 'Choose the priority of 2 files' });
        assert.deepEqual(
          (await quickInput.items()).map(({ label }) => label),
          kind === 'transmission' ? ['Skip', 'Low', 'Normal', 'High'] : ['Skip', 'Normal', 'High'],
        );
        await quickInput.pick('Skip');
        await witness(kind, folder, 'in part', seen => seen?.priorities.join() === 'normal,skip,skip');
      });

      test('copies', async () => {
        const clipboard = () => vscode.agent.run(api => api.env.clipboard.readText());
        const copied = (text: string | RegExp) =>
          waitFor(`${text} copied`, async () =>
            typeof text === 'string' ? (await clipboard()) === text : text.test(await clipboard()),
          );
        await view.select([client, one.name], [client, two.name]);
        await view.choose([client, one.name], 'Copy Torrent Name');
        await copied(`${one.name}\n${two.name}`);
        await view.choose([client, one.name], 'Copy Info Hash');
        await copied(`${one.infoHash}\n${two.infoHash}`);
        await view.click([client, two.name]);
        await view.choose([client, two.name], 'Copy Magnet Link');
        await copied(new RegExp(`^magnet:\\?xt=urn:btih:${two.infoHash}&dn=beta.iso`));
        // A private tracker's address holds a secret of the user's.
        await view.choose([client, hidden.name], 'Copy Magnet Link');
        await copied(`magnet:?xt=urn:btih:${hidden.infoHash}&dn=private.iso`);
      });

      test('all that is known, as JSON', async () => {
        await view.choose([client, folder.name], 'Show Torrent');
        await workbench.editors.waitForTab(`${folder.name}.json`);
        const text = await workbench.editors.text();
        JSON.parse(text);
        assert.match(text, ownWord);
        await workbench.runCommand('View: Close All Editors');
      });

      test('export, where the client can do it', async () => {
        const menu = await view.contextMenu([client, folder.name]);
        assert.equal(menu.includes('Export Torrent…'), canExport);
        if (!canExport) return;
        const { quickInput } = workbench;
        const target = path.join(vscode.folder, `${kind}.torrent`);
        await view.choose([client, folder.name], 'Export Torrent…');
        await quickInput.step({ title: 'Export Torrent' });
        await waitFor('the name offered', async () => (await quickInput.value()).endsWith('/folder.torrent'));
        await quickInput.accept(target);
        const exported = await waitFor('the file', async () => {
          const bytes = await readFile(target);
          return bytes.length > 0 ? bytes : undefined; // it is there before its content is
        });
        const info = exported.subarray(exported.indexOf('4:infod') + '4:info'.length);
        assert.ok(folder.metainfo.includes(info.subarray(0, 100)));
      });

      test('slow mode', async () => {
        await view.choose(client, 'Enable Slow Mode');
        await waitFor('slow', () => isSlow(daemonOf(kind)));
        await waitFor('the way back', async () =>
          (await view.contextMenu(client)).includes('Disable Slow Mode'),
        );
        await view.choose(client, 'Disable Slow Mode');
        await waitFor('fast', async () => !(await isSlow(daemonOf(kind))));
      });

      test('remove asks, names what goes, and keeps the files', async () => {
        await view.choose([client, gone.name], 'Remove Torrent…');
        const { message, detail, buttons } = await workbench.dialog.read();
        assert.equal(message, `Remove “${gone.name}” from ${client}?`);
        assert.equal(detail, `${gone.name} · 1.0 MB\n\nIts files stay where they are.`);
        assert.deepEqual([...buttons].sort(), ['Cancel', 'Remove Torrent']);
        await workbench.dialog.press('Cancel');
        assert.ok(await WITNESSES[kind](daemonOf(kind), gone.infoHash));

        await view.choose([client, gone.name], 'Remove Torrent…');
        await workbench.dialog.press('Remove Torrent');
        await witness(kind, gone, 'gone', seen => seen === undefined);
        await view.gone([client, gone.name]);
        await access(path.join(daemonOf(kind).home, 'downloads', gone.name));
      });

      test('remove with data takes the files too', async () => {
        await view.choose([client, one.name], 'Remove Torrent and Data…');
        const { message, detail } = await workbench.dialog.read();
        assert.equal(message, `Remove “${one.name}” and data from ${client}?`);
        assert.match(detail, /Its files are deleted for good\.$/);
        await workbench.screenshot(path.join(SCREENSHOTS, `remove-${kind}.png`));
        await workbench.dialog.press('Remove Torrent and Data');
        await witness(kind, one, 'gone', seen => seen === undefined);
        await waitFor(
          'its file gone',
          async () => !(await readdir(path.join(daemonOf(kind).home, 'elsewhere'))).includes(one.name),
        );
        await view.gone([client, one.name]);
      });
    });
  }

  test('hostile names are shown and not followed', async () => {
    const [kind] = KINDS;
    await view.choose([nameOf(kind), HOSTILE_LABEL], 'Remove Torrent…');
    const { message } = await workbench.dialog.read();
    assert.equal(message, `Remove “${HOSTILE_LABEL}” from ${nameOf(kind)}?`);
    assert.equal(await workbench.dialog.box.locator('a').filter({ hasText: 'x' }).count(), 0);
    await workbench.dialog.press('Cancel');
    // VS Code makes links, also to commands, and icons in what stands below a box.
    const { quickInput } = workbench;
    await view.choose([nameOf(kind), HOSTILE_LABEL], 'Rename Torrent…');
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
    const { quickInput } = workbench;
    const [first, second] = KINDS;
    await view.select([nameOf(first), two.name], [nameOf(second), hidden.name]);
    await workbench.runCommand('BT RPC: Stop Torrent');
    await quickInput.step({ placeholder: 'Choose torrents' });
    const items = await quickInput.items();
    assert.deepEqual(
      items.filter(({ checked }) => checked).map(({ label }) => label),
      [two.name, hidden.name],
    );
    assert.ok(
      items.slice(0, 2).every(({ checked }) => checked),
      'they are the first',
    );
    await workbench.screenshot(path.join(SCREENSHOTS, 'choose-torrents.png'));
    await quickInput.pressButton('OK');
    await witness(first, two, 'stopped', seen => seen?.isStopped === true);
    await witness(second, hidden, 'stopped', seen => seen?.isStopped === true);
  });

  test('Delete removes what is selected, of both clients, after one question', async () => {
    const [first, second] = KINDS;
    await view.select([nameOf(first), two.name], [nameOf(second), two.name]);
    await workbench.page.keyboard.press('Delete');
    const { message, detail } = await workbench.dialog.read();
    assert.equal(message, 'Remove 2 torrents from Transmission, qBittorrent?');
    assert.match(
      detail,
      /^beta\.iso · 1\.0 MB · Transmission\nbeta\.iso · 1\.0 MB · qBittorrent\n\nTogether 2\.1 MB/,
    );
    await workbench.dialog.press('Remove Torrent');
    for (const kind of KINDS) await witness(kind, two, 'gone', seen => seen === undefined);
  });

  test('whatever it is called with is not trusted', async () => {
    const call = (argument: unknown) =>
      vscode.agent.run(
        (api, given) => api.commands.executeCommand('btRpc.removeTorrentAndData', given),
        argument,
      );
    await call(5);
    await workbench.notifications
      .toast('Remove Torrent and Data: it was called with something that is not in the Clients view')
      .waitFor();
    // VS Code hides messages that come fast; each ends with nothing asked.
    for (const argument of ['x', {}, { kind: 'torrent', torrent: {} }, [{}]]) await call(argument);
    assert.equal(await workbench.dialog.isOpen(), false);
    await workbench.runCommand('Notifications: Clear All Notifications');
  });

  test('btRpc.confirm says what is asked', async () => {
    const [kind] = KINDS;
    await vscode.configure({ 'btRpc.confirm': 'write' });
    await view.choose([nameOf(kind), folder.name], 'Start Torrent');
    const { message, buttons } = await workbench.dialog.read();
    assert.equal(message, `Start Torrent: “${folder.name}”?`);
    assert.deepEqual([...buttons].sort(), ['Cancel', 'Start Torrent']);
    await workbench.dialog.press('Start Torrent');
    await witness(kind, folder, 'started', seen => seen?.isStopped === false);

    await vscode.configure({ 'btRpc.confirm': 'never' });
    await view.choose([nameOf(kind), folder.name], 'Remove Torrent…');
    await witness(kind, folder, 'gone', seen => seen === undefined);
    await view.gone([nameOf(kind), folder.name]);
    // Right after the view was drawn anew.
    await view.choose([nameOf(kind), hidden.name], 'Remove Torrent and Data…');
    await workbench.dialog.press('Cancel');
    await vscode.configure({ 'btRpc.confirm': undefined });
  });

  test('one client that hangs holds up no other, and what is cancelled is taken back', async () => {
    const [first, second] = KINDS;
    await freeze(daemonOf(first));
    await view.select([nameOf(first), hidden.name], [nameOf(second), hidden.name]);
    await view.choose([nameOf(second), hidden.name], 'Start Torrent');
    await witness(second, hidden, 'started', seen => seen?.isStopped === false);
    await shows(first, hidden.name, /^downloading/);
    await workbench.notifications.press('Start Torrent…', 'Cancel');
    await shows(first, hidden.name, /^stopped/);
    await shows(second, hidden.name, /^(downloading|queued)/);
    await workbench.notifications.toast('Start Torrent…').waitFor({ state: 'detached' });
    assert.deepEqual(await workbench.notifications.read(), []);
    thaw(daemonOf(first));
    await view.until('connected again', rows => /^connected/.test(rows[0]?.description ?? ''), 30_000);
  });

  test('what one client refuses is told in one message, and done by the other', async () => {
    const [first, second] = KINDS;
    await daemonOf(first).kill();
    await view.select([nameOf(first), hidden.name], [nameOf(second), folder.name]);
    await view.choose([nameOf(second), folder.name], 'Start Torrent');
    await workbench.notifications
      .toast(/Start Torrent \(Transmission, “private\.iso”\): Connection refused/)
      .waitFor();
    await witness(second, folder, 'started', seen => seen?.isStopped === false);
    await daemonOf(first).restart();
  });
});
