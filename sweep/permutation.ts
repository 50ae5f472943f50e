import { RandomStream } from '../foundation/random.ts';

const rounds = 6;

/**
 * A permutation of 0 … size − 1 that needs no memory: a Feistel network over the next power of four, walked until it
 * lands inside. Each key gives another permutation.
 */
export function permutation(size: number, ...key: [number, number, number]): (index: number) => number {
  const halfBits = Math.max(1, Math.ceil(Math.log2(size) / 2));
  const mask = 2 ** halfBits - 1;
  const stream = new RandomStream(...key, size);
  const keys = Array.from({ length: rounds }, () => stream.uint32());
  const once = (index: number): number => {
    let left = index >>> halfBits;
    let right = index & mask;
    for (const roundKey of keys) {
      const mixed = (left ^ scrambled(right, roundKey)) & mask;
      left = right;
      right = mixed;
    }
    return ((left << halfBits) | right) >>> 0;
  };
  return (index) => {
    let at = once(index);
    while (at >= size) at = once(at);
    return at;
  };
}

function scrambled(value: number, key: number): number {
  let mixed = Math.imul(value ^ key, 0x9e3779b1);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x85ebca6b);
  return mixed ^ (mixed >>> 13);
}
