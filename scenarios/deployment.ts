import type { SourceDocument } from '../foundation/document.ts';
import type { Evidence } from '../foundation/evidence.ts';
import type { Problem } from '../foundation/problem.ts';
import type { KernelName } from '../hardware-profiles/kernels.ts';
import type { Host, Network } from '../hardware-profiles/profile.ts';
import type { Model } from '../models/model.ts';
import type { LoadSpec } from './load-schema.ts';
import type { FleetSpec, ScenarioSettings, ServingSpec, ShardingSpec } from './schema.ts';

/** A recorded load: one row per request, in order of time. */
export interface Trace {
  file: string;
  /** Arrival times in seconds from the first request, ascending. */
  timesS: Float64Array;
  candidates: Int32Array;
  /** Lookups per request of the tables that the trace names: `counts[request × tables.length + table]`. */
  lookups?: { tables: string[]; counts: Float32Array };
}

/** Hosts of one role, with nothing left to look up. */
export interface Tier {
  host: Host;
  /** Worker threads of one replica; each holds one core. */
  workers: number;
  policy: FleetSpec['main']['policy'];
  /** What if: all that its cores compute, and its memory, were so many times as fast, measured times included. */
  speed?: { cores: number; memory: number };
}

/** What the accelerators of a main host do. */
export interface AcceleratedServing {
  /** Accelerators of each main host that serve. */
  used: number;
  /** Batches that one accelerator has in hand at a time. */
  streams: number;
  /** Where the tables that the main host looks up are: in host memory or on sparse shards, or on the accelerators. */
  tables: 'host' | 'replicated' | 'sharded' | 'cached';
  /** Share of accelerator memory that tables may not use. */
  reserved: number;
  /** Cached tables only; the size in bytes of each accelerator, absent where all that is free serves. */
  cachePolicy: 'static' | 'lru';
  cacheBytes?: number;
}

/** What an arm did to the tables of its model. */
export interface TableStorage {
  /** All tables as the model file has them. */
  originalBytes: number;
  /** What had no effect, in words. */
  notes: string[];
}

/** Where the raw features of a request are preprocessed. */
export interface PreprocessingServing {
  /** Device of the main hosts that serves, and the kernels it lacks that preprocessing needs. */
  device: string;
  missing: KernelName[];
  /** CPU hosts in front of the main ones; absent where the main hosts preprocess. */
  tier?: Tier & { replicas: number };
  /** What the tier adds to a request beside its work, uniform between the two (s). */
  overhead?: { fromS: number; toS: number; evidence: Evidence };
}

/** One arm of a scenario, resolved: plain data, so that it can be sent to a worker thread. */
export interface ArmDeployment {
  name: string;
  /** As the arm stores and computes it. */
  model: Model;
  /** Absent where the tables are stored as the model file has them. */
  storage?: TableStorage;
  poolingScale: number;
  load: LoadSpec;
  trace?: Trace;
  serving: ServingSpec;
  main: Tier & { replicas: number };
  /** Absent where nothing runs on accelerators. */
  accelerated?: AcceleratedServing;
  /** Absent where the model has no preprocessing. */
  preprocessing?: PreprocessingServing;
  /** `replicas` is one number for all shards, or a list with one per shard. */
  sparse: Tier & { replicas: number | number[] };
  network: Network;
  dramReserved: number;
  sharding: ShardingSpec;
}

/** A default that the scenario did not state, as `fleet.main.host = sc-large`. */
export interface DefaultUsed {
  path: string;
  value: string | number | boolean;
}

/** One of several models that share a fleet, on each of the scenario's alternatives. */
export interface ResolvedWorkload {
  name: string;
  /** Requests per second. */
  targetPerS: number;
  sla: { percentile: 'p50' | 'p90' | 'p95' | 'p99' | 'p99.9'; limitS: number };
  /** Most alternatives that share the model. */
  maxAlternatives?: number;
  /** The arm is one of the scenario's; where there is none, `problem` says what contradicts. */
  pairs: { alternative: string; arm?: ArmDeployment; problem?: string; note?: string }[];
}

/** A question with no names left to look up. */
export interface ResolvedScenario {
  name: string;
  settings: Omit<ScenarioSettings, 'arms' | 'extends'>;
  baseline: string;
  /** Of a plan with workloads: every possible pair of a workload and an alternative. */
  arms: ArmDeployment[];
  workloads?: ResolvedWorkload[];
  /** The placement files that arms name, by arm; they are read against the arm's model when it is sharded. */
  placementFiles: Map<string, SourceDocument>;
  defaults: DefaultUsed[];
  /** A problem found later, at the place in the file that wrote the field of an arm. */
  problemAt(arm: string, path: readonly PropertyKey[], message: string): Problem;
}
