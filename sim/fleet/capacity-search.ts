import type { ArmPlan } from '../serving/plan.ts';
import { type Percentile, type ReplicationOutcome, simulateReplication } from '../serving/replication.ts';
import type { ReplicationKey } from '../streams.ts';
import { atRate } from './at-rate.ts';

/** What one replication of an arm is asked: its highest rate within the limits. */
export interface CapacityJob {
  plan: ArmPlan;
  key: ReplicationKey;
  /** Latency limit of the SLA (s). */
  percentile: Percentile;
  limitS: number;
  /** Most that any resource may be used, 0 to 1. */
  maxUtilisation: number;
  /** Relative width of the bracket at which the search ends. */
  tolerance: number;
  /** A rate near the answer (requests/s), such as that of another replication. */
  guessPerS?: number;
}

/** The highest rate of one replication. */
export interface CapacityOutcome {
  /** Requests per second; 0 where the limit is missed at any rate. */
  ratePerS: number;
  /** What ends the rate: the SLA, the use of a resource, or that even lone requests are too slow. */
  limitedBy: 'latency' | 'utilisation' | 'unloaded-latency';
  /** The judged percentile at that rate, and when hardly anything is going on (s). */
  latencyS: number;
  unloadedS: number;
  /** Offered use at that rate, by resource; 0 to 1. */
  utilisation: { group: string; resource: string; offered: number }[];
  /** Simulated runs that the search took. */
  runs: number;
}

/** Share of the utilisation limit at which requests hardly meet each other. */
const unloadedShare = 0.02;

/** Runs of one search at most. */
const mostRuns = 20;

/**
 * The highest rate at which one replication keeps its percentile within the limit and every resource below the
 * allowed use. All rates see the same requests (common random numbers), so latency is nearly a smooth function of the
 * rate, and a bracketing search on the logarithms (Illinois false position) takes a handful of runs. Pure.
 */
export function findCapacity(job: CapacityJob): CapacityOutcome {
  const search = new Search(job);
  const idle = search.at(search.highestPerS * unloadedShare);
  if (idle.latencyS > job.limitS) return search.outcome(0, 'unloaded-latency', idle);
  const full = search.at(search.highestPerS);
  if (full.latencyS <= job.limitS) return search.outcome(full.ratePerS, 'utilisation', full);
  const best = search.between(idle, full);
  return search.outcome(best.ratePerS, 'latency', best);
}

/** One run of the search. */
interface Run {
  ratePerS: number;
  latencyS: number;
}

class Search {
  /** The rate at which the busiest resource is used as much as it may be. */
  readonly highestPerS: number;
  private readonly job: CapacityJob;
  private readonly perRequest: { group: string; resource: string; offered: number }[];
  private runs = 0;
  private unloadedS = 0;

  constructor(job: CapacityJob) {
    this.job = job;
    const { resources } = this.simulate(1);
    // Offered use is work per request times the rate, whatever the rate.
    this.perRequest = resources.map(({ group, resource, offered = 0 }) => ({ group, resource, offered }));
    this.highestPerS = job.maxUtilisation / Math.max(...this.perRequest.map(({ offered }) => offered));
  }

  at(ratePerS: number): Run {
    const { percentiles } = this.simulate(ratePerS);
    const latencyS = percentiles[this.job.percentile];
    if (this.unloadedS === 0) this.unloadedS = latencyS;
    return { ratePerS, latencyS };
  }

  /** The best rate within a bracket whose lower end keeps the limit and whose upper end does not. */
  between(good: Run, bad: Run): Run {
    const { limitS, tolerance, guessPerS } = this.job;
    let [low, high] = [good, bad];
    let [weightLow, weightHigh] = [1, 1];
    let next = guessPerS;
    while (high.ratePerS / low.ratePerS > 1 + tolerance && this.runs < mostRuns) {
      const isInside = next !== undefined && next > low.ratePerS && next < high.ratePerS;
      const rate = isInside ? next! : falsePosition(low, high, limitS, weightLow, weightHigh);
      next = undefined;
      const run = this.at(rate);
      if (run.latencyS <= limitS) {
        weightHigh = low === good ? 1 : weightHigh / 2;
        weightLow = 1;
        low = run;
      } else {
        weightLow = high === bad ? 1 : weightLow / 2;
        weightHigh = 1;
        high = run;
      }
    }
    return low;
  }

  outcome(ratePerS: number, limitedBy: CapacityOutcome['limitedBy'], { latencyS }: Run): CapacityOutcome {
    const utilisation = this.perRequest.map((one) => ({ ...one, offered: one.offered * ratePerS }));
    return { ratePerS, limitedBy, latencyS, unloadedS: this.unloadedS, utilisation, runs: this.runs };
  }

  private simulate(ratePerS: number): ReplicationOutcome {
    this.runs++;
    const { plan, key } = this.job;
    return simulateReplication({ ...plan, arm: atRate(plan.arm, ratePerS) }, key);
  }
}

/** Where the straight line through both ends, in logarithms, meets the limit; never too close to either end. */
function falsePosition(low: Run, high: Run, limitS: number, weightLow: number, weightHigh: number): number {
  const [from, to] = [Math.log(low.ratePerS), Math.log(high.ratePerS)];
  const below = weightLow * Math.log(limitS / low.latencyS);
  const above = weightHigh * Math.log(high.latencyS / limitS);
  const share = below + above > 0 ? below / (below + above) : 0.5;
  return Math.exp(from + Math.min(0.95, Math.max(0.05, share)) * (to - from));
}
