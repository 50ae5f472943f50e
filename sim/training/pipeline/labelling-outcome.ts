import { type LabelService, labelLatencyS } from './label-service.ts';
import type { LabellingOutcome, UniqueExamples } from './pipeline-result.ts';
import { type PipelineSpec, queueStepsWithin, windowsOf } from './pipeline-spec.ts';
import { requiredCapacityPerS } from './required-capacity.ts';
import type { Snapshot } from './snapshots.ts';
import { largestFrom, sumFrom } from './sums.ts';
import { teacherAges } from './teacher-age.ts';
import type { Traffic } from './traffic.ts';
import { Ranked } from './weighted.ts';

/** What became of the unique examples that arrived in the measured time. */
export function uniqueExamples({ unique, firstStep }: Traffic, service: LabelService): UniqueExamples {
  return {
    arrived: sumFrom(firstStep, unique),
    sampled: sumFrom(firstStep, service.sampled),
    labelled: measuredLabels(service, firstStep).reduce((sum, amount) => sum + amount, 0),
    dropped: sumFrom(firstStep, service.dropped),
    queued: sumFrom(firstStep, service.queued),
  };
}

/** How the label service coped, and how old its teacher was. */
export function labellingOutcome(
  spec: PipelineSpec,
  traffic: Traffic,
  service: LabelService,
  snapshots: readonly Snapshot[],
): LabellingOutcome {
  const { stepS, steps, firstStep } = traffic;
  const { log, sampled, queue, capacityPerS } = service;
  const amounts = measuredLabels(service, firstStep);
  const readyAfterS = log.step.map((step, entry) => labelLatencyS(step - log.cohort[entry], spec, stepS));
  const tightest = queueStepsWithin(windowsOf(spec)[0], spec, stepS);
  return {
    use: sumFrom(firstStep, sampled) / (steps - firstStep) / stepS / capacityPerS,
    peakUse: largestFrom(firstStep, sampled) / stepS / capacityPerS,
    largestQueueExamples: largestFrom(firstStep, queue),
    readyAfterS: new Ranked(readyAfterS).distribution(amounts),
    requiredPerS: requiredCapacityPerS(sampled, tightest, stepS),
    ...teacherAges(log, amounts, snapshots, stepS, spec.training.windowS),
  };
}

/** Labels of each entry of the log, 0 for examples that arrived before the measured time. */
function measuredLabels({ log }: LabelService, firstStep: number): Float64Array {
  return Float64Array.from(log.amount, (amount, entry) => (log.cohort[entry] < firstStep ? 0 : amount));
}
