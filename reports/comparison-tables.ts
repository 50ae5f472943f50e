import type {
  AttributedTarget,
  ComparedFigure,
  ComparedPair,
  Comparison,
  Interval,
} from '../sim/compare/comparison-result.ts';
import { componentTitles } from './component-titles.ts';
import { timeUnit } from './numbers.ts';
import { plainFigure, signedChange, signedPercentChange } from './signed-numbers.ts';
import { type Column, type TitledTable, textTable } from './text-table.ts';

interface Scale {
  name: string;
  per: number;
}

const groups = [
  ['latency', 'Latency and load'],
  ['compute', 'Work of a request'],
  ['fleet', 'Fleet'],
] as const;

/** Every figure of a pair, side by side, in three tables under one heading. */
export function figureTables({ figures }: ComparedPair): TitledTable[] {
  return groups.flatMap(([group, title]) => {
    const shown = figures.filter((figure) => figure.group === group);
    if (shown.length === 0) return [];
    const columns: Column[] = [
      { title: '', align: 'left' },
      { title: 'A' },
      { title: 'B' },
      { title: 'B − A' },
      { title: '%' },
      { title: 'differs', align: 'left' },
    ];
    return [{ title, columns, rows: shown.map(figureRow) }];
  });
}

/** Title, A, B, difference, relative difference, and whether they differ. */
export function figureRow(figure: ComparedFigure): string[] {
  const { title, a, b, difference, relative, significant } = figure;
  const scale = scaleOf(figure);
  const isCount = figure.unit === 'count' && !figure.sampled;
  const side = (value: Interval | undefined) =>
    value ? (isCount ? String(value.mean) : plainFigure(value, scale.per)) : '–';
  const verdict = significant === undefined ? '–' : significant ? 'yes' : 'no';
  return [
    scale.name === '' ? title : `${title}, ${scale.name}`,
    side(a),
    side(b),
    difference ? (isCount ? signedCount(difference.mean) : signedChange(difference, scale.per)) : '–',
    relative ? signedPercentChange(relative) : '–',
    difference ? verdict : '–',
  ];
}

function signedCount(count: number): string {
  return count === 0 ? '0' : `${count < 0 ? '−' : '+'}${Math.abs(count)}`;
}

const prefixes: [name: string, size: number][] = [
  ['T', 1e12],
  ['G', 1e9],
  ['M', 1e6],
  ['k', 1e3],
];

/** One unit for both sides of a row. */
function scaleOf({ unit, a, b }: ComparedFigure): Scale {
  const sizes = [a, b].map((value) => Math.abs(value?.mean ?? 0));
  const most = Math.max(...sizes);
  if (unit === 's') {
    const { name, perS } = timeUnit([most]);
    return { name, per: perS };
  }
  if (unit === 'B' || unit === 'W') {
    const [name, size] = prefixes.find(([, factor]) => most >= factor) ?? ['', 1];
    return { name: `${name}${unit}`, per: 1 / size };
  }
  if (unit === 'count' || unit === 'share') return { name: '', per: 1 };
  return { name: unit, per: 1 };
}

const regions = [
  ['typical', 'a typical request (p40–p60)'],
  ['tail', 'the slowest 1 % of requests'],
] as const;

/** What a request spends its time on, largest difference first; the lines of a table add up to its last. */
export function stackTables({ breakdown }: ComparedPair): string[] {
  if (!breakdown) return [];
  return regions.map(([region, title]) => {
    const { aS, bS, differenceS, parts } = breakdown[region];
    const unit = timeUnit([Math.max(aS, bS)]);
    const columns: Column[] = [
      { title: `Where the time of ${title} goes, ${unit.name}`, align: 'left' },
      { title: 'A' },
      { title: 'B' },
      { title: 'B − A' },
      { title: 'share' },
    ];
    const time = (seconds: number) =>
      seconds === 0 ? '–' : (seconds * unit.perS).toFixed(unit.name === 'µs' ? 1 : 3);
    const row = (name: string, a: number, b: number, difference: Interval, share: number | undefined) => [
      name,
      time(a),
      time(b),
      signedChange(difference, unit.perS),
      shareText(share),
    ];
    const whole = parts.some(({ share }) => share !== undefined) ? 1 : undefined;
    return textTable(columns, [
      ...parts.map((part) =>
        row(componentTitles[part.component], part.aS, part.bS, part.differenceS, part.share),
      ),
      row('all', aS, bS, differenceS, whole),
    ]);
  });
}

