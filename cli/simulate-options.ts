import type { TraceOptions } from './request-trace.ts';

/** What the command line says of a simulation. */
export interface SimulateOptions extends TraceOptions {
  out?: string;
  json?: boolean;
  seed?: number;
  replications?: number;
  watch?: boolean;
}
