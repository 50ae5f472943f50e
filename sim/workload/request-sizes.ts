import { RandomStream } from '../../foundation/random.ts';
import { type ReplicationKey, streams } from '../streams.ts';

/** Requests whose sizes are stratified together. */
const blockSize = 1000;

/** Uniform variates behind the sizes of requests, by the number of the request. */
export type SizeVariates = (request: number) => number;

/** Independent variates, keyed by the request: the same in every arm of a comparison. */
export function independentSizes({ seed, replication }: ReplicationKey): SizeVariates {
  const random = new RandomStream();
  return (request) => random.rekey(seed, replication, streams.candidates, request).uniform();
}

/**
 * Stratified variates: each block of 1,000 requests has one in every thousandth of (0, 1), in random order. Each
 * request still has the same law, but a tail percentile of a replication varies far less. For serial replay
 * only: where requests queue, evened-out sizes would make the load smoother than it is.
 */
export function stratifiedSizes({ seed, replication }: ReplicationKey, requests: number): SizeVariates {
  const random = new RandomStream();
  const strata = Math.min(blockSize, requests);
  const order = new Int32Array(strata);
  let shuffledBlock = -1;
  return (request) => {
    const block = Math.floor(request / strata);
    if (block !== shuffledBlock) {
      shuffledBlock = block;
      shuffle(order, random.rekey(seed, replication, streams.strata, block));
    }
    random.rekey(seed, replication, streams.candidates, request);
    return (order[request - block * strata] + random.uniform()) / strata;
  };
}

/** Fills with 0, 1, 2, ... in random order (Fisher and Yates). */
function shuffle(items: Int32Array, random: RandomStream): void {
  for (let i = 0; i < items.length; i++) {
    const j = random.below(i + 1);
    items[i] = items[j];
    items[j] = i;
  }
}
