import type { ReplicatedDistribution } from '../../../sim/training/distillation/figure-result.ts';
import type { DistillationResult } from '../../../sim/training/distillation-result.ts';
import { answeredArms, feedsOf } from '../../distillation/arms.ts';
import { verticalName } from '../../distillation/vertical-tables.ts';
import { type Axis, positionAxis, zeroBasedAxis } from '../axis.ts';
import type { Absence, Chart } from '../chart.ts';
import { type Area, axisBelow, axisRoom, drawing, width } from '../drawing.ts';
import { share, time, withInterval } from '../quantity.ts';
import { drawnRows, nameRoom, rowName } from '../rows.ts';
import { boxSwatch, legend, type Series, symbol, symbolSwatch } from '../series.ts';
import { line, mark } from '../svg.ts';
import { titles } from '../titles.ts';
import { noneAnswered } from './gain-and-price.ts';

const title = titles.freshness;
const rowHeight = 40;
const mostRows = 60;

/** Ages that are further apart, by their ratio, do not share a linear scale. */
const widest = 100;

const statistics = ['p05', 'p50', 'p90', 'p99'] as const;

const looks = {
  mean: { name: 'mean', className: 'series-2', rank: 3, isRest: false },
  median: { name: 'p50', className: 'series-1', rank: 0, isRest: false },
} satisfies Record<string, Series>;

interface Row {
  arm: string;
  vertical: string;
  task: string;
  gapS: ReplicatedDistribution;
  missShare: number;
}

/** How old the teacher's knowledge is at the impressions of each task: from the freshest examples to the stalest. */
export function freshness(result: DistillationResult): Chart | Absence {
  const arms = answeredArms(result);
  const all = arms.flatMap((arm) =>
    feedsOf(arm).flatMap(({ vertical, feed: { name, exampleGapS, missShare } }): Row[] =>
      exampleGapS
        ? [
            {
              arm: arm.name,
              vertical: verticalName(vertical),
              task: name,
              gapS: exampleGapS,
              missShare: missShare.mean,
            },
          ]
        : [],
    ),
  );
  const drawable = all.filter(({ gapS }) => Object.values(gapS).every(({ mean }) => Number.isFinite(mean)));
  if (drawable.length === 0) {
    return { title, reason: arms.length > 0 ? 'no label arrives in time' : noneAnswered };
  }
  const { shown, omitted } = drawnRows(drawable, mostRows, 'tasks');
  const key = legend(
    [
      { name: 'p05 to p99', swatch: boxSwatch('bar series-1 pale') },
      { name: 'p50 to p90', swatch: boxSwatch('bar series-1') },
      ...Object.values(looks).map((look) => ({ name: look.name, swatch: symbolSwatch(look) })),
    ],
    { left: nameRoom, right: width, y: 12 },
  );
  const top = key.height + 12;
  const area: Area = { left: nameRoom, right: width - 16, top, bottom: top + shown.length * rowHeight };
  const values = shown.flatMap(({ gapS }) => Object.values(gapS).map(({ mean }) => mean));
  const isWide = Math.max(...values) > widest * Math.min(...values);
  const x = (isWide ? positionAxis : zeroBasedAxis)({
    values,
    range: [area.left, area.right],
    quantity: time,
    name: 'freshness gap',
  });
  const leaks = Math.min(...values) < 0;
  const id = 'freshness';
  const note =
    'Time of the impression less the time through which the teacher of its label had trained, over the examples of each task: what costs ' +
    `quality. It follows from the join, the queues and the publishing of snapshots.${leaks ? ' Below zero the teacher had trained past the example already: its label leaks.' : ''}${omitted}`;
  const svg = drawing(
    { id, title, note, height: area.bottom + axisRoom },
    key.svg,
    axisBelow(x, area),
    ...shown.map((row, index) => rowOf(row, top + (index + 0.5) * rowHeight, x)),
  );
  return { id, title, note, svg, table: tableOf(all) };
}

function rowOf({ arm, vertical, task, gapS, missShare }: Row, y: number, x: Axis): string {
  const at = (key: keyof ReplicatedDistribution) => x.at(gapS[key].mean);
  const words = [
    `${arm}: ${task} of ${vertical}`,
    ...(['mean', ...statistics] as const).map((key) => `${key} ${withInterval(gapS[key], time)}`),
    `${share.format(missShare)} of labels missed`,
  ];
  const box = (className: string, from: number, to: number, half: number) =>
    mark(
      'rect',
      {
        class: `bar ${className}`,
        x: Math.min(from, to),
        y: y - half,
        width: Math.abs(to - from),
        height: 2 * half,
      },
      words,
    );
  return [
    rowName(vertical, `${task} · ${arm} · ${share.format(missShare)} missed`, y),
    line(at('p05'), y, at('p99'), y, 'zero'),
    box('series-1 pale', at('p05'), at('p99'), 5),
    box('series-1', at('p50'), at('p90'), 8),
    symbol(looks.median, at('p50'), y, words),
    symbol(looks.mean, at('mean'), y, words),
  ].join('');
}

function tableOf(rows: readonly Row[]): Chart['table'] {
  return {
    columns: [
      { title: 'arm', align: 'left' },
      { title: 'vertical', align: 'left' },
      { title: 'task', align: 'left' },
      { title: 'mean' },
      ...statistics.map((name) => ({ title: name })),
      { title: 'missed' },
    ],
    rows: rows.map(({ arm, vertical, task, gapS, missShare }) => [
      arm,
      vertical,
      task,
      ...(['mean', ...statistics] as const).map((key) => withInterval(gapS[key], time)),
      share.format(missShare),
    ]),
  };
}
