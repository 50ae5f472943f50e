import { inUnit } from '../foundation/amount.ts';
import {
  type Cell,
  type DataColumn,
  flagColumn,
  intervalColumns,
  numberColumn,
  textColumn,
  wholeColumn,
} from '../foundation/data-table.ts';
import { evidenceLevels } from '../foundation/evidence.ts';
import { percentileSchema } from './result.ts';
import type { ArmRow, FieldColumn, FieldValue, PointResult } from './sweep-result.ts';

/** A row of a sweep's results. */
export interface PointRow {
  point: PointResult;
  row: ArmRow;
}

/** All columns of a sweep's results, in their order; times in seconds, money in USD, power in watts. */
export function resultColumns(fields: readonly FieldColumn[]): DataColumn<PointRow>[] {
  const [arm, verdict, ...rest] = armColumns<PointRow>(({ row }) => row);
  return [
    wholeColumn('point', ({ point }) => point.index),
    textColumn('key', ({ point }) => point.key),
    ...fields.map(
      ({ column, type, unit }, position): DataColumn<PointRow> => ({
        name: column,
        type,
        cell: ({ point }) => cellOf(point.values[position], unit),
      }),
    ),
    arm,
    verdict,
    flagColumn('dominated', ({ row }) => row.dominated),
    ...rest,
  ];
}

/** The rows of points, in the order of their arms. */
export function rowsOf(points: readonly PointResult[]): PointRow[] {
  return points.flatMap((point) => point.rows.map((row) => ({ point, row })));
}

/** What is known of an arm, under the names that every table has for it. @param row of the thing that a row is about */
export function armColumns<Item>(row: (item: Item) => ArmRow): DataColumn<Item>[] {
  const number = (name: string, of: (row: ArmRow) => number | undefined) =>
    numberColumn<Item>(name, (item) => of(row(item)));
  const whole = (name: string, of: (row: ArmRow) => number | undefined) =>
    wholeColumn<Item>(name, (item) => of(row(item)));
  const text = (name: string, of: (row: ArmRow) => string | undefined) =>
    textColumn<Item>(name, (item) => of(row(item)));
  const estimate = (name: string, suffix: string, of: (row: ArmRow) => ArmRow['throughputPerS']) =>
    intervalColumns<Item>(name, suffix, (item) => of(row(item)));
  return [
    text('arm', ({ arm }) => arm),
    text('verdict', ({ verdict }) => verdict),
    whole('replications_run', ({ replications }) => replications),
    ...(['mean', ...percentileSchema.options] as const).flatMap((name) =>
      estimate(columnOf(name), '_s', ({ latencyS }) => latencyS?.[name]),
    ),
    text('busiest', ({ busiest }) => busiest?.where),
    ...estimate('rho', '', ({ busiest }) => busiest?.utilisation),
    ...estimate('throughput', '_per_s', ({ throughputPerS }) => throughputPerS),
    text('sla_met', ({ slaMet }) => slaMet),
    whole('main_hosts', ({ mainHosts }) => mainHosts),
    whole('sparse_hosts', ({ sparseHosts }) => sparseHosts),
    number('usd_per_hour', ({ usdPerHour }) => usdPerHour),
    number('usd_per_million_requests', ({ usdPerMillionRequests }) => usdPerMillionRequests),
    number('power_w', ({ powerW }) => powerW),
    ...estimate('cpu', '_s_per_request', ({ cpuSPerRequest }) => cpuSPerRequest),
    ...evidenceLevels.map((level) =>
      number(`evidence_${level}`, ({ evidence }) => evidence && (evidence[level] ?? 0)),
    ),
    text('reason', ({ reason }) => reason),
  ];
}

/** A name as part of the name of a column: `p99.9` is `p99_9`. */
export function columnOf(name: string): string {
  return name.replace('.', '_');
}

function cellOf(value: FieldValue, unit: string | undefined): Cell {
  return unit === undefined ? value : (inUnit(value, unit) ?? null);
}
