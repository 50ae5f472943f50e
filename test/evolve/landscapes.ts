import { keyOf, type Parameters, type SpaceEntry, type TimedSpace } from '../../evolve/replay/space.ts';
import { RandomStream } from '../../foundation/random.ts';

type Knobs = Record<string, number[]>;

/** A timed space made from a formula: seconds of a combination, or the reason for which it fails. */
export function landscape(
  knobs: Knobs,
  secondsOf: (values: Record<string, number>) => number | string,
): TimedSpace {
  const space: TimedSpace = {
    format: 'rankfleet-space',
    version: 1,
    kernel_name: 'landscape',
    device_name: 'formula',
    language: 'cuda',
    operator: 'gemm',
    data_type: 'fp16',
    shapes: [{ m: 1024, n: 1024, k: 1024 }],
    reference: { name: 'unit', times_s: [1] },
    tune_params: knobs,
    cache: {},
  };
  for (const values of combinations(Object.entries(knobs))) {
    const outcome = secondsOf(values);
    const entry: SpaceEntry =
      typeof outcome === 'number'
        ? { times_s: [outcome], compile_s: 2, verify_s: 1, benchmark_s: 3 }
        : { failure: { stage: 'compile', reason: outcome }, compile_s: 2 };
    space.cache[keyOf(space, values as Parameters)] = entry;
  }
  return space;
}

/** One hill without failures: each knob has its best value whatever the others are. */
export function easyLandscape(): TimedSpace {
  return landscape(
    { x: [0, 1, 2, 3, 4, 5], y: [0, 1, 2, 3, 4, 5] },
    ({ x, y }) => 0.5 * 1.3 ** (Math.abs(x - 4) + Math.abs(y - 1)),
  );
}

/**
 * As tiled kernels are: 5 knobs in 6 steps, a ridge between two of them, a third of the space that needs more shared
 * memory than there is, and some roughness. The best score is 2.8.
 */
export function tiledLandscape(): TimedSpace {
  const steps = [0, 1, 2, 3, 4, 5];
  const knobs = { block: steps, warps: steps, stages: steps, unroll: steps, vector: steps };
  return landscape(knobs, ({ block, warps, stages, unroll, vector }) => {
    if (block + stages > 7) return `too much shared memory: ${2 ** (block + stages)} bytes`;
    if (unroll * vector > 16) return `too many registers: ${unroll * vector * 8}`;
    const rough = new RandomStream(7, block * 36 + warps * 6 + stages, unroll * 6 + vector).uniform();
    const away =
      (block - 4) ** 2 / 10 +
      (warps - block + 1) ** 2 / 14 +
      (stages - 3) ** 2 / 18 +
      (unroll - 2) ** 2 / 25 +
      (vector - 4) ** 2 / 12;
    return 0.33 * Math.exp(0.75 * away + 0.4 * rough);
  });
}

function* combinations(
  knobs: [string, number[]][],
  chosen: Record<string, number> = {},
): Generator<Record<string, number>> {
  if (knobs.length === 0) {
    yield chosen;
    return;
  }
  const [[name, values], ...rest] = knobs;
  for (const value of values) yield* combinations(rest, { ...chosen, [name]: value });
}
