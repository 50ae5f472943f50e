import type { ArmDeployment } from '../../scenarios/deployment.ts';
import type { ArrivalsSpec } from '../../scenarios/load-schema.ts';
import { offeredRate } from '../workload/arrivals.ts';

/**
 * The arm under an open load of another rate. The process keeps its kind; loads that wait for answers have no rate
 * of their own and become Poisson, and so does a diurnal load, whose day is far longer than a run.
 * @param ratePerS requests per second
 */
export function atRate(arm: ArmDeployment, ratePerS: number): ArmDeployment {
  return { ...arm, load: { ...arm.load, arrivals: arrivalsAt(arm, ratePerS) } };
}

function arrivalsAt({ load: { arrivals }, load, trace }: ArmDeployment, rate: number): ArrivalsSpec {
  switch (arrivals.kind) {
    case 'serial':
    case 'closed':
    case 'diurnal':
    case 'poisson':
      return { kind: 'poisson', rate };
    case 'gamma':
    case 'deterministic':
      return { ...arrivals, rate };
    case 'mmpp': {
      const factor = rate / offeredRate(load)!;
      return {
        ...arrivals,
        states: arrivals.states.map((state) => ({ ...state, rate: state.rate * factor })),
      };
    }
    case 'trace': {
      const { rate_scale: _, ...rest } = arrivals;
      return offeredRate(load, trace) === undefined ? { kind: 'poisson', rate } : { ...rest, rate };
    }
  }
}

/** Requests per second that a fleet for this load must serve at its peak; undefined for loads that wait for answers. */
export function peakRate({ load, trace }: ArmDeployment): number | undefined {
  const mean = offeredRate(load, trace);
  return mean === undefined || load.arrivals.kind !== 'diurnal' ? mean : mean * load.arrivals.peak_to_mean;
}

/** Mean requests per second of the load, which money and energy per request are divided by. */
export function meanShareOfPeak({ load: { arrivals } }: ArmDeployment): number {
  return arrivals.kind === 'diurnal' ? 1 / arrivals.peak_to_mean : 1;
}
