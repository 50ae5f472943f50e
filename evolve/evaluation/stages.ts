import type { TaskShape } from '../kernel-task.ts';
import type { Bench } from './bench.ts';
import type { Stage } from './messages.ts';

/** A shape of a job. */
export interface JobShape {
  shape: TaskShape;
  isHeldOut: boolean;
}

/** What an evaluation is at, and how long it was at each stage. */
export class Stages {
  readonly spentS: Record<string, number> = {};
  /** Whether the latest stage was for a shape that the search has not seen. */
  isAtHeldOut = false;
  private readonly bench: Pick<Bench, 'enter'>;

  constructor(bench: Pick<Bench, 'enter'>) {
    this.bench = bench;
  }

  /** Tells that a stage begins. */
  enter(stage: Stage, { shape, isHeldOut }: JobShape): Promise<void> {
    this.isAtHeldOut = isHeldOut;
    return this.bench.enter(stage, sizesOf(shape));
  }

  async run<Result>(
    stage: Stage,
    at: JobShape,
    work: () => Promise<Result>,
    spentAs: string = stage,
  ): Promise<Result> {
    await this.enter(stage, at);
    return this.timed(spentAs, work);
  }

  async timed<Result>(spentAs: string, work: () => Promise<Result>): Promise<Result> {
    const started = performance.now();
    try {
      return await work();
    } finally {
      this.spentS[spentAs] = (this.spentS[spentAs] ?? 0) + (performance.now() - started) / 1000;
    }
  }
}

function sizesOf({ shape }: TaskShape): string {
  return Object.entries(shape)
    .map(([axis, size]) => `${axis}=${size}`)
    .join(' ');
}
