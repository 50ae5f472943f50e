import { greedyFleet } from './greedy.ts';
import { fleetValue, isFeasible, type MixFleet, type MixInstance } from './instance.ts';
import { programOf } from './program.ts';

/** Branches and seconds of one search at most; branches end it alike on every machine. */
export const searchLimits = { nodes: 20_000, timeLimitS: 20 };

/** The best fleet that was found, and how good any could be. */
export interface MixSolution {
  fleet: MixFleet;
  value: number;
  /** No fleet has less. */
  bound: number;
  method: 'branch and bound' | 'greedy';
  /** The clock stopped the search: another run may find another fleet. */
  isTimeLimited: boolean;
}

/**
 * The fleet of least price, power or hosts that serves all targets from the stock: HiGHS from a greedy start.
 * @returns undefined where there is none
 */
export async function solveMix(
  instance: MixInstance,
  limits = searchLimits,
): Promise<MixSolution | undefined> {
  if (!hasPairs(instance)) return undefined;
  const greedy = greedyFleet(instance);
  const { program, read, write } = programOf(instance);
  const answer = await program.minimise({ ...limits, ...(greedy && { start: write(greedy) }) });
  if (answer.state === 'infeasible' && !greedy) return undefined;
  const found =
    answer.state === 'failed' || answer.state === 'infeasible'
      ? undefined
      : balanced(instance, read(answer.values));
  const { isTimeLimited } = answer;
  const bound = Number.isFinite(answer.bound) && answer.state !== 'failed' ? Math.max(0, answer.bound) : 0;
  const usable = found && isFeasible(instance, found) ? found : undefined;
  if (usable && !(greedy && fleetValue(instance, greedy) < fleetValue(instance, usable))) {
    const value = fleetValue(instance, usable);
    return { fleet: usable, value, bound: Math.min(bound, value), method: 'branch and bound', isTimeLimited };
  }
  if (!greedy) {
    throw new Error(`the solver stopped before it found a mix or ruled it out (${answer.state})`);
  }
  const value = fleetValue(instance, greedy);
  return { fleet: greedy, value, bound: Math.min(bound, value), method: 'greedy', isTimeLimited };
}

/** Whether every workload can run somewhere. */
export function hasPairs({ workloads, pairs }: MixInstance): boolean {
  return workloads.every((_, workload) => pairs.some((pair) => pair.workload === workload));
}

/** Rates that add up to the targets exactly, for all that rounding took from or added to them. */
function balanced({ workloads, pairs }: MixInstance, fleet: MixFleet): MixFleet {
  const served = workloads.map((_, workload) =>
    fleet.reduce(
      (sum, { ratePerS }, index) => (pairs[index].workload === workload ? sum + ratePerS : sum),
      0,
    ),
  );
  return fleet.map((share, index) => {
    const { workload } = pairs[index];
    const { targetPerS } = workloads[workload];
    return served[workload] > 0
      ? { ...share, ratePerS: (share.ratePerS * targetPerS) / served[workload] }
      : share;
  });
}
