import { bottlenecks } from '../diagnosis.ts';
import { failureStages } from '../evaluation.ts';

/** What kernels are searched for; the folders of `hardware/`. */
export const platforms = ['nvidia', 'amd', 'mtia', 'cpu', 'webgpu'] as const;
export type Platform = (typeof platforms)[number];

export const languages = ['cuda', 'triton', 'wgsl', 'cpp'] as const;

export const phases = ['draft', 'feedback'] as const;

export { bottlenecks, failureStages };

/**
 * Kinds of knobs that documents speak of and sources declare behind `@knob`. A kernel may have others; these are turned
 * by search alone.
 */
export const knobKinds = {
  tiling: 'how much of each axis a block or core works on',
  'vector-width': 'elements of one load or store',
  'bytes-in-flight': 'independent loads that a thread has open',
  unrolling: 'steps of a loop that are written out',
  stages: 'tiles that are loaded ahead of the one computed on',
  prefetch: 'how far ahead a cache line or row is asked for',
  warps: 'warps, waves or threads of a block',
  'warps-per-row': 'threads that share one row or reduction',
  'launch-shape': 'how blocks are laid over the axes, and in which order',
  'persistent-grid': 'blocks that stay and take tile after tile, instead of one block a tile',
  cluster: 'blocks that run together and bring each other what they share',
  split: 'pieces of a reduction that different blocks work on',
  grain: 'work that a core takes at a time',
  'shared-staging': 'whether and how operands are staged in shared or local memory',
  layout: 'order and padding of what is kept in registers, shared or scratch memory',
  'cache-hints': 'what loads and stores ask caches to keep',
  fusion: 'steps that are one kernel instead of several',
  association: 'order in which a product or sum is formed',
  recompute: 'values computed again instead of kept or read',
  'tensor-cores': 'matrix instructions, and their shape',
  accumulation: 'precision and number of partial sums',
  approximation: 'which instructions stand for exp, tanh, division and roots',
  algorithm: 'which of several ways to the same answer is taken',
  branching: 'selects instead of branches, and bounds checks',
  'launch-bounds': 'blocks of a multiprocessor that the compiler leaves registers for',
  'dual-core': 'whether both cores of a processing element work on a tile',
  buffers: 'circular buffers between the units of an accelerator',
} as const satisfies Record<string, string>;

export type KnobKind = keyof typeof knobKinds;
