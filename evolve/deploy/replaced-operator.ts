import type { KernelName } from '../../hardware-profiles/kernels.ts';
import type { ProgramOperator } from '../../harness/device.ts';
import type { Coverage } from '../../sim/operators/coverage.ts';

/** What models call the operators that kernels are searched for, where they have them. */
const kernelOf: Partial<Record<ProgramOperator, KernelName>> = {
  gemm: 'gemm',
  'bias-activation': 'activation',
  elementwise: 'elementwise',
  'dot-interaction': 'dot-interaction',
  'cross-low-rank': 'cross-low-rank',
  'factorisation-machine': 'factorisation-machine',
  'optimised-fm': 'factorisation-machine',
  'layer-norm': 'normalisation',
  'rms-norm': 'normalisation',
  attention: 'attention',
  'attention-jagged': 'attention',
  concat: 'concat',
  'embedding-bag': 'embedding-bag',
  bucketise: 'bucketise',
  hash: 'hash',
  'map-id': 'map-id',
  'merge-bucketised': 'merge-bucketised-dense',
  'event-truncate': 'batch-event-truncate',
};

/** The kernel that a model needs for an operator of a search; nothing where no model has such an operator. */
export function kernelNameOf(operator: ProgramOperator): KernelName | undefined {
  return kernelOf[operator];
}

/**
 * Whether an operator of a model is the one that a kernel was searched for. Where a kind of model operator may be one of
 * several that are measured, what prices it decides, and then what it amounts to by its axes.
 */
export function isReplaced(
  { kind, measuredAs = [], calls = [] }: Coverage,
  operator: ProgramOperator,
): boolean {
  if (measuredAs.some((one) => one.operator === operator)) return measuredAs.length === 1;
  if (calls.length > 0 && !calls.some((call) => call.operator === operator)) return false;
  return kind === kernelOf[operator] && !measuredAs.some((one) => kernelOf[one.operator] === kind);
}
