/** Points that a prediction is made from. */
export const neighbours = 40;

/** A smooth function in several dimensions known at some points. */
export interface KrigingModel {
  dimensions: number;
  /** Coordinates over their length scales, point after point. */
  places: Float64Array;
  values: Float64Array;
  /** Share of the variance that neighbours say nothing about. */
  nugget: number;
}

export interface KrigingEstimate {
  value: number;
  /** Variance of the error, in units of the function's own variance. */
  variance: number;
}

// Scratch memory of one estimate: they are made one at a time.
const found = new Int32Array(neighbours);
const distances = new Float64Array(neighbours);
const matrix = new Float64Array(neighbours * neighbours);
const ofValues = new Float64Array(neighbours);
const ofOnes = new Float64Array(neighbours);
const toPlace = new Float64Array(neighbours);

/**
 * Ordinary kriging (Matheron 1963; Cressie 1993, section 3.2) from the nearest points with a Matérn-3/2 covariance:
 * the best linear unbiased estimate for a mean that is unknown but constant nearby.
 * @param place coordinates over their length scales
 * @param isLeftOut points that must not be used, as for leaving one out
 * @returns undefined when no point is left
 */
export function krige(
  model: KrigingModel,
  place: readonly number[],
  isLeftOut?: (point: number) => boolean,
): KrigingEstimate | undefined {
  const count = findNearest(model, place, isLeftOut);
  if (count === 0) return undefined;
  const { values, nugget } = model;
  const sill = 1 - nugget;
  fillMatrix(model, count, sill);
  factorise(count);
  for (let i = 0; i < count; i++) {
    ofValues[i] = values[found[i]];
    ofOnes[i] = 1;
    toPlace[i] = sill * matern(distances[i]);
  }
  // With K = L·Lᵀ every product aᵀK⁻¹b is the plain product of L⁻¹a and L⁻¹b.
  solveLower(ofValues, count);
  solveLower(ofOnes, count);
  solveLower(toPlace, count);
  const onesOnes = dot(ofOnes, ofOnes, count);
  const onesPlace = dot(ofOnes, toPlace, count);
  const mean = dot(ofOnes, ofValues, count) / onesOnes;
  const value = mean + dot(toPlace, ofValues, count) - mean * onesPlace;
  const variance = 1 - dot(toPlace, toPlace, count) + (1 - onesPlace) ** 2 / onesOnes;
  return { value, variance: Math.max(variance, 0) };
}

function matern(distance: number): number {
  const d = Math.sqrt(3) * distance;
  return (1 + d) * Math.exp(-d);
}

/** Writes the nearest points and their distances, nearest first; returns how many there are. */
function findNearest(
  { dimensions, places, values }: KrigingModel,
  place: readonly number[],
  isLeftOut: ((point: number) => boolean) | undefined,
): number {
  let count = 0;
  let furthest = Number.POSITIVE_INFINITY;
  for (let point = 0, at = 0; point < values.length; point++, at += dimensions) {
    let squared = 0;
    for (let axis = 0; axis < dimensions; axis++) {
      const step = places[at + axis] - place[axis];
      squared += step * step;
    }
    if (squared >= furthest || isLeftOut?.(point)) continue;
    let slot = count < neighbours ? count++ : neighbours - 1;
    for (; slot > 0 && distances[slot - 1] > squared; slot--) {
      distances[slot] = distances[slot - 1];
      found[slot] = found[slot - 1];
    }
    distances[slot] = squared;
    found[slot] = point;
    if (count === neighbours) furthest = distances[count - 1];
  }
  for (let i = 0; i < count; i++) distances[i] = Math.sqrt(distances[i]);
  return count;
}

/** Covariances of the found points, lower triangle. */
function fillMatrix({ dimensions, places }: KrigingModel, count: number, sill: number): void {
  for (let i = 0; i < count; i++) {
    const a = found[i] * dimensions;
    for (let j = 0; j < i; j++) {
      const b = found[j] * dimensions;
      let squared = 0;
      for (let axis = 0; axis < dimensions; axis++) {
        const step = places[a + axis] - places[b + axis];
        squared += step * step;
      }
      matrix[i * neighbours + j] = sill * matern(Math.sqrt(squared));
    }
    // Two points at one place, by rounding, must not make the matrix singular.
    matrix[i * neighbours + i] = 1 + 1e-8;
  }
}

/** Cholesky's factor, in place. */
function factorise(count: number): void {
  for (let i = 0; i < count; i++) {
    const rowI = i * neighbours;
    for (let j = 0; j <= i; j++) {
      const rowJ = j * neighbours;
      let sum = matrix[rowI + j];
      for (let k = 0; k < j; k++) sum -= matrix[rowI + k] * matrix[rowJ + k];
      matrix[rowI + j] = i === j ? Math.sqrt(Math.max(sum, 1e-12)) : sum / matrix[rowJ + j];
    }
  }
}

function solveLower(vector: Float64Array, count: number): void {
  for (let i = 0; i < count; i++) {
    const row = i * neighbours;
    let sum = vector[i];
    for (let k = 0; k < i; k++) sum -= matrix[row + k] * vector[k];
    vector[i] = sum / matrix[row + i];
  }
}

function dot(a: Float64Array, b: Float64Array, count: number): number {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += a[i] * b[i];
  return sum;
}
