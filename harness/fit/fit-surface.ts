import type { Rates } from '../../hardware-profiles/measurements.ts';
import type { MeasuredDataType, OperatorName } from '../../hardware-profiles/operators-measured.ts';
import { coordinateNames, coordinatesOf } from '../../sim/cost/coordinates.ts';
import type { KrigingModel } from '../../sim/cost/kriging.ts';
import { type LeftOut, predictLeftOut } from '../../sim/cost/left-out.ts';
import { type LawSetting, lawFor } from '../../sim/cost/surface.ts';
import type { SurfacePoints } from '../../sim/cost/surface-points.ts';
import { fitRates, type RateName } from './rates-fit.ts';
import { wholeShapes } from './whole-shapes.ts';

/** A fitted surface and how well it predicts its own points when they are left out. */
export interface FittedSurface {
  rates: Rates;
  waves: boolean;
  lengthScales: Record<string, number>;
  nugget: number;
  sigma: number;
  leaveOneOut: LeftOut[];
  /** With the whole shape of each point left out; undefined where all points have one. */
  wholeShape: LeftOut[] | undefined;
}

const startScale = 2;
const startNugget = 0.05;
const scaleRange = [0.3, 64] as const;
const nuggetRange = [1e-3, 0.9] as const;

/** Most points that one evaluation of the search predicts; all points stay their neighbours. */
const usuallyEvaluated = 250;

/** The share of normal errors within one standard deviation. */
const withinOneSigma = 0.6827;

/** What a search varies. */
interface Smoothness {
  scales: readonly number[];
  nugget: number;
}

/**
 * Fits rates, length scales and nugget of one surface. Deterministic: rates by least robust error, then length
 * scales and nugget by the least mean error of points left out, alone and with their whole shape. Whether a GEMM's
 * tiles come in whole waves is decided by the same error.
 * @param mostEvaluated points that each step of the search predicts at most
 */
export function fitSurface(
  operator: OperatorName,
  dataType: MeasuredDataType,
  points: SurfacePoints,
  setting: LawSetting,
  mostEvaluated = usuallyEvaluated,
): FittedSurface {
  const problem = new SmoothnessProblem(operator, dataType, points, mostEvaluated);
  const candidates = (operator === 'gemm' && setting.units > 0 ? [false, true] : [false]).map((waves) => {
    const law = lawFor(operator, dataType, setting, waves);
    const rates = fitRates(law, points.shapes, points.seconds, neededRates(operator));
    const values = Float64Array.from(points.shapes, (shape, index) =>
      Math.log(points.seconds[index] / law.seconds(shape, law.work(shape), rates)),
    );
    return { waves, rates, values, cost: problem.cost(values, problem.start) };
  });
  const { waves, rates, values } = candidates.reduce((best, other) =>
    other.cost < best.cost ? other : best,
  );
  const smoothness = problem.search(values);
  const { leaveOneOut, wholeShape } = problem.leftOut(values, smoothness);
  const names = coordinateNames(operator);
  return {
    rates,
    waves,
    lengthScales: Object.fromEntries(names.map((name, index) => [name, smoothness.scales[index]])),
    nugget: smoothness.nugget,
    sigma: sigmaOf([...leaveOneOut, ...(wholeShape ?? [])]),
    leaveOneOut,
    wholeShape,
  };
}

/** Operators that matrix units compute: their arithmetic counts, however well their loads explain the times. */
const matrixOperators: readonly OperatorName[] = ['gemm', 'cross-low-rank', 'attention', 'attention-jagged'];

function neededRates(operator: OperatorName): RateName[] {
  return matrixOperators.includes(operator) ? ['flopPerS'] : [];
}

class SmoothnessProblem {
  readonly start: Smoothness;
  private readonly places: number[][];
  private readonly groups: string[] | undefined;
  private readonly sample: number[];

  constructor(
    operator: OperatorName,
    dataType: MeasuredDataType,
    { shapes }: SurfacePoints,
    mostEvaluated: number,
  ) {
    this.places = shapes.map((shape) => coordinatesOf(operator, dataType, shape));
    this.groups = wholeShapes(operator, shapes);
    const stride = Math.ceil(shapes.length / mostEvaluated);
    this.sample = shapes.map((_, index) => index).filter((index) => index % stride === 0);
    this.start = { scales: coordinateNames(operator).map(() => startScale), nugget: startNugget };
  }

  /** Mean absolute error of log times left out, alone and with their whole shape. */
  cost(values: Float64Array, smoothness: Smoothness): number {
    const model = this.model(values, smoothness);
    const alone = meanError(predictLeftOut(model, this.sample));
    return this.groups ? (alone + meanError(predictLeftOut(model, this.sample, this.groups))) / 2 : alone;
  }

  /** Goes along one length scale after the other, and the nugget, in ever smaller steps. */
  search(values: Float64Array): Smoothness {
    let best = { smoothness: this.start, cost: this.cost(values, this.start) };
    const attempt = (smoothness: Smoothness) => {
      const cost = this.cost(values, smoothness);
      if (cost < best.cost * (1 - 1e-4)) best = { smoothness, cost };
    };
    for (const step of [4, 2, 2, 1.41]) {
      for (let axis = 0; axis < this.start.scales.length; axis++) {
        for (const factor of [step, 1 / step]) {
          const { scales, nugget } = best.smoothness;
          const moved = scales.map((scale, index) =>
            index === axis ? within(scale * factor, scaleRange) : scale,
          );
          attempt({ scales: moved, nugget });
        }
      }
      for (const factor of [step ** 2, 1 / step ** 2]) {
        const { scales, nugget } = best.smoothness;
        attempt({ scales, nugget: within(nugget * factor, nuggetRange) });
      }
    }
    return best.smoothness;
  }

  leftOut(values: Float64Array, smoothness: Smoothness) {
    const model = this.model(values, smoothness);
    const all = this.places.map((_, index) => index);
    return {
      leaveOneOut: predictLeftOut(model, all),
      wholeShape: this.groups && predictLeftOut(model, all, this.groups),
    };
  }

  private model(values: Float64Array, { scales, nugget }: Smoothness): KrigingModel {
    const places = Float64Array.from(
      this.places.flatMap((place) => place.map((value, axis) => value / scales[axis])),
    );
    return { dimensions: scales.length, places, values, nugget };
  }
}

function within(value: number, [low, high]: readonly [number, number]): number {
  return Math.min(high, Math.max(low, value));
}

function meanError(predictions: readonly LeftOut[]): number {
  if (predictions.length === 0) return 0;
  return predictions.reduce((sum, { error }) => sum + Math.abs(error), 0) / predictions.length;
}

/** The standard deviation under which as many errors lie within one of theirs as should. */
function sigmaOf(predictions: readonly LeftOut[]): number {
  if (predictions.length === 0) return 0;
  const ratios = predictions
    .map(({ error, variance }) => Math.abs(error) / Math.sqrt(Math.max(variance, 1e-9)))
    .sort((a, b) => a - b);
  return ratios[Math.min(ratios.length - 1, Math.floor(ratios.length * withinOneSigma))];
}
