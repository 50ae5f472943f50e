import type { GrowthResult } from '../../sim/fleet/growth/growth-result.ts';
import type { PlanResult } from '../../sim/fleet/plan-result.ts';
import { type Axis, zeroBasedAxis } from './axis.ts';
import type { Absence, Chart } from './chart.ts';
import { type Area, axisLeft, drawing, width } from './drawing.ts';
import { ordersPanel, type Panel } from './growth-orders.ts';
import { bytes, hosts, rate, usd, watts } from './quantity.ts';
import { type Quarters, quarterAxis } from './quarters.ts';
import { boxSwatch, legend, lineSwatch, type Series, seriesItems, seriesOf, symbol } from './series.ts';
import { element, line, mark, pathOf, text } from './svg.ts';
import { titles } from './titles.ts';

const title = titles.growth;
const [left, right] = [62, width - 12];
const demandHeight = 150;
const hostsHeight = 150;
const moneyHeight = 80;
const titleRoom = 40;

const demandLook: Series = { name: 'demand', className: 'series-2', rank: 1, isRest: false };
const capacityLook: Series = {
  name: 'what the hosts in place bear',
  className: 'series-1',
  rank: 0,
  isRest: false,
};

/** Demand and hosts by quarter, when the hosts in place run out, what is ordered when, and what it costs. */
export function growthTimeline({ growth }: PlanResult): Chart | Absence {
  if (!growth) {
    return { title, reason: 'the scenario states no growth; rankfleet plan three-year-growth shows one' };
  }
  if (growth.plan.length === 0) return { title, reason: growth.reason };
  const quarters = quarterAxis(growth.plan.length, left, right);
  const types = typesOf(growth);
  const demand = demandPanel(growth, quarters, 0);
  const fleet = hostsPanel(growth, types, quarters, demand.bottom + titleRoom);
  const orders = ordersPanel(growth, types, quarters, fleet.bottom + titleRoom);
  const money = moneyPanel(growth, quarters, orders.bottom + titleRoom);
  const id = 'growth';
  const note =
    'Each column is a quarter. Full bars are hosts at work, with headroom, spares and failures; pale ones are in the ' +
    'fleet beside them. Orders reach from the quarter in which they are placed to that of their delivery.' +
    (growth.presentFleet.runsOut
      ? ` The hosts in place run out in Q${growth.presentFleet.runsOut.quarter}: ${growth.presentFleet.runsOut.reason}.`
      : '');
  const svg = drawing(
    { id, title, note, height: money.bottom + 30 },
    demand.svg,
    fleet.svg,
    orders.svg,
    money.svg,
    quarters.labels(money.bottom),
  );
  return { id, title, note, svg, table: tableOf(growth) };
}

function typesOf({ hostTypes, plan }: GrowthResult): Series[] {
  const used = hostTypes.filter(
    ({ host, owned }) => owned > 0 || plan.some((quarter) => (quarter.hosts[host] ?? 0) > 0),
  );
  return seriesOf(
    used.map(({ host }) => host),
    used.slice(0, 10).map(({ host }) => host),
  );
}

function demandPanel({ demand, presentFleet, plan }: GrowthResult, quarters: Quarters, top: number): Panel {
  const key = legend(
    [demandLook, capacityLook].map((one) => ({ name: one.name, swatch: lineSwatch(one) })),
    { left, right, y: top + 12 },
  );
  const area: Area = {
    left,
    right,
    top: top + key.height + 30,
    bottom: top + key.height + 30 + demandHeight,
  };
  const y = upright(
    [...demand.map(({ ratePerS }) => ratePerS), ...presentFleet.capacityPerS],
    area,
    rate,
    'requests',
  );
  const capacity = places(presentFleet.capacityPerS, quarters, y);
  const asked = places(
    demand.map(({ ratePerS }) => ratePerS),
    quarters,
    y,
  );
  const unserved = plan.map(({ unservedPerS, quarter }, index) => {
    if (!(unservedPerS > 0)) return '';
    const [from, to] = [y.at(demand[index].ratePerS), y.at(demand[index].ratePerS - unservedPerS)];
    const lines = [`Q${quarter}`, `nobody serves ${rate.format(unservedPerS)}`];
    return mark(
      'rect',
      { class: 'bar bad pale', x: quarters.start(index), y: from, width: quarters.step, height: to - from },
      lines,
    );
  });
  const svg = [
    key.svg,
    axisLeft(y, area),
    base(area),
    ...unserved,
    element('path', { class: `line ${capacityLook.className}`, d: pathOf(capacity.map(({ at }) => at)) }),
    element('path', { class: `line ${demandLook.className}`, d: pathOf(asked.map(({ at }) => at)) }),
    ...capacity.map(({ at, index }) =>
      symbol(capacityLook, ...at, [
        `Q${index + 1}, hosts in place`,
        `bear ${rate.format(presentFleet.capacityPerS[index])}`,
      ]),
    ),
    ...asked.map(({ at, index }) =>
      symbol(demandLook, ...at, [
        `Q${index + 1}, demand`,
        rate.format(demand[index].ratePerS),
        `${bytes.format(demand[index].tableBytes)} of tables`,
      ]),
    ),
    runOut(presentFleet, quarters, area),
  ].join('');
  return { svg, bottom: area.bottom };
}

