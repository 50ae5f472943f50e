/** Everything that evaluating a point needs on a machine without the user's files. JSON carries it unchanged. */
export interface SweepBundle {
  /** Hash of all that decides the rows of a point beside its values. */
  key: string;
  /** Hash of that and of the sample: tells sweeps on one server apart. Rows do not depend on it. */
  sweep: string;
  /** Version of the product: another one may give other rows, so it must not evaluate this bundle. */
  product: string;
  /** Name of the scenario, where its file states none. */
  name: string;
  /** The scenario with what it extends merged in, less its `sweep` section. */
  scenario: Record<string, unknown>;
  /** Dotted fields that points set. */
  fields: string[];
  /** Whether dominated arms of a point get no replications beyond the pilot. */
  earlyStop: boolean;
  /** What user files hold, by kind and by name as the scenario writes it. What the product brings is not in here. */
  files: BundledFiles;
}

export interface BundledFiles {
  models: Record<string, unknown>;
  hosts: Record<string, unknown>;
  networks: Record<string, unknown>;
  placements: Record<string, unknown>;
  traces: Record<string, BundledTrace>;
  /** Of the quality model of distillation; absent without any. */
  constants?: Record<string, unknown>;
}

export interface BundledTrace {
  timesS: number[];
  candidates: number[];
  lookups?: { tables: string[]; counts: number[] };
}
