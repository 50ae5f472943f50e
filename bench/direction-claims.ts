import { at, type Component, components } from '../sim/serving/components.ts';
import type { ReplicationOutcome } from '../sim/serving/replication.ts';
import { type Interval, interval } from '../sim/statistics/interval.ts';

/** Replications of one arm, in order. */
export interface ArmRuns {
  strategy: string;
  shards: number;
  outcomes: readonly ReplicationOutcome[];
}

/** All arms of one model at one point of the grid; replications of all arms saw the same requests. */
export interface Comparison {
  singular: ArmRuns;
  oneShard: ArmRuns;
  sharded: readonly ArmRuns[];
}

/** A direction that the paper is remembered to have found. */
export interface Claim {
  id: string;
  statement: string;
  models: readonly string[];
  /** What contradicts the direction, or undefined when it holds. */
  failure: (comparison: Comparison) => string | undefined;
}

const level = 0.95;
const twoNets = ['drm1-like', 'drm2-like'];
const allModels = [...twoNets, 'drm3-like'];

/** Largest difference that still counts as "about equal" (D5) and as "nearly flat" (D7), relative to singular. */
const aboutEqual = 0.05;

type Measure = (outcome: ReplicationOutcome) => number;

const p50: Measure = ({ percentiles }) => percentiles.p50;
const p99: Measure = ({ percentiles }) => percentiles.p99;
const compute: Measure = ({ cpuS, acceleratorS }) => sum(cpuS) + acceleratorS;

/**
 * The directions D1 to D10, some in two parts. "More" and "less" compare means of paired replications and
 * tolerate half the width of the 95 % interval of the difference: a tie does not contradict a direction.
 */
export const claims: readonly Claim[] = [
  {
    id: 'D1a',
    statement: 'Serial replay: every distributed configuration costs P50 latency',
    models: allModels,
    failure: ({ singular, oneShard, sharded }) =>
      first([oneShard, ...sharded], (arm) => isMore(arm, singular, p50) || `${name(arm)} is faster`),
  },
  {
    id: 'D1b',
    statement: 'Serial replay: every distributed configuration costs compute',
    models: allModels,
    failure: ({ singular, oneShard, sharded }) =>
      first([oneShard, ...sharded], (arm) => isMore(arm, singular, compute) || `${name(arm)} computes less`),
  },
  {
    id: 'D2a',
    statement: 'One shard has the worst P50 latency',
    models: allModels,
    failure: ({ oneShard, sharded }) =>
      first(sharded, (arm) => isMore(oneShard, arm, p50) || `${name(arm)} is slower`),
  },
  {
    id: 'D2b',
    statement: 'One shard has the worst P99 latency',
    models: allModels,
    failure: ({ oneShard, sharded }) =>
      first(sharded, (arm) => isMore(oneShard, arm, p99) || `${name(arm)} is slower`),
  },
  {
    id: 'D3a',
    statement: 'More shards, lower P50 latency (2 to 4 to 8, each strategy)',
    models: twoNets,
    failure: ({ sharded }) =>
      first(steps(sharded), ([fewer, more]) => isMore(fewer, more, p50) || `${name(more)} is slower`),
  },
  {
    id: 'D3b',
    statement: 'More shards, more compute (2 to 4 to 8, each strategy)',
    models: twoNets,
    failure: ({ sharded }) =>
      first(steps(sharded), ([fewer, more]) => isMore(more, fewer, compute) || `${name(more)} computes less`),
  },
  {
    id: 'D4',
    statement: 'The overhead in % is smaller at P99 than at P50',
    models: allModels,
    failure: ({ singular, oneShard, sharded }) =>
      first([oneShard, ...sharded], (arm) => {
        const median = overheads(arm, singular, p50);
        const tail = overheads(arm, singular, p99);
        return isPositive(median.map((value, i) => value - tail[i])) || name(arm);
      }),
  },
  {
    id: 'D5',
    statement: 'Load-balanced and capacity-balanced differ by at most 5 % of P50',
    models: twoNets,
    failure: (comparison) =>
      first([2, 4, 8], (shards) => {
        const capacity = armOf(comparison, 'capacity-balanced', shards);
        const load = armOf(comparison, 'load-balanced', shards);
        const apart = mean(capacity, p50) / mean(load, p50) - 1;
        return Math.abs(apart) <= aboutEqual || `${shards} shards`;
      }),
  },
  {
    id: 'D6a',
    statement: 'Net-specific packing has the least compute at equal shards',
    models: twoNets,
    failure: (comparison) =>
      first(rivals(comparison), ([nsbp, other]) => isMore(other, nsbp, compute) || name(other)),
  },
  {
    id: 'D6b',
    statement: 'Net-specific packing has the highest P50 latency at equal shards',
    models: twoNets,
    failure: (comparison) =>
      first(rivals(comparison), ([nsbp, other]) => isMore(nsbp, other, p50) || `${name(other)} is slower`),
  },
  {
    id: 'D7',
    statement: 'P50 of DRM3 changes by at most 5 % from 4 to 8 shards',
    models: ['drm3-like'],
    failure: (comparison) => {
      const change = mean(armOf(comparison, 'nsbp', 8), p50) / mean(armOf(comparison, 'nsbp', 4), p50) - 1;
      return Math.abs(change) <= aboutEqual ? undefined : 'nsbp';
    },
  },
  {
    id: 'D8',
    statement: 'On the bounding shard, network takes longer than sparse operators',
    models: allModels,
    failure: ({ oneShard, sharded }) =>
      first([oneShard, ...sharded], (arm) => {
        const more = arm.outcomes.map(({ typical }) => typical[at.network] - typical[at.sparse]);
        return isPositive(more) || name(arm);
      }),
  },
  {
    id: 'D9',
    statement: 'More RPCs (by over 10 %), more compute',
    models: allModels,
    failure: ({ singular, oneShard, sharded }) => {
      const arms = [singular, oneShard, ...sharded];
      const pairs = arms.flatMap((few) =>
        arms.filter((many) => rpcs(many) > 1.1 * rpcs(few)).map((many) => [few, many] as const),
      );
      return first(
        pairs,
        ([few, many]) => isMore(many, few, compute) || `${name(many)} computes less than ${name(few)}`,
      );
    },
  },
  {
    id: 'D10a',
    statement: 'Dense operators cost the same CPU in every configuration',
    models: allModels,
    failure: ({ singular, oneShard, sharded }) => {
      const dense: Measure = ({ cpuS }) => cpuS[at.dense];
      return first(
        [oneShard, ...sharded],
        (arm) => Math.abs(mean(arm, dense) / mean(singular, dense) - 1) < 1e-9 || name(arm),
      );
    },
  },
  {
    id: 'D10b',
    statement: 'Dense operators are the largest part of a median request',
    models: allModels,
    failure: ({ singular, oneShard, sharded }) =>
      first([singular, oneShard, ...sharded], (arm) => {
        const largest = components.reduce((a, b) => (part(arm, b) > part(arm, a) ? b : a));
        return largest === 'dense' || `${name(arm)}: ${largest}`;
      }),
  },
];

