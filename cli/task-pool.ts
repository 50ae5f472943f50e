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
  /** Tasks of the same number are done by the same thread, which remembers what they have in common. */
  affinity?: (task: Task) => number | undefined;
  /** Starts threads for whatever it takes: this thread has a person to answer. */
  keepsThisThreadFree?: boolean;
  /** Told every answer and the position of its task. */
  onDone?: (answer: Answer, index: number) => void;
}

/** Milliseconds of work that are not worth starting threads for. */
const momentMs = 200;

/**
 * Milliseconds that threads rest before they are ended. Node 20 aborts the process when a thread ends while V8
 * still compiles or collects garbage for it in the background (an assertion in NodePlatform::ForIsolate).
 */
export const restMs = 100;

/** Tasks on as many threads as the machine has; the threads stay for further rounds until the pool is closed. */
export class TaskPool<Task, Answer> {
  private readonly options: PoolOptions<Task, Answer>;
  private readonly canThread: boolean;
  private readonly threads: number;
  private pools?: Promise<Thread[]>;
  private spentMs = 0;

  constructor(options: PoolOptions<Task, Answer>) {
    this.options = options;
    // Workers cannot load TypeScript sources.
    this.canThread = import.meta.url.endsWith('.js');
    this.threads = options.workers ?? availableParallelism();
  }

  /** Does every task; the answers stand in the order of the tasks, wherever they were computed. */
  async run(tasks: readonly Task[]): Promise<Answer[]> {
    const answers: Answer[] = [];
    while (answers.length < tasks.length && this.staysHere()) {
      const started = performance.now();
      const answer = this.options.here(tasks[answers.length]);
      this.spentMs += performance.now() - started;
      this.options.onDone?.(answer, answers.length);
      answers.push(answer);
    }
    const here = answers.length;
    if (here === tasks.length) return answers;
    return [...answers, ...(await this.runPooled(tasks.slice(here), here))];
  }

  async close(): Promise<void> {
    if (!this.pools) return;
    await setTimeout(restMs);
    await Promise.all((await this.pools).map(({ pool }) => pool.destroy()));
  }

  private staysHere(): boolean {
    if (!this.canThread) return true;
    if (this.options.keepsThisThreadFree) return false;
    if (this.threads === 1) return true;
    return this.pools === undefined && this.options.workers === undefined && this.spentMs < momentMs;
  }

  /** @param first position of the first of these tasks among all */
  private async runPooled(tasks: readonly Task[], first: number): Promise<Answer[]> {
    this.pools ??= startThreads(this.threads);
    const threads = await this.pools;
    const ask = (thread: Thread, index: number) => this.ask(thread, tasks[index], first + index);
    if (this.options.affinity) {
      return Promise.all(tasks.map((task, index) => ask(this.threadFor(task, threads), index)));
    }
    const answers: Answer[] = [];
    let next = 0;
    const take = async (thread: Thread) => {
      while (next < tasks.length) {
        const index = next++;
        answers[index] = await ask(thread, index);
      }
    };
    // First tasks first, however fast each thread is: each has one in work, and one that waits for it.
    await Promise.all([...threads, ...threads].map(take));
    return answers;
  }

  private threadFor(task: Task, threads: readonly Thread[]): Thread {
    const affinity = this.options.affinity?.(task);
    if (affinity !== undefined) return threads[affinity % threads.length];
    return threads.reduce((idlest, thread) => (thread.waiting < idlest.waiting ? thread : idlest));
  }

  private async ask(thread: Thread, task: Task, index: number): Promise<Answer> {
    thread.waiting++;
    const answer: TaskAnswer = await thread.pool.run(task).finally(() => thread.waiting--);
    if (!('answer' in answer))
      throw answer.isInput ? new InputError(answer.message) : new Error(answer.message);
    this.options.onDone?.(answer.answer as Answer, index);
    return answer.answer as Answer;
  }
}

/** A pool of one, so that it can be chosen. */
interface Thread {
  pool: Piscina;
  /** Tasks that it was given and has not answered. */
  waiting: number;
}

/** The library is loaded when threads are needed: answers that take a moment do without. */
async function startThreads(threads: number): Promise<Thread[]> {
  const { Piscina } = await import('piscina');
  const filename = new URL('./task-worker.js', import.meta.url).href;
  return Array.from({ length: threads }, () => ({
    pool: new Piscina({ filename, minThreads: 1, maxThreads: 1 }),
    waiting: 0,
  }));
}
