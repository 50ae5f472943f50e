import {
  type MeasuredDataType,
  type OperatorName,
  operatorAxes,
  type Shape,
} from '../../hardware-profiles/operators-measured.ts';

/** Axes that may be 0. */
const fromZero: readonly string[] = ['skew', 'pinned', 'graph', 'busy', 'gelu'];

/** Bytes that matrix kernels load at once: rows that are no multiple of it need slower kernels. */
const vectorBytes = 16;

const gemmBytes: Partial<Record<MeasuredDataType, number>> = { bf16: 2, fp16: 2, fp8: 1, int8: 1 };

/** Names of the coordinates in which an efficiency surface is smooth: the axes, and what else decides about kernels. */
export function coordinateNames(operator: OperatorName): string[] {
  return operator === 'gemm' ? [...operatorAxes.gemm, 'misaligned'] : [...operatorAxes[operator]];
}

/**
 * Coordinates of a shape: log2 of each axis (of 1 + value where it may be 0); for a GEMM also how far its rows are
 * from whole vectors, in halvings, k and n together.
 */
export function coordinatesOf(operator: OperatorName, dataType: MeasuredDataType, shape: Shape): number[] {
  const place = operatorAxes[operator].map((axis) => axisCoordinate(axis, shape[axis]));
  if (operator === 'gemm') {
    const bytes = gemmBytes[dataType] ?? 4;
    place.push(halvings(shape.k * bytes) + halvings(shape.n * bytes));
  }
  return place;
}

/** Where a value stands on its axis. */
export function axisCoordinate(axis: string, value: number): number {
  return Math.log2(fromZero.includes(axis) ? 1 + value : Math.max(value, 1e-6));
}

/** How often a vector has to be halved until rows of so many bytes are whole numbers of it. */
function halvings(rowBytes: number): number {
  const whole = Math.round(rowBytes);
  let unit = vectorBytes;
  let count = 0;
  while (whole % unit !== 0 && unit > 1) {
    unit /= 2;
    count++;
  }
  return count;
}
