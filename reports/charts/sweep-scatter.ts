import { significant } from '../../foundation/units.ts';
import type { ArmRow, FieldValue, PointResult, SweepResult } from '../../sim/sweep-result.ts';
import { slaInWords } from './arms.ts';
import type { Absence, Chart, ChartPoints, PointColumn } from './chart.ts';
import { priceScatter, type Scatter } from './price-scatter.ts';
import { kindOf, type PricedPoint } from './priced-point.ts';
import { finite, time, usdPerHour, usdPerMillion, withInterval } from './quantity.ts';
import { titles } from './titles.ts';

const title = titles.price;

/** Rows of the table at most: the frontier, then the cheapest others. */
const mostRows = 50;

/** A row of a sweep that has both figures. */
interface Priced {
  point: PointResult;
  row: ArmRow;
  priced: PricedPoint;
}

/** Every row of a sweep by price and judged percentile, thousands as dots. */
export function sweepScatter(sweep: SweepResult): Chart | Absence {
  const rows = pricedRows(sweep);
  if (rows.length === 0)
    return { title, reason: 'no point of the sweep has both a price and a steady latency' };
  const { judged, sla, money } = sweep;
  const all = sweep.points.reduce((sum, { rows: each }) => sum + each.length, 0);
  const points = rows.map(({ priced }) => priced);
  const scatter = priceScatter({
    id: 'price-of-latency',
    title,
    noteOf: (drawn) => noteOf(sweep, all, points.length, drawn),
    points,
    price: { name: 'price', quantity: money === 'usdPerHour' ? usdPerHour : usdPerMillion },
    latencyName: judged,
    ...(sla &&
      sla.percentile === judged && { limit: { latencyS: sla.limitS, words: `SLA ${slaInWords(sla)}` } }),
  });
  const { chart, dots } = scatter;
  return {
    ...chart,
    table: tableOf(rows, scatter, sweep),
    points: packed(dots.length > 0 ? dots.map((index) => rows[index]) : rows, scatter, sweep),
  };
}

function pricedRows(sweep: SweepResult): Priced[] {
  return sweep.points.flatMap((point) =>
    point.rows.flatMap((row) => {
      const price = row[sweep.money];
      const latency = row.latencyS?.[sweep.judged];
      if (price === undefined || !latency || row.verdict === 'SATURATED') return [];
      if (!Number.isFinite(price) || !Number.isFinite(latency.mean)) return [];
      const priced: PricedPoint = {
        price,
        latencyS: finite(latency),
        kind: kindOf(row.slaMet),
        isFeasible: row.slaMet === undefined || row.slaMet === 'yes',
        lines: () => linesOf(point, row, sweep),
      };
      return [{ point, row, priced }];
    }),
  );
}

function noteOf({ judged, points, total }: SweepResult, all: number, priced: number, drawn: number): string {
  const partly = points.length < total ? `, ${points.length} of ${total} points so far` : '';
  const left = all - priced;
  return (
    `Every arm of every point of the sweep${partly}: its price and its ${judged}. The stepped line joins those that no ` +
    'other is both cheaper and faster than, of those that meet the SLA where there is one.' +
    (left > 0 ? ` Not drawn: ${left} of ${all} rows that do not fit, failed or are SATURATED.` : '') +
    (drawn < priced
      ? ` Of ${priced} rows ${drawn} are drawn: one of those that cover each other, and all on the line.`
      : '')
  );
}

function linesOf(
  { index, values }: PointResult,
  row: ArmRow,
  { fields, judged, money }: SweepResult,
): string[] {
  const price = (money === 'usdPerHour' ? usdPerHour : usdPerMillion).format(row[money]!);
  return [
    `${row.arm}, point ${index}`,
    ...fields.map(({ field }, at) => `${field} ${values[at]}`),
    price,
    `${judged} ${withInterval(row.latencyS![judged], time)}`,
    ...(row.busiest ? [`ρ ${row.busiest.utilisation.mean.toFixed(2)}, ${row.busiest.where}`] : []),
    `${row.verdict}${row.slaMet === undefined ? '' : `, SLA met: ${row.slaMet}`}${row.dominated ? ', pilot only' : ''}`,
  ];
}

/** Positions and values of the dots, for a script: texts once each, numbers to four digits. */
function packed(
  rows: readonly Priced[],
  { pixelOf }: Scatter,
  { fields, judged, money }: SweepResult,
): ChartPoints {
  const pixels = rows.map(({ priced }) => pixelOf(priced));
  const unit = time.unitFor(rows.reduce((most, { priced }) => Math.max(most, priced.latencyS.mean), 0));
  const tenth = (value: number) => Math.round(value * 10) / 10;
  return {
    x: pixels.map(([x]) => tenth(x)),
    y: pixels.map(([, y]) => tenth(y)),
    columns: [
      { title: 'point', numbers: rows.map(({ point }) => point.index) },
      textColumn(
        'arm',
        rows.map(({ row }) => row.arm),
      ),
      ...fields.map(({ field }, at) =>
        valueColumn(
          field,
          rows.map(({ point }) => point.values[at]),
        ),
      ),
      {
        title: money === 'usdPerHour' ? 'USD/h' : 'USD per million requests',
        numbers: rows.map(({ priced }) => Number(priced.price.toPrecision(4))),
      },
      {
        title: `${judged}, ${unit.name}`,
        numbers: rows.map(({ priced }) => Number((priced.latencyS.mean * unit.per).toPrecision(4))),
      },
      {
        title: 'ρ',
        numbers: rows.map(({ row }) =>
          row.busiest ? Number(row.busiest.utilisation.mean.toFixed(2)) : null,
        ),
      },
      textColumn(
        'SLA met',
        rows.map(({ row }) => row.slaMet ?? '–'),
      ),
      textColumn(
        'verdict',
        rows.map(({ row }) => row.verdict),
      ),
    ],
  };
}

function valueColumn(name: string, values: readonly FieldValue[]): PointColumn {
  return values.every((value) => typeof value === 'number' && Number.isFinite(value))
    ? { title: name, numbers: values as number[] }
    : textColumn(name, values.map(String));
}

function textColumn(name: string, values: readonly string[]): PointColumn {
  const codes = new Map<string, number>();
  for (const value of values) if (!codes.has(value)) codes.set(value, codes.size);
  return { title: name, texts: [...codes.keys()], codes: values.map((value) => codes.get(value)!) };
}

/** The frontier, cheapest first, then the cheapest of the others. */
function tableOf(
  rows: readonly Priced[],
  { frontier }: Scatter,
  { fields, judged, money }: SweepResult,
): Chart['table'] {
  const isOn = new Set(frontier);
  const others = rows.map((_, index) => index).filter((index) => !isOn.has(index));
  others.sort((a, b) => rows[a].priced.price - rows[b].priced.price || a - b);
  const shown = [...frontier, ...others].slice(0, mostRows);
  return {
    columns: [
      { title: 'point' },
      { title: 'arm', align: 'left' },
      ...fields.map(({ field }) => ({ title: field, align: 'left' as const })),
      { title: money === 'usdPerHour' ? 'USD/h' : 'USD per million requests' },
      { title: judged },
      { title: 'SLA met', align: 'left' },
      { title: 'on the line', align: 'left' },
    ],
    rows: shown.map((index) => {
      const { point, row, priced } = rows[index];
      return [
        `${point.index}`,
        row.arm,
        ...point.values.map(String),
        significant(priced.price),
        withInterval(priced.latencyS, time),
        row.slaMet ?? '–',
        isOn.has(index) ? 'yes' : 'no',
      ];
    }),
  };
}
