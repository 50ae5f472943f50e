import { hashedValue } from '../patterns.ts';
import type { OperatorSpec } from './operator.ts';

/** Seed of the hashed words in the host buffer that a device keeps for copies to it. */
export const hostBufferSeed = 1;

/** Host to device: the device's own host buffer holds hashed i32 words. */
export const copyToDevice: OperatorSpec = {
  name: 'copy-to-device',
  dataTypes: ['bytes'],
  tensors: (_, { bytes }) => [{ name: 'data', role: 'output', element: 'i32', length: bytes / 4 }],
  reference: () => (_tensor, index) => hashedValue('i32', index, hostBufferSeed),
  tolerance: () => 0,
};

/** Device to host; a run copies the host's buffer back to echo, which is not timed. */
export const copyFromDevice: OperatorSpec = {
  name: 'copy-from-device',
  dataTypes: ['bytes'],
  tensors: (_, { bytes }) => [
    { name: 'data', role: 'input', element: 'i32', length: bytes / 4 },
    { name: 'echo', role: 'output', element: 'i32', length: bytes / 4 },
  ],
  reference:
    (_, __, { value }) =>
    (_tensor, index) =>
      value('data', index),
  tolerance: () => 0,
};
