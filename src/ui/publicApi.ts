/** What other extensions get from `activate()`. This file is shipped as it stands, as `dist/api.d.ts`. */
import type { Event } from 'vscode';

/** A client as other extensions see it. */
export interface ApiClient {
  readonly name: string;
  /** `transmission`, `qbittorrent`, `deluge` or `rtorrent`. */
  readonly type: string;
  readonly status: 'disconnected' | 'connecting' | 'connected' | 'failed';
  /** The daemon's version, once known. */
  readonly version?: string;
}

/** The exported API, version 1. Credentials are never handed out. */
export interface BtRpcApi {
  readonly version: 1;
  /** The configured clients, in the order of the setting. */
  clients(): readonly ApiClient[];
  /** Fires when {@link BtRpcApi.clients} would answer something else. */
  readonly onDidChangeClients: Event<void>;
}
