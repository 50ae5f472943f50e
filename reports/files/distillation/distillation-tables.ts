import {
  type DataTable,
  dataTable,
  flagColumn,
  intervalColumns,
  numberColumn,
  textColumn,
  wholeColumn,
} from '../../../foundation/data-table.ts';
import { evidenceLevels } from '../../../foundation/evidence.ts';
import type { Interval } from '../../../sim/result.ts';
import type { DistillationResult } from '../../../sim/training/distillation-result.ts';
import { type AnsweredArm, missingMost, sharedOf, stalest } from '../../distillation/arms.ts';
import type { Makers } from '../makers.ts';
import { armColumn, estimateColumns, itemsOf } from './columns.ts';
import { costTables } from './cost-tables.ts';
import { pipelineTables } from './pipeline-tables.ts';
import { qualityTables } from './quality-tables.ts';
import { stepTables } from './step-tables.ts';

/** Tables of an answer about distillation. */
export const distillationTables: Makers<DistillationResult> = {
  arms: armsTable,
  ...costTables,
  ...qualityTables,
  ...stepTables,
  ...pipelineTables,
  evidence: evidenceTable,
  replications: replicationsTable,
  assumptions: assumptionsTable,
};

type Arm = DistillationResult['arms'][number];

function armsTable({ arms, scenario, fingerprint }: DistillationResult): DataTable {
  const answered = (arm: Arm) => (arm.answer ? (arm as AnsweredArm) : undefined);
  const shared = (arm: Arm) => (arm.answer ? sharedOf(arm as AnsweredArm) : undefined);
  const oldest = (arm: Arm) => (arm.answer ? stalest(arm as AnsweredArm)?.feed.exampleGapS : undefined);
  const replicated = (
    name: string,
    suffix: string,
    of: (value: NonNullable<NonNullable<Arm['answer']>['overBaseline']>['replicated']) => Interval,
  ) =>
    intervalColumns<Arm>(`${name}_over_baseline`, suffix, ({ answer }) =>
      answer?.overBaseline ? of(answer.overBaseline.replicated) : undefined,
    );
  return dataTable(arms, [
    textColumn<Arm>('arm', ({ name }) => name),
    textColumn('verdict', ({ verdict }) => verdict.state),
    textColumn('reason', ({ verdict }) => verdict.reasons.join('; ')),
    flagColumn('is_baseline', ({ name }) => name === scenario.baseline),
    estimateColumns('gain', '', (arm) => shared(arm)?.meanGain),
    estimateColumns('gain_over_baseline', '', ({ answer }) => answer?.overBaseline?.gain),
    replicated('replicated_gain', '', ({ gain }) => gain),
    replicated('gap', '_s', ({ exampleGapS }) => exampleGapS),
    replicated('miss_share', '', ({ missShare }) => missShare),
    replicated('teacher_age', '_s', ({ teacherAgeS }) => teacherAgeS),
    intervalColumns('gap_p50', '_s', (arm) => oldest(arm)?.p50),
    intervalColumns('gap_p99', '_s', (arm) => oldest(arm)?.p99),
    intervalColumns('miss_share', '', (arm) => {
      const own = answered(arm);
      return own && missingMost(own)?.feed.missShare;
    }),
    numberColumn('usd_per_day', (arm) => shared(arm)?.cost.usdPerDay),
    numberColumn('extra_usd_per_day', (arm) => shared(arm)?.extraUsdPerDay),
    numberColumn('usd_per_day_over_baseline', ({ answer }) => answer?.overBaseline?.usdPerDay),
    estimateColumns('usd_per_day_per_step', '', (arm) => shared(arm)?.usdPerDayPerStep),
    numberColumn('flop_per_day', (arm) => shared(arm)?.cost.flopPerDay),
    numberColumn('device_hours_per_day', (arm) => shared(arm)?.cost.deviceHoursPerDay),
    numberColumn('stored_bytes', (arm) => shared(arm)?.cost.storedBytes),
    numberColumn('power_w', (arm) => shared(arm)?.cost.watts),
    wholeColumn('verticals', ({ workload }) => workload.verticals),
    numberColumn('examples_per_day', ({ workload }) => workload.examplesPerDay),
    numberColumn('unique_examples_per_day', ({ workload }) => workload.uniqueExamplesPerDay),
    numberColumn('overlap', ({ workload }) => workload.overlap),
    numberColumn('runs', ({ workload }) => workload.runs),
    textColumn('teacher', ({ answer }) => answer?.teacher.model),
    numberColumn('teacher_flop', ({ answer }) => answer?.teacher.forwardFlop),
    numberColumn('teacher_parameters', ({ answer }) => answer?.teacher.parameters),
    numberColumn('snapshot_bytes', ({ answer }) => answer?.teacher.snapshotBytes),
    numberColumn('snapshot_every_s', ({ answer }) => answer?.teacher.snapshots.everyS),
    numberColumn('publish_s', ({ answer }) => answer?.teacher.snapshots.publishS),
    numberColumn('load_s', ({ answer }) => answer?.teacher.snapshots.loadS),
    textColumn('scenario', () => scenario.name),
    textColumn('product', () => fingerprint.product),
    textColumn('input_hash', () => fingerprint.inputHash),
    wholeColumn('seed', () => fingerprint.seed),
  ]);
}

function evidenceTable({ arms }: DistillationResult): DataTable {
  const items = arms.flatMap(({ name, evidence: { figures, teacherStep, deviceHours } }) =>
    evidenceLevels
      .filter((level) => [figures, teacherStep, deviceHours].some((shares) => shares?.[level] !== undefined))
      .map((level) => ({
        arm: name,
        level,
        inputs: figures[level] ?? 0,
        step: teacherStep && (teacherStep[level] ?? 0),
        hours: deviceHours && (deviceHours[level] ?? 0),
      })),
  );
  return dataTable(items, [
    armColumn(),
    textColumn('evidence', ({ level }) => level),
    wholeColumn('inputs', ({ inputs }) => inputs),
    numberColumn('teacher_step_share', ({ step }) => step),
    numberColumn('device_time_share', ({ hours }) => hours),
  ]);
}

function replicationsTable(result: DistillationResult): DataTable {
  const items = itemsOf(result, ({ answer: { perReplication } }) =>
    (perReplication?.gain ?? []).map((_, replication) => ({ replication, samples: perReplication! })),
  );
  type Item = (typeof items)[number];
  const sampled = (name: string, key: keyof Item['samples']) =>
    numberColumn<Item>(name, ({ samples, replication }) => samples[key][replication]);
  return dataTable(items, [
    armColumn<Item>(),
    wholeColumn('replication', ({ replication }) => replication),
    sampled('gain', 'gain'),
    sampled('gap_s', 'exampleGapS'),
    sampled('miss_share', 'missShare'),
    sampled('teacher_age_s', 'teacherAgeS'),
    sampled('labelling_use', 'labellingUse'),
    sampled('training_use', 'trainingUse'),
    sampled('stored_bytes', 'storeHeldBytes'),
  ]);
}

function assumptionsTable({ assumptions }: DistillationResult): DataTable {
  return dataTable(assumptions, [
    textColumn('name', ({ name }) => name),
    textColumn('part', ({ group }) => group),
    textColumn('value', ({ value }) => String(value)),
    textColumn('unit', ({ unit }) => unit),
    numberColumn('low', ({ low }) => low),
    numberColumn('high', ({ high }) => high),
    textColumn('evidence', ({ evidence }) => evidence),
    textColumn('source', ({ source }) => source),
  ]);
}
