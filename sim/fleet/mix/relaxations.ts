import {
  formatPercent,
  formatTime,
  hostsInWords,
  hoursPerMonth,
  significant,
} from '../../../foundation/units.ts';
import type { ResolvedWorkload } from '../../../scenarios/deployment.ts';
import type { PlanSpec } from '../../../scenarios/plan-schema.ts';
import type { MixInstance } from './instance.ts';
import type { MixResult } from './mix-result.ts';
import type { MixPlanner, MixPoint } from './points.ts';
import { relaxMix } from './relax.ts';
import { instanceOf, possiblePairs } from './search.ts';
import { solveMix } from './solve.ts';

type Relaxation = MixResult['relaxations'][number];

const served = 'all targets are served';

/** Of an infeasible mix, the least change of each constraint that would make it possible, in words. */
export async function mixRelaxations(
  { spec }: MixPlanner,
  workloads: readonly ResolvedWorkload[],
  points: readonly MixPoint[],
  instance: MixInstance,
): Promise<Relaxation[]> {
  const stuck = [...workloads.keys()].filter(
    (workload) => !points.some((point) => point.workload === workload && point.isPossible),
  );
  if (stuck.length > 0) return stuck.flatMap((workload) => slower(workload, workloads[workload], points));
  const { extraHosts, fraction = 0, ...least } = await relaxMix(instance);
  const possible = points.filter(({ isPossible }) => isPossible);
  const isSolved = async (changed: PlanSpec, of = workloads) => {
    const pairs = possiblePairs(
      changed,
      possible,
      possible.map(() => new Map()),
    );
    return (
      (await solveMix(
        instanceOf(
          changed,
          of,
          pairs.map(({ pair }) => pair),
        ),
      )) !== undefined
    );
  };
  return [
    ...moreStock(spec, extraHosts),
    ...limit(
      'plan.limits.price',
      spec.limits.price,
      least.leastPrice,
      (usd) => `${roundedUp(usd * hoursPerMonth)} USD/month`,
    ),
    ...limit(
      'plan.limits.power',
      spec.limits.power,
      least.leastPower,
      (watts) => `${roundedUp(watts / 1e3)} kW`,
    ),
    ...limit('plan.limits.hosts', spec.limits.hosts, least.leastHosts, (hosts) =>
      hostsInWords(Math.ceil(hosts - 1e-6)),
    ),
    ...(await lessHeadroom(spec, fraction, isSolved)),
    ...(await fewerSpares(spec, isSolved)),
    ...(await lessSurvived(spec, isSolved)),
    ...(await moreAlternatives(spec, workloads, isSolved)),
    ...fewerRequests(fraction),
  ];
}

type IsSolved = (spec: PlanSpec, workloads?: readonly ResolvedWorkload[]) => Promise<boolean>;

/** A workload that no alternative serves: the SLA that the fastest of them keeps. */
function slower(
  workload: number,
  { name, sla }: ResolvedWorkload,
  points: readonly MixPoint[],
): Relaxation[] {
  const unloaded = points
    .filter((point) => point.workload === workload && point.capacity)
    .map(({ capacity, alternative }) => ({ unloadedS: capacity!.unloadedS, alternative }))
    .sort((a, b) => a.unloadedS - b.unloadedS);
  return unloaded.slice(0, 1).map(({ unloadedS, alternative }) => ({
    constraint: `sla.latency of ${name}`,
    from: formatTime(sla.limitS),
    to: `above ${formatTime(unloadedS)}`,
    effect: `${alternative} then serves ${name} at some rate`,
  }));
}

function moreStock({ stock }: PlanSpec, extraHosts: ReadonlyMap<string, number> | undefined): Relaxation[] {
  if (!extraHosts || extraHosts.size === 0) return [];
  const hosts = [...extraHosts];
  return [
    {
      constraint: 'plan.stock',
      from: hosts.map(([host]) => `${stock[host]} ${host}`).join(', '),
      to: hosts.map(([host, extra]) => `${stock[host] + extra} ${host}`).join(', '),
      effect: served,
    },
  ];
}

function limit(
  constraint: string,
  from: number | undefined,
  to: number | undefined,
  describe: (value: number) => string,
): Relaxation[] {
  if (from === undefined || to === undefined || to <= from) return [];
  return [{ constraint, from: describe(from), to: describe(to), effect: served }];
}

/** Headroom that may be used up instead of requests being turned away. */
async function lessHeadroom(spec: PlanSpec, fraction: number, isSolved: IsSolved): Promise<Relaxation[]> {
  const { headroom } = spec;
  if (headroom === 0 || fraction < 1 - headroom) return [];
  const to = Math.max(0, Math.floor((1 - (1 - headroom) / fraction) * 1000) / 1000);
  if (!(await isSolved({ ...spec, headroom: to }))) return [];
  return [
    { constraint: 'plan.headroom', from: formatPercent(headroom), to: formatPercent(to), effect: served },
  ];
}

async function fewerSpares(spec: PlanSpec, isSolved: IsSolved): Promise<Relaxation[]> {
  if (spec.spares === 0 || !(await isSolved({ ...spec, spares: 0 }))) return [];
  let [enough, tooMany] = [0, spec.spares];
  while (tooMany - enough > 1) {
    const middle = Math.floor((enough + tooMany) / 2);
    if (await isSolved({ ...spec, spares: middle })) enough = middle;
    else tooMany = middle;
  }
  return [{ constraint: 'plan.spares', from: `${spec.spares}`, to: `${enough}`, effect: served }];
}

async function lessSurvived(spec: PlanSpec, isSolved: IsSolved): Promise<Relaxation[]> {
  const weaker = (['host', 'nothing'] as const).filter((one) => one !== spec.survive);
  if (spec.survive === 'nothing') return [];
  for (const survive of weaker) {
    if (await isSolved({ ...spec, survive })) {
      return [{ constraint: 'plan.survive', from: spec.survive, to: survive, effect: served }];
    }
  }
  return [];
}

async function moreAlternatives(
  spec: PlanSpec,
  workloads: readonly ResolvedWorkload[],
  isSolved: IsSolved,
): Promise<Relaxation[]> {
  const bounded = workloads.filter(({ maxAlternatives }) => maxAlternatives !== undefined);
  if (bounded.length === 0) return [];
  const free = workloads.map(({ maxAlternatives: _, ...rest }) => rest);
  if (!(await isSolved(spec, free))) return [];
  const from = bounded.map(({ name, maxAlternatives }) => `${maxAlternatives} for ${name}`).join(', ');
  return [{ constraint: 'max_alternatives', from, to: 'any number', effect: served }];
}

function fewerRequests(fraction: number): Relaxation[] {
  const share = Math.floor(fraction * 1000) / 1000;
  if (share === 0) return [];
  return [
    {
      constraint: 'targets of all workloads',
      from: '100 %',
      to: formatPercent(share),
      effect: `${formatPercent(share)} of every target is served, ${formatPercent(1 - share)} turned away`,
    },
  ];
}

/** Three digits, never less than the value. */
function roundedUp(value: number): string {
  const unit = 10 ** (Math.floor(Math.log10(value)) - 2);
  return significant(Math.ceil(value / unit - 1e-9) * unit);
}
