import { formatBytes, significant } from '../../foundation/units.ts';
import type { DistillationResult } from '../../sim/training/distillation-result.ts';
import { share, time, withInterval } from '../charts/quantity.ts';
import type { Column, TitledTable } from '../text-table.ts';
import { type AnsweredArm, countsOf, missingMost, sharedOf, stalest } from './arms.ts';
import {
  ageInWords,
  amountOf,
  differenceInPercent,
  infinityInWords,
  inPercent,
  money,
  priceRange,
  priceText,
  rangeInPercent,
  rangeInWords,
  shareText,
  signedMoney,
} from './figures.ts';

/** What each arm gains, how old its teacher is, and whether its figures can be believed. */
export function gainTable(result: DistillationResult): TitledTable {
  const { arms, scenario } = result;
  const isCompared = arms.some(({ answer }) => answer?.overBaseline);
  const columns: Column[] = [
    { title: 'arm', align: 'left' },
    { title: '%', group: 'gain in NE' },
    { title: 'range', group: 'gain in NE' },
    ...(isCompared ? [{ title: `over ${shortened(scenario.baseline)}, %`, group: 'gain in NE' }] : []),
    { title: '≥ 0.02 %', group: 'gain in NE' },
    { title: 'p50', group: 'freshness gap' },
    { title: 'p99', group: 'freshness gap' },
    { title: 'missed' },
    { title: 'verdict', align: 'left' },
  ];
  const rows = arms.map((arm) => {
    if (!arm.answer) return [arm.name, ...columns.slice(2).map(() => '–'), arm.verdict.state];
    const answered = arm as AnsweredArm;
    const { meanGain } = sharedOf(answered);
    const over = arm.answer.overBaseline?.gain;
    const gap = stalest(answered)?.feed.exampleGapS;
    const missed = missingMost(answered)?.feed.missShare;
    return [
      arm.name,
      inPercent(meanGain.value),
      rangeInPercent(meanGain),
      ...(isCompared ? [over ? differenceInPercent(over) : '–'] : []),
      countsOf(meanGain),
      gap ? ageInWords(gap.p50.mean) : '–',
      gap ? ageInWords(gap.p99.mean) : '–',
      missed ? shareText(missed.mean) : '–',
      arm.verdict.state,
    ];
  });
  const level = `${significant(scenario.confidence * 100, 2)} %`;
  const title =
    `What the shared teacher gains (mean relative NE over verticals; ${rangeInWords}; ≥ 0.02 %: whether it counts; ` +
    'gap: age of the teacher’s knowledge at the impression, and labels missed, of the task that fares worst; ' +
    `${scenario.replications} replications, ${level} intervals below)`;
  return { title, columns, rows };
}

/** What each arm costs, above no teacher and for what it gains. */
export function moneyTable(result: DistillationResult): TitledTable | undefined {
  const { arms, scenario } = result;
  if (arms.every(({ answer }) => !answer)) return undefined;
  const isCompared = arms.some(({ answer }) => answer?.overBaseline);
  const columns: Column[] = [
    { title: 'arm', align: 'left' },
    { title: 'in all', group: 'USD/day' },
    { title: 'for the teacher', group: 'USD/day' },
    ...(isCompared ? [{ title: `over ${shortened(scenario.baseline)}`, group: 'USD/day' }] : []),
    { title: 'per 0.01 %', group: 'USD/day' },
    { title: 'range', group: 'USD/day' },
    { title: 'devices', group: 'held' },
    { title: 'labels stored' },
    { title: 'power, kW' },
  ];
  const rows = arms.map((arm) => {
    if (!arm.answer) return [arm.name, ...columns.slice(1).map(() => '–')];
    const { cost, extraUsdPerDay, usdPerDayPerStep } = sharedOf(arm as AnsweredArm);
    const { overBaseline } = arm.answer;
    return [
      arm.name,
      money(cost.usdPerDay),
      money(extraUsdPerDay),
      ...(isCompared ? [overBaseline ? signedMoney(overBaseline.usdPerDay) : '–'] : []),
      usdPerDayPerStep ? priceText(usdPerDayPerStep.value) : '–',
      usdPerDayPerStep ? priceRange(usdPerDayPerStep) : '–',
      amountOf(cost.items.reduce((sum, { heldDevices }) => sum + heldDevices, 0)),
      formatBytes(cost.storedBytes),
      amountOf(cost.watts / 1e3),
    ];
  });
  const title =
    'What the shared teacher costs (for the teacher: above training the same vertical models without one; per 0.01 %: ' +
    `for each 0.01 % of NE of one vertical; ${infinityInWords})`;
  return { title, columns, rows };
}

/** How sampling and queues move the figures of each arm, constants at their values; paired against the baseline. */
export function replicatedTable({ arms, scenario }: DistillationResult): TitledTable | undefined {
  const compared = arms.flatMap(({ name, answer }) =>
    answer?.overBaseline ? [{ name, ...answer.overBaseline.replicated }] : [],
  );
  if (compared.length === 0) return undefined;
  return {
    title:
      `Differences from ${scenario.baseline}, paired by replication (± ${significant(scenario.confidence * 100, 2)} % interval ` +
      'over replications alone, constants of the quality model at their values)',
    columns: [
      { title: 'arm', align: 'left' },
      { title: 'gain in NE' },
      { title: 'mean gap' },
      { title: 'labels missed' },
      { title: 'teacher’s age' },
    ],
    rows: compared.map(({ name, gain, exampleGapS, missShare, teacherAgeS }) => [
      name,
      signed(withInterval(gain, share), gain.mean),
      signed(withInterval(exampleGapS, time), exampleGapS.mean),
      signed(withInterval(missShare, share), missShare.mean),
      signed(withInterval(teacherAgeS, time), teacherAgeS.mean),
    ]),
  };
}

function signed(text: string, value: number): string {
  return value > 0 ? `+${text}` : text;
}

function shortened(name: string): string {
  return name.length > 12 ? `${name.slice(0, 11)}…` : name;
}
