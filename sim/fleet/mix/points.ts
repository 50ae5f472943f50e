import { InputError } from '../../../foundation/problem.ts';
import { formatTime } from '../../../foundation/units.ts';
import type { ArmDeployment, ResolvedScenario, ResolvedWorkload } from '../../../scenarios/deployment.ts';
import { type ArmPlan, planArm } from '../../serving/plan.ts';
import { CapacityError } from '../../sharding/capacity-error.ts';
import { asReplicaSet, type Capacity, measureCapacity } from '../capacity.ts';
import type { Planner } from '../planner.ts';
import { balancedPool } from './pool.ts';

/** What a mix needs of a planner: every workload has its own target and SLA. */
export type MixPlanner = Pick<Planner, 'scenario' | 'spec' | 'workers' | 'onStep'>;

/** The planner as one workload sees it. */
export function plannerOf({ scenario, spec, workers }: MixPlanner, workload: ResolvedWorkload): Planner {
  return { scenario, spec, workers, sla: workload.sla, targetPerS: workload.targetPerS };
}

/** A workload on an alternative: what a pool of hosts bears, or why it cannot serve. */
export interface MixPoint {
  /** Position among the workloads. */
  workload: number;
  alternative: string;
  /** Absent where the alternative contradicts the workload. */
  arm?: ArmDeployment;
  /** Both absent where it cannot serve, which `reason` explains; the capacity is there where it was measured. */
  /** Of a pool: a small fleet. */
  plan?: ArmPlan;
  capacity?: Capacity;
  isPossible: boolean;
  reason: string;
}

/**
 * Simulates every workload on every alternative.
 * @throws InputError, located, where the sharding of a workload makes sense on no alternative
 */
export async function operatingPoints(
  planner: MixPlanner,
  workloads: readonly ResolvedWorkload[],
): Promise<MixPoint[]> {
  const pairs = workloads.flatMap((workload, index) =>
    workload.pairs.map((pair) => ({ ...pair, index, workload })),
  );
  const placed = await Promise.all(
    pairs.map(async ({ alternative, arm, problem, note, index }) => {
      const point: MixPoint = {
        workload: index,
        alternative,
        isPossible: false,
        reason: problem ?? note ?? '',
      };
      return arm ? place(planner.scenario, { ...point, arm }) : { point };
    }),
  );
  checkSharding(workloads, placed);
  return Promise.all(
    placed.map(async ({ point }) => {
      const done = point.plan ? await measured(plannerOf(planner, workloads[point.workload]), point) : point;
      planner.onStep?.();
      return done;
    }),
  );
}

interface Placed {
  point: MixPoint;
  /** A mistake in the request, rather than a lack of room. */
  mistake?: InputError;
}

async function place(
  { placementFiles, problemAt }: ResolvedScenario,
  point: MixPoint & { arm: ArmDeployment },
): Promise<Placed> {
  const { arm } = point;
  try {
    return { point: { ...point, plan: await planArm(asReplicaSet(arm), placementFiles.get(arm.name)) } };
  } catch (error) {
    if (error instanceof CapacityError) {
      const [reason] = error.message.split('\n');
      return { point: { ...point, reason } };
    }
    if (!(error instanceof InputError)) throw error;
    const problems = error.problems.map((problem) =>
      problem.file === undefined ? problemAt(arm.name, ['sharding'], problem.message) : problem,
    );
    const reason = problems.map(({ message }) => message).join('; ');
    return { point: { ...point, reason }, mistake: new InputError(problems) };
  }
}

/** What is wrong with every alternative of a workload is wrong with the workload. */
function checkSharding(workloads: readonly ResolvedWorkload[], placed: readonly Placed[]): void {
  for (const workload of workloads.keys()) {
    const tried = placed.filter(({ point }) => point.workload === workload && point.arm);
    const [first] = tried;
    if (first?.mistake && tried.every(({ mistake }) => mistake)) throw first.mistake;
  }
}

async function measured(planner: Planner, point: MixPoint): Promise<MixPoint> {
  const single = point.plan!;
  const key = { seed: planner.scenario.settings.seed, replication: 0 };
  const [[{ usePerRate }]] = await planner.workers.runRates([{ plan: single, key, ratesPerS: [1] }]);
  const plan = balancedPool(single, usePerRate);
  const capacity = await measureCapacity(planner, plan);
  if (capacity.ratePerS.mean > 0) return { ...point, plan, capacity, isPossible: true };
  const { percentile, limitS } = planner.sla;
  const reason = `lone requests already take ${formatTime(capacity.unloadedS)} at ${percentile}; the SLA allows ${formatTime(limitS)}`;
  return {
    ...point,
    plan,
    capacity,
    reason: [point.reason, reason].filter((text) => text !== '').join('; '),
  };
}
