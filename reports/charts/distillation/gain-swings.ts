import type { DistillationResult } from '../../../sim/training/distillation-result.ts';
import { bestArm } from '../../distillation/arms.ts';
import { countingGain } from '../../distillation/figures.ts';
import { assumedText, constantTitle, type MeanSwing, meanSwings } from '../../distillation/swings.ts';
import { type Axis, positionAxis } from '../axis.ts';
import type { Absence, Chart } from '../chart.ts';
import { type Area, axisBelow, axisRoom, drawing, width } from '../drawing.ts';
import { share } from '../quantity.ts';
import { nameRoom, rowName } from '../rows.ts';
import { boxSwatch, legend } from '../series.ts';
import { line, mark } from '../svg.ts';
import { titles } from '../titles.ts';
import { noneAnswered } from './gain-and-price.ts';

const title = titles.gainSwings;
const barHeight = 16;
const rowHeight = 34;

/** A tornado: the mean gain of the best arm as each uncertain constant goes through its range. */
export function gainSwings(result: DistillationResult): Chart | Absence {
  const arm = bestArm(result);
  if (!arm) return { title, reason: noneAnswered };
  const swings = meanSwings(arm, result).filter(({ atLow, atHigh, gain }) =>
    [atLow, atHigh, gain].every(Number.isFinite),
  );
  if (swings.length === 0) return { title, reason: 'no constant moves the gain' };
  const key = legend(
    [
      { name: 'constant at the low end of its range', swatch: boxSwatch('bar series-2') },
      { name: 'at the high end', swatch: boxSwatch('bar series-1') },
    ],
    { left: nameRoom, right: width, y: 12 },
  );
  const top = key.height + 12;
  const area: Area = { left: nameRoom, right: width - 16, top, bottom: top + swings.length * rowHeight };
  const { gain } = swings[0];
  const x = positionAxis({
    values: [0, gain, ...swings.flatMap(({ atLow, atHigh }) => [atLow, atHigh])],
    range: [area.left, area.right],
    quantity: share,
    name: 'mean gain in NE',
  });
  const id = 'gain-swings';
  const note =
    `Mean gain of ${arm.name} with one constant at either end of its range and the others at their values. Line: all at their values; ` +
    'dashed: 0.02 %, from where on a gain counts.';
  const mid = x.at(gain);
  const counts = x.at(countingGain);
  const svg = drawing(
    { id, title, note, height: area.bottom + axisRoom },
    key.svg,
    axisBelow(x, area),
    ...swings.map((swing, index) => rowOf(swing, top + index * rowHeight, x)),
    line(mid, top, mid, area.bottom, 'zero'),
    line(counts, top, counts, area.bottom, 'limit'),
  );
  return { id, title, note, svg, table: tableOf(swings) };
}

function rowOf({ constant, atLow, atHigh, gain, assumption }: MeanSwing, top: number, x: Axis): string {
  const y = top + (rowHeight - barHeight) / 2;
  const bar = (className: string, end: 'low' | 'high', to: number) => {
    const value = assumption?.[end];
    const told = assumption && value !== undefined ? ` ${assumedText(assumption, value)}` : '';
    return mark(
      'rect',
      {
        class: `bar ${className}`,
        x: Math.min(x.at(gain), x.at(to)),
        y,
        width: Math.abs(x.at(to) - x.at(gain)),
        height: barHeight,
      },
      [constantTitle(constant), `at its ${end} end${told}: gain ${share.format(to)}`],
    );
  };
  return (
    rowName(constantTitle(constant), rangeOf(assumption), top + rowHeight / 2) +
    bar('series-2', 'low', atLow) +
    bar('series-1', 'high', atHigh)
  );
}

/** `0 to 0.400, transferred`. */
function rangeOf(assumption: MeanSwing['assumption']): string {
  if (assumption?.low === undefined || assumption.high === undefined) return '';
  const { low, high, evidence } = assumption;
  return `${assumedText(assumption, low)} to ${assumedText(assumption, high)}, ${evidence}`;
}

function tableOf(swings: readonly MeanSwing[]): Chart['table'] {
  return {
    columns: [
      { title: 'constant', align: 'left' },
      { title: 'range', align: 'left' },
      { title: 'gain at low' },
      { title: 'gain at high' },
      { title: 'gain' },
    ],
    rows: swings.map(({ constant, atLow, atHigh, gain, assumption }) => [
      constantTitle(constant),
      rangeOf(assumption),
      ...[atLow, atHigh, gain].map(share.format),
    ]),
  };
}
