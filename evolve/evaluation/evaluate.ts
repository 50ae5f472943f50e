import { RandomStream } from '../../foundation/random.ts';
import type { BackendName, Kernel, Program } from '../../harness/device.ts';
import type { LiveProblem } from '../../harness/problem.ts';
import type { Rotation } from '../../harness/rotation.ts';
import {
  type Evaluation,
  type EvaluationFailure,
  otherReferenceNote,
  type ShapeAnswer,
  type ShapeTiming,
  scoreOf,
} from '../evaluation.ts';
import type { TaskShape } from '../kernel-task.ts';
import type { Bench } from './bench.ts';
import { candidateProgram } from './candidate-program.ts';
import { leastWork, leastWorkOfProblem } from './ceilings.ts';
import { checkAgain, checkShape, UnsuitableTask } from './check-shape.ts';
import { type Judged, judge, overFitted } from './failed.ts';
import type { Evaluated, Job, KnownShape } from './messages.ts';
import { keyOf, NoReference, type References } from './references.ts';
import { finalRules, searchRules } from './rounds.ts';
import { type ShapeRun, shapeTiming } from './shape-timing.ts';
import { sideBySide } from './side-by-side.ts';
import { type JobShape, Stages } from './stages.ts';
import { compareWithWallClock, suspectTimes } from './suspicions.ts';
import { watchThreads } from './threads.ts';
import {
  type InterleavedTimes,
  ReferenceFailed,
  timeAlone,
  timeInterleaved,
  timeReferences,
} from './time-shape.ts';

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
  };
}

/** What no candidate can be judged after. */
function isNobodysFault(error: unknown): boolean {
  return error instanceof UnsuitableTask || error instanceof NoReference || error instanceof ReferenceFailed;
}

/** Backends whose compilers are processes or libraries that may be called from several threads. */
const compilesBeside: ReadonlySet<BackendName> = new Set<BackendName>(['cuda', 'hip', 'cpu']);

class EvaluationRun {
  hasRun = false;
  private readonly job: Job;
  private readonly bench: Bench;
  private readonly random: RandomStream;
  private readonly runs: ShapeRun[] = [];
  private readonly timings: ShapeTiming[] = [];
  private readonly notes = new Set<string>();
  private readonly stages: Stages;
  private reference = 'none';
  private problem: LiveProblem | undefined;
  /** By the key of a shape's references. */
  private known = new Map<string, KnownShape>();

  constructor(job: Job, bench: Bench) {
    this.job = job;
    this.bench = bench;
    this.random = new RandomStream(job.seed, 0xe7a1);
    this.stages = new Stages(bench);
  }

  async all(): Promise<void> {
    const { device } = this.bench;
    await this.openProblem();
    // A kernel in Python is compiled by running it.
    if (device.backend === 'python') await this.waitForDevice();
    await this.compileAll();
    if (device.backend !== 'python') await this.waitForDevice();
    if (!this.bench.answersOnly) await this.timeReferences();
    const refuseThreads = device.backend === 'cpu' ? watchThreads() : undefined;
    for (const run of this.runs) await this.check(run);
    await refuseThreads?.();
    if (this.bench.answersOnly) return;
    for (const run of this.runs) await this.time(run);
    await refuseThreads?.();
  }

  private async waitForDevice(): Promise<void> {
    const known = await this.bench.deviceIsFree(() => this.prepareReferences());
    this.known = new Map(known.map((each) => [each.key, each]));
  }

  /** A failure on what the search has not seen, of a kernel that was right on all that it has. */
  asOverFitted(judged: Judged): Judged {
    return this.stages.isAtHeldOut ? overFitted(judged) : judged;
  }

  evaluation(failure?: EvaluationFailure): Evaluation {
    const resources = this.runs[0]?.kernel.resources;
    const { spentS } = this.stages;
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
    await this.stages.run('reference', { shape: search[0], isHeldOut: false }, async () => {
      this.problem = await this.bench.shelf.live(problem);
    });
  }

  private shapes(): JobShape[] {
    const { task, isFinal } = this.job;
    return [
      ...task.search.map((shape) => ({ shape, isHeldOut: false })),
      ...(isFinal ? task.heldOut.map((shape) => ({ shape, isHeldOut: true })) : []),
    ];
  }

  /** What references of a shape are asked for by. */
  private programOf({ shape }: TaskShape): Program {
    const { task, dataType } = this.job;
    const { cores } = this.bench;
    return {
      operator: task.operator,
      ...(this.problem && { problem: this.problem }),
      dataType,
      shape,
      implementation: 'reference',
      ...(cores > 0 && { cores }),
    };
  }

  private async prepareReferences(): Promise<void> {
    for (const each of this.shapes()) {
      const program = this.programOf(each.shape);
      if (this.bench.shelf.has(program)) continue;
      const prepare = () => this.bench.shelf.prepare(program, this.job);
      await this.stages.run('reference', each, prepare, 'prepare');
    }
  }

  /** Times the references that nobody has timed yet, whatever becomes of the candidate. */
  private async timeReferences(): Promise<void> {
    for (const shape of this.job.task.search) {
      const program = this.programOf(shape);
      const key = keyOf(program);
      if (this.known.has(key) || this.timesInTurn(program)) continue;
      const known = await this.stages.run('reference', { shape, isHeldOut: false }, async () => {
        const references = await this.bench.shelf.of(program, this.job);
        const times = await timeReferences(references, this.random.uint32(), searchRules);
        return { key, name: references.best.name, refused: references.refused, ...times };
      });
      this.known.set(key, known);
      await this.bench.timedReference(known);
    }
  }

