import { evidenceLevels } from '../foundation/evidence.ts';
import { type Dimension, parseQuantity } from '../foundation/units.ts';
import { type Percentile, percentiles } from '../sim/serving/replication.ts';
import type {
  ArmRow,
  ColumnType,
  Estimate,
  FieldColumn,
  FieldValue,
  PointResult,
} from '../sim/sweep-result.ts';
import { amountOf } from './axis.ts';
import type { SweptAxis } from './swept-fields.ts';

export type Cell = string | number | boolean | null;

export interface ResultColumn {
  name: string;
  type: ColumnType;
  cell(point: PointResult, row: ArmRow): Cell;
}

const dimensions: readonly Dimension[] = [
  'time',
  'bytes',
  'bandwidth',
  'rate',
  'compute',
  'power',
  'price',
  'frequency',
  'percent',
  'time per byte',
];

/** The column of a field: numbers with the unit in its name where all values have one, else as they are written. */
export function fieldColumn({ field, axis, isList }: SweptAxis): FieldColumn {
  const plain = field.replace(/[^A-Za-z0-9]+/g, '_');
  const values = isList
    ? Array.from({ length: axis.size ?? 0 }, (_, index) => axis.nth(index))
    : [axis.at(0), axis.at(0.999999)];
  if (values.every((value) => typeof value === 'boolean')) return { field, column: plain, type: 'BOOLEAN' };
  if (values.every((value) => typeof value === 'number')) {
    const isWhole = (isList || axis.size !== undefined) && values.every(Number.isInteger);
    return { field, column: plain, type: isWhole && values.every(isSmall) ? 'INTEGER' : 'DOUBLE' };
  }
  const unit = values.map((value) => amountOf(value)?.unit).find((one) => one !== '');
  if (unit === undefined || !values.every((value) => inUnit(value, unit) !== undefined)) {
    return { field, column: plain, type: 'VARCHAR' };
  }
  return { field, column: `${plain}_${unitInName(unit)}`, type: 'DOUBLE', unit };
}

function isSmall(value: FieldValue): boolean {
  return Math.abs(Number(value)) < 2 ** 31;
}

/** A quantity as a number of some unit; nothing where it is none of that dimension. A bare 0 is one of any. */
function inUnit(value: FieldValue, unit: string): number | undefined {
  const amount = amountOf(value);
  if (!amount) return undefined;
  if (value === 0) return 0;
  for (const dimension of dimensions) {
    try {
      const one = parseQuantity(`1 ${unit}`, dimension);
      const all = parseQuantity(String(value), dimension);
      return amount.unit === unit ? amount.value : Number((all / one).toPrecision(12));
    } catch {
      // Another dimension may know both.
    }
  }
  return undefined;
}

function unitInName(unit: string): string {
  return unit
    .replace('%', 'percent')
    .replace(/[µμ]/, 'u')
    .replace(/^\//, 'per_')
    .replace('/', '_per_')
    .toLowerCase();
}

/** All columns of the results, in their order; times in seconds, money in USD, power in watts. */
export function resultColumns(fields: readonly FieldColumn[]): ResultColumn[] {
  return [
    { name: 'point', type: 'INTEGER', cell: ({ index }) => index },
    { name: 'key', type: 'VARCHAR', cell: ({ key }) => key },
    ...fields.map(
      ({ column, type, unit }, position): ResultColumn => ({
        name: column,
        type,
        cell: ({ values }) => cellOf(values[position], unit),
      }),
    ),
    text('arm', ({ arm }) => arm),
    text('verdict', ({ verdict }) => verdict),
    { name: 'dominated', type: 'BOOLEAN', cell: (_, { dominated }) => dominated },
    whole('replications_run', ({ replications }) => replications),
    ...(['mean', ...(Object.keys(percentiles) as Percentile[])] as const).flatMap((name) =>
      estimate(name.replace('.', '_'), '_s', ({ latencyS }) => latencyS?.[name]),
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

function cellOf(value: FieldValue, unit: string | undefined): Cell {
  return unit === undefined ? value : (inUnit(value, unit) ?? null);
}

function estimate(name: string, suffix: string, of: (row: ArmRow) => Estimate | undefined): ResultColumn[] {
  return [
    number(`${name}${suffix}`, (row) => of(row)?.mean),
    number(`${name}_low${suffix}`, (row) => of(row)?.low),
    number(`${name}_high${suffix}`, (row) => of(row)?.high),
  ];
}

function number(name: string, of: (row: ArmRow) => number | undefined): ResultColumn {
  return { name, type: 'DOUBLE', cell: (_, row) => of(row) ?? null };
}

function whole(name: string, of: (row: ArmRow) => number | undefined): ResultColumn {
  return { name, type: 'INTEGER', cell: (_, row) => of(row) ?? null };
}

function text(name: string, of: (row: ArmRow) => string | undefined): ResultColumn {
  return { name, type: 'VARCHAR', cell: (_, row) => of(row) ?? null };
}
