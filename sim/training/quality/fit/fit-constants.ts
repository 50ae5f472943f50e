import { RandomStream } from '../../../../foundation/random.ts';
import type { ExperimentResult } from '../../experiment-result.ts';
import { type QualityConstants, type QualityValues, qualityConstants } from '../constants.ts';
import { rangeQuantile } from '../evidenced-range.ts';
import { compareLaws } from './compare-laws.ts';
import { asMeasured, type Curves, drawnFrom } from './curves.ts';
import { curvesOf } from './curves-of-result.ts';
import { type Fitted, judgeConstant } from './judge-constant.ts';
import type { Measured } from './measured.ts';
import { residualsOf, withMisfit } from './misfit.ts';
import type { ConstantFit, QualityFit } from './quality-fit-result.ts';
import { type FittableConstant, fittableConstants, lagCurveOf, solve } from './solve.ts';

/** Purpose in the key of the random stream. */
const purpose = 0xf17;

/**
 * Constants of the quality model by an experiment: those under which the model says what was measured, with ranges
 * that hold as many redrawn experiments as the experiment's own intervals promise. What it does not tell is
 * left as it was, with the reason; nothing is set by hand.
 * @param before what is held without the experiment
 * @param redraws from which ranges are taken
 * @throws InputError where it has too few seeds or lags to be fitted to
 */
export function fitConstants(
  result: ExperimentResult,
  { before = qualityConstants, redraws = 1000 }: { before?: QualityConstants; redraws?: number } = {},
): QualityFit {
  const curves = curvesOf(result);
  const fits = new Fits(curves, before, redraws, result);
  return {
    experiment: aboutOf(result),
    constants: fits.judged(),
    ...compareLaws(lagCurveOf(asMeasured(curves))),
  };
}

class Fits {
  private readonly curves: Curves<Measured>;
  private readonly before: QualityConstants;
  private readonly redraws: number;
  private readonly result: ExperimentResult;

  constructor(curves: Curves<Measured>, before: QualityConstants, redraws: number, result: ExperimentResult) {
    this.curves = curves;
    this.before = before;
    this.redraws = redraws;
    this.result = result;
  }

  /**
   * Judged in the order in which they rest on each other: the law of freshness, which says what a teacher would be
   * without any gap; how the transfer ratio falls with size, which says what it is at equal size; then all.
   */
  judged(): ConstantFit[] {
    const byAssumedLaw = this.fitted(this.before, false);
    const scale = this.judge('freshnessScaleS', byAssumedLaw);
    const byOwnLaw = scale.fitted !== undefined;
    const bySizes = byOwnLaw ? this.fitted(this.before, byOwnLaw) : byAssumedLaw;
    const falls = this.judge('quadruplingsToHalfTransfer', bySizes);
    const held = falls.fitted
      ? {
          ...this.before,
          quadruplingsToHalfTransfer: { ...this.before.quadruplingsToHalfTransfer, ...falls.fitted },
        }
      : this.before;
    const all = falls.fitted ? this.fitted(held, byOwnLaw) : bySizes;
    const known = [scale, falls];
    return fittableConstants.map(
      (name) => known.find(({ constant }) => constant === name) ?? this.judge(name, all),
    );
  }

  private judge(constant: FittableConstant, fitted: Fitted): ConstantFit {
    return judgeConstant(constant, this.before[constant], fitted, this.result);
  }

  private fitted(held: QualityConstants, byOwnLaw: boolean): Fitted {
    const nominal = solve(
      asMeasured(this.curves),
      valuesOf(held, () => 0.5),
      { byOwnLaw },
    );
    const residuals = residualsOf(this.curves, nominal);
    const unsure = withMisfit(this.curves, residuals);
    const start = nominal.law.parameters.map(Math.log);
    const random = new RandomStream(1, purpose);
    const drawn = Array.from({ length: this.redraws }, () =>
      solve(
        drawnFrom(unsure, random),
        valuesOf(held, () => random.uniform()),
        { byOwnLaw, start },
      ),
    );
    return { nominal, drawn, curves: this.curves, residuals, level: this.result.protocol.level };
  }
}

function valuesOf(held: QualityConstants, probability: () => number): QualityValues {
  const entries = Object.entries(held).map(([name, range]) => [name, rangeQuantile(range, probability())]);
  return Object.fromEntries(entries) as QualityValues;
}

function aboutOf(result: ExperimentResult): QualityFit['experiment'] {
  const { name, key, product, source, protocol, student, teachers } = result;
  return {
    name,
    key,
    product,
    stream: source.description,
    source: source.kind,
    seeds: protocol.seeds.length,
    level: protocol.level,
    studentParameters: student.parameters,
    teacherParameters: teachers.find(({ size }) => size === 1)!.model!.parameters,
  };
}
