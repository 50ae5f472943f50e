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
    check([data, echo]) {
      driver.enqueueCopy('toHost', target.atLeast(bytes), data.address, bytes);
      driver.synchronise();
      driver.enqueueCopy('toDevice', echo.address, target.atLeast(bytes), bytes);
    },
  };
}
