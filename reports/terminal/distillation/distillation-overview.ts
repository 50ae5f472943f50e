import { formatBytes, formatPercent, formatTime, significant } from '../../../foundation/units.ts';
import type { DistillationArmResult, DistillationResult } from '../../../sim/training/distillation-result.ts';
import { distillationInWords } from '../../distillation/answer-in-words.ts';
import { type AnsweredArm, feedName, missingMost, sharedOf, stalest } from '../../distillation/arms.ts';
import { breakEvenInWords } from '../../distillation/break-even-table.ts';
import {
  amountOf,
  gainInWords,
  money,
  priceRange,
  priceText,
  rangeInPercent,
  signedInPercent,
} from '../../distillation/figures.ts';
import { type Line, strong } from '../line.ts';
import { statusSpan } from '../status.ts';
import { type Fact, facts, paragraph, questionLines, sections } from '../table.ts';
import { statusOf } from './distillation-status.ts';

/** The answer to the question, and the figures of one arm. */
export function distillationOverviewLines(
  result: DistillationResult,
  arm: DistillationArmResult,
  width: number,
): Line[] {
  const { verdict, warnings, answer } = arm;
  const answered = answer ? (arm as AnsweredArm) : undefined;
  return [
    ...distillationInWords(result).flatMap((sentence) => paragraph(sentence, width)),
    [''],
    [strong(arm.name), '  ', statusSpan(statusOf(arm))],
    ...verdict.reasons.flatMap((reason) => paragraph(reason, width)),
    ...warnings.flatMap((warning) => paragraph(`${warning}.`, width, 'doubtful')),
    [''],
    ...sections(
      width,
      ['The shared teacher', answered ? facts(teacherFacts(answered, result.scenario.baseline), width) : []],
      ['Labels', answered ? facts(labelFacts(answered), width) : []],
      ['Against co-distillation', answered ? paragraph(breakEvenInWords(answered), width) : []],
      ['Asked', questionLines(result.scenario.question, width)],
    ),
  ];
}

function teacherFacts(arm: AnsweredArm, baseline: string): Fact[] {
  const { meanGain, extraUsdPerDay, usdPerDayPerStep, cost } = sharedOf(arm);
  const { teacher, overBaseline } = arm.answer;
  const { workload } = arm;
  return [
    ['gain in NE, mean', gainInWords(meanGain)],
    ...(overBaseline
      ? [
          [
            `over ${baseline}`,
            `${signedInPercent(overBaseline.gain.value)} % (${rangeInPercent(overBaseline.gain)} %)`,
          ] as const,
        ]
      : []),
    ['cost above no teacher', `${money(extraUsdPerDay)} USD/day`],
    ...(usdPerDayPerStep
      ? [
          [
            'for each 0.01 % of NE',
            `${priceText(usdPerDayPerStep.value)} USD/day (${priceRange(usdPerDayPerStep)})`,
          ] as const,
        ]
      : []),
    ['cost in all', `${money(cost.usdPerDay)} USD/day, ${significant(cost.watts / 1e3)} kW`],
    [
      'teacher',
      `${teacher.model}, ${amountOf(teacher.forwardFlop)} FLOP per example, ${amountOf(teacher.parameters)} parameters`,
    ],
    [
      'snapshots',
      `every ${formatTime(teacher.snapshots.everyS)}, ${formatBytes(teacher.snapshotBytes)}, published in ${formatTime(teacher.snapshots.publishS)}`,
    ],
    [
      'traffic',
      `${amountOf(workload.uniqueExamplesPerDay)} unique examples/day, κ ${significant(workload.overlap)}, ${workload.verticals} verticals, E ${significant(workload.runs)}`,
    ],
  ];
}

function labelFacts(arm: AnsweredArm): Fact[] {
  const { labelling, store } = arm.answer.pipeline.figures;
  const oldest = stalest(arm);
  const missing = missingMost(arm);
  return [
    ...(oldest
      ? [
          [
            'freshness gap',
            `p50 ${formatTime(oldest.feed.exampleGapS!.p50.mean)}, p99 ${formatTime(oldest.feed.exampleGapS!.p99.mean)} (${feedName(oldest)})`,
          ] as const,
        ]
      : []),
    ...(missing
      ? [['missed', `${formatPercent(missing.feed.missShare.mean)} (${feedName(missing)})`] as const]
      : []),
    [
      'label service',
      `${labelling.use.mean.toFixed(2)} used, ${labelling.peakUse.mean.toFixed(2)} at the peak`,
    ],
    [
      'store',
      `${formatBytes(store.heldBytes.mean)} held, ${formatBytes(store.readBytesPerDay.mean)} read a day`,
    ],
  ];
}
