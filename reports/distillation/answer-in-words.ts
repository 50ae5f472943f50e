import { counted } from '../../foundation/counted.ts';
import { significant } from '../../foundation/units.ts';
import type { Estimate } from '../../sim/training/distillation/figure-result.ts';
import type { DistillationResult } from '../../sim/training/distillation-result.ts';
import {
  type AnsweredArm,
  answeredArms,
  bestArm,
  cheapestGain,
  countsOf,
  feedName,
  labelledTasks,
  missingMost,
  sharedOf,
  stalest,
  systemOf,
} from './arms.ts';
import {
  ageInWords,
  gainInWords,
  inPercent,
  money,
  priceRange,
  rangeInPercent,
  shareText,
  signedInPercent,
  signedMoney,
} from './figures.ts';

/** The answer in a few sentences: what is gained, for what money, against the other ways, and how fresh labels are. */
export function distillationInWords(result: DistillationResult): string[] {
  const best = bestArm(result);
  if (!best) return ['No arm fits: see the reasons below.'];
  const isAlone = result.arms.length === 1;
  return [
    `${gainSentence(best, isAlone ? undefined : best.name)} ${countSentence(best)}`.trim(),
    ...(isAlone ? [] : [amongArms(result, best)]),
    othersSentence(best),
    freshnessSentence(best),
  ].filter((sentence) => sentence !== '');
}

function gainSentence(arm: AnsweredArm, name: string | undefined): string {
  const { meanGain, extraUsdPerDay, usdPerDayPerStep } = sharedOf(arm);
  const who = name === undefined ? 'The shared teacher' : `Most gain: ${name}, whose shared teacher`;
  const cost = `${money(extraUsdPerDay)} USD/day above no teacher`;
  if (meanGain.value <= 0) {
    return `${who} gains nothing: NE ${risesBy(meanGain)} on the mean over ${verticalsOf(arm)}, for ${cost}.`;
  }
  const line = {
    yes: 'more than the 0.02 % that counts',
    uncertain: 'which may or may not be the 0.02 % that counts',
    no: 'less than the 0.02 % that counts',
  }[countsOf(meanGain)];
  const price = usdPerDayPerStep
    ? `: ${money(usdPerDayPerStep.value!)} USD/day (${priceRange(usdPerDayPerStep)}) for each 0.01 % of NE of one vertical`
    : '';
  return `${who} lowers NE by ${gainInWords(meanGain)} on the mean over ${verticalsOf(arm)}, ${line}, for ${cost}${price}.`;
}

/** How far NE rises where nothing is gained. */
function risesBy(meanGain: Estimate): string {
  return meanGain.value === 0 ? 'stays as it is' : `rises by ${gainInWords(negated(meanGain))}`;
}

function negated({ value, low, high }: Estimate): Estimate {
  return { value: -value, low: -high, high: -low };
}

function verticalsOf({ workload }: AnsweredArm): string {
  return counted(workload.verticals, 'vertical');
}

/** In how many verticals the gain surely counts, where that is not said by the mean. */
function countSentence({ answer, workload }: AnsweredArm): string {
  const sure = answer.verticals.reduce(
    (sum, vertical) =>
      labelledTasks(vertical)[0]?.quality.significance === 'significant' ? sum + vertical.count : sum,
    0,
  );
  return workload.verticals < 2 ? '' : `It surely counts in ${sure} of ${workload.verticals}.`;
}

/** The arm of most gain beside the baseline and beside the one that pays least for what it gains. */
function amongArms(result: DistillationResult, best: AnsweredArm): string {
  const { baseline } = result.scenario;
  const over = best.answer.overBaseline;
  const cheapest = cheapestGain(result);
  const sentences = [
    ...(over
      ? [`Over ${baseline}: ${signedGain(over.gain)} of NE for ${signedMoney(over.usdPerDay)} USD/day.`]
      : answeredArms(result).length > 1
        ? [`It is the baseline: no other arm gains more.`]
        : []),
    ...(cheapest && cheapest !== best
      ? [
          `Least money for each 0.01 %: ${cheapest.name}, ${money(sharedOf(cheapest).usdPerDayPerStep!.value!)} USD/day, which gains ${inPercent(sharedOf(cheapest).meanGain.value)} %.`,
        ]
      : []),
  ];
  return sentences.join(' ');
}

function signedGain(gain: { value: number; low: number; high: number }): string {
  const range = rangeInPercent(gain);
  return `${signedInPercent(gain.value)} %${range === '–' ? '' : ` (${range} %)`}`;
}

/** The other two ways to have teachers, by their money above no teacher. */
function othersSentence(arm: AnsweredArm): string {
  const shared = sharedOf(arm).extraUsdPerDay;
  const [joint, own] = (['co-distillation', 'own-teachers'] as const).map((name) => {
    const { extraUsdPerDay, meanGain } = systemOf(arm, name);
    return { ratio: extraUsdPerDay / shared, gain: `${inPercent(meanGain.value)} %` };
  });
  if (!(shared > 0)) return '';
  return (
    `For the same vertical models co-distillation would take ${significant(joint.ratio)}× that money and gain ${joint.gain}, ` +
    `a teacher for each vertical ${significant(own.ratio)}× and ${own.gain}.`
  );
}

/** How old the teacher is where it is oldest, and what comes too late. */
function freshnessSentence(arm: AnsweredArm): string {
  const oldest = stalest(arm);
  const missing = missingMost(arm);
  if (!oldest) return 'No label arrives in time.';
  const { p50, p99 } = oldest.feed.exampleGapS!;
  const missed =
    missing && missing.feed.missShare.mean > 0
      ? `${shareText(missing.feed.missShare.mean)} of the labels come too late for ${feedName(missing)}`
      : 'no label comes too late';
  return `At the impression the teacher’s knowledge is ${ageInWords(p50.mean)} old (p50; p99 ${ageInWords(p99.mean)}) for ${feedName(oldest)}; ${missed}.`;
}
