import { formatTime, significant } from '../../foundation/units.ts';
import type { Quality } from '../../sim/training/distillation/system-result.ts';
import type { DistilledVertical } from '../../sim/training/distillation-result.ts';
import type { TitledTable } from '../text-table.ts';
import { type AnsweredArm, feedsOf, labelledTasks, sharedOf } from './arms.ts';
import {
  ageInWords,
  amountOf,
  inPercent,
  money,
  rangeInPercent,
  rangeInWords,
  shareText,
  significanceWords,
} from './figures.ts';

/** What each gain is made of: what the teacher is better by, how much of that reaches the student, what is lost. */
export function gainPartsTable({ answer }: AnsweredArm): TitledTable {
  const rows = answer.verticals.flatMap((vertical) =>
    labelledTasks(vertical).map(({ name, quality }) => [
      verticalName(vertical),
      name,
      ...partsOf(quality),
      rangeInPercent(quality.parts.gain),
      significanceWords[quality.significance],
    ]),
  );
  return {
    title:
      'Where gains come from (% of NE; scaling: by which the teacher is better; × the share of it that a student takes over, on the ' +
      `labelled examples; − what bias and staleness of the teacher cost; ${rangeInWords}; ≥ 0.02 %: whether it counts)`,
    columns: [
      { title: 'vertical', align: 'left' },
      { title: 'task', align: 'left' },
      { title: 'scaling, %' },
      { title: '× transfer' },
      { title: 'reaches, %' },
      { title: '− bias, %' },
      { title: '− stale, %' },
      { title: '= gain, %' },
      { title: 'range, %' },
      { title: '≥ 0.02 %' },
    ],
    rows,
    shared: 1,
  };
}

function partsOf({ parts }: Quality): string[] {
  const { teacher, transferRatio, transferred, bias, freshness, gain } = parts;
  return [
    inPercent(teacher.value),
    significant(transferRatio.value),
    ...[transferred, bias, freshness, gain].map(({ value }) => inPercent(value)),
  ];
}

/** Each vertical model: its traffic, its NE before and after, what it has to bear of the cost, and its serving. */
export function verticalTable(arm: AnsweredArm): TitledTable {
  const costs = sharedOf(arm).verticals;
  return {
    title:
      `Vertical models (NE of the task that each is judged by; cost above no teacher: an equal part, and one by ` +
      'examples; serving: FLOP per example, the same without heads and adapter)',
    columns: [
      { title: 'vertical', align: 'left' },
      { title: 'model', align: 'left' },
      { title: 'examples/day' },
      { title: 'runs' },
      { title: 'NE alone' },
      { title: 'with teacher' },
      { title: 'equal', group: 'USD/day' },
      { title: 'by examples', group: 'USD/day' },
      { title: 'FLOP', group: 'serving' },
      { title: 'unchanged', group: 'serving' },
    ],
    rows: arm.answer.verticals.map((vertical) => {
      const { name, model, examplesPerDay, runs, serving } = vertical;
      const [task] = labelledTasks(vertical);
      const extra = costs.find((one) => one.name === name)?.extraUsdPerDay;
      return [
        verticalName(vertical),
        model,
        amountOf(examplesPerDay),
        String(runs),
        task ? task.baseNe.toFixed(4) : '–',
        task ? task.quality.ne.value.toFixed(4) : '–',
        extra ? money(extra.equal) : '–',
        extra ? money(extra.byExamples) : '–',
        amountOf(serving.flopPerExample),
        serving.unchanged ? 'yes' : 'NO',
      ];
    }),
  };
}

/** How old the teacher's knowledge is for each task, and how many labels come in time. */
export function gapTable(arm: AnsweredArm): TitledTable {
  return {
    title:
      `Freshness by task (window: from the impression to the training of the vertical model; gap when it reads the label, and at the ` +
      'impression, which is what costs quality: time − time through which the teacher had trained)',
    columns: [
      { title: 'vertical', align: 'left' },
      { title: 'task', align: 'left' },
      { title: 'window' },
      { title: 'p50', group: 'gap when read' },
      { title: 'p99', group: 'gap when read' },
      { title: 'p05', group: 'gap at the impression' },
      { title: 'p50', group: 'gap at the impression' },
      { title: 'p90', group: 'gap at the impression' },
      { title: 'p99', group: 'gap at the impression' },
      { title: 'in time', group: 'labels' },
      { title: 'missed', group: 'labels' },
      { title: 'positives late' },
    ],
    rows: feedsOf(arm).map(({ vertical, feed }) => {
      const { name, windowS, gapS, exampleGapS, missShare, lateLabelShare } = feed;
      const times = [
        ...(['p50', 'p99'] as const).map((key) => gapS?.[key].mean),
        ...(['p05', 'p50', 'p90', 'p99'] as const).map((key) => exampleGapS?.[key].mean),
      ];
      return [
        verticalName(vertical),
        name,
        formatTime(windowS.mean),
        ...times.map((timeS) => (timeS === undefined ? '–' : ageInWords(timeS))),
        ...[labelledShare(feed), missShare.mean, lateLabelShare.mean].map(shareText),
      ];
    }),
    shared: 1,
  };
}

/** Of the examples that were read: those with a label, whether the others were missed or not in the sample. */
function labelledShare({ withLabel, missed, unsampled }: ReturnType<typeof feedsOf>[number]['feed']): number {
  const read = withLabel.mean + missed.mean + unsampled.mean;
  return read > 0 ? withLabel.mean / read : 0;
}

/** `feed`, or `small ×12` where there are so many alike. */
export function verticalName({ name, count }: Pick<DistilledVertical, 'name' | 'count'>): string {
  return count > 1 ? `${name} ×${count}` : name;
}
