/** Nodes in the order of the view. */
import assert from 'node:assert/strict';
import test from 'node:test';
import type { Node } from '../../src/ui/tree/nodes.ts';
import { inViewOrder } from '../../src/ui/tree/viewOrder.ts';

const makeNode = (parent?: Node) => ({ kind: 'torrent', ...(parent && { parent }) }) as unknown as Node;

test('nodes are put in order, whatever level they are on, and those that are gone come first', () => {
  const [a, b] = [makeNode(), makeNode()];
  const [a1, a2, b1] = [makeNode(a), makeNode(a), makeNode(b)];
  const a1x = makeNode(a1);
  const gone = makeNode(a);
  const tree = new Map<Node | undefined, readonly Node[]>([
    [undefined, [a, b]],
    [a, [a1, a2]],
    [a1, [a1x]],
    [b, [b1]],
  ]);
  const asked: (Node | undefined)[] = [];
  const sorted = inViewOrder(new Set([b1, gone, a2, b, a1x, a1]), parent => {
    asked.push(parent);
    return tree.get(parent) ?? [];
  });
  const names = new Map([
    [a1, 'a1'],
    [a1x, 'a1x'],
    [a2, 'a2'],
    [b, 'b'],
    [b1, 'b1'],
    [gone, 'gone'],
  ]);
  assert.deepEqual(
    sorted.map(node => names.get(node)),
    ['gone', 'a1', 'a1x', 'a2', 'b', 'b1'],
  );
  assert.equal(asked.length, new Set(asked).size, 'of each parent once');
});
