import type { ArmDeployment } from '../../scenarios/deployment.ts';
import type { BuiltAlternative } from './alternative.ts';
import { simulateFleets } from './fleet-simulation.ts';
import type { PlanResult } from './plan-result.ts';
import type { Planner } from './planner.ts';
import { countOf, type Hosts } from './slice.ts';
import { tierOf } from './tier-of.ts';

type Point = PlanResult['frontier'][number];

/** Hosts over those of the smallest fleet, for alternatives that are efficient at their smallest. */
const oversizes = [1.25, 1.5];

/** Replications of a fleet larger than need be. */
const replications = 4;

/**
 * Money, latency and power of every sized alternative, and of somewhat larger fleets of those that nothing beats: more
 * hosts buy latency. Sorted by money.
 */
export async function frontier(planner: Planner, built: readonly BuiltAlternative[]): Promise<Point[]> {
  const smallest = markEfficient(built.flatMap((one) => pointOf(planner, one)));
  const efficient = built.filter(({ arm }) =>
    smallest.some(({ alternative, isEfficient }) => alternative === arm.name && isEfficient),
  );
  const larger = await Promise.all(
    efficient.flatMap((one) => largerFleets(one).map((hosts) => oversized(planner, one, hosts))),
  );
  return markEfficient([...smallest, ...larger]).sort((a, b) => a.usdPerHour - b.usdPerHour);
}

function pointOf({ sla }: Planner, { alternative }: BuiltAlternative): Omit<Point, 'isEfficient'>[] {
  const { state, money, power, states, name } = alternative;
  if (state !== 'SIZED') return [];
  return [
    {
      alternative: name,
      oversize: 1,
      usdPerHour: money!.usdPerHour,
      latencyS: states[0].latencyS[sla.percentile],
      watts: power!.watts,
    },
  ];
}

/** A fleet times each factor; small fleets come to the same hosts more than once. */
function largerFleets({ total }: BuiltAlternative): Hosts[] {
  const fleets = oversizes.map((factor) =>
    [...total!].map(([group, count]): [string, number] => [group, Math.ceil(count * factor - 1e-9)]),
  );
  return [...new Map(fleets.map((hosts) => [hosts.join(), new Map(hosts)])).values()];
}

async function oversized(
  planner: Planner,
  { alternative, plan, capacity, total }: BuiltAlternative,
  hosts: Hosts,
): Promise<Omit<Point, 'isEfficient'>> {
  const { regions, tiers } = alternative.fleet!;
  const [answer] = await simulateFleets(
    planner,
    [
      {
        state: 'larger',
        plan: plan!,
        hosts,
        ratePerS: planner.targetPerS! / regions,
        unloadedS: capacity!.unloadedS,
      },
    ],
    Math.min(replications, planner.scenario.settings.replications),
  );
  const { usdPerHour } = alternative.money!;
  const before = tiers.reduce((sum, { total: count }) => sum + count, 0);
  const after = countOf(hosts) * regions;
  return {
    alternative: alternative.name,
    oversize: after / before,
    usdPerHour: usdPerHour + priceOfMore(plan!.arm, total!, hosts) * regions,
    latencyS: answer.state.latencyS[planner.sla.percentile],
    watts: answer.powerW * regions,
  };
}

function priceOfMore(arm: ArmDeployment, before: Hosts, after: Hosts): number {
  return [...after].reduce((sum, [group, count]) => {
    const { host } = tierOf(arm, group);
    return sum + (count - before.get(group)!) * host.pricePerHourUsd.value;
  }, 0);
}

/** Marks the points that no other one beats: at least as good in money, latency and power, and better in one. */
export function markEfficient(points: readonly Omit<Point, 'isEfficient'>[]): Point[] {
  const valuesOf = ({ usdPerHour, latencyS, watts }: Omit<Point, 'isEfficient'>) => [
    usdPerHour,
    latencyS.mean,
    watts,
  ];
  return points.map((point) => {
    const own = valuesOf(point);
    const isBeaten = points.some((other) => {
      const values = valuesOf(other);
      return values.every((value, i) => value <= own[i]) && values.some((value, i) => value < own[i]);
    });
    return { ...point, isEfficient: !isBeaten };
  });
}
