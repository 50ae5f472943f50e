import { InputError } from '../foundation/problem.ts';
import type { ArmPlan } from '../sim/serving/plan.ts';
import { type ReplicationOutcome, simulateReplication } from '../sim/serving/replication.ts';
import type { ReplicationKey } from '../sim/streams.ts';

export type WorkerAnswer = { outcome: ReplicationOutcome } | { message: string; isInput: boolean };

/** Errors travel as data: a class does not survive the way between threads. */
export default function replicate({ plan, key }: { plan: ArmPlan; key: ReplicationKey }): WorkerAnswer {
  try {
    return { outcome: simulateReplication(plan, key) };
  } catch (error) {
    return { message: (error as Error).message, isInput: error instanceof InputError };
  }
}
