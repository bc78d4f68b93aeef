// Each kind of client, as a user adds it, looks at it, calls it and takes it away again.
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, afterEach, before, describe, type TestContext, test } from 'node:test';
import type { Daemon } from '../tools/daemons/daemon.ts';
import { callDeluge } from '../tools/daemons/deluge.ts';
import { DEMOS, type Demo } from '../tools/demo.ts';
import { makeTorrent } from '../tools/torrents.ts';
import { openVsCode, type VsCode } from './support/vscode.ts';
import { waitFor } from './support/wait.ts';

const SCREENSHOTS = path.resolve(import.meta.dirname, '../../out/screenshots');
const NO_TRACKER = 'http://127.0.0.1:1/announce';

/** A call that each kind answers, and what tells that the answer is its own. */
const CALLS: { readonly [Kind in keyof typeof DEMOS]: readonly [method: string, answer: RegExp] } = {
  transmission: ['session-stats', /"torrentCount": 2/],
  qbittorrent: ['app/version', /^"v\d+\.\d+\.\d+"$/],
  deluge: ['core.get_libtorrent_version', /^"\d+\.\d+\.\d+\.\d+"$/],
  rtorrent: ['system.client_version', /^"\d+\.\d+\.\d+"$/],
};

const debian = makeTorrent({ name: 'debian-13.2.0-amd64-netinst.iso', trackers: [NO_TRACKER] });
const ubuntu = makeTorrent({ name: 'ubuntu-26.10-desktop-amd64.iso', size: 1 << 20, trackers: [NO_TRACKER] });

describe('all four kinds in the Clients view', () => {
  let vscode: VsCode;
  let workbench: VsCode['workbench'];
  let view: ReturnType<VsCode['workbench']['view']>;
  const stack = new AsyncDisposableStack();

  before(async () => {
    vscode = stack.use(await openVsCode({ settings: { 'workbench.localHistory.enabled': false } }));
    workbench = vscode.workbench;
    await workbench.openContainer('BT RPC');
    view = workbench.view('Clients');
  });
  afterEach(t => vscode?.keepEvidence(t as TestContext));
  after(() => stack.disposeAsync());

  for (const [kind, demo] of Object.entries(DEMOS) as [keyof typeof DEMOS, Demo][]) {
    describe(demo.label, () => {
      let daemon: Daemon;
      before(async () => {
        daemon = stack.use(await demo.start());
        await demo.add(daemon, debian, { share: 1, isPaused: false });
        await demo.add(daemon, ubuntu, { share: 0.5, isPaused: true });
      });

      test('Add Client asks what this kind needs, and connects', async () => {
        const { quickInput } = workbench;
        await workbench.runCommand('BT RPC: Add Client…');
        await quickInput.step({ placeholder: 'Choose the type of client' });
        await quickInput.pick(demo.label);
        await quickInput.step({ title: 'Add Client', message: `Address of ${demo.label}` });
        await quickInput.accept(daemon.url);
        if (daemon.username !== '') {
          const prompt = kind === 'deluge' ? "not the Web UI's password" : 'User name (leave empty for none)';
          await quickInput.step({ message: prompt });
          await quickInput.accept(daemon.username);
          await quickInput.step({ message: `Password of ${daemon.username}` });
          assert.equal(await quickInput.isPassword(), true);
          await quickInput.accept(daemon.password);
        }
        await quickInput.step({ message: 'Name of the client' });
        assert.equal(await quickInput.value(), demo.label);
        await quickInput.accept();
        await view.find(demo.label);
      });

      test('its line and its torrents say how they are', async () => {
        await view.expand(demo.label);
        await view.find([demo.label, debian.name]);
        await view.until('both torrents', all =>
          all.some(
            ({ label, description }) =>
              label === demo.label && /^connected · \d+\.\d[\d.]* · 2 torrents( · |$)/.test(description),
          ),
        );
        // Deluge has one wait in its queue for a moment.
        for (const [torrent, state] of [
          [debian.name, /^seeding/],
          [ubuntu.name, /^stopped · 50 %/],
        ] as const)
          await waitFor(`${torrent} ${state}`, async () =>
            state.test((await view.find([demo.label, torrent])).description),
          );
      });

      test('Call Method lists what it has, and opens the answer', async () => {
        const { quickInput, editors } = workbench;
        const [method, expected] = CALLS[kind];
        await view.inlineAction(demo.label, 'Call Method');
        await quickInput.step({ title: `Call Method of ${demo.label}`, placeholder: 'Choose a method' });
        await quickInput.fill(method);
        await quickInput.pick(method);
        await quickInput.step({ message: 'Parameters as JSON' });
        await quickInput.accept();
        await editors.waitForTab(`${encodeURIComponent(method)}.json`);
        assert.match(await editors.text(), expected);
      });

      if (kind === 'deluge')
        test('its events are in the log as they come', async () => {
          await callDeluge(daemon, 'core.set_config', { max_upload_slots_global: 7 });
          await workbench.runCommand('BT RPC: Show Log');
          await workbench.output.waitFor(
            /\[Deluge\] event ConfigValueChangedEvent \[ "max_upload_slots_global", 7 \]/,
          );
        });

      test('a killed daemon is noticed and found again', async () => {
        await daemon.kill();
        await view.until(
          'the failure',
          all => all.some(({ label, description }) => label === demo.label && description === 'failed'),
          7_000,
        );
        await daemon.restart();
        await view.until(
          'connected again',
          all => all.some(({ label, description }) => label === demo.label && /^connected/.test(description)),
          30_000,
        );
      });
    });
  }

  test('all four side by side', async () => {
    for (const { label } of Object.values(DEMOS))
      await view.until(`${label} connected`, all =>
        all.some(each => each.label === label && / · 2 torrents( · |$)/.test(each.description)),
      );
    await workbench.runCommand('View: Close All Editors');
    await workbench.screenshot(path.join(SCREENSHOTS, 'kinds.png'));
  });

  test('the log has each call with its time and size, and each change of status', async () => {
    await workbench.runCommand('BT RPC: Show Log');
    await workbench.output.eventually('all that was done', text => {
      for (const [kind, { label }] of Object.entries(DEMOS) as [keyof typeof DEMOS, Demo][]) {
        const [method] = CALLS[kind];
        const line = new RegExp(
          `\\[info\\] \\[${label}\\] ${method.replaceAll('.', '\\.')} \\d+ ms [\\d.]+ k?B ok`,
        );
        assert.match(text, line);
        assert.match(text, new RegExp(`\\[${label}\\] connected to ${label} \\d`));
        assert.match(text, new RegExp(`\\[${label}\\] failed: Connection (refused|lost|reset)`));
      }
    });
  });

  test('Remove Client takes each away', async () => {
    for (const { label } of Object.values(DEMOS)) {
      await view.choose(label, 'Remove Client…');
      await workbench.dialog.press('Remove Client');
      await view.gone(label);
    }
    await view.welcomeButton('Add Client');
    await workbench.quickInput.cancel();
  });
});
