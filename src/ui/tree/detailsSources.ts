/** Where the files, trackers and peers of a torrent come from, and which nodes stand for them. */
import { isDeepStrictEqual } from 'node:util';
import * as vscode from 'vscode';
import type { Details } from '../../torrents/adapter.ts';
import type { AnyClient } from '../../torrents/adapters.ts';
import type { Peer, TorrentFile, Tracker } from '../../torrents/torrent.ts';
import { type Changed, NodeList } from './nodeList.ts';
import {
  clientOf,
  type DetailsKind,
  type DetailsNode,
  type FileNode,
  type Node,
  type PeerNode,
  type TrackerNode,
} from './nodes.ts';
import { describeTracker } from './words.ts';

/** The children of one node that is filled from the daemon. */
export interface DetailsSource {
  /** As last heard; none before. */
  readonly children: readonly Node[];
  /** What stands there when there are none. */
  readonly emptiness: string;
  showMore(): void;
  /**
   * Asks the daemon, and takes in what it says.
   *
   * @throws what the core throws.
   */
  load(signal: AbortSignal): Promise<Changed>;
}

/** What differs from kind to kind. */
interface Kind<Item, Child> {
  readonly emptiness: () => string;
  ask(
    ...args: [details: Details<AnyClient>, ...Parameters<Details<AnyClient>['files']>]
  ): Promise<readonly Item[]>;
  /** Without it they are in the daemon's order. Those with the same keys always have the same order. */
  readonly compare?: (a: Item, b: Item) => number;
  keyOf(item: Item): string;
  make(item: Item, parent: DetailsNode): Child;
  renew(child: Child, item: Item): boolean;
}

const { compare: compareTexts } = new Intl.Collator(undefined, { numeric: true });

const FILES: Kind<TorrentFile, FileNode> = {
  emptiness: () => vscode.l10n.t('No files are known yet'),
  ask: (details, ...args) => details.files(...args),
  compare: (a, b) => compareTexts(a.path, b.path),
  keyOf: ({ index, path }) => `${index} ${path}`,
  make: (file, parent) => ({ kind: 'file', parent, file }),
  renew: (node, file) => {
    const isOther = !isDeepStrictEqual(node.file, file);
    node.file = file;
    return isOther;
  },
};

const TRACKERS: Kind<Tracker, TrackerNode> = {
  emptiness: () => vscode.l10n.t('No trackers'),
  ask: (details, ...args) => details.trackers(...args),
  keyOf: ({ url }) => url,
  make: (tracker, parent) => ({ kind: 'tracker', parent, tracker, heardAt: Date.now() }),
  renew: (node, tracker) => {
    const now = Date.now();
    const isOther =
      !isDeepStrictEqual(node.tracker, tracker) ||
      // The time until it is asked again gets shorter.
      describeTracker(node.tracker, node.heardAt) !== describeTracker(tracker, now);
    node.tracker = tracker;
    node.heardAt = now;
    return isOther;
  },
};

const PEERS: Kind<Peer, PeerNode> = {
  emptiness: () => vscode.l10n.t('No peers'),
  ask: (details, ...args) => details.peers(...args),
  compare: (a, b) => compareTexts(a.address, b.address),
  keyOf: ({ address }) => address,
  make: (peer, parent) => ({ kind: 'peer', parent, peer }),
  renew: (node, peer) => {
    const isOther = !isDeepStrictEqual(node.peer, peer);
    node.peer = peer;
    return isOther;
  },
};

const SOURCES: { readonly [Name in DetailsKind]: (node: DetailsNode) => DetailsSource } = {
  files: node => makeSource(node, FILES),
  trackers: node => makeSource(node, TRACKERS),
  peers: node => makeSource(node, PEERS),
};

export function sourceOf(node: DetailsNode): DetailsSource {
  return SOURCES[node.kind](node);
}

function makeSource<Item, Child extends Node>(node: DetailsNode, kind: Kind<Item, Child>): DetailsSource {
  const { keyOf, renew, ask, compare } = kind;
  const list = new NodeList<Item, Child>(node, { keyOf, renew, make: item => kind.make(item, node) });
  /** Their keys, sorted. */
  let order: readonly string[] = [];
  return {
    emptiness: kind.emptiness(),
    get children() {
      return list.children;
    },
    showMore: () => list.showMore(),
    async load(signal) {
      const client = clientOf(node);
      if (!client) return [];
      const { torrent } = node.parent;
      const items = await client.look(signal, ({ details }, rpc) => ask(details, rpc, torrent, signal));
      // Whatever the daemon says, each is shown once.
      const unique = new Map(items.map(item => [keyOf(item), item]));
      if (!compare) return list.update([...unique.values()]);
      // Ten thousand names take longer to sort than a refresh may.
      const isSameSet = order.length === unique.size && order.every(key => unique.has(key));
      if (!isSameSet) order = [...unique.values()].sort(compare).map(keyOf);
      return list.update(order.flatMap(key => unique.get(key) ?? []));
    },
  };
}
