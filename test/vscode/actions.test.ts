// What one does with torrents, on each kind of client, looked at in the daemons themselves.
import assert from 'node:assert/strict';
import { access, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import type { Daemon, DaemonKind } from '../tools/daemons/daemon.ts';
import { callTransmission } from '../tools/daemons/transmission.ts';
import { DEMOS } from '../tools/demo.ts';
import { makeTorrent, NO_TRACKER } from '../tools/torrents.ts';
import { type AnnounceServer, startLonelyTracker } from '../tools/tracker.ts';
import { openClients } from './support/clients.ts';
import { KINDS, TRAITS } from './support/traits.ts';
import { waitFor } from './support/wait.ts';

const SCREENSHOTS = path.resolve(import.meta.dirname, '../../out/screenshots');
const MENU = [
  ...['Start Torrent Now', 'Stop Torrent', 'Verify Torrent', 'Reannounce Torrent'],
  ...['Set Torrent Label…', 'Move in Queue…', 'Rename Torrent…', 'Set Torrent Location…', 'Add Trackers…'],
  ...['Copy Torrent Name', 'Copy Info Hash', 'Copy Magnet Link', 'Show Torrent', 'Export Torrent…'],
  ...['Remove Torrent…', 'Remove Torrent and Data…'],
];

const make = (name: string) => makeTorrent({ name, size: 1 << 20, trackers: [NO_TRACKER] });
const one = make('alpha.iso');
const two = make('beta.iso');
const gone = make('delta.iso');
const waiting = make('waiting.iso');
const files = ['first.bin', 'second.bin', 'third.bin'].map(name => ({ path: name, size: 100_000 }));
const folder = makeTorrent({ name: 'folder', files, trackers: [NO_TRACKER] });
const announcedBy = (trackers: readonly string[]) => makeTorrent({ name: 'announced.iso', trackers });
const announced = announcedBy([NO_TRACKER]);

/**
 * After the first announce Transmission takes no order for another for two minutes of its own, after others for as long as
 * the tracker says.
 */
async function announceMore(daemon: Daemon, { log }: AnnounceServer): Promise<void> {
  const ids = [announced.infoHash];
  await callTransmission(daemon, 'torrent-stop', { ids });
  await waitFor('the announced stop', () => log.some(({ event }) => event === 'stopped'));
  await callTransmission(daemon, 'torrent-start', { ids });
}

describe('actions on torrents', () => {
  const trackers = new Map<DaemonKind, AnnounceServer>();
  const ui = openClients(KINDS, {
    viewport: { width: 1280, height: 1000 },
    async fill(daemon, kind) {
      await TRAITS[kind].prepare?.(daemon);
      const { add } = DEMOS[kind];
      const tracker = await startLonelyTracker();
      trackers.set(kind, tracker);
      await Promise.all([
        ...[one, two, gone].map(torrent => add(daemon, torrent, { share: 1, isPaused: false })),
        ...[folder, waiting].map(torrent => add(daemon, torrent, {})),
        add(daemon, announcedBy([tracker.url]), { isPaused: false }),
      ]);
      await waitFor('the first announce', () => tracker.log.length > 0);
      if (kind === 'transmission') await announceMore(daemon, tracker);
    },
  });
  after(() => Promise.all([...trackers.values()].map(tracker => tracker[Symbol.asyncDispose]())));

  for (const kind of KINDS) {
    const { lacks, labelling, hasTags, hasLowPriority, isSlow } = TRAITS[kind];
    const client = ui.nameOf(kind);
    const offers = (title: string) => !lacks.includes(title);

    describe(client, () => {
      test('what it can do is offered, and nothing else', async () => {
        await ui.shows(kind, one.name, /^seeding/);
        assert.deepEqual(await ui.view.contextMenu([client, one.name]), MENU.filter(offers));
        const menu = await ui.view.contextMenu(client);
        assert.equal(menu.includes('Enable Slow Mode'), isSlow !== undefined);
      });

      test('stop from the row, start from the menu', async () => {
        await ui.view.inlineAction([client, one.name], 'Stop Torrent');
        await ui.witness(kind, one, 'stopped', seen => seen?.isStopped === true);
        await ui.shows(kind, one.name, /^stopped/);
        await ui.view.choose([client, one.name], 'Start Torrent');
        await ui.witness(kind, one, 'started', seen => seen?.isStopped === false);
        await ui.shows(kind, one.name, /^(seeding|queued)/);
      });

      test('several at once', async () => {
        await ui.view.select([client, one.name], [client, two.name]);
        await ui.view.choose([client, two.name], 'Stop Torrent');
        for (const torrent of [one, two])
          await ui.witness(kind, torrent, 'stopped', seen => seen?.isStopped === true);
        await ui.view.choose(
          [client, two.name],
          offers('Start Torrent Now') ? 'Start Torrent Now' : 'Start Torrent',
        );
        for (const torrent of [one, two]) {
          await ui.witness(kind, torrent, 'started', seen => seen?.isStopped === false);
          await ui.shows(kind, torrent.name, /^(seeding|queued)/);
        }
      });

      test('verify finds what is missing', async () => {
        await ui.view.click([client, two.name]);
        await ui.view.choose([client, two.name], 'Stop Torrent');
        await ui.witness(kind, two, 'stopped', seen => seen?.isStopped === true);
        await writeFile(path.join(ui.daemonOf(kind).home, 'downloads', two.name), Buffer.alloc(1 << 20));
        await ui.view.choose([client, two.name], 'Verify Torrent');
        await ui.witness(kind, two, 'found empty', seen => seen?.progress === 0);
        // rTorrent complains.
        await ui.shows(kind, two.name, /^(stopped|error) · 0 %/);
      });

      test('reannounce asks the tracker again', async () => {
        const { log } = trackers.get(kind) ?? assert.fail();
        const between = () => log.filter(({ event }) => event === undefined);
        assert.deepEqual(between(), []);
        await ui.view.choose([client, announced.name], 'Reannounce Torrent');
        await waitFor('an announce', () => between().length > 0);
        assert.deepEqual([...new Set(log.map(({ infoHash }) => infoHash))], [announced.infoHash]);
      });

      /** Goes through the boxes before the labels. */
      const askForLabel = async () => {
        await ui.view.choose([client, one.name], 'Set Torrent Label…');
        if (hasTags) {
          await ui.quickInput.step({ placeholder: 'Choose what to set' });
          await ui.quickInput.pick('Category');
        }
        await ui.quickInput.step({ placeholder: 'or type what is new' });
      };

      test('a label that is new', async () => {
        await askForLabel();
        await ui.quickInput.fill('linux');
        await ui.quickInput.pick('Create “linux”');
        if (labelling === 'Labels') await ui.quickInput.pressButton('OK');
        await ui.witness(kind, one, 'labelled', seen => seen?.labels.join() === 'linux');
      });

      if (hasTags)
        test('tags, several', async () => {
          const { quickInput } = ui;
          await ui.view.choose([client, one.name], 'Set Torrent Label…');
          await quickInput.step({ placeholder: 'Choose what to set' });
          await quickInput.pick('Tags');
          await quickInput.step({ placeholder: 'or type what is new' });
          for (const tag of ['old', 'new']) {
            await quickInput.fill(tag);
            await quickInput.pick(`Create “${tag}”`);
          }
          await quickInput.pressButton('OK');
          await ui.witness(kind, one, 'tagged', seen => seen?.tags.toSorted().join() === 'new,old');
        });

      test('location', async () => {
        const { quickInput } = ui;
        const { home } = ui.daemonOf(kind);
        const target = path.join(home, 'elsewhere');
        await ui.view.choose([client, one.name], 'Set Torrent Location…');
        await quickInput.step({ message: "Folder on the daemon's machine" });
        assert.equal(await quickInput.value(), path.join(home, 'downloads'));
        await quickInput.fill('elsewhere');
        await quickInput.step({ message: 'An absolute path' });
        await quickInput.accept(target);
        await ui.witness(kind, one, 'moved', seen => seen?.savePath === target);
        await waitFor('its file moved', () => access(path.join(target, one.name)).then(() => true));
      });

      test('trackers', async () => {
        const { quickInput } = ui;
        const added = ['http://127.0.0.2:2/announce', 'udp://127.0.0.3:3'];
        await ui.view.choose([client, one.name], 'Add Trackers…');
        await quickInput.step({ message: 'Announce URLs' });
        await quickInput.fill('ftp://tracker');
        await quickInput.step({ message: 'No announce URL of http, https, udp, ws or wss: ftp://tracker' });
        await quickInput.accept(added.join(' '));
        await ui.witness(kind, one, 'with the trackers', seen =>
          added.every(url => seen?.trackers.some(tracker => tracker.startsWith(url))),
        );
      });

      test('its tooltip tells what was set', async () => {
        await ui.shows(kind, one.name, /^(seeding|queued)/);
        const text = await ui.view.tooltip([client, one.name]);
        assert.match(text, /^Labels: linux$/m);
        assert.match(text, /^Trackers: 127\.0\.0\.1, 127\.0\.0\.2, 127\.0\.0\.3$/m);
        const { home } = ui.daemonOf(kind);
        assert.ok(text.includes(`\nFolder: ${path.join(home, 'elsewhere')}\n`), text);
      });

      test('no label', async () => {
        await askForLabel();
        if (labelling === 'Labels') {
          await ui.quickInput.eventually('its label', items =>
            assert.equal(items.find(({ label }) => label === 'linux')?.checked, true),
          );
          await ui.quickInput.pick('linux');
          await ui.quickInput.pressButton('OK');
        } else await ui.quickInput.pick('None');
        await ui.witness(kind, one, 'without a label', seen => seen?.labels.length === 0);
      });

      if (offers('Move in Queue…'))
        test('queue', async () => {
          const { quickInput } = ui;
          // What is complete is in no queue of qBittorrent's and Deluge's.
          await ui.view.choose([client, waiting.name], 'Move in Queue…');
          await quickInput.step({ placeholder: 'Choose where to' });
          await quickInput.eventually('four ways', items =>
            assert.deepEqual(
              items.map(({ label }) => label),
              ['Top', 'Up', 'Down', 'Bottom'],
            ),
          );
          await quickInput.pick('Top');
          await ui.witness(kind, waiting, 'first', seen => seen?.queuePosition === 0);
        });

      if (offers('Rename Torrent…'))
        test('rename', async () => {
          const { quickInput } = ui;
          await ui.view.choose([client, waiting.name], 'Rename Torrent…');
          await quickInput.step({ message: `New name of “${waiting.name}”` });
          assert.equal(await quickInput.value(), waiting.name);
          await quickInput.accept('renamed.iso');
          await ui.witness(kind, waiting, 'renamed', seen => seen?.name === 'renamed.iso');
          await ui.view.find([client, 'renamed.iso']);
        });

      test('priority of files that are chosen from a list', async () => {
        const { quickInput } = ui;
        await ui.view.click([client, folder.name]);
        await ui.workbench.runCommand('BT RPC: Set File Priority…');
        await quickInput.step({ placeholder: 'Choose a torrent' });
        await quickInput.pick(folder.name);
        await quickInput.step({ placeholder: 'Choose files' });
        await quickInput.eventually('the files', items =>
          assert.deepEqual(
            items.map(({ label }) => label),
            files.map(file => `folder/${file.path}`),
          ),
        );
        for (const name of ['second.bin', 'third.bin']) await quickInput.pick(`folder/${name}`);
        await quickInput.pressButton('OK');
        await quickInput.step({ placeholder: 'Choose the priority of 2 files' });
        await quickInput.eventually('the priorities', items =>
          assert.deepEqual(
            items.map(({ label }) => label),
            ['Skip', ...(hasLowPriority ? ['Low'] : []), 'Normal', 'High'],
          ),
        );
        await quickInput.pick('Skip');
        await ui.witness(kind, folder, 'in part', seen => seen?.priorities.join() === 'normal,skip,skip');
      });

      test('priority of a file from its row', async () => {
        const all = [client, folder.name, 'Files'];
        await ui.view.expand([client, folder.name]);
        await ui.view.expand(all);
        const row = [...all, 'second.bin'];
        assert.match((await ui.view.find(row)).description, /skip/);
        await ui.view.choose(row, 'Set File Priority…');
        await ui.quickInput.step({ placeholder: 'Choose the priority of “folder/second.bin”' });
        await ui.quickInput.pick('High');
        await ui.witness(kind, folder, 'with a file first', seen => seen?.priorities[1] === 'high');
        await waitFor('it in the view', async () => /high/.test((await ui.view.find(row)).description));
        await ui.view.collapse([client, folder.name]);
      });

      if (isSlow)
        test('slow mode', async () => {
          const isOffered = (title: string) =>
            waitFor(`${title} in the menu`, async () => (await ui.view.contextMenu(client)).includes(title));
          await ui.view.choose(client, 'Enable Slow Mode');
          await waitFor('slow', () => isSlow(ui.daemonOf(kind)));
          await isOffered('Disable Slow Mode');
          await ui.view.choose(client, 'Disable Slow Mode');
          await waitFor('fast', async () => !(await isSlow(ui.daemonOf(kind))));
          await isOffered('Enable Slow Mode');
        });

      test('remove asks, names what goes, and keeps the files', async () => {
        const { dialog } = ui.workbench;
        await ui.view.choose([client, gone.name], 'Remove Torrent…');
        const { message, detail, buttons } = await dialog.read();
        assert.equal(message, `Remove “${gone.name}” from ${client}?`);
        assert.equal(detail, `${gone.name} · 1.0 MB\n\nIts files stay where they are.`);
        assert.deepEqual([...buttons].sort(), ['Cancel', 'Remove Torrent']);
        await dialog.press('Cancel');
        assert.ok(await ui.ask(kind, gone));

        await ui.view.choose([client, gone.name], 'Remove Torrent…');
        await dialog.press('Remove Torrent');
        await ui.witness(kind, gone, 'gone', seen => seen === undefined);
        await ui.view.gone([client, gone.name]);
        await access(path.join(ui.daemonOf(kind).home, 'downloads', gone.name));
      });

      test('remove with data takes the files too', async () => {
        const { dialog } = ui.workbench;
        await ui.view.choose([client, one.name], 'Remove Torrent and Data…');
        const { message, detail } = await dialog.read();
        assert.equal(message, `Remove “${one.name}” and data from ${client}?`);
        assert.match(detail, /Its files are deleted for good\.$/);
        await ui.workbench.screenshot(path.join(SCREENSHOTS, `remove-${kind}.png`));
        await dialog.press('Remove Torrent and Data');
        await ui.witness(kind, one, 'gone', seen => seen === undefined);
        const elsewhere = path.join(ui.daemonOf(kind).home, 'elsewhere');
        await waitFor('its file gone', async () => !(await readdir(elsewhere)).includes(one.name));
        await ui.view.gone([client, one.name]);
      });
    });
  }
});
