import type { Rates } from '../../hardware-profiles/measurements.ts';
import type { MeasuredDataType, OperatorName, Shape } from '../../hardware-profiles/operators-measured.ts';
import type { Work } from './amount-of-work.ts';
import { type GemmShape, waveSeconds } from './gemm-waves.ts';
import { type MemorySystem, operatorWork } from './work.ts';

/** The order of the norm by which limits add up: whoever is not the bottleneck overlaps most of the time. */
const overlap = 3;

/**
 * Seconds of an operator by its rates alone: latency + the norm of what arithmetic, memory and the longest chain of
 * steps would take alone.
 */
export function secondsByRates(work: Work, rates: Rates): number {
  return rates.latencyS + bodySeconds(work, rates);
}

/** The same without latency. */
export function bodySeconds({ flops, bytes, rereadBytes, depth }: Work, rates: Rates): number {
  return norm(
    flops / rates.flopPerS,
    bytes / rates.bytesPerS + rereadBytes / rates.rereadBytesPerS,
    depth * rates.stepS,
  );
}

/** A GEMM whose tiles are dealt to `units` in whole waves; its arithmetic takes the best tiling's time. */
export function gemmSecondsByRates(
  work: Work,
  shape: GemmShape,
  elementBytes: number,
  units: number,
  rates: Rates,
): number {
  const arithmetic = waveSeconds(shape, elementBytes, units, rates);
  return rates.latencyS + norm(arithmetic, work.bytes / rates.bytesPerS, 0);
}

function norm(a: number, b: number, c: number): number {
  const largest = Math.max(a, b, c);
  if (largest === 0) return 0;
  return (
    largest *
    ((a / largest) ** overlap + (b / largest) ** overlap + (c / largest) ** overlap) ** (1 / overlap)
  );
}

/** How the time of one operator and data type follows from its shape and some rates. */
export interface Law {
  work(shape: Shape): Work;
  seconds(shape: Shape, work: Work, rates: Rates): number;
}

/**
 * The law of an operator.
 * @param waves multiprocessors over which tiles of a GEMM are dealt in whole waves; 0 leaves the waves out
 */
export function lawOf(
  operator: OperatorName,
  dataType: MeasuredDataType,
  { waves, memory }: { waves: number; memory: MemorySystem },
): Law {
  const work = (shape: Shape) => operatorWork(operator, dataType, shape, memory);
  if (operator !== 'gemm' || waves === 0) {
    return { work, seconds: (_, todo, rates) => secondsByRates(todo, rates) };
  }
  const elementBytes = gemmElementBytes[dataType] ?? 4;
  return {
    work,
    seconds: (shape, todo, rates) =>
      gemmSecondsByRates(todo, shape as unknown as GemmShape, elementBytes, waves, rates),
  };
}

const gemmElementBytes: Partial<Record<MeasuredDataType, number>> = {
  fp32: 4,
  tf32: 4,
  bf16: 2,
  fp16: 2,
  fp8: 1,
  int8: 1,
};

/** Rates that the fastest points show: at least this much is possible. A fit starts there. */
export function fastestRates(works: readonly Work[], seconds: ArrayLike<number>): Rates {
  const most = (amount: (work: Work) => number) =>
    works.reduce((best, work, index) => Math.max(best, amount(work) / seconds[index]), 0);
  const least = Math.min(...Array.from(seconds));
  const bytesPerS = most(({ bytes }) => bytes) || 1;
  return {
    latencyS: 0.7 * least,
    flopPerS: most(({ flops }) => flops) || 1e30,
    bytesPerS,
    rereadBytesPerS: 2 * bytesPerS,
    stepS: Math.min(...works.map(({ depth }, index) => seconds[index] / depth)) / 4,
  };
}
