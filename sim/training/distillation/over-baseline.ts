import { withoutRounding } from '../../compare/figure-differences.ts';
import { interval } from '../../statistics/interval.ts';
import { costIn, meanGainOutcomes } from '../cost/compare-arms.ts';
import type { DistillationAnswer, DistillationSamples } from '../distillation-result.ts';
import { differenceOf } from '../quality/estimate.ts';
import type { AnsweredArm } from './answer-arm.ts';

type OverBaseline = NonNullable<DistillationAnswer['overBaseline']>;

/**
 * Differences of an arm to the baseline: of costs, of gains over the same draws of the constants, and of what the
 * pipelines did, paired by replication.
 */
export function overBaseline(
  arm: Required<AnsweredArm>,
  base: Required<AnsweredArm>,
  level: number,
): OverBaseline {
  const extra = ({ given }: Required<AnsweredArm>) =>
    costIn('shared-teacher', given).usdPerDay - costIn('no-teacher', given).usdPerDay;
  const gains = ({ given, draws }: Required<AnsweredArm>) => meanGainOutcomes('shared-teacher', given, draws);
  const paired = (key: keyof DistillationSamples) => {
    const [own, others] = [arm.samples[key], base.samples[key]];
    const difference = interval(
      own.map((value, replication) => value - others[replication]),
      level,
    );
    return withoutRounding(difference, Math.max(...own.map(Math.abs), ...others.map(Math.abs)));
  };
  return {
    usdPerDay: costIn('shared-teacher', arm.given).usdPerDay - costIn('shared-teacher', base.given).usdPerDay,
    extraUsdPerDay: extra(arm) - extra(base),
    gain: differenceOf(gains(arm), gains(base)),
    replicated: {
      gain: paired('gain'),
      exampleGapS: paired('exampleGapS'),
      missShare: paired('missShare'),
      teacherAgeS: paired('teacherAgeS'),
    },
  };
}
