import type { Job, Queue } from 'bullmq';
import type { PointResult, PointTask } from '../../sim/sweep-result.ts';
import { failedPoint } from './failed-point.ts';

/** What a job of the queue carries. */
export interface QueuedPoint {
  task: PointTask;
}

export type PointRows = PointResult['rows'];
export type PointQueue = Queue<QueuedPoint, PointRows>;
export type PointJob = Job<QueuedPoint, PointRows>;

/** Points that stand in the queue at a time: enough for hundreds of workers, and memory stays flat. */
const windowPoints = 1000;
const pagePoints = 100;

/** A key alone may be all digits, which bullmq keeps for ids of its own making. */
const jobIdOf = ({ key }: PointTask) => `point-${key}`;

/** Points handed out and not yet finished. */
export class Backlog {
  private readonly queue: PointQueue;
  private readonly source: AsyncIterator<PointTask>;
  private isExhausted = false;
  /** By the id of their job; points of a sample that are alike in all values share one. */
  private readonly open = new Map<string, PointTask[]>();
  private openPoints = 0;

  constructor(queue: PointQueue, tasks: AsyncIterable<PointTask>) {
    this.queue = queue;
    this.source = tasks[Symbol.asyncIterator]();
  }

  get isEmpty(): boolean {
    return this.isExhausted && this.openPoints === 0;
  }

  /** Tops the queue up from the source. */
  async fill(): Promise<void> {
    while (!this.isExhausted && this.openPoints < windowPoints) await this.put(await this.takePage());
  }

  /** The next points of the source that need a job of their own. */
  private async takePage(): Promise<PointTask[]> {
    const page: PointTask[] = [];
    for (let taken = 0; taken < pagePoints; taken++) {
      const { value, done } = await this.source.next();
      if (done) {
        this.isExhausted = true;
        break;
      }
      const id = jobIdOf(value);
      const same = this.open.get(id);
      if (same) same.push(value);
      else {
        this.open.set(id, [value]);
        page.push(value);
      }
      this.openPoints++;
    }
    return page;
  }

  /** Puts back what the queue has lost. Jobs that are still there are left alone: their id is taken. */
  async putAgain(): Promise<void> {
    await this.put([...this.open.values()].map(([task]) => task));
  }

  private async put(tasks: PointTask[]): Promise<void> {
    if (tasks.length === 0) return;
    await this.queue.addBulk(
      tasks.map((task) => ({ name: 'point', data: { task }, opts: { jobId: jobIdOf(task) } })),
    );
  }

  /** The results that a finished job brings: none where an earlier run left it and this one did not ask for it. */
  *settle(job: PointJob): Generator<PointResult> {
    const id = job.id ?? '';
    const tasks = this.open.get(id) ?? [];
    this.open.delete(id);
    this.openPoints -= tasks.length;
    for (const task of tasks) {
      yield job.failedReason === undefined
        ? { ...task, rows: job.returnvalue }
        : failedPoint(task, `its worker failed: ${job.failedReason}`);
    }
  }

  /** Takes jobs out of the queue that an earlier run left and this one did not ask for. */
  async dropStrangers(): Promise<void> {
    const left = await this.queue.getJobs(['waiting', 'completed', 'failed']);
    const strangers = left.filter(({ id = '' }) => !this.open.has(id));
    // One that a worker takes at this moment cannot be removed, and is dropped when it is finished.
    await Promise.all(strangers.map((job) => job.remove().catch(() => {})));
  }

  /** Asks the source for no more. */
  async close(): Promise<void> {
    await this.source.return?.();
  }
}
