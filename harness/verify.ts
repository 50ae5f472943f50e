import { RandomStream } from '../foundation/random.ts';
import { firstNotFinite, readElements, readWhole, tellsPoison } from './answers.ts';
import { compare, type Mismatch, shown, type Verdict, worse } from './compare.ts';
import type { ComputeDevice, Kernel, Memory, Program } from './device.ts';
import { elementReader } from './encoding.ts';
import { layGuards, overrun } from './guard-zones.ts';
import { type ChangedInput, changedInput } from './input-check.ts';
import { freeInputSet, type InputSet, makeInputSet, refillStates } from './input-set.ts';
import { inputsOf } from './operators/inputs.ts';
import { specOf, toleranceOfProgram } from './operators/of-program.ts';
import type { TensorSpec } from './operators/operator.ts';
import { manyElements, sampledElements } from './samples.ts';

/** Words that outputs are filled with before a run: the first is no number in any float type. */
const poisons = [0xffffffff, 0x5a5a5a5a];

/**
 * Runs a kernel on fresh inputs and compares its answer with the float64 reference: every element of an output must
 * be written, sampled ones must be right, inputs must stay as they were, and so must what lies around all tensors.
 * @throws OutOfMemory, and what the device throws when a kernel fails
 */
export async function verify(device: ComputeDevice, kernel: Kernel, { seed = 1 } = {}): Promise<Verdict> {
  const set = await makeInputSet(device, kernel.program, seed, { isGuarded: true });
  try {
    return await verifyOn(device, kernel, set);
  } finally {
    await freeInputSet(device, set);
  }
}

export interface VerifyOptions {
  /** Outputs keep what an earlier run on other inputs left in them, so that a kernel which skips its work shows. */
  keepsOutputs?: boolean;
}

/** The same on inputs that are there already; states are brought back to their start first. */
export async function verifyOn(
  device: ComputeDevice,
  kernel: Kernel,
  set: InputSet,
  options: VerifyOptions = {},
): Promise<Verdict> {
  const { program } = kernel;
  const tolerance = toleranceOfProgram(program);
  if (set.tensors.length === 0) return judgeOwnCheck(device, kernel, tolerance);

  const changedRows = rowsThatChange(program, set);
  const random = new RandomStream(set.seed, 0x5a3);
  const samples = set.tensors.map((tensor) => {
    if (tensor.role === 'input') return [];
    if (program.problem) return manyElements(tensor, random);
    return sampledElements(tensor, random, tensor.role === 'state' ? changedRows : undefined);
  });
  const answers = await runAndRead(device, kernel, set, samples, options);
  if ('overrun' in answers) return infinitelyOff(tolerance, answers.overrun);
  const reference = answersOf(program, set);
  if ('unwritten' in answers) {
    const { tensor, index, got } = answers.unwritten;
    const [wanted] = await reference(tensor, [index]);
    const reason = `${tensor}[${index}] was not written, or is no finite number`;
    return infinitelyOff(tolerance, reason, { tensor, index, got, wanted });
  }
  const changed = await changedInput(device, set, random);
  if (changed) {
    return infinitelyOff(tolerance, changeInWords(changed), changed);
  }
  const rules = { tolerance, isElementwise: program.problem !== undefined };
  const verdicts: Verdict[] = [];
  for (const [position, { role, name }] of set.tensors.entries()) {
    if (role === 'input') continue;
    const indices = samples[position];
    const wanted = await reference(name, indices);
    verdicts.push(compare({ tensor: name, indices, values: answers.values[position], wanted }, rules));
  }
  return verdicts.reduce(worse);
}

/** Of a kernel whose values are not worth comparing. */
function infinitelyOff(tolerance: number, reason: string, worst?: Mismatch): Verdict {
  const error = Number.POSITIVE_INFINITY;
  return { ok: false, error, tolerance, variation: 0, reason, ...(worst && { worst }) };
}

function changeInWords({ tensor, isWord, index, got, wanted }: ChangedInput): string {
  const place = isWord ? `word ${index} of ${tensor}` : `${tensor}[${index}]`;
  return `${place} was changed from ${shown(wanted)} to ${shown(got)}, although ${tensor} is an input`;
}

/** The answers to a set of inputs, by tensor and elements. */
function answersOf(
  program: Program,
  set: InputSet,
): (tensor: string, indices: readonly number[]) => Promise<Float64Array> {
  const { dataType, shape, problem } = program;
  if (problem) {
    const place = { problem: problem.problem, dataType, seed: set.seed };
    return (tensor, indices) => problem.oracle.answers({ ...place, tensor }, indices);
  }
  const reference = specOf(program).reference(dataType, shape, inputsOf(set.tensors, set.fillings));
  return async (tensor, indices) => Float64Array.from(indices, (index) => reference(tensor, index));
}

function rowsThatChange(program: Program, { tensors, fillings }: InputSet): Int32Array | undefined {
  if (program.problem) return undefined;
  return specOf(program).changedRows?.(program.shape, inputsOf(tensors, fillings));
}

