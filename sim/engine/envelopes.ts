import { resized } from './instances.ts';
import type { Jobs } from './jobs.ts';
import type { TaskGraph } from './task-graph.ts';

/**
 * Instances that surround the others of their jobs. While one waits at its gate, the path of the job's last other
 * instance is kept for it: the job's critical path is that of the envelope, with the other in the gate's place.
 */
export class Envelopes {
  /** Position of the envelope among the graph's entries, and the task at which it waits. */
  readonly entry: number;
  readonly gate: number;
  private readonly jobs: Jobs;
  private readonly components: number;
  /** By job × component. */
  private paths = new Float64Array(0);

  constructor({ entry, gate }: NonNullable<TaskGraph['envelope']>, jobs: Jobs, components: number) {
    this.entry = entry;
    this.gate = gate;
    this.jobs = jobs;
    this.components = components;
  }

  isEnvelope(instance: number, job: number): boolean {
    return this.jobs.envelope[job] === instance;
  }

  /** Keeps the path from the gate of a job's envelope to the end of the job's other instances. */
  keep(job: number, path: Float64Array): void {
    const end = (job + 1) * this.components;
    if (end > this.paths.length) this.paths = resized(this.paths, 2 * end);
    this.paths.set(path, end - this.components);
  }

  /** Adds what was kept for a job to the path of its envelope. */
  addKept(job: number, path: Float64Array): void {
    const first = job * this.components;
    for (let component = 0; component < path.length; component++) {
      path[component] += this.paths[first + component];
    }
  }
}
