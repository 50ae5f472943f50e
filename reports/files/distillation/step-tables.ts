import {
  type DataTable,
  dataTable,
  numberColumn,
  textColumn,
  wholeColumn,
} from '../../../foundation/data-table.ts';
import type { LabelBatchFigures, Step } from '../../../sim/training/distillation/fleet-result.ts';
import type { DistillationResult } from '../../../sim/training/distillation-result.ts';
import type { AnsweredArm } from '../../distillation/arms.ts';
import type { Makers } from '../makers.ts';
import { armColumn, itemsOf } from './columns.ts';

/** Training steps, their parts, and the fleets that take them. */
export const stepTables: Makers<DistillationResult> = {
  fleets: fleetsTable,
  steps: stepsTable,
  'step-parts': stepPartsTable,
};

interface OfStep {
  vertical: string | undefined;
  kind: 'teacher' | 'labels' | 'distilled' | 'labels alone';
  step: Step | LabelBatchFigures;
}

function stepsOf({ answer }: AnsweredArm): OfStep[] {
  return [
    { vertical: undefined, kind: 'teacher', step: answer.teacher.step },
    { vertical: undefined, kind: 'labels', step: answer.teacher.labels },
    ...answer.verticals.flatMap(({ name, step }): OfStep[] => [
      { vertical: name, kind: 'distilled', step: step.withHeads },
      { vertical: name, kind: 'labels alone', step: step.withoutHeads },
    ]),
  ];
}

function fleetsTable(result: DistillationResult): DataTable {
  return dataTable(
    itemsOf(result, ({ answer }) => answer.fleets),
    [
      armColumn(),
      textColumn('role', ({ role }) => role),
      textColumn('vertical', ({ vertical }) => vertical),
      textColumn('host', ({ host }) => host),
      textColumn('device', ({ device }) => device),
      textColumn('network', ({ network }) => network),
      numberColumn('hosts', ({ hosts }) => hosts),
      wholeColumn('devices', ({ devices }) => devices),
      wholeColumn('servers', ({ servers }) => servers),
      wholeColumn('copies', ({ copies }) => copies),
      textColumn('sized_by', ({ sizedBy }) => sizedBy),
      numberColumn('capacity_per_s', ({ capacityPerS }) => capacityPerS),
      numberColumn('mean_per_s', ({ meanPerS }) => meanPerS),
      numberColumn('peak_per_s', ({ peakPerS }) => peakPerS),
      numberColumn('utilisation', ({ use }) => use),
      numberColumn('usd_per_day', ({ usdPerDay }) => usdPerDay),
    ],
  );
}

function stepsTable(result: DistillationResult): DataTable {
  const items = itemsOf(result, stepsOf);
  const whole = (step: OfStep['step']) => ('stepS' in step ? step : undefined);
  const partsS = (step: OfStep['step'], kind: 'communication' | 'input', key: 'seconds' | 'exposedS') =>
    step.parts.reduce((sum, part) => (part.kind === kind ? sum + part[key] : sum), 0);
  return dataTable(items, [
    armColumn(),
    textColumn('step', ({ kind }) => kind),
    textColumn('vertical', ({ vertical }) => vertical),
    wholeColumn('devices', ({ step }) => whole(step)?.devices),
    numberColumn('examples', ({ step }) => ('stepS' in step ? step.examplesPerStep : step.examplesPerBatch)),
    numberColumn('time_s', ({ step }) => ('stepS' in step ? step.stepS : step.batchS)),
    numberColumn('examples_per_s', ({ step }) => step.examplesPerS),
    numberColumn('compute_s', ({ step }) => whole(step)?.computeS),
    numberColumn('communication_s', ({ step }) => partsS(step, 'communication', 'seconds')),
    numberColumn('exposed_communication_s', ({ step }) => partsS(step, 'communication', 'exposedS')),
    numberColumn('exposed_input_s', ({ step }) => partsS(step, 'input', 'exposedS')),
    numberColumn('mfu', ({ step }) => whole(step)?.mfu),
    numberColumn('forward_flop_per_example', ({ step }) => whole(step)?.flopsPerExample.forward),
    numberColumn('training_only_flop_per_example', ({ step }) => whole(step)?.flopsPerExample.trainingOnly),
    numberColumn('training_flop_per_example', ({ step }) => whole(step)?.flopsPerExample.training),
    numberColumn('table_imbalance', ({ step }) => whole(step)?.tableImbalance),
    numberColumn('dense_bytes', ({ step }) => whole(step)?.memory.denseBytes),
    numberColumn('table_bytes', ({ step }) => whole(step)?.memory.tableBytes),
    numberColumn('activation_bytes', ({ step }) => whole(step)?.memory.activationBytes),
    numberColumn('exchange_bytes', ({ step }) => whole(step)?.memory.exchangeBytes),
    numberColumn('reserved_bytes', ({ step }) => whole(step)?.memory.reservedBytes),
    numberColumn('memory_bytes', ({ step }) => whole(step)?.memory.totalBytes),
    numberColumn('capacity_bytes', ({ step }) => whole(step)?.memory.capacityBytes),
    numberColumn('log_error', ({ step }) => whole(step)?.logError),
  ]);
}

function stepPartsTable(result: DistillationResult): DataTable {
  const items = itemsOf(result, (arm) =>
    stepsOf(arm).flatMap(({ vertical, kind, step }) =>
      step.parts.map((part) => ({ ...part, vertical, step: kind })),
    ),
  );
  return dataTable(items, [
    armColumn(),
    textColumn('step', ({ step }) => step),
    textColumn('vertical', ({ vertical }) => vertical),
    textColumn('part', ({ name }) => name),
    textColumn('kind', ({ kind }) => kind),
    numberColumn('time_s', ({ seconds }) => seconds),
    numberColumn('exposed_s', ({ exposedS }) => exposedS),
    numberColumn('flop', ({ flops }) => flops),
    numberColumn('bytes', ({ bytes }) => bytes),
    numberColumn('log_error', ({ logError }) => logError),
  ]);
}
