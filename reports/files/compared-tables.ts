import {
  type DataTable,
  dataTable,
  flagColumn,
  intervalColumns,
  numberColumn,
  textColumn,
} from '../../foundation/data-table.ts';
import type { AttributedTarget, Comparison } from '../../sim/compare/comparison-result.ts';
import type { Makers } from './makers.ts';
import { armColumns, figureColumns, itemsOf } from './pair-items.ts';

/** Tables of a comparison. Every difference is B − A. */
export const comparisonTables: Makers<Comparison> = {
  figures: figuresTable,
  inputs: inputsTable,
  breakdown: breakdownTable,
  attribution: attributionTable,
};

function figuresTable(comparison: Comparison): DataTable {
  const { judged } = comparison;
  return dataTable(
    itemsOf(comparison, ({ figures }) => figures),
    figureColumns(comparison, [flagColumn('is_judged', ({ key }) => key === judged)]),
  );
}

/** What was asked differently: fields of the scenario, and what differs inside a model, a host or a network. */
function inputsTable(comparison: Comparison): DataTable {
  const items = itemsOf(comparison, ({ inputs }) =>
    inputs.flatMap(({ path, a, b, details }) => [
      { field: path, detail: undefined, valueA: a, valueB: b },
      ...details.map((inner) => ({ field: path, detail: inner.path, valueA: inner.a, valueB: inner.b })),
    ]),
  );
  return dataTable(items, [
    armColumns(),
    textColumn('field', ({ field }) => field),
    textColumn('detail', ({ detail }) => detail),
    textColumn('value_a', ({ valueA }) => valueA),
    textColumn('value_b', ({ valueB }) => valueB),
  ]);
}

function breakdownTable(comparison: Comparison): DataTable {
  const items = itemsOf(comparison, ({ breakdown }) =>
    (['typical', 'tail'] as const).flatMap((request) =>
      (breakdown?.[request].parts ?? []).map((part) => ({ request, ...part })),
    ),
  );
  return dataTable(items, [
    armColumns(),
    textColumn('request', ({ request }) => request),
    textColumn('component', ({ component }) => component),
    numberColumn('a_s', ({ aS }) => aS),
    numberColumn('b_s', ({ bS }) => bS),
    intervalColumns('difference', '_s', ({ differenceS }) => differenceS),
    numberColumn('share', ({ share }) => share),
  ]);
}

/** What is attributed, with its unit. */
const targets = [
  ['latency', 's'],
  ['compute', 's'],
  ['price', 'USD/h'],
] as const;

/** What fields explain of each difference; the rows of a target add up to the difference. */
function attributionTable(comparison: Comparison): DataTable {
  const items = itemsOf(comparison, ({ attribution }) =>
    attribution
      ? targets.flatMap(([target, unit]) =>
          partsOf(
            attribution[target],
            attribution.factors.map(({ fields }) => fields.join(' + ')),
          ).map((part) => ({ ...part, target, unit, method: attribution.method })),
        )
      : [],
  );
  return dataTable(items, [
    armColumns(),
    textColumn('target', ({ target }) => target),
    textColumn('unit', ({ unit }) => unit),
    textColumn('fields', ({ fields }) => fields),
    intervalColumns('difference', '', ({ difference }) => difference),
    numberColumn('share', ({ share }) => share),
    textColumn('method', ({ method }) => method),
  ]);
}

function partsOf({ parts, interaction }: AttributedTarget, names: readonly string[]) {
  return [
    ...parts.map((part, index) => ({ fields: names[index], ...part })),
    ...(interaction ? [{ fields: 'interaction', difference: interaction, share: undefined }] : []),
  ];
}
