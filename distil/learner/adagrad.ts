import type { FloatArray } from './float-array.ts';

/** Keeps the first step finite, as in other implementations of Adagrad. */
const epsilon = 1e-10;

/**
 * One step of Adagrad (Duchi et al. 2011), element by element: s += g², θ −= η·g / (√s + ε).
 * Values from `at` on take the `width` gradients from `gradientAt` on.
 * @param rate η, above 0
 */
export function adagrad(
  values: FloatArray,
  squares: FloatArray,
  at: number,
  gradients: FloatArray,
  gradientAt: number,
  width: number,
  rate: number,
): void {
  for (let i = 0; i < width; i++) {
    const gradient = gradients[gradientAt + i];
    if (gradient === 0) continue;
    const square = squares[at + i] + gradient * gradient;
    squares[at + i] = square;
    values[at + i] -= (rate * gradient) / (Math.sqrt(square) + epsilon);
  }
}
