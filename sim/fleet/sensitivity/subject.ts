import type { ArmPlan } from '../../serving/plan.ts';
import { percentiles } from '../../serving/replication.ts';
import type { BuiltAlternative } from '../alternative.ts';
import { groupsOf, withFleet } from '../fleet-arm.ts';
import type { Planner } from '../planner.ts';
import { requiredRates } from '../redundancy.ts';
import { type Hosts, sliceOf } from '../slice.ts';
import { replicasIn } from '../tier-of.ts';

/** The hosts that are held fixed while knobs turn, and the rate at which they are judged. */
export interface Subject {
  plan: ArmPlan;
  hosts: Hosts;
  judgedPerS: number;
  /** Of the same hosts, about (requests/s). */
  throughputPerS: number;
  /** How many of these make the whole fleet. */
  copies: number;
  isReplicaSet: boolean;
}

/** Requests of a replication: changes are paired, so fewer do than the plan itself takes. */
const usualRequests = 300;
/** Times that all requests in service are replaced in a run. */
const turnovers = 10;

/** Requests above the percentile in each replication. */
const tailRequests = 2.7;
const mostRequests = 5000;

/**
 * With a target: a slice of the alternative's fleet in normal operation, spares aside, at the target. Without: its
 * replica set, at the rate that leaves the plan's headroom.
 */
export function subjectOf(planner: Planner, { plan, capacity, total }: BuiltAlternative): Subject {
  const { spec, targetPerS, sla } = planner;
  if (!plan || !capacity) throw new Error('an alternative without a capacity has no sensitivity');
  const asked = { percentile: sla.percentile, unloadedS: capacity.unloadedS };
  if (targetPerS === undefined || !total) {
    const hosts = new Map(groupsOf(plan).map((group) => [group, replicasIn(plan.arm, group)]));
    const throughputPerS = capacity.ratePerS.mean;
    const judgedPerS = throughputPerS * (1 - spec.headroom);
    const sized = shortened(
      planner,
      withFleet(plan, hosts, judgedPerS, asked),
      judgedPerS,
      capacity.unloadedS,
    );
    return { plan: sized, hosts, judgedPerS, throughputPerS, copies: 1, isReplicaSet: true };
  }
  const { regions } = requiredRates(targetPerS, spec);
  const serving = new Map([...total].map(([group, hosts]) => [group, hosts - spec.spares]));
  const slice = sliceOf(serving, targetPerS / regions);
  const sized = shortened(
    planner,
    withFleet(plan, slice.hosts, slice.ratePerS, asked),
    slice.ratePerS,
    capacity.unloadedS,
  );
  return {
    plan: sized,
    hosts: slice.hosts,
    judgedPerS: slice.ratePerS,
    throughputPerS: slice.ratePerS / (1 - spec.headroom),
    copies: slice.sliceOf * regions,
    isReplicaSet: false,
  };
}

/** As few requests as the percentile and the fleet's turnover need, whatever more the scenario asks. */
function shortened({ sla }: Planner, sized: ArmPlan, judgedPerS: number, unloadedS: number): ArmPlan {
  const { load } = sized.arm;
  const warmUp = load.warm_up ?? 0.1;
  const forTail = Math.ceil(tailRequests / (1 - percentiles[sla.percentile]) / (1 - warmUp));
  const forTurnover = Math.ceil(turnovers * judgedPerS * unloadedS);
  const requests = Math.min(mostRequests, load.requests, Math.max(usualRequests, forTail, forTurnover));
  return { ...sized, arm: { ...sized.arm, load: { ...load, requests } } };
}
