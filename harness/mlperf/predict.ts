import { InputError } from '../../foundation/problem.ts';
import { CapacityError } from '../../sim/sharding/capacity-error.ts';
import { meanPairs } from './deployment.ts';
import { type LatencyPercentile, latencyPercentiles, type PublishedRow } from './published-rows.ts';
import { capacityPerS, latencyAt } from './simulated.ts';
import { type System, systemOf } from './system.ts';

/** A published figure beside the simulated one. */
export interface Compared {
  predicted: number;
  published?: number;
  /** Predicted over published, less 1. */
  error?: number;
}

/** What was predicted of one row. Nothing of it depends on the row's result but the rate that a Server row was sent. */
export interface RowPrediction {
  row: PublishedRow;
  system: System;
  capPairs: number;
  /** Whether the cap is the row's own, or comes from the rule for rows without one. */
  isOwnCap: boolean;
  /** Samples per second with batches at the cap; an Offline row's published rate beside it. */
  throughput: Compared;
  /** Server rows: the published rate over the predicted capacity. */
  load?: number;
  /** Server rows: whether the rate is more than what is predicted to be served; then there are no latencies. */
  isSaturated?: boolean;
  /** Seconds. */
  latency?: Record<LatencyPercentile, Compared>;
}

/** A row that has no prediction, and what to do about it. */
export interface UnpredictedRow {
  row: PublishedRow;
  missing: string;
}

export type RowOutcome = RowPrediction | UnpredictedRow;

/** Load from which on a queue grows as long as one watches. */
const saturation = 0.99;

/** Offline rows without a cap: batches so large that larger ones would change nothing. */
const usualOfflinePairs = 300_000;

/** Server rows without a cap: as many pairs as take so long, in whole hundreds, the largest sample at least. */
const usualBatchS = 3e-3;
const probePairs = 50_000;
const leastPairs = 700;

/**
 * Predicts rows in their order.
 * @param onDone called after each
 */
export async function predictRows(
  rows: readonly PublishedRow[],
  onDone: () => void = () => {},
): Promise<RowOutcome[]> {
  const predictor = new Predictor();
  const outcomes: RowOutcome[] = [];
  for (const row of rows) {
    outcomes.push(await predictor.predict(row));
    onDone();
  }
  return outcomes;
}

/** Predicts rows one after the other; what systems have in common is simulated once. */
class Predictor {
  private readonly capacities = new Map<string, Promise<number>>();
  private readonly latencies = new Map<string, ReturnType<typeof latencyAt>>();

  async predict(row: PublishedRow): Promise<RowOutcome> {
    if (row.problem !== undefined) return { row, missing: `cannot be read: ${row.problem}` };
    const system = systemOf(row);
    if ('missing' in system) return { row, missing: system.missing };
    try {
      return await this.predictOn(system, row);
    } catch (error) {
      if (!(error instanceof CapacityError || error instanceof InputError)) throw error;
      return { row, missing: error.message.split('\n')[0] };
    }
  }

  private async predictOn(system: System, row: PublishedRow): Promise<RowPrediction> {
    const capPairs = row.capPairs ?? (await this.usualCap(system, row));
    const capacity = await this.capacity(system, capPairs);
    const common = { row, system, capPairs, isOwnCap: row.capPairs !== undefined };
    if (row.scenario === 'Offline') {
      return { ...common, throughput: compared(capacity, row.samplesPerS) };
    }
    const load = row.samplesPerS / capacity;
    const served = { ...common, throughput: { predicted: capacity }, load };
    if (load >= saturation) return { ...served, isSaturated: true };
    const { latencyS } = await this.latency(system, capPairs, row.samplesPerS);
    const latency = Object.fromEntries(
      latencyPercentiles.map((name) => [name, compared(latencyS[name], row.latencyS[name])]),
    ) as Record<LatencyPercentile, Compared>;
    return { ...served, isSaturated: false, latency };
  }

  private async usualCap(system: System, { scenario }: PublishedRow): Promise<number> {
    if (scenario === 'Offline') return usualOfflinePairs;
    const samplesPerS = await this.capacity(system, probePairs);
    const pairs = (samplesPerS / Math.max(1, system.accelerators)) * meanPairs * usualBatchS;
    return Math.max(leastPairs, Math.round(pairs / 100) * 100);
  }

  private async capacity(system: System, capPairs: number): Promise<number> {
    const one = { ...system, accelerators: Math.min(1, system.accelerators) };
    const key = `${keyOf(one)} ${capPairs}`;
    const known = this.capacities.get(key) ?? capacityPerS(one, capPairs);
    this.capacities.set(key, known);
    return (await known) * Math.max(1, system.accelerators);
  }

  private latency(system: System, capPairs: number, samplesPerS: number) {
    const key = `${keyOf(system)} ${capPairs} ${samplesPerS}`;
    const known = this.latencies.get(key) ?? latencyAt(system, capPairs, samplesPerS);
    this.latencies.set(key, known);
    return known;
  }
}

function keyOf({ notes: _, ...system }: System): string {
  return JSON.stringify(system);
}

function compared(predicted: number, published: number | undefined): Compared {
  return published === undefined ? { predicted } : { predicted, published, error: predicted / published - 1 };
}

export function isPredicted(outcome: RowOutcome): outcome is RowPrediction {
  return 'throughput' in outcome;
}
