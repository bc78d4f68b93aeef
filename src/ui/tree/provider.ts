/** Fills the *Clients* view: shows what is known, and fires when there is more; it never waits for the network. */
import * as vscode from 'vscode';
import { ManagedClient } from '../client.ts';
import type { Clients } from '../clients.ts';
import { ClientBranch, MOST_NODES } from './clientBranch.ts';
import { TorrentDetails } from './details.ts';
import { toTreeItem } from './items.ts';
import { ancestorsOf, clientNodeOf, isDetails, type MoreNode, type Node, type TorrentNode } from './nodes.ts';
import type { ViewArrangement } from './viewArrangement.ts';
import { inViewOrder } from './viewOrder.ts';

/** Milliseconds after which VS Code, which draws together what it is told within 200 ms, draws something on its own. */
const NEXT_DRAWING_MS = 250;

export class ClientsProvider implements vscode.TreeDataProvider<Node>, vscode.Disposable {
  readonly #clients: Clients;
  readonly #arrangement: ViewArrangement;
  readonly #selection: () => readonly Node[];
  readonly #changed = new vscode.EventEmitter<Node | Node[] | undefined>();
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #details: TorrentDetails;
  readonly #subscription: vscode.Disposable;
  #branches: ReadonlyMap<ManagedClient, ClientBranch> = new Map();
  /** What VS Code was last told to be under a node. */
  readonly #told = new WeakMap<Node, readonly Node[]>();
  /** What it had not asked for yet, after the last refresh. */
  readonly #owed = new WeakMap<Node, readonly Node[]>();

  #drawingSelected: NodeJS.Timeout | undefined;

