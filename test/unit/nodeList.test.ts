/** Long lists in pages, and nodes that stay the same. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { NodeList, PAGE_SIZE } from '../../src/ui/tree/nodeList.ts';
import type { Node, PagedNode, PeerNode } from '../../src/ui/tree/nodes.ts';

interface Item {
  readonly key: string;
  readonly value: number;
}

const parent = { kind: 'group' } as PagedNode;

const makeList = () =>
  new NodeList<Item, PeerNode>(parent, {
    keyOf: ({ key }) => key,
    make: ({ key, value }) => ({ kind: 'peer', parent, peer: { address: key, progress: value } }) as PeerNode,
    renew: (node, { key, value }) => {
      const isOther = node.peer.progress !== value;
      node.peer = { address: key, progress: value };
      return isOther;
    },
  });

const items = (count: number, value = 0): Item[] =>
  Array.from({ length: count }, (_, index) => ({ key: String(index), value }));
const namesOf = (nodes: readonly Node[]) =>
  nodes.map(node =>
    node.kind === 'peer' ? node.peer.address : node.kind === 'more' ? `${node.left} more` : '',
  );

test('a short list is shown whole, and tells only which nodes changed', () => {
  const list = makeList();
  assert.equal(list.update(items(3)), 'children');
  const { children } = list;
  assert.deepEqual(namesOf(children), ['0', '1', '2']);
  const next = [...items(2), { key: '2', value: 5 }];
  assert.deepEqual(namesOf(list.update(next) as Node[]), ['2']);
  assert.deepEqual(list.update(next), []);
  assert.equal(list.children, children, 'the nodes and their list are the same');
});

test('other items, or another order, are other children; who stays is the same node', () => {
  const list = makeList();
  list.update(items(3));
  const [first] = list.children;
  assert.equal(list.update(items(3).reverse()), 'children');
  assert.equal(list.children[2], first);
  assert.equal(list.update(items(1)), 'children');
  assert.deepEqual(list.children, [first]);
  assert.equal(list.has(first as PeerNode), true);
});

test('a long list comes in pages', () => {
  const list = makeList();
  list.update(items(2 * PAGE_SIZE + 7));
  assert.equal(list.children.length, PAGE_SIZE + 1);
  assert.deepEqual(namesOf(list.children.slice(-2)), [String(PAGE_SIZE - 1), `${PAGE_SIZE + 7} more`]);
  assert.deepEqual(namesOf(list.update(items(2 * PAGE_SIZE + 8)) as Node[]), [`${PAGE_SIZE + 8} more`]);
  assert.deepEqual(list.update(items(2 * PAGE_SIZE + 8)), [], 'what changes beyond the page is no news');
  list.showMore();
  assert.deepEqual(namesOf(list.children.slice(-1)), ['8 more']);
  list.showMore();
  assert.equal(list.children.length, 2 * PAGE_SIZE + 8);
});

test('as many pages are shown as it takes to reach an item', () => {
  const list = makeList();
  list.update(items(3 * PAGE_SIZE));
  assert.equal(list.reach(String(PAGE_SIZE * 2))?.peer.address, String(PAGE_SIZE * 2));
  assert.equal(list.children.length, 3 * PAGE_SIZE);
  assert.equal(list.reach('none'), undefined);
});
