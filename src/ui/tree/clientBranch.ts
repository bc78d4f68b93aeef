/** What stands under one client: its torrents, or groups of them. */
import * as vscode from 'vscode';
import {
  type Arranged,
  type Arrangement,
  arrange,
  type Group,
  type Grouping,
} from '../../torrents/arrange.ts';
import type { Torrent } from '../../torrents/torrent.ts';
import { isSameList } from '../../util/lists.ts';
import type { ManagedClient } from '../client.ts';
import { figuresOf, lookOf } from './clientItems.ts';
import { type Changed, NodeList } from './nodeList.ts';
import {
  type ClientNode,
  expansionKey,
  type FailureNode,
  type GroupNode,
  type Node,
  type NoteNode,
  type TorrentNode,
} from './nodes.ts';

type TorrentList = NodeList<Torrent, TorrentNode>;

interface GroupBranch {
  readonly node: GroupNode;
  /** Made when somebody looks into the group. */
  list: TorrentList | undefined;
}

/** Milliseconds between two drawings of a client with many torrents for nothing but its rates. */
const FIGURES_MS = 5000;
const FEW_TORRENTS = 50;

export class ClientBranch {
  readonly node: ClientNode;
  readonly #failure: FailureNode;
  /** Stands there when the filter leaves nothing. */
  readonly #note: NoteNode;
  readonly #list: TorrentList;
  #groups: ReadonlyMap<string, GroupBranch> = new Map();
  #arranged: Arranged | undefined;
  #look = '';
  #figures = '';
  /** When the client was drawn last, in milliseconds. */
  #drawnAt = 0;
  #children: readonly Node[] = [];

  constructor(client: ManagedClient) {
    this.node = { kind: 'client', client, expanded: new Set() };
    this.#failure = { kind: 'failure', parent: this.node };
    const text = vscode.l10n.t('No torrent matches the filter');
    this.#note = { kind: 'note', parent: this.node, text, isProblem: false };
    this.#list = makeList(this.node);
  }

  /** The same object while none comes or goes. */
  get children(): readonly Node[] {
    return this.#children;
  }

  get groups(): readonly GroupNode[] {
    return Array.from(this.#groups.values(), ({ node }) => node);
  }

  /** How many torrents there are, and how many the filter leaves. */
  get counts(): Pick<Arranged, 'shown' | 'total'> {
    return this.#arranged ?? { shown: 0, total: 0 };
  }

  /** The torrents under the client or one of its groups. */
  listOf(parent: ClientNode | GroupNode): TorrentList {
    if (parent.kind === 'client') return this.#list;
    const branch = this.#groups.get(parent.group.key);
    // Of a group that is gone VS Code may still want to know.
    if (branch?.node !== parent) return makeList(parent);
    if (!branch.list) {
      branch.list = makeList(parent);
      branch.list.update(parent.group.torrents);
    }
    return branch.list;
  }

  /** The node of a torrent, in a page that is shown from now on; undefined where the filter hides it. */
  reach(infoHash: string): TorrentNode | undefined {
    const { groups } = this;
    const lists = groups.length > 0 ? groups.map(node => this.listOf(node)) : [this.#list];
    for (const list of lists) {
      const node = list.reach(infoHash);
      if (!node) continue;
      this.#children = this.#listChildren();
      return node;
    }
    return undefined;
  }

  /** Takes in how things are now. The nodes to be drawn anew, of a parent and its children only the parent. */
  update(arrangement: Arrangement): readonly Node[] {
    const { client } = this.node;
    this.#arranged = arrange(client.torrents.store.all(), arrangement, this.#arranged);
    const { torrents, groups } = this.#arranged;
    const changed = [
      toNodes(this.#list.update(torrents), this.node),
      this.#updateGroups(groups ?? [], arrangement.groupBy),
    ];
    const look = lookOf(client);
    const children = this.#listChildren();
    const isSameSet = isSameList(children, this.#children);
    const isOther = look !== this.#look || !isSameSet;
    this.#look = look;
    if (!isSameSet) this.#children = children;
    if (!isOther && !this.mayDrawFigures()) return changed.flat();
    this.#figures = figuresOf(client);
    this.#drawnAt = performance.now();
    return [this.node];
  }

  /** Whether the client's line is to be drawn for its figures alone: with it, VS Code asks for all below it. */
  mayDrawFigures(): boolean {
    if (figuresOf(this.node.client) === this.#figures) return false;
    const lists = [this.#list, ...Array.from(this.#groups.values(), ({ list }) => list)];
    const count = lists.reduce((sum, list) => sum + (list?.children.length ?? 0), 0);
    return count <= FEW_TORRENTS || performance.now() - this.#drawnAt >= FIGURES_MS;
  }

  #listChildren(): readonly Node[] {
    const { shown, total } = this.counts;
    return [
      ...(this.node.client.status === 'failed' ? [this.#failure] : []),
      ...(shown === 0 && total > 0 ? [this.#note] : []),
      ...this.groups,
      ...this.#list.children,
    ];
  }

  #updateGroups(groups: readonly Group[], by: Grouping): readonly Node[] {
    const changed: Node[] = [];
    const before = this.#groups;
    const branches = new Map<string, GroupBranch>();
    for (const group of by === 'none' ? [] : groups) {
      const known = before.get(group.key);
      const branch = known?.node.by === by ? known : makeGroup(this.node, by as GroupNode['by'], group);
      branches.set(group.key, branch);
      const isOther = branch.node.group.torrents.length !== group.torrents.length;
      branch.node.group = group;
      const below = toNodes(branch.list?.update(group.torrents) ?? [], branch.node);
      changed.push(...(isOther ? [branch.node] : below));
    }
    this.#groups = branches;
    return changed;
  }
}

/** More nodes than this are drawn anew with their parent: VS Code compares each with each. */
export const MOST_NODES = 200;

function toNodes(changed: Changed, parent: Node): readonly Node[] {
  return changed === 'children' || changed.length > MOST_NODES ? [parent] : changed;
}

function makeGroup(parent: ClientNode, by: GroupNode['by'], group: Group): GroupBranch {
  return { node: { kind: 'group', parent, by, group }, list: undefined };
}

function makeList(parent: ClientNode | GroupNode): TorrentList {
  const { expanded } = parent.kind === 'client' ? parent : parent.parent;
  return new NodeList(parent, {
    keyOf: ({ infoHash }) => infoHash,
    make: torrent => ({
      kind: 'torrent',
      parent,
      torrent,
      isExpanded: expanded.has(expansionKey(torrent.infoHash)),
    }),
    renew: (node, torrent) => {
      // The store keeps the object while nothing of it changes.
      const isOther = node.torrent !== torrent;
      node.torrent = torrent;
      return isOther;
    },
  });
}
