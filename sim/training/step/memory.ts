import { counted } from '../../../foundation/counted.ts';
import { formatBytes } from '../../../foundation/units.ts';
import type { DenseOperator } from '../../../models/model.ts';
import { atCandidates, elementBytes } from '../../../models/operators.ts';
import { forUsers } from '../../serving/dense-time.ts';
import type { StepMemory } from './step-result.ts';
import type { DenseOptimizer } from './training-job.ts';

/** Bytes of a dense weight, and of its gradient: kept in fp32 whatever operators compute in. */
export const weightBytes = 4;

/** Bytes of optimizer state for each dense parameter, in fp32. */
const stateBytes: Record<DenseOptimizer, number> = { adam: 8, adagrad: 4, sgd: 0 };

/**
 * Bytes of dense parameters on every accelerator: an fp32 weight, its gradient, the optimizer's state, and a copy in
 * the operator's own type where that is narrower (mixed precision with fp32 weights). [model choice] Of state that is
 * sharded, each accelerator keeps the weights that operators read, and its own part of all else.
 * @param shards accelerators that share the state; 1 where it is replicated
 */
export function denseStateBytes(
  operators: readonly DenseOperator[],
  optimizer: DenseOptimizer,
  shards: number,
): number {
  return operators.reduce((sum, { parameters, dataType }) => {
    const isNarrow = elementBytes[dataType] < weightBytes;
    const read = isNarrow ? elementBytes[dataType] : weightBytes;
    const state = stateBytes[optimizer] + (isNarrow ? 2 * weightBytes : weightBytes);
    return sum + parameters * (read + state / shards);
  }, 0);
}

/** Bytes of dense weights as operators read them, each in its own type. */
export function readBytes(operators: readonly DenseOperator[]): number {
  return operators.reduce((sum, { parameters, dataType }) => sum + parameters * elementBytes[dataType], 0);
}

/** Bytes of what the operator with most of them reads and writes beside its weights. */
export function largestTensorsBytes(operators: readonly DenseOperator[], examples: number): number {
  return operators.reduce((most, operator) => Math.max(most, 2 * activationBytes([operator], examples)), 0);
}

/**
 * Bytes of the tensors between operators, kept from the forward pass for the backward pass: half of what operators
 * move beside their weights, since each tensor is written by one and read by the next. [derived]
 */
export function activationBytes(operators: readonly DenseOperator[], examples: number): number {
  return operators.reduce((sum, operator) => {
    const { bytes, parameters, dataType } = forUsers(operator, examples);
    return sum + (atCandidates(bytes, examples) - parameters * elementBytes[dataType]) / 2;
  }, 0);
}

/** What a step needs on an accelerator where tables are spread evenly, and lacks; 0 where only pieces do not fit. */
export interface MemoryShortage extends StepMemory {
  /** What does not fit, as the subject of a sentence. */
  what: string;
  devices: number;
  missingBytes: number;
  remedies: string[];
}

/** A step does not fit its accelerators. A result rather than a fault: it says by how much and what would help. */
export class TrainingMemoryError extends Error {
  readonly shortage: MemoryShortage;

  constructor(shortage: MemoryShortage) {
    super(describe(shortage));
    this.name = 'TrainingMemoryError';
    this.shortage = shortage;
  }
}

function describe(shortage: MemoryShortage): string {
  const { devices, missingBytes, remedies, capacityBytes } = shortage;
  const parts = [
    `tables and their moments ${formatBytes(shortage.tableBytes)}`,
    `dense parameters with their gradients and optimizer ${formatBytes(shortage.denseBytes)}`,
    `activations ${formatBytes(shortage.activationBytes)}`,
    `exchanged vectors ${formatBytes(shortage.exchangeBytes)}`,
    `reserve ${formatBytes(shortage.reservedBytes)}`,
  ];
  const lack =
    missingBytes > 0
      ? `${formatBytes(missingBytes)} missing on each`
      : 'they have enough together, but pieces of tables cannot be spread evenly enough';
  return [
    `${shortage.what} does not fit ${counted(devices, 'accelerator')} of ${formatBytes(capacityBytes)}: ${lack} ` +
      `(${parts.join(', ')})`,
    ...remedies.map((remedy, index) => `  ${index + 1}. ${remedy}`),
  ].join('\n');
}

/** Adds up the memory of the fullest accelerator. */
export function memoryOf(parts: Omit<StepMemory, 'totalBytes'>): StepMemory {
  const { denseBytes, tableBytes, activationBytes: activations, exchangeBytes, reservedBytes } = parts;
  return { ...parts, totalBytes: denseBytes + tableBytes + activations + exchangeBytes + reservedBytes };
}
