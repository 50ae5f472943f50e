import { FluidLine } from './fluid-line.ts';
import { batchLatencyS, type PipelineSpec, queueStepsWithin, windowsOf } from './pipeline-spec.ts';
import type { Snapshot } from './snapshots.ts';
import type { Traffic } from './traffic.ts';

/** The shared store's labels, in the order in which they were made: parallel columns, one entry for each part of a cohort. */
export interface LabelLog {
  /** Step in which the examples arrived. */
  cohort: number[];
  /** Step in which the FM was called. */
  step: number[];
  /** Unique examples, each labelled by one call. */
  amount: number[];
  /** Id of the snapshot that labelled them. */
  snapshot: number[];
}

export interface LabelService {
  log: LabelLog;
  /** Of each cohort: sampled examples, those dropped since every window had closed, those that still queue. */
  sampled: Float64Array;
  dropped: Float64Array;
  queued: Float64Array;
  /** Examples in the queue at the end of each step. */
  queue: Float64Array;
  capacityPerS: number;
}

/**
 * Calls the FM once for each sampled unique example, first come first served, with the snapshot that is in use. An
 * example leaves without a call when its label would come too late for every task.
 */
export function labelService(
  traffic: Traffic,
  spec: PipelineSpec,
  snapshots: readonly Snapshot[],
): LabelService {
  const { steps, stepS, unique } = traffic;
  const { sampledShare, servers, examplesPerSPerServer } = spec.labelling;
  const capacityPerS = servers * examplesPerSPerServer;
  const longest = queueStepsWithin(windowsOf(spec).at(-1)!, spec, stepS);
  const sampled = unique.map((amount) => amount * sampledShare);
  const line = new FluidLine(sampled);
  const log: LabelLog = { cohort: [], step: [], amount: [], snapshot: [] };
  const [dropped, queue] = [new Float64Array(steps), new Float64Array(steps)];
  let inUse = 0;
  for (let step = 0; step < steps; step++) {
    const nowS = (step + 0.5) * stepS;
    while (inUse + 1 < snapshots.length && snapshots[inUse + 1].readyS <= nowS) inUse++;
    line.join();
    line.dropBefore(step - longest, (cohort, amount) => {
      dropped[cohort] += amount;
    });
    line.serve(capacityPerS * stepS, (cohort, amount) => {
      log.cohort.push(cohort);
      log.step.push(step);
      log.amount.push(amount);
      log.snapshot.push(inUse);
    });
    queue[step] = line.backlog;
  }
  const queued = sampled.map((_, cohort) => line.leftOf(cohort));
  return { log, sampled, dropped, queued, queue, capacityPerS };
}

/** Time from the impression to the label in the store, at most (s), for an example that queued so many steps. */
export function labelLatencyS(queuedSteps: number, spec: PipelineSpec, stepS: number): number {
  return queuedSteps * stepS + batchLatencyS(spec.labelling);
}
