import type { Quality } from '../../../sim/training/distillation/system-result.ts';
import type { DistillationResult } from '../../../sim/training/distillation-result.ts';
import { answeredArms, labelledTasks } from '../../distillation/arms.ts';
import { countingGain } from '../../distillation/figures.ts';
import { verticalName } from '../../distillation/vertical-tables.ts';
import { type Axis, zeroBasedAxis } from '../axis.ts';
import type { Absence, Chart } from '../chart.ts';
import { type Area, axisBelow, axisRoom, drawing, width } from '../drawing.ts';
import { share } from '../quantity.ts';
import { drawnRows, nameRoom, rowName } from '../rows.ts';
import { boxSwatch, legend } from '../series.ts';
import { line, mark, text } from '../svg.ts';
import { titles } from '../titles.ts';
import { whiskerAcross } from '../whisker.ts';
import { asInterval, noneAnswered } from './gain-and-price.ts';

const title = titles.gainParts;
const barHeight = 12;
const rowHeight = 2 * barHeight + 16;
const valueRoom = 66;
const mostRows = 40;

interface Row {
  arm: string;
  vertical: string;
  task: string;
  parts: Quality['parts'];
  counts: Quality['significance'];
}

const tones = { significant: 'good', uncertain: 'unsure', insignificant: 'bad' } as const;

/** Of each task: what is transferred of the teacher's gain, what bias and staleness take of that, and what is left. */
export function gainParts(result: DistillationResult): Chart | Absence {
  const all = answeredArms(result).flatMap(({ name, answer }) =>
    answer.verticals.flatMap((vertical) =>
      labelledTasks(vertical).map(({ name: task, quality }): Row => {
        const { parts, significance } = quality;
        return { arm: name, vertical: verticalName(vertical), task, parts, counts: significance };
      }),
    ),
  );
  const drawable = all.filter(({ parts }) =>
    Object.values(parts).every(({ value }) => Number.isFinite(value)),
  );
  if (drawable.length === 0) {
    return { title, reason: all.length > 0 ? 'no gain is a number' : noneAnswered };
  }
  const { shown, omitted } = drawnRows(drawable, mostRows, 'tasks');
  const key = legend(
    [
      { name: 'transferred', swatch: boxSwatch('bar series-1 pale') },
      { name: 'lost to bias', swatch: boxSwatch('bar series-2') },
      { name: 'lost to staleness', swatch: boxSwatch('bar series-4') },
      { name: 'gain, where it surely counts', swatch: boxSwatch('bar good') },
      { name: 'uncertain', swatch: boxSwatch('bar unsure') },
      { name: 'less than counts', swatch: boxSwatch('bar bad') },
    ],
    { left: 0, right: width, y: 12 },
  );
  const top = key.height + 12;
  const area: Area = {
    left: nameRoom,
    right: width - valueRoom,
    top,
    bottom: top + shown.length * rowHeight,
  };
  const x = zeroBasedAxis({
    values: [
      countingGain,
      ...shown.flatMap(({ parts: { transferred, bias, freshness, gain } }) => [
        transferred.value,
        transferred.value - bias.value - freshness.value,
        gain.low,
        gain.high,
      ]),
    ],
    range: [area.left, area.right],
    quantity: share,
    name: 'relative NE',
  });
  const id = 'gain-parts';
  const note =
    'Above: what reaches a vertical model of the teacher’s gain, and what the teacher’s bias and staleness take from its end. Below: the ' +
    `gain that is left; whiskers: ranges of the uncertain constants. Dashed: 0.02 %, from where on a gain counts.${omitted}`;
  const at = x.at(countingGain);
  const svg = drawing(
    { id, title, note, height: area.bottom + axisRoom },
    key.svg,
    axisBelow(x, area),
    line(x.at(0), top, x.at(0), area.bottom, 'zero'),
    ...shown.map((row, index) => rowOf(row, top + index * rowHeight, x)),
    line(at, top, at, area.bottom, 'limit'),
  );
  return { id, title, note, svg, table: tableOf(all) };
}

function rowOf(row: Row, top: number, x: Axis): string {
  const { arm, vertical, task, parts, counts } = row;
  const { transferred, bias, freshness, gain } = parts;
  const y = top + 6;
  const afterBias = transferred.value - bias.value;
  const bar = (className: string, from: number, to: number, at: number, words: string) =>
    mark(
      'rect',
      {
        class: `bar ${className}`,
        x: Math.min(x.at(from), x.at(to)),
        y: at,
        width: Math.abs(x.at(to) - x.at(from)),
        height: barHeight,
      },
      [`${arm}: ${task} of ${vertical}`, words],
    );
  return [
    rowName(vertical, `${task} · ${arm}`, top + rowHeight / 2 - 2),
    bar('series-1 pale', 0, transferred.value, y, `transferred ${share.format(transferred.value)}`),
    bar('series-2', afterBias, transferred.value, y, `lost to bias ${share.format(bias.value)}`),
    bar(
      'series-4',
      afterBias - freshness.value,
      afterBias,
      y,
      `lost to staleness ${share.format(freshness.value)}`,
    ),
    bar(
      tones[counts],
      0,
      gain.value,
      y + barHeight + 1,
      `gain ${share.format(gain.value)}, range ${share.format(gain.low)} to ${share.format(gain.high)}`,
    ),
    whiskerAcross(asInterval(gain), x, y + barHeight + 1 + barHeight / 2),
    text(share.format(gain.value), {
      class: 'detail',
      x: width,
      y: y + 2 * barHeight,
      'text-anchor': 'end',
    }),
  ].join('');
}

function tableOf(rows: readonly Row[]): Chart['table'] {
  return {
    columns: [
      { title: 'arm', align: 'left' },
      { title: 'vertical', align: 'left' },
      { title: 'task', align: 'left' },
      { title: 'teacher better by' },
      { title: 'transfer ratio' },
      { title: 'transferred' },
      { title: 'lost to bias' },
      { title: 'lost to staleness' },
      { title: 'gain' },
      { title: 'low' },
      { title: 'high' },
    ],
    rows: rows.map(({ arm, vertical, task, parts }) => {
      const { teacher, transferRatio, transferred, bias, freshness, gain } = parts;
      return [
        arm,
        vertical,
        task,
        share.format(teacher.value),
        transferRatio.value.toFixed(3),
        ...[transferred.value, bias.value, freshness.value, gain.value, gain.low, gain.high].map(
          share.format,
        ),
      ];
    }),
  };
}