  /** @param selection the nodes that are selected now. */
  constructor(clients: Clients, arrangement: ViewArrangement, selection: () => readonly Node[]) {
    this.#clients = clients;
    this.#arrangement = arrangement;
    this.#selection = selection;
    this.#details = new TorrentDetails(
      nodes => this.#draw(nodes),
      node => this.#isShown(node),
    );
    this.#updateBranches();
    this.#subscription = vscode.Disposable.from(
      this.#details,
      clients.onDidChange(client => {
        if (client) this.#update(client);
        else this.#updateBranches();
      }),
      clients.onDidChangeTorrents(({ client }) => this.#update(client)),
      clients.onDidRefresh(client => this.#refreshed(client)),
      arrangement.onDidChange(() => {
        for (const client of this.#branches.keys()) this.#update(client);
      }),
    );
  }

  dispose(): void {
    clearTimeout(this.#drawingSelected);
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
    // A client that was left expanded in the last session is asked for without an expand event.
    if (node?.kind === 'client' && node.client.isWanted === undefined) void node.client.connect();
    if (node && isDetails(node)) this.#details.opened(node);
    const children = this.#childrenOf(node);
    if (node) this.#told.set(node, children);
    return [...children];
  }

  /** How many torrents there are, and how many of them the filter leaves. */
  get counts(): { readonly shown: number; readonly total: number } {
    const counts = [...this.#branches.values()].map(branch => branch.counts);
    return {
      shown: counts.reduce((sum, { shown }) => sum + shown, 0),
      total: counts.reduce((sum, { total }) => sum + total, 0),
    };
  }

  expanded(node: Node): void {
    if (node.kind === 'client' && !node.client.isWanted) void node.client.connect();
    this.#details.expanded(node);
  }

  collapsed(node: Node): void {
    this.#details.collapsed(node);
  }

  /** Shows a page more of a long list. */
  showMore({ parent }: MoreNode): void {
    switch (parent.kind) {
      case 'client':
      case 'group': {
        const branch = this.#branchOf(parent);
        branch?.listOf(parent).showMore();
        branch?.update(this.#arrangement.current);
        this.#draw([parent]);
        break;
      }
      default:
        this.#details.showMore(parent);
    }
  }

  /** The node of a torrent, as far down in a long list as it takes; undefined where the filter hides it. */
  reach(client: ManagedClient, infoHash: string): TorrentNode | undefined {
    const node = this.#branches.get(client)?.reach(infoHash);
    if (node) this.#draw([node.parent]);
    return node;
  }

  #childrenOf(node: Node | undefined): readonly Node[] {
    switch (node?.kind) {
      case undefined:
        return this.#clients.items.map(item =>
          item instanceof ManagedClient
            ? (this.#branches.get(item) as ClientBranch).node
            : { kind: 'invalid', entry: item },
        );
      case 'client':
        return this.#branches.get(node.client)?.children ?? [];
      case 'group':
        return this.#branchOf(node)?.listOf(node).children ?? [];
      case 'torrent':
        return this.#details.under(node);
      case 'files':
      case 'trackers':
      case 'peers':
        return this.#details.childrenOf(node);
      default:
        return [];
    }
  }

  #branchOf(node: TorrentNode['parent']): ClientBranch | undefined {
    const { client } = node.kind === 'client' ? node : node.parent;
    return this.#branches.get(client);
  }

  #isShown(node: TorrentNode): boolean {
    return this.#branchOf(node.parent)?.listOf(node.parent).has(node) ?? false;
  }

  /** Clients came, went or moved. */
  #updateBranches(): void {
    this.#branches = new Map(
      this.#clients.all.map(client => {
        const branch = this.#branches.get(client) ?? new ClientBranch(client);
        branch.update(this.#arrangement.current);
        return [client, branch];
      }),
    );
    this.#changed.fire(undefined);
  }

  #refreshed(client: ManagedClient): void {
    const branch = this.#branches.get(client);
    if (branch?.mayDrawFigures()) this.#update(client);
    const parents = branch ? [branch.node, ...branch.groups, ...this.#details.openOf(client)] : [];
    const missed = parents.filter(node => this.#hasMissed(node));
    if (missed.length > 0) this.#draw(missed);
    this.#details.refreshed(client);
  }

  /**
   * Whether VS Code shows other children than there are: it misses that they changed while it is asking for them
   * (observed on 1.139: what it was told first comes after, and is taken for new).
   */
  #hasMissed(node: Node): boolean {
    const told = this.#told.get(node);
    const children = this.#childrenOf(node);
    if (told === undefined || told === children || this.#details.isHidden(node)) return false;
    // What changed with this very refresh it is about to ask for. Telling it twice would make it let go of the rows again,
    // and who chooses from the menu of one just then would choose for nothing.
    const isOverdue = this.#owed.get(node) === children;
    this.#owed.set(node, children);
    return isOverdue;
  }

  #update(client: ManagedClient): void {
    const changed = this.#branches.get(client)?.update(this.#arrangement.current) ?? [];
    if (changed.length > 0) this.#draw(changed);
  }

  /**
   * Draws nodes anew. Below a selected row that it draws, VS Code shows no row as selected any more, though it is, until
   * it draws that one too (observed on 1.106 and 1.139): so all that are selected are drawn, from the top down.
   */
  #draw(nodes: readonly Node[]): void {
    const drawn = new Set(nodes);
    const isBelow = (node: Node) => ancestorsOf(node).some(each => drawn.has(each));
    const selection = this.#selection();
    const isTouched = selection.length > 1 && selection.some(node => drawn.has(node) || isBelow(node));
    const selected = isTouched ? this.#selectedInOrder() : [];
    this.#changed.fire([...drawn.difference(new Set(selected)), ...selected]);
    // What is below a node is drawn after the rows that are asked for together with it.
    if (!selected.some(isBelow) || selected.every(isBelow)) return;
    clearTimeout(this.#drawingSelected);
    this.#drawingSelected = setTimeout(() => this.#changed.fire(this.#selectedInOrder()), NEXT_DRAWING_MS);
  }

  /** What is selected, from the top down; of too many their clients. */
  #selectedInOrder(): Node[] {
    const selection = this.#selection();
    const clients = selection.flatMap(node => clientNodeOf(node) ?? []);
    const nodes = new Set(selection.length > MOST_NODES ? clients : selection);
    return inViewOrder(nodes, parent => this.#childrenOf(parent));
  }
}
