import type { PlanResult } from '../../sim/fleet/plan-result.ts';
import type { Result } from '../../sim/result.ts';
import type { SweepResult } from '../../sim/sweep-result.ts';
import { type LoadSeries, seriesOfPlan, seriesOfResult, seriesOfSweep } from '../load-series.ts';
import { intervalsInWords, judgedOf } from './arms.ts';
import type { Absence, Chart } from './chart.ts';
import { type LoadLine, loadCurve } from './load-curve.ts';
import { rate, withInterval } from './quantity.ts';
import { drawnRows } from './rows.ts';

const mostLines = 200;

/** Series that are brought out where there are too many to tell apart. */
const mostEmphasised = 3;

const knees =
  'Vertical lines stand at the knee of a series: the largest load up to which latency is at most twice that of its ' +
  'lowest. What is SATURATED ends at the top.';

/** Arms of a result that differ in their load only. */
export function loadOfResult(result: Result): Chart | Absence {
  const percentile = judgedOf(result);
  const { shown, omitted } = drawnRows(seriesOfResult(result).map(withKnee), mostLines, 'series');
  const limitS = result.scenario.sla?.limitS;
  return loadCurve({
    lines: shown,
    percentile,
    limitS,
    emphasised: bearingMost(shown, limitS),
    note: `The ${percentile} of arms that differ in nothing but their load; ${intervalsInWords(result)}. ${knees}${omitted}`,
    otherwise:
      'no two arms differ in nothing but their load: vary load.arrivals.rate, or let rankfleet plan find what a fleet bears',
  });
}

/** Points of a sweep over a rate that differ in nothing else. */
export function loadOfSweep(sweep: SweepResult): Chart | Absence {
  const { judged, sla } = sweep;
  const { shown, omitted } = drawnRows(seriesOfSweep(sweep).map(withKnee), mostLines, 'series');
  const limitS = sla?.percentile === judged ? sla.limitS : undefined;
  return loadCurve({
    lines: shown,
    percentile: judged,
    limitS,
    emphasised: bearingMost(shown, limitS),
    note: `The ${judged} of points that differ in nothing but their load. ${knees}${omitted}`,
    otherwise: 'no two points differ in nothing but their load: sweep load.arrivals.rate on a grid',
  });
}

/** What one replica set of each alternative of a plan bears. */
export function loadOfPlan(plan: PlanResult): Chart | Absence {
  const { alternatives, scenario, best } = plan;
  const series = seriesOfPlan(plan);
  const percentile = scenario.sla?.percentile ?? 'p99';
  const lines = series.map((one): LoadLine => {
    const capacity = alternatives.find(({ name }) => name === one.name)?.capacity;
    return capacity
      ? {
          ...one,
          bears: { perS: capacity.ratePerS, words: `bears ${withInterval(capacity.ratePerS, rate)}` },
        }
      : one;
  });
  return loadCurve({
    lines,
    percentile,
    limitS: scenario.sla?.limitS,
    emphasised: [best, series[0]?.name],
    note:
      `The ${percentile} of one replica set (one main host and one of each other role) as its load grows. Vertical ` +
      'lines stand where a set bears no more, by its latency or by the use that the plan allows.',
    otherwise: 'the plan measured no alternative at several loads',
  });
}

function withKnee(series: LoadSeries): LoadLine {
  const { knee } = series;
  if (!knee) return series;
  const words = `knee at ${rate.format(knee.offeredPerS)}`;
  return { ...series, bears: { perS: { mean: knee.offeredPerS }, words } };
}

/** Names of the series with the highest loads within the limit, or without saturation where there is none. */
function bearingMost(lines: readonly LoadLine[], limitS = Number.POSITIVE_INFINITY): string[] {
  const borne = ({ points }: LoadLine) =>
    points.reduce(
      (most, { offeredPerS, latencyS, verdict }) =>
        verdict !== 'SATURATED' && latencyS.mean <= limitS ? Math.max(most, offeredPerS) : most,
      0,
    );
  return [...lines]
    .sort((a, b) => borne(b) - borne(a))
    .slice(0, mostEmphasised)
    .map(({ name }) => name);
}