/** Operators without tensors are checked by their device. */
async function judgeOwnCheck(device: ComputeDevice, kernel: Kernel, tolerance: number): Promise<Verdict> {
  await device.run({ kernel, tensors: [] });
  if (!specOf(kernel.program).selfChecked) return { ok: true, error: 0, tolerance, variation: 0 };
  const error = kernel.checkedError ?? Number.NaN;
  if (error <= tolerance) return { ok: true, error, tolerance, variation: 0 };
  const reason = Number.isNaN(error)
    ? 'the device did not check its answer'
    : `its own check found a relative error of ${error}`;
  const shown = Number.isNaN(error) ? Number.POSITIVE_INFINITY : error;
  return { ok: false, error: shown, tolerance, variation: 0, reason };
}

type Answers =
  | { values: number[][] }
  | { unwritten: { tensor: string; index: number; got: number } }
  | { overrun: string };

/**
 * Runs on poisoned outputs and reads the sampled elements back. A float output shows in its values what was not
 * written; any other needs a second run on another poison, after which it must be the same.
 */
async function runAndRead(
  device: ComputeDevice,
  kernel: Kernel,
  set: InputSet,
  samples: readonly number[][],
  { keepsOutputs = false }: VerifyOptions,
): Promise<Answers> {
  const { tensors, memories } = set;
  if (keepsOutputs) await runAsItIs(device, kernel, set);
  else await runPoisoned(device, kernel, set, poisons[0]);
  const touched = await overrun(device, set);
  if (touched) return { overrun: touched };
  const values: number[][] = [];
  const first = new Map<number, Uint8Array[]>();
  for (const [position, tensor] of tensors.entries()) {
    const wanted = samples[position];
    if (tensor.role !== 'output') {
      values.push(
        tensor.role === 'state' ? await readElements(device, memories[position], tensor, wanted) : [],
      );
      continue;
    }
    const read = await readOutput(device, memories[position], tensor, wanted);
    if (read.unwritten) return { unwritten: { tensor: tensor.name, ...read.unwritten } };
    values.push(read.values);
    if (!tellsPoison(tensor.element)) first.set(position, read.pieces);
  }
  if (first.size === 0) return { values };
  await runPoisoned(device, kernel, set, poisons[1]);
  for (const [position, pieces] of first) {
    const different = await firstDifference(device, memories[position], tensors[position], pieces);
    if (different) return { unwritten: { tensor: tensors[position].name, ...different } };
  }
  return { values };
}

async function runPoisoned(
  device: ComputeDevice,
  kernel: Kernel,
  set: InputSet,
  poison: number,
): Promise<void> {
  await poisonOutputs(device, set, poison);
  await runAsItIs(device, kernel, set);
}

async function runAsItIs(device: ComputeDevice, kernel: Kernel, set: InputSet): Promise<void> {
  await refillStates(device, set);
  await layGuards(device, set);
  await device.run({ kernel, tensors: set.memories });
}

/** Fills outputs with what is no number in any float type, or with another word. */
export async function poisonOutputs(
  device: ComputeDevice,
  { tensors, memories }: InputSet,
  word = poisons[0],
): Promise<void> {
  for (const [position, { role }] of tensors.entries()) {
    if (role === 'output') await device.fill(memories[position], { kind: 'word', word });
  }
}

interface Read {
  values: number[];
  /** The whole output, where a second run must give the same. */
  pieces: Uint8Array[];
  unwritten?: { index: number; got: number };
}

async function readOutput(
  device: ComputeDevice,
  memory: Memory,
  tensor: TensorSpec,
  wanted: readonly number[],
): Promise<Read> {
  const { element, rowLength } = tensor;
  const read: Read = { values: [], pieces: [] };
  await readWhole(device, memory, tensor, (bytes, first, count) => {
    const valueAt = elementReader(element, bytes, rowLength);
    if (tellsPoison(element)) {
      const bad = firstNotFinite(element, bytes, count);
      if (bad >= 0) read.unwritten ??= { index: first + bad, got: valueAt(bad) };
    } else {
      read.pieces.push(bytes.slice(0, bytes.length));
    }
    while (read.values.length < wanted.length && wanted[read.values.length] < first + count) {
      read.values.push(valueAt(wanted[read.values.length] - first));
    }
  });
  return read;
}

/** Where the output differs from what the first run left, if it does. */
async function firstDifference(
  device: ComputeDevice,
  memory: Memory,
  tensor: TensorSpec,
  pieces: readonly Uint8Array[],
): Promise<{ index: number; got: number } | undefined> {
  const { element, rowLength } = tensor;
  let different: { index: number; got: number } | undefined;
  let piece = 0;
  await readWhole(device, memory, tensor, (bytes, first, count) => {
    const before = pieces[piece++];
    if (different || Buffer.compare(before, bytes) === 0) return;
    const [was, is] = [before, bytes].map((each) => elementReader(element, each, rowLength));
    for (let i = 0; i < count; i++) {
      if (!Object.is(was(i), is(i))) {
        different = { index: first + i, got: is(i) };
        return;
      }
    }
  });
  return different;
}
