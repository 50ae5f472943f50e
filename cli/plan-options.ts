import type { PlanSpec } from '../scenarios/plan-schema.ts';
import type { Percentile } from '../sim/result.ts';

/** What the command line says of a plan, of either kind. */
export interface PlanOptions {
  target?: number;
  sla?: { percentile: Percentile; limitS: number };
  arm: string[];
  capacity?: boolean;
  headroom?: number;
  spares?: number;
  survive?: PlanSpec['survive'];
  sensitivity: boolean;
  out?: string;
  json?: boolean;
  seed?: number;
  replications?: number;
  workers?: number;
}
