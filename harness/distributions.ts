import type { TensorSpec } from './operators/operator.ts';
import type { Element, WordChange } from './patterns.ts';

/**
 * What inputs may look like. `usual`: numbers in −1 … 1 around 0, as everything is timed on. `large`: four times that.
 * `positive`: their sizes alone, so that their mean is no longer 0. `edges`: whole numbers at the ends of what is allowed.
 */
export const distributions = ['usual', 'large', 'positive', 'edges'] as const;

export type Distribution = (typeof distributions)[number];

type Changes = Partial<Record<Element, WordChange>>;

/** Two more in each exponent; no sign bits; the least and the greatest numbers only. */
const changes: Record<Distribution, Changes> = {
  usual: {},
  large: {
    f32: { and: ~0, add: 0x0100_0000 },
    f16: { and: ~0, add: 0x0800_0800 },
    bf16: { and: ~0, add: 0x0100_0100 },
    f8: { and: ~0, add: 0x1010_1010 },
  },
  positive: {
    f32: { and: 0x7fff_ffff, add: 0 },
    f16: { and: 0x7fff_7fff, add: 0 },
    bf16: { and: 0x7fff_7fff, add: 0 },
    f8: { and: 0x7f7f_7f7f, add: 0 },
  },
  edges: { i32: { and: 0x4000_0001, add: 0 } },
};

/** How a tensor's hashed words are changed, if they are. */
export function changeOf(distribution: Distribution, { element }: TensorSpec): WordChange | undefined {
  return changes[distribution][element];
}

/** The distributions that make other inputs of some tensors than all before them. */
export function distributionsFor(tensors: readonly TensorSpec[]): Distribution[] {
  const filled = tensors.filter(({ role, word }) => role !== 'output' && word === undefined);
  return distributions.filter((each) => {
    if (each === 'usual') return true;
    return filled.some((tensor) => (tensor.make ? each === 'edges' && tensor.edges : changeOf(each, tensor)));
  });
}
