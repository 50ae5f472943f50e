import type { MixResult } from '../../sim/fleet/mix/mix-result.ts';
import type { PlanResult } from '../../sim/fleet/plan-result.ts';
import { slaInWords } from './arms.ts';
import { zeroBasedAxis } from './axis.ts';
import type { Absence, Chart } from './chart.ts';
import { type Area, axisBelow, axisRoom, drawing, width } from './drawing.ts';
import { hosts, percent, rate, usdPerHour, watts } from './quantity.ts';
import { nameRoom, panelTitle, rowName } from './rows.ts';
import { boxSwatch, legend, type Series, seriesItems, seriesOf } from './series.ts';
import { type StackPart, stackedBar } from './stack.ts';
import { element, text } from './svg.ts';
import { titles } from './titles.ts';

const title = titles.mix;
const rowHeight = 38;
const barHeight = 20;
const panelGap = 66;
const valueRoom = 76;

type Share = MixResult['shares'][number];

/** Hosts of every share of a workload by type, and what is taken of the stock of each type. */
export function mixBars({ mix }: PlanResult): Chart | Absence {
  if (!mix) return { title, reason: 'the plan is for one workload; rankfleet plan fleet-mix shows several' };
  if (mix.shares.length === 0) return { title, reason: 'no mix serves the workloads: see its remedies' };
  const types = seriesOf(
    mix.stock.map(({ host }) => host),
    mix.stock.filter(({ used }) => used > 0).map(({ host }) => host),
  );
  const used = types.filter(({ name }) =>
    mix.stock.some(({ host, used: count }) => host === name && count > 0),
  );
  const key = legend(
    seriesItems(used, ({ className }) => boxSwatch(`bar ${className}`)),
    { left: nameRoom, right: width, y: 12 },
  );
  const top = key.height + 34;
  const shares: Area = {
    left: nameRoom,
    right: width - valueRoom,
    top,
    bottom: top + mix.shares.length * rowHeight,
  };
  const stockTop = shares.bottom + panelGap + 10;
  const stock: Area = { ...shares, top: stockTop, bottom: stockTop + mix.stock.length * rowHeight };
  const id = 'mix';
  const note =
    'Hosts of every share of a workload, those of its shards and tiers with it. The outlines below are the stock of each ' +
    'type; a type without an outline is not limited.';
  const svg = drawing(
    { id, title, note, height: stock.bottom + axisRoom },
    key.svg,
    panelTitle('hosts of each workload', nameRoom, top - 10),
    sharesPanel(mix, types, shares),
    panelTitle('hosts of each type', nameRoom, stockTop - 10),
    stockPanel(mix, types, stock),
  );
  return { id, title, note, svg, table: tableOf(mix) };
}

function sharesPanel({ shares, workloads }: MixResult, types: readonly Series[], area: Area): string {
  const x = zeroBasedAxis({
    values: shares.map(({ totals }) => totals.hosts),
    range: [area.left, area.right],
    quantity: hosts,
    name: 'size',
  });
  const rows = shares.map((share, index) => {
    const middle = area.top + (index + 0.5) * rowHeight;
    const place = { y: middle - barHeight / 2, height: barHeight };
    const workload = workloads.find(({ name }) => name === share.workload);
    const lines = [
      `${share.workload} on ${share.alternative}`,
      `${rate.format(share.ratePerS)}, ${percent(share.share)} of the target`,
      ...(workload ? [slaInWords(workload.sla)] : []),
      `${usdPerHour.format(share.totals.usdPerHour)}, ${watts.format(share.totals.watts)}`,
    ];
    return (
      rowName(share.workload, `${share.alternative} · ${percent(share.share)} of it`, middle) +
      stackedBar(partsOf(share, types, lines), x, place) +
      text(usdPerHour.format(share.totals.usdPerHour), {
        class: 'value',
        x: width,
        y: middle + 4,
        'text-anchor': 'end',
      })
    );
  });
  return axisBelow(x, area) + rows.join('');
}

function partsOf({ tiers }: Share, types: readonly Series[], lines: readonly string[]): StackPart[] {
  return types.flatMap(({ name, className }): StackPart[] => {
    const own = tiers.filter(({ host }) => host === name);
    const count = own.reduce((sum, tier) => sum + tier.hosts, 0);
    const roles = own.map(({ groups, hosts: some }) => `${some} for ${groups.join(', ')}`);
    return count > 0
      ? [{ className, value: count, inside: `${count}`, lines: [...lines, `${count} ${name}`, ...roles] }]
      : [];
  });
}

function stockPanel({ stock, objective }: MixResult, types: readonly Series[], area: Area): string {
  const x = zeroBasedAxis({
    values: stock.flatMap(({ used, stock: have }) => [used, have ?? 0]),
    range: [area.left, area.right],
    quantity: hosts,
    name: 'size',
  });
  const saved = { price: usdPerHour, power: watts, hosts }[objective];
  const rows = stock.map(({ host, stock: have, used, worth }, index) => {
    const middle = area.top + (index + 0.5) * rowHeight;
    const place = { y: middle - barHeight / 2, height: barHeight };
    const lines = [
      host,
      `${used} used${have === undefined ? ', any number to be had' : ` of ${have}`}`,
      ...(worth !== undefined && worth > 0 ? [`any number of them would save ${saved.format(worth)}`] : []),
    ];
    const outline =
      have === undefined
        ? ''
        : element('rect', { class: 'outline', x: area.left, width: x.at(have) - area.left, ...place });
    const className = types.find(({ name }) => name === host)?.className ?? 'series-rest';
    const words = have === undefined ? `${used}` : `${used} of ${have}`;
    return (
      rowName(host, '', middle) +
      outline +
      stackedBar([{ className, value: used, lines }], x, place) +
      text(words, { class: 'value', x: x.at(Math.max(used, have ?? 0)) + 6, y: middle + 4 })
    );
  });
  return axisBelow(x, area) + rows.join('');
}

function tableOf({ shares }: MixResult): Chart['table'] {
  return {
    columns: [
      { title: 'workload', align: 'left' },
      { title: 'runs on', align: 'left' },
      { title: 'load' },
      { title: 'share' },
      { title: 'hosts', align: 'left' },
      { title: 'price' },
      { title: 'power' },
    ],
    rows: shares.map(({ workload, alternative, ratePerS, share, tiers, totals }) => [
      workload,
      alternative,
      rate.format(ratePerS),
      percent(share),
      hostsInWords(tiers),
      usdPerHour.format(totals.usdPerHour),
      watts.format(totals.watts),
    ]),
  };
}

function hostsInWords(tiers: Share['tiers']): string {
  const counts = new Map<string, number>();
  for (const { host, hosts: some } of tiers) counts.set(host, (counts.get(host) ?? 0) + some);
  return [...counts].map(([host, count]) => `${count} ${host}`).join(', ');
}
