import { formatPercent } from '../../foundation/units.ts';
import { type Component, components } from '../serving/components.ts';
import type { ArmPlan } from '../serving/plan.ts';
import type { Interval } from '../statistics/interval.ts';
import type { Acts, Knob } from './knobs-knob.ts';
import type { KnobSide } from './sensitivity-result.ts';

/** What the unturned plan shows, from which reasons are told. */
export interface Shown {
  plan: ArmPlan;
  /** Offered use at the judged rate. */
  use: { group: string; resource: string; offered: number }[];
  /** Seconds of the slowest 1 % by component. */
  tailS: readonly number[];
}

/** One side of a knob as simulated. */
export interface Outcome {
  side: KnobSide;
  /** Every replication gave the very same figures. */
  isSame: boolean;
  /** Largest relative change of the work that a request asks of any resource. */
  workChange: number;
}

/** Changes below this do not count, however sure they are. */
export const leastChange = 1e-3;

/** Use from which queueing multiplies a small change of a resource. */
const queueing = 0.6;

/** Work that changes by no more does not change. */
const sameWork = 2e-3;

/** A share of the tail that no reader misses. */
const negligible = 0.005;

/** Half an interval beyond which nothing can be told. */
const blind = 0.2;

/** How a component is called in a sentence. */
const names: Partial<Record<Component, string>> = {
  dense: 'dense operators',
  rpcSerialisation: 'messages on main cores',
  rpcService: 'service code',
  netOverhead: 'scheduling of nets',
  queue: 'queueing',
  batching: 'waiting for batches',
  copy: 'copies over the host link',
  exchange: 'exchange between accelerators',
  sparse: 'row lookups',
  shardSerialisation: 'messages on shard cores',
  shardService: 'service code of shards',
  shardNetOverhead: 'scheduling on shards',
  shardQueue: 'queueing at shards',
};

export function componentName(component: Component): string {
  return names[component] ?? component;
}

/** So many knobs are turned at once that an interval has to stay clear of zero by half its own half-width. Assumed. */
const clearance = 1.5;

/** Whether an interval surely excludes zero, and what it holds is worth a word. */
export function isSure(change: Interval | undefined): boolean {
  if (!change || Math.abs(change.mean) < leastChange) return false;
  const { low, high } = change;
  if (low === undefined || high === undefined) return false;
  return Math.abs(change.mean) > (clearance * (high - low)) / 2;
}

/**
 * Why a knob moves nothing, told from what was simulated; undefined where nothing that is known explains it, which
 * is a fault of the knob or of the model.
 * @param turnedBy share by which it was turned
 */
export function reasonFor(
  { acts }: Knob,
  shown: Shown,
  outcomes: readonly Outcome[],
  turnedBy: number,
): string | undefined {
  const { use, tailS, plan } = shown;
  const noise = Math.max(...outcomes.map(({ side }) => noiseOf(side)), 0);
  const unnoticed = acts.unnoticed?.(plan);
  if (outcomes.every(({ isSame }) => isSame) && unnoticed !== undefined) return unnoticed;
  const small = smallness(acts, use, tailS, turnedBy, noise);
  if (small !== undefined) return small;
  const workChange = Math.max(...outcomes.map((outcome) => outcome.workChange), 0);
  if (acts.hiddenBy !== undefined && workChange <= sameWork) {
    return `${acts.hiddenBy}: the work of every resource stays within ${formatPercent(sameWork)}`;
  }
  if (unnoticed !== undefined && workChange <= sameWork) return unnoticed;
  if (acts.cutsBothWays && noise <= blind && outcomes.some(({ isSame }) => !isSame)) {
    return `what it helps and what it hurts cancel to within the noise of ±${formatPercent(noise)}`;
  }
  return undefined;
}

/** Why something can change little: it is used little, and is a small part of the tail. */
function smallness(
  { components: acted, resources = [] }: Acts,
  use: Shown['use'],
  tailS: readonly number[],
  turnedBy: number,
  noise: number,
): string | undefined {
  if (!acted && resources.length === 0) return undefined;
  const busiest = use
    .filter(({ group, resource }) => resources.some((start) => nameOf(group, resource).startsWith(start)))
    .sort((a, b) => b.offered - a.offered)[0];
  const total = tailS.reduce((sum, seconds) => sum + seconds, 0);
  const share = (acted ?? []).reduce((sum, name) => sum + tailS[components.indexOf(name)], 0) / total;
  const most = (share * turnedBy) / (1 - turnedBy);
  if (most > Math.max(noise, negligible) || (busiest && busiest.offered > queueing)) return undefined;
  const parts = [
    ...(busiest ? [`${nameOf(busiest.group, busiest.resource)}: ρ ${busiest.offered.toFixed(2)}`] : []),
    ...(acted && acted.length > 0
      ? [`${listed(acted, tailS)}: ${formatPercent(share)} of the latency of the slowest 1 %`]
      : []),
  ];
  const bound =
    most > negligible ? `, which is at most ${formatPercent(most)} by the knob, within the noise` : '';
  return `${parts.join('; ')}${bound}`;
}

/** `main cores`; shards share a name. */
function nameOf(group: string, resource: string): string {
  return `${group.replace(/ \d+$/, '')} ${resource}`;
}

function listed(acted: readonly Component[], tailS: readonly number[]): string {
  const some = acted.filter((name) => tailS[components.indexOf(name)] > 0);
  const words = (some.length > 0 ? some : acted).map(componentName);
  return words.length > 3 ? `${words.slice(0, 2).join(', ')} and the like` : words.join(', ');
}

function noiseOf({ throughput, latency }: KnobSide): number {
  const halves = [throughput, latency].flatMap((change) =>
    change?.high === undefined ? [] : [change.high - change.mean],
  );
  return halves.length > 0 ? Math.min(...halves) : 0;
}
