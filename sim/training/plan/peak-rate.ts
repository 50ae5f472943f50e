import { secondsPerDay } from '../pipeline/pipeline-spec.ts';

/** Traffic of one vertical over a day: a cosine around its mean. */
export interface DailyTraffic {
  examplesPerDay: number;
  peakToMean: number;
  /** Time of day of the peak (s). */
  peakAtS: number;
}

/**
 * Highest rate (examples/s) of the sum of all traffic over a day: cosines of one period add up to one cosine, whose
 * amplitude is that of their sum as vectors. Peaks at different hours level each other out.
 */
export function peakRatePerS(traffic: readonly DailyTraffic[]): number {
  let [mean, cosine, sine] = [0, 0, 0];
  for (const { examplesPerDay, peakToMean, peakAtS } of traffic) {
    const rate = examplesPerDay / secondsPerDay;
    const phase = (2 * Math.PI * peakAtS) / secondsPerDay;
    mean += rate;
    cosine += rate * (peakToMean - 1) * Math.cos(phase);
    sine += rate * (peakToMean - 1) * Math.sin(phase);
  }
  return mean + Math.hypot(cosine, sine);
}
