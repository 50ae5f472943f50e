import { significant, withPrefix } from '../../../foundation/units.ts';
import type { GrowthResult } from '../../../sim/fleet/growth/growth-result.ts';
import { growthInWords } from '../../plan-growth-section.ts';
import { faint, type Line } from '../line.ts';
import { paragraph, table } from '../table.ts';

/** When fleets run out, what to order when, and the hosts of every quarter. */
export function growthLines(growth: GrowthResult, width: number): Line[] {
  const { alternatives, orders, relaxations, notes } = growth;
  return [
    ...paragraph(growthInWords(growth), width),
    [''],
    ...paragraph('Demand, hosts (at work / in the fleet) and USD by quarter', width, 'faint'),
    ...quarters(growth, width),
    ...(orders.length === 0 ? [] : [[''], [faint('Orders')], ...orderTable(growth, width)]),
    [''],
    [faint('On the hosts in place')],
    ...alternatives.flatMap(({ name, runsOut }) =>
      paragraph(
        runsOut
          ? `• ${name} runs out in Q${runsOut.quarter}: ${runsOut.reason}`
          : `• ${name} lasts to the end`,
        width,
      ),
    ),
    ...relaxations.flatMap(({ constraint, from, to, effect }) =>
      paragraph(`• ${constraint}: ${from} → ${to}: ${effect}`, width),
    ),
    ...notes.flatMap((note) => paragraph(note, width)),
  ];
}

function quarters({ plan, demand, hostTypes, presentFleet }: GrowthResult, width: number): Line[] {
  const types = hostTypes.filter(
    ({ host, owned }) => owned > 0 || plan.some(({ hosts }) => (hosts[host] ?? 0) > 0),
  );
  return table(
    [
      { title: 'Q', align: 'left' },
      { title: 'QPS' },
      ...types.map(({ host }) => ({ title: host })),
      { title: 'USD' },
      { title: 'in place bear QPS', optional: true },
      { title: 'kW', optional: true },
    ],
    plan.map(({ quarter, atWork, hosts, usd, watts }, index) => [
      `Q${quarter}`,
      significant(demand[index].ratePerS),
      ...types.map(({ host }) => `${atWork[host] ?? 0}/${hosts[host] ?? 0}`),
      withPrefix(usd).trim(),
      significant(presentFleet.capacityPerS[index]),
      significant(watts / 1e3),
    ]),
    width,
  );
}

function orderTable({ orders }: GrowthResult, width: number): Line[] {
  return table(
    [
      { title: 'in', align: 'left' },
      { title: 'delivered', align: 'left' },
      { title: 'hosts' },
      { title: 'type', align: 'left' },
      { title: 'USD to the end', optional: true },
    ],
    orders.map(({ ordered, delivered, count, host, usdToEnd }) => [
      `Q${ordered}`,
      `Q${delivered}`,
      String(count),
      host,
      withPrefix(usdToEnd).trim(),
    ]),
    width,
  );
}
