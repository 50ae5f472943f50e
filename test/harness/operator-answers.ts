import * as assert from 'uvu/assert';
import { RandomStream } from '../../foundation/random.ts';
import type { MeasuredDataType, OperatorName, Shape } from '../../hardware-profiles/operators-measured.ts';
import { operatorSpecs } from '../../harness/operators/index.ts';
import type { Inputs } from '../../harness/operators/operator.ts';

/** Inputs given outright. */
export function given(tensors: Record<string, readonly number[] | Int32Array>): Inputs {
  return {
    value: (name, index) => tensors[name][index],
    values: (name, start, count) => Float64Array.from(tensors[name].slice(start, start + count)),
    integers: (name) => Int32Array.from(tensors[name]),
  };
}

/** The reference's whole answer. */
export function answer(
  operator: OperatorName,
  shape: Shape,
  inputs: Inputs,
  { dataType = 'fp32', tensor }: { dataType?: MeasuredDataType; tensor?: string } = {},
): number[] {
  const spec = operatorSpecs[operator];
  const of = spec
    .tensors(dataType, shape)
    .find(({ name, role }) => (tensor ? name === tensor : role === 'output'))!;
  const at = spec.reference(dataType, shape, inputs);
  return Array.from({ length: of.length }, (_, i) => at(of.name, i));
}

export function near(got: readonly number[], wanted: readonly number[], within = 1e-12): void {
  assert.is(got.length, wanted.length);
  got.forEach((value, i) => {
    assert.ok(Math.abs(value - wanted[i]) <= within, `[${i}] ${value} ≠ ${wanted[i]}`);
  });
}

/** Numbers in (−1, 1). */
export const some = (length: number, seed = 1) => {
  const random = new RandomStream(seed);
  return Array.from({ length }, () => 2 * random.uniform() - 1);
};
