import type { ResolvedWorkload } from '../../../scenarios/deployment.ts';
import type { PlanSpec } from '../../../scenarios/plan-schema.ts';
import { type FleetQuestion, simulateFleets } from '../fleet-simulation.ts';
import type { FleetState } from '../plan-result.ts';
import type { Hosts } from '../slice.ts';
import type { MixPair, MixShare } from './instance.ts';
import { type MixPlanner, type MixPoint, plannerOf } from './points.ts';

/** A share of a workload with its hosts, to be simulated. */
export interface ShareToProve {
  point: MixPoint;
  pair: MixPair;
  share: MixShare;
  /** Racks over which the whole mix is spread. */
  racks: number;
}

/** What the simulations of a share show, and whether they keep to the SLA and to the use that is allowed. */
export interface ShareProof {
  states: FleetState[];
  holds: boolean;
}

/** Simulates shares at their rates; what was simulated once is not simulated again. */
export class Prover {
  private readonly planner: MixPlanner;
  private readonly workloads: readonly ResolvedWorkload[];
  private readonly known = new Map<string, Promise<ShareProof>>();

  constructor(planner: MixPlanner, workloads: readonly ResolvedWorkload[]) {
    this.planner = planner;
    this.workloads = workloads;
  }

  prove(shares: readonly ShareToProve[]): Promise<ShareProof[]> {
    return Promise.all(
      shares.map((one) => {
        const { point, share, racks } = one;
        const key = JSON.stringify([point.workload, point.alternative, share, racks]);
        const proof = this.known.get(key) ?? this.simulate(one);
        this.known.set(key, proof);
        return proof;
      }),
    );
  }

  private async simulate(one: ShareToProve): Promise<ShareProof> {
    const { spec } = this.planner;
    const planner = plannerOf(this.planner, this.workloads[one.point.workload]);
    const answers = await simulateFleets(planner, questionsOf(one, spec));
    const states = answers.map(({ state }) => state);
    const mostUse = spec.max_utilisation * (1 + 1e-9);
    const [normal] = states;
    return {
      states,
      holds: states.every(({ met }) => met === 'yes') && normal.utilisation[0].offered <= mostUse,
    };
  }
}

/** Normal operation with the headroom used up and no spares, and the target with a domain down. */
function questionsOf({ point, pair, share, racks }: ShareToProve, spec: PlanSpec): FleetQuestion[] {
  const { survive, spares, headroom } = spec;
  const regions = survive === 'region' ? spec.regions : 1;
  const { plan, capacity } = point;
  const question = (state: string, ratePerS: number, lost: (serving: number) => number): FleetQuestion => ({
    state,
    plan: plan!,
    hosts: servingHosts(pair, share, (units) => Math.max(1, units - spares - lost(units - spares))),
    ratePerS,
    unloadedS: capacity!.unloadedS,
  });
  const normal = question('normal', share.ratePerS / (1 - headroom) / regions, () => 0);
  switch (survive) {
    case 'nothing':
      return [normal];
    case 'host':
      return [normal, question('a host of every role down', share.ratePerS, () => 1)];
    case 'rack':
      return [normal, question('a rack down', share.ratePerS, (serving) => Math.ceil(serving / racks))];
    case 'region':
      return [normal, question('a region down', share.ratePerS / (regions - 1), () => 0)];
  }
}

/** Hosts by group in one region. */
function servingHosts({ roles }: MixPair, { units }: MixShare, serving: (units: number) => number): Hosts {
  const hosts = roles.flatMap(({ groups }, role) =>
    groups.map((group): [string, number] => [group, serving(units[role])]),
  );
  const order = (group: string) => (group === 'main' ? -1 : Number(/\d+$/.exec(group)?.[0] ?? -1));
  return new Map(hosts.sort(([a], [b]) => order(a) - order(b)));
}
