import { counted } from '../../../foundation/counted.ts';
import { formatBytes } from '../../../foundation/units.ts';
import { meanLookups } from '../../../models/summary.ts';
import { handedOnBytes } from '../../serving/grouped-lookups.ts';
import { type Piece, tablesOf } from '../../sharding/placement.ts';
import { distillationOperators } from './distillation-operators.ts';
import {
  activationBytes,
  denseStateBytes,
  largestTensorsBytes,
  memoryOf,
  readBytes,
  TrainingMemoryError,
} from './memory.ts';
import { placeTables } from './place-tables.ts';
import type { StepMemory } from './step-result.ts';
import { momentBytes, type TableShare, tableShares } from './table-shares.ts';
import { devicesOf, devicesPerHost, type TrainingJob } from './training-job.ts';

/** Where the tables of a job lie, and what that takes. */
export interface FittedJob {
  pieces: Piece[][];
  shares: TableShare[];
  memory: StepMemory;
}

/** Vectors and their gradients are buffered where they are sent and where they are received. */
const buffers = 2;

/** @throws TrainingMemoryError where tables, dense state and activations exceed an accelerator, with what would help */
export function fitJob(job: TrainingJob): FittedJob {
  const fitted = tryToFit(job);
  if (fitted) return fitted;
  const memory = evenMemory(job);
  const missingBytes = Math.max(memory.totalBytes - memory.capacityBytes, 0);
  throw new TrainingMemoryError({
    ...memory,
    what: job.forwardOnly ? 'a batch of labels' : 'a training step',
    devices: devicesOf(job.fleet),
    missingBytes,
    remedies: remediesFor(job),
  });
}

/** The same, undefined where it does not fit. */
export function tryToFit(job: TrainingJob): FittedJob | undefined {
  const { tableBytes, totalBytes, capacityBytes } = evenMemory(job);
  let room = capacityBytes - (totalBytes - tableBytes);
  // Even spread as evenly as could be they would not fit: packing need not be tried.
  if (tableBytes > room) return undefined;
  // Uneven vectors may take what was meant for tables: then they are placed once more in what is left.
  for (let attempt = 0; attempt < 2; attempt++) {
    const pieces = placeTables(job, room);
    if (!pieces) return undefined;
    const shares = tableShares(job.model, pieces, job.examplesPerDevice * devicesOf(job.fleet));
    const memory = placedMemory(job, shares);
    const excess = memory.totalBytes - memory.capacityBytes;
    if (excess <= 0) return { pieces, shares, memory };
    room -= excess;
  }
  return undefined;
}

/** Memory where every accelerator has as much of the tables as any other, whole ones included. */
function evenMemory(job: TrainingJob): StepMemory {
  const tables = tablesOf(job.model).map(({ table }) => table);
  const stored = tables.reduce((sum, t) => sum + t.sizeBytes + t.numEmbeddings * momentBytes, 0);
  const vectors = tables.reduce((sum, table) => {
    const bags = table.pooling === 'none' ? meanLookups(table) : 1;
    return sum + bags * table.embeddingDim * handedOnBytes(table);
  }, 0);
  return memoryOf({
    ...fixedMemory(job),
    tableBytes: stored / devicesOf(job.fleet),
    exchangeBytes: 2 * buffers * job.examplesPerDevice * vectors,
  });
}

/** Memory of the fullest accelerator. */
function placedMemory(job: TrainingJob, shares: readonly TableShare[]): StepMemory {
  const received = shares.reduce((sum, { vectorBytes }) => sum + vectorBytes, 0) / shares.length;
  const used = ({ storedBytes, vectorBytes }: TableShare) => storedBytes + buffers * (vectorBytes + received);
  const fullest = shares.reduce((most, share) => (used(share) > used(most) ? share : most));
  return memoryOf({
    ...fixedMemory(job),
    tableBytes: fullest.storedBytes,
    exchangeBytes: used(fullest) - fullest.storedBytes,
  });
}

function fixedMemory({
  model,
  fleet,
  examplesPerDevice,
  denseOptimizer,
  denseState,
  distillation,
  reservedShare,
  forwardOnly,
}: TrainingJob) {
  const served = model.nets.flatMap((net) => net.operators);
  const operators = [...served, ...distillationOperators(model, distillation)];
  const capacityBytes = fleet.host.accelerators!.device.memory.capacityBytes.value;
  const shards = denseState === 'sharded' ? devicesOf(fleet) : 1;
  const held = forwardOnly
    ? { denseBytes: readBytes(served), activationBytes: largestTensorsBytes(served, examplesPerDevice) }
    : {
        denseBytes: denseStateBytes(operators, denseOptimizer, shards),
        activationBytes: activationBytes(operators, examplesPerDevice),
      };
  return {
    ...held,
    reservedBytes: reservedShare * capacityBytes,
    capacityBytes,
  };
}

/** Fleets are tried up to so many times as large, batches down to such a part. */
const mostHosts = 64;
const leastExamples = 1 / 1024;

/** Remedies that make the job fit, each tried. */
function remediesFor(job: TrainingJob): string[] {
  const sharded: TrainingJob = { ...job, denseState: 'sharded' };
  const helps = job.denseState === 'replicated' && tryToFit(sharded) !== undefined;
  const hosts = firstThatFits(doublings(job.fleet.hosts), (count) => ({
    ...job,
    fleet: { ...job.fleet, hosts: count },
  }));
  const examples = firstThatFits(halvings(job.examplesPerDevice), (examplesPerDevice) => ({
    ...job,
    examplesPerDevice,
  }));
  const freed =
    examples && evenMemory(job).totalBytes - evenMemory({ ...job, examplesPerDevice: examples }).totalBytes;
  return [
    ...(helps
      ? [
          `sharded dense state, which frees ${formatBytes(evenMemory(job).denseBytes - evenMemory(sharded).denseBytes)}`,
        ]
      : []),
    ...(hosts ? [moreHosts(job, hosts)] : []),
    ...(examples
      ? [
          `smaller batches: ${examples} examples on each accelerator instead of ${job.examplesPerDevice}, ` +
            `which frees ${formatBytes(freed!)}`,
        ]
      : []),
  ];
}

function moreHosts({ fleet }: TrainingJob, hosts: number): string {
  const each = devicesPerHost(fleet);
  return `more hosts: ${hosts} instead of ${fleet.hosts}, of ${counted(each, 'accelerator')} each`;
}

function firstThatFits(values: readonly number[], jobOf: (value: number) => TrainingJob): number | undefined {
  for (const value of values) {
    const job = jobOf(value);
    const { totalBytes, capacityBytes } = evenMemory(job);
    if (totalBytes <= capacityBytes && tryToFit(job)) return value;
  }
  return undefined;
}

function doublings(from: number): number[] {
  return Array.from({ length: Math.log2(mostHosts) }, (_, i) => from * 2 ** (i + 1));
}

function halvings(from: number): number[] {
  const values: number[] = [];
  for (
    let value = Math.floor(from / 2);
    value >= Math.max(1, from * leastExamples);
    value = Math.floor(value / 2)
  ) {
    values.push(value);
  }
  return values;
}
