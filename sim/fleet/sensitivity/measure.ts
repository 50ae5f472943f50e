import type { ArmPlan } from '../../serving/plan.ts';
import { type Crossing, crossing } from '../capacity-search.ts';
import type { Planner } from '../planner.ts';
import type { RateRun } from '../rate-runs.ts';

/** What is simulated of a plan: at which rate it is judged, within which limit its throughput is bounded. */
export interface Asked {
  plan: ArmPlan;
  limitS: number;
  judgedPerS: number;
}

/**
 * What was simulated of one plan, by replication: ascending by rate, the judged one among them. Each replication looks
 * where its own latency meets the limit, so that plans can be compared replication by replication.
 */
export interface Measured extends Asked {
  runs: RateRun[][];
}

/** The plan that others are compared with. */
export interface Base extends Measured {
  /** Where each replication meets the limit (requests/s): where to look at the others first. */
  centresPerS: number[];
}

/** Rates beside the estimate of where the limit is met, as shares of it: every plan is looked at through the same lens. */
const lens = [0.93, 1.08];

/** Two rates at most so far apart hold the crossing in the end. */
const nearEnough = 1.3;
const mostLooks = 6;

/** A rate so near to one that was simulated is not simulated, too. */
const sameRate = 1.05;

/** A further look goes no farther than this from what was simulated. */
const farthest = 4;

/**
 * Simulates the plan that others are compared with. Of its rates only those are kept at which the others are looked at
 * first: what is the same in both is then the same to the last bit.
 * @param aroundPerS an estimate of its throughput (requests/s)
 */
export async function measureBase(
  planner: Planner,
  asked: Asked,
  aroundPerS: number,
  replications: number,
): Promise<Base> {
  const found = await Promise.all(
    Array.from({ length: replications }, async (_, replication) => {
      let centre = aroundPerS;
      let runs: RateRun[] = [];
      for (let look = 0; look < mostLooks; look++) {
        runs = await search(planner, asked, replication, centre, runs);
        const kept = atRates(runs, [asked.judgedPerS, ...around(centre)]);
        if (isSettled(crossingOf(planner, asked, kept), kept)) return { runs: kept, centre };
        centre = crossingOf(planner, asked, runs).ratePerS || centre;
      }
      return { runs, centre };
    }),
  );
  return { ...asked, runs: found.map(({ runs }) => runs), centresPerS: found.map(({ centre }) => centre) };
}

/** Simulates another plan, each replication first at the judged rate, then where it may meet its own limit. */
export async function measureLike(planner: Planner, base: Base, asked: Asked): Promise<Measured> {
  const isSamePlan = asked.plan === base.plan;
  const runs = await Promise.all(
    base.runs.map(async (before, replication) => {
      const known = isSamePlan ? before : [];
      const judged = await simulated(planner, asked, replication, [asked.judgedPerS], known);
      const centre = base.centresPerS[replication] * expectedChange(planner, base, asked, before, judged);
      return search(planner, asked, replication, centre, judged);
    }),
  );
  return { ...asked, runs };
}

/** Changes of latency at the judged rate up to which a plan is looked at where the base meets the limit. */
const likeEnough = 0.03;

/** By what throughput may change, from what one rate shows: as the busiest resource does, where latency differs. */
function expectedChange(
  { sla }: Planner,
  base: Asked,
  asked: Asked,
  before: readonly RateRun[],
  after: readonly RateRun[],
): number {
  if (base.plan === asked.plan || base.judgedPerS !== asked.judgedPerS) return 1;
  const [was, is] = [before, after].map(
    (runs) => runs.find(({ ratePerS }) => ratePerS === asked.judgedPerS)!,
  );
  const latency = is.percentilesS[sla.percentile] / was.percentilesS[sla.percentile];
  if (Math.abs(latency - 1) < likeEnough) return 1;
  const busiest = ({ usePerRate }: RateRun) => Math.max(...usePerRate.map(({ offered }) => offered));
  return busiest(was) / busiest(is);
}

/** Simulates a replication at the judged rate, about an estimate, and on until the limit lies between two near rates. */
async function search(
  planner: Planner,
  asked: Asked,
  replication: number,
  aroundPerS: number,
  known: RateRun[],
): Promise<RateRun[]> {
  const at = (ratesPerS: readonly number[], runs: RateRun[]) =>
    simulated(planner, asked, replication, ratesPerS, runs);
  let runs = await at([asked.judgedPerS, ...around(aroundPerS)], known);
  for (let look = 0; look < mostLooks; look++) {
    const found = crossingOf(planner, asked, runs);
    if (isSettled(found, runs)) break;
    const [low, high] = [runs[0].ratePerS / farthest, runs.at(-1)!.ratePerS * farthest];
    const wanted = around(Math.min(high, Math.max(low, found.ratePerS)));
    const isNew = (rate: number) =>
      runs.every(({ ratePerS }) => Math.max(rate / ratePerS, ratePerS / rate) > sameRate);
    const added = wanted.filter(isNew);
    runs = await at(added.length > 0 ? added : wanted, runs);
  }
  return runs;
}

/** The runs of a replication with those at further rates. */
async function simulated(
  planner: Planner,
  { plan }: Asked,
  replication: number,
  ratesPerS: readonly number[],
  known: RateRun[],
): Promise<RateRun[]> {
  const missing = ratesPerS.filter((rate) => !known.some(({ ratePerS }) => ratePerS === rate));
  if (missing.length === 0) return known;
  const key = { seed: planner.scenario.settings.seed, replication };
  const [added] = await planner.workers.runRates([{ plan, key, ratesPerS: missing }]);
  return [...known, ...added].sort((a, b) => a.ratePerS - b.ratePerS);
}

function around(ratePerS: number): number[] {
  return lens.map((share) => share * ratePerS);
}

function atRates(runs: readonly RateRun[], ratesPerS: readonly number[]): RateRun[] {
  return runs.filter(({ ratePerS }) => ratesPerS.includes(ratePerS));
}

function isSettled({ limitedBy, ratePerS, lowPerS, highPerS }: Crossing, runs: readonly RateRun[]): boolean {
  if (limitedBy === 'unloaded-latency') return true;
  if (limitedBy === 'utilisation') {
    return runs.some((run) => run.ratePerS > ratePerS / nearEnough && run.ratePerS < ratePerS * nearEnough);
  }
  return ratePerS >= lowPerS && ratePerS <= highPerS && highPerS <= nearEnough * lowPerS;
}

/** Where one replication meets the limit. */
export function crossingOf(
  { sla, spec }: Planner,
  { limitS }: Pick<Asked, 'limitS'>,
  runs: readonly RateRun[],
): Crossing {
  const points = runs.map(({ ratePerS, percentilesS }) => ({
    ratePerS,
    latencyS: [percentilesS[sla.percentile]],
  }));
  const busiest = Math.max(...runs[0].usePerRate.map(({ offered }) => offered));
  return crossing({ points, highestPerS: [spec.max_utilisation / busiest] }, limitS);
}

/** Throughput of each replication (requests/s); 0 where even lone requests are too slow. */
export function throughputs(planner: Planner, measured: Measured): number[] {
  return measured.runs.map((runs) => crossingOf(planner, measured, runs).ratePerS);
}

/** The runs of a plan at its judged rate, by replication. */
export function judgedRuns({ runs, judgedPerS }: Measured): RateRun[] {
  return runs.map((one) => one.find(({ ratePerS }) => ratePerS === judgedPerS)!);
}
