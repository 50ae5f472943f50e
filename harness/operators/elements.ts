import type { MeasuredDataType } from '../../hardware-profiles/operators-measured.ts';
import type { Element } from '../patterns.ts';

const elements: Partial<Record<MeasuredDataType, Element>> = {
  fp32: 'f32',
  tf32: 'f32',
  bf16: 'bf16',
  fp16: 'f16',
  fp8: 'f8',
  int8: 'i8',
};

/** Element of a tensor that holds numbers of a data type as they are. */
export function elementOf(dataType: MeasuredDataType): Element {
  const element = elements[dataType];
  if (!element) throw new Error(`no plain tensor holds ${dataType}`);
  return element;
}

const tolerances: Partial<Record<MeasuredDataType, number>> = {
  // A plain sum of 16,384 products stays below it; a bf16 or tf32 product does not.
  fp32: 1e-5,
  // Ten bits of mantissa, cut off rather than rounded on some devices.
  tf32: 2e-3,
  // Rounding of the answer alone is 1e-3 in bf16, 2e-4 in fp16.
  bf16: 5e-3,
  fp16: 1e-3,
  fp8: 5e-3,
  // Rounding to whole numbers of about ± 40 is 1e-2 at worst.
  int8: 2e-2,
};

/** Relative error allowed to an operator that forms sums in fp32 (int8: int32) and rounds its answer once. */
export function toleranceOf(dataType: MeasuredDataType): number {
  const tolerance = tolerances[dataType];
  if (tolerance === undefined) throw new Error(`no tolerance for ${dataType}`);
  return tolerance;
}

/** Cut to what eight bits hold. */
export function saturate(value: number): number {
  return Math.max(-128, Math.min(127, value));
}

/** A function of an integer that is worked out once for each. */
export function remembered<Result>(compute: (key: number) => Result): (key: number) => Result {
  const known = new Map<number, Result>();
  return (key) => {
    let result = known.get(key);
    if (result === undefined) {
      result = compute(key);
      known.set(key, result);
    }
    return result;
  };
}

export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
