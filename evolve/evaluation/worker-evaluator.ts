import { randomInt } from 'node:crypto';
import { type DeviceDescription, DeviceUnavailable } from '../../harness/device.ts';
import type { Artifact } from '../artifact.ts';
import { failureOf } from '../error-signature.ts';
import { type Evaluation, type FailureStage, withoutArtifact } from '../evaluation.ts';
import type { EvaluationRequest, Evaluator } from '../evaluator.ts';
import type { DeviceLock } from './device-lock.ts';
import type { Job, RememberedReference } from './messages.ts';
import { HarnessSeal } from './seal.ts';
import { WorkerEnded, type WorkerOptions, WorkerProcess } from './worker-process.ts';

/** What runs no candidate: a worker that ends in it is tried once more. */
const ownStages: readonly string[] = ['open', 'reference'];

/** What references took on one device, by what they computed. */
export type ReferenceMemory = Map<string, RememberedReference>;

/** Evaluates artifacts in a process of its own, one after the other, and starts another one whenever that is lost. */
export class WorkerEvaluator implements Evaluator {
  private options: WorkerOptions;
  private readonly lock: DeviceLock;
  private readonly memory: ReferenceMemory;
  private readonly baseline: Artifact | undefined;
  private readonly seal: HarnessSeal;
  private worker: WorkerProcess | undefined;
  private description: DeviceDescription | undefined;
  /** Processes started so far. */
  starts = 0;

  /** @param shared what other evaluators on the device use, too */
  constructor(
    options: WorkerOptions,
    { lock, memory }: { lock: DeviceLock; memory: ReferenceMemory },
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
    const { task, dataType, isFinal = false, signal } = request;
    const baseline = this.baseline && { baseline: this.baseline };
    signal.throwIfAborted();
    const abort = () => void this.end(signal.reason);
    signal.addEventListener('abort', abort);
    try {
      for (let isRetry = false; ; isRetry = true) {
        const remembered = [...this.memory.values()];
        const seed = randomInt(2 ** 32);
        const job: Job = { artifact, task, dataType, isFinal, seed, remembered, ...baseline };
        const evaluation = await this.attempt(job, isRetry);
        signal.throwIfAborted();
        if (evaluation) return evaluation;
      }
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  async close(): Promise<void> {
    await this.end();
  }

  /** Nothing where the device was lost before the candidate ran: that is worth another try. */
  private async attempt(job: Job, isRetry: boolean): Promise<Evaluation | undefined> {
    const turn = this.lock.turn();
    try {
      const worker = await this.running();
      const { evaluation, isLost, hasRun, references } = await worker.evaluate(job, turn.take);
      for (const reference of references) this.memory.set(reference.key, reference);
      if (isLost) await this.end();
      if (isLost && !hasRun) {
        if (!isRetry) return undefined;
        const { failure } = evaluation;
        return this.failed('device lost', failure?.reason ?? 'the device was lost', turn.heldS());
      }
      const damaged = this.seal.broken();
      if (damaged)
        throw new Error(`${damaged} was changed while candidates were evaluated: no result can be trusted`);
      return { ...evaluation, deviceHeldS: turn.heldS() };
    } catch (error) {
      if (!(error instanceof WorkerEnded)) throw error;
      if (error.how === 'ended') throw error;
      await this.end();
      if (error.how === 'broken' || ownStages.includes(error.stage)) {
        if (isRetry)
          throw new Error(`evaluating broke down (${error.stage} ${error.what}): ${error.message}`);
        return undefined;
      }
      return this.failed(stageOf(error), described(error), turn.heldS());
    } finally {
      turn.leave();
    }
  }

  private failed(stage: FailureStage, text: string, heldS: number): Evaluation {
    const [reason, ...log] = text.split('\n');
    const failure = failureOf(stage, reason, log.length > 0 ? log.join('\n') : undefined);
    // What was printed differs from run to run; how it ended does not.
    return {
      ...withoutArtifact({ ...failure, signature: failureOf(stage, reason).signature }),
      deviceHeldS: heldS,
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
    await worker?.kill(reason);
  }
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
