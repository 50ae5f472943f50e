import type { ComputeDevice, Kernel, Launch, Program } from '../../harness/device.ts';
import { freeRotation, makeRotation, plannedSets, type Rotation } from '../../harness/rotation.ts';
import { repeater } from '../../harness/timing.ts';
import { poisonOutputs } from '../../harness/verify.ts';
import { medianInterval } from '../replay/median.ts';
import type { KnownShape } from './messages.ts';
import type { Reference, References } from './references.ts';
import { centreOf, inRounds, isSettled, type TimingRules } from './rounds.ts';

const repeatsOfRound = 3;
const maxSets = 32;
/** Of launches on poisoned outputs: slow kernels are not run on all inputs. */
const longestFreshS = 0.05;

export interface InterleavedTimes {
  candidateS: number;
  referenceS: number;
  eagerS?: number;
  speedup: { mean: number; low: number; high: number };
  cache: Rotation['cache'];
  /** Seconds of a launch whose outputs are poisoned, over those of one that finds its last answer there. */
  freshness: { candidate: number; reference: number };
}

/** What a candidate that is timed alone is compared with. */
type ShapeTimes = Pick<KnownShape, 'referenceS' | 'eagerS' | 'freshness' | 'fastestS'>;

/** One side of a comparison, on inputs of its own or on those of the other side. */
interface Side {
  device: ComputeDevice;
  rotation: Rotation;
  launches: Launch[];
  next: () => Promise<Float64Array>;
  isReference: boolean;
}

/** A reference that fails while it is timed: no candidate is to blame. */
export class ReferenceFailed extends Error {}

async function turnOf<Result>(
  { isReference }: Pick<Side, 'isReference'>,
  work: () => Promise<Result>,
): Promise<Result> {
  if (!isReference) return work();
  try {
    return await work();
  } catch (error) {
    throw new ReferenceFailed(`the reference failed while it was timed: ${(error as Error).message}`);
  }
}

/**
 * Times a candidate and its references in turn, round by round, on inputs that are rotated so that no cache holds them. What
 * disturbs the device disturbs both, and the ratio of each round is what counts.
 * @param afterwards gets the candidate's rotation, while it is still there, and its seconds
 */
export async function timeInterleaved(
  device: ComputeDevice,
  kernel: Kernel,
  { best, eager, fastestS }: Pick<References, 'best' | 'eager'> & Pick<KnownShape, 'fastestS'>,
  seed: number,
  rules: TimingRules,
  afterwards: (rotation: Rotation, candidateS: number) => Promise<void>,
): Promise<InterleavedTimes> {
  const stock = new Rotations(seed, best.device === device ? 0.5 : 0.25, rules);
  try {
    const candidate = await stock.side(device, kernel, false);
    const reference = await stock.sideOf(best);
    const plain = eager && (await stock.sideOf(eager));
    const ratiosOf = ([own, others]: readonly number[][]) => own.map((seconds, i) => others[i] / seconds);
    const times = await roundsOf([candidate, reference, ...(plain ? [plain] : [])], rules, (soFar) =>
      isSettled(rules, ratiosOf(soFar), soFar[0], fastestS),
    );
    const { median, low, high } = centreOf(ratiosOf(times));
    const [candidateS, referenceS, eagerS] = times.map((side) => medianInterval(side, 0.95).median);
    const freshness = {
      candidate: (await freshS(candidate, candidateS)) / candidateS,
      reference: (await freshS(reference, referenceS)) / referenceS,
    };
    await afterwards(candidate.rotation, candidateS);
    const speedup = { mean: median, low, high };
    const { cache } = candidate.rotation;
    return { candidateS, referenceS, ...(eagerS !== undefined && { eagerS }), speedup, cache, freshness };
  } finally {
    await stock.free();
  }
}

/**
 * Times a candidate alone, against what its references took earlier in the session: for a search, which looks for differences
 * that are larger than what a device drifts by.
 */
