import { formatBytes, formatTime, significant } from '../../foundation/units.ts';
import type { PlanSpec } from '../../scenarios/plan-schema.ts';
import { type Percentile, percentiles } from '../serving/replication.ts';
import { type BuiltAlternative, buildAlternative } from './alternative.ts';
import { measureCapacity } from './capacity.ts';
import { limitsExceededBy } from './limits.ts';
import type { Relaxation } from './plan-result.ts';
import type { Planner } from './planner.ts';

/**
 * Of a plan that no alternative meets: the least change of each constraint, alone, that makes one meet it. Each was
 * tried by planning or simulating with it.
 */
export async function relaxations(
  planner: Planner,
  built: readonly BuiltAlternative[],
): Promise<Relaxation[]> {
  return [
    ...memory(built),
    ...(await latency(planner, built)),
    ...refresh(planner, built),
    ...limits(planner, built),
    ...(await lesserDemands(planner, built)),
  ];
}

/** For each way to make tables fit that was found to work, the alternative that needs least of it. */
function memory(built: readonly BuiltAlternative[]): Relaxation[] {
  const found = built.flatMap(({ alternative, shortage }) =>
    (shortage?.remedies ?? []).flatMap((remedy): (Relaxation & { size: number })[] => {
      const base = { alternative: alternative.name, effect: 'the tables fit' };
      const { capacityBytesPerShard, shards, totalBytes } = shortage!;
      switch (remedy.kind) {
        case 'bigger-host':
          return [
            {
              ...base,
              constraint: 'memory of a host for tables',
              from: formatBytes(capacityBytesPerShard),
              to: formatBytes(remedy.capacityBytesPerShard),
              size: remedy.capacityBytesPerShard,
            },
          ];
        case 'more-shards':
          return [
            {
              ...base,
              constraint: 'sharding.shards',
              from: `${shards}`,
              to: `${remedy.shards}`,
              size: remedy.shards,
            },
          ];
        case 'int8':
        case 'int4':
          return [
            {
              ...base,
              constraint: 'table_data_type',
              from: formatBytes(totalBytes),
              to: `${remedy.kind}: ${formatBytes(remedy.totalBytes)}`,
              size: -remedy.totalBytes,
            },
          ];
        default:
          return [];
      }
    }),
  );
  return leastByConstraint(found);
}

/** The tightest limit that is met at next to no load, and the highest percentile that meets the present one. */
async function latency(planner: Planner, built: readonly BuiltAlternative[]): Promise<Relaxation[]> {
  const { sla } = planner;
  const slow = built.filter(({ capacity }) => capacity?.limitedBy === 'unloaded-latency');
  if (slow.length === 0) return [];
  const fastest = slow.reduce((best, one) =>
    one.capacity!.unloadedS < best.capacity!.unloadedS ? one : best,
  );
  const { curve, unloadedS } = fastest.capacity!;
  const half = curve[Math.floor((curve.length - 1) / 2)];
  const found: Relaxation[] = [
    {
      constraint: 'sla.latency',
      from: formatTime(sla.limitS),
      to: formatTime(unloadedS),
      alternative: fastest.alternative.name,
      effect: `${sla.percentile} of lone requests; ${formatTime(half.latencyS)} at ${significant(half.ratePerS)} requests/s per replica set`,
    },
  ];
  const lower = (Object.keys(percentiles) as Percentile[])
    .filter((name) => percentiles[name] < percentiles[sla.percentile])
    .reverse();
  for (const percentile of lower) {
    const { ratePerS } = await measureCapacity({ ...planner, sla: { ...sla, percentile } }, fastest.plan!);
    if (ratePerS.mean === 0) continue;
    found.push({
      constraint: 'sla.percentile',
      from: sla.percentile,
      to: percentile,
      alternative: fastest.alternative.name,
      effect: `${significant(ratePerS.mean)} requests/s per replica set`,
    });
    break;
  }
  return found;
}

/** Faster loading, or rarer snapshots; a tenth more than the least, since hosts come whole. */
function refresh({ spec }: Planner, built: readonly BuiltAlternative[]): Relaxation[] {
  const slow = built.filter(({ tooSlowToLoadS }) => tooSlowToLoadS !== undefined);
  if (slow.length === 0 || !spec.refresh) return [];
  const { every, load_bandwidth: bytesPerS } = spec.refresh;
  const fastest = slow.reduce((best, one) => (one.tooSlowToLoadS! < best.tooSlowToLoadS! ? one : best));
  const factor = (1.1 * fastest.tooSlowToLoadS!) / every;
  const base = { alternative: fastest.alternative.name, effect: 'snapshots load in time' };
  return [
    {
      ...base,
      constraint: 'plan.refresh.load_bandwidth',
      from: `${formatBytes(bytesPerS)}/s`,
      to: `${formatBytes(bytesPerS * factor)}/s`,
    },
    { ...base, constraint: 'plan.refresh.every', from: formatTime(every), to: formatTime(every * factor) },
  ];
}

