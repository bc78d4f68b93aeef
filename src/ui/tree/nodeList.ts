/** The nodes that stand for the items of a list, a page of them at first. */
import { isSameList } from '../../util/lists.ts';
import type { MoreNode, Node, PagedNode } from './nodes.ts';

/** How many are shown at first, and how many more each time: VS Code stalls over ten thousand at once. */
export const PAGE_SIZE = 500;

/** How the items of a list become nodes. */
export interface NodeMaker<Item, Child> {
  /** Tells an item from the others of its list. */
  keyOf(item: Item): string;
  make(item: Item): Child;
  /** Lets a node stand for what became of its item. Whether it looks different then. */
  renew(child: Child, item: Item): boolean;
}

/** What changed: nodes that look different, or which nodes there are. */
export type Changed = readonly Node[] | 'children';

export class NodeList<Item, Child extends Node> {
  readonly #maker: NodeMaker<Item, Child>;
  readonly #more: MoreNode;
  #items: readonly Item[] = [];
  #byKey: ReadonlyMap<string, Child> = new Map();
  #children: readonly (Child | MoreNode)[] = [];
  #limit = PAGE_SIZE;

  constructor(parent: PagedNode, maker: NodeMaker<Item, Child>) {
    this.#maker = maker;
    this.#more = { kind: 'more', parent, left: 0 };
  }

  /** Those shown, and last how many more there are. The same object while none comes or goes. */
  get children(): readonly (Child | MoreNode)[] {
    return this.#children;
  }

  /** Whether a node is one of those shown. */
  has(child: Child): boolean {
    return this.#children.includes(child);
  }

  /** Shows these items from now on, each of which has a key of its own. A node stays the same while its item is there. */
  update(items: readonly Item[]): Changed {
    if (items === this.#items) return [];
    this.#items = items;
    return this.#redraw();
  }

  /** Shows a page more. */
  showMore(): void {
    this.#limit += PAGE_SIZE;
    this.#redraw();
  }

  /** The node of an item, with as many more pages as it takes; undefined where the list has no such item. */
  reach(key: string): Child | undefined {
    const index = this.#items.findIndex(item => this.#maker.keyOf(item) === key);
    if (index < 0) return undefined;
    while (index >= this.#limit) this.showMore();
    return this.#byKey.get(key);
  }

  #redraw(): Changed {
    const { keyOf, make, renew } = this.#maker;
    const known = this.#byKey;
    const byKey = new Map<string, Child>();
    const changed: Node[] = [];
    for (const item of this.#items.slice(0, this.#limit)) {
      const key = keyOf(item);
      const child = known.get(key);
      if (child && renew(child, item)) changed.push(child);
      byKey.set(key, child ?? make(item));
    }
    this.#byKey = byKey;
    const children: (Child | MoreNode)[] = [...byKey.values()];
    const left = Math.max(0, this.#items.length - this.#limit);
    if (left > 0) children.push(this.#more);
    if (left !== this.#more.left) changed.push(this.#more);
    this.#more.left = left;
    if (isSameList(children, this.#children)) return changed;
    this.#children = children;
    return 'children';
  }
}
