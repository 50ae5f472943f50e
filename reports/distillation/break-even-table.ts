import { significant } from '../../foundation/units.ts';
import type { BreakEvenResult } from '../../sim/training/distillation/system-result.ts';
import type { DistillationAnswer } from '../../sim/training/distillation-result.ts';
import type { TitledTable } from '../text-table.ts';

/** An arm, or a plan, with its break-even. */
export interface BrokenEven {
  answer: Pick<DistillationAnswer, 'breakEven'>;
  workload: { verticals: number };
}

const figureTitles: Record<BreakEvenResult['found'][number]['figure'], string> = {
  usdPerDay: 'USD/day',
  flopPerDay: 'FLOP/day',
  deviceHoursPerDay: 'device-hours/day',
  watts: 'power',
};

/** At which overlap, runs, shares and verticals a shared teacher costs as much as co-distillation. */
export function breakEvenTable({ answer, workload }: BrokenEven): TitledTable {
  const { inputs, closed, found } = answer.breakEven;
  const row = (
    name: string,
    ratio: number | undefined,
    { overlap, runs, trainShare, labelShare, verticals }: { [K in Knob]?: number | null | undefined },
  ) => [
    name,
    ratio === undefined ? '–' : `${significant(ratio)}×`,
    number(overlap),
    number(runs),
    percent(trainShare),
    percent(labelShare),
    number(verticals),
  ];
  return {
    title:
      `Where a shared teacher costs as much as co-distillation (ratio: shared over co-distillation as things are; then the value of each ` +
      'at which both cost the same, the others staying; –: none; a share above 100 % or a count below 1: it cannot be reached)',
    columns: [
      { title: 'by', align: 'left' },
      { title: 'ratio' },
      { title: 'overlap κ' },
      { title: 'runs E' },
      { title: 'trained on, r_t' },
      { title: 'labelled, r_l' },
      { title: 'verticals V' },
    ],
    rows: [
      row('as it is', undefined, { ...inputs, verticals: workload.verticals }),
      row('teacher FLOP (closed form)', closed.ratio, closed),
      ...found.map(({ figure, ratio, ...at }) => row(`all ${figureTitles[figure]} (search)`, ratio, at)),
    ],
  };
}

type Knob = 'overlap' | 'runs' | 'trainShare' | 'labelShare' | 'verticals';

function number(value: number | null | undefined): string {
  return value === undefined || value === null ? '–' : significant(value).replace('-', '−');
}

function percent(value: number | null | undefined): string {
  return value === undefined || value === null ? '–' : `${significant(value * 100).replace('-', '−')} %`;
}

/** How a shared teacher stands to co-distillation, in money and in teacher FLOPs. */
export function breakEvenInWords({ answer }: Pick<BrokenEven, 'answer'>): string {
  const { closed, found, inputs } = answer.breakEven;
  const money = found.find(({ figure }) => figure === 'usdPerDay');
  const flops =
    `A shared teacher takes ${significant(closed.ratio)}× the teacher FLOPs of co-distillation, ` +
    `(3 r_t + r_l) / (3 κ E) with r_t ${percent(inputs.trainShare)}, r_l ${percent(inputs.labelShare)}, κ ${number(inputs.overlap)} and E ${number(inputs.runs)}`;
  return money ? `${flops}, and ${significant(money.ratio)}× its money.` : `${flops}.`;
}
