// What the screen does not tell: what activation does, and that it leaves the shared extension host as it was.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import path from 'node:path';
import * as vscode from 'vscode';
import type { BtRpcApi } from '../../../src/ui/publicApi.ts';

const ID = 'bt-rpc.bt-rpc';

function extension(): vscode.Extension<BtRpcApi> {
  const found = vscode.extensions.getExtension<BtRpcApi>(ID);
  assert.ok(found, 'the extension is installed');
  return found;
}

/** The modules of the extension that this host has loaded, by file name. */
function loadedModules(): string[] {
  const { cache } = createRequire(__filename);
  const dist = path.join(extension().extensionPath, 'dist');
  return Object.keys(cache)
    .filter(file => path.dirname(file) === dist)
    .map(file => path.basename(file));
}

const globals = () => Reflect.ownKeys(globalThis).map(String).sort();

describe('activation', () => {
  // VS Code's own extension for npm leaves a global when it starts, whenever that is.
  before(() => vscode.extensions.getExtension('vscode.npm')?.activate());

  it('gives an API of version 1, loads no RPC code, opens nothing and leaves the globals alone', async () => {
    const before = globals();
    const fetchBefore = globalThis.fetch;
    const dispatcher = Object.getOwnPropertySymbols(globalThis).filter(symbol =>
      /undici/.test(String(symbol)),
    );
    const api = await extension().activate();
    assert.equal(api.version, 1);
    assert.deepEqual(api.clients(), []);
    assert.equal(typeof api.onDidChangeClients, 'function');
    assert.deepEqual(loadedModules(), ['extension.js']);
    assert.deepEqual(globals(), before);
    assert.equal(globalThis.fetch, fetchBefore);
    assert.deepEqual(
      Object.getOwnPropertySymbols(globalThis).filter(symbol => /undici/.test(String(symbol))),
      dispatcher,
    );
  });

  it('registers every command that the manifest contributes', async () => {
    const contributed: { command: string }[] = extension().packageJSON.contributes.commands;
    const registered = new Set(await vscode.commands.getCommands(true));
    assert.ok(contributed.length > 5);
    for (const { command } of contributed) assert.ok(registered.has(command), command);
  });
});

describe('the exported API', () => {
  const configuration = () => vscode.workspace.getConfiguration('btRpc');
  after(() => configuration().update('clients', undefined, vscode.ConfigurationTarget.Global));

  it('lists the clients of the user, never one that a workspace names, and tells of changes', async () => {
    const api = await extension().activate();
    const changed = new Promise<void>(resolve => {
      const subscription = api.onDidChangeClients(() => {
        subscription.dispose();
        resolve();
      });
    });
    const client = { name: 'Box', type: 'transmission', url: 'http://127.0.0.1:1' };
    await configuration().update('clients', [client], vscode.ConfigurationTarget.Global);
    await changed;
    assert.deepEqual(api.clients(), [{ name: 'Box', type: 'transmission', status: 'disconnected' }]);
    assert.ok(Object.isFrozen(api.clients()[0]));
  });

  it('loads the RPC core at the first connect only, and that leaves the globals alone too', async () => {
    const api = await extension().activate();
    const before = globals();
    const symbols = Object.getOwnPropertySymbols(globalThis);
    const failed = new Promise<void>(resolve => {
      const subscription = api.onDidChangeClients(() => {
        if (api.clients()[0]?.status !== 'failed') return;
        subscription.dispose();
        resolve();
      });
    });
    assert.ok(!loadedModules().includes('rpc.js'));
    void vscode.commands.executeCommand('btRpc.connect', 'Box');
    await failed;
    assert.deepEqual(loadedModules().sort(), ['extension.js', 'rpc.js']);
    assert.deepEqual(globals(), before);
    assert.deepEqual(Object.getOwnPropertySymbols(globalThis), symbols);
  });
});
