import type { Work } from '../cost/amount-of-work.ts';
import { predictLeftOut } from '../cost/left-out.ts';
import type { Surface } from '../cost/surface.ts';
import type { MeasuredSample } from '../roofline-result.ts';
import { evenSample } from './even-sample.ts';

/** Most points of one operator and data type that a result keeps. */
export const mostPoints = 60;

/** Digits of a measured point: more than its spread is worth. */
const digits = 4;

/** A rate of which no point spends more than this share of its time does not show in the points. */
const leastPart = 0.01;

/** Points of a surface, even over arithmetic intensity, or over bytes where there is no arithmetic. */
export function measuredSample(surface: Surface): MeasuredSample {
  const { operator, dataType, law, rates, points, kriging } = surface;
  const { shapes, seconds, implementations } = points;
  const works = shapes.map((shape) => law.work(shape));
  const hasFlops = works.some(({ flops }) => flops > 0);
  const usable = shapes.flatMap((shape, index) => {
    const { flops, bytes } = works[index];
    // Memory that several cores read at once says nothing of one core's roofline.
    const isOneCores = shape.busy === undefined || shape.busy === 1;
    return bytes > 0 && (flops > 0 || !hasFlops) && isOneCores ? [index] : [];
  });
  const chosen = evenSample(
    usable,
    mostPoints,
    (index) => (hasFlops ? works[index].flops / works[index].bytes : works[index].bytes),
    (index) => works[index].bytes / seconds[index],
  );
  const errors = new Map(predictLeftOut(kriging, chosen).map(({ point, error }) => [point, error]));
  const column = (value: (index: number) => number) =>
    chosen.map((index) => Number(value(index).toPrecision(digits)));
  const limits = (partS: (work: Work) => number) =>
    usable.some((index) => partS(works[index]) > leastPart * seconds[index]);
  return {
    operator,
    dataType,
    implementation: implementations[0],
    points: usable.length,
    rates: {
      latencyS: rates.latencyS,
      ...(limits(({ flops }) => flops / rates.flopPerS) && { flopPerS: rates.flopPerS }),
      ...(limits(({ bytes }) => bytes / rates.bytesPerS) && { bytesPerS: rates.bytesPerS }),
    },
    flops: column((index) => works[index].flops),
    bytes: column((index) => works[index].bytes),
    seconds: column((index) => seconds[index]),
    // Where there is no other point the rates alone tell.
    predictedS: column((index) => seconds[index] * Math.exp(errors.get(index) ?? -kriging.values[index])),
  };
}
