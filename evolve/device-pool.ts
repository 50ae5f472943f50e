import type { Artifact } from './artifact.ts';
import type { Evaluation } from './evaluation.ts';
import type { EvaluationRequest, Evaluator } from './evaluator.ts';

interface Held {
  evaluation: Evaluation;
  /** Seconds that the device was held; waiting for other processes is none of them. */
  heldS: number;
}

/**
 * Devices apart from the agents that write kernels: a device is held while it evaluates and not longer, and whoever comes
 * first is served first.
 */
export class DevicePool {
  private readonly free: Evaluator[];
  private readonly waiting: (() => void)[] = [];
  private readonly now: () => number;
  /** When each device that is held was taken. */
  private readonly since = new Map<Evaluator, number>();
  private endedS = 0;

  /** @param now clock in seconds */
  constructor(evaluators: readonly Evaluator[], now: () => number) {
    this.free = [...evaluators];
    this.now = now;
  }

  /** Seconds that devices were held until now, over all of them. */
  get heldS(): number {
    const now = this.now();
    return [...this.since.values()].reduce((sum, since) => sum + now - since, this.endedS);
  }

  /** Evaluates as soon as a device is free. @throws Error of the evaluator, or that the signal brings while it waits */
  async evaluate(artifact: Artifact, request: EvaluationRequest): Promise<Held> {
    const evaluator = this.free.pop() ?? (await this.nextFree());
    const start = this.now();
    this.since.set(evaluator, start);
    let othersS = 0;
    const heldS = () => Math.max(0, this.now() - start - othersS);
    try {
      request.signal.throwIfAborted();
      const evaluation = await evaluator.evaluate(artifact, request);
      othersS = evaluation.waitedForOthersS ?? 0;
      return { evaluation, heldS: heldS() };
    } finally {
      this.since.delete(evaluator);
      this.endedS += heldS();
      this.free.push(evaluator);
      this.waiting.shift()?.();
    }
  }

  private async nextFree(): Promise<Evaluator> {
    for (;;) {
      await new Promise<void>((resolve) => this.waiting.push(resolve));
      const evaluator = this.free.pop();
      if (evaluator) return evaluator;
    }
  }
}
