import {
  type FreshnessLaw,
  fitLaw,
  type LagCurve,
  leftOut,
  logarithmicLaw,
  saturatingLaw,
} from './freshness-laws.ts';
import type { LawComparison, QualityFit } from './quality-fit-result.ts';

/** A law is clearly better where its errors at left-out points are at most this share of the other's. */
const clearlyBetter = 0.8;

/** The laws of freshness beside a measured curve, that of the quality model first. */
export function compareLaws(curve: LagCurve): Pick<QualityFit, 'laws' | 'betterLaw'> {
  const laws = [logarithmicLaw, saturatingLaw].map((law) => compared(law, curve));
  const [ours, other] = laws;
  const isBetter = other.leaveOneOutNe <= clearlyBetter * ours.leaveOneOutNe;
  return { laws, ...(isBetter && { betterLaw: other.law }) };
}

function compared(law: FreshnessLaw, curve: LagCurve): LawComparison {
  const fit = fitLaw(law, curve);
  const without = leftOut(law, curve);
  const points = curve.points.map(({ days, worsening }, at) => ({
    lagDays: days,
    measured: worsening,
    fitted: fit.worsening(days),
    leftOut: without[at],
  }));
  const mean = points.reduce((sum, { measured }) => sum + measured, 0) / points.length;
  const squares = (of: (point: (typeof points)[number]) => number) =>
    points.reduce((sum, point) => sum + of(point) ** 2, 0);
  return {
    law: law.name,
    formula: law.formula,
    amplitude: fit.amplitude,
    parameters: law.parameters.map((name, at) => ({
      name,
      value: fit.parameters[at],
      isAtEnd: law.box[at].some((end) => Math.abs(Math.log(fit.parameters[at]) - end) < 0.01),
    })),
    residualNe: Math.sqrt(fit.squares / points.length),
    leaveOneOutNe: Math.sqrt(
      squares(({ measured, leftOut: predicted }) => predicted - measured) / points.length,
    ),
    explained: 1 - fit.squares / squares(({ measured }) => measured - mean),
    points,
  };
}
