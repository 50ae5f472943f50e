import { quantile } from '../accuracy/error-statistics.ts';
import { isPredicted, type RowOutcome, type RowPrediction } from './predict.ts';

/** Errors that are aimed at. */
export const targets = { throughput: 0.15, p99: 0.2 };

/** Rows of one kind of system, model and scenario. */
export interface GroupSummary {
  device: string;
  model: string;
  scenario: 'Offline' | 'Server';
  rows: number;
  /** Offline: median of the size of the error, and of the error with its sign. */
  throughput?: { medianError: number; bias: number };
  /** Server: rows with a published p99 whose rate is beyond the predicted capacity, and errors of the others. */
  saturated?: number;
  p50?: { medianError: number; bias: number };
  p99?: { medianError: number; bias: number };
  /** Rows within the target of their scenario; a saturated row is not. */
  within: number;
  /** Rows that the target can be held against. */
  judged: number;
}

export interface Summary {
  groups: GroupSummary[];
  offline: { rows: number; within: number };
  server: { rows: number; within: number; saturated: number };
  unpredicted: number;
}

export function summaryOf(outcomes: readonly RowOutcome[]): Summary {
  const predicted = outcomes.filter(isPredicted);
  const byGroup = new Map<string, RowPrediction[]>();
  for (const prediction of predicted) {
    const { row, system } = prediction;
    const key = [system.accelerator ?? system.cpu, row.model, row.scenario].join('|');
    byGroup.set(key, [...(byGroup.get(key) ?? []), prediction]);
  }
  const groups = [...byGroup]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, rows]) => groupSummary(key.split('|')[0], rows));
  const total = (scenario: string, of: (group: GroupSummary) => number) =>
    groups.filter((group) => group.scenario === scenario).reduce((sum, group) => sum + of(group), 0);
  return {
    groups,
    offline: {
      rows: total('Offline', ({ judged }) => judged),
      within: total('Offline', ({ within }) => within),
    },
    server: {
      rows: total('Server', ({ judged }) => judged),
      within: total('Server', ({ within }) => within),
      saturated: total('Server', ({ saturated }) => saturated ?? 0),
    },
    unpredicted: outcomes.length - predicted.length,
  };
}

function groupSummary(device: string, predictions: readonly RowPrediction[]): GroupSummary {
  const [{ row }] = predictions;
  const common = { device, model: row.model, scenario: row.scenario, rows: predictions.length };
  if (row.scenario === 'Offline') {
    const errors = predictions.map(({ throughput }) => throughput.error!);
    return {
      ...common,
      throughput: errorOf(errors),
      within: errors.filter((error) => Math.abs(error) <= targets.throughput).length,
      judged: errors.length,
    };
  }
  const judged = predictions.filter((prediction) => prediction.row.latencyS.p99 !== undefined);
  const errorsAt = (name: 'p50' | 'p99') =>
    judged.flatMap(({ latency }) => (latency?.[name].error === undefined ? [] : [latency[name].error]));
  const [p50, p99] = [errorsAt('p50'), errorsAt('p99')];
  return {
    ...common,
    saturated: judged.filter(({ isSaturated }) => isSaturated).length,
    ...(p50.length > 0 && { p50: errorOf(p50) }),
    ...(p99.length > 0 && { p99: errorOf(p99) }),
    within: p99.filter((error) => Math.abs(error) <= targets.p99).length,
    judged: judged.length,
  };
}

function errorOf(errors: readonly number[]): { medianError: number; bias: number } {
  const ascending = (values: readonly number[]) => [...values].sort((a, b) => a - b);
  return {
    medianError: quantile(ascending(errors.map(Math.abs)), 0.5),
    bias: quantile(ascending(errors), 0.5),
  };
}