/** Where the values of quarters are drawn, of those that can be. */
function places(values: readonly number[], { middle }: Quarters, y: Axis) {
  return values.flatMap((value, index) =>
    Number.isFinite(value) ? [{ index, at: [middle(index), y.at(value)] as const }] : [],
  );
}

function runOut(
  { runsOut }: GrowthResult['presentFleet'],
  quarters: Quarters,
  { top, bottom }: Area,
): string {
  if (!runsOut) return '';
  const at = quarters.start(runsOut.quarter - 1);
  const isRight = at > (left + right) / 2;
  const words = `hosts in place run out in Q${runsOut.quarter}`;
  const path: [number, number][] = [
    [at, top - 8],
    [at, bottom],
  ];
  return (
    mark('path', { class: 'limit', d: pathOf(path) }, [words, runsOut.reason]) +
    text(words, {
      class: 'limit-label',
      x: at + (isRight ? -6 : 6),
      y: top,
      'text-anchor': isRight ? 'end' : 'start',
    })
  );
}

function hostsPanel(
  { plan }: GrowthResult,
  types: readonly Series[],
  quarters: Quarters,
  top: number,
): Panel {
  const key = legend(
    seriesItems(types, ({ className }) => boxSwatch(`bar ${className}`)),
    { left, right, y: top },
  );
  const area: Area = { left, right, top: top + key.height + 18, bottom: top + key.height + 18 + hostsHeight };
  const totals = plan.map((quarter) => sum(types.map(({ name }) => quarter.hosts[name] ?? 0)));
  const y = upright(totals, area, hosts, 'fleet');
  const bars = plan.map((quarter, index) => {
    let below = 0;
    return types
      .map(({ name, className }) => {
        const [count, busy] = [quarter.hosts[name] ?? 0, quarter.atWork[name] ?? 0];
        if (!(count > 0)) return '';
        const lines = [`Q${quarter.quarter}, ${name}`, `${count} in the fleet`, `${busy} at work`];
        const place = { x: quarters.start(index) + 3, width: quarters.step - 6 };
        const rect = (hostsOf: number, extra: string) => {
          const [from, to] = [y.at(below + hostsOf), y.at(below)];
          return mark(
            'rect',
            { class: `bar ${className}${extra}`, ...place, y: from, height: to - from },
            lines,
          );
        };
        const drawn = rect(count, ' pale') + (busy > 0 ? rect(Math.min(busy, count), '') : '');
        below += count;
        return drawn;
      })
      .join('');
  });
  return { svg: [key.svg, axisLeft(y, area), base(area), ...bars].join(''), bottom: area.bottom };
}

function moneyPanel({ plan }: GrowthResult, quarters: Quarters, top: number): Panel {
  const area: Area = { left, right, top, bottom: top + moneyHeight };
  const y = upright(
    plan.map((quarter) => quarter.usd),
    area,
    usd,
    'cost of a quarter',
  );
  const bars = plan.map((quarter, index) => {
    const [from, to] = [y.at(quarter.usd), y.at(0)];
    const lines = [
      `Q${quarter.quarter}`,
      usd.format(quarter.usd),
      `${watts.format(quarter.watts)} at the demand`,
    ];
    return mark(
      'rect',
      {
        class: 'bar shade-2',
        x: quarters.start(index) + 3,
        y: from,
        width: quarters.step - 6,
        height: to - from,
      },
      lines,
    );
  });
  return { svg: [axisLeft(y, area), base(area), ...bars].join(''), bottom: area.bottom };
}

function upright(
  values: readonly number[],
  { top, bottom }: Area,
  quantity: typeof rate,
  name: string,
): Axis {
  return zeroBasedAxis({ values, range: [bottom, top], quantity, name });
}

function base({ left: from, right: to, bottom }: Area): string {
  return line(from, bottom, to, bottom, 'axis');
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function tableOf({ demand, plan, presentFleet, orders }: GrowthResult): Chart['table'] {
  const inWords = (byType: Record<string, number>) =>
    Object.entries(byType)
      .map(([host, count]) => `${count} ${host}`)
      .join(', ') || '–';
  return {
    columns: [
      { title: 'quarter', align: 'left' },
      { title: 'demand' },
      { title: 'hosts in place bear' },
      { title: 'hosts at work', align: 'left' },
      { title: 'hosts in the fleet', align: 'left' },
      { title: 'ordered', align: 'left' },
      { title: 'delivered', align: 'left' },
      { title: 'cost' },
    ],
    rows: plan.map((quarter, index) => [
      `Q${quarter.quarter}`,
      rate.format(demand[index].ratePerS),
      rate.format(presentFleet.capacityPerS[index]),
      inWords(quarter.atWork),
      inWords(quarter.hosts),
      orders
        .filter(({ ordered }) => ordered === quarter.quarter)
        .map(({ count, host }) => `${count} ${host}`)
        .join(', ') || '–',
      orders
        .filter(({ delivered }) => delivered === quarter.quarter)
        .map(({ count, host }) => `${count} ${host}`)
        .join(', ') || '–',
      usd.format(quarter.usd),
    ]),
  };
}
