import type {
  AttributedTarget,
  ComparedPair,
  ComparedStack,
  Comparison,
} from '../../sim/compare/comparison-result.ts';
import { factorName } from '../comparison-tables.ts';
import { componentTitles } from '../component-titles.ts';
import type { Absence, Chart } from './chart.ts';
import { sidesOf } from './compared-figures.ts';
import { type Difference, type DifferenceRow, differencePanels } from './difference-panels.ts';
import { percent, signedInterval, time, usdPerHour } from './quantity.ts';

const regions = [
  ['typical', 'typical requests (p40–p60)'],
  ['tail', 'slowest 1 % of requests'],
] as const;

/** What a request spends more or less time on in B, for typical requests and for the slowest. */
export function comparedBreakdown(pair: ComparedPair, comparison: Comparison, id: string): Chart | Absence {
  const title = `Where the difference lies: ${sidesOf(pair)}`;
  const { breakdown } = pair;
  if (!breakdown) return { title, reason: pair.meaningless ?? 'the comparison has no breakdown of latency' };
  const components = breakdown.tail.parts
    .map(({ component }) => component)
    .filter((component) => regions.some(([region]) => partOf(breakdown[region], component)));
  const rows: DifferenceRow[] = [
    { name: 'all', detail: '', isWhole: true },
    ...components.map((component) => ({ name: componentTitles[component], detail: '' })),
  ];
  const panels = regions.map(([region, name]) => {
    const stack = breakdown[region];
    const cells = [wholeOf(stack), ...components.map((component) => partOf(stack, component))];
    return { title: name, quantity: time, cells };
  });
  const note =
    `Mean latency of B − A by what the time is spent on, largest difference of the tail first; the bars below the first ` +
    `add up to it. Whiskers: ${percent(comparison.confidence)} intervals.`;
  const head = { id, title, note };
  return {
    ...head,
    svg: differencePanels(head, rows, panels),
    table: breakdownTable(
      rows,
      panels.map(({ cells }) => cells),
    ),
  };
}

function wholeOf({ aS, bS, differenceS }: ComparedStack): Difference {
  return { value: differenceS, lines: fromTo(aS, bS) };
}

/** Undefined where neither side spends time on it. */
function partOf(
  { parts }: ComparedStack,
  component: ComparedStack['parts'][number]['component'],
): Difference | undefined {
  const part = parts.find((one) => one.component === component);
  if (!part || (part.aS === 0 && part.bS === 0)) return undefined;
  return { value: part.differenceS, share: part.share, lines: fromTo(part.aS, part.bS) };
}

function fromTo(aS: number, bS: number): string[] {
  return [`A ${time.format(aS)}, B ${time.format(bS)}`];
}

function breakdownTable(
  rows: readonly DifferenceRow[],
  cells: readonly (Difference | undefined)[][],
): Chart['table'] {
  return {
    columns: [
      { title: 'component', align: 'left' },
      ...regions.flatMap(([, name]) => [{ title: `B − A, ${name}` }, { title: 'share' }]),
    ],
    rows: rows.map(({ name }, index) => [
      name,
      ...cells.flatMap((column) => {
        const cell = column[index];
        return [
          cell ? signedInterval(cell.value, time) : '–',
          cell?.share === undefined ? '–' : percent(cell.share),
        ];
      }),
    ]),
  };
}

/** What each field that differs contributes to latency, work and price. */
export function comparedAttribution(
  pair: ComparedPair,
  { judged, confidence }: Comparison,
  id: string,
): Chart | Absence {
  const title = `What explains it: ${sidesOf(pair)}`;
  const { attribution, inputs } = pair;
  if (!attribution) {
    const reason =
      pair.noAttribution ?? 'no mixtures were simulated: rankfleet compare of two scenarios attributes it';
    return { title, reason };
  }
  const { factors, latency, compute, price, method } = attribution;
  const ranked = factors.map((_, index) => index).sort((x, y) => sizeOf(latency, y) - sizeOf(latency, x));
  const hasRest = [latency, compute, price].some(({ interaction }) => interaction);
  const rows: DifferenceRow[] = [
    { name: 'all', detail: '', isWhole: true },
    ...ranked.map((index) => ({
      name: factorName(factors[index].fields, inputs),
      detail: changeOf(factors[index].fields, inputs),
    })),
    ...(hasRest ? [{ name: 'interaction', detail: 'no field alone' }] : []),
  ];
  const panelOf = (name: string, quantity: typeof time, target: AttributedTarget) => ({
    title: name,
    quantity,
    cells: [
      { value: target.total },
      ...ranked.map(
        (index): Difference => ({ value: target.parts[index].difference, share: target.parts[index].share }),
      ),
      ...(hasRest ? [target.interaction ? { value: target.interaction } : undefined] : []),
    ],
  });
  const panels = [
    panelOf(judged, time, latency),
    panelOf('compute of a request', time, compute),
    panelOf('price', usdPerHour, price),
  ];
  const note =
    `${methods[method]} Whiskers: ${percent(confidence)} intervals.` +
    (attribution.saturated.length > 0
      ? ' Some mixtures are SATURATED: their parts rest on the length of the run.'
      : '');
  const head = { id, title, note };
  const table: Chart['table'] = {
    columns: [
      { title: 'changed', align: 'left' },
      ...panels.map((panel) => ({ title: `B − A, ${panel.title}` })),
    ],
    rows: rows.map(({ name }, index) => [
      name,
      ...panels.map(({ cells, quantity }) =>
        cells[index] ? signedInterval(cells[index].value, quantity) : '–',
      ),
    ]),
  };
  return { ...head, svg: differencePanels(head, rows, panels), table };
}

const methods = {
  single: 'One field, or several that only go together, make the whole difference.',
  shapley:
    'What each field contributes: the mean over all orders of changing one field after the other (Shapley value).',
  'two-orders':
    'What each field contributes: the mean of changing it alone from A, and as the last from A to B.',
} as const;

function sizeOf({ parts }: AttributedTarget, index: number): number {
  return Math.abs(parts[index].difference.mean);
}

/** `4 → 8`, of a single field. */
function changeOf(fields: readonly string[], inputs: ComparedPair['inputs']): string {
  if (fields.length !== 1) return '';
  const found = inputs.find(({ path }) => path === fields[0] || path.startsWith(`${fields[0]}.`));
  return found ? `${found.a} → ${found.b}` : '';
}
