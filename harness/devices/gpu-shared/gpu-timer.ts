import type { DeviceKernel, Tensor } from './device-kernel.ts';
import type { GpuDriver } from './gpu-driver.ts';

export interface DeviceLaunch {
  kernel: DeviceKernel;
  tensors: readonly Tensor[];
}

/**
 * Seconds of one launch, by repeat, between events on the stream. A list of kernels is captured as one graph; single
 * launches, copies and launches that are to come from the host are issued anew each time. Repeats follow each other
 * without a pause, an event between them, so that what the host needs to begin one is hidden behind the one before.
 */
export function timeLaunches(
  driver: GpuDriver,
  launches: readonly DeviceLaunch[],
  { warmUp, repeats }: { warmUp: number; repeats: number },
): Float64Array {
  const enqueue = () => {
    for (const { kernel, tensors } of launches) kernel.enqueue(tensors);
  };
  const series = (issue: () => void) =>
    betweenEvents(driver, issue, warmUp, repeats).map((seconds) => seconds / launches.length);
  const isGraph = launches.length > 1 && launches.every(({ kernel }) => kernel.inGraph);
  return isGraph ? asGraph(driver, launches, enqueue, series) : series(enqueue);
}

/** Issues work `skipped` + `repeats` times. @returns seconds of each of the latter */
function betweenEvents(driver: GpuDriver, issue: () => void, skipped: number, repeats: number): Float64Array {
  const events = Array.from({ length: repeats + 1 }, () => driver.createEvent());
  try {
    for (let i = 0; i < skipped; i++) issue();
    for (const [i, event] of events.entries()) {
      if (i > 0) issue();
      driver.recordEvent(event);
    }
    driver.synchroniseDevice();
    return Float64Array.from({ length: repeats }, (_, i) => driver.secondsBetween(events[i], events[i + 1]));
  } finally {
    for (const event of events) driver.destroyEvent(event);
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
