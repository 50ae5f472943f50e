import { type Interval, interval } from '../../sim/statistics/interval.ts';
import type { SearchRules } from '../expansion.ts';
import type { GraphNode } from '../graph.ts';
import { adaptiveMemory, type MemorySchedule } from '../memory.ts';
import type { Operator } from '../operator.ts';
import type { Policy } from '../policies/policy.ts';
import { bestAfter, type SearchSummary, summarise } from '../summary.ts';
import { type MedianInterval, medianInterval } from './median.ts';
import { searchOffline } from './offline-search.ts';
import { subjectOf, type TimedSpace } from './space.ts';
import { evaluationOf, spaceEvaluator } from './space-evaluator.ts';
import { spaceOperator } from './space-operator.ts';
import { strategyCounter } from './strategies.ts';

export interface ComparisonOptions {
  /** Nodes of each search. */
  steps?: number;
  /** Score whose first appearance is waited for. */
  target?: number;
  /** Numbers of evaluations after which the best is looked at. */
  checkpoints?: readonly number[];
  memory?: MemorySchedule;
  operator?: Operator;
  /** Kernels of earlier searches that expansions are shown, and how often; none unless stated. */
  reuse?: SearchRules['reuse'];
  level?: number;
}

/** How a policy did over its seeds. */
export interface PolicyComparison {
  policy: string;
  options: Policy['options'];
  seeds: number;
  /** Seeds that reached the target. */
  reached: number;
  /** Seeds that never reached it count as `Infinity`. */
  stepsToTarget: MedianInterval;
  best: MedianInterval;
  bestAfter: { evaluations: number; best: MedianInterval }[];
  buggyRate: Interval;
  /** Share of the right nodes that are at least as fast as the reference, over the seeds that have any; nothing without. */
  meetsReference: Interval | undefined;
  /** Strategies that the right nodes of a search combine. */
  strategies: Interval;
  /** Mean share of the best score that the space has. */
  shareOfOptimum: Interval;
}

/**
 * Compares policies on a timed space, each with the same seeds: with one operator and one memory schedule, so that
 * nothing but the choice of parents differs. Every answer follows from the space and the seeds.
 * @param policies makes each policy anew for each seed
 */
export async function comparePolicies(
  space: TimedSpace,
  policies: readonly (() => Policy)[],
  seeds: readonly number[],
  {
    steps = 100,
    target = 1.2,
    checkpoints = [10, 20, 50, 100],
    memory = adaptiveMemory,
    operator = spaceOperator(space),
    reuse,
    level = 0.95,
  }: ComparisonOptions = {},
): Promise<PolicyComparison[]> {
  const evaluator = spaceEvaluator(space);
  const subject = subjectOf(space);
  const strategies = strategyCounter(space);
  const compared: PolicyComparison[] = [];
  for (const make of policies) {
    const searches: (readonly GraphNode[])[] = [];
    for (const seed of seeds) {
      const rules = { ...subject, policy: make(), operator, memory, seed, ...(reuse && { reuse }) };
      searches.push((await searchOffline(rules, evaluator, steps)).nodes);
    }
    const { name: policy, options } = make();
    compared.push({
      policy,
      options,
      ...overSeeds(searches, optimumOf(space), target, checkpoints, level),
      strategies: interval(searches.map(strategies), level),
    });
  }
  return compared;
}

function overSeeds(
  searches: readonly (readonly GraphNode[])[],
  optimum: number,
  target: number,
  checkpoints: readonly number[],
  level: number,
): Omit<PolicyComparison, 'policy' | 'options' | 'strategies'> {
  const summaries = searches.map((nodes) => summarise(nodes, target));
  const median = (of: (summary: SearchSummary) => number) => medianInterval(summaries.map(of), level);
  const meeting = summaries.flatMap(({ meetsReference = [] }) => meetsReference);
  const mean = (of: (summary: SearchSummary) => number) => interval(summaries.map(of), level);
  return {
    seeds: searches.length,
    reached: summaries.filter(({ stepsToTarget }) => stepsToTarget !== undefined).length,
    stepsToTarget: median(({ stepsToTarget }) => stepsToTarget ?? Number.POSITIVE_INFINITY),
    best: median(({ best }) => best),
    bestAfter: checkpoints.map((evaluations) => {
      const bests = searches.map((nodes) => bestAfter(nodes, evaluations));
      return { evaluations, best: medianInterval(bests, level) };
    }),
    buggyRate: mean(({ buggyRate }) => buggyRate),
    meetsReference: meeting.length > 0 ? interval(meeting, level) : undefined,
    shareOfOptimum: mean(({ best }) => best / optimum),
  };
}

/** The best score that a space has. */
export function optimumOf(space: TimedSpace): number {
  return Object.values(space.cache).reduce(
    (best, entry) => Math.max(best, evaluationOf(space, entry).score),
    0,
  );
}
