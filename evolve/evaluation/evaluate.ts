import { RandomStream } from '../../foundation/random.ts';
import type { ComputeDevice, Kernel, Program } from '../../harness/device.ts';
import type { LiveProblem } from '../../harness/problem.ts';
import type { Rotation } from '../../harness/rotation.ts';
import {
  type Evaluation,
  type EvaluationFailure,
  type ShapeAnswer,
  type ShapeTiming,
  scoreOf,
} from '../evaluation.ts';
import type { TaskShape } from '../kernel-task.ts';
import { candidateProgram } from './candidate-program.ts';
import { type Ceilings, leastWork, leastWorkOfProblem } from './ceilings.ts';
import { checkAgain, checkShape, type ShapeCheck, UnsuitableTask } from './check-shape.ts';
import { type Judged, judge } from './failed.ts';
import type { Evaluated, Job, RememberedReference, Stage } from './messages.ts';
import { keyOf, NoReference, type ReferenceShelf, type References } from './references.ts';
import { compareWithWallClock, suspectTimes } from './suspicions.ts';
import { watchThreads } from './threads.ts';
import {
  type InterleavedTimes,
  ReferenceFailed,
  type TimingRules,
  timeAlone,
  timeInterleaved,
} from './time-shape.ts';

/** What candidates are evaluated on. */
export interface Bench {
  device: ComputeDevice;
  shelf: ReferenceShelf;
  ceilings: Ceilings;
  cores: number;
  /** The device is an interpreter, of which no time is worth taking. */
  answersOnly: boolean;
  /** Told before a stage begins. */
  enter(stage: Stage, what: string): Promise<void>;
  /** Resolves when the device is this evaluation's alone. */
  deviceIsFree(): Promise<void>;
}

const searchRules: TimingRules = { rounds: 7, longestS: 3 };
export const finalRules: TimingRules = { rounds: 21, longestS: 15 };

/** Compiles, checks and times one artifact on every shape. Whatever it does wrong is a failure in the answer. */
export async function evaluate(job: Job, bench: Bench): Promise<Evaluated> {
  const run = new EvaluationRun(job, bench);
  let judged: Judged | undefined;
  try {
    await run.all();
  } catch (error) {
    if (isNobodysFault(error)) throw error;
    judged = run.asOverFitted(await judge(error, bench.device));
  } finally {
    await run.release();
  }
  return {
    evaluation: run.evaluation(judged?.failure),
    isLost: judged?.isLost ?? false,
    hasRun: run.hasRun,
    references: run.references,
  };
}

/** What no candidate can be judged after. */
function isNobodysFault(error: unknown): boolean {
  return error instanceof UnsuitableTask || error instanceof NoReference || error instanceof ReferenceFailed;
}

interface ShapeRun {
  shape: TaskShape;
  isHeldOut: boolean;
  kernel: Kernel;
  check?: ShapeCheck;
}

class EvaluationRun {
  hasRun = false;
  readonly references: RememberedReference[] = [];
  private readonly job: Job;
  private readonly bench: Bench;
  private readonly random: RandomStream;
  private readonly runs: ShapeRun[] = [];
  private readonly timings: ShapeTiming[] = [];
  private readonly notes = new Set<string>();
  private readonly spentS: Record<string, number> = {};
  private reference = 'none';
  private problem: LiveProblem | undefined;
  private isAtHeldOut = false;

  constructor(job: Job, bench: Bench) {
    this.job = job;
    this.bench = bench;
    this.random = new RandomStream(job.seed, 0xe7a1);
  }

  async all(): Promise<void> {
    const { device, deviceIsFree } = this.bench;
    // A kernel in Python is compiled by running it.
    if (device.backend === 'python') await deviceIsFree();
    await this.openProblem();
    await this.compileAll();
    if (device.backend !== 'python') await deviceIsFree();
    const refuseThreads = device.backend === 'cpu' ? watchThreads() : undefined;
    for (const run of this.runs) await this.check(run);
    await refuseThreads?.();
    if (this.bench.answersOnly) return;
    for (const run of this.runs) await this.time(run);
    await refuseThreads?.();
  }

  /** A failure on what the search has not seen, of a kernel that was right on all that it has. */
  asOverFitted(judged: Judged): Judged {
    if (!this.isAtHeldOut) return judged;
    const { stage, reason, signature } = judged.failure;
    const failure: EvaluationFailure = {
      ...judged.failure,
      stage: 'over-fitted',
      reason: `on a shape that the search has not seen: ${stage}: ${reason}`,
      signature: `over-fitted: ${signature}`,
    };
    return { ...judged, failure };
  }

  evaluation(failure?: EvaluationFailure): Evaluation {
    const resources = this.runs[0]?.kernel.resources;
    const { spentS } = this;
    return {
      score: scoreOf(this.timings, failure),
      reference: this.reference,
      timings: this.timings,
      ...(this.bench.answersOnly && { untimed: this.answers() }),
      ...(resources && { resources }),
      ...(failure && { failure }),
      ...(this.notes.size > 0 && { notes: [...this.notes] }),
      spentS,
      deviceHeldS: (spentS.check ?? 0) + (spentS.reference ?? 0) + (spentS.time ?? 0),
    };
  }

  private answers(): ShapeAnswer[] {
    return this.runs.flatMap(({ shape: { shape }, check }) => {
      if (!check) return [];
      const { error, tolerance } = check;
      return [{ shape, error, tolerance }];
    });
  }

