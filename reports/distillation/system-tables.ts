import { formatBytes } from '../../foundation/units.ts';
import type { CostItem, SystemResult } from '../../sim/training/distillation/system-result.ts';
import type { DistillationAnswer } from '../../sim/training/distillation-result.ts';
import type { TitledTable } from '../text-table.ts';
import { type AnsweredArm, systemTitles } from './arms.ts';
import {
  amountOf,
  flopText,
  infinityInWords,
  inPercent,
  money,
  priceRange,
  priceText,
  rangeInPercent,
} from './figures.ts';

/** Ways to train the vertical models of an arm: what each gains, and what that costs. */
export function systemTable({ answer }: { answer: Pick<DistillationAnswer, 'systems'> }): TitledTable {
  return {
    title:
      'Ways to train the same vertical models: what they gain and cost (own teachers: one for each vertical; extra: above no ' +
      `teacher, of one vertical by an equal part; per 0.01 %: of NE of one vertical; ${infinityInWords})`,
    columns: [
      { title: 'system', align: 'left' },
      { title: '%', group: 'gain in NE' },
      { title: 'range', group: 'gain in NE' },
      { title: 'in all', group: 'USD/day' },
      { title: 'extra', group: 'USD/day' },
      { title: 'extra/vertical', group: 'USD/day' },
      { title: 'per 0.01 %', group: 'USD/day' },
      { title: 'range', group: 'USD/day' },
    ],
    rows: answer.systems.map(({ system, cost, extraUsdPerDay, meanGain, verticals, usdPerDayPerStep }) => [
      systemTitles[system],
      inPercent(meanGain.value),
      rangeInPercent(meanGain),
      money(cost.usdPerDay),
      money(extraUsdPerDay),
      verticals.length > 0 ? money(verticals[0].extraUsdPerDay.equal) : '–',
      usdPerDayPerStep ? priceText(usdPerDayPerStep.value) : '–',
      usdPerDayPerStep ? priceRange(usdPerDayPerStep) : '–',
    ]),
  };
}

/** What each way to train takes: arithmetic, devices, bytes and power. */
export function resourceTable({ answer }: AnsweredArm): TitledTable {
  return {
    title:
      'What these take (labels: records kept, and written and read in a day; snapshots: published to label servers)',
    columns: [
      { title: 'system', align: 'left' },
      { title: 'arithmetic/day' },
      { title: 'device-h/day' },
      { title: 'teacher', group: 'devices held' },
      { title: 'labelling', group: 'devices held' },
      { title: 'verticals', group: 'devices held' },
      { title: 'stored', group: 'labels' },
      { title: 'moved/day', group: 'labels' },
      { title: 'moved/day', group: 'snapshots' },
      { title: 'power, kW' },
    ],
    rows: answer.systems.map(({ system, cost }) => [
      systemTitles[system],
      `${flopText(cost.flopPerDay)}FLOP`,
      amountOf(cost.deviceHoursPerDay),
      devices(cost, 'teacher training'),
      devices(cost, 'labelling'),
      devices(cost, 'vertical training'),
      sizeOf(cost.storedBytes),
      sizeOf(cost.recordBytesPerDay),
      sizeOf(cost.publishedBytesPerDay),
      amountOf(cost.watts / 1e3),
    ]),
  };
}

/** `64.2`, with an asterisk where memory decides how many. */
function devices({ items }: SystemResult['cost'], kind: CostItem['kind']): string {
  const item = items.find((one) => one.kind === kind);
  return item ? `${amountOf(item.heldDevices)}${item.isMemoryBound ? '*' : ''}` : '–';
}

/** What the asterisk means; nothing where there is none. */
export function memoryNote({ answer }: AnsweredArm): string {
  const isBound = answer.systems.some(({ cost }) => cost.items.some(({ isMemoryBound }) => isMemoryBound));
  return isBound ? '*: held for the memory of models rather than for the load.' : '';
}

function sizeOf(bytes: number): string {
  return bytes === 0 ? '–' : formatBytes(bytes);
}
