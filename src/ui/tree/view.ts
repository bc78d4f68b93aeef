/** The *Clients* view: shows what is known, and fires when there is more; it never waits for the network. */
import { isDeepStrictEqual } from 'node:util';
import * as vscode from 'vscode';
import { VIEW_IDS } from '../../ids.ts';
import { type Arrangement, arrange } from '../../torrents/arrange.ts';
import type { App } from '../app.ts';
import { ManagedClient } from '../client.ts';
import type { Clients } from '../clients.ts';
import { toTreeItem } from './items.ts';
import { type ClientNode, type FailureNode, idOf, type Node, type TorrentNode } from './nodes.ts';

export function registerClientsView({ context, clients, view: state }: App): void {
  const provider = new ClientsProvider(clients);
  const view = vscode.window.createTreeView<Node>(VIEW_IDS.clients, {
    treeDataProvider: provider,
    showCollapseAll: true,
    canSelectMany: true,
  });
  const updateBadge = () => {
    const failed = clients.all.filter(({ status }) => status === 'failed').length;
    const tooltip =
      failed === 1 ? vscode.l10n.t('1 client failed') : vscode.l10n.t('{0} clients failed', failed);
    // Zero rather than undefined: VS Code keeps showing a badge that is taken away.
    view.badge = { value: failed, tooltip: failed === 0 ? '' : tooltip };
  };
  state.isVisible = view.visible;
  context.subscriptions.push(
    view,
    provider,
    view.onDidChangeVisibility(({ visible }) => {
      state.isVisible = visible;
    }),
    view.onDidChangeSelection(({ selection }) => {
      state.selection = selection;
    }),
    view.onDidExpandElement(({ element }) => {
      if (element.kind === 'client' && !element.client.isWanted) void element.client.connect();
    }),
    clients.onDidChange(updateBadge),
  );
}

/** What was last shown under a client. */
interface Shown {
  readonly node: ClientNode;
  readonly failure: FailureNode;
  status: string;
  message: string | undefined;
  children: readonly (FailureNode | TorrentNode)[];
}

const BY_NAME: Arrangement = {
  groupBy: 'none',
  filter: undefined,
  sort: { key: 'name', isDescending: false },
};

class ClientsProvider implements vscode.TreeDataProvider<Node>, vscode.Disposable {
  readonly #clients: Clients;
  readonly #changed = new vscode.EventEmitter<Node | Node[] | undefined>();
  readonly #subscription: vscode.Disposable;
  readonly onDidChangeTreeData = this.#changed.event;
  #shown = new Map<ManagedClient, Shown>();

  constructor(clients: Clients) {
    this.#clients = clients;
    this.#subscription = vscode.Disposable.from(
      clients.onDidChange(client => {
        if (client) this.#clientChanged(client);
        else this.#changed.fire(undefined);
      }),
      clients.onDidChangeTorrents(({ client }) => this.#clientChanged(client)),
    );
  }

  dispose(): void {
    this.#subscription.dispose();
    this.#changed.dispose();
  }

  getTreeItem(node: Node): vscode.TreeItem {
    return toTreeItem(node);
  }

  getParent(node: Node): Node | undefined {
    return 'parent' in node ? node.parent : undefined;
  }

  getChildren(node?: Node): Node[] {
    if (node === undefined) return this.#roots();
    if (node.kind !== 'client') return [];
    // A client that was left expanded in the last session is asked for without an expand event.
    if (node.client.isWanted === undefined) void node.client.connect();
    return [...this.#shownOf(node.client).children];
  }

  #roots(): Node[] {
    const shown = this.#shown;
    this.#shown = new Map();
    return this.#clients.items.map(item => {
      if (!(item instanceof ManagedClient)) return { kind: 'invalid', entry: item };
      const kept = shown.get(item);
      if (kept) this.#shown.set(item, kept);
      return this.#shownOf(item).node;
    });
  }

  #shownOf(client: ManagedClient): Shown {
    let shown = this.#shown.get(client);
    if (!shown) {
      const node: ClientNode = { kind: 'client', client };
      const failure: FailureNode = { kind: 'failure', parent: node };
      shown = { node, failure, status: '', message: undefined, children: [] };
      this.#shown.set(client, shown);
      this.#update(shown);
    }
    return shown;
  }

  /** Fires for what changed: the torrents themselves, or the client where its line or the set of children did. */
  #clientChanged(client: ManagedClient): void {
    const shown = this.#shownOf(client);
    const changed = this.#update(shown);
    if (changed === 'all') this.#changed.fire(shown.node);
    else if (changed.length > 0) this.#changed.fire(changed);
  }

  #update(shown: Shown): 'all' | Node[] {
    const { client } = shown.node;
    const line = `${client.status} ${client.version} ${client.torrents.store.size}`;
    const message = client.status === 'failed' ? client.error?.message : undefined;
    const isSameClient = line === shown.status && message === shown.message;
    const { children: before } = shown;
    const known = new Map(before.map(node => [idOf(node), node]));
    const changed: Node[] = [];
    const torrents = arrange(client.torrents.store.all(), BY_NAME).torrents.map(torrent => {
      const fresh: TorrentNode = { kind: 'torrent', parent: shown.node, torrent };
      const node = (known.get(idOf(fresh)) ?? fresh) as TorrentNode;
      if (!isDeepStrictEqual(node.torrent, torrent)) changed.push(node);
      node.torrent = torrent;
      return node;
    });
    const children = client.status === 'failed' ? [shown.failure, ...torrents] : torrents;
    shown.status = line;
    shown.message = message;
    shown.children = children;
    const isSameSet = children.length === before.length && children.every((child, i) => child === before[i]);
    return isSameClient && isSameSet ? changed : 'all';
  }
}
