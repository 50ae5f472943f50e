import type { ArmResult } from '../result.ts';
import { jobsOf, outcomesByArm } from '../run.ts';
import type { ArmPlan } from '../serving/plan.ts';
import { type PlannedArm, summarise } from '../summarise.ts';
import { withFleet } from './fleet-arm.ts';
import type { FleetState } from './plan-result.ts';
import type { Planner } from './planner.ts';
import { type Hosts, type Slice, sliceOf } from './slice.ts';
import { tierOf } from './tier-of.ts';

/** One state of a fleet to simulate. */
export interface FleetQuestion {
  state: string;
  plan: ArmPlan;
  hosts: Hosts;
  ratePerS: number;
  unloadedS: number;
}

/** What a simulated state showed; money and power are those of the whole fleet, not of the slice. */
export interface FleetAnswer {
  state: FleetState;
  powerW: number;
  arm: ArmResult;
}

/**
 * Simulates states of fleets with all replications of the scenario, or fewer.
 * @param replications of each state; the scenario's by default
 */
export async function simulateFleets(
  planner: Planner,
  questions: readonly FleetQuestion[],
  replications = planner.scenario.settings.replications,
): Promise<FleetAnswer[]> {
  const { scenario, sla } = planner;
  const slices = questions.map(({ hosts, ratePerS }) => sliceOf(hosts, ratePerS));
  const planned = questions.map(({ plan, unloadedS }, index): PlannedArm => {
    const { hosts, ratePerS } = slices[index];
    const sized = withFleet(plan, hosts, ratePerS, { percentile: sla.percentile, unloadedS });
    return { name: `${index}`, arm: sized.arm, plan: sized };
  });
  const asked = {
    ...scenario,
    baseline: '',
    settings: {
      ...scenario.settings,
      replications,
      sla: { percentile: sla.percentile, latency: sla.limitS },
    },
  };
  const jobs = jobsOf(asked, planned);
  const outcomes = await planner.workers.replicate(jobs);
  const { arms } = summarise(asked, planned, outcomesByArm(planned, jobs, outcomes), '');
  return arms.map((arm, index) => {
    const slice = slices[index];
    return {
      arm,
      powerW: (arm.fleet.powerW ?? 0) * slice.sliceOf + idleWattsBeside(slice, questions[index]),
      state: stateOf(questions[index], slice, arm),
    };
  });
}

/** Idle power of the hosts that do not come out in whole slices (W); what they do is done by the others. */
function idleWattsBeside({ hosts: ofSlice, sliceOf: parts }: Slice, { plan, hosts }: FleetQuestion): number {
  return [...hosts].reduce((sum, [group, count]) => {
    const left = count - ofSlice.get(group)! * parts;
    return sum + left * tierOf(plan.arm, group).host.powerIdleW.value;
  }, 0);
}

function stateOf(
  { state, ratePerS, hosts }: FleetQuestion,
  { hosts: ofSlice, sliceOf: parts }: Slice,
  { measured, sla, verdict }: ArmResult,
): FleetState {
  // A host of the slice may bear a little more than one of the fleet.
  const shareOf = (group: string) => (ofSlice.get(group)! * parts) / hosts.get(group)!;
  const { p50, p90, p95, p99, 'p99.9': last } = measured!.latencyS;
  return {
    state,
    ratePerS,
    hosts: [...hosts].map(([group, serving]) => ({ group, serving })),
    sliceOf: parts,
    latencyS: { p50, p90, p95, p99, 'p99.9': last },
    met: sla!.met,
    verdict: verdict.state,
    utilisation: measured!.utilisation
      .map(({ group, resource, mean, offered }) => ({
        group,
        resource,
        offered: (offered ?? mean).mean * shareOf(group),
      }))
      .sort((a, b) => b.offered - a.offered),
  };
}
