import type { Scalar } from '../../kernels/cuda/gpu-kernel.ts';
import { type Koffi, stableBuffer } from './native-libraries.ts';

export interface ArgumentBlock {
  /**
   * Writes arguments in the order in which a kernel takes them, pointers first.
   * @returns the address of a table of their addresses, good until the next call
   */
  pack(pointers: readonly bigint[], scalars: readonly Scalar[]): bigint;
}

const mostArguments = 64;

/**
 * Room for one kernel's arguments: a table of addresses and, behind it, the eight bytes that each points to. The driver
 * copies them when it launches, so that one block serves every launch.
 */
export function makeArgumentBlock(koffi: Koffi): ArgumentBlock {
  const { buffer, address } = stableBuffer(koffi, 16 * mostArguments);
  const view = new DataView(buffer);
  const firstValue = 8 * mostArguments;
  for (let i = 0; i < mostArguments; i++) {
    view.setBigUint64(8 * i, address + BigInt(firstValue + 8 * i), true);
  }
  return {
    pack(pointers, scalars) {
      if (pointers.length + scalars.length > mostArguments) {
        throw new RangeError(`a kernel takes at most ${mostArguments} arguments`);
      }
      let at = firstValue;
      for (const pointer of pointers) {
        view.setBigUint64(at, pointer, true);
        at += 8;
      }
      for (const { type, value } of scalars) {
        if (type === 'f32') view.setFloat32(at, value, true);
        else if (type === 'i32') view.setInt32(at, value, true);
        else view.setBigInt64(at, BigInt(value), true);
        at += 8;
      }
      return address;
    },
  };
}
