import type { Cost, SystemName } from '../../../sim/training/distillation/system-result.ts';
import type { DistillationResult } from '../../../sim/training/distillation-result.ts';
import { answeredArms, systemTitles } from '../../distillation/arms.ts';
import { zeroBasedAxis } from '../axis.ts';
import type { Absence, Chart } from '../chart.ts';
import { type Area, axisBelow, axisRoom, drawing, width } from '../drawing.ts';
import { share, usdPerDay, watts } from '../quantity.ts';
import { drawnRows, nameRoom, rowName } from '../rows.ts';
import { boxSwatch, legend } from '../series.ts';
import { stackedBar } from '../stack.ts';
import { text } from '../svg.ts';
import { titles } from '../titles.ts';
import { alike } from './alike.ts';
import { noneAnswered } from './gain-and-price.ts';

const title = titles.systems;
const barHeight = 18;
const rowHeight = barHeight + 20;
const valueRoom = 96;
const mostRows = 40;

interface Row {
  arm: string;
  system: SystemName;
  cost: Cost;
}

/** What a day of each way to train the vertical models of each arm costs, by what the money is for. */
export function systemCosts(result: DistillationResult): Chart | Absence {
  const arms = answeredArms(result);
  const rows = arms.flatMap(({ name, answer }) =>
    answer.systems.map(({ system, cost }): Row => ({ arm: name, system, cost })),
  );
  if (rows.length === 0) return { title, reason: noneAnswered };
  const { shown, omitted } = drawnRows(
    alike(rows, ({ system, cost }) => [system, cost], arms.length),
    mostRows,
    'rows',
  );
  const key = legend(
    kinds.map((name, index) => ({ name, swatch: boxSwatch(`bar series-${index + 1}`) })),
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
    values: shown.map(({ cost }) => sumOf(cost)),
    range: [area.left, area.right],
    quantity: usdPerDay,
    name: 'cost',
  });
  const id = 'system-costs';
  const note =
    'Devices are held all day, for the load with its headroom or for the memory of the models, and may be shared: their number is not ' +
    `rounded up. Storage and bytes moved are those of label records and snapshots.${omitted}`;
  const svg = drawing(
    { id, title, note, height: area.bottom + axisRoom },
    key.svg,
    axisBelow(x, area),
    ...shown.map(({ arm, system, cost }, index) => {
      const y = top + index * rowHeight + 10;
      const total = sumOf(cost);
      const parts = kinds.map((name, kind) => {
        const value = moneyFor(cost, name);
        const part = share.format(value / (total || 1));
        return {
          className: `series-${kind + 1}`,
          value,
          inside: part,
          lines: [
            `${arm}, ${systemTitles[system]}`,
            `${name} ${usdPerDay.format(value)}`,
            `${part} of ${usdPerDay.format(total)}`,
          ],
        };
      });
      return (
        rowName(systemTitles[system], `${arm} · ${watts.format(cost.watts)}`, y + barHeight / 2) +
        stackedBar(parts, x, { y, height: barHeight }) +
        text(usdPerDay.format(total), { class: 'detail', x: width, y: y + 13, 'text-anchor': 'end' })
      );
    }),
  );
  return { id, title, note, svg, table: tableOf(rows) };
}

const kinds = ['teacher training', 'labelling', 'vertical training', 'storage', 'bytes moved'] as const;

function moneyFor({ items, storageUsdPerDay, movedUsdPerDay }: Cost, name: (typeof kinds)[number]): number {
  if (name === 'storage') return storageUsdPerDay;
  if (name === 'bytes moved') return movedUsdPerDay;
  return items.reduce((sum, { kind, usdPerDay: usd }) => (kind === name ? sum + usd : sum), 0);
}

function sumOf(cost: Cost): number {
  return kinds.reduce((sum, name) => sum + moneyFor(cost, name), 0);
}

function tableOf(rows: readonly Row[]): Chart['table'] {
  return {
    columns: [
      { title: 'arm', align: 'left' },
      { title: 'system', align: 'left' },
      ...kinds.map((name) => ({ title: name })),
      { title: 'in all' },
      { title: 'power' },
    ],
    rows: rows.map(({ arm, system, cost }) => [
      arm,
      systemTitles[system],
      ...kinds.map((name) => usdPerDay.format(moneyFor(cost, name))),
      usdPerDay.format(sumOf(cost)),
      watts.format(cost.watts),
    ]),
  };
}
