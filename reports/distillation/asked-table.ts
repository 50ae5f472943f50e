import { formatBytes, formatPercent, formatTime, significant } from '../../foundation/units.ts';
import type { DistillationResult } from '../../sim/training/distillation-result.ts';
import type { TitledTable } from '../text-table.ts';
import { answeredArms } from './arms.ts';
import { amountOf } from './figures.ts';

/** The teacher of each arm and its traffic: what decides what it costs. */
export function askedTable(result: DistillationResult): TitledTable | undefined {
  const arms = answeredArms(result);
  if (arms.length === 0) return undefined;
  return {
    title:
      'Teachers and traffic (FLOP: forward, per example; state: weights and optimizer while it trains; r_t, r_l: share of the unique examples ' +
      'that it trains on and labels; κ: examples over unique ones; E: runs of a vertical)',
    columns: [
      { title: 'arm', align: 'left' },
      { title: 'FLOP', group: 'teacher' },
      { title: 'parameters', group: 'teacher' },
      { title: 'state', group: 'teacher' },
      { title: 'r_t', group: 'teacher' },
      { title: 'r_l', group: 'teacher' },
      { title: 'every', group: 'snapshots' },
      { title: 'size', group: 'snapshots' },
      { title: 'publish', group: 'snapshots' },
      { title: 'load', group: 'snapshots' },
      { title: 'unique/day' },
      { title: 'κ' },
      { title: 'E' },
    ],
    rows: arms.map(({ name, workload, answer: { teacher, breakEven } }) => [
      name,
      amountOf(teacher.forwardFlop),
      amountOf(teacher.parameters),
      formatBytes(teacher.trainingStateBytes),
      formatPercent(breakEven.inputs.trainShare),
      formatPercent(breakEven.inputs.labelShare),
      formatTime(teacher.snapshots.everyS),
      formatBytes(teacher.snapshotBytes),
      formatTime(teacher.snapshots.publishS),
      formatTime(teacher.snapshots.loadS),
      amountOf(workload.uniqueExamplesPerDay),
      significant(workload.overlap),
      significant(workload.runs),
    ]),
  };
}
