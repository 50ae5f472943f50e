import { formatTime } from '../../foundation/units.ts';
import type { Assumption, DistillationResult } from '../../sim/training/distillation-result.ts';
import type { TitledTable } from '../text-table.ts';
import { type AnsweredArm, labelledTasks, sharedOf } from './arms.ts';
import { amountOf, inPercent, signedInPercent } from './figures.ts';

/** How far the mean gain of an arm moves while one constant goes through its range. */
export interface MeanSwing {
  constant: string;
  /** Mean gain with the constant at either end, and with all at their values. */
  atLow: number;
  atHigh: number;
  gain: number;
  /** The constant itself, where the result tells it. */
  assumption: Assumption | undefined;
}

/** Swings of the mean gain, widest first: a mean over verticals, and so the mean of their swings. */
export function meanSwings(arm: AnsweredArm, { assumptions }: DistillationResult): MeanSwing[] {
  const gain = sharedOf(arm).meanGain.value;
  const judged = arm.answer.verticals.map((vertical) => ({
    count: vertical.count,
    quality: labelledTasks(vertical)[0]?.quality,
  }));
  const verticals = judged.reduce((sum, { count }) => sum + count, 0);
  const moved = new Map<string, { atLow: number; atHigh: number }>();
  for (const { count, quality } of judged) {
    for (const { constant, atLow, atHigh } of quality?.swings ?? []) {
      const { value } = quality!.parts.gain;
      const sum = moved.get(constant) ?? { atLow: gain, atHigh: gain };
      const part = count / verticals;
      moved.set(constant, {
        atLow: sum.atLow + part * (atLow - value),
        atHigh: sum.atHigh + part * (atHigh - value),
      });
    }
  }
  const width = ({ atLow, atHigh }: { atLow: number; atHigh: number }) => Math.abs(atHigh - atLow);
  return [...moved]
    .map(([constant, ends]) => ({
      constant,
      ...ends,
      gain,
      assumption: assumptionOf(constant, arm.name, assumptions),
    }))
    .sort((a, b) => width(b) - width(a));
}

/** What a result says of a constant; some arms may state one of their own. */
function assumptionOf(
  constant: string,
  arm: string,
  assumptions: readonly Assumption[],
): Assumption | undefined {
  const field = `quality.${constant.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}`;
  const own = assumptions.filter(({ name }) => name === field || name.startsWith(`${field} of `));
  return own.find(({ name }) => name.slice(`${field} of `.length).split(', ').includes(arm)) ?? own[0];
}

/** `gain per quadrupled compute`, of a constant's name in code or in a file. */
export function constantTitle(constant: string): string {
  return constant
    .replace(/^quality\./, '')
    .replace(/(?:S|_s)$/, '')
    .replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
    .replaceAll('_', ' ');
}

/** `0.000980`, `86.4 k s`: a value of an assumption with its unit. */
export function assumedText({ unit }: Pick<Assumption, 'unit'>, value: Assumption['value']): string {
  if (unit === 's' && typeof value === 'number') return formatTime(value);
  const text = typeof value === 'number' ? amountOf(value) : String(value);
  return unit === '' ? text : `${text} ${unit}`;
}

/** Constants that move the mean gain of an arm, with their ranges and what these rest on. */
export function swingsTable(arm: AnsweredArm, result: DistillationResult): TitledTable | undefined {
  const swings = meanSwings(arm, result);
  if (swings.length === 0) return undefined;
  return {
    title: `What moves the gain (mean gain in NE, %, with one constant at either end of its range and the others at their values)`,
    columns: [
      { title: 'constant', align: 'left' },
      { title: 'low', group: 'range' },
      { title: 'value', group: 'range' },
      { title: 'high', group: 'range' },
      { title: 'at low', group: 'gain in NE, %' },
      { title: 'at high', group: 'gain in NE, %' },
      { title: 'swing' },
      { title: 'rests on', align: 'left' },
    ],
    rows: swings.map(({ constant, atLow, atHigh, assumption }) => [
      constantTitle(constant),
      ...(['low', 'value', 'high'] as const).map((key) => {
        const value = assumption?.[key];
        return assumption && value !== undefined ? assumedText(assumption, value) : '–';
      }),
      inPercent(atLow),
      inPercent(atHigh),
      signedInPercent(atHigh - atLow),
      assumption?.evidence ?? '–',
    ]),
  };
}
