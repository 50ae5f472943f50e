import { formatBytes, formatPercent, significant, withPrefix } from '../foundation/units.ts';
import type { GrowthResult } from '../sim/fleet/growth/growth-result.ts';
import { plusMinus, timeUnit } from './numbers.ts';
import { type TitledTable, titledTable, wrap } from './text-table.ts';

/** The part of a plan's report that answers when fleets run out and what to order when. */
export function growthSection(result: GrowthResult): string {
  return [
    wrap(growthInWords(result), 100),
    ...[runOutTable(result), quarterTable(result)].map(titledTable),
    [titledTable(ordersTable(result)), wrap(returnsInWords(result), 100)]
      .filter((text) => text !== '')
      .join('\n'),
    ...[strategyTable(result), proofTable(result), relaxationTable(result)].map(titledTable),
    ...result.notes,
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

/** When fleets run out, what to order, what that costs against simple ways to buy, and what proves it. */
export function growthTables(result: GrowthResult): TitledTable[] {
  const tables = [
    runOutTable(result),
    quarterTable(result),
    ordersTable(result),
    strategyTable(result),
    proofTable(result),
    relaxationTable(result),
  ];
  return tables.filter((table) => table !== undefined);
}

/** The answer in sentences. */
export function growthInWords(result: GrowthResult): string {
  const { presentFleet, state, reason, money, orders, demand } = result;
  const last = demand.length;
  const ends = presentFleet.runsOut
    ? `The hosts in place run out in Q${presentFleet.runsOut.quarter}: ${presentFleet.runsOut.reason}.`
    : `The hosts in place last to Q${last}.`;
  if (state === 'INFEASIBLE') return `${ends} ${reason}.`;
  if (orders.length === 0) return `${ends} Nothing has to be ordered.`;
  const [first] = orders;
  const counts = new Map<string, number>();
  for (const { host, count } of orders) counts.set(host, (counts.get(host) ?? 0) + count);
  const what = [...counts].map(([host, count]) => `${count} ${host}`).join(' and ');
  const back = result.returns.reduce((sum, { count }) => sum + count, 0);
  const returned = back > 0 ? `, and return ${back} on the way` : '';
  return (
    `${ends} Order ${what} in all, the first ${first.count} ${first.host} in Q${first.ordered}${returned}; ` +
    `the fleet costs ${dollars(money.totalUsd)} to the end of Q${last} ` +
    `(no plan costs less than ${dollars(money.boundUsd)}, gap ${formatPercent(money.gap)}).${comparison(result)}`
  );
}

function comparison({ strategies, money }: GrowthResult): string {
  const others = strategies.filter(({ totalUsd }) => (totalUsd ?? 0) > money.totalUsd * (1 + 1e-3));
  if (others.length === 0) return '';
  const dearest = others.reduce((most, one) => (one.totalUsd! > most.totalUsd! ? one : most));
  const more = formatPercent(dearest.totalUsd! / money.totalUsd - 1, { signed: true });
  return ` The dearest of the simple ways, ${dearest.name}, costs ${more}.`;
}

function runOutTable({ alternatives, presentFleet, demand }: GrowthResult): TitledTable {
  const row = (name: string, end: { quarter: number; reason: string } | undefined) => [
    name,
    end ? `Q${end.quarter}` : `after Q${demand.length}`,
    end?.reason ?? '',
  ];
  const rows = [
    ...alternatives.map(({ name, runsOut }) => row(name, runsOut)),
    ...(alternatives.length > 1 ? [row('all together', presentFleet.runsOut)] : []),
  ];
  const columns = [
    { title: 'alternative', align: 'left' },
    { title: 'runs out' },
    { title: 'why', align: 'left' },
  ] as const;
  return { title: 'Fleets on the hosts in place', columns, rows };
}

function quarterTable({ state, demand, plan, presentFleet, hostTypes }: GrowthResult): TitledTable {
  const types = hostTypes.filter(
    ({ host, owned }) => owned > 0 || plan.some(({ hosts }) => (hosts[host] ?? 0) > 0),
  );
  const columns = [
    { title: 'quarter', align: 'left' as const },
    { title: 'demand QPS' },
    { title: 'tables' },
    { title: 'in place bear QPS' },
    ...types.map(({ host }) => ({ title: host, group: 'hosts: at work / in the fleet' })),
    { title: 'served by', align: 'left' as const },
    { title: 'kW' },
    { title: 'USD' },
  ];
  const rows = plan.map((quarter, index) => [
    `Q${quarter.quarter}`,
    significant(demand[index].ratePerS),
    formatBytes(demand[index].tableBytes),
    significant(presentFleet.capacityPerS[index]),
    ...types.map(({ host }) => `${quarter.atWork[host] ?? 0} / ${quarter.hosts[host] ?? 0}`),
    servedBy(quarter, demand[index].ratePerS),
    significant(quarter.watts / 1000),
    withPrefix(quarter.usd).trim(),
  ]);
  const which = state === 'PLANNED' ? 'the cheapest plan' : 'the nearest plan';
  return { title: `Demand and ${which} by quarter`, columns, rows };
}

function servedBy({ shares, unservedPerS }: GrowthResult['plan'][number], ratePerS: number): string {
  const parts = shares.map(({ alternative, share }) =>
    shares.length === 1 && unservedPerS === 0 ? alternative : `${alternative} ${formatPercent(share)}`,
  );
  const missed = unservedPerS > 0 ? [`NOBODY ${formatPercent(unservedPerS / ratePerS)}`] : [];
  return [...parts, ...missed].join(', ');
}

function ordersTable({ orders, hostTypes, commitment }: GrowthResult): TitledTable | undefined {
  if (orders.length === 0) return undefined;
  const columns = [
    { title: 'order in', align: 'left' as const },
    { title: 'delivered' },
    { title: 'hosts' },
    { title: 'type', align: 'left' as const },
    { title: 'USD/h each' },
    { title: 'USD to the end' },
  ];
  const priceOf = (host: string) => hostTypes.find((type) => type.host === host)!.usdPerHour;
  const rows = orders.map(({ ordered, delivered, host, count, usdToEnd }) => [
    `Q${ordered}`,
    `Q${delivered}`,
    String(count),
    host,
    significant(priceOf(host)),
    commitment === 'horizon' ? withPrefix(usdToEnd).trim() : '–',
  ]);
  return { title: 'Orders', columns, rows };
}

/** Hosts that go back on the way; empty where none do. */
export function returnsInWords({ returns }: GrowthResult): string {
  const back = returns.map(({ quarter, host, count }) => `${count} ${host} as Q${quarter} begins`);
  return back.length > 0 ? `Returned: ${back.join(', ')}.` : '';
}

function strategyTable({ strategies, money }: GrowthResult): TitledTable | undefined {
  if (strategies.length === 0) return undefined;
  const columns = [
    { title: 'way to buy', align: 'left' as const },
    { title: 'USD' },
    { title: 'more' },
    ...(strategies.some(({ totalUsd }) => totalUsd === undefined)
      ? [{ title: 'why not', align: 'left' as const }]
      : []),
  ];
  const rows = [
    ['the plan', withPrefix(money.totalUsd).trim(), '–', ''],
    ...strategies.map(({ name, totalUsd, failsIn }) => [
      name,
      totalUsd === undefined ? '–' : withPrefix(totalUsd).trim(),
      totalUsd === undefined ? '–' : formatPercent(totalUsd / money.totalUsd - 1, { signed: true }),
      totalUsd !== undefined
        ? ''
        : failsIn === undefined
          ? 'cannot serve every quarter'
          : `cannot serve Q${failsIn}`,
    ]),
  ];
  const cells = rows.map((row) => row.slice(0, columns.length));
  return { title: 'The plan against simple ways to buy', columns, rows: cells };
}

function proofTable({ proofs, percentile }: GrowthResult): TitledTable | undefined {
  if (proofs.length === 0) return undefined;
  const unit = timeUnit(proofs.map(({ latencyS }) => latencyS.mean));
  const columns = [
    { title: 'quarter', align: 'left' as const },
    { title: 'alternative', align: 'left' as const },
    { title: 'QPS' },
    { title: 'hosts' },
    { title: `${percentile} ${unit.name}` },
    { title: 'SLA met' },
  ];
  const rows = proofs.map(({ quarter, alternative, ratePerS, hosts, latencyS, met }) => [
    `Q${quarter}`,
    alternative,
    significant(ratePerS),
    String(hosts),
    plusMinus(latencyS, unit.perS),
    met,
  ]);
  return { title: 'The tightest quarters simulated, all headroom used, no spares', columns, rows };
}

function relaxationTable({ relaxations }: GrowthResult): TitledTable | undefined {
  if (relaxations.length === 0) return undefined;
  const columns = (['change', 'from', 'to', 'then'] as const).map((title) => ({
    title,
    align: 'left' as const,
  }));
  const rows = relaxations.map(({ constraint, from, to, effect }) => [constraint, from, to, effect]);
  return { title: 'What would make it possible, each alone', columns, rows };
}

function dollars(usd: number): string {
  return `${withPrefix(usd).trim()} USD`;
}
