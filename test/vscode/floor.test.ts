// The oldest VS Code that the manifest allows: install, activate, add a client, call.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addToTransmission, startTransmission } from '../tools/daemons/transmission.ts';
import { makeTorrent } from '../tools/torrents.ts';
import { openVsCode } from './support/vscode.ts';

test('VS Code 1.106 on its own Node 22.20 adds a client and calls it', async t => {
  await using daemon = await startTransmission();
  await addToTransmission(daemon, makeTorrent({ name: 'debian-13.2.0-amd64-netinst.iso' }));
  const vscode = await openVsCode({ vscode: 'floor' }, t);
  const { workbench, agent } = vscode;
  const versions = await agent.run(api => ({ vscode: api.version, node: process.version }));
  assert.match(versions.vscode, /^1\.106\./);
  assert.equal(versions.node, 'v22.20.0');

  const { quickInput } = workbench;
  await workbench.openContainer('BT RPC');
  const view = workbench.view('Clients');
  await view.welcomeButton('Add Client');
  await quickInput.step({ placeholder: 'Choose the type of client' });
  await quickInput.pick('Transmission');
  await quickInput.step({ message: 'Address of Transmission' });
  await quickInput.accept(daemon.url.replace('//', `//${daemon.username}:${daemon.password}@`));
  await quickInput.step({ message: 'Name of the client' });
  await quickInput.accept();
  await view.expand('Transmission');
  await view.find(['Transmission', 'debian-13.2.0-amd64-netinst.iso']);

  await workbench.runCommand('BT RPC: Call Method…');
  await quickInput.step({ placeholder: 'Choose a method' });
  await quickInput.fill('session-stats');
  await quickInput.pick('session-stats');
  await quickInput.step({ message: 'Parameters as JSON' });
  await quickInput.accept();
  await workbench.editors.waitForTab('session-stats.json');
  const answer = JSON.parse(await workbench.editors.text());
  assert.equal(answer.result, 'success');
  assert.equal(answer.arguments.torrentCount, 1);
  assert.deepEqual(await vscode.findLeaks(daemon.password), []);
});
