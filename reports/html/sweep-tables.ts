import { inUnit } from '../../foundation/amount.ts';
import type { Pick } from '../../sim/summary-of-sweep-result.ts';
import type { FieldColumn, FieldValue, SweepResult } from '../../sim/sweep-result.ts';
import { plusMinus, timeUnit } from '../numbers.ts';
import type { PageTable } from './content.ts';
import { stateBadge } from './state-badge.ts';
import { amount, columnsIf, figures, type ItemColumn, tableOfItems, words } from './table-of-items.ts';

/** Rows of a sweep: what was set, and what came of it. */
export function rowsTable(
  caption: string,
  { fields, judged, sla }: SweepResult,
  picks: readonly Pick[],
): PageTable {
  const { name: unit, perS } = timeUnit(picks.map(({ row }) => row.latencyS?.[judged].mean ?? 0));
  const where = columnsIf<Pick>;
  const has = (of: (row: Pick['row']) => unknown) => picks.some(({ row }) => of(row) !== undefined);
  const columns: ItemColumn<Pick>[] = [
    figures('point', ({ point }) => String(point)),
    words('arm', ({ row }) => row.arm),
    words('verdict', ({ row }) => stateBadge(row.verdict)),
    ...where(
      has(({ slaMet }) => slaMet),
      words(
        sla ? `${sla.percentile} within SLA` : 'SLA met',
        ({ row }) => row.slaMet && stateBadge(row.slaMet),
      ),
    ),
    figures(`${judged}, ${unit}`, ({ row }) => row.latencyS && plusMinus(row.latencyS[judged], perS)),
    figures('ρ', ({ row }) => row.busiest?.utilisation.mean.toFixed(2)),
    figures('USD/h', ({ row }) => amount(row.usdPerHour)),
    ...where(
      has(({ usdPerMillionRequests }) => usdPerMillionRequests),
      figures('USD per million requests', ({ row }) => amount(row.usdPerMillionRequests)),
    ),
    ...where(
      has(({ powerW }) => powerW),
      figures('power, W', ({ row }) => amount(row.powerW)),
    ),
    ...fields.map((field, index) => fieldColumn(field, ({ values }) => values[index])),
  ];
  return tableOfItems(caption, columns, picks);
}

/** A swept field: numbers of one unit under it, anything else as it was written. */
function fieldColumn(
  { field, unit, type }: FieldColumn,
  settingOf: (pick: Pick) => FieldValue,
): ItemColumn<Pick> {
  if (unit !== undefined) {
    return figures(`${field}, ${unit}`, (pick) => amount(inUnit(settingOf(pick), unit)));
  }
  const isNumber = type === 'INTEGER' || type === 'DOUBLE';
  return (isNumber ? figures : words)(field, (pick) => String(settingOf(pick)));
}
