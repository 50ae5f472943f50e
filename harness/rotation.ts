import type { Shape } from '../hardware-profiles/operators-measured.ts';
import { type ComputeDevice, type DeviceDescription, OutOfMemory, type Program } from './device.ts';
import { freeInputSet, type InputSet, makeInputSet, memoryBytes } from './input-set.ts';
import { tensorsOf } from './operators/of-program.ts';
import type { TensorSpec } from './operators/operator.ts';
import { hashWord, tensorBytes } from './patterns.ts';

/** Sets of inputs that are used in turn, so that none is found in the cache when its turn comes again. */
export interface Rotation {
  sets: InputSet[];
  /** Whether they are enough for that. */
  cache: 'cold' | 'warm';
}

/** Assumed of a device that does not tell its cache: more than almost any has. */
const unknownCacheBytes = 128 * 2 ** 20;

/** A table larger than this many caches is shared by all sets; each looks up other rows. */
const sharedCaches = 8;

/** All sets together take no more than this many caches: filling more takes longer than what it teaches. */
const mostCaches = 64;

/**
 * How many sets of inputs a case wants, and how many of them the memory holds.
 * @param memoryShare part of the device's memory that they may fill
 */
export function plannedSets(
  program: Program,
  { cacheBytes, memoryBytes: deviceBytes }: Pick<DeviceDescription, 'cacheBytes' | 'memoryBytes'>,
  { maxSets, memoryShare }: { maxSets: number; memoryShare: number },
): number {
  const cache = cacheBytes || unknownCacheBytes;
  const tensors = tensorsOf(program);
  if (tensors.length === 0) return 1;
  const touched = sum(tensors, touchedBytes);
  // A single set of two caches may still be found in part: the end of it is what a run left behind.
  const wanted = Math.max(Math.ceil((2 * cache) / touched), touched < 4 * cache ? 2 : 1);
  const all = sum(tensors, memoryBytes);
  const own = sum(
    tensors.filter((tensor) => !isShared(tensor, cache)),
    memoryBytes,
  );
  const most = Math.min(memoryShare * deviceBytes, mostCaches * cache);
  const room = 1 + Math.max(0, Math.floor((most - all) / own));
  return Math.min(wanted, maxSets, room);
}

/**
 * Makes up to `count` sets with fresh values each. The first must fit; where the memory is full before the last, those
 * that fit are what there is.
 * @throws OutOfMemory
 */
export async function makeRotation(
  device: ComputeDevice,
  program: Program,
  { count, seed, cacheBytes }: { count: number; seed: number; cacheBytes: number },
): Promise<Rotation> {
  const cache = cacheBytes || unknownCacheBytes;
  const first = await makeInputSet(device, program, seed);
  const sets = [first];
  const shared = { from: first, isShared: (tensor: TensorSpec) => isShared(tensor, cache) };
  while (sets.length < count) {
    try {
      sets.push(await makeInputSet(device, program, hashWord(sets.length, seed), { shared }));
    } catch (error) {
      if (error instanceof OutOfMemory) break;
      await freeRotation(device, sets).catch(() => {});
      throw error;
    }
  }
  const touched = first.tensors.length > 0 ? sum(first.tensors, touchedBytes) : ownBytes(program.shape);
  return { sets, cache: touched * sets.length >= 2 * cache ? 'cold' : 'warm' };
}

/** Frees every set, the one that others borrow from last. */
export async function freeRotation(device: ComputeDevice, sets: readonly InputSet[]): Promise<void> {
  for (const set of sets.toReversed()) await freeInputSet(device, set);
}

/** Bytes that one run reads or writes of a tensor. */
function touchedBytes({ element, length, rowLength = 1, touchedRows }: TensorSpec): number {
  const touched = touchedRows === undefined ? length : Math.min(length, touchedRows * rowLength);
  return tensorBytes(element, touched, rowLength);
}

function isShared(tensor: TensorSpec, cacheBytes: number): boolean {
  return tensor.touchedRows !== undefined && memoryBytes(tensor) > sharedCaches * cacheBytes;
}

/** What an operator without tensors moves through memory of the device's own. */
function ownBytes({ bytes = 0 }: Shape): number {
  return bytes;
}

function sum(tensors: readonly TensorSpec[], bytesOf: (tensor: TensorSpec) => number): number {
  return tensors.reduce((total, tensor) => total + bytesOf(tensor), 0);
}
