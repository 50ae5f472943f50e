import type { RandomStream } from '../../foundation/random.ts';
import { answersFit } from '../../harness/answer-range.ts';
import type { Verdict } from '../../harness/compare.ts';
import type { ComputeDevice, Kernel } from '../../harness/device.ts';
import { type Distribution, distributionsFor } from '../../harness/distributions.ts';
import { freeInputSet, type InputSet, makeInputSet, refillInputSet } from '../../harness/input-set.ts';
import { problemSeed, problemTrials } from '../../harness/problem.ts';
import { poisonOutputs, verifyOn } from '../../harness/verify.ts';
import { CandidateFailed } from './failed.ts';

/** What the checks of one shape found. */
export interface ShapeCheck {
  /** Largest relative error against float64, and the most that is allowed. */
  error: number;
  tolerance: number;
  /** Whether two runs on the same inputs gave the same bits. */
  isDeterministic: boolean;
}

/** Right answers must lie further apart than this many tolerances: else a constant would pass for one. */
const leastVariation = 4;

/** Bytes of each output that two runs are compared by. */
const comparedBytes = 4 << 20;

/**
 * Checks a candidate on fresh inputs of every distribution, each at the addresses of the one before: a kernel that knows
 * its answer by pointer or shape gives an old one. Float64 references are computed after the candidate has run.
 * @throws CandidateFailed with what is wrong; what the device throws when the kernel fails
 */
export async function checkShape(
  device: ComputeDevice,
  kernel: Kernel,
  random: RandomStream,
): Promise<ShapeCheck> {
  const { problem } = kernel.program;
  const seed = problem ? problemSeed : random.uint32();
  const first = await makeInputSet(device, kernel.program, seed, { isGuarded: true });
  try {
    const distributions: Distribution[] = problem
      ? Array.from({ length: problemTrials }, () => 'usual')
      : ['usual', ...distributionsFor(first.tensors)];
    const verdicts: Verdict[] = [];
    let set = first;
    for (const [turn, distribution] of distributions.entries()) {
      if (turn > 0) set = await refillInputSet(device, first, random.uint32(), distribution);
      // What the first run left behind is no answer to the second's inputs.
      const verdict = await verifyOn(device, kernel, set, { keepsOutputs: turn === 1 });
      if (!verdict.ok) {
        const isBeyondType = distribution !== 'usual' && !answersFit(kernel.program, set);
        if (isBeyondType) continue;
        throw new CandidateFailed('wrong answer', described(verdict, distribution, turn));
      }
      verdicts.push(verdict);
    }
    refuseConstants(verdicts);
    const error = Math.max(...verdicts.map((verdict) => verdict.error));
    const { tolerance } = verdicts[0];
    return { error, tolerance, isDeterministic: await givesSameBits(device, kernel, set) };
  } finally {
    // A lost device cannot free; what matters then is the error that says so.
    await freeInputSet(device, first).catch(() => {});
  }
}

/**
 * Checks once more what has been timed: first on new inputs with the old answers still there, then on poisoned outputs. A
 * kernel that stops working after some launches, or skips what seems to be done, is found out.
 * @throws CandidateFailed
 */
export async function checkAgain(
  device: ComputeDevice,
  kernel: Kernel,
  timed: InputSet,
  random: RandomStream,
): Promise<void> {
  for (const keepsOutputs of [true, false]) {
    const set = await refillInputSet(device, timed, random.uint32());
    const verdict = await verifyOn(device, kernel, set, { keepsOutputs });
    if (verdict.ok) continue;
    throw new CandidateFailed(
      'cheat',
      `right before it was timed, and wrong afterwards: ${inWords(verdict)}`,
    );
  }
}

function described(verdict: Verdict, distribution: Distribution, turn: number): string {
  const inputs = turn === 1 ? 'other inputs at the same addresses' : `${distribution} inputs`;
  return `on ${inputs}: ${inWords(verdict)}`;
}

/** What is infinitely off is wrong in another way than by its size. */
function inWords({ reason = 'it is wrong', error, tolerance }: Verdict): string {
  if (!Number.isFinite(error)) return reason;
  return `${reason}; relative error ${precise(error)}, at most ${precise(tolerance)} is allowed`;
}

/** Three digits, however small: `1.23e-5`. */
function precise(value: number): string {
  return String(Number(value.toPrecision(3)));
}

/** @throws Error where the inputs could not tell a kernel from a constant: the task is at fault then */
function refuseConstants(verdicts: readonly Verdict[]): void {
  const variation = Math.max(...verdicts.map((verdict) => verdict.variation));
  if (variation > leastVariation * verdicts[0].tolerance) return;
  throw new UnsuitableTask(
    `right answers vary by ${precise(variation)} of their size, which tells no kernel from a constant`,
  );
}

/** A task by which no candidate can be judged. */
export class UnsuitableTask extends Error {}

async function givesSameBits(device: ComputeDevice, kernel: Kernel, set: InputSet): Promise<boolean> {
  const answers: Buffer[][] = [];
  for (let turn = 0; turn < 2; turn++) {
    // States go on from where they are: only outputs are comparable.
    await poisonOutputs(device, set);
    await device.run({ kernel, tensors: set.memories });
    answers.push(await outputsOf(device, set));
  }
  return answers[0].every((bytes, i) => bytes.equals(answers[1][i]));
}

async function outputsOf(device: ComputeDevice, { tensors, memories }: InputSet): Promise<Buffer[]> {
  const outputs: Buffer[] = [];
  for (const [position, { role }] of tensors.entries()) {
    if (role !== 'output') continue;
    const memory = memories[position];
    outputs.push(Buffer.from(await device.read(memory, 0, Math.min(memory.bytes, comparedBytes))));
  }
  return outputs;
}
