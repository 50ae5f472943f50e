import type { ArmPlan } from '../serving/plan.ts';
import { type Crossing, crossing, type LoadCurve } from './capacity-search.ts';
import type { Planner } from './planner.ts';
import type { RateRun } from './rate-runs.ts';

/** What was simulated of one plan: by replication, ascending by rate; the same rates everywhere. */
export interface Measured {
  plan: ArmPlan;
  limitS: number;
  judgedPerS: number;
  runs: RateRun[][];
}

/** Rates beside the estimate of where the limit is met, as shares of it: every plan is looked at through the same lens. */
const lens = [0.93, 1.08];

/** Two rates at most so far apart hold the crossing in the end. */
const nearEnough = 1.2;
const mostLooks = 6;

/** A further look goes no farther than this from what was simulated. */
const farthest = 4;

/**
 * Simulates a plan at the judged rate and where it meets the limit.
 * @param aroundPerS where to look first (requests/s)
 * @param known what was simulated of it already
 */
export async function measureAround(
  planner: Planner,
  asked: Omit<Measured, 'runs'>,
  aroundPerS: number,
  replications: number,
  known: RateRun[][] = [],
): Promise<Measured> {
  const measured: Measured = { ...asked, runs: known };
  const run = async (ratesPerS: readonly number[]) => {
    const missing = [...new Set(ratesPerS)].filter(
      (rate) => !measured.runs[0]?.some(({ ratePerS }) => ratePerS === rate),
    );
    if (missing.length === 0) return;
    const keys = Array.from({ length: replications }, (_, replication) => ({
      seed: planner.scenario.settings.seed,
      replication,
    }));
    const added = await planner.workers.runRates(
      keys.map((key) => ({ plan: asked.plan, key, ratesPerS: missing })),
    );
    measured.runs = added.map((runs, replication) =>
      [...(measured.runs[replication] ?? []), ...runs].sort((a, b) => a.ratePerS - b.ratePerS),
    );
  };
  await run([asked.judgedPerS, ...lens.map((share) => share * aroundPerS)]);
  for (let look = 0; look < mostLooks; look++) {
    const found = crossingOf(planner, measured);
    const rates = measured.runs[0].map(({ ratePerS }) => ratePerS);
    if (isSettled(found, rates)) break;
    const next = Math.min(farthest * rates.at(-1)!, Math.max(rates[0] / farthest, found.ratePerS));
    await run(lens.map((share) => share * next));
  }
  return measured;
}

/**
 * The same for the plan that others are compared with, and only at the rates at which the others are looked at first:
 * what is the same in both is then the same to the last bit.
 * @param aroundPerS an estimate
 * @returns with the rate around which to look at the others
 */
export async function measureBase(
  planner: Planner,
  asked: Omit<Measured, 'runs'>,
  aroundPerS: number,
  replications: number,
): Promise<Measured & { aroundPerS: number }> {
  const found = await measureAround(planner, asked, aroundPerS, replications);
  const centrePerS = crossingOf(planner, found).ratePerS || aroundPerS;
  const centred = await measureAround(planner, asked, centrePerS, replications, found.runs);
  const kept = [asked.judgedPerS, ...lens.map((share) => share * centrePerS)];
  const runs = centred.runs.map((one) => one.filter(({ ratePerS }) => kept.includes(ratePerS)));
  return { ...asked, runs, aroundPerS: centrePerS };
}

function isSettled({ limitedBy, ratePerS, lowPerS, highPerS }: Crossing, rates: readonly number[]): boolean {
  if (limitedBy === 'unloaded-latency') return true;
  if (limitedBy === 'utilisation')
    return rates.some((rate) => rate > ratePerS / nearEnough && rate < ratePerS * nearEnough);
  return ratePerS >= lowPerS && ratePerS <= highPerS && highPerS <= nearEnough * lowPerS;
}

/** Where a plan meets the limit, on the mean over replications; @param left replication left out */
export function crossingOf({ sla, spec }: Planner, { runs, limitS }: Measured, left = -1): Crossing {
  const curve: LoadCurve = {
    points: runs[0].map(({ ratePerS }, index) => ({
      ratePerS,
      latencyS: runs.map((one) => one[index].percentilesS[sla.percentile]),
    })),
    highestPerS: runs.map(
      ([{ usePerRate }]) => spec.max_utilisation / Math.max(...usePerRate.map(({ offered }) => offered)),
    ),
  };
  return crossing(curve, limitS, left);
}

/** The runs of a plan at its judged rate, by replication. */
export function judgedRuns({ runs, judgedPerS }: Measured): RateRun[] {
  return runs.map((one) => one.find(({ ratePerS }) => ratePerS === judgedPerS)!);
}
