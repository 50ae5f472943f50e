import type { DeviceKernel, Tensor } from './device-kernel.ts';
import type { GpuDriver } from './gpu-driver.ts';

export interface DeviceLaunch {
  kernel: DeviceKernel;
  tensors: readonly Tensor[];
}

/**
 * Seconds of one launch, by repeat, between two events on the stream. A list of kernels is captured as one graph; single
 * launches, copies and launches that are to come from the host are issued anew each time.
 */
export function timeLaunches(
  driver: GpuDriver,
  launches: readonly DeviceLaunch[],
  { warmUp, repeats }: { warmUp: number; repeats: number },
): Float64Array {
  const enqueue = () => {
    for (const { kernel, tensors } of launches) kernel.enqueue(tensors);
  };
  const start = driver.createEvent();
  const end = driver.createEvent();
  const timed = (issue: () => void) => {
    driver.recordEvent(start);
    issue();
    driver.recordEvent(end);
    return driver.secondsBetween(start, end);
  };
  const series = (issue: () => void) => {
    for (let i = 0; i < warmUp; i++) timed(issue);
    return Float64Array.from({ length: repeats }, () => timed(issue) / launches.length);
  };
  try {
    const isGraph = launches.length > 1 && launches.every(({ kernel }) => kernel.inGraph);
    return isGraph ? asGraph(driver, launches, enqueue, series) : series(enqueue);
  } finally {
    driver.destroyEvent(start);
    driver.destroyEvent(end);
  }
}

function asGraph<Result>(
  driver: GpuDriver,
  launches: readonly DeviceLaunch[],
  enqueue: () => void,
  use: (issue: () => void) => Result,
): Result {
  // Once outside the graph: kernels are loaded and shared memory grows then, which a capture does not allow.
  for (const kernel of new Set(launches.map((launch) => launch.kernel))) {
    kernel.enqueue(launches.find((launch) => launch.kernel === kernel)!.tensors);
  }
  driver.synchronise();
  const graph = driver.capture(enqueue);
  try {
    return use(() => driver.launchGraph(graph));
  } finally {
    driver.destroyGraph(graph);
  }
}
