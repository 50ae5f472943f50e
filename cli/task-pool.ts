import { availableParallelism } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import type { Piscina } from 'piscina';
import { InputError } from '../foundation/problem.ts';
import type { TaskAnswer } from './task-worker.ts';

interface PoolOptions<Task, Answer> {
  /** Does a task in this thread. */
  here: (task: Task) => Answer;
  /** Worker threads; without a number, threads are started only for what takes longer than a moment. */
  workers?: number | undefined;
  onDone?: () => void;
}

/** Milliseconds of work that are not worth starting threads for. */
const momentMs = 300;

/**
 * Milliseconds that threads rest before they are ended. Node 20 aborts the process when a thread ends while V8
 * still compiles or collects garbage for it in the background (an assertion in NodePlatform::ForIsolate).
 */
const restMs = 100;

/** Tasks on as many threads as the machine has; the threads stay for further rounds until the pool is closed. */
export class TaskPool<Task, Answer> {
  private readonly options: PoolOptions<Task, Answer>;
  private readonly threads: number;
  private pool?: Promise<Piscina>;
  private spentMs = 0;

  constructor(options: PoolOptions<Task, Answer>) {
    this.options = options;
    // Workers cannot load TypeScript sources.
    const isCompiled = import.meta.url.endsWith('.js');
    this.threads = isCompiled ? (options.workers ?? availableParallelism()) : 1;
  }

  /** Does every task; the answers stand in the order of the tasks, wherever they were computed. */
  async run(tasks: readonly Task[]): Promise<Answer[]> {
    const answers: Answer[] = [];
    while (answers.length < tasks.length && this.staysHere()) {
      const started = performance.now();
      answers.push(this.options.here(tasks[answers.length]));
      this.spentMs += performance.now() - started;
      this.options.onDone?.();
    }
    const left = tasks.slice(answers.length);
    return left.length === 0 ? answers : [...answers, ...(await this.runPooled(left))];
  }

  async close(): Promise<void> {
    if (!this.pool) return;
    await setTimeout(restMs);
    await (await this.pool).destroy();
  }

  private staysHere(): boolean {
    if (this.threads === 1) return true;
    return this.pool === undefined && this.options.workers === undefined && this.spentMs < momentMs;
  }

  private async runPooled(tasks: readonly Task[]): Promise<Answer[]> {
    this.pool ??= startThreads(this.threads);
    const pool = await this.pool;
    return Promise.all(
      tasks.map(async (task) => {
        const answer: TaskAnswer = await pool.run(task);
        if (!('answer' in answer)) {
          throw answer.isInput ? new InputError(answer.message) : new Error(answer.message);
        }
        this.options.onDone?.();
        return answer.answer as Answer;
      }),
    );
  }
}

/** The library is loaded when threads are needed: answers that take a moment do without. */
async function startThreads(threads: number): Promise<Piscina> {
  const { Piscina } = await import('piscina');
  return new Piscina({
    filename: new URL('./task-worker.js', import.meta.url).href,
    minThreads: threads,
    maxThreads: threads,
  });
}
