import type { ArmPlan } from '../serving/plan.ts';
import type { Capacity } from './capacity.ts';
import { groupsOf } from './fleet-arm.ts';
import { type FleetAnswer, simulateFleets } from './fleet-simulation.ts';
import { hostsFor, hostsPerRate } from './operating-point.ts';
import type { Planner } from './planner.ts';
import type { Hosts } from './slice.ts';
import { tierOf } from './tier-of.ts';

/** The fewest hosts that were found to serve a rate within the SLA, and the simulation that proves it. */
export interface SizedFleet {
  hosts: Hosts;
  proof: FleetAnswer;
}

/** Replications of a trial; the proof has those of the scenario. */
const trialReplications = 3;

/** Steps from a fleet whose proof fails to a larger one. */
const mostAttempts = 12;

/**
 * Fewest hosts of each role that serve a rate within the SLA. From the hosts that the replica set's capacity asks for,
 * the main tier and the others shrink in turn, in both orders, as far as trials hold; then more of one is exchanged for
 * less of the other while that saves. The cheapest end grows until a full simulation surely meets the SLA. One main host,
 * or one replica of a shard, is the least.
 * @returns undefined where no fleet of reasonable size meets it
 */
export async function sizeFleet(
  planner: Planner,
  plan: ArmPlan,
  capacity: Capacity,
  ratePerS: number,
): Promise<SizedFleet | undefined> {
  const trials = new Trials(planner, plan, capacity, ratePerS);
  const started = withAllGroups(plan, hostsFor(hostsPerRate(plan.arm, capacity), ratePerS));
  const enough = await trials.growUntilHolding(started);
  if (!enough) return undefined;
  const main = ['main'];
  const others = groupsOf(plan).filter((group) => group !== 'main');
  const fewMain = await trials.shrink(enough, main);
  if (others.length === 0) return trials.prove(fewMain);
  const ends = [
    await trials.shrink(fewMain, others),
    await trials.shrink(await trials.shrink(enough, others), main),
  ];
  return trials.prove(await exchange(trials, costOf(planner, plan), ends, [main, others]));
}

/** Growth of one side of an exchange. */
const exchangeRates = [1.25, 1.6];

const mostExchanges = 3;

/** The cheapest of some fleets, and of those that have more hosts of some roles and fewer of the others. */
async function exchange(
  trials: Trials,
  cost: (hosts: Hosts) => number,
  fleets: readonly Hosts[],
  [main, others]: readonly (readonly string[])[],
): Promise<Hosts> {
  const least = (some: readonly Hosts[]) => some.reduce((a, b) => (cost(b) < cost(a) ? b : a));
  let best = least(fleets);
  for (let round = 0; round < mostExchanges; round++) {
    const tried: Hosts[] = [best];
    for (const [more, less] of [
      [main, others],
      [others, main],
    ]) {
      // What is at its least already has nothing to give.
      if (less.every((group) => best.get(group) === 1)) continue;
      for (const rate of exchangeRates) tried.push(await trials.shrink(scaled(best, more, rate), less));
    }
    const next = least(tried);
    if (next === best) return best;
    best = next;
  }
  return best;
}

/** What a fleet has of the plan's objective; power as that of busy hosts. */
function costOf({ spec }: Planner, { arm }: ArmPlan): (hosts: Hosts) => number {
  const weight = (group: string) => {
    const { pricePerHourUsd, powerBusyW } = tierOf(arm, group).host;
    return { price: pricePerHourUsd.value, power: powerBusyW.value, hosts: 1 }[spec.objective];
  };
  return (hosts) => [...hosts].reduce((sum, [group, count]) => sum + count * weight(group), 0);
}

function withAllGroups(plan: ArmPlan, hosts: Hosts): Hosts {
  return new Map(groupsOf(plan).map((group) => [group, hosts.get(group) ?? 1]));
}

class Trials {
  private readonly planner: Planner;
  private readonly plan: ArmPlan;
  private readonly capacity: Capacity;
  private readonly ratePerS: number;
  private readonly known = new Map<string, boolean>();

