import { formatBytes, formatPercent } from '../../foundation/units.ts';
import type { Interval } from '../../sim/result.ts';
import type { DistillationResult } from '../../sim/training/distillation-result.ts';
import { plain, time, withInterval } from '../charts/quantity.ts';
import { plusMinus } from '../numbers.ts';
import type { TitledTable } from '../text-table.ts';
import { answeredArms } from './arms.ts';

/** How busy labelling and the teacher's training are, and what waits for them. */
export function pipelineTable(result: DistillationResult): TitledTable | undefined {
  const arms = answeredArms(result);
  if (arms.length === 0) return undefined;
  return {
    title:
      'Label pipeline (use: share of capacity, mean and of the busiest step; queue: most examples that wait for a label; needs: least capacity ' +
      'that misses no label; ready: from the impression to the label in the store; backlog: most examples that wait to train the teacher)',
    columns: [
      { title: 'arm', align: 'left' },
      { title: 'use', group: 'labelling' },
      { title: 'peak', group: 'labelling' },
      { title: 'queue', group: 'labelling' },
      { title: 'needs, 1/s', group: 'labelling' },
      { title: 'ready p50', group: 'labelling' },
      { title: 'ready p99', group: 'labelling' },
      { title: 'use', group: 'teacher training' },
      { title: 'backlog', group: 'teacher training' },
    ],
    rows: arms.map(({ name, answer }) => {
      const { labelling, training } = answer.pipeline.figures;
      const { readyAfterS } = labelling;
      return [
        name,
        plusMinus(labelling.use),
        plusMinus(labelling.peakUse),
        count(labelling.largestQueueExamples),
        labelling.requiredPerS ? count(labelling.requiredPerS) : 'none',
        readyAfterS ? withInterval(readyAfterS.p50, time) : '–',
        readyAfterS ? withInterval(readyAfterS.p99, time) : '–',
        plusMinus(training.use),
        count(training.largestBacklogExamples),
      ];
    }),
  };
}

/** Where the age of the teacher comes from when it labels: parts add up to the mean. */
export function ageTable(result: DistillationResult): TitledTable | undefined {
  const arms = answeredArms(result).filter(({ answer }) => answer.pipeline.figures.labelling.ageParts);
  if (arms.length === 0) return undefined;
  return {
    title:
      'Age of the teacher’s knowledge when it labels (means, which add up: examples wait for their labels, then for the training fleet; the ' +
      'snapshot is published and loaded, and grows old in use)',
    columns: [
      { title: 'arm', align: 'left' },
      { title: 'join window' },
      { title: '+ backlog' },
      { title: '+ publish, load' },
      { title: '+ in use' },
      { title: '= mean age' },
      { title: 'p99' },
      { title: 'taken', group: 'snapshots' },
      { title: 'late', group: 'snapshots' },
    ],
    rows: arms.map(({ name, answer }) => {
      const { labelling, snapshots } = answer.pipeline.figures;
      const { trainingWindowS, trainingBacklogS, publishS, inUseS } = labelling.ageParts!;
      const { teacherAgeS } = labelling;
      return [
        name,
        ...[trainingWindowS, trainingBacklogS, publishS, inUseS, teacherAgeS?.mean, teacherAgeS?.p99].map(
          (value) => (value ? ageText(value) : '–'),
        ),
        count(snapshots.taken),
        count(snapshots.delayed),
      ];
    }),
  };
}

/** Examples and records: each unique one is labelled at most once, and its label kept for all who read it. */
export function storeTable(result: DistillationResult): TitledTable | undefined {
  const arms = answeredArms(result);
  if (arms.length === 0) return undefined;
  return {
    title:
      'Unique examples of the measured time, and the store of their labels (sampled = labelled, each by one call of the teacher, + dropped + ' +
      'still queued)',
    columns: [
      { title: 'arm', align: 'left' },
      { title: 'arrived', group: 'unique examples' },
      { title: 'sampled', group: 'unique examples' },
      { title: 'labelled', group: 'unique examples' },
      { title: 'dropped', group: 'unique examples' },
      { title: 'queued', group: 'unique examples' },
      { title: 'leaked' },
      { title: 'held', group: 'store' },
      { title: 'written/day', group: 'store' },
      { title: 'read/day', group: 'store' },
    ],
    rows: arms.map(({ name, answer }) => {
      const { unique, store, labelling } = answer.pipeline.figures;
      return [
        name,
        ...[unique.arrived, unique.sampled, unique.labelled, unique.dropped, unique.queued].map(count),
        formatPercent(labelling.alreadyTrainedShare.mean),
        ...[store.heldBytes, store.writtenBytesPerDay, store.readBytesPerDay].map(({ mean }) =>
          formatBytes(mean),
        ),
      ];
    }),
  };
}

/** What the column of leaks means. */
export const leakNote =
  'leaked: labels by a teacher that had trained on the very example, and so knew its answer.';

/** Times shorter than this are what rounding leaves of none. */
const noiseS = 1e-6;

/** An age with its interval; none where nothing but rounding is left of it. */
export function ageText(age: Interval): string {
  return Math.abs(age.mean) < noiseS ? '0 s' : withInterval(age, time);
}

function count(value: Interval): string {
  return plain.format(value.mean);
}
