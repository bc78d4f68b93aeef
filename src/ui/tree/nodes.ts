/** What stands in the *Clients* view. Nodes stay the same objects as long as what they stand for is there. */
import { hash } from 'node:crypto';
import type { Group, Grouping } from '../../torrents/arrange.ts';
import type { Peer, Torrent, TorrentFile, Tracker } from '../../torrents/torrent.ts';
import type { ManagedClient } from '../client.ts';
import type { InvalidEntry } from '../entries.ts';

export interface ClientNode {
  readonly kind: 'client';
  readonly client: ManagedClient;
  /** What is expanded below it, by {@link expansionKey}: a torrent that changes its group stays so. */
  readonly expanded: Set<string>;
}

export interface InvalidNode {
  readonly kind: 'invalid';
  readonly entry: InvalidEntry;
}

/** The first child of a client that failed: why, with the ways out as its actions. */
export interface FailureNode {
  readonly kind: 'failure';
  readonly parent: ClientNode;
}

export interface GroupNode {
  readonly kind: 'group';
  readonly parent: ClientNode;
  /** What its torrents have in common. */
  readonly by: Exclude<Grouping, 'none'>;
  /** As of the last refresh. */
  group: Group;
}

/** A torrent that is in several groups has a node in each. */
export interface TorrentNode {
  readonly kind: 'torrent';
  readonly parent: ClientNode | GroupNode;
  /** As of the last refresh. */
  torrent: Torrent;
  /** Whether it was when the node was made. */
  readonly isExpanded: boolean;
}

/** The kinds of what can be looked into under a torrent. */
export const DETAILS_KINDS = ['files', 'trackers', 'peers'] as const;
export type DetailsKind = (typeof DETAILS_KINDS)[number];

export interface DetailsNode {
  readonly kind: DetailsKind;
  readonly parent: TorrentNode;
  /** Whether it was when the node was made. */
  readonly isExpanded: boolean;
}

export interface FileNode {
  readonly kind: 'file';
  readonly parent: DetailsNode;
  /** As last heard. */
  file: TorrentFile;
}

export interface TrackerNode {
  readonly kind: 'tracker';
  readonly parent: DetailsNode;
  /** As last heard. */
  tracker: Tracker;
  /** When that was, milliseconds since 1970. */
  heardAt: number;
}

export interface PeerNode {
  readonly kind: 'peer';
  readonly parent: DetailsNode;
  /** As last heard. */
  peer: Peer;
}

export function isDetails(node: Node): node is DetailsNode {
  return DETAILS_KINDS.some(kind => kind === node.kind);
}

/** The nodes that may have more children than are shown at first. */
export type PagedNode = ClientNode | GroupNode | DetailsNode;

/** The last child of a node that has more than are shown. */
export interface MoreNode {
  readonly kind: 'more';
  readonly parent: PagedNode;
  /** How many are not shown. */
  left: number;
}

/** Says why there is nothing to show, or why it may be out of date. */
export interface NoteNode {
  readonly kind: 'note';
  readonly parent: ClientNode | DetailsNode;
  /** May hold foreign text. */
  text: string;
  isProblem: boolean;
}

export type Node =
  | ClientNode
  | InvalidNode
  | FailureNode
  | GroupNode
  | TorrentNode
  | DetailsNode
  | FileNode
  | TrackerNode
  | PeerNode
  | MoreNode
  | NoteNode;

/** The nodes above a node, the nearest first. */
export function ancestorsOf(node: Node): Node[] {
  return 'parent' in node ? [node.parent, ...ancestorsOf(node.parent)] : [];
}

/** The node of the client that a node belongs to. */
export function clientNodeOf(node: Node | undefined): ClientNode | undefined {
  const root = node && (ancestorsOf(node).at(-1) ?? node);
  return root?.kind === 'client' ? root : undefined;
}

/** The client that a node belongs to. */
export function clientOf(node: Node | undefined): ManagedClient | undefined {
  return clientNodeOf(node)?.client;
}

/** What tells a torrent, or a folder under it, from the others of its client, in whatever group. */
export function expansionKey(infoHash: string, kind?: DetailsKind): string {
  return kind ? `${infoHash} ${kind}` : infoHash;
}

/** Stable over refreshes, so that expansion and selection survive them. */
export function idOf(node: Node): string {
  switch (node.kind) {
    case 'client':
      return `client:${node.client.entry.name}`;
    case 'invalid':
      return `invalid:${node.entry.index}:${node.entry.name}`;
    default:
      return `${nameOf(node)}@${idOf(node.parent)}`;
  }
}

/** What tells a node from the others with its parent. */
function nameOf(node: Exclude<Node, ClientNode | InvalidNode>): string {
  switch (node.kind) {
    case 'group':
      return `group:${node.by}:${digest(node.group.key)}`;
    case 'torrent':
      return `torrent:${node.torrent.infoHash}`;
    case 'file':
      return `file:${node.file.index}`;
    case 'tracker':
      return `tracker:${digest(node.tracker.url)}`;
    case 'peer':
      return `peer:${digest(node.peer.address)}`;
    default:
      return node.kind;
  }
}

/** Foreign text may be of any length, and an announce URL holds a secret. */
function digest(text: string): string {
  return hash('sha1', text);
}