  constructor(planner: Planner, plan: ArmPlan, capacity: Capacity, ratePerS: number) {
    this.planner = planner;
    this.plan = plan;
    this.capacity = capacity;
    this.ratePerS = ratePerS;
  }

  async growUntilHolding(hosts: Hosts): Promise<Hosts | undefined> {
    let tried = hosts;
    for (let attempt = 0; attempt < mostAttempts; attempt++) {
      if (await this.holds(tried)) return tried;
      tried = scaled(tried, [...tried.keys()], 1.1);
    }
    return undefined;
  }

  /** Fewest hosts of some groups, in proportion to one another, with which trials still hold: bisection on their share. */
  async shrink(hosts: Hosts, groups: readonly string[]): Promise<Hosts> {
    const largest = Math.max(...groups.map((group) => hosts.get(group)!));
    // Below, some resource would be used more than the plan allows.
    let low = Math.floor(largest * this.leastShare(hosts, groups)) - 1;
    let high = largest;
    const at = (count: number) => scaled(hosts, groups, count / largest);
    // Most often the estimate is good: look right below it first.
    let next = high - Math.max(1, Math.round(largest * 0.03));
    while (high - low > Math.max(1, Math.floor(largest * 0.01))) {
      const middle = Math.max(low + 1, Math.min(high - 1, next));
      if (middle >= 1 && (await this.holds(at(middle)))) high = middle;
      else low = middle;
      next = Math.floor((low + high) / 2);
    }
    return at(high);
  }

  async prove(hosts: Hosts): Promise<SizedFleet | undefined> {
    let tried = hosts;
    for (let attempt = 0; attempt < mostAttempts; attempt++) {
      const [proof] = await simulateFleets(this.planner, [this.question(tried)]);
      if (proof.state.met === 'yes' && this.isWithinUse(proof)) return { hosts: tried, proof };
      // The busiest role first; when that does not help, all of them.
      const busiest = proof.state.utilisation[0].group;
      const groups = attempt % 2 === 0 ? [busiest] : [...tried.keys()];
      tried = scaled(tried, groups, attempt < 4 ? 1.02 : 1.1);
    }
    return undefined;
  }

  private async holds(hosts: Hosts): Promise<boolean> {
    const key = [...hosts.values()].join();
    const known = this.known.get(key);
    if (known !== undefined) return known;
    const { settings } = this.planner.scenario;
    const replications = Math.min(trialReplications, settings.replications);
    const [answer] = await simulateFleets(this.planner, [this.question(hosts)], replications);
    const latency = answer.state.latencyS[this.planner.sla.percentile].mean;
    const holds = latency <= this.planner.sla.limitS && this.isWithinUse(answer);
    this.known.set(key, holds);
    return holds;
  }

  private isWithinUse({ state }: FleetAnswer): boolean {
    return state.utilisation[0].offered <= this.planner.spec.max_utilisation * (1 + 1e-9);
  }

  private question(hosts: Hosts) {
    const { plan, ratePerS, capacity } = this;
    return { state: 'sized', plan, hosts, ratePerS, unloadedS: capacity.unloadedS };
  }

  /** Share of their hosts that groups need at least, by the use of their busiest resource alone. */
  private leastShare(hosts: Hosts, groups: readonly string[]): number {
    const { utilisation, ratePerS } = this.capacity;
    const shares = groups.map((group) => {
      const use = Math.max(
        ...utilisation.filter((one) => one.group === group).map(({ offered }) => offered),
        0,
      );
      const perHost = (use / ratePerS.mean) * (this.ratePerS / hosts.get(group)!);
      return perHost / this.planner.spec.max_utilisation;
    });
    return Math.max(...shares);
  }
}

/** Some groups times a factor, rounded up where it grows, at least one host each and one more where it grows. */
function scaled(hosts: Hosts, groups: readonly string[], factor: number): Hosts {
  return new Map(
    [...hosts].map(([group, count]) => {
      if (!groups.includes(group)) return [group, count];
      const wanted = Math.ceil(count * factor - 1e-9);
      return [group, Math.max(1, factor > 1 ? Math.max(wanted, count + 1) : wanted)];
    }),
  );
}
