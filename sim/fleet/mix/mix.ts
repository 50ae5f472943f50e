import type { ResolvedWorkload } from '../../../scenarios/deployment.ts';
import type { Interval } from '../../statistics/interval.ts';
import type { FleetState } from '../plan-result.ts';
import type { Oversize } from './build.ts';
import { comparisonsOf } from './compare.ts';
import { fleetValue, hostsByType, type MixInstance, type MixPair, totalsOf, unitsFor } from './instance.ts';
import type { MixResult } from './mix-result.ts';
import { type MixPlanner, type MixPoint, operatingPoints } from './points.ts';
import { mixRelaxations } from './relaxations.ts';
import { instanceOf, type PossiblePair, type ProvenMix, possiblePairs, searchMix } from './search.ts';
import { type MixSolution, solveMix } from './solve.ts';

/**
 * Which of several models runs on which hosts of a finite stock at the least cost: every pair is simulated, the mix is
 * chosen by branch and bound, and what was chosen is simulated again at its rates.
 * @throws InputError, located, where the sharding of a workload makes no sense
 */
export async function planMix(planner: MixPlanner): Promise<MixResult> {
  const { scenario, spec } = planner;
  const workloads = scenario.workloads ?? [];
  const points = await operatingPoints(planner, workloads);
  const mix = await searchMix(planner, workloads, points);
  const { pairs, instance, solution, proofs, rounds } = mix;
  const lower = solution && (await atLowerEnds(planner, workloads, mix));
  const isProven = solution?.fleet.every(({ ratePerS }, index) => ratePerS === 0 || proofs[index]!.holds);
  return {
    state: solution ? (isProven ? 'SOLVED' : 'UNPROVEN') : 'INFEASIBLE',
    objective: spec.objective,
    headroom: spec.headroom,
    spares: spec.spares,
    survive: spec.survive,
    workloads: workloads.map(describeWorkload),
    pairs: points.map((point) => describePair(point, workloads, pairs)),
    ...(solution && {
      solution: { ...describeSolution(instance, solution, rounds), ...(lower && { atLowerEnds: lower }) },
    }),
    shares: solution ? sharesOf(mix, solution, workloads) : [],
    stock: await stockOf(instance, solution),
    comparisons: comparisonsOf(instance, pairs, workloads),
    relaxations: solution ? [] : await mixRelaxations(planner, workloads, points, instance),
  };
}

function describeWorkload({
  name,
  targetPerS,
  sla,
  pairs,
}: ResolvedWorkload): MixResult['workloads'][number] {
  const model = pairs.find(({ arm }) => arm)?.arm?.model.name ?? '';
  return { name, model, targetPerS, sla };
}

function describePair(
  point: MixPoint,
  workloads: readonly ResolvedWorkload[],
  pairs: readonly PossiblePair[],
): MixResult['pairs'][number] {
  const { workload, alternative, arm, plan, capacity, isPossible, reason } = point;
  const pair = pairs.find((one) => one.point === point)?.pair;
  return {
    workload: workloads[workload].name,
    alternative,
    ...(arm && { host: arm.main.host.name }),
    isPossible,
    reason,
    ...(plan &&
      capacity && {
        capacity: {
          ratePerS: scaled(capacity.ratePerS, 1 / plan.arm.main.replicas),
          limitedBy: capacity.limitedBy,
          unloadedS: capacity.unloadedS,
          replications: capacity.replications,
        },
      }),
    ...(pair && { alone: aloneOf(pair, workloads[workload].targetPerS) }),
  };
}

function scaled({ mean, low, high, cost }: Interval, factor: number): Interval {
  return {
    mean: mean * factor,
    ...(low !== undefined && { low: low * factor }),
    ...(high !== undefined && { high: high * factor }),
    ...(cost !== undefined && { cost: cost * factor }),
  };
}

function aloneOf(pair: MixPair, targetPerS: number) {
  const fleet = [{ ratePerS: targetPerS, units: unitsFor(pair, targetPerS) }];
  return { ...totalsOf([pair], fleet), hostsByType: Object.fromEntries(hostsByType([pair], fleet)) };
}

