import { RandomStream } from '../foundation/random.ts';
import type { SweepSpec } from '../scenarios/sweep-schema.ts';
import type { FieldValue } from '../sim/sweep-result.ts';
import type { Axis } from './axis.ts';
import { permutation } from './permutation.ts';
import { sobolBits } from './sobol.ts';

export type Method = NonNullable<SweepSpec['method']>;

/** Keeps the streams of a sample apart from those of simulations. */
const purpose = 0x73776565;

/** The points of a design space by their position: any of them without the others, so that nothing is kept. */
export interface Sample {
  size: number;
  valuesAt(index: number): FieldValue[];
}

/** Every combination, the last field varying fastest. All axes are finite. */
export function grid(axes: readonly Axis[]): Sample {
  const sizes = axes.map(({ size }) => size as number);
  return {
    size: sizes.reduce((product, size) => product * size, 1),
    valuesAt: (index) => {
      let rest = index;
      const values: FieldValue[] = [];
      for (let axis = axes.length - 1; axis >= 0; axis--) {
        values[axis] = axes[axis].nth(rest % sizes[axis]);
        rest = Math.floor(rest / sizes[axis]);
      }
      return values;
    },
  };
}

/** A sample of some points. */
export function sampled(
  axes: readonly Axis[],
  { method, points, seed }: { method: Exclude<Method, 'grid'>; points: number; seed: number },
): Sample {
  const coordinate = coordinates(method, axes.length, points, seed);
  return {
    size: points,
    valuesAt: (index) => axes.map((axis, dimension) => axis.at(coordinate(index, dimension))),
  };
}

/** Coordinates in [0, 1) of the points of a sample. */
export function coordinates(
  method: Exclude<Method, 'grid'>,
  dimensions: number,
  points: number,
  seed: number,
): (index: number, dimension: number) => number {
  const stream = new RandomStream();
  const uniform = (index: number, dimension: number) =>
    stream.rekey(purpose, seed, dimension, index).uniform();
  if (method === 'random') return uniform;
  if (method === 'latin-hypercube') {
    const strata = Array.from({ length: dimensions }, (_, dimension) =>
      permutation(points, purpose, seed, dimension),
    );
    return (index, dimension) => (strata[dimension](index) + uniform(index, dimension)) / points;
  }
  // A random shift of the binary digits keeps what is even about the sequence, and lets seeds differ.
  const shifts = Array.from({ length: dimensions }, (_, dimension) =>
    seed === 0 ? 0 : stream.rekey(purpose, seed, dimension, 0).uint32(),
  );
  return (index, dimension) => ((sobolBits(index, dimension) ^ shifts[dimension]) >>> 0) / 2 ** 32;
}
