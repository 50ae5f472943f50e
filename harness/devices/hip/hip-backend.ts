import type { Backend } from '../../device.ts';
import { findGpus, openGpu } from '../gpu-shared/open-gpu.ts';
import { hipPlatform } from './platform.ts';

/**
 * AMD GPUs through HIP's runtime, hiprtc for our kernels, and hipBLASLt for matrix products. Libraries are looked for
 * in the folders that RANKFLEET_HIP_LIBRARIES lists, by the system's loader, under /opt/rocm and in Python's packages.
 * Tested against a stand-in library only: nobody has run it on a device yet.
 */
export const hipBackend: Backend = {
  name: 'hip',
  find: () => findGpus(hipPlatform),
  open: (index) => openGpu(hipPlatform, index),
};
