import type { MeasuredDataType, Shape } from '../hardware-profiles/operators-measured.ts';
import type { ProgramOperator } from '../harness/device.ts';
import type { Problem } from '../harness/problem.ts';

/** A shape that a kernel is searched or judged on. */
export interface TaskShape {
  shape: Shape;
  /** What is special about it: `production`, `truncating`; shapes of different kinds are reported apart. */
  kind?: string;
}

/**
 * What is searched for: a kernel for one operator of the harness, which knows its tensors, its float64 reference and its
 * tolerance, or for what a problem file computes. The search sees some shapes; held-out ones, which it never sees, decide in the end.
 */
export interface KernelTask {
  /** `optimised-fm`, as on the command line. */
  name: string;
  title: string;
  /** Where the operator and its shapes come from. */
  source: string;
  operator: ProgramOperator;
  /** What is to be computed, where the operator is `problem`: the model of a file in PyTorch. */
  problem?: Problem;
  dataTypes: readonly MeasuredDataType[];
  search: readonly TaskShape[];
  heldOut: readonly TaskShape[];
}
