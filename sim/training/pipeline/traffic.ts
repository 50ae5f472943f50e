import { RandomStream } from '../../../foundation/random.ts';
import { type ReplicationKey, streams } from '../../streams.ts';
import { type HorizonSpec, type PipelineSpec, secondsPerDay, type VerticalSpec } from './pipeline-spec.ts';

/** The part of a pipeline that its traffic depends on. */
export type TrafficSpec = Pick<PipelineSpec, 'overlap' | 'weather'> & {
  verticals: readonly Pick<VerticalSpec, 'examplesPerDay' | 'peakToMean' | 'peakAtS' | 'count'>[];
};

/** Examples that arrive in each step, as expected amounts given the weather. */
export interface Traffic {
  steps: number;
  stepS: number;
  /** First step whose examples are counted. */
  firstStep: number;
  /** Unique examples of each step: N_u of the step. */
  unique: Float64Array;
  /** Examples of each vertical in each step: N_v of the step, never more than the unique ones; of several alike, of one. */
  ofVertical: readonly Float64Array[];
}

/**
 * Examples of all verticals over a horizon. A vertical's rate is a cosine over the day times the weather, which all
 * share; the union has Σ N_v / κ examples at any time.
 */
export function trafficOf(spec: TrafficSpec, horizon: HorizonSpec, key: ReplicationKey): Traffic {
  const { stepS, warmUpS, measuredS } = horizon;
  const firstStep = Math.ceil(warmUpS / stepS);
  const steps = firstStep + Math.ceil(measuredS / stepS);
  const weather = weatherOf(spec, steps, stepS, key);
  const ofVertical = spec.verticals.map((vertical) =>
    weather.map((factor, step) => dailyRate(vertical, (step + 0.5) * stepS) * stepS * factor),
  );
  const unique = new Float64Array(steps);
  spec.verticals.forEach(({ count = 1 }, index) => {
    const amounts = ofVertical[index];
    for (let step = 0; step < steps; step++) unique[step] += (count * amounts[step]) / spec.overlap;
  });
  return { steps, stepS, firstStep, unique, ofVertical };
}

/** Expected examples per second of a vertical at a time of the day, the weather aside. */
export function dailyRate(
  { examplesPerDay, peakToMean, peakAtS }: Pick<VerticalSpec, 'examplesPerDay' | 'peakToMean' | 'peakAtS'>,
  timeS: number,
): number {
  const phase = (2 * Math.PI * (timeS - peakAtS)) / secondsPerDay;
  return (examplesPerDay / secondsPerDay) * (1 + (peakToMean - 1) * Math.cos(phase));
}

/** Factor of each step: the exponential of a stationary AR(1) process, with mean 1. */
function weatherOf(
  { weather }: TrafficSpec,
  steps: number,
  stepS: number,
  key: ReplicationKey,
): Float64Array {
  const random = new RandomStream(key.seed, key.replication, streams.trainingTraffic, 0);
  const variance = Math.log1p(weather.coefficientOfVariation ** 2);
  const kept = Math.exp(-stepS / weather.correlationS);
  const fresh = Math.sqrt(1 - kept ** 2);
  let deviation = random.normal();
  return new Float64Array(steps).map(() => {
    const factor = Math.exp(Math.sqrt(variance) * deviation - variance / 2);
    deviation = kept * deviation + fresh * random.normal();
    return factor;
  });
}
