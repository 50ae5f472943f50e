import type { MeasuredDataType } from '../hardware-profiles/operators-measured.ts';
import type { Artifact } from './artifact.ts';
import type { Evaluation } from './evaluation.ts';
import type { KernelTask } from './kernel-task.ts';

export interface EvaluationRequest {
  task: KernelTask;
  dataType: MeasuredDataType;
  /** Asks for the verdict that counts: more rounds of timing, and shapes and inputs that the search has not seen. */
  isFinal?: boolean;
  /** Asks for hardware counters of a kernel that is right, where the device has them: seconds that these may take at most. */
  countersWithinS?: number;
  /** Fires when nobody waits for the answer any more. */
  signal: AbortSignal;
}

/** Compiles, checks and times artifacts on one device, one after the other. */
export interface Evaluator {
  /**
   * Whatever an artifact does wrong is a failure in the answer.
   * @throws Error only where evaluating itself broke down, which ends the search; nothing is lost then
   */
  evaluate(artifact: Artifact, request: EvaluationRequest): Promise<Evaluation>;
}
