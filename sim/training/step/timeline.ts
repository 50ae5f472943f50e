import type { StepPartName } from './step-result.ts';

export type PartSeconds = Record<StepPartName, number>;

/** Seconds by which each part that is not compute lengthens a step. */
export type Exposed = Partial<PartSeconds>;

/** Parts that are compute: always exposed. */
export const computeParts = [
  'lookup',
  'bottom-forward',
  'top-forward',
  'loss-and-heads',
  'top-backward',
  'bottom-backward',
  'table-update',
  'dense-optimizer',
] as const satisfies readonly StepPartName[];

export const linkParts = [
  'id-exchange',
  'vector-exchange',
  'gradient-exchange',
  'all-reduce',
] as const satisfies readonly StepPartName[];

export const inputParts = ['read-input', 'copy-in'] as const satisfies readonly StepPartName[];

/**
 * What of a pipelined step's communication and input compute does not hide. [model choice, as training frameworks
 * pipeline steps] Compute is one stream, links another on which one exchange runs at a time:
 * - pooled vectors are exchanged beside the bottom operators' forward pass, their gradients beside its backward pass;
 * - dense gradients are all-reduced in buckets as the backward pass makes them, beside it and the update of the tables,
 *   as far as gradients of vectors leave the link free; the last bucket begins only when all of that is done;
 *   Sharded state is reduced and gathered in as many bytes, and takes as long;
 * - indices of the next step are exchanged beside whatever compute leaves the link free;
 * - the next batch is read and copied in beside all of the step, one batch read while another is copied.
 * @param lastBucketShare of the all-reduce that cannot begin before the backward pass has ended
 */
export function exposedInPipeline(parts: PartSeconds, lastBucketShare: number): Exposed {
  const compute = computeParts.reduce((sum, name) => sum + parts[name], 0);
  const vectors = Math.max(0, parts['vector-exchange'] - parts['bottom-forward']);
  const gradients = Math.max(0, parts['gradient-exchange'] - parts['bottom-backward']);
  const beside =
    parts['top-backward'] +
    Math.max(0, parts['bottom-backward'] - parts['gradient-exchange']) +
    parts['table-update'];
  const reduce = Math.max(lastBucketShare * parts['all-reduce'], parts['all-reduce'] - beside);
  const busyLink = parts['vector-exchange'] + parts['gradient-exchange'] + parts['all-reduce'];
  const afterLinks = compute + vectors + gradients + reduce;
  const ids = Math.max(0, parts['id-exchange'] - (afterLinks - busyLink));
  const soFar = afterLinks + ids;
  const slowestInput = Math.max(parts['read-input'], parts['copy-in']);
  const input = Math.max(0, slowestInput - soFar);
  const isRead = parts['read-input'] >= parts['copy-in'];
  return {
    'vector-exchange': vectors,
    'gradient-exchange': gradients,
    'all-reduce': reduce,
    'id-exchange': ids,
    'read-input': isRead ? input : 0,
    'copy-in': isRead ? 0 : input,
  };
}

/** All of it, where every part waits for the one before. */
export function exposedInSequence(parts: PartSeconds): Exposed {
  return Object.fromEntries([...linkParts, ...inputParts].map((name) => [name, parts[name]]));
}
