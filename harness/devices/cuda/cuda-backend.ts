import type { Backend } from '../../device.ts';
import { findGpus, openGpu } from '../gpu-shared/open-gpu.ts';
import { cudaPlatform } from './platform.ts';

/**
 * NVIDIA GPUs through CUDA's driver, NVRTC for our kernels, and cuBLASLt for matrix products. Libraries are looked for
 * in the folders that RANKFLEET_CUDA_LIBRARIES lists, by the system's loader, in usual places and in Python's packages.
 */
export const cudaBackend: Backend = {
  name: 'cuda',
  find: () => findGpus(cudaPlatform),
  open: (index) => openGpu(cudaPlatform, index),
};
