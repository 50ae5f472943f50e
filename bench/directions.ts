import { loadModel } from '../models/files.ts';
import type { ArmDeployment } from '../scenarios/deployment.ts';
import { loadScenario } from '../scenarios/files.ts';
import { planArm } from '../sim/serving/plan.ts';
import { type ReplicationOutcome, simulateReplication } from '../sim/serving/replication.ts';
import { type ArmRuns, type Comparison, claims } from './direction-claims.ts';

/** One direction, over every point of the grid and every model that it speaks of. */
export interface DirectionRow {
  id: string;
  statement: string;
  /** Points (of the grid, per model) at which it holds, of how many. */
  holdsIn: number;
  points: number;
  /** Where it does not hold. */
  note: string;
}

/** One choice of what the published account leaves open. Times in seconds. */
export interface GridPoint {
  /** Median round trip of the network; its minimum and p99 keep their ratio to it. */
  roundTripS: number;
  /** CPU of each message, on each side. */
  messageS: number;
  /** Candidates of a batch. */
  batchSize: number;
  /** CPU of service boilerplate per RPC, and of scheduling a net once. */
  serviceS: number;
  netOverheadS: number;
  /** Threads of the main host that score batches; each holds a core. */
  workers: number;
}

const usual: GridPoint = {
  roundTripS: 120e-6,
  messageS: 20e-6,
  batchSize: 64,
  serviceS: 25e-6,
  netOverheadS: 30e-6,
  workers: 8,
};

/**
 * The grid: every pair of network round trip and CPU per message at the usual batch size; smaller and larger batches
 * at the corners and the centre of that square; service and net overhead halved and doubled. These were stated
 * before they were run. More workers, up to all cores, were added afterwards, since the usual eight had been chosen
 * with an eye on the tail.
 */
export const grid: readonly GridPoint[] = [
  ...[60e-6, 120e-6, 250e-6].flatMap((roundTripS) =>
    [10e-6, 20e-6, 40e-6].map((messageS) => ({ ...usual, roundTripS, messageS })),
  ),
  ...[32, 128].flatMap((batchSize) =>
    [
      { roundTripS: 60e-6, messageS: 10e-6 },
      { roundTripS: 120e-6, messageS: 20e-6 },
      { roundTripS: 250e-6, messageS: 40e-6 },
    ].map((network) => ({ ...usual, ...network, batchSize })),
  ),
  { ...usual, serviceS: 12.5e-6, netOverheadS: 15e-6 },
  { ...usual, serviceS: 50e-6, netOverheadS: 60e-6 },
  { ...usual, workers: 20 },
  { ...usual, workers: 40 },
];

/** Serial replay of this many requests, this often; all arms see the same requests. */
export const requests = 200;
export const replications = 4;
const seed = 1;

const shardCounts = [2, 4, 8];
const strategies = ['capacity-balanced', 'load-balanced', 'nsbp'] as const;

/** Arms of each model, as the paper is remembered to have them. */
const configurations = {
  'drm1-like': strategies.flatMap((strategy) => shardCounts.map((shards) => ({ strategy, shards }))),
  'drm2-like': strategies.flatMap((strategy) => shardCounts.map((shards) => ({ strategy, shards }))),
  'drm3-like': [4, 8].map((shards) => ({ strategy: 'nsbp' as const, shards })),
};

export const models = Object.keys(configurations) as (keyof typeof configurations)[];

/**
 * Evaluates the remembered directions (recollected, unverified) at every point of the grid. Deterministic.
 * @param points part of the grid, for a quick look
 */
export async function checkDirections(points: readonly GridPoint[] = grid): Promise<DirectionRow[]> {
  const held = claims.map(() => ({ holds: 0, points: 0, misses: new Map<string, number>() }));
  for (const point of points) {
    for (const model of models) {
      const comparison = await compare(model, point);
      for (const [index, claim] of claims.entries()) {
        if (!claim.models.includes(model)) continue;
        const tally = held[index];
        const failure = claim.failure(comparison);
        tally.points++;
        if (failure === undefined) tally.holds++;
        else tally.misses.set(`${model}: ${failure}`, (tally.misses.get(`${model}: ${failure}`) ?? 0) + 1);
      }
    }
  }
  return claims.map(({ id, statement }, index) => {
    const { holds, points: count, misses } = held[index];
    const note = [...misses].map(([what, times]) => `${what} (${times})`).join('; ');
    return { id, statement, holdsIn: holds, points: count, note };
  });
}

async function compare(model: keyof typeof configurations, point: GridPoint): Promise<Comparison> {
  const base = await baseArm(model, point);
  const run = async (strategy: ArmDeployment['sharding']['strategy'], shards: number): Promise<ArmRuns> => {
    const plan = await planArm({ ...base, sharding: { ...base.sharding, strategy, shards } });
    const outcomes: ReplicationOutcome[] = [];
    for (let replication = 0; replication < replications; replication++) {
      outcomes.push(simulateReplication(plan, { seed, replication }));
    }
    return { strategy, shards, outcomes };
  };
  const sharded: ArmRuns[] = [];
  for (const { strategy, shards } of configurations[model]) sharded.push(await run(strategy, shards));
  return { singular: await run('singular', 1), oneShard: await run('one-shard', 1), sharded };
}

let defaults: Map<string, ArmDeployment> | undefined;

/** The scale-out scenario's own arm, with another model and the choices of a grid point. */
async function baseArm(model: string, point: GridPoint): Promise<ArmDeployment> {
  defaults ??= await loadDefaults();
  const arm = defaults.get(model)!;
  const { network } = arm;
  const scale = point.roundTripS / network.roundTrip.medianS.value;
  const scaled = (time: 'minimumS' | 'medianS' | 'p99S') => ({
    ...network.roundTrip[time],
    value: network.roundTrip[time].value * scale,
  });
  return {
    ...arm,
    main: { ...arm.main, workers: point.workers },
    load: { ...arm.load, requests },
    serving: {
      ...arm.serving,
      batch_size: point.batchSize,
      rpc_service: point.serviceS,
      net_overhead: point.netOverheadS,
    },
    network: {
      ...network,
      roundTrip: { minimumS: scaled('minimumS'), medianS: scaled('medianS'), p99S: scaled('p99S') },
      perMessageCpuS: { ...network.perMessageCpuS, value: point.messageS },
    },
  };
}

async function loadDefaults(): Promise<Map<string, ArmDeployment>> {
  const [arm] = (await loadScenario('scale-out')).arms;
  return new Map(models.map((name) => [name, { ...arm, model: loadModel(name) }]));
}
