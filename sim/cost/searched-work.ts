import type { OperatorName, Shape } from '../../hardware-profiles/operators-measured.ts';
import { once, type Work } from './amount-of-work.ts';

/**
 * FLOPs and least bytes of `searchedOperators`: each input is read once, each answer written once.
 * @param e bytes of an element
 * @returns undefined for other operators
 */
export function searchedWork(operator: OperatorName, shape: Shape, e: number): Work | undefined {
  switch (operator) {
    case 'optimised-fm':
      return optimisedFmWork(shape, e);
    case 'pffn': {
      const { batch, length, dim, width, gelu } = shape;
      const elements = batch * (length * (dim + width) + dim * width + width) + width;
      // Of an element: the product, bias 1, GELU 4, RMS norm 4.
      return once(batch * length * width * (2 * dim + 5 + 4 * gelu), elements * e, dim + width);
    }
    case 'conv1d':
      return convolutionWork(shape, e);
    case 'rms-norm-backward':
      return once(11 * shape.rows * shape.n, (3 * shape.rows * shape.n + 2 * shape.n) * e, shape.n);
    case 'softmax':
      return once(5 * shape.rows * shape.n, 2 * shape.rows * shape.n * e, shape.n);
    case 'swiglu':
      return once(5 * shape.rows * shape.n, 3 * shape.rows * shape.n * e);
    case 'cross-entropy':
      return once(4 * shape.rows * shape.classes, shape.rows * (shape.classes * e + 4 + 4), shape.classes);
    case 'top-k':
      return once(shape.rows * shape.n, shape.rows * (shape.n * e + shape.k * (e + 4)), shape.n);
    case 'jagged-to-padded': {
      const { batch, length, padded, dim } = shape;
      const read = batch * meanOfUpTo(padded, 2 * length - 1) * dim * e;
      return once(0, read + batch * padded * dim * e + 4 * (batch + 1));
    }
    case 'map-id': {
      const { values, ids } = shape;
      const steps = Math.log2(ids + 1);
      // A search looks at no more of the table than its steps.
      const looked = Math.min(ids, values * Math.ceil(steps));
      return once(values * (steps + 2), 8 * values + 4 * looked, steps);
    }
    case 'merge-bucketised': {
      const { batch, features, borders } = shape;
      const steps = Math.log2(borders + 1);
      return once(features * batch * (steps + 1), features * (8 * batch + 4 * borders + 4), steps);
    }
    case 'event-truncate':
      return eventTruncateWork(shape, e);
    default:
      return undefined;
  }
}

/** Mean of what is left of 1 … `longest` when no more than `most` may be. */
function meanOfUpTo(most: number, longest: number): number {
  const whole = Math.min(most, longest);
  return ((whole * (whole + 1)) / 2 + (longest - whole) * whole) / longest;
}

/** All lengths are read, since they say where values lie; of the values what stays. Lengths are added up. */
function eventTruncateWork({ batch, events, kept, features, length }: Shape, e: number): Work {
  let all = 0;
  let staying = 0;
  for (let sample = 1; sample <= batch; sample++) {
    const own = Math.floor((events * sample) / batch);
    all += own;
    staying += Math.min(own, kept);
  }
  const lengths = 4 * (2 * batch + features * (all + staying));
  return once(batch + features * (all + staying), lengths + 2 * features * staying * length * e);
}

/** X·(XᵀY) or (XXᵀ)·Y, whichever needs less arithmetic; that XXᵀ is symmetric is not made use of. */
function optimisedFmWork({ batch, vectors, dim, rank }: Shape, e: number): Work {
  const outer = 4 * vectors * dim * rank;
  const inner = 2 * vectors * vectors * (dim + rank);
  return once(batch * Math.min(outer, inner), batch * vectors * (dim + 2 * rank) * e, vectors + dim);
}

/** By its definition (transforms may need fewer products); those with the zeros around x are not counted. */
function convolutionWork({ batch, inChannels, outChannels, length, taps }: Shape, e: number): Work {
  const before = Math.floor((taps - 1) / 2);
  let perChannel = 0;
  for (let tap = 0; tap < taps; tap++) perChannel += Math.max(0, length - Math.abs(tap - before));
  const flops = batch * outChannels * (2 * inChannels * perChannel + length);
  const weights = outChannels * (inChannels * taps + 1);
  return once(flops, (batch * length * (inChannels + outChannels) + weights) * e, inChannels * taps);
}
