import type { Subject } from '../subject.ts';
import { breakdownBars } from './breakdown-bars.ts';
import type { Absence, Chart } from './chart.ts';
import { latencyDistribution } from './latency-distribution.ts';
import { percentileBars } from './percentile-bars.ts';
import { shardMap } from './shard-map.ts';

export function chartsOf(subject: Subject): { charts: Chart[]; absent: Absence[] } {
  const all =
    subject.kind === 'result'
      ? [
          latencyDistribution(subject.result),
          percentileBars(subject.result),
          breakdownBars(subject.result),
          shardMap(subject.result),
        ]
      : [];
  return {
    charts: all.filter((c): c is Chart => 'svg' in c),
    absent: all.filter((c): c is Absence => 'reason' in c),
  };
}
