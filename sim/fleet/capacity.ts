import type { ArmDeployment } from '../../scenarios/deployment.ts';
import { hasKnownErrors } from '../run.ts';
import type { ArmPlan } from '../serving/plan.ts';
import { type Interval, samplingHalf } from '../statistics/interval.ts';
import type { ReplicationKey } from '../streams.ts';
import {
  type Crossing,
  crossing,
  crossingInterval,
  idleShare,
  type LimitedBy,
  type LoadCurve,
} from './capacity-search.ts';
import type { Planner } from './planner.ts';
import type { RateRun } from './rate-runs.ts';
import { withHosts } from './tier-of.ts';

/** Latency-bounded throughput of a replica set: the hosts that the arm itself states. */
export interface Capacity {
  /** Requests per second at which the mean over replications meets the limit, with the cost model's error. */
  ratePerS: Interval;
  limitedBy: LimitedBy;
  /** The judged percentile at hardly any load (s). */
  unloadedS: number;
  /** Offered use at that rate, busiest first. */
  utilisation: { group: string; resource: string; offered: number }[];
  /** The judged percentile over the rates that were simulated, ascending. */
  curve: { ratePerS: number; latencyS: number }[];
  replications: number;
}

/** Replications that find out where to look, and those that each further round adds. */
const firstRound = 2;
const furtherRound = 2;

/** Rates of the first round, as shares of the highest that utilisation allows. */
const firstShares = [0.5, 1];

/** The same where a lone replication was too slow when hardly anything was going on. */
const doubtfulShares = [idleShare, 0.5, 1];

/** Use that the first run may cause and still count as unloaded. */
const mostIdleUse = 0.05;

/** How far from the estimate the rates of a closer look lie. */
const closer = [0.92, 1.09];

/** Closer looks at most; the line between two rates this near to each other is straight enough. */
const mostLooks = 4;
const nearEnough = 1.2;

/**
 * Measures the capacity of a replica set with as few simulations as its precision needs. Latency over load is
 * simulated at a few rates, then closer to where it meets the limit, then with more replications until the interval is
 * as narrow as the plan asks or the scenario's replications are used up.
 * @param guessPerS a rate near the answer, such as that of a deployment much like this
 */
export async function measureCapacity(
  planner: Planner,
  plan: ArmPlan,
  guessPerS?: number,
): Promise<Capacity> {
  const measurement = new Measurement(planner, plan);
  await measurement.begin(guessPerS);
  do {
    for (let look = 0; look < mostLooks && measurement.isCoarse(); look++) await measurement.lookCloser();
  } while (!measurement.isPrecise() && (await measurement.replicateMore()));
  return measurement.capacity();
}

class Measurement {
  private readonly planner: Planner;
  private readonly plan: ArmPlan;
  private readonly hasErrors: boolean;
  /** By replication: nominal runs, and runs with the cost model off; the same rates everywhere. */
  private nominal: RateRun[][] = [];
  private perturbed: RateRun[][] = [];
  /** The judged percentile of every nominal run, by rate. */
  private readonly seen = new Map<number, number[]>();

  constructor(planner: Planner, plan: ArmPlan) {
    this.planner = planner;
    this.plan = plan;
    this.hasErrors = hasKnownErrors(plan.arm);
  }

  async begin(guessPerS: number | undefined): Promise<void> {
    const probe = await this.probe(1);
    const highest = this.highest(probe);
    const use = this.planner.spec.max_utilisation / highest;
    const idle = use <= mostIdleUse ? probe : await this.probe(highest * idleShare);
    this.note(idle);
    const { percentile, limitS } = this.planner.sla;
    const isDoubtful = idle.percentilesS[percentile] > limitS;
    const isGuess = guessPerS !== undefined && guessPerS > highest * 0.05 && guessPerS < highest * 0.95;
    const shares = isDoubtful
      ? doubtfulShares
      : isGuess
        ? [0.88, 1, 1.14].map((factor) => (factor * guessPerS) / highest).filter((share) => share < 1)
        : firstShares;
    const replications = Math.min(firstRound, this.planner.scenario.settings.replications);
    const rates = shares.map((share) => share * highest);
    await this.run(0, replications, rates);
  }

  /** The first replication alone, at one rate. */
  private async probe(ratePerS: number): Promise<RateRun> {
    const [[run]] = await this.planner.workers.runRates([
      { plan: this.plan, key: this.key(0), ratesPerS: [ratePerS] },
    ]);
    return run;
  }

  /** Whether the rates beside the crossing are too far apart, or on one side of it, to trust the line between them. */
  isCoarse(): boolean {
    const { limitedBy, ratePerS, lowPerS, highPerS } = this.crossing();
    if (limitedBy === 'utilisation')
      return lowPerS < ratePerS * (1 - 1e-6) && !this.isSimulatedNear(ratePerS);
    return (
      limitedBy === 'latency' &&
      (highPerS / lowPerS > nearEnough || ratePerS < lowPerS || ratePerS > highPerS)
    );
  }

