import { counted } from '../../foundation/counted.ts';
import { formatBytes, formatPercent, formatTime, significant } from '../../foundation/units.ts';
import type { SnapshotChoice, TeacherChoice, TeacherPoint } from '../../sim/training/plan/choice-result.ts';
import { inPercent, money, rangeInPercent, rangeInWords, signedInPercent } from '../distillation/figures.ts';
import { plusMinus } from '../numbers.ts';
import type { TitledTable } from '../text-table.ts';

/** What more money buys: teachers that no other beats in both cost and gain. */
export function choiceTable({ frontier, chosen, stated, budgetUsdPerDay }: TeacherChoice): TitledTable {
  const isSame = (a: TeacherPoint, b: TeacherPoint | undefined) =>
    b !== undefined && a.size === b.size && a.trainShare === b.trainShare && a.labelShare === b.labelShare;
  const points = [...frontier];
  for (const point of [chosen, stated])
    if (point && !points.some((one) => isSame(one, point))) points.push(point);
  points.sort((a, b) => a.extraUsdPerDay - b.extraUsdPerDay);
  return {
    title:
      `Teachers under a budget of ${money(budgetUsdPerDay)} USD/day (▸ chosen; ✗ beyond the budget; size: forward FLOPs over those of the ` +
      'stated teacher; hosts: of training and labelling; extra: above no teacher; others cost more for less gain)',
    columns: [
      { title: 'size' },
      { title: 'GFLOP' },
      { title: 'trained on' },
      { title: 'labelled' },
      { title: 'hosts' },
      { title: 'extra USD/day' },
      { title: 'gain, %' },
      { title: '', align: 'left' },
    ],
    rows: points.map((point) => [
      `× ${significant(point.size)}`,
      significant(point.forwardFlop / 1e9),
      formatPercent(point.trainShare),
      formatPercent(point.labelShare),
      `${point.hosts}`,
      money(point.extraUsdPerDay),
      inPercent(point.gain),
      [
        isSame(point, chosen) ? '▸' : point.extraUsdPerDay > budgetUsdPerDay ? '✗' : '',
        isSame(point, stated) ? 'as stated' : '',
      ]
        .filter((word) => word !== '')
        .join(' '),
    ]),
  };
}

/** How sure the choice is, and what was not looked at. */
export function choiceInWords({
  considered,
  affordable,
  size,
  chosen,
  rejected,
  notBuilt,
}: TeacherChoice): string {
  const range =
    size && chosen
      ? [
          size.low === size.high
            ? `Over the ranges of the constants the best size stays × ${significant(size.value)}.`
            : `Over the ranges of the constants the best size lies from × ${significant(size.low)} to × ${significant(size.high)}.`,
        ]
      : [];
  return [
    `${counted(considered, 'teacher')} sized by their own training steps, ${affordable} of them within the budget.`,
    ...range,
    ...rejected.map(
      (one) =>
        `× ${significant(one.size)} with ${formatPercent(one.trainShare)} trained on and ${formatPercent(one.labelShare)} labelled was ` +
        `chosen first, but costs ${money(one.extraUsdPerDay)} USD/day by its own pipeline.`,
    ),
    ...notBuilt.map((one) => `× ${significant(one.size)}: ${one.reason}.`),
  ].join(' ');
}

/** Snapshot intervals, what each gains and costs. */
export function snapshotTable({ intervals, chosenS, leastGain }: SnapshotChoice): TitledTable {
  return {
    title:
      `Snapshot intervals (▸ chosen: from the longest on, a shorter one must add more than ${formatPercent(leastGain)} of NE to the ` +
      `one chosen so far, over the same draws; gap: median age of the teacher’s knowledge, of the stalest task; ${rangeInWords})`,
    columns: [
      { title: '', align: 'left' },
      { title: 'every' },
      { title: 'gap, h' },
      { title: 'gain, %' },
      { title: 'range' },
      { title: 'adds, %' },
      { title: 'range' },
      { title: 'than every' },
      { title: 'published/day' },
      { title: 'extra USD/day' },
      { title: 'delayed' },
    ],
    rows: intervals.map((one) => [
      one.everyS === chosenS ? '▸' : '',
      formatTime(one.everyS),
      one.exampleGapP50S ? plusMinus(one.exampleGapP50S, 1 / 3600) : '–',
      inPercent(one.gain.value),
      rangeInPercent(one.gain),
      one.overCheaper ? signedInPercent(one.overCheaper.gain.value) : '–',
      one.overCheaper ? rangeInPercent(one.overCheaper.gain, signedInPercent) : '–',
      one.overCheaper ? formatTime(one.overCheaper.thanEveryS) : '–',
      formatBytes(one.publishedBytesPerDay),
      money(one.extraUsdPerDay),
      formatPercent(one.delayedShare),
    ]),
  };
}
