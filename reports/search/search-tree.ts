import { significant } from '../../foundation/units.ts';
import type { Chart } from '../charts/chart.ts';
import { drawing, width } from '../charts/drawing.ts';
import { element, mark, px, text } from '../charts/svg.ts';
import type { SearchNode, SearchReport } from './search-report.ts';
import { type PlacedNode, treeLayout } from './tree-layout.ts';

const margin = 16;
const headRoom = 46;
const footRoom = 16;
/** Pixels between two generations, where there are few of them; a picture is no higher than so many. */
const [usualStep, mostHeight] = [64, 1400];
const [largestRadius, smallestRadius] = [7, 1.6];

/** Shades from slow to as fast as the best, darker the faster. */
const shades = ['shade-5', 'shade-4', 'shade-3', 'shade-2', 'shade-1'];

/** The graph of a search: a node for each artifact below those that it was made from. */
export function searchTree(report: SearchReport): Chart {
  const id = 'search-tree';
  const title = 'The search as a graph';
  const note = noteOf(report);
  const { placed, columns, rows, rootColumn } = treeLayout(report);
  const step = Math.min(usualStep, mostHeight / rows);
  const slot = (width - 2 * margin) / columns;
  const at = ({ column, row }: { column: number; row: number }) => ({
    x: margin + (column + 0.5) * slot,
    y: headRoom + row * step,
  });
  const radius = Math.max(smallestRadius, Math.min(largestRadius, 0.4 * slot, 0.3 * step));
  const places = new Map(placed.map((one) => [one.node.id, at(one)]));
  const root = at({ column: rootColumn, row: 0 });
  places.set(report.root, root);
  const path = wayToBest(report);
  const svg = drawing(
    { id, title, note, height: headRoom + (rows - 1) * step + largestRadius + footRoom },
    legendOf(),
    ...placed.flatMap(({ node }) => edges(node, places, path)),
    mark('rect', square(root, radius), ['specification', report.task.title]),
    ...placed.map((one) => nodeMark(one, places.get(one.node.id)!, radius, report)),
  );
  return { id, title, note, svg, table: tableOf(report) };
}

/** Nodes from the best one up to the specification, by first parents and second ones alike. */
function wayToBest({ nodes, best }: SearchReport): Set<number> {
  const parentsOf = new Map(nodes.map(({ id, parents }) => [id, parents]));
  const way = new Set(best === undefined ? [] : [best]);
  // A set goes on with what is added to it while it is walked.
  for (const id of way) for (const parent of parentsOf.get(id) ?? []) way.add(parent);
  return way;
}

type Place = { x: number; y: number };

function edges(node: SearchNode, places: ReadonlyMap<number, Place>, path: ReadonlySet<number>): string[] {
  const to = places.get(node.id)!;
  return node.parents.map((parent, index) => {
    const from = places.get(parent)!;
    const middle = (from.y + to.y) / 2;
    const isOnWay = path.has(node.id) && path.has(parent);
    const kind = index > 0 ? 'note-line' : isOnWay ? 'line series-2' : 'thin-edge';
    const curve = `M${px(from.x)},${px(from.y)}C${px(from.x)},${px(middle)} ${px(to.x)},${px(middle)} ${px(to.x)},${px(to.y)}`;
    return element('path', { class: `edge ${kind}`, d: curve });
  });
}

function nodeMark({ node }: PlacedNode, { x, y }: Place, radius: number, report: SearchReport): string {
  const lines = linesOf(node);
  if (node.failure) {
    const [a, b] = [0.8 * radius, -0.8 * radius];
    const cross = `M${px(x + b)},${px(y + b)}L${px(x + a)},${px(y + a)}M${px(x + b)},${px(y + a)}L${px(x + a)},${px(y + b)}`;
    return mark('path', { class: 'line bad', d: cross }, lines);
  }
  const best = report.nodes.find(({ id }) => id === report.best)?.score ?? 1;
  const isBest = node.id === report.best;
  const shade = isBest ? 'good' : shades[Math.min(4, Math.floor((5 * node.score) / best))];
  const hollow = node.isDuplicate ? ' hollow' : '';
  const size = isBest ? 1.5 * radius : radius;
  return mark('circle', { class: `symbol ${shade}${hollow}`, cx: x, cy: y, r: size }, lines);
}

function linesOf({ step, score, failure, isDuplicate, memory, rationale, parents }: SearchNode): string[] {
  return [
    `step ${step}: ${failure ? `failed at ${failure.stage}` : `${significant(score)} times as fast`}`,
    ...(failure ? [failure.reason] : []),
    rationale,
    ...(parents.length > 1 ? [`crossed from nodes ${parents.join(' and ')}`] : []),
    ...(isDuplicate ? ['the same source as an earlier node'] : []),
    `memory: ${memory}`,
  ];
}

function square({ x, y }: Place, radius: number) {
  const half = Math.max(3, radius);
  return { class: 'symbol series-rest', x: x - half, y: y - half, width: 2 * half, height: 2 * half };
}

function legendOf(): string {
  const items: [svg: string, label: string][] = [
    [element('rect', { class: 'symbol series-rest', x: 0, y: 5, width: 10, height: 10 }), 'specification'],
    [element('circle', { class: 'symbol shade-4', cx: 5, cy: 10, r: 5 }), 'slower'],
    [element('circle', { class: 'symbol shade-1', cx: 5, cy: 10, r: 5 }), 'faster'],
    [element('circle', { class: 'symbol good', cx: 5, cy: 10, r: 6 }), 'the best'],
    [element('circle', { class: 'symbol hollow shade-2', cx: 5, cy: 10, r: 5 }), 'made before'],
    [element('path', { class: 'line bad', d: 'M1,6L9,14M1,14L9,6' }), 'failed'],
    [element('path', { class: 'line series-2', d: 'M-4,10L14,10' }), 'way to the best'],
    [element('path', { class: 'note-line', d: 'M-4,10L14,10' }), 'second parent'],
  ];
  let x = margin;
  return items
    .map(([symbol, label]) => {
      const drawn = element(
        'g',
        { transform: `translate(${px(x)},2)` },
        symbol,
        text(label, { class: 'detail', x: 18, y: 14 }),
      );
      x += 34 + 6.6 * label.length;
      return drawn;
    })
    .join('');
}

function noteOf({ nodes, reference }: SearchReport): string {
  const crossings = nodes.filter(({ parents }) => parents.length > 1).length;
  const crossed =
    crossings === 0
      ? ''
      : ` ${crossings} ${crossings === 1 ? 'was' : 'were'} crossed from two parents, which makes it a graph, not a tree.`;
  return `Each of ${nodes.length} artifacts below what it was made from, the darker the faster relative to ${reference}.${crossed}`;
}

function tableOf({ nodes }: SearchReport): Chart['table'] {
  return {
    columns: [
      { title: 'step' },
      { title: 'node' },
      { title: 'parents', align: 'left' },
      { title: 'times as fast' },
      { title: 'memory', align: 'left' },
      { title: 'what was done', align: 'left' },
      { title: 'failure', align: 'left' },
    ],
    rows: nodes.map(({ step, id, parents, score, memory, rationale, failure }) => [
      String(step),
      String(id),
      parents.join(', '),
      failure ? '' : significant(score),
      memory,
      rationale,
      failure ? `${failure.stage}: ${failure.reason}` : '',
    ]),
  };
}
