import type { ComparedPair, Comparison } from '../../../sim/compare/comparison-result.ts';
import { timeUnit } from '../../numbers.ts';
import { comparedLines } from '../compared-lines.ts';
import { short } from '../short-numbers.ts';
import { doubtful, type Status } from '../status.ts';
import { always, never, type SubjectView } from '../subject-view.ts';
import { comparedBreakdownLines, comparedFleetLines, comparedLatencyLines } from './comparison-lines.ts';
import { comparisonOverviewLines, figureOf, pairName } from './comparison-overview.ts';

/** A comparison of two answers: its pairs of arms. */
export function comparisonView(comparison: Comparison): SubjectView {
  const { pairs, judged, a, b } = comparison;
  const latency = (pair: ComparedPair) => figureOf(pair, judged);
  const unit = timeUnit(pairs.map((pair) => latency(pair)?.a?.mean ?? 0));
  const scaled = (timeS: number | undefined) => short(timeS && timeS * unit.perS, 4);
  const sides = a.scenario === b.scenario ? a.scenario : `${a.scenario} and ${b.scenario}`;
  const unmeasured = (index: number) =>
    pairs[index].figures.length === 0 ? 'one of the arms does not fit, so nothing was simulated' : undefined;
  return {
    title: `comparison ${sides}`,
    goal: `${judged} of A and of B`,
    what: 'pair',
    size: pairs.length,
    start: 0,
    baseline: 0,
    hasLongNames: false,
    figureTitles: [`A ${unit.name}`, `B ${unit.name}`, '%'],
    key: (index) => pairName(pairs[index]),
    item: (index) => {
      const figure = latency(pairs[index]);
      return {
        name: pairName(pairs[index]),
        status: statusOf(pairs[index], judged),
        figures: [scaled(figure?.a?.mean), scaled(figure?.b?.mean), changeText(figure?.relative?.mean)],
      };
    },
    searchText: (index) => `${pairName(pairs[index])} ${statusOf(pairs[index], judged).word}`.toLowerCase(),
    sorts: [
      { title: `${judged} %`, of: (index) => latency(pairs[index])?.relative?.mean },
      { title: 'price %', of: (index) => figureOf(pairs[index], 'usdPerHour')?.relative?.mean },
      { title: 'compute %', of: (index) => figureOf(pairs[index], 'cpuS')?.relative?.mean },
      { title: 'name', of: (index) => pairName(pairs[index]) },
    ],
    tabs: {
      overview: always(({ index, width }) => comparisonOverviewLines(comparison, index, width)),
      latency: {
        missing: unmeasured,
        lines: ({ index, width }) => comparedLatencyLines(pairs[index], width),
      },
      breakdown: {
        missing: (index) =>
          pairs[index].breakdown
            ? undefined
            : (unmeasured(index) ?? 'the latencies of an overloaded arm have no breakdown to compare'),
        lines: ({ index, width }) => comparedBreakdownLines(pairs[index], width),
      },
      shards: never('a comparison keeps no shards: look at either result'),
      fleet: {
        missing: unmeasured,
        lines: ({ index, width }) => comparedFleetLines(pairs[index], comparison.confidence, width),
      },
      evidence: never('a comparison keeps no evidence: look at either result'),
      compare: {
        missing: unmeasured,
        lines: ({ index, width }) => comparedLines(pairs[index], comparison.confidence, width),
      },
    },
  };
}

function changeText(relative: number | undefined): string {
  if (relative === undefined) return '–';
  return `${relative < 0 ? '−' : '+'}${short(Math.abs(relative * 100))}`;
}

function statusOf(pair: ComparedPair, judged: Comparison['judged']): Status {
  const { difference, significant } = figureOf(pair, judged) ?? {};
  if (pair.meaningless !== undefined || !difference) return doubtful('MEANINGLESS');
  if (significant === undefined) return doubtful('NO INTERVAL');
  if (!significant) return { sign: '=', word: 'LEVEL', tone: 'faint' };
  return difference.mean < 0
    ? { sign: '↓', word: 'B IS FASTER', tone: 'good' }
    : { sign: '↑', word: 'B IS SLOWER', tone: 'bad' };
}