/** The first complaint about any of the items, if there is one. */
function first<Item>(items: readonly Item[], check: (item: Item) => boolean | string): string | undefined {
  for (const item of items) {
    const found = check(item);
    if (typeof found === 'string') return found;
  }
  return undefined;
}

/** Whether a measure of `arm` is above that of `other`, or level with it as far as the replications tell. */
function isMore(arm: ArmRuns, other: ArmRuns, measure: Measure): boolean {
  return isPositive(arm.outcomes.map((outcome, i) => measure(outcome) - measure(other.outcomes[i])));
}

function isPositive(differences: number[]): boolean {
  const { mean: centre, high = centre }: Interval = interval(differences, level);
  return high >= 0;
}

function overheads(arm: ArmRuns, base: ArmRuns, measure: Measure): number[] {
  return arm.outcomes.map((outcome, i) => measure(outcome) / measure(base.outcomes[i]) - 1);
}

/** Neighbours in shard count, of each strategy. */
function steps(arms: readonly ArmRuns[]): [fewer: ArmRuns, more: ArmRuns][] {
  return arms
    .slice(1)
    .flatMap((arm, i): [ArmRuns, ArmRuns][] => (arms[i].strategy === arm.strategy ? [[arms[i], arm]] : []));
}

/** Net-specific packing beside each net-blind arm with as many shards. */
function rivals(comparison: Comparison): [nsbp: ArmRuns, other: ArmRuns][] {
  return comparison.sharded
    .filter(({ strategy }) => strategy !== 'nsbp')
    .map((other) => [armOf(comparison, 'nsbp', other.shards), other]);
}

function armOf({ sharded }: Comparison, strategy: string, shards: number): ArmRuns {
  return sharded.find((arm) => arm.strategy === strategy && arm.shards === shards)!;
}

function part({ outcomes }: ArmRuns, component: Component): number {
  return sum(outcomes.map(({ typical }) => typical[at[component]]));
}

function rpcs(arm: ArmRuns): number {
  return mean(arm, (outcome) => outcome.rpcs);
}

function mean({ outcomes }: ArmRuns, measure: Measure): number {
  return sum(outcomes.map(measure)) / outcomes.length;
}

function name({ strategy, shards }: ArmRuns): string {
  return ['singular', 'one-shard'].includes(strategy) ? strategy : `${strategy} ${shards}`;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
