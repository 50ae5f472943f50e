import { randomInt } from 'node:crypto';
import { type DeviceDescription, DeviceUnavailable } from '../../harness/device.ts';
import type { Artifact } from '../artifact.ts';
import { failureOf } from '../error-signature.ts';
import { type Evaluation, type FailureStage, withoutArtifact } from '../evaluation.ts';
import type { EvaluationRequest, Evaluator } from '../evaluator.ts';
import { canBeCounted, countersOf } from './counters/count.ts';
import type { DeviceLock, Turn } from './device-lock.ts';
import { lockName, MachineLock } from './machine-lock.ts';
import { coresFor, type DeviceChoice, type Job, type RememberedReference } from './messages.ts';
import { keyOf } from './references.ts';
import { HarnessSeal } from './seal.ts';
import type { ShapeMemory } from './shape-memory.ts';
import { type Host, WorkerEnded, type WorkerOptions, WorkerProcess } from './worker-process.ts';

/** What runs no candidate: a worker that ends in it is tried once more. */
const ownStages: readonly string[] = ['open', 'reference'];

/** How long hardware counters may take, and what ends them before. */
type Counting = { withinS: number; signal: AbortSignal };

/** Seconds that an evaluation which was given up may go on in a process that has references. */
const longestFinishS = 15;

/** Evaluates artifacts in a process of its own, one after the other, and starts another one whenever that is lost. */
export class WorkerEvaluator implements Evaluator {
  private options: WorkerOptions;
  private readonly lock: DeviceLock;
  private readonly memory: ShapeMemory;
  private readonly baseline: Artifact | undefined;
  private readonly seal: HarnessSeal;
  private worker: WorkerProcess | undefined;
  private description: DeviceDescription | undefined;
  /** Ends with what the process is at. */
  private underWay: Promise<unknown> = Promise.resolve();
  /** Processes started so far. */
  starts = 0;
  /** Whether its process has made references, which others would have to make anew. */
  hasReferences = false;

  /** @param shared what other evaluators on the device use, too */
  constructor(
    options: WorkerOptions,
    { lock, memory }: { lock: DeviceLock; memory: ShapeMemory },
    baseline?: Artifact,
    seal = new HarnessSeal(),
  ) {
    this.options = options;
    this.lock = lock;
    this.memory = memory;
    this.baseline = baseline;
    this.seal = seal;
  }

  /** The device, which is opened for it. @throws DeviceUnavailable */
  async describe(): Promise<DeviceDescription> {
    if (!this.description) await this.running();
    return this.description!;
  }

