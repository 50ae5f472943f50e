import { formatPercent } from '../../../foundation/units.ts';
import { type Component, components } from '../../serving/components.ts';
import type { ArmPlan } from '../../serving/plan.ts';
import type { Interval } from '../../statistics/interval.ts';
import type { LimitedBy } from '../capacity-search.ts';
import { replicasIn } from '../tier-of.ts';
import type { Acts, Knob } from './knobs-knob.ts';
import type { KnobSide } from './sensitivity-result.ts';

/** What the unturned plan shows, from which reasons are told. */
export interface Shown {
  plan: ArmPlan;
  /** Offered use at the judged rate. */
  use: { group: string; resource: string; offered: number }[];
  /** Seconds of the slowest 1 % by component. */
  tailS: readonly number[];
  limitedBy: LimitedBy;
  /** Median latency (s) at the judged rate (requests/s). */
  medianS: number;
  ratePerS: number;
}

/** One side of a knob as simulated. */
export interface Outcome {
  side: KnobSide;
  /** Every request took exactly as long. */
  isSame: boolean;
  /** Relative change of the work that a request asks of each resource, in the order of `Shown.use`. */
  workChanges: number[];
}

/** Changes below this do not count, however sure they are. */
export const leastChange = 1e-3;

/** Use from which queueing multiplies a small change of a resource. */
const queueing = 0.6;

/** Work that changes by no more does not change. */
const sameWork = 2e-3;

/** Work that changes by no more changes little. */
const littleWork = 0.05;

/** A share of the tail that no reader misses. */
const negligible = 0.005;

/** The same of what transfers would take one after the other. */
const fewTransfers = 0.02;

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
  preprocessing: 'preprocessing',
  tierQueue: 'queueing for preprocessing',
  tierSerialisation: 'messages to preprocessing',
  tierService: 'service code of preprocessing',
  tierNetwork: 'network to preprocessing',
  tierOverhead: 'overhead of the tier in front',
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
  const { use, plan, limitedBy } = shown;
  const noise = Math.max(...outcomes.map(({ side }) => noiseOf(side)), 0);
  const unnoticed = acts.unnoticed?.(plan, limitedBy);
  if (outcomes.every(({ isSame }) => isSame)) {
    if (unnoticed !== undefined) return unnoticed;
    if (acts.hiddenBy !== undefined) return `${acts.hiddenBy}: every request takes exactly as long`;
  }
  const small = smallness(acts, shown, turnedBy, noise);
  if (small !== undefined) return small;
  const byResource = use.map((_, index) =>
    Math.max(...outcomes.map(({ workChanges }) => Math.abs(workChanges[index] ?? 0)), 0),
  );
  const workChange = Math.max(...byResource);
  const busyWorkChange = Math.max(
    ...use.map(({ offered }, index) => (offered > queueing ? byResource[index] : 0)),
  );
  if (acts.hiddenBy !== undefined && workChange <= sameWork) {
    return `${acts.hiddenBy}: the work of every resource stays within ${formatPercent(sameWork)}`;
  }
  if (unnoticed !== undefined && workChange <= sameWork) return unnoticed;
  if (acts.hiddenBy !== undefined) {
    const least = leastWork(use, byResource);
    if (least !== undefined) return `${acts.hiddenBy}: ${least}`;
  }
  if (limitedBy === 'utilisation' && busyWorkChange <= sameWork && isLatencyUnsure(outcomes)) {
    return `use limits throughput, and it changes no work where that is high; latency stays within the noise of ±${formatPercent(noise)}`;
  }
  if (acts.cutsBothWays && noise <= blind && outcomes.some(({ isSame }) => !isSame)) {
    return `what it helps and hurts comes to less than the noise of ±${formatPercent(noise)}`;
  }
  return noisy(outcomes);
}