function describeSolution(
  instance: MixInstance,
  { fleet, value, bound, method, isTimeLimited }: MixSolution,
  rounds: number,
): NonNullable<MixResult['solution']> {
  const totals = totalsOf(instance.pairs, fleet);
  return {
    value,
    bound,
    gap: value > 0 ? (value - bound) / value : 0,
    method,
    isTimeLimited,
    totals,
    rounds,
  };
}

/** Times that hosts would grow where the interval of a capacity reaches down to nothing. */
const unbearable = 1e6;

/** The best mix if every capacity were at the lower end of its interval. */
async function atLowerEnds(
  { spec }: MixPlanner,
  workloads: readonly ResolvedWorkload[],
  { pairs }: ProvenMix,
) {
  const oversize = pairs.map(({ point, pair, oversize: known }): Oversize => {
    const { mean, low = mean } = point.capacity!.ratePerS;
    const factor = low > 0 ? mean / low : unbearable;
    const groups = pair.roles.flatMap((role) => role.groups);
    return new Map(groups.map((group) => [group, factor * (known.get(group) ?? 1)]));
  });
  const points = pairs.map(({ point }) => point);
  const lower = instanceOf(
    spec,
    workloads,
    possiblePairs(spec, points, oversize).map(({ pair }) => pair),
  );
  const solution = await solveMix(lower);
  return solution && totalsOf(lower.pairs, solution.fleet);
}

function sharesOf(
  { pairs, proofs }: ProvenMix,
  { fleet }: MixSolution,
  workloads: readonly ResolvedWorkload[],
): MixResult['shares'] {
  return pairs.flatMap(({ point, pair, oversize }, index) => {
    const share = fleet[index];
    if (share.ratePerS === 0) return [];
    const { name, targetPerS, sla } = workloads[point.workload];
    return [
      {
        workload: name,
        alternative: point.alternative,
        host: point.arm!.main.host.name,
        ratePerS: share.ratePerS,
        share: share.ratePerS / targetPerS,
        tiers: pair.roles.map(({ groups, host, hostsPerUnit }, role) => ({
          groups,
          host,
          hosts: share.units[role] * hostsPerUnit,
        })),
        totals: totalsOf([pair], [share]),
        oversize: Math.max(1, ...oversize.values()) - 1,
        states: proofs[index]!.states.map((state) => describeState(state, sla.percentile)),
      },
    ];
  });
}

function describeState(
  { state, ratePerS, sliceOf, latencyS, met, utilisation }: FleetState,
  percentile: ResolvedWorkload['sla']['percentile'],
): MixResult['shares'][number]['states'][number] {
  const [busiest] = utilisation;
  return { state, ratePerS, sliceOf, latencyS: latencyS[percentile], met, busiest };
}

/** What each type is used for, and what any number of it would save: only of types that are all used up. */
async function stockOf(
  instance: MixInstance,
  solution: MixSolution | undefined,
): Promise<MixResult['stock']> {
  const { pairs, stock } = instance;
  const used = solution ? hostsByType(pairs, solution.fleet) : new Map<string, number>();
  const types = [
    ...new Set([...stock.keys(), ...pairs.flatMap(({ roles }) => roles.map(({ host }) => host))]),
  ];
  const rows: MixResult['stock'] = [];
  for (const host of types) {
    const count = stock.get(host);
    const worth = solution && count !== undefined ? await worthOf(instance, solution, host) : undefined;
    rows.push({
      host,
      ...(count !== undefined && { stock: count }),
      used: used.get(host) ?? 0,
      ...(worth !== undefined && { worth }),
    });
  }
  return rows;
}

async function worthOf(instance: MixInstance, { value }: MixSolution, host: string): Promise<number> {
  const stock = new Map(instance.stock);
  stock.delete(host);
  const more = await solveMix({ ...instance, stock });
  return more ? Math.max(0, value - fleetValue(instance, more.fleet)) : 0;
}
