import type { DistillationArm, VerticalSpec } from '../../../scenarios/distillation/deployment.ts';
import { secondsPerDay } from '../pipeline/pipeline-spec.ts';
import { dailyRate } from '../pipeline/traffic.ts';

/** Times of the day at which the busiest moment of all verticals together is looked for. */
const timesOfDay = Array.from({ length: 288 }, (_, index) => index * (secondsPerDay / 288));

/** Copies of verticals alike, each with a name of its own. */
export function copiesOf(verticals: readonly VerticalSpec[]): { name: string; vertical: VerticalSpec }[] {
  return verticals.flatMap((vertical) =>
    Array.from({ length: vertical.count }, (_, index) => ({ name: copyName(vertical, index), vertical })),
  );
}

/** The name that a copy of a vertical has: that of the vertical where there is one only. */
export function copyName({ name, count }: Pick<VerticalSpec, 'name' | 'count'>, index = 0): string {
  return count === 1 ? name : `${name} ${index + 1}`;
}

/** ΣN_v: examples per day of all verticals. */
export function examplesPerDay({ verticals }: Pick<DistillationArm, 'verticals'>): number {
  return verticals.reduce((sum, { count, examples_per_day }) => sum + count * examples_per_day, 0);
}

/** κ: in how many verticals an example is used on average. */
export function overlapOf(arm: DistillationArm): number {
  // A union that was computed as a sum in another order may be off by rounding.
  return Math.max(1, examplesPerDay(arm) / arm.uniqueExamplesPerDay);
}

/** Unique examples per second, on the mean and at the busiest moment of the day, the weather aside. */
export function uniqueRates(arm: DistillationArm): { meanPerS: number; peakPerS: number } {
  const meanPerS = arm.uniqueExamplesPerDay / secondsPerDay;
  const all = timesOfDay.map((timeS) =>
    arm.verticals.reduce((sum, vertical) => sum + vertical.count * dailyRate(trafficOf(vertical), timeS), 0),
  );
  return { meanPerS, peakPerS: Math.max(meanPerS, Math.max(...all) / overlapOf(arm)) };
}

/** The traffic of a vertical in the words of the pipeline. */
export function trafficOf(vertical: VerticalSpec): {
  examplesPerDay: number;
  peakToMean: number;
  peakAtS: number;
} {
  return {
    examplesPerDay: vertical.examples_per_day,
    peakToMean: vertical.peak_to_mean,
    peakAtS: vertical.peak_at,
  };
}
