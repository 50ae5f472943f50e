import { availableParallelism } from 'node:os';
import type { WorkerProcess } from '../../harness/devices/python/worker-process.ts';
import type { ExperimentBackend } from '../../sim/training/experiment-result.ts';
import {
  doExperimentJob,
  type ExperimentJob,
  type ExperimentOutcome,
  type JobDoers,
} from '../experiment/run-experiment.ts';
import { type TorchOptions, torchDefaults } from './torch-learner.ts';
import { torchTrainer } from './torch-trainer.ts';
import { startTorch } from './torch-worker.ts';

/** Worker processes that do the jobs of an experiment by PyTorch, each one at a time. */
export class TorchWorkers implements JobDoers {
  readonly atOnce: number;
  /** What trains, for who reads the result. */
  readonly backend: ExperimentBackend;
  private readonly all: WorkerProcess[];
  private readonly free: WorkerProcess[];
  private readonly options: TorchOptions;

  private constructor(workers: WorkerProcess[], version: string, options: TorchOptions) {
    const { device, start } = options;
    this.backend = { name: 'python', framework: `PyTorch ${version}`, device, initialParameters: start };
    this.atOnce = workers.length;
    this.all = workers;
    this.free = [...workers];
    this.options = options;
  }

  /** @throws DeviceUnavailable where there is no PyTorch; Unsupported where it has no such device */
  static async start(
    count = availableParallelism(),
    options: Partial<TorchOptions> = {},
  ): Promise<TorchWorkers> {
    // The first says whether there is any use in more.
    const all = { ...torchDefaults, ...options };
    const first = await startTorch();
    try {
      await first.worker.request('learner-check', { device: all.device });
    } catch (error) {
      await first.worker.close();
      throw error;
    }
    const others = await Promise.all(Array.from({ length: count - 1 }, () => startTorch()));
    const workers = [first, ...others].map(({ worker }) => worker);
    return new TorchWorkers(workers, first.version, all);
  }

  async do(job: ExperimentJob): Promise<ExperimentOutcome> {
    const worker = this.free.pop();
    if (!worker) throw new Error(`more than ${this.atOnce} jobs at a time`);
    try {
      return await doExperimentJob(job, torchTrainer(worker, this.options));
    } finally {
      this.free.push(worker);
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.all.map((worker) => worker.close()));
  }
}