  async release(): Promise<void> {
    for (const { kernel } of this.runs) await this.bench.device.release?.(kernel).catch(() => {});
  }

  /** Whoever knows the answers to a problem is another process than the candidate's. */
  private async openProblem(): Promise<void> {
    const { problem, search } = this.job.task;
    if (!problem) return;
    await this.stage('reference', search[0], false, async () => {
      this.problem = await this.bench.shelf.live(problem);
    });
  }

  private async compileAll(): Promise<void> {
    const { artifact, task, dataType, isFinal } = this.job;
    const shapes = [
      ...task.search.map((shape) => ({ shape, isHeldOut: false })),
      ...(isFinal ? task.heldOut.map((shape) => ({ shape, isHeldOut: true })) : []),
    ];
    for (const { shape, isHeldOut } of shapes) {
      await this.stage('compile', shape, isHeldOut, async () => {
        const { device, cores } = this.bench;
        this.hasRun = device.backend === 'python';
        const program = candidateProgram(artifact, task, dataType, shape.shape, cores, this.problem);
        const kernel = await device.compile(program);
        this.runs.push({ shape, isHeldOut, kernel });
        if (kernel.computesBy) this.notes.add(`computes by PyTorch: ${kernel.computesBy}`);
      });
    }
  }

  private async check(run: ShapeRun): Promise<void> {
    await this.stage('check', run.shape, run.isHeldOut, async () => {
      this.hasRun = true;
      run.check = await checkShape(this.bench.device, run.kernel, this.random);
      if (!run.check.isDeterministic) this.notes.add('answers differ in their last bits from run to run');
    });
  }

  private async time(run: ShapeRun): Promise<void> {
    const { shape, isHeldOut, kernel } = run;
    const known = this.remembered(kernel);
    const references =
      known ?? (await this.stage('reference', shape, isHeldOut, () => this.referencesOf(kernel.program)));
    const name = 'best' in references ? references.best.name : references.name;
    if (this.reference === 'none') this.reference = name;
    if (this.reference !== name) this.notes.add(`some shapes are relative to ${name}`);
    await this.stage('time', shape, isHeldOut, async () => {
      const times = await this.timesOf(kernel, references);
      const { referenceS, eagerS } = times;
      const eager = eagerS !== undefined && { eagerS };
      if (!known) this.references.push({ key: keyOf(kernel.program), name, referenceS, ...eager });
      this.timings.push(this.timing(run, times));
    });
  }

  /** Times of references that this process would have to make first. */
  private remembered({ program }: Kernel): RememberedReference | undefined {
    if (this.job.isFinal || this.bench.shelf.has(program)) return undefined;
    return this.job.remembered.find(({ key }) => key === keyOf(program));
  }

  private async referencesOf(program: Program): Promise<References> {
    const references = await this.bench.shelf.of(program, this.job);
    for (const each of references.refused) this.notes.add(`no reference: ${each}`);
    return references;
  }

  private timesOf(kernel: Kernel, references: References | RememberedReference): Promise<InterleavedTimes> {
    const { device } = this.bench;
    const rules = this.job.isFinal ? finalRules : searchRules;
    const seed = this.random.uint32();
    const afterwards = async (rotation: Rotation, candidateS: number) => {
      // A worker in Python keeps its own clock, and watches it.
      if (device.backend !== 'python') await compareWithWallClock(device, kernel, rotation, candidateS);
      await checkAgain(device, kernel, rotation.sets[0], this.random);
    };
    return 'best' in references
      ? timeInterleaved(device, kernel, references, seed, rules, afterwards)
      : timeAlone(device, kernel, references, seed, rules, afterwards);
  }

  private timing({ shape, isHeldOut, kernel, check }: ShapeRun, times: InterleavedTimes): ShapeTiming {
    const { ceilings } = this.bench;
    const { operator, dataType } = kernel.program;
    const least =
      operator === 'problem'
        ? leastWorkOfProblem(this.job.task.problem!, dataType, ceilings)
        : leastWork(operator, dataType, shape.shape, ceilings);
    const note = suspectTimes(times, least, ceilings);
    if (note) this.notes.add(note);
    const { candidateS, referenceS, eagerS, speedup } = times;
    return {
      shape: shape.shape,
      ...(shape.kind !== undefined && { kind: shape.kind }),
      ...(isHeldOut && { isHeldOut }),
      candidateS,
      referenceS,
      speedup,
      ...(eagerS !== undefined && { eagerS }),
      error: check!.error,
      tolerance: check!.tolerance,
      speedOfLight: least.seconds / candidateS,
      achievedBytesPerS: least.bytes / candidateS,
      achievedFlopPerS: least.flops / candidateS,
    };
  }

  private async stage<Result>(
    stage: Stage,
    { shape }: TaskShape,
    isHeldOut: boolean,
    work: () => Promise<Result>,
  ): Promise<Result> {
    const sizes = Object.entries(shape).map(([axis, size]) => `${axis}=${size}`);
    await this.bench.enter(stage, sizes.join(' '));
    this.isAtHeldOut = isHeldOut;
    const started = performance.now();
    try {
      return await work();
    } finally {
      this.spentS[stage] = (this.spentS[stage] ?? 0) + (performance.now() - started) / 1000;
    }
  }
}
