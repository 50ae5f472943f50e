import { RandomStream } from '../foundation/random.ts';
import type { ComputeDevice, Memory, Program } from './device.ts';
import { changeOf, type Distribution } from './distributions.ts';
import { fillProblem } from './fill-problem.ts';
import { allocateToCheck } from './guard-zones.ts';
import type { Filling } from './operators/inputs.ts';
import { tensorsOf } from './operators/of-program.ts';
import type { TensorSpec } from './operators/operator.ts';
import { hashWord, tensorBytes } from './patterns.ts';

/** The tensors of one run in a device's memory, in the order in which kernels take them. */
export interface InputSet {
  seed: number;
  tensors: readonly TensorSpec[];
  memories: readonly Memory[];
  /** What inputs and states hold before a run, by name. */
  fillings: ReadonlyMap<string, Filling>;
  /** Names of tensors that belong to another set. */
  borrowed: ReadonlySet<string>;
}

/** Bytes of memory behind a tensor: whole 32-bit words. */
export function memoryBytes({ element, length, rowLength }: TensorSpec): number {
  return 4 * Math.ceil(tensorBytes(element, length, rowLength) / 4);
}

export interface InputSetOptions {
  /** Tensors that are taken from another set. */
  shared?: { from: InputSet; isShared: (tensor: TensorSpec) => boolean };
  /** Whether each tensor lies between zones that show what writes beyond it. */
  isGuarded?: boolean;
}

/**
 * Allocates the tensors of a program and fills its inputs and states with values that follow from the seed. Nothing stays
 * allocated when it fails.
 * @throws OutOfMemory
 */
export async function makeInputSet(
  device: ComputeDevice,
  program: Program,
  seed: number,
  { shared, isGuarded = false }: InputSetOptions = {},
): Promise<InputSet> {
  const tensors = tensorsOf(program);
  const memories: Memory[] = [];
  const fillings = new Map<string, Filling>();
  const borrowed = new Set<string>();
  const set: InputSet = { seed, tensors, memories, fillings, borrowed };
  try {
    for (const [position, tensor] of tensors.entries()) {
      if (shared?.isShared(tensor)) {
        memories.push(shared.from.memories[position]);
        fillings.set(tensor.name, shared.from.fillings.get(tensor.name)!);
        borrowed.add(tensor.name);
        continue;
      }
      const bytes = memoryBytes(tensor);
      const memory = await (isGuarded ? allocateToCheck(device, bytes) : device.allocate(bytes));
      memories.push(memory);
      if (tensor.role === 'output') continue;
      const filling = fromProblem(program, tensor, seed) ?? fillingOf(tensor, seed, position);
      fillings.set(tensor.name, filling);
      await fill(device, memory, filling);
    }
  } catch (error) {
    await freeInputSet(device, set).catch(() => {});
    throw error;
  }
  return set;
}

/**
 * The same memories with other values: what ran before on them has seen nothing of what they hold now. Outputs stay as
 * they are, and so does what belongs to another set.
 */
export async function refillInputSet(
  device: ComputeDevice,
  { tensors, memories, fillings: before, borrowed }: InputSet,
  seed: number,
  distribution: Distribution = 'usual',
): Promise<InputSet> {
  const fillings = new Map<string, Filling>();
  for (const [position, tensor] of tensors.entries()) {
    const { name, role } = tensor;
    if (role === 'output') continue;
    const old = before.get(name)!;
    if (borrowed.has(name)) {
      fillings.set(name, old);
      continue;
    }
    const filling =
      old.kind === 'problem'
        ? { ...old, at: { ...old.at, seed } }
        : fillingOf(tensor, seed, position, distribution);
    fillings.set(name, filling);
    await fill(device, memories[position], filling);
  }
  return { seed, tensors, memories, fillings, borrowed };
}

/** Frees all but what belongs to another set. */
export async function freeInputSet(
  device: ComputeDevice,
  { tensors, memories, borrowed }: InputSet,
): Promise<void> {
  for (const [position, memory] of memories.entries()) {
    if (!borrowed.has(tensors[position].name)) await device.free(memory);
  }
}

/** Brings states back to what they held before the first run. */
export async function refillStates(
  device: ComputeDevice,
  { tensors, memories, fillings }: InputSet,
): Promise<void> {
  for (const [position, { role, name }] of tensors.entries()) {
    if (role === 'state') await fill(device, memories[position], fillings.get(name)!);
  }
}

function fillingOf(
  tensor: TensorSpec,
  seed: number,
  position: number,
  distribution: Distribution = 'usual',
): Filling {
  if (tensor.make) {
    const make = (distribution === 'edges' && tensor.edges) || tensor.make;
    return { kind: 'made', words: make(new RandomStream(seed)) };
  }
  if (tensor.word !== undefined) return { kind: 'word', word: tensor.word };
  const { element, rowLength = 1 } = tensor;
  const change = changeOf(distribution, tensor);
  return {
    kind: 'hashed',
    element,
    seed: hashWord(position + 1, seed),
    rowLength,
    ...(change && { change }),
  };
}

function fromProblem(
  { problem, dataType }: Program,
  { name }: TensorSpec,
  seed: number,
): Filling | undefined {
  return problem && { kind: 'problem', problem, at: { dataType, tensor: name, seed } };
}

async function fill(device: ComputeDevice, memory: Memory, filling: Filling): Promise<void> {
  if (filling.kind === 'problem') return fillProblem(device, memory, filling.problem, filling.at);
  if (filling.kind !== 'made') return device.fill(memory, filling);
  const { buffer, byteOffset, byteLength } = filling.words;
  return device.write(memory, new Uint8Array(buffer, byteOffset, byteLength));
}
