import type { SourceDocument } from '../foundation/document.ts';
import { InputError } from '../foundation/problem.ts';
import type { ArmDeployment, ResolvedScenario } from '../scenarios/deployment.ts';
import { hasMeasurements } from './cost/cost-unit.ts';
import type { Result } from './result.ts';
import { type ArmPlan, planArm } from './serving/plan.ts';
import { type ReplicationOutcome, simulateReplication } from './serving/replication.ts';
import { CapacityError } from './sharding/capacity-error.ts';
import type { ReplicationKey } from './streams.ts';
import { type ArmOutcomes, type PlannedArm, summarise } from './summarise.ts';

/**
 * Places the tables of every arm. An arm that does not fit is part of the answer, not an error.
 * @throws InputError for placements or requests that make no sense
 */
export async function planScenario(scenario: ResolvedScenario): Promise<PlannedArm[]> {
  const planned: PlannedArm[] = [];
  for (const arm of scenario.arms) {
    try {
      const plan = await placeArm(scenario, arm, scenario.placementFiles.get(arm.name));
      planned.push({ name: arm.name, arm, plan });
    } catch (error) {
      if (!(error instanceof CapacityError)) throw error;
      planned.push({ name: arm.name, arm, problem: error.message });
    }
  }
  return planned;
}

/**
 * Places the tables of an arm, or of a variant of it, and says where in the scenario a request is that makes no sense.
 * @param file the placement that the arm names, if it names one
 * @throws CapacityError when the tables do not fit; InputError, located
 */
export async function placeArm(
  { problemAt }: Pick<ResolvedScenario, 'problemAt'>,
  arm: ArmDeployment,
  file?: SourceDocument,
): Promise<ArmPlan> {
  try {
    return await planArm(arm, file);
  } catch (error) {
    if (!isUnlocated(error)) throw error;
    throw new InputError(error.problems.map(({ message }) => problemAt(arm.name, ['sharding'], message)));
  }
}

/** A problem of the request itself, which knows no file. */
function isUnlocated(error: unknown): error is InputError {
  return error instanceof InputError && error.problems.every(({ file }) => file === undefined);
}

/** One unit of simulation work: a replication of an arm that fits. */
export interface Job {
  /** Position of the arm among those planned. */
  arm: number;
  plan: ArmPlan;
  key: ReplicationKey;
}

/**
 * All replications of all arms that fit, arm by arm. Where costs rest on measurements, whose error is known, each
 * is simulated a second time with a cost model that is off by as much.
 */
export function jobsOf({ settings }: ResolvedScenario, planned: readonly PlannedArm[]): Job[] {
  const { seed, replications } = settings;
  return planned.flatMap((entry, arm) => {
    if (!('plan' in entry)) return [];
    const { plan } = entry;
    const keys = Array.from(
      { length: replications },
      (_, replication): ReplicationKey => ({
        seed,
        replication,
      }),
    );
    const perturbed = hasKnownErrors(plan.arm)
      ? keys.map((key): ReplicationKey => ({ ...key, withCostErrors: true }))
      : [];
    return [...keys, ...perturbed].map((key) => ({ arm, plan, key }));
  });
}

/** Whether anything that an arm runs on was measured, or stands for something that was. */
export function hasKnownErrors({ main, sparse, preprocessing, accelerated }: ArmDeployment): boolean {
  const devices = [main.host.cpu, sparse.host.cpu];
  if (preprocessing?.tier) devices.push(preprocessing.tier.host.cpu);
  if (accelerated && main.host.accelerators) devices.push(main.host.accelerators.device);
  return devices.some(hasMeasurements);
}

/** Sorts outcomes, which stand in the order of their jobs, by arm and replication. */
export function outcomesByArm(
  planned: readonly PlannedArm[],
  jobs: readonly Job[],
  outcomes: readonly ReplicationOutcome[],
): ArmOutcomes[] {
  const byArm = planned.map(() => ({
    nominal: [] as ReplicationOutcome[],
    perturbed: [] as ReplicationOutcome[],
  }));
  jobs.forEach(({ arm, key }, index) => {
    const { nominal, perturbed } = byArm[arm];
    (key.withCostErrors ? perturbed : nominal)[key.replication] = outcomes[index];
  });
  return byArm;
}

/** Plans, simulates and summarises in this thread. Pure: the same scenario gives the same result. */
export async function runScenario(scenario: ResolvedScenario, product: string): Promise<Result> {
  const planned = await planScenario(scenario);
  const jobs = jobsOf(scenario, planned);
  const outcomes = jobs.map(({ plan, key }) => simulateReplication(plan, key));
  return summarise(scenario, planned, outcomesByArm(planned, jobs, outcomes), product);
}
