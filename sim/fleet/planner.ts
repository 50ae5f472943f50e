import type { ResolvedScenario } from '../../scenarios/deployment.ts';
import type { PlanSpec } from '../../scenarios/plan-schema.ts';
import type { Percentile } from '../serving/replication.ts';
import type { FleetWorkers } from './workers.ts';

/** What every part of a plan works with. */
export interface Planner {
  scenario: ResolvedScenario;
  spec: PlanSpec;
  sla: { percentile: Percentile; limitS: number };
  /** Requests per second that the fleet is sized for; undefined where neither the plan nor the load has a rate. */
  targetPerS?: number;
  workers: FleetWorkers;
  /** Whether to find out what the answer is sensitive to. */
  withSensitivity?: boolean;
  /** Called when an alternative is done. */
  onStep?: () => void;
}
