import {
  type DataTable,
  dataTable,
  flagColumn,
  numberColumn,
  textColumn,
} from '../../../foundation/data-table.ts';
import type { DistillationResult } from '../../../sim/training/distillation-result.ts';
import type { Makers } from '../makers.ts';
import { armColumn, estimateColumns, itemsOf } from './columns.ts';

/** What ways to train cost, and where they cost the same. */
export const costTables: Makers<DistillationResult> = {
  systems: systemsTable,
  'cost-items': costItemsTable,
  'break-even': breakEvenTable,
};

function systemsTable(result: DistillationResult): DataTable {
  return dataTable(
    itemsOf(result, ({ answer }) => answer.systems),
    [
      armColumn(),
      textColumn('system', ({ system }) => system),
      estimateColumns('gain', '', ({ meanGain }) => meanGain),
      numberColumn('usd_per_day', ({ cost }) => cost.usdPerDay),
      numberColumn('extra_usd_per_day', ({ extraUsdPerDay }) => extraUsdPerDay),
      numberColumn('extra_usd_per_day_per_vertical', ({ verticals }) => verticals[0]?.extraUsdPerDay.equal),
      estimateColumns('usd_per_day_per_step', '', ({ usdPerDayPerStep }) => usdPerDayPerStep),
      numberColumn('flop_per_day', ({ cost }) => cost.flopPerDay),
      numberColumn('device_hours_per_day', ({ cost }) => cost.deviceHoursPerDay),
      numberColumn('stored_bytes', ({ cost }) => cost.storedBytes),
      numberColumn('record_bytes_per_day', ({ cost }) => cost.recordBytesPerDay),
      numberColumn('published_bytes_per_day', ({ cost }) => cost.publishedBytesPerDay),
      numberColumn('storage_usd_per_day', ({ cost }) => cost.storageUsdPerDay),
      numberColumn('moved_usd_per_day', ({ cost }) => cost.movedUsdPerDay),
      numberColumn('power_w', ({ cost }) => cost.watts),
    ],
  );
}

function costItemsTable(result: DistillationResult): DataTable {
  const items = itemsOf(result, ({ answer }) =>
    answer.systems.flatMap(({ system, cost }) => cost.items.map((item) => ({ ...item, system }))),
  );
  return dataTable(items, [
    armColumn(),
    textColumn('system', ({ system }) => system),
    textColumn('work', ({ kind }) => kind),
    numberColumn('flop_per_day', ({ flopPerDay }) => flopPerDay),
    numberColumn('busy_devices', ({ busyDevices }) => busyDevices),
    numberColumn('held_devices', ({ heldDevices }) => heldDevices),
    flagColumn('is_memory_bound', ({ isMemoryBound }) => isMemoryBound),
    numberColumn('device_hours_per_day', ({ deviceHoursPerDay }) => deviceHoursPerDay),
    numberColumn('usd_per_day', ({ usdPerDay }) => usdPerDay),
    numberColumn('power_w', ({ watts }) => watts),
  ]);
}

function breakEvenTable(result: DistillationResult): DataTable {
  const items = itemsOf(result, ({ answer: { breakEven } }) => [
    { by: 'teacherFlop', method: 'closed form', ...breakEven.closed },
    ...breakEven.found.map(({ figure, ...found }) => ({ by: figure, method: 'search', ...found })),
  ]);
  return dataTable(items, [
    armColumn(),
    textColumn('by', ({ by }) => by),
    textColumn('method', ({ method }) => method),
    numberColumn('ratio', ({ ratio }) => ratio),
    numberColumn('overlap', ({ overlap }) => overlap),
    numberColumn('runs', ({ runs }) => runs),
    numberColumn('train_share', ({ trainShare }) => trainShare),
    numberColumn('label_share', ({ labelShare }) => labelShare),
    numberColumn('verticals', ({ verticals }) => verticals ?? undefined),
  ]);
}