  /**
   * @throws DeviceUnavailable; Error where evaluating itself broke down twice, or the harness is not what it was; what the
   *   signal brings
   */
  async evaluate(artifact: Artifact, request: EvaluationRequest): Promise<Evaluation> {
    const { task, dataType, isFinal = false, signal, countersWithinS: withinS } = request;
    const counting = withinS === undefined ? undefined : { withinS, signal };
    const baseline = this.baseline && { baseline: this.baseline };
    signal.throwIfAborted();
    await this.finishEarlier();
    signal.throwIfAborted();
    let giveUp = (_: Error) => {};
    const givenUp = new Promise<never>((_, reject) => {
      giveUp = reject;
    });
    givenUp.catch(() => {});
    const abort = () => (this.hasReferences ? giveUp(signal.reason) : void this.end(signal.reason));
    signal.addEventListener('abort', abort);
    try {
      for (let isRetry = false; ; isRetry = true) {
        const seed = randomInt(2 ** 32);
        const job: Job = { artifact, task, dataType, isFinal, seed, ...baseline };
        const attempt = this.attempt(job, isRetry, counting);
        this.underWay = attempt.catch(() => {});
        const evaluation = await Promise.race([attempt, givenUp]);
        signal.throwIfAborted();
        if (evaluation) return evaluation;
      }
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  /** Lets what nobody waits for any more come to its end, which is sooner than references are made anew; but not for long. */
  private async finishEarlier(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<'late'>((resolve) => {
      timer = setTimeout(() => resolve('late'), longestFinishS * 1000);
    });
    if ((await Promise.race([this.underWay, late])) === 'late') await this.end();
    clearTimeout(timer);
  }

  async close(): Promise<void> {
    await this.end();
  }

  /** Nothing where the device was lost before the candidate ran: that is worth another try. */
  private async attempt(
    job: Job,
    isRetry: boolean,
    counting: Counting | undefined,
  ): Promise<Evaluation | undefined> {
    const turn = this.lock.turn();
    const host = new EvaluationHost(job, turn, this.memory);
    try {
      const worker = await this.running();
      host.keys = this.keysOf(job);
      host.timesNothing = this.description?.answersOnly ?? false;
      const { evaluation, isLost, hasRun } = await worker.evaluate(job, host);
      this.memory.fastest(host.keys, evaluation);
      if (isLost) await this.end();
      if (isLost && !hasRun) {
        if (!isRetry) return undefined;
        const { failure } = evaluation;
        return this.failed('device lost', failure?.reason ?? 'the device was lost', turn);
      }
      const damaged = this.seal.broken();
      if (damaged)
        throw new Error(`${damaged} was changed while candidates were evaluated: no result can be trusted`);
      const counted = counting ? await this.counted(job, evaluation, counting) : evaluation;
      return { ...counted, ...timesOf(turn) };
    } catch (error) {
      if (!(error instanceof WorkerEnded)) throw error;
      if (error.how === 'ended') throw error;
      await this.end();
      if (error.how === 'broken' || ownStages.includes(error.stage)) {
        if (isRetry)
          throw new Error(`evaluating broke down (${error.stage} ${error.what}): ${error.message}`);
        return undefined;
      }
      return this.failed(stageOf(error), described(error), turn);
    } finally {
      if (host.hasPrepared && this.worker) this.hasReferences = true;
      host.leave();
    }
  }

  /** With hardware counters, or the reason why there are none. The device is still held. */
  private async counted(job: Job, evaluation: Evaluation, counting: Counting): Promise<Evaluation> {
    const { device } = this.options;
    if (evaluation.failure || evaluation.timings.length === 0 || !this.isCounted(device)) return evaluation;
    const started = performance.now();
    const found = await countersOf(job, device, evaluation.timings, counting);
    const spentS = { ...evaluation.spentS, counters: (performance.now() - started) / 1000 };
    if ('why' in found) return { ...evaluation, uncounted: found.why, spentS };
    const resources = { ...evaluation.resources, counters: found.counters, countedOn: found.shape };
    return { ...evaluation, resources, spentS };
  }

  private isCounted(device: DeviceChoice): boolean {
    return this.description?.kind === 'gpu' && canBeCounted(device);
  }

  /** Keys of the references of a search's shapes. */
  private keysOf({ task, dataType }: Job): string[] {
    const cores = coresFor(this.options.device, this.description!);
    const { operator, problem, search } = task;
    return search.map(({ shape }) =>
      keyOf({ operator, ...(problem && { problem }), dataType, shape, ...(cores > 0 && { cores }) }),
    );
  }

  private failed(stage: FailureStage, text: string, turn: Turn): Evaluation {
    const [reason, ...log] = text.split('\n');
    const failure = failureOf(stage, reason, log.length > 0 ? log.join('\n') : undefined);
    // What was printed differs from run to run; how it ended does not.
    return {
      ...withoutArtifact({ ...failure, signature: failureOf(stage, reason).signature }),
      ...timesOf(turn),
    };
  }

  private async running(): Promise<WorkerProcess> {
    if (this.worker) return this.worker;
    const { device, usesPython } = this.options;
    this.starts++;
    const worker = new WorkerProcess(this.options);
    this.worker = worker;
    try {
      this.description = await worker.open(device, usesPython);
      const name = lockName(this.description);
      this.lock.shareWith(() => MachineLock.open(name));
    } catch (error) {
      await this.end();
      const isWorkers = error instanceof DeviceUnavailable || error instanceof WorkerEnded;
      if (!isWorkers || !worker.isOffline || (error instanceof WorkerEnded && error.how === 'ended'))
        throw error;
      // Some drivers are not to be reached from where there is no network.
      this.options = { ...this.options, isOffline: false };
      return this.running();
    }
    return worker;
  }

  /** Whether candidates see no network; known once the device has been opened. */
  get isOffline(): boolean {
    return this.worker?.isOffline ?? false;
  }

  private async end(reason?: Error): Promise<void> {
    const { worker } = this;
    this.worker = undefined;
    this.hasReferences = false;
    await worker?.kill(reason);
  }
}

/** Leads one evaluation to its device, and keeps what it learns on the way. */
class EvaluationHost implements Host {
  /** Of the references that a search needs. */
  keys: readonly string[] = [];
  /** Of a device that answers only there are no times to compare. */
  timesNothing = false;
  hasPrepared = false;
  private readonly job: Job;
  private readonly turn: Turn;
  private readonly memory: ShapeMemory;
  private endMaking = () => {};

  constructor(job: Job, turn: Turn, memory: ShapeMemory) {
    this.job = job;
    this.turn = turn;
    this.memory = memory;
  }

  async admit() {
    if (!this.hasPrepared && (await this.isToPrepare())) {
      this.hasPrepared = true;
      return 'prepare';
    }
    await this.turn.take();
    return this.memory.known(this.keys);
  }

  learn(reference: RememberedReference): void {
    this.memory.learn(reference);
  }

  leave(): void {
    this.turn.leave();
    this.endMaking();
  }

  /** A search's references are made by one process, and others wait for it; a final verdict times its own. */
  private async isToPrepare(): Promise<boolean> {
    if (this.timesNothing) return false;
    if (this.job.isFinal) return true;
    const end = await this.memory.begin(this.keys);
    if (end) this.endMaking = end;
    return end !== undefined;
  }
}

function timesOf(turn: Turn): Pick<Evaluation, 'deviceHeldS' | 'waitedForOthersS'> {
  const waitedForOthersS = turn.othersS();
  return { deviceHeldS: turn.heldS(), ...(waitedForOthersS > 0 && { waitedForOthersS }) };
}

function stageOf({ how, signal }: WorkerEnded): FailureStage {
  if (how === 'stuck') return 'timeout';
  // Nobody here sends this signal: the system does, when memory runs out.
  return signal === 'SIGKILL' ? 'memory' : 'run';
}

const doing = {
  open: 'the device was opened',
  compile: 'it was compiled',
  check: 'it was checked',
  reference: 'its reference was made',
  time: 'it was timed',
} as const;

function described({ message, stage, what }: WorkerEnded): string {
  const [end, ...printed] = message.split('\n');
  return [`its process ${end} while ${doing[stage]}${what && ` (${what})`}`, ...printed].join('\n');
}
