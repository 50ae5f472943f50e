import { workerData } from 'node:worker_threads';
import type { PointResult, PointTask } from '../../sim/sweep-result.ts';
import { evaluateUnlessStopped } from '../evaluate.ts';
import type { SweepBundle } from '../point.ts';

/** What a thread is started with; one number in shared memory tells all of them to stop. */
export interface PointWorkerData {
  bundle: SweepBundle;
  stop: Int32Array;
}

const { bundle, stop } = workerData as PointWorkerData;

/** One point; nothing when it was stopped. Points fail as rows, never as errors. */
export default function evaluate(task: PointTask): Promise<PointResult | undefined> {
  return evaluateUnlessStopped(bundle, task, () => Atomics.load(stop, 0) !== 0);
}