  private async compileAll(): Promise<void> {
    const { artifact, task, dataType } = this.job;
    const shapes = this.shapes();
    const { device, cores } = this.bench;
    const compile = async ({ shape, isHeldOut }: JobShape) => {
      const program = candidateProgram(artifact, task, dataType, shape.shape, cores, this.problem);
      const kernel = await device.compile(program);
      if (kernel.computesBy) this.notes.add(`computes by PyTorch: ${kernel.computesBy}`);
      return { shape, isHeldOut, kernel };
    };
    if (compilesBeside.has(device.backend)) return this.compileAtOnce(shapes, compile);
    for (const each of shapes) {
      await this.stages.run('compile', each, async () => {
        this.hasRun = device.backend === 'python';
        this.runs.push(await compile(each));
      });
    }
  }

  /** Compiles for all shapes side by side. What is told is what fails for the first of them, as one after the other. */
  private async compileAtOnce(
    shapes: readonly JobShape[],
    compile: (shape: JobShape) => Promise<ShapeRun>,
  ): Promise<void> {
    const ends = await this.stages.timed('compile', () =>
      sideBySide(shapes, compile, (shape) => this.stages.enter('compile', shape)),
    );
    for (const end of ends) if (end.status === 'fulfilled') this.runs.push(end.value);
    const failed = ends.findIndex(({ status }) => status === 'rejected');
    if (failed < 0) return;
    this.stages.isAtHeldOut = shapes[failed].isHeldOut;
    throw (ends[failed] as PromiseRejectedResult).reason;
  }

  private async check(run: ShapeRun): Promise<void> {
    await this.stages.run('check', run, async () => {
      this.hasRun = true;
      run.check = await checkShape(this.bench.device, run.kernel, this.random);
      if (!run.check.isDeterministic) this.notes.add('answers differ in their last bits from run to run');
    });
  }

  private async time(run: ShapeRun): Promise<void> {
    const { isHeldOut, kernel } = run;
    const known = this.timesInTurn(kernel.program) ? undefined : this.known.get(keyOf(kernel.program));
    const references =
      known ?? (await this.stages.run('reference', run, () => this.bench.shelf.of(kernel.program, this.job)));
    const name = 'best' in references ? references.best.name : references.name;
    for (const each of references.refused) this.notes.add(`no reference: ${each}`);
    if (this.reference === 'none') this.reference = name;
    if (this.reference !== name) this.notes.add(otherReferenceNote(name));
    await this.stages.run('time', run, async () => {
      const times = await this.timesOf(kernel, references);
      const timing = this.timing(run, times);
      this.timings.push(this.reference === name ? timing : { ...timing, reference: name });
      if ('best' in references && !isHeldOut) await this.learn(kernel.program, references, times);
    });
  }

  /**
   * Whether a candidate is timed in turn with its references: in the end, and on a CPU, which others slow down, where no other
   * process has made them. A GPU works for one at a time, and its clocks hold: there a search times its references once.
   */
  private timesInTurn(program: Program): boolean {
    const { cores, shelf } = this.bench;
    return this.job.isFinal || (cores > 0 && (shelf.has(program) || !this.known.has(keyOf(program))));
  }

  private async learn(
    program: Program,
    { best, refused }: References,
    { referenceS, eagerS, freshness }: InterleavedTimes,
  ): Promise<void> {
    const eager = eagerS !== undefined && { eagerS };
    const times = { referenceS, ...eager, freshness: freshness.reference };
    await this.bench.timedReference({ key: keyOf(program), name: best.name, refused, ...times });
  }

  private timesOf(kernel: Kernel, references: References | KnownShape): Promise<InterleavedTimes> {
    const { device } = this.bench;
    const rules = this.job.isFinal ? finalRules : searchRules;
    const seed = this.random.uint32();
    const fastestS = this.known.get(keyOf(kernel.program))?.fastestS;
    const fastest = fastestS !== undefined && { fastestS };
    const afterwards = async (rotation: Rotation, candidateS: number) => {
      // A worker in Python keeps its own clock, and watches it.
      if (device.backend !== 'python') {
        await compareWithWallClock(device, kernel, rotation, candidateS, rules.watchedS);
      }
      await checkAgain(device, kernel, rotation.sets[0], this.random);
    };
    return 'best' in references
      ? timeInterleaved(device, kernel, { ...references, ...fastest }, seed, rules, afterwards)
      : timeAlone(device, kernel, references, seed, rules, afterwards);
  }

  private timing(run: ShapeRun, times: InterleavedTimes): ShapeTiming {
    const { ceilings } = this.bench;
    const { operator, dataType, shape } = run.kernel.program;
    const least =
      operator === 'problem'
        ? leastWorkOfProblem(this.job.task.problem!, dataType, ceilings)
        : leastWork(operator, dataType, shape, ceilings);
    const note = suspectTimes(times, least, ceilings);
    if (note) this.notes.add(note);
    return shapeTiming(run, times, least);
  }
}
