import { InputError } from '../foundation/problem.ts';
import type { KernelName } from '../hardware-profiles/kernels.ts';
import type { Device } from '../hardware-profiles/profile.ts';
import type { Model } from '../models/model.ts';
import type { Locating } from './locating.ts';

/** Operators of a model that a device has no kernel for, by the part of the model that needs them. */
export interface KernelGaps {
  /** Of the transforms of raw features: without all of them, preprocessing runs on a tier of CPU hosts. */
  preprocessing: KernelName[];
  /** Of the nets, with the operators that need each: without all of them, the model cannot run on the device. */
  nets: { kernel: KernelName; operators: string[] }[];
}

/** What a device is to run of a model. */
export interface KernelUse {
  /** Kernels to be taken as written. */
  assumed?: readonly KernelName[];
  /** Whether rows of embedding tables are looked up on the device. */
  looksUp: boolean;
}

/** The kernels that a model needs and a device lacks; none for a device without `missing_kernels`. */
export function kernelGaps(
  { nets, preprocessing = [] }: Model,
  { missingKernels = [] }: Device,
  { assumed = [], looksUp }: KernelUse,
): KernelGaps {
  const missing = missingKernels
    .map(({ operator }) => operator)
    .filter((operator) => !assumed.includes(operator));
  const needed = nets.flatMap(({ operators }) => operators);
  return {
    preprocessing: missing.filter((kernel) => preprocessing.some(({ kind }) => kind === kernel)),
    nets: missing.flatMap((kernel) => {
      const operators = needed.filter(({ kind }) => kind === kernel).map(({ name }) => name);
      if (kernel === 'embedding-bag' && looksUp) operators.push('the lookups of its tables');
      return operators.length > 0 ? [{ kernel, operators }] : [];
    }),
  };
}

/**
 * Refuses a device that lacks a kernel of the nets: dense operators and lookups are not split off.
 * @param fields what the scenario might change, in words
 */
export function checkNets(gaps: KernelGaps, device: Device, model: Model, fields: string): void {
  if (gaps.nets.length === 0) return;
  throw new InputError(
    gaps.nets.map(({ kernel, operators }) => {
      const isOne = operators.length === 1;
      const needing = isOne ? `${operators[0]} of` : `${operators.length} operators of`;
      return {
        message:
          `${device.name} has no kernel for ${kernel}, which ${needing} model ${model.name} ${isOne ? 'needs' : 'need'}: ` +
          `dense operators and lookups are not split off. ${fields}, or serving.assume_kernels: [${kernel}] to ask ` +
          'what writing it would bring',
      };
    }),
  );
}

/** Refuses to assume a kernel that is there anyway. */
export function checkAssumed(assumed: readonly KernelName[], device: Device, located: Locating): void {
  const missing = (device.missingKernels ?? []).map(({ operator }) => operator);
  assumed.forEach((kernel, index) => {
    if (missing.includes(kernel)) return;
    located(['serving', 'assume_kernels', index], () => {
      const lacks = missing.length > 0 ? `; it lacks ${missing.join(', ')}` : '; it lacks none';
      throw new InputError(`has no effect: ${device.name} has a kernel for ${kernel}${lacks}`);
    });
  });
}
