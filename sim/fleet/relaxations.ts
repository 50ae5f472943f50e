import { formatBytes, formatPercent, formatTime, significant } from '../../foundation/units.ts';
import type { PlanSpec } from '../../scenarios/plan-schema.ts';
import { type BuiltAlternative, buildAlternative } from './alternative.ts';
import { limitsExceededBy } from './limits.ts';
import type { Relaxation } from './plan-result.ts';
import type { Planner } from './planner.ts';
import { slaRelaxations } from './relaxations-sla.ts';

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
    ...(await slaRelaxations(planner, built)),
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
      const { capacityBytesPerShard, shards, strategy, totalBytes } = shortage!;
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
              // Sharding what lies on one host is a larger change than sharding it further.
              ...(strategy === 'singular'
                ? {
                    constraint: 'sharding',
                    from: strategy,
                    to: `${remedy.strategy}, ${remedy.shards} shards`,
                  }
                : { constraint: 'sharding.shards', from: `${shards}`, to: `${remedy.shards}` }),
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
        case 'pruning':
          return [
            {
              ...base,
              constraint: 'pruning.share',
              from: formatBytes(totalBytes),
              to: `${formatPercent(remedy.share)}: ${formatBytes(remedy.totalBytes)}`,
              size: remedy.share,
            },
          ];
        default:
          return [
            {
              ...base,
              constraint: 'sharding.row_wise',
              from: 'whole tables',
              to: remedy.tables.length > 2 ? `${remedy.tables.length} tables` : remedy.tables.join(', '),
              size: remedy.tables.length,
            },
          ];
      }
    }),
  );
  return leastByConstraint(found);
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
      to: describe(needed, 'up'),
      alternative: alternative.name,
      effect:
        exceeded.length === 1 ? 'the plan is feasible' : `with ${others(constraint).join(', ')} raised, too`,
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

/** Halvings of the distance between a target that can be served and one that cannot, and when they are near enough. */
const targetHalvings = 7;
const nearTargets = 1.03;

/** Smaller targets to try until one can be served, as shares of what proportion says. */
const targetSteps = [1, 0.9, 0.75, 0.5, 0.25, 0.1];

/** The highest target that was found to be served, between what proportion says and the present one. */
async function highestTarget(
  planner: Planner,
  near: readonly BuiltAlternative[],
): Promise<{ name: string; targetPerS: number } | undefined> {
  const shareOf = ({ alternative }: BuiltAlternative) =>
    Math.min(...limitsExceededBy(alternative, planner.spec).map(({ needed, limit }) => limit / needed));
  const best = near.reduce((one, other) => (shareOf(other) > shareOf(one) ? other : one));
  const isServed = async (targetPerS: number) =>
    (await firstSized({ ...planner, targetPerS }, [best])) !== undefined;
  let high = planner.targetPerS!;
  for (const step of targetSteps) {
    let low = asShown(planner.targetPerS! * shareOf(best) * step);
    if (low <= 0) return undefined;
    if (!(await isServed(low))) {
      high = low;
      continue;
    }
    for (let halving = 0; halving < targetHalvings; halving++) {
      const middle = asShown((low + high) / 2);
      if (high <= low * nearTargets || middle <= low || middle >= high) break;
      if (await isServed(middle)) low = middle;
      else high = middle;
    }
    return { name: best.alternative.name, targetPerS: low };
  }
  return undefined;
}

/** A rate with as many digits as are printed: what was tried is what is said. */
function asShown(ratePerS: number): number {
  return ratePerS >= 1000 ? Math.floor(ratePerS) : Number(ratePerS.toPrecision(3));
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
