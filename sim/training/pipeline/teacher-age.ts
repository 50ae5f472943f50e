import type { LabelLog } from './label-service.ts';
import type { AgeParts, LabellingOutcome } from './pipeline-result.ts';
import type { Snapshot } from './snapshots.ts';
import { Ranked } from './weighted.ts';

/**
 * Age of the teacher's knowledge when it labels, and where it comes from:
 * age = (time of the call − ready) + (ready − taken) + (taken − trained through).
 * @param amounts labels of each entry of the log that count
 * @param trainingWindowS part of the last term that any throughput leaves
 */
export function teacherAges(
  log: LabelLog,
  amounts: Float64Array,
  snapshots: readonly Snapshot[],
  stepS: number,
  trainingWindowS: number,
): Pick<LabellingOutcome, 'teacherAgeS' | 'ageParts' | 'alreadyTrainedShare'> {
  const ages: number[] = [];
  const sums = { inUse: 0, publish: 0, training: 0, alreadyTrained: 0, labels: 0 };
  amounts.forEach((amount, entry) => {
    const { takenS, readyS, trainedThroughS } = snapshots[log.snapshot[entry]];
    const calledS = (log.step[entry] + 0.5) * stepS;
    ages.push(calledS - trainedThroughS);
    sums.labels += amount;
    sums.inUse += amount * (calledS - readyS);
    sums.publish += amount * (readyS - takenS);
    sums.training += amount * (takenS - trainedThroughS);
    if (trainedThroughS > (log.cohort[entry] + 0.5) * stepS) sums.alreadyTrained += amount;
  });
  if (sums.labels === 0) return { alreadyTrainedShare: 0 };
  // A window is waited for in whole steps.
  const windowS = Math.ceil(trainingWindowS / stepS) * stepS;
  const ageParts: AgeParts = {
    trainingWindowS: windowS,
    trainingBacklogS: sums.training / sums.labels - windowS,
    publishS: sums.publish / sums.labels,
    inUseS: sums.inUse / sums.labels,
  };
  const alreadyTrainedShare = sums.alreadyTrained / sums.labels;
  return { teacherAgeS: new Ranked(ages).distribution(amounts), ageParts, alreadyTrainedShare };
}
