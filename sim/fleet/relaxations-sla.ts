import { formatTime, hostsInWords, roundedUp, significant } from '../../foundation/units.ts';
import { type Percentile, percentiles } from '../serving/replication.ts';
import { type BuiltAlternative, buildAlternative } from './alternative.ts';
import { limitsExceededBy } from './limits.ts';
import type { Relaxation } from './plan-result.ts';
import type { Planner } from './planner.ts';

/** Slower limits to try, relative to the nearest that could do. */
const slower = [1, 1.02, 1.05, 1.1, 1.2, 1.5, 2, 3, 5];

/** Alternatives to try them with, the nearest first. */
const mostAlternatives = 3;

/** The tightest limit and the highest percentile with which an alternative meets the SLA that none meets now. */
export async function slaRelaxations(
  planner: Planner,
  built: readonly BuiltAlternative[],
): Promise<Relaxation[]> {
  const { sla } = planner;
  const near = built
    .filter(({ alternative, tooSlowToLoadS }) => alternative.state === 'MISSES SLA' && !tooSlowToLoadS)
    .map((one) => ({ one, leastS: Math.max(sla.limitS, one.capacity!.unloadedS) }))
    .sort((a, b) => a.leastS - b.leastS)
    .slice(0, mostAlternatives);
  const limits = near
    .flatMap(({ one, leastS }) => slower.map((factor) => ({ one, limitS: shownUp(leastS * factor) })))
    .filter(({ limitS }) => limitS > sla.limitS)
    .sort((a, b) => a.limitS - b.limitS);
  const lower = (Object.keys(percentiles) as Percentile[])
    .filter((name) => percentiles[name] < percentiles[sla.percentile])
    .reverse();
  const found = [
    await first(limits, async ({ one, limitS }) =>
      relaxed(planner, one, { ...sla, limitS }, 'sla.latency', formatTime(sla.limitS), formatTime(limitS)),
    ),
    await first(
      lower.flatMap((percentile) => near.map(({ one }) => ({ one, percentile }))),
      async ({ one, percentile }) =>
        relaxed(planner, one, { ...sla, percentile }, 'sla.percentile', sla.percentile, percentile),
    ),
  ];
  return found.filter((one) => one !== undefined);
}

/** What changing the SLA makes of an alternative; undefined where it still misses it. */
async function relaxed(
  planner: Planner,
  { arm }: BuiltAlternative,
  sla: Planner['sla'],
  constraint: string,
  from: string,
  to: string,
): Promise<Relaxation | undefined> {
  const file = planner.scenario.placementFiles.get(arm.name);
  const { alternative } = await buildAlternative({ ...planner, sla }, arm, file);
  const { state, capacity, fleet } = alternative;
  const base = { constraint, from, to, alternative: alternative.name };
  if (state === 'REPLICA SET') {
    return { ...base, effect: `${significant(capacity!.ratePerS.mean)} requests/s per replica set` };
  }
  if (state === 'SIZED')
    return {
      ...base,
      effect: `the plan is feasible: ${hostsInWords(fleet!.hosts)}`,
    };
  if (state !== 'EXCEEDS LIMITS') return undefined;
  const others = limitsExceededBy(alternative, planner.spec).map((one) => one.constraint);
  return { ...base, effect: `with ${others.join(', ')} raised, too` };
}

/** A time that is not shorter as it is printed (s). */
function shownUp(timeS: number): number {
  const unit = timeS < 1e-6 ? 1e-9 : timeS < 1e-3 ? 1e-6 : timeS < 1 ? 1e-3 : 1;
  return roundedUp(timeS / unit) * unit;
}

async function first<T, R>(
  values: readonly T[],
  attempt: (value: T) => Promise<R | undefined>,
): Promise<R | undefined> {
  for (const value of values) {
    const result = await attempt(value);
    if (result !== undefined) return result;
  }
  return undefined;
}
