import type { Program } from '../../device.ts';
import type { DeviceKernel, KernelTools } from './device-kernel.ts';

/**
 * A copy between host and device on the stream. A pinned one is the device's own transfer; a pageable one goes through
 * the driver's staging buffers with the host's help, and events around it see that too. The host's memory is the same
 * in every repeat, as a server's staging buffer is.
 */
export function hostCopy(program: Program, { driver, hostBuffers }: KernelTools): DeviceKernel {
  const { bytes, pinned } = program.shape;
  const { source, target } = hostBuffers[pinned === 1 ? 'pinned' : 'pageable'];
  if (program.operator === 'copy-to-device') {
    return {
      program,
      inGraph: false,
      enqueue: ([data]) => driver.enqueueCopy('toDevice', data.address, source.hashed(bytes), bytes),
    };
  }
  return {
    program,
    inGraph: false,
    enqueue: ([data]) => driver.enqueueCopy('toHost', target.atLeast(bytes), data.address, bytes),
    enqueueChecked: ([data, echo]) => {
      driver.enqueueCopy('toHost', target.atLeast(bytes), data.address, bytes);
      driver.synchronise();
      driver.enqueueCopy('toDevice', echo.address, target.atLeast(bytes), bytes);
    },
  };
}

const launchesAtOnce = 200;

/** Empty kernels in a long row, so that the events around them weigh nothing: one by one from here, or as one graph. */
export function repeatedLaunch(kernel: DeviceKernel): DeviceKernel {
  const { program } = kernel;
  return {
    program,
    inGraph: program.shape.graph === 1,
    times: launchesAtOnce,
    enqueue(tensors) {
      for (let i = 0; i < launchesAtOnce; i++) kernel.enqueue(tensors);
    },
  };
}
