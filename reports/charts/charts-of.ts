import type { Comparison } from '../../sim/compare/comparison-result.ts';
import type { PlanResult } from '../../sim/fleet/plan-result.ts';
import type { Subject } from '../subject.ts';
import { breakdownBars } from './breakdown-bars.ts';
import { cacheCurve } from './cache-curve.ts';
import type { Absence, Chart } from './chart.ts';
import { comparedFigures, sidesOf } from './compared-figures.ts';
import { comparedAttribution, comparedBreakdown } from './compared-parts.ts';
import { dayTimeline } from './day-timeline.ts';
import { comparedArms } from './distillation/compared-arms.ts';
import { freshness } from './distillation/freshness.ts';
import { gainAndPrice } from './distillation/gain-and-price.ts';
import { gainParts } from './distillation/gain-parts.ts';
import { gainSwings } from './distillation/gain-swings.ts';
import { labelDay } from './distillation/label-day.ts';
import { stepBars } from './distillation/step-bars.ts';
import { systemCosts } from './distillation/system-costs.ts';
import { elsewhere } from './elsewhere.ts';
import { evidenceOfArms, evidenceOfDistillation, evidenceOfPlan } from './evidence-bars.ts';
import { fleetsOfArms, fleetsOfPlan } from './fleet-bars.ts';
import { growthTimeline } from './growth-timeline.ts';
import { latencyDistribution } from './latency-distribution.ts';
import { loadOfPlan, loadOfResult, loadOfSweep } from './load-lines.ts';
import { mixBars } from './mix-bars.ts';
import { percentileBars } from './percentile-bars.ts';
import { priceOfArms, priceOfFleets } from './price-of-latency.ts';
import { rooflines } from './roofline.ts';
import { shardMap } from './shard-map.ts';
import { sweepScatter } from './sweep-scatter.ts';
import { titles } from './titles.ts';
import { tornado } from './tornado.ts';

const ofResult = [
  percentileBars,
  latencyDistribution,
  breakdownBars,
  loadOfResult,
  priceOfArms,
  fleetsOfArms,
  shardMap,
  rooflines,
  cacheCurve,
  evidenceOfArms,
];

const ofDistillation = [
  gainAndPrice,
  gainParts,
  gainSwings,
  systemCosts,
  freshness,
  labelDay,
  stepBars,
  evidenceOfDistillation,
];

/** A mix of workloads answers another question than the plan of one. */
const ofMix = [mixBars, growthTimeline, dayTimeline];
const ofPlan = [
  fleetsOfPlan,
  loadOfPlan,
  priceOfFleets,
  tornado,
  growthTimeline,
  dayTimeline,
  mixBars,
  evidenceOfPlan,
];

/**
 * Every chart that an answer has the data for, in the order in which they are read, and of the others what would give
 * them.
 */
export function chartsOf(subject: Subject): { charts: Chart[]; absent: Absence[] } {
  const drawn = drawnOf(subject);
  return {
    charts: drawn.filter((one) => 'svg' in one),
    absent: [...drawn.filter((one) => 'reason' in one), ...elsewhere(subject.kind)],
  };
}

function drawnOf(subject: Subject): (Chart | Absence)[] {
  switch (subject.kind) {
    case 'result':
      return ofResult.map((draw) => draw(subject.result));
    case 'plan':
      return planned(subject.plan);
    case 'sweep':
      return [sweepScatter(subject.sweep), loadOfSweep(subject.sweep)];
    case 'comparison':
      return compared(subject.comparison);
    case 'distillation':
      return ofDistillation.map((draw) => draw(subject.distillation));
    case 'distillation-plan':
      return [];
    case 'distillation-comparison':
      return comparedArms(subject.distillationComparison);
  }
}

function planned(plan: PlanResult): (Chart | Absence)[] {
  if (!plan.mix) return ofPlan.map((draw) => draw(plan));
  const reason = 'a mix of workloads has none: rankfleet plan of one of them alone makes one';
  const others = [titles.fleets, titles.load, titles.price, titles.sensitivity, titles.evidence];
  return [...ofMix.map((draw) => draw(plan)), ...others.map((title) => ({ title, reason }))];
}

/** Pairs of arms that are drawn. */
const mostPairs = 8;

function compared(comparison: Comparison): (Chart | Absence)[] {
  const { pairs } = comparison;
  const drawn = pairs.slice(0, mostPairs).flatMap((pair, index) => {
    const suffix = pairs.length === 1 ? '' : `-${index + 1}`;
    return [
      comparedFigures(pair, comparison, `differences${suffix}`),
      comparedBreakdown(pair, comparison, `breakdown-differences${suffix}`),
      comparedAttribution(pair, comparison, `attribution${suffix}`),
    ];
  });
  const reason = `the first ${mostPairs} pairs are drawn: rankfleet compare with --arm-a and --arm-b draws any other`;
  const rest = pairs.slice(mostPairs).map((pair) => ({ title: `Differences: ${sidesOf(pair)}`, reason }));
  return [...drawn, ...rest];
}
