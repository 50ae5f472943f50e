import type { Artifact } from '../artifact.ts';
import type { Evaluation } from '../evaluation.ts';
import type { EvaluationRequest, Evaluator } from '../evaluator.ts';
import { DeviceLock } from './device-lock.ts';
import type { DeviceChoice } from './messages.ts';
import { HarnessSeal } from './seal.ts';
import { ShapeMemory } from './shape-memory.ts';
import { WorkerEvaluator } from './worker-evaluator.ts';
import { type StageLimits, usualLimits, workerScript } from './worker-process.ts';

export interface PoolOptions {
  devices: readonly DeviceChoice[];
  /** Processes for each device: with several of them some compile while one has the device. */
  workersPerDevice?: number;
  /** Whether references may come from a framework of Python. */
  usesPython?: boolean;
  limits?: Partial<StageLimits>;
  /** Against which kernels are timed where nothing else computes the operator on the device. */
  baseline?: Artifact;
  script?: string;
}

/** How busy devices were. */
export interface PoolStatistics {
  devices: number;
  evaluations: number;
  heldS: number;
  /** Neither held nor waited for. */
  idleS: number;
  /** Share of the devices' time in which they were held. */
  utilisation: number;
  /** Seconds that evaluations waited for others of this process, after they were compiled. */
  waitedS: number;
  /** Seconds that they waited for other processes on this machine. */
  waitedForOthersS: number;
  /** Processes started: more than workers where candidates have brought some down. */
  starts: number;
}

/**
 * Devices as a service: whoever has an artifact hands it in, and a device is held while it checks and times that artifact and
 * not longer.
 */
export class EvaluatorPool implements Evaluator {
  private readonly locks: DeviceLock[];
  private readonly workers: WorkerEvaluator[];
  private readonly free: WorkerEvaluator[];
  private readonly waiting: ((worker: WorkerEvaluator) => void)[] = [];

  constructor({
    devices,
    workersPerDevice = 1,
    usesPython = true,
    limits,
    baseline,
    script = workerScript,
  }: PoolOptions) {
    const seal = new HarnessSeal();
    const options = { usesPython, limits: { ...usualLimits, ...limits }, script, isOffline: true };
    const shared = devices.map(() => ({ lock: new DeviceLock(), memory: new ShapeMemory() }));
    this.locks = shared.map(({ lock }) => lock);
    const rounds = Array.from({ length: workersPerDevice }, () => devices.entries());
    this.workers = rounds.flatMap((round) =>
      [...round].map(([i, device]) => new WorkerEvaluator({ ...options, device }, shared[i], baseline, seal)),
    );
    this.free = [...this.workers];
  }

  /** Its workers one by one, for who deals artifacts out himself. */
  get evaluators(): readonly WorkerEvaluator[] {
    return this.workers;
  }

  /** Evaluates as soon as a worker is free; errors as those of a `WorkerEvaluator`. */
  async evaluate(artifact: Artifact, request: EvaluationRequest): Promise<Evaluation> {
    const worker =
      this.freeWorker(request) ??
      (await new Promise<WorkerEvaluator>((resolve) => this.waiting.push(resolve)));
    try {
      return await worker.evaluate(artifact, request);
    } finally {
      const next = this.waiting.shift();
      if (next) next(worker);
      else this.free.push(worker);
    }
  }

  /** Final verdicts go where references are at hand. */
  private freeWorker({ isFinal }: EvaluationRequest): WorkerEvaluator | undefined {
    const at = isFinal ? this.free.findIndex(({ hasReferences }) => hasReferences) : 0;
    return this.free.splice(Math.max(0, at), 1)[0];
  }

  statistics(): PoolStatistics {
    const sum = (of: (lock: DeviceLock) => number) => this.locks.reduce((total, lock) => total + of(lock), 0);
    const heldS = sum(({ times }) => times.heldS);
    const totalS = sum(({ times }) => times.totalS);
    const waitedForOthersS = sum(({ othersS }) => othersS);
    return {
      devices: this.locks.length,
      evaluations: sum(({ turns }) => turns),
      heldS,
      idleS: Math.max(0, totalS - heldS - waitedForOthersS),
      utilisation: totalS > 0 ? heldS / totalS : 0,
      waitedS: sum((lock) => lock.waitedS),
      waitedForOthersS,
      starts: this.workers.reduce((total, { starts }) => total + starts, 0),
    };
  }

  /** Ends all workers. */
  async close(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.close()));
    await Promise.all(this.locks.map((lock) => lock.close()));
  }
}