function shareText(share: number | undefined): string {
  if (share === undefined) return '–';
  const percent = (share * 100).toFixed(0);
  return `${percent === '-0' ? '0' : percent.replace('-', '−')} %`;
}

/** What each field contributes, by mixtures of A and B that were simulated. */
export function attributionTable(
  { attribution, inputs }: ComparedPair,
  { judged }: Comparison,
): TitledTable | undefined {
  if (!attribution) return undefined;
  const { method, simulations, factors, latency, compute, price } = attribution;
  const unitOf = ({ total, parts }: AttributedTarget) =>
    timeUnit([
      Math.max(...[total, ...parts.map(({ difference }) => difference)].map(({ mean }) => Math.abs(mean))),
    ]);
  const units = { latency: unitOf(latency), compute: unitOf(compute) };
  const targets: [title: string, target: AttributedTarget, per: number][] = [
    [`${judged}, ${units.latency.name}`, latency, units.latency.perS],
    [`compute, ${units.compute.name}`, compute, units.compute.perS],
    ['price, USD/h', price, 1],
  ];
  const columns: Column[] = [
    { title: 'changed from A to B', align: 'left' },
    ...targets.flatMap(([title]) => [{ title }, { title: 'share' }]),
  ];
  const line = (name: string, cells: (Interval | undefined)[], shares: (number | undefined)[]) => [
    name,
    ...targets.flatMap(([, , per], index) => [
      cells[index] ? signedChange(cells[index], per) : '–',
      shareText(shares[index]),
    ]),
  ];
  const size = (factor: number) => Math.abs(latency.parts[factor].difference.mean);
  const ranked = factors.map((_, factor) => factor).sort((x, y) => size(y) - size(x));
  const rows = ranked.map((factor) =>
    line(
      factorName(factors[factor].fields, inputs),
      targets.map(([, { parts }]) => parts[factor].difference),
      targets.map(([, { parts }]) => parts[factor].share),
    ),
  );
  const rest =
    method === 'two-orders'
      ? [
          line(
            'interaction',
            targets.map(([, { interaction }]) => interaction),
            targets.map(([, { interaction, total, parts }]) =>
              interaction && parts[0].share !== undefined ? interaction.mean / total.mean : undefined,
            ),
          ),
        ]
      : [];
  const total = line(
    'all',
    targets.map(([, target]) => target.total),
    targets.map(([, { parts }]) => (parts[0].share === undefined ? undefined : 1)),
  );
  const count = simulations === 0 ? '' : ` (${simulations} ${simulations === 1 ? 'mixture' : 'mixtures'})`;
  return {
    title: `What explains it, ${methods[method]}${count}`,
    columns,
    rows: [...rows, ...rest, total],
    hasTotal: true,
  };
}

/** What was changed together: one or two fields by name, the rest of more by their number. */
export function factorName(fields: readonly string[], inputs: ComparedPair['inputs']): string {
  const names = fields.map((field) => fieldName(field, inputs));
  return names.length <= 2 ? names.join(' + ') : `${names[0]} + ${names.length - 1} more`;
}

/** A field as the inputs tell it: by the part of it that differs, where that is one. */
export function fieldName(field: string, inputs: ComparedPair['inputs']): string {
  const paths = inputs.map(({ path }) => path);
  return paths.includes(field) ? field : (paths.find((path) => path.startsWith(`${field}.`)) ?? field);
}

const methods = {
  single: 'one field, so no mixture had to be simulated',
  shapley:
    'by simulation: the mean over all orders of changing one field after the other (Shapley value; what fields do only together is shared evenly)',
  'two-orders':
    'by simulation: each field changed alone from A and as the last from A to B, the mean of both; interaction is what no field explains alone',
};

/** What to know of the parts that are attributed to fields. */
export function attributionNotes({ attribution }: ComparedPair): string[] {
  if (!attribution) return [];
  const { factors, saturated } = attribution;
  return [
    ...factors.flatMap(({ fields, reason }) =>
      reason === undefined ? [] : [`${fields.join(', ')} are changed together: ${reason}.`],
    ),
    ...(saturated.length > 0
      ? [
          `SATURATED on the way: ${saturated.join('; ')}. The latency of an overloaded fleet grows with the length of the run, and so do the parts of these fields.`,
        ]
      : []),
  ];
}