  async lookCloser(): Promise<void> {
    const { ratePerS, limitedBy, lowPerS, highPerS } = this.crossing();
    const isBetween = ratePerS > lowPerS && ratePerS < highPerS;
    const wanted = limitedBy === 'utilisation' ? [ratePerS] : closer.map((factor) => ratePerS * factor);
    const inside = wanted.filter((rate) => !isBetween || (rate > lowPerS && rate < highPerS));
    await this.run(0, this.nominal.length, inside.length > 0 ? inside : [Math.sqrt(lowPerS * highPerS)]);
  }

  private isSimulatedNear(ratePerS: number): boolean {
    return this.nominal[0].some((run) => Math.abs(run.ratePerS / ratePerS - 1) < 0.02);
  }

  isPrecise(): boolean {
    const interval = this.interval();
    if (interval.mean === 0) return true;
    return (
      interval.high !== undefined && samplingHalf(interval) <= this.planner.spec.precision * interval.mean
    );
  }

  /** One more round at the rates that matter; false when the scenario's replications are used up. */
  async replicateMore(): Promise<boolean> {
    const count = Math.min(furtherRound, this.planner.scenario.settings.replications - this.nominal.length);
    if (count <= 0) return false;
    const { lowPerS, highPerS } = this.crossing();
    const [unloaded] = this.nominal[0];
    // Where the curve meets the limit is known: the rates beside it are enough.
    const beside = this.nominal[0].filter(({ ratePerS }) => ratePerS >= lowPerS && ratePerS <= highPerS);
    const kept = (beside.length > 1 ? beside : [unloaded, ...beside]).map(({ ratePerS }) => ratePerS);
    const only = (runs: RateRun[][]) =>
      runs.map((one) => one.filter(({ ratePerS }) => kept.includes(ratePerS)));
    this.nominal = only(this.nominal);
    this.perturbed = only(this.perturbed);
    await this.run(this.nominal.length, count, kept);
    return true;
  }

  capacity(): Capacity {
    const { limitedBy } = this.crossing();
    const ratePerS = this.interval();
    const curve = [...this.seen]
      .map(([rate, latencies]) => ({ ratePerS: rate, latencyS: mean(latencies) }))
      .sort((one, other) => one.ratePerS - other.ratePerS);
    const [first] = this.nominal[0];
    const utilisation = first.usePerRate.map(({ group, resource }, index) => ({
      group,
      resource,
      offered: ratePerS.mean * mean(this.nominal.map(([run]) => run.usePerRate[index].offered)),
    }));
    return {
      ratePerS,
      limitedBy,
      unloadedS: curve[0].latencyS,
      utilisation: utilisation.sort((a, b) => b.offered - a.offered),
      curve,
      replications: this.nominal.length,
    };
  }

  private async run(first: number, count: number, ratesPerS: readonly number[]): Promise<void> {
    const keys = Array.from({ length: count }, (_, index) => this.key(first + index));
    const off = this.hasErrors ? keys.map((key): ReplicationKey => ({ ...key, withCostErrors: true })) : [];
    const runs = await this.planner.workers.runRates(
      [...keys, ...off].map((key) => ({ plan: this.plan, key, ratesPerS })),
    );
    const add = (to: RateRun[][], added: RateRun[][]) =>
      added.forEach((one, index) => {
        to[first + index] = [...(to[first + index] ?? []), ...one].sort((a, b) => a.ratePerS - b.ratePerS);
      });
    for (const run of runs.slice(0, count).flat()) this.note(run);
    add(this.nominal, runs.slice(0, count));
    add(this.perturbed, runs.slice(count));
  }

  private note({ ratePerS, percentilesS }: RateRun): void {
    const latencies = this.seen.get(ratePerS) ?? [];
    this.seen.set(ratePerS, [...latencies, percentilesS[this.planner.sla.percentile]]);
  }

  private key(replication: number): ReplicationKey {
    return { seed: this.planner.scenario.settings.seed, replication };
  }

  private crossing(): Crossing {
    return crossing(this.curve(this.nominal), this.planner.sla.limitS);
  }

  private interval(): Interval {
    const { sla, scenario } = this.planner;
    const perturbed = this.perturbed.length > 0 ? this.curve(this.perturbed) : undefined;
    return crossingInterval(this.curve(this.nominal), sla.limitS, scenario.settings.confidence, perturbed);
  }

  private curve(runs: readonly RateRun[][]): LoadCurve {
    const { percentile } = this.planner.sla;
    return {
      points: runs[0].map(({ ratePerS }, index) => ({
        ratePerS,
        latencyS: runs.map((one) => one[index].percentilesS[percentile]),
      })),
      highestPerS: runs.map(([run]) => this.highest(run)),
    };
  }

  /** Rate at which the busiest resource is used as much as the plan allows (requests/s). */
  private highest({ usePerRate }: RateRun): number {
    return this.planner.spec.max_utilisation / Math.max(...usePerRate.map(({ offered }) => offered));
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The arm as a replica set: one main host, one of every sparse shard. */
export function asReplicaSet(arm: ArmDeployment): ArmDeployment {
  return withHosts(arm, () => 1);
}
