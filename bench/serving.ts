import { performance } from 'node:perf_hooks';
import type { ArmDeployment } from '../scenarios/deployment.ts';
import { loadScenario } from '../scenarios/files.ts';
import { type ArmPlan, planArm } from '../sim/serving/plan.ts';
import { simulateReplication } from '../sim/serving/replication.ts';

/** One arm simulated in this thread, from its requests' draws to its percentiles. */
export interface ServingBenchRow {
  case: string;
  requests: number;
  events: number;
  seconds: number;
  millionEventsPerS: number;
  /** Memory of the process afterwards: resident, and in arrays and objects that are in use. */
  residentMB: number;
  usedMB: number;
}

/** Timed runs of each default arm; the median counts. */
const runs = 3;

/**
 * Times the whole serving path: every arm of the scale-out scenario as it stands, then a light arm (one net of
 * eight tables, one batch a request, open load) with ever more requests, to show that memory stays flat.
 * @param long also runs ten million requests
 */
export async function benchServing(long = false): Promise<ServingBenchRow[]> {
  const { arms } = await loadScenario('scale-out');
  const rows: ServingBenchRow[] = [];
  for (const arm of arms) rows.push(await timed(arm.name, arm));
  rows.push(allOf(rows));
  for (const shards of [0, 2]) {
    for (const requests of [1e5, 1e6, ...(long ? [1e7] : [])]) {
      const name = shards === 0 ? 'light, singular' : `light, ${shards} shards`;
      rows.push(await timed(name, lightArm(arms[0], shards, requests), 1));
    }
  }
  return rows;
}

/** The scenario as a whole: all events over all seconds. */
function allOf(rows: readonly ServingBenchRow[]): ServingBenchRow {
  const total = (value: (row: ServingBenchRow) => number) => rows.reduce((sum, row) => sum + value(row), 0);
  const events = total((row) => row.events);
  const seconds = total((row) => row.seconds);
  return {
    case: 'all arms of scale-out',
    requests: total((row) => row.requests),
    events,
    seconds,
    millionEventsPerS: events / seconds / 1e6,
    residentMB: Math.max(...rows.map(({ residentMB }) => residentMB)),
    usedMB: Math.max(...rows.map(({ usedMB }) => usedMB)),
  };
}

/** Eight tables of one net, one batch of 64 candidates a request, Poisson arrivals at a moderate load. */
function lightArm(arm: ArmDeployment, shards: number, requests: number): ArmDeployment {
  const [net] = arm.model.nets;
  return {
    ...arm,
    model: { ...arm.model, nets: [{ ...net, tables: net.tables.slice(0, 8) }] },
    load: {
      ...arm.load,
      arrivals: { kind: 'poisson', rate: 1000 },
      candidates: { kind: 'fixed', value: 64 },
      requests,
    },
    sharding: {
      ...arm.sharding,
      strategy: shards === 0 ? 'singular' : 'capacity-balanced',
      shards: Math.max(shards, 1),
    },
  };
}

async function timed(name: string, arm: ArmDeployment, times = runs): Promise<ServingBenchRow> {
  const plan = await planArm(arm);
  if (times > 1) simulateReplication(plan, { seed: 1, replication: 0 });
  const measured = Array.from({ length: times }, (_, replication) => timedRun(plan, replication));
  measured.sort((a, b) => a.seconds - b.seconds);
  const { events, seconds } = measured[times >> 1];
  (globalThis as { gc?: () => void }).gc?.();
  const { rss, heapUsed, arrayBuffers } = process.memoryUsage();
  return {
    case: name,
    requests: arm.load.requests,
    events,
    seconds,
    millionEventsPerS: events / seconds / 1e6,
    residentMB: rss / 1e6,
    usedMB: (heapUsed + arrayBuffers) / 1e6,
  };
}

function timedRun(plan: ArmPlan, replication: number): { events: number; seconds: number } {
  const start = performance.now();
  const { events } = simulateReplication(plan, { seed: 1, replication });
  return { events, seconds: (performance.now() - start) / 1e3 };
}
