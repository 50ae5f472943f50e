import {
  type DataTable,
  dataTable,
  flagColumn,
  intervalColumns,
  numberColumn,
  textColumn,
} from '../../foundation/data-table.ts';
import type { SensitivityResult } from '../../sim/fleet/sensitivity/sensitivity-result.ts';

/** Tables of what a plan is sensitive to. */
export const sensitivityTables = { sensitivity: sensitivityTable, relief: reliefTable };

/** Every knob, turned down and up. Changes are relative: 0.1 is 10 % more. */
function sensitivityTable({ knobs, alternative }: SensitivityResult): DataTable {
  const items = knobs.flatMap((knob) =>
    (['down', 'up'] as const).map((turned) => ({ knob, turned, side: knob[turned] })),
  );
  return dataTable(items, [
    textColumn('alternative', () => alternative),
    textColumn('knob', ({ knob }) => knob.id),
    textColumn('name', ({ knob }) => knob.name),
    textColumn('kind', ({ knob }) => knob.kind),
    textColumn('value', ({ knob }) => knob.value),
    textColumn('turned', ({ turned }) => turned),
    textColumn('turned_to', ({ side }) => side.value),
    intervalColumns('throughput_change', '', ({ side }) => side.throughput),
    intervalColumns('latency_change', '', ({ side }) => side.latency),
    flagColumn('is_overloaded', ({ side }) => side.overloaded),
    intervalColumns('money_change', '', ({ side }) => side.money),
    numberColumn('price_change', ({ side }) => side.price),
    intervalColumns('power_change', '', ({ side }) => side.power),
    textColumn('state', ({ knob }) => knob.state),
    textColumn('reason', ({ knob, side }) => side.cannot ?? side.misfit ?? knob.reason),
  ]);
}

function reliefTable({ relief }: SensitivityResult): DataTable {
  return dataTable(relief, [
    textColumn('knob', ({ knob }) => knob),
    textColumn('turned', ({ side }) => side),
    intervalColumns('throughput_change', '', ({ throughput }) => throughput),
    numberColumn('more_per_s', ({ morePerS }) => morePerS),
    numberColumn('more_usd_per_hour', ({ moreUsdPerHour }) => moreUsdPerHour),
    numberColumn('more_per_s_for_usd_per_hour', ({ perUsd }) => perUsd),
  ]);
}
