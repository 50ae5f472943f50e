import { hostBufferSeed } from '../../operators/copies.ts';
import { fillWords } from '../../pattern-words.ts';
import type { TypescriptKernel } from './kernel.ts';

/** Where host and device are one machine, a copy goes from memory to memory. */
export function copyToDevice(): TypescriptKernel {
  let buffer = new Int32Array(0);
  return ([data]) => {
    if (buffer.length !== data.length) {
      buffer = new Int32Array(data.length);
      const pattern = { kind: 'hashed', element: 'i32', seed: hostBufferSeed, rowLength: 1 } as const;
      fillWords(new Uint32Array(buffer.buffer), pattern);
    }
    data.set(buffer);
  };
}

/** Copies the data; a copy back to echo is part of a run, not of what is timed. */
export const copyFromDevice: TypescriptKernel = ([data, echo]) => echo.set(data);
