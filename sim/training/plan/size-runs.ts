import type { VerticalSpec } from '../../../scenarios/distillation/deployment.ts';
import { trafficOf } from '../distillation/demand.ts';
import { partOfHost, verticalJob } from '../distillation/jobs.ts';
import type { TimedJobs } from '../distillation/timed-jobs.ts';
import { secondsPerDay } from '../pipeline/pipeline-spec.ts';
import type { Distillation } from '../step/distillation-operators.ts';
import type { StepResult } from '../step/step-result.ts';
import { type SizedTraining, sizeTraining } from './size-training.ts';
import { TrainingRates } from './training-rates.ts';

/** What one run of a vertical model takes: some accelerators of one host, or hosts of its own. */
export interface SizedRun {
  state: 'SIZED';
  vertical: VerticalSpec;
  /** Accelerators of one host; absent: all of so many hosts. */
  devices?: number;
  hosts: number;
  step: StepResult;
  peakPerS: number;
  meanPerS: number;
  limitedBy: 'throughput' | 'memory';
}

export type UnsizedTraining = Exclude<SizedTraining, { state: 'SIZED' }>;

/**
 * Fewest accelerators of one host (1, 2, 4, …), or else fewest hosts, on which a run of a vertical model keeps up with
 * the busiest moment of its day and leaves the headroom free.
 * @param distillation what it trains with beside what is served
 */
export function sizeRun(
  jobs: TimedJobs,
  vertical: VerticalSpec,
  distillation: Distillation,
  headroom: number,
): SizedRun | UnsizedTraining {
  const { host } = vertical.fleet;
  const ratesOn = (devices: number) => {
    const part = partOfHost(host, devices);
    return new TrainingRates(jobs, (hosts) => verticalJob(vertical, distillation, part, hosts));
  };
  const { examplesPerDay, peakToMean } = trafficOf(vertical);
  const meanPerS = examplesPerDay / secondsPerDay;
  const peakPerS = meanPerS * peakToMean;
  const neededPerS = peakPerS / (1 - headroom);
  const whole = Math.round(host.accelerators!.count.value);
  const rest = { state: 'SIZED', vertical, peakPerS, meanPerS } as const;
  let hasFitted = false;
  for (let devices = 1; devices < whole; devices *= 2) {
    const rates = ratesOn(devices);
    if (!rates.fits(1)) continue;
    const step = rates.step(1);
    if (step.examplesPerS >= neededPerS)
      return { ...rest, devices, hosts: 1, step, limitedBy: hasFitted ? 'throughput' : 'memory' };
    hasFitted = true;
  }
  const rates = ratesOn(whole);
  const sized = sizeTraining(rates, neededPerS);
  if (sized.state !== 'SIZED') return sized;
  const { hosts } = sized;
  const limitedBy = hasFitted ? 'throughput' : sized.limitedBy;
  return { ...rest, hosts, step: rates.step(hosts), limitedBy };
}
