import type { RandomStream } from '../../foundation/random.ts';
import type { MeasuredDataType, OperatorName, Shape } from '../../hardware-profiles/operators-measured.ts';
import type { Element } from '../patterns.ts';

/** One argument of a kernel. */
export interface TensorSpec {
  name: string;
  /** `state` is read and written. */
  role: 'input' | 'output' | 'state';
  element: Element;
  /** Elements in all. */
  length: number;
  /** Elements of one row, where rows matter: row-wise types, and answers that are checked row by row. */
  rowLength?: number;
  /** Rows of an answer worth checking, where the reference of a row is costly. */
  checkedRows?: number;
  /** The most rows that a run reads of a table that is far larger than that. */
  touchedRows?: number;
  /**
   * Indices, offsets and sorted values come from the host, as 32-bit words; all else is hashed on the device. Every
   * tensor of one set of inputs gets a stream that starts the same, so that tensors made apart agree.
   */
  make?: (random: RandomStream) => Int32Array;
  /** Other values that fit the same tensors: those at the ends of what is allowed, where kernels go wrong. */
  edges?: (random: RandomStream) => Int32Array;
  /** The same word everywhere instead of hashed values: a state that must start from a known one. */
  word?: number;
}

/** The inputs of one run, as a reference reads them: hashed values by position, host-made integers as they are. */
export interface Inputs {
  value(tensor: string, index: number): number;
  /** `count` values in a row. */
  values(tensor: string, start: number, count: number): Float64Array;
  integers(tensor: string): Int32Array;
}

/**
 * What an operator is: its tensors in the order in which every kernel takes them, and what its answer must be. Kernels of all
 * backends implement exactly this.
 */
export interface OperatorSpec {
  name: OperatorName;
  dataTypes: readonly MeasuredDataType[];
  tensors(dataType: MeasuredDataType, shape: Shape): TensorSpec[];
  /**
   * The answer in float64: gives element `index` of an output (or state) tensor. For operators without tensors of
   * their own (launches, remote calls) there is nothing to compare.
   */
  reference(
    dataType: MeasuredDataType,
    shape: Shape,
    inputs: Inputs,
  ): (tensor: string, index: number) => number;
  /** Most relative error ‖out − ref‖ / ‖ref‖ over the elements compared; 0 asks for equality. */
  tolerance(dataType: MeasuredDataType, shape: Shape): number;
  /** Rows of a state that the run changes, to be checked beside others; where most rows stay as they are. */
  changedRows?(shape: Shape, inputs: Inputs): Int32Array;
  /** Without tensors: the device checks its own answer and tells `Kernel.checkedError`. */
  selfChecked?: boolean;
}
