import type { SearchNode, SearchReport } from './search-report.ts';

/** A node with its place: `column` counts from the left, in widths of a leaf; `row` is its generation. */
export interface PlacedNode {
  node: SearchNode;
  column: number;
  row: number;
}

/**
 * Places for the nodes of a search: each below its parents, over the middle of what came of it. What has two parents
 * hangs from the first one, which is in an earlier generation as all parents are.
 */
export function treeLayout({ nodes, root }: Pick<SearchReport, 'nodes' | 'root'>): {
  placed: PlacedNode[];
  columns: number;
  rows: number;
  rootColumn: number;
} {
  const children = new Map<number, SearchNode[]>();
  for (const node of nodes) {
    const [parent] = node.parents;
    children.set(parent, [...(children.get(parent) ?? []), node]);
  }
  const columnOf = new Map<number, number>();
  let leaves = 0;
  const place = (id: number): number => {
    const own = children.get(id) ?? [];
    const columns = own.map((child) => place(child.id));
    const column = columns.length > 0 ? (columns[0] + columns[columns.length - 1]) / 2 : leaves++;
    columnOf.set(id, column);
    return column;
  };
  const rootColumn = place(root);
  const placed = nodes.map((node) => ({ node, column: columnOf.get(node.id)!, row: node.generation }));
  return {
    placed,
    columns: Math.max(1, leaves),
    rows: nodes.reduce((most, { generation }) => Math.max(most, generation), 0) + 1,
    rootColumn,
  };
}
