/**
 * Sobol's sequence with the direction numbers of Joe and Kuo (SIAM J. Sci. Comput. 30, 2635, 2008; their file
 * new-joe-kuo-6): for each dimension after the first the degree of a primitive polynomial over GF(2), its inner
 * coefficients as a number, and the first odd integers m.
 */
const polynomials: readonly (readonly [degree: number, coefficients: number, ...m: number[]])[] = [
  [1, 0, 1],
  [2, 1, 1, 3],
  [3, 1, 1, 3, 1],
  [3, 2, 1, 1, 1],
  [4, 1, 1, 1, 3, 3],
  [4, 4, 1, 3, 5, 13],
  [5, 2, 1, 1, 5, 5, 17],
  [5, 4, 1, 1, 5, 5, 5],
  [5, 7, 1, 1, 7, 11, 19],
  [5, 11, 1, 1, 5, 1, 1],
  [5, 13, 1, 1, 1, 3, 11],
  [5, 14, 1, 3, 5, 5, 31],
  [6, 1, 1, 3, 3, 9, 7, 49],
  [6, 13, 1, 1, 1, 15, 21, 21],
  [6, 16, 1, 3, 1, 13, 27, 49],
  [6, 19, 1, 1, 1, 15, 7, 5],
  [6, 22, 1, 3, 1, 15, 13, 25],
  [6, 25, 1, 1, 5, 5, 19, 61],
  [7, 1, 1, 3, 7, 11, 23, 15, 103],
  [7, 4, 1, 3, 7, 13, 13, 15, 69],
  [7, 7, 1, 1, 3, 13, 7, 35, 63],
  [7, 8, 1, 3, 5, 9, 1, 25, 53],
  [7, 14, 1, 3, 1, 13, 9, 35, 107],
  [7, 19, 1, 3, 1, 5, 27, 61, 31],
  [7, 21, 1, 1, 5, 11, 19, 41, 61],
  [7, 28, 1, 3, 5, 3, 3, 13, 69],
  [7, 31, 1, 1, 7, 13, 1, 19, 1],
  [7, 32, 1, 3, 7, 5, 13, 19, 59],
  [7, 37, 1, 1, 3, 9, 25, 29, 41],
  [7, 41, 1, 3, 5, 13, 23, 1, 55],
  [7, 42, 1, 3, 7, 3, 13, 59, 17],
];

/** Most dimensions that there are direction numbers for. */
export const maxSobolDimensions = polynomials.length + 1;

const bits = 32;
const directions = [firstDirections(), ...polynomials.map(directionsOf)];

/**
 * A coordinate of a point, in the order of Gray codes, which is that of most libraries.
 * @param index of the point, from 0, which is the origin
 * @param dimension from 0
 * @returns a multiple of 2⁻³² as an unsigned integer: divide by 2³² for the coordinate
 */
export function sobolBits(index: number, dimension: number): number {
  const numbers = directions[dimension];
  let gray = (index ^ (index >>> 1)) >>> 0;
  let sum = 0;
  for (let bit = 0; gray !== 0; bit++, gray >>>= 1) {
    if (gray & 1) sum ^= numbers[bit];
  }
  return sum >>> 0;
}

/** The first dimension is van der Corput's sequence. */
function firstDirections(): Int32Array {
  return Int32Array.from({ length: bits }, (_, bit) => 1 << (bits - 1 - bit));
}

function directionsOf([degree, coefficients, ...m]: (typeof polynomials)[number]): Int32Array {
  const numbers = new Int32Array(bits);
  for (let bit = 0; bit < bits; bit++) {
    if (bit < degree) {
      numbers[bit] = m[bit] << (bits - 1 - bit);
      continue;
    }
    let value = numbers[bit - degree] ^ (numbers[bit - degree] >>> degree);
    for (let term = 1; term < degree; term++) {
      if ((coefficients >>> (degree - 1 - term)) & 1) value ^= numbers[bit - term];
    }
    numbers[bit] = value;
  }
  return numbers;
}
