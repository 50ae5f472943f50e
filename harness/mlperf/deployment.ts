import { loadNetwork } from '../../hardware-profiles/files.ts';
import { coresOf } from '../../hardware-profiles/profile.ts';
import type { Model } from '../../models/model.ts';
import type { AcceleratedServing, ArmDeployment } from '../../scenarios/deployment.ts';
import type { LoadSpec } from '../../scenarios/load-schema.ts';
import { armSchema } from '../../scenarios/schema.ts';
import { modelOnCpu, modelOnGpu } from './served-model.ts';
import { hostOf, type System, tableRoom } from './system.ts';

/** User-item pairs of a sample: twenty equally likely values (MLPerf Inference's data set), and their mean there. */
export const pairsOfSamples: readonly number[] = [
  ...Array<number>(2).fill(100),
  ...Array<number>(12).fill(200),
  ...Array<number>(2).fill(300),
  400,
  500,
  600,
  700,
];
export const meanPairs = 270.06;

/** Share of accelerator memory for activations and the engine itself. Assumed. */
const reserved = 0.1;

/** Batches that a GPU has in hand: one that runs and one that is copied in, as the published harness has it. */
const batchesInHand = 2;

/** Pairs of a part of a sample on one core of a CPU; rankfleet's usual batch. */
const pairsOnCore = 64;

/**
 * One accelerator of a system with its batches, or a system of CPUs, as an arm of a scenario.
 * @param capPairs most pairs of a batch on an accelerator
 */
export function deploymentOf(
  system: System,
  capPairs: number,
  arrivals: LoadSpec['arrivals'],
  requests: number,
): ArmDeployment {
  const host = hostOf(system);
  const isAccelerated = host.accelerators !== undefined;
  const spec = armSchema.parse({
    model: system.model,
    sharding: { strategy: 'singular' },
    serving: isAccelerated
      ? { tables_on: 'accelerator', dynamic_batching: { max_candidates: capPairs } }
      : { batch_size: pairsOnCore },
  });
  const model = isAccelerated ? modelOnGpu(system.model, system.cross) : modelOnCpu(system.model);
  const tier = { host, workers: Math.max(1, coresOf(host)), policy: 'round-robin' as const };
  return {
    name: host.name,
    model,
    poolingScale: 1,
    load: {
      arrivals,
      candidates: { kind: 'choices', values: [...pairsOfSamples] },
      requests,
      warm_up: 0.2,
    },
    serving: spec.serving,
    main: { ...tier, replicas: 1 },
    ...(isAccelerated && {
      accelerated: acceleratedServing(system, model, tableRoom(host.accelerators!.device, reserved)),
    }),
    sparse: { ...tier, replicas: 1 },
    network: loadNetwork('localhost'),
    dramReserved: 0,
    sharding: spec.sharding,
  };
}

/** All tables on the accelerator, or its share of the rows read most often and the others in host memory. */
function acceleratedServing(system: System, model: Model, roomBytes: number): AcceleratedServing {
  const totalBytes = model.nets
    .flatMap(({ tables }) => tables)
    .reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const wantedBytes = totalBytes * system.shareOnAccelerator;
  const common = { used: 1, streams: batchesInHand, reserved, cachePolicy: 'static' as const };
  if (wantedBytes >= totalBytes && totalBytes <= roomBytes) return { ...common, tables: 'replicated' };
  return { ...common, tables: 'cached', cacheBytes: Math.min(wantedBytes, roomBytes) };
}
