import type { Comparison } from '../../sim/compare/comparison-result.ts';
import type { Subject } from '../subject.ts';
import { breakdownBars } from './breakdown-bars.ts';
import { cacheCurve } from './cache-curve.ts';
import type { Absence, Chart } from './chart.ts';
import { comparedFigures } from './compared-figures.ts';
import { comparedAttribution, comparedBreakdown } from './compared-parts.ts';
import { dayTimeline } from './day-timeline.ts';
import { evidenceOfArms, evidenceOfPlan } from './evidence-bars.ts';
import { fleetsOfArms, fleetsOfPlan } from './fleet-bars.ts';
import { growthTimeline } from './growth-timeline.ts';
import { latencyDistribution } from './latency-distribution.ts';
import { loadOfPlan } from './load-curve.ts';
import { mixBars } from './mix-bars.ts';
import { percentileBars } from './percentile-bars.ts';
import { priceOfArms, priceOfFleets } from './price-of-latency.ts';
import { shardMap } from './shard-map.ts';
import { sweepScatter } from './sweep-scatter.ts';
import { tornado } from './tornado.ts';

export function chartsOf(subject: Subject): { charts: Chart[]; absent: Absence[] } {
  const all = allOf(subject);
  return {
    charts: all.filter((one) => 'svg' in one),
    absent: all.filter((one) => 'reason' in one),
  };
}

function allOf(subject: Subject): (Chart | Absence)[] {
  switch (subject.kind) {
    case 'result':
      return [
        percentileBars,
        latencyDistribution,
        breakdownBars,
        priceOfArms,
        fleetsOfArms,
        shardMap,
        cacheCurve,
        evidenceOfArms,
      ].map((draw) => draw(subject.result));
    case 'plan':
      return [
        fleetsOfPlan,
        loadOfPlan,
        priceOfFleets,
        tornado,
        growthTimeline,
        dayTimeline,
        mixBars,
        evidenceOfPlan,
      ].map((draw) => draw(subject.plan));
    case 'sweep':
      return [sweepScatter(subject.sweep)];
    case 'comparison':
      return pairsOf(subject.comparison);
  }
}

/** Pairs of arms that are drawn. */
const mostPairs = 8;

function pairsOf(comparison: Comparison): (Chart | Absence)[] {
  const { pairs } = comparison;
  const drawn = pairs.slice(0, mostPairs).flatMap((pair, index) => {
    const suffix = pairs.length === 1 ? '' : `-${index + 1}`;
    return [
      comparedFigures(pair, comparison, `differences${suffix}`),
      comparedBreakdown(pair, comparison, `breakdown-differences${suffix}`),
      comparedAttribution(pair, comparison, `attribution${suffix}`),
    ];
  });
  const rest = pairs.slice(mostPairs).map(
    ({ a, b }): Absence => ({
      title: `Differences: ${a.name === b.name ? b.name : `${b.name} against ${a.name}`}`,
      reason: `the first ${mostPairs} pairs are drawn; rankfleet compare with --arm-a and --arm-b draws any other`,
    }),
  );
  return [...drawn, ...rest];
}
