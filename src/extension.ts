/** The extension's entry: builds the app, registers the features, returns the API. */
import type { ExtensionContext } from 'vscode';
import { createApi } from './ui/api.ts';
import { type App, createApp } from './ui/app.ts';
import { registerAddClient } from './ui/commands/addClient.ts';
import { registerCallMethod } from './ui/commands/callMethod.ts';
import { registerConnection } from './ui/commands/connection.ts';
import { registerCredentials } from './ui/commands/credentials.ts';
import { registerRemoveClient } from './ui/commands/removeClient.ts';
import { registerTorrentCommands } from './ui/commands/torrents/commands.ts';
import { registerTrustCertificate } from './ui/commands/trustCertificate.ts';
import { registerDocuments } from './ui/documents.ts';
import { registerNotices } from './ui/notices.ts';
import type { BtRpcApi } from './ui/publicApi.ts';
import { registerStatusBar } from './ui/statusBar.ts';
import { registerClientsView } from './ui/tree/view.ts';

let app: App | undefined;

export function activate(context: ExtensionContext): BtRpcApi {
  app = createApp(context);
  const documents = registerDocuments(app);
  registerClientsView(app);
  registerStatusBar(app);
  registerNotices(app);
  registerAddClient(app);
  registerRemoveClient(app);
  registerCredentials(app);
  registerTrustCertificate(app);
  registerConnection(app);
  registerCallMethod(app, documents);
  registerTorrentCommands(app, documents);
  return createApi(app);
}

/** VS Code waits for it, so that daemons hear that we leave. */
export async function deactivate(): Promise<void> {
  await app?.clients.dispose();
}
