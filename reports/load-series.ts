import { parseQuantity } from '../foundation/units.ts';
import type { PlanResult } from '../sim/fleet/plan-result.ts';
import type { Interval, Percentile, Result } from '../sim/result.ts';
import type { FieldValue, PointResult, RowState, SweepResult } from '../sim/sweep-result.ts';

/** A percentile at one offered load. */
export interface LoadPoint {
  /** Requests per second of an open load. */
  offeredPerS: number;
  latencyS: Pick<Interval, 'mean' | 'low' | 'high'>;
  /**
   * A latency that is SATURATED grows with the length of the run: it says that the load is too much, not by how much.
   * Absent from points of a plan, which holds none of those.
   */
  verdict?: RowState;
  /** The arm of a result, the number of a sweep's point, or the alternative of a plan. */
  source: string | number;
}

/** A percentile over the offered load, where nothing but the load differs. */
export interface LoadSeries {
  name: string;
  percentile: Percentile;
  /** In order of the load, two or more. */
  points: LoadPoint[];
  knee?: LoadPoint;
}

/** Points from which on a knee is told. */
const leastPoints = 4;

/** How many times the latency at the lowest load counts as past the knee. */
const kneeRatio = 2;

/**
 * Where latency begins to climb: the largest load up to which, from the lowest on, every point has at most twice the
 * latency of the lowest. The true knee lies between it and the next point. Undefined for fewer than four points, for
 * a lowest load that is SATURATED already, and where latency never climbs so far: the knee is beyond the series then.
 * @param points in order of the load
 */
export function kneeOf(points: readonly LoadPoint[]): LoadPoint | undefined {
  const [lowest] = points;
  if (points.length < leastPoints || lowest.verdict === 'SATURATED') return undefined;
  const past = points.findIndex(
    ({ latencyS, verdict }) => verdict === 'SATURATED' || latencyS.mean > kneeRatio * lowest.latencyS.mean,
  );
  return past > 0 ? points[past - 1] : undefined;
}

/**
 * The arms of a result that differ in nothing but how many requests come per second, as series; arms without such a
 * partner are in none.
 */
export function seriesOfResult(
  { arms, scenario }: Result,
  percentile: Percentile = scenario.sla?.percentile ?? 'p99',
): LoadSeries[] {
  const asked = new Map(scenario.arms.map((arm) => [(arm as { name?: unknown }).name, arm]));
  const found = arms.flatMap(({ name, offeredPerS, measured, verdict }) => {
    const arm = asked.get(name);
    if (!arm || !measured || !offeredPerS) return [];
    const { mean, low, high } = measured.latencyS[percentile];
    const latencyS = { mean, ...(low !== undefined && { low }), ...(high !== undefined && { high }) };
    const point: LoadPoint = { offeredPerS, latencyS, verdict: verdict.state, source: name };
    return [{ key: keyWithoutLoad(arm, offeredPerS), point }];
  });
  return seriesFrom(found, percentile, (points) => commonName(points.map(({ source }) => String(source))));
}

/** The points of a sweep over a rate that differ in nothing else, arm by arm, as series. */
export function seriesOfSweep(
  { fields, points, judged }: SweepResult,
  percentile: Percentile = judged,
): LoadSeries[] {
  const rate = fields.findIndex(({ field }) => rateFields.includes(field));
  if (rate < 0) return [];
  const nameOf = (arm: string, values: readonly FieldValue[]) =>
    [
      arm,
      ...fields.flatMap(({ field }, index) => (index === rate ? [] : [`${field} ${values[index]}`])),
    ].join(', ');
  const found = points.flatMap(({ index, values, rows }: PointResult) =>
    rows.flatMap(({ arm, latencyS, verdict }) => {
      const offeredPerS = rateOf(values[rate]);
      if (!latencyS || offeredPerS === undefined) return [];
      const point: LoadPoint = { offeredPerS, latencyS: latencyS[percentile], verdict, source: index };
      return [{ key: nameOf(arm, values), point }];
    }),
  );
  return seriesFrom(found, percentile, (_, key) => key);
}

/** The judged percentile over the load of one replica set, for each alternative of a plan that was sized. */
export function seriesOfPlan({ alternatives, scenario }: PlanResult): LoadSeries[] {
  const found = alternatives.flatMap(({ name, capacity }) =>
    (capacity?.curve ?? []).map(({ ratePerS, latencyS }) => ({
      key: name,
      point: { offeredPerS: ratePerS, latencyS: { mean: latencyS }, source: name },
    })),
  );
  return seriesFrom(found, scenario.sla?.percentile ?? 'p99', (_, key) => key);
}

/** Fields that say how many requests come per second. */
const rateFields: readonly string[] = ['load.arrivals.rate', 'load.arrivals.mean_rate'];

function seriesFrom(
  found: readonly { key: string; point: LoadPoint }[],
  percentile: Percentile,
  nameOf: (points: readonly LoadPoint[], key: string) => string,
): LoadSeries[] {
  const groups = new Map<string, LoadPoint[]>();
  for (const { key, point } of found) groups.set(key, [...(groups.get(key) ?? []), point]);
  return [...groups].flatMap(([key, group]) => {
    const points = group.sort((a, b) => a.offeredPerS - b.offeredPerS);
    if (points[0].offeredPerS === points[points.length - 1].offeredPerS) return [];
    const knee = kneeOf(points);
    return [{ name: nameOf(points, key), percentile, points, ...(knee && { knee }) }];
  });
}

/** All that an arm was asked but its name, with rates over that of its load: the same for the same load at another rate. */
function keyWithoutLoad(arm: unknown, offeredPerS: number): string {
  const { name: _, load, ...rest } = arm as { name: unknown; load?: { arrivals?: unknown } };
  const overLoad = (key: string, value: unknown) =>
    /^(rate|mean_rate|rate_scale)$/.test(key) && typeof value === 'number'
      ? (value / offeredPerS).toPrecision(9)
      : value;
  const arrivals = JSON.stringify(load?.arrivals ?? null, overLoad);
  return JSON.stringify([rest, { ...load, arrivals }]);
}

/** What the names of several arms have in common, without the unit of the rate in which they differ. */
function commonName(names: readonly string[]): string {
  const words = names.map((name) => name.split(' '));
  const common = words[0].filter(
    (word) => words.every((others) => others.includes(word)) && rateOf(`1 ${word}`) === undefined,
  );
  return common.length > 0 ? common.join(' ') : `${names[0]} – ${names[names.length - 1]}`;
}

/** Requests per second, as a scenario writes them; undefined for what is no rate. */
function rateOf(value: FieldValue): number | undefined {
  if (typeof value !== 'string') return typeof value === 'number' ? value : undefined;
  try {
    return parseQuantity(value, 'rate');
  } catch {
    return undefined;
  }
}
