import type { BatchFormer } from './batch-former.ts';
import { arrival } from './event-kinds.ts';
import type { EventQueue } from './event-queue.ts';
import type { Instances } from './instances.ts';
import type { Demand, JobSource } from './job.ts';
import type { Jobs } from './jobs.ts';
import type { Population } from './population.ts';

/** Takes jobs from their source and schedules their arrivals. */
export class JobDrawing {
  private readonly source: JobSource;
  private readonly demand: Demand;
  private readonly jobs: Jobs;
  private readonly instances: Instances;
  private readonly former: BatchFormer | undefined;
  private readonly population: Population;
  private readonly queue: EventQueue;
  private readonly mostTasks: number;

  /** @param mostTasks tasks of instances in flight beyond which no more jobs are drawn */
  constructor(
    source: JobSource,
    demand: Demand,
    jobs: Jobs,
    instances: Instances,
    former: BatchFormer | undefined,
    population: Population,
    queue: EventQueue,
    mostTasks: number,
  ) {
    this.source = source;
    this.demand = demand;
    this.jobs = jobs;
    this.instances = instances;
    this.former = former;
    this.population = population;
    this.queue = queue;
    this.mostTasks = mostTasks;
  }

  /** Whether the next arrival is drawn when one arrives, rather than when a job ends. */
  get isOpen(): boolean {
    return this.source.clients === undefined;
  }

  /** Draws the first arrival, or one for each client. */
  begin(): void {
    for (let client = 0; client < (this.source.clients ?? 1); client++) this.draw(0);
  }

  draw(now: number): void {
    const { source, instances, demand, population, former } = this;
    if (instances.inFlight * instances.taskCount > this.mostTasks) {
      population.isCutShort = true;
      return;
    }
    if (!source.draw(now)) return;
    const { size, time } = source;
    const entry = demand.entry ? demand.entry(size) : 0;
    const parts = former?.batching.entry === entry ? former.partsOf(size) : demand.instances(size);
    const job = this.jobs.allocate(population.drawn++, size, time, parts, entry);
    this.queue.push(time, (job << 3) | arrival);
  }
}
