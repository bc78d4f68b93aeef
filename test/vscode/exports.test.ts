// What one takes along of torrents: names, links, all that the daemon knows, `.torrent` files; from each kind of client.
import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, test } from 'node:test';
import { DEMOS } from '../tools/demo.ts';
import { makeTorrent, NO_TRACKER, type Torrent } from '../tools/torrents.ts';
import { openClients } from './support/clients.ts';
import { KINDS, TRAITS } from './support/traits.ts';
import { eventually, waitFor } from './support/wait.ts';

const SCREENSHOTS = path.resolve(import.meta.dirname, '../../out/screenshots');

const one = makeTorrent({ name: 'alpha.iso', trackers: [NO_TRACKER] });
const two = makeTorrent({ name: 'beta.iso', trackers: [NO_TRACKER] });
const hidden = makeTorrent({
  name: 'private.iso',
  isPrivate: true,
  trackers: ['http://127.0.0.1:1/k3y/announce'],
});

/** The part that makes a torrent what it is; a daemon may write others around it. */
const infoOf = ({ metainfo }: Torrent) =>
  metainfo.subarray(metainfo.indexOf('4:infod') + '4:info'.length, -1);

describe('what is taken along of torrents', () => {
  const ui = openClients(KINDS, {
    fill: (daemon, kind) =>
      Promise.all([one, two, hidden].map(torrent => DEMOS[kind].add(daemon, torrent, {}))),
  });

  for (const kind of KINDS) {
    const { ownWord, lacks } = TRAITS[kind];
    const client = ui.nameOf(kind);

    describe(client, () => {
      test('copies', async () => {
        const clipboard = () => ui.vscode.agent.run(api => api.env.clipboard.readText());
        const copied = (text: string | RegExp) =>
          waitFor(`${text} copied`, async () =>
            typeof text === 'string' ? (await clipboard()) === text : text.test(await clipboard()),
          );
        await ui.view.select([client, one.name], [client, two.name]);
        await ui.view.choose([client, one.name], 'Copy Torrent Name');
        await copied(`${one.name}\n${two.name}`);
        await ui.view.choose([client, one.name], 'Copy Info Hash');
        await copied(`${one.infoHash}\n${two.infoHash}`);
        await ui.view.click([client, two.name]);
        await ui.view.choose([client, two.name], 'Copy Magnet Link');
        await copied(new RegExp(`^magnet:\\?xt=urn:btih:${two.infoHash}&dn=beta.iso`));
        // A private tracker's address holds a secret of the user's.
        await ui.view.choose([client, hidden.name], 'Copy Magnet Link');
        await copied(`magnet:?xt=urn:btih:${hidden.infoHash}&dn=private.iso`);
      });

      test('all that is known, as JSON', async () => {
        await ui.view.choose([client, one.name], 'Show Torrent');
        await ui.workbench.editors.waitForTab(`${one.name}.json`);
        const text = await ui.workbench.editors.text();
        JSON.parse(text);
        assert.match(text, ownWord);
        await ui.workbench.runCommand('View: Close All Editors');
      });

      if (!lacks.includes('Export Torrent…')) {
        test('the .torrent of one', async () => {
          const { quickInput } = ui;
          const target = path.join(ui.vscode.folder, `${kind}.torrent`);
          await ui.view.choose([client, one.name], 'Export Torrent…');
          await quickInput.step({ title: 'Export Torrent' });
          await waitFor('the name offered', async () =>
            (await quickInput.value()).endsWith('/alpha.iso.torrent'),
          );
          await quickInput.accept(target);
          // It is there before its content is.
          await waitFor('the file', async () => (await readFile(target)).includes(infoOf(one)));
        });

        test('those of several, into a folder, beside what is there', async () => {
          const { quickInput } = ui;
          const target = path.join(ui.vscode.folder, kind);
          await mkdir(target);
          await writeFile(path.join(target, 'Alpha.iso.torrent'), 'mine');
          await ui.view.select([client, one.name], [client, two.name]);
          await ui.view.choose([client, two.name], 'Export Torrent…');
          await quickInput.step({ title: 'Export Torrent' });
          await waitFor('the dialog of folders', async () => (await quickInput.value()).endsWith('/folder/'));
          await quickInput.fill(`${target}/`);
          await ui.workbench.screenshot(path.join(SCREENSHOTS, 'export-several.png'));
          await quickInput.pressButton('Export Here');
          const names = ['Alpha.iso.torrent', 'alpha.iso (2).torrent', 'beta.iso.torrent'];
          await eventually('the files', async () => {
            assert.deepEqual((await readdir(target)).sort(), names);
            const [mine = '', ...others] = await Promise.all(
              names.map(name => readFile(path.join(target, name))),
            );
            assert.equal(String(mine), 'mine');
            const written = [one, two].map((torrent, index) => others[index]?.includes(infoOf(torrent)));
            assert.deepEqual(written, [true, true]);
          });
        });
      }
    });
  }
});
