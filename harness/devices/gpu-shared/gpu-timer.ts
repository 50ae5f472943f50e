import type { DeviceKernel, Tensor } from './device-kernel.ts';
import type { GpuDriver } from './gpu-driver.ts';

export interface DeviceLaunch {
  kernel: DeviceKernel;
  tensors: readonly Tensor[];
}

/** Shorter repeats are made longer, so that events and the graph's own start weigh little. */
const shortestRepeatS = 200e-6;
const mostRounds = 64;

/**
 * Seconds of one launch, by repeat, between two events on the stream. Kernels are captured as one graph that holds the
 * whole list, several times over where the list is short; copies and launches from the host are issued again each time.
 */
export function timeLaunches(
  driver: GpuDriver,
  launches: readonly DeviceLaunch[],
  { warmUp, repeats }: { warmUp: number; repeats: number },
): Float64Array {
  const enqueue = () => {
    for (const { kernel, tensors } of launches) kernel.enqueue(tensors);
  };
  const operations = launches.reduce((sum, { kernel }) => sum + (kernel.times ?? 1), 0);
  const start = driver.createEvent();
  const end = driver.createEvent();
  const timed = (issue: () => void) => {
    driver.recordEvent(start);
    issue();
    driver.recordEvent(end);
    return driver.secondsBetween(start, end);
  };
  const series = (issue: () => void, rounds: number) => {
    for (let i = 0; i < warmUp; i++) timed(issue);
    return Float64Array.from({ length: repeats }, () => timed(issue) / (operations * rounds));
  };
  try {
    // Outside the graph first: memory that kernels share grows here, which a capture does not allow.
    timed(enqueue);
    if (!launches.every(({ kernel }) => kernel.inGraph)) return series(enqueue, 1);
    return inGraph(driver, enqueue, 1, (issueOnce) => {
      timed(issueOnce);
      const rounds = Math.min(mostRounds, Math.ceil(shortestRepeatS / Math.max(1e-9, timed(issueOnce))));
      if (rounds <= 1) return series(issueOnce, 1);
      return inGraph(driver, enqueue, rounds, (issue) => series(issue, rounds));
    });
  } finally {
    driver.synchronise();
    driver.destroyEvent(start);
    driver.destroyEvent(end);
  }
}

/** Captures `rounds` × enqueue as a graph for as long as `use` takes. */
function inGraph<Result>(
  driver: GpuDriver,
  enqueue: () => void,
  rounds: number,
  use: (issue: () => void) => Result,
): Result {
  const graph = driver.capture(() => {
    for (let i = 0; i < rounds; i++) enqueue();
  });
  try {
    return use(() => driver.launchGraph(graph));
  } finally {
    driver.synchronise();
    driver.destroyGraph(graph);
  }
}