export async function timeAlone(
  device: ComputeDevice,
  kernel: Kernel,
  { referenceS, eagerS, fastestS, freshness: reference }: ShapeTimes,
  seed: number,
  rules: TimingRules,
  afterwards: (rotation: Rotation, candidateS: number) => Promise<void>,
): Promise<InterleavedTimes> {
  const stock = new Rotations(seed, 0.5, rules);
  try {
    const candidate = await stock.side(device, kernel, false);
    const [times] = await roundsOf([candidate], rules, ([own]) => isSettled(rules, own, own, fastestS));
    const { median, low, high } = centreOf(times);
    const freshness = { candidate: (await freshS(candidate, median)) / median, reference };
    await afterwards(candidate.rotation, median);
    const speedup = { mean: referenceS / median, low: referenceS / high, high: referenceS / low };
    const { cache } = candidate.rotation;
    return {
      candidateS: median,
      referenceS,
      ...(eagerS !== undefined && { eagerS }),
      speedup,
      cache,
      freshness,
    };
  } finally {
    await stock.free();
  }
}

/** Times references by themselves, for all candidates of a search to be compared with. */
export async function timeReferences(
  { best, eager }: Pick<References, 'best' | 'eager'>,
  seed: number,
  rules: TimingRules,
): Promise<ShapeTimes> {
  const stock = new Rotations(seed, 0.5, rules);
  try {
    const side = await stock.sideOf(best);
    const sides = [side, ...(eager ? [await stock.sideOf(eager)] : [])];
    const times = await roundsOf(sides, rules, (soFar) => soFar.every((own) => isSettled(rules, own, own)));
    const [referenceS, eagerS] = times.map((own) => medianInterval(own, 0.95).median);
    const freshness = (await freshS(side, referenceS)) / referenceS;
    return { referenceS, freshness, ...(eagerS !== undefined && { eagerS }) };
  } finally {
    await stock.free();
  }
}

/** Medians of every round, by side. */
function roundsOf(
  sides: readonly Side[],
  rules: TimingRules,
  isEnough: (times: readonly number[][]) => boolean,
): Promise<number[][]> {
  const next = sides.map((side) => async () => medianOf(await turnOf(side, side.next)));
  return inRounds(next, rules, isEnough);
}

/**
 * Seconds of a launch that finds its outputs poisoned: the least of three, since a first one may have to warm up, and of
 * more where that is much, since something else may have had the processor.
 */
function freshS(side: Side, usualS: number): Promise<number> {
  const { device, rotation, launches: all } = side;
  const launches = all.slice(0, Math.max(1, Math.floor(longestFreshS / usualS)));
  return turnOf(side, async () => {
    const seconds: number[] = [];
    for (let turn = 0; turn < 3 || (turn < 12 && Math.min(...seconds) > 2 * usualS); turn++) {
      for (const set of rotation.sets.slice(0, launches.length)) await poisonOutputs(device, set);
      seconds.push((await device.time(launches, { warmUp: 0, repeats: 1 }))[0]);
    }
    return Math.min(...seconds);
  });
}

function medianOf(seconds: Float64Array): number {
  const { median } = medianInterval([...seconds], 0.95);
  if (!(median > 0)) throw new Error(`the device's clock gave ${median} s for a launch`);
  return median;
}

/** Inputs of both sides: the same values, and where they share a device the same memories. */
class Rotations {
  private readonly seed: number;
  private readonly memoryShare: number;
  private readonly rules: TimingRules;
  private readonly made = new Map<ComputeDevice, Rotation>();

  constructor(seed: number, memoryShare: number, rules: TimingRules) {
    this.seed = seed;
    this.memoryShare = memoryShare;
    this.rules = rules;
  }

  sideOf({ device, kernel }: Reference): Promise<Side> {
    return this.side(device, kernel, true);
  }

  async side(device: ComputeDevice, kernel: Kernel, isReference: boolean): Promise<Side> {
    const rotation = this.made.get(device) ?? (await this.make(device, kernel.program));
    this.made.set(device, rotation);
    const launches = rotation.sets.map(({ memories }) => ({ kernel, tensors: memories }));
    // Of a round's repeats; four times as long is long.
    const rules = { longestS: this.rules.longestRoundS, minRepeats: repeatsOfRound };
    const next = await turnOf({ isReference }, () => repeater(device, launches, rules));
    return { device, rotation, launches, next, isReference };
  }

  async free(): Promise<void> {
    // A lost device cannot free; what matters then is the error that says so.
    for (const [device, { sets }] of this.made) await freeRotation(device, sets).catch(() => {});
  }

  private async make(device: ComputeDevice, program: Program): Promise<Rotation> {
    const { cacheBytes, memoryBytes } = await device.describe();
    const count = plannedSets(
      program,
      { cacheBytes, memoryBytes },
      { maxSets, memoryShare: this.memoryShare },
    );
    return makeRotation(device, program, { count, seed: this.seed, cacheBytes });
  }
}
