/**
 * Purposes of random streams. A stream is keyed by (seed, replication, purpose, request), so that arms of a
 * comparison see the same requests (common random numbers) and no purpose disturbs another.
 */
export const streams = {
  arrivals: 1,
  candidates: 2,
  lookups: 3,
  network: 4,
  strata: 6,
  rowParts: 7,
  costModel: 8,
  tier: 9,
  trainingTraffic: 10,
  snapshots: 11,
} as const;

/** The part of a stream's key that all draws of one replication share. */
export interface ReplicationKey {
  seed: number;
  replication: number;
  /** The same replication with a cost model that is off by what is known of its error. */
  withCostErrors?: true;
}