/** Each limit or stock that is passed, raised to what the best alternative needs; only one may stand in the way. */
function limits({ spec }: Planner, built: readonly BuiltAlternative[]): Relaxation[] {
  const found = built.flatMap(({ alternative }) => {
    const exceeded = alternative.state === 'EXCEEDS LIMITS' ? limitsExceededBy(alternative, spec) : [];
    const others = (constraint: string) =>
      exceeded
        .filter((one) => one.constraint !== constraint)
        .map((one) => one.constraint.replace(/^plan\./, ''));
    return exceeded.map(({ constraint, needed, limit, describe }) => ({
      constraint,
      from: describe(limit),
      to: describe(needed),
      alternative: alternative.name,
      effect:
        exceeded.length === 1
          ? 'the plan is feasible'
          : `with ${others(constraint).join(' and ')} raised, too`,
      size: exceeded.length * 1e12 + needed,
    }));
  });
  return leastByConstraint(found);
}

/** Changes of what is asked of the fleet, each planned anew. */
async function lesserDemands(planner: Planner, built: readonly BuiltAlternative[]): Promise<Relaxation[]> {
  const near = built.filter(({ alternative }) => alternative.state === 'EXCEEDS LIMITS');
  if (near.length === 0) return [];
  const { spec, targetPerS = 0 } = planner;
  const asks: { constraint: string; from: string; to: string; changed: Partial<PlanSpec> }[] = [
    {
      constraint: 'plan.headroom',
      from: `${significant(spec.headroom * 100)} %`,
      to: '0 %',
      changed: { headroom: 0 },
    },
    { constraint: 'plan.spares', from: `${spec.spares}`, to: '0', changed: { spares: 0 } },
    { constraint: 'plan.survive', from: spec.survive, to: 'nothing', changed: { survive: 'nothing' } },
  ];
  const changing = asks.filter(({ from, to }) => from !== to);
  const found: Relaxation[] = [];
  for (const { changed, ...ask } of changing) {
    const works = await firstSized({ ...planner, spec: { ...spec, ...changed } }, near);
    if (works) found.push({ ...ask, alternative: works, effect: 'the plan is feasible' });
  }
  const lower = await highestTarget(planner, near);
  if (lower) {
    found.push({
      constraint: 'plan.target',
      from: `${significant(targetPerS)} requests/s`,
      to: `${significant(lower.targetPerS)} requests/s`,
      alternative: lower.name,
      effect: 'the plan is feasible',
    });
  }
  return found;
}

async function firstSized(planner: Planner, near: readonly BuiltAlternative[]): Promise<string | undefined> {
  for (const { arm } of near) {
    const { alternative } = await buildAlternative(
      planner,
      arm,
      planner.scenario.placementFiles.get(arm.name),
    );
    if (alternative.state === 'SIZED') return alternative.name;
  }
  return undefined;
}

/** Trials with smaller targets, from what proportion says, downwards. */
const targetSteps = [1, 0.95, 0.9, 0.8, 0.65, 0.5];

async function highestTarget(
  planner: Planner,
  near: readonly BuiltAlternative[],
): Promise<{ name: string; targetPerS: number } | undefined> {
  const shareOf = ({ alternative }: BuiltAlternative) =>
    Math.min(...limitsExceededBy(alternative, planner.spec).map(({ needed, limit }) => limit / needed));
  const best = near.reduce((one, other) => (shareOf(other) > shareOf(one) ? other : one));
  for (const step of targetSteps) {
    const targetPerS = planner.targetPerS! * shareOf(best) * step;
    if (targetPerS <= 0) return undefined;
    const name = await firstSized({ ...planner, targetPerS }, [best]);
    if (name) return { name, targetPerS };
  }
  return undefined;
}

/** The smallest of each constraint. */
function leastByConstraint(found: readonly (Relaxation & { size: number })[]): Relaxation[] {
  const least = new Map<string, Relaxation & { size: number }>();
  for (const one of found) {
    const known = least.get(one.constraint);
    if (!known || one.size < known.size) least.set(one.constraint, one);
  }
  return [...least.values()].map(({ size: _, ...relaxation }) => relaxation);
}