/** A knob that does move throughput, as far as can be seen, but by less than chance may. */
function noisy(outcomes: readonly Outcome[]): string | undefined {
  const changes = outcomes.flatMap(({ side: { throughput } }) => throughput ?? []);
  const [largest] = changes.sort((a, b) => Math.abs(b.mean) - Math.abs(a.mean));
  if (!largest || largest.high === undefined || Math.abs(largest.mean) < leastChange) return undefined;
  const [change, half] = [largest.mean, largest.high - largest.mean].map((value) => formatPercent(value));
  return `chance hides it: throughput changes by ${change} ±${half} in runs of this length`;
}

/** Whether requests notice, though not by more than the noise. */
function isLatencyUnsure(outcomes: readonly Outcome[]): boolean {
  return outcomes.some(({ isSame }) => !isSame) && outcomes.every(({ side }) => !isSure(side.latency));
}

/** What little work changes, where none of it is on a resource at which queues form. */
function leastWork(use: Shown['use'], byResource: readonly number[]): string | undefined {
  const changed = use.flatMap((one, index) =>
    byResource[index] > sameWork ? [{ ...one, by: byResource[index] }] : [],
  );
  if (changed.some(({ by, offered }) => by > littleWork || offered > queueing)) return undefined;
  const [most] = changed.sort((a, b) => b.by - a.by);
  const { group, resource, by, offered } = most;
  return `it changes the work of ${nameOf(group, resource)} (ρ ${offered.toFixed(2)}) by ${formatPercent(by)}, others by less`;
}

/** Why something can change little: it is used little, and is a small part of the tail. */
function smallness(acts: Acts, shown: Shown, turnedBy: number, noise: number): string | undefined {
  const { components: acted, resources = [], isTransfer } = acts;
  if (!acted && resources.length === 0) return undefined;
  const used = shown.use.filter(({ group, resource }) =>
    resources.some((start) => nameOf(group, resource).startsWith(start)),
  );
  const [busiest] = used.sort((a, b) => b.offered - a.offered);
  const share = isTransfer ? transferShare(used, shown) : tailShare(acted ?? [], shown.tailS);
  const most = (share * turnedBy) / (1 - turnedBy);
  // A sum of transfers that mostly run side by side bounds from far above.
  const allowed = Math.max(noise, isTransfer ? fewTransfers : negligible);
  if (most > allowed || (busiest && busiest.offered > (isTransfer ? 0.5 * queueing : queueing)))
    return undefined;
  const parts = [
    ...(busiest ? [`${nameOf(busiest.group, busiest.resource)}: ρ ${busiest.offered.toFixed(2)}`] : []),
    ...(isTransfer
      ? [`transfers of a request, one after the other: ${formatPercent(share)} of a median latency`]
      : acted && acted.length > 0
        ? [`${listed(acted, shown.tailS)}: ${formatPercent(share)} of the latency of the slowest 1 %`]
        : []),
  ];
  const inNoise = most <= noise ? ', within the noise' : '';
  const bound = most > negligible ? `, which is at most ${formatPercent(most)} by the knob${inNoise}` : '';
  return `${parts.join('; ')}${bound}`;
}

function tailShare(acted: readonly Component[], tailS: readonly number[]): number {
  const total = tailS.reduce((sum, seconds) => sum + seconds, 0);
  return acted.reduce((sum, name) => sum + tailS[components.indexOf(name)], 0) / total;
}

/** Seconds for which a mean request keeps the links of one host role busy, over a median latency; shards work side by side. */
function transferShare(used: Shown['use'], { plan, ratePerS, medianS }: Shown): number {
  const seconds = new Map<string, number>();
  for (const { group, offered } of used) {
    const replicas = replicasIn(plan.arm, group);
    seconds.set(group, (seconds.get(group) ?? 0) + (offered * replicas) / ratePerS);
  }
  return Math.max(0, ...seconds.values()) / medianS;
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

/** Half an interval of latency, beyond which nothing of it can be told. */
function noiseOf({ latency }: KnobSide): number {
  return latency?.high === undefined ? 0 : latency.high - latency.mean;
}
