import type { MeasuredDataType } from '../hardware-profiles/operators-measured.ts';
import { elementOf } from './operators/elements.ts';
import type { TensorSpec } from './operators/operator.ts';
import type { Element } from './patterns.ts';

/** A tensor of a problem file, as its model has it. */
export interface ProblemTensor {
  /** An identifier: of an input as in forward's signature, of a parameter by its state-dict name, of outputs `out`, `out1`, … */
  name: string;
  /** Where that name comes from: `linear.weight` becomes `linear_weight`. */
  from: string;
  part: 'input' | 'parameter' | 'output';
  /** Numbers are in the data type of the task; all else is kept as 32-bit integers. */
  kind: 'float' | 'integer';
  /** Type in the file: `float32`, `int64`, `bool`. */
  dtype: string;
  dims: readonly number[];
}

/** What PyTorch has found in a problem file. */
export interface ProblemFacts {
  /** In the order in which kernels take them: inputs, parameters and buffers, outputs. */
  tensors: readonly ProblemTensor[];
  /** Arguments of forward that are no tensors, as Python writes them. */
  constants: readonly { name: string; value: string }[];
  /** Of products and convolutions; what is done element by element is not counted. */
  flops: number;
  /** What answers are compared with: the model in float64, or in fp32 where it cannot be computed in that. */
  precision: 'float64' | 'fp32';
  /** In which the model can be computed; that of the file first. */
  dataTypes: readonly MeasuredDataType[];
  /** By data type, how far the model itself is off: the most |answer − right one| / (1 + |right one|) on the first inputs. */
  ownErrors: Partial<Record<MeasuredDataType, number>>;
}

/** A problem file with what it is made of. Plain data. */
export interface Problem extends ProblemFacts {
  /** Hash of the text. */
  key: string;
  text: string;
  /** Whether candidates may compute by PyTorch's own operators. */
  allowsTorch?: boolean;
}

/** Seed that models are made by, and of the first inputs, as KernelBench has it. */
export const problemSeed = 42;

/** Sets of fresh inputs that a candidate is checked on. */
export const problemTrials = 5;

/**
 * Absolute and relative error that an element may have: that of KernelBench. It compares with PyTorch in the same data type,
 * which may be off itself; so that nothing is asked of a kernel that the model does not do, twice the model's own error passes.
 */
export function problemTolerance({ ownErrors }: ProblemFacts, dataType: MeasuredDataType): number {
  return Math.max(dataType === 'fp32' ? 1e-4 : 1e-2, 2 * (ownErrors[dataType] ?? 0));
}

/** Tensors of a problem as kernels take them. */
export function problemTensors({ tensors }: ProblemFacts, dataType: MeasuredDataType): TensorSpec[] {
  return tensors.map(({ name, part, kind, dims }) => ({
    name,
    role: part === 'output' ? 'output' : 'input',
    element: elementIn(dataType, kind),
    length: lengthOf(dims),
  }));
}

function elementIn(dataType: MeasuredDataType, kind: ProblemTensor['kind']): Element {
  return kind === 'float' ? elementOf(dataType) : 'i32';
}

export function lengthOf(dims: readonly number[]): number {
  return dims.reduce((product, size) => product * size, 1);
}

/** Knows a problem's inputs and answers. Runs no candidate. */
export interface ProblemOracle {
  /** Bytes of an input or parameter. */
  input(at: ProblemPlace, offset: number, bytes: number): Promise<Uint8Array>;
  /** Right values of all elements of an output, or of some. */
  answers(at: ProblemPlace, indices?: readonly number[]): Promise<Float64Array>;
}

/** One tensor of a problem for one seed. */
export interface ProblemPlace {
  problem: Problem;
  dataType: MeasuredDataType;
  tensor: string;
  seed: number;
}

/** A problem with who knows its answers. Written as JSON it is the problem alone. */
export class LiveProblem {
  readonly problem: Problem;
  readonly oracle: ProblemOracle;

  constructor(problem: Problem, oracle: ProblemOracle) {
    this.problem = problem;
    this.oracle = oracle;
  }

  get key(): string {
    return this.problem.key;
  }

  toJSON(): Problem {
    return this.problem;
  }
}
