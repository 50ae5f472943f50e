/**
 * Keyed random streams. A stream is named by a few integers (seed, replication, purpose, request...), so
 * the same request draws the same numbers in every arm of a comparison, whatever else was drawn before:
 * common random numbers without bookkeeping. The generator is sfc32 (Doty-Humphrey, PractRand), re-keyed in
 * place in about 50 ns; a generator that jumps along one sequence would need a jump per request.
 */
export class RandomStream {
  private a = 0;
  private b = 0;
  private c = 0;
  private counter = 1;

  constructor(...key: number[]) {
    this.rekey(key[0] ?? 0, key[1] ?? 0, key[2] ?? 0, key[3] ?? 0);
  }

  /** Starts the stream named by four integers (each taken modulo 2³²). */
  rekey(k0: number, k1: number, k2: number, k3: number): this {
    this.a = mix(k0 | 0, 0x9e3779b9);
    this.b = mix(k1 | 0, this.a ^ 0x85ebca6b);
    this.c = mix(k2 | 0, this.b ^ 0xc2b2ae35) ^ mix(k3 | 0, 0x27d4eb2f ^ this.a);
    this.counter = mix(k3 | 0, this.c ^ this.b) | 1;
    for (let round = 0; round < 8; round++) this.uint32();
    return this;
  }

  /** Uniform integer in [0, 2³²). */
  uint32(): number {
    const sum = (((this.a + this.b) | 0) + this.counter) | 0;
    this.counter = (this.counter + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = (((this.c << 21) | (this.c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  /** Uniform in (0, 1): never 0, so that its logarithm is finite. */
  uniform(): number {
    return (this.uint32() + 0.5) * 2 ** -32;
  }

  /** Exponential with mean 1. */
  exponential(): number {
    return -Math.log(this.uniform());
  }

  /** Standard normal (Box–Muller, cosine branch only: one value a call keeps streams aligned). */
  normal(): number {
    const radius = Math.sqrt(2 * this.exponential());
    return radius * Math.cos(2 * Math.PI * this.uniform());
  }

  /**
   * Gamma with the given shape and mean 1 (Marsaglia and Tsang 2000).
   * @param shape above 0
   */
  gamma(shape: number): number {
    if (shape < 1) return (this.gamma(shape + 1) * (shape + 1) * this.uniform() ** (1 / shape)) / shape;
    const d = shape - 1 / 3;
    const c = 1 / Math.sqrt(9 * d);
    for (;;) {
      const x = this.normal();
      const v = (1 + c * x) ** 3;
      if (v > 0 && Math.log(this.uniform()) < 0.5 * x * x + d - d * v + d * Math.log(v))
        return (d * v) / shape;
    }
  }

  /** Uniform integer in [0, n). */
  below(n: number): number {
    return Math.floor(this.uniform() * n);
  }
}

/** A 32-bit finaliser with full avalanche (murmur3's), salted. */
function mix(value: number, salt: number): number {
  let h = Math.imul(value ^ salt, 0xcc9e2d51);
  h = (h ^ (h >>> 16)) | 0;
  h = Math.imul(h, 0x85ebca6b);
  h = (h ^ (h >>> 13)) | 0;
  h = Math.imul(h, 0xc2b2ae35);
  return (h ^ (h >>> 16)) | 0;
}
