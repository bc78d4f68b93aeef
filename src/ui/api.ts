/** Makes the API that other extensions get. */
import * as vscode from 'vscode';
import type { App } from './app.ts';
import type { ManagedClient } from './client.ts';
import type { ApiClient, BtRpcApi } from './publicApi.ts';

export function createApi({ clients, context }: App): BtRpcApi {
  const changed = new vscode.EventEmitter<void>();
  const list = () => clients.all.map(toApiClient);
  let last = JSON.stringify(list());
  const subscription = clients.onDidChange(() => {
    const now = JSON.stringify(list());
    if (now === last) return;
    last = now;
    changed.fire();
  });
  context.subscriptions.push(changed, subscription);
  return Object.freeze({ version: 1, clients: list, onDidChangeClients: changed.event });
}

function toApiClient({ entry, status, version }: ManagedClient): ApiClient {
  return Object.freeze({
    name: entry.name,
    type: entry.type,
    status,
    ...(version === undefined ? {} : { version }),
  });
}
