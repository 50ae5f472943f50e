import type { DistillationArm } from '../../../scenarios/distillation/deployment.ts';
import { recordBytesOf } from '../distillation/pipeline-spec-of.ts';
import { secondsPerDay } from '../pipeline/pipeline-spec.ts';
import type { TeacherPlan } from './distillation-plan-result.ts';
import type { PlannedFleet } from './planned-fleet-result.ts';

export type MoneyPlan = TeacherPlan['money'];

/** Label records and snapshots that an arm keeps and moves. */
export interface RecordBytes {
  stored: number;
  writtenPerDay: number;
  readPerDay: number;
  publishedPerDay: number;
}

/** @param servers that load every snapshot, spares included */
export function recordBytes(arm: DistillationArm, snapshotBytes: number, servers: number): RecordBytes {
  const { teacher, verticals, uniqueExamplesPerDay, store } = arm;
  const record = recordBytesOf(arm);
  const writtenPerDay = teacher.label_share * uniqueExamplesPerDay * record;
  const read = verticals.reduce(
    (sum, { count, runs, examples_per_day }) => sum + count * runs * examples_per_day,
    0,
  );
  return {
    stored: (writtenPerDay * store.retention) / secondsPerDay,
    writtenPerDay,
    readPerDay: teacher.label_share * read * record,
    publishedPerDay: (secondsPerDay / teacher.snapshots.every) * snapshotBytes * servers,
  };
}

/** Prices of storage count a month as 30 days. */
const daysPerMonth = 30;

/**
 * What a plan costs in a day.
 * @param withoutHeads fleets that train the vertical models where there is no teacher
 */
export function moneyOf(
  fleets: readonly PlannedFleet[],
  withoutHeads: readonly PlannedFleet[],
  bytes: RecordBytes,
  { storage_usd_per_gb_month, moved_usd_per_gb }: DistillationArm['costs'],
): MoneyPlan {
  const usdOf = (list: readonly PlannedFleet[], role: PlannedFleet['role']) =>
    list.filter((fleet) => fleet.role === role).reduce((sum, { usdPerDay }) => sum + usdPerDay, 0);
  const moved = bytes.writtenPerDay + bytes.readPerDay + bytes.publishedPerDay;
  const parts = {
    teacherTraining: usdOf(fleets, 'teacher training'),
    labelling: usdOf(fleets, 'labelling'),
    verticalTraining: usdOf(fleets, 'vertical training'),
    storage: (bytes.stored / 1e9) * (storage_usd_per_gb_month / daysPerMonth),
    moved: (moved / 1e9) * moved_usd_per_gb,
  };
  const total = Object.values(parts).reduce((sum, part) => sum + part, 0);
  const noTeacher = usdOf(withoutHeads, 'vertical training');
  return { ...parts, total, noTeacher, extra: total - noTeacher };
}
