/** The order in which nodes stand in the view. */
import { ancestorsOf, type Node } from './nodes.ts';

/**
 * Nodes as they stand from top to bottom, those that are gone first.
 *
 * @param childrenOf what is under a node, or at the root.
 */
export function inViewOrder(
  nodes: ReadonlySet<Node>,
  childrenOf: (parent: Node | undefined) => readonly Node[],
): Node[] {
  const places = new Map<Node | undefined, ReadonlyMap<Node, number>>();
  const placeOf = (node: Node, parent: Node | undefined): number => {
    const known = places.get(parent) ?? new Map(childrenOf(parent).map((child, at) => [child, at]));
    places.set(parent, known);
    return known.get(node) ?? -1;
  };
  const pathOf = (node: Node): readonly number[] =>
    [...ancestorsOf(node).reverse(), node].map((at, level, path) => placeOf(at, path[level - 1]));
  return [...nodes]
    .map(node => ({ node, path: pathOf(node) }))
    .sort((a, b) => compare(a.path, b.path))
    .map(({ node }) => node);
}

function compare(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((place, level) => place !== b[level]);
  return at < 0 ? a.length - b.length : (a[at] as number) - (b[at] ?? -1);
}
