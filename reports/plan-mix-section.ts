import { formatPercent, formatTime, significant, withPrefix } from '../foundation/units.ts';
import type { MixResult, MixTotals } from '../sim/fleet/mix/mix-result.ts';
import { plusMinus } from './numbers.ts';
import { mixInWords } from './plan-mix-in-words.ts';
import { type Column, type TitledTable, titledTable, wrap } from './text-table.ts';

/** Width that running text is wrapped to. */
const lineWidth = 100;

/** Which model runs where, from which stock, at what price, and what proves it. */
export function mixSection(mix: MixResult): string {
  const sections = [
    wrap(mixInWords(mix), lineWidth),
    ...[sharesTable(mix), stockTable(mix), proofTable(mix), pairsTable(mix)].map(titledTable),
    reasons(mix),
    ...[comparisonsTable(mix), relaxationsTable(mix)].map(titledTable),
    mix.solution || mix.relaxations.length > 0 ? '' : noRelaxation,
  ];
  return sections.filter((section) => section !== '').join('\n\n');
}

/** Which workload runs where and what proves it, the stock, what every host bears, and what simpler rules would take. */
export function mixTables(mix: MixResult): TitledTable[] {
  const tables = [
    sharesTable(mix),
    stockTable(mix),
    proofTable(mix),
    pairsTable(mix),
    comparisonsTable(mix),
    relaxationsTable(mix),
  ];
  return tables.filter((table) => table !== undefined);
}

/** Where an infeasible mix has no relaxation. */
const noRelaxation = 'No change of a single constraint makes a mix possible.';

/** Workloads by host types: hosts of every share. */
function sharesTable({ shares, stock, solution }: MixResult): TitledTable | undefined {
  if (!solution) return undefined;
  const types = stock.filter(({ used }) => used > 0).map(({ host }) => host);
  const columns: Column[] = [
    { title: 'workload', align: 'left' },
    { title: 'runs on', align: 'left' },
    { title: 'requests/s' },
    { title: 'share %' },
    ...types.map((title): Column => ({ title, group: 'hosts' })),
    { title: 'USD/h' },
    { title: 'kW' },
  ];
  const rows = shares.map(({ workload, alternative, ratePerS, share, tiers, totals }) => [
    workload,
    alternative,
    withPrefix(ratePerS).trim(),
    significant(share * 100),
    ...types.map((type) =>
      count(tiers.filter(({ host }) => host === type).reduce((sum, { hosts }) => sum + hosts, 0)),
    ),
    ...moneyAndPower(totals),
  ]);
  const used = types.map((type) => count(stock.find(({ host }) => host === type)!.used));
  const total = ['all', '', '', '', ...used, ...moneyAndPower(solution.totals)];
  return { title: 'Which workload runs where', columns, rows: [...rows, total], hasTotal: true };
}

function count(hosts: number): string {
  return hosts === 0 ? '–' : `${hosts}`;
}

function moneyAndPower({ usdPerHour, watts }: MixTotals): string[] {
  return [dollars(usdPerHour), significant(watts / 1e3)];
}

/** Dollars an hour, to the cent where cents show. */
function dollars(usdPerHour: number): string {
  return usdPerHour < 1000 ? usdPerHour.toFixed(2) : withPrefix(usdPerHour).trim();
}

const worthTitle = { price: 'saves USD/h', power: 'saves kW', hosts: 'saves hosts' } as const;

/** What is taken of the stock, and what more of a type would save. */
function stockTable({ stock, objective, solution }: MixResult): TitledTable | undefined {
  if (stock.length === 0) return undefined;
  const columns: Column[] = [
    { title: 'host', align: 'left' },
    { title: 'stock' },
    { title: 'used' },
    { title: 'left' },
    ...(solution ? [{ title: worthTitle[objective] }] : []),
  ];
  const scale = objective === 'power' ? 1e-3 : 1;
  const rows = stock.map(({ host, stock: have, used, worth }) => [
    host,
    have === undefined ? 'any' : `${have}`,
    solution ? `${used}` : '–',
    have === undefined || !solution ? '–' : `${have - used}`,
    ...(solution ? [worth === undefined || worth * scale < 5e-4 ? '–' : significant(worth * scale)] : []),
  ]);
  const note = solution ? ' (saves: what the mix would take less of, with any number of that type)' : '';
  return { title: `Stock${note}`, columns, rows };
}

/** The simulations of every share. */
function proofTable({ shares, workloads }: MixResult): TitledTable | undefined {
  if (shares.length === 0) return undefined;
  const columns: Column[] = [
    { title: 'workload', align: 'left' },
    { title: 'runs on', align: 'left' },
    { title: 'state', align: 'left' },
    { title: 'requests/s' },
    { title: 'SLA', align: 'left' },
    { title: 'latency, ms' },
    { title: 'met' },
    { title: 'ρ' },
    { title: 'of', align: 'left' },
    { title: 'added hosts' },
  ];
  const rows = shares.flatMap(({ workload, alternative, states, oversize }) => {
    const { percentile, limitS } = workloads.find(({ name }) => name === workload)!.sla;
    return states.map(({ state, ratePerS, latencyS, met, busiest }, index) => [
      workload,
      alternative,
      state,
      withPrefix(ratePerS).trim(),
      `${percentile} ≤ ${formatTime(limitS)}`,
      plusMinus(latencyS, 1e3),
      met,
      busiest.offered.toFixed(2),
      `${busiest.resource} of ${busiest.group}`,
      index === 0 && oversize > 0 ? formatPercent(oversize) : '–',
    ]);
  });
  const title =
    'Every share simulated with its hosts, spares left out (normal: at its rate over 1 − headroom; ρ: use of the busiest ' +
    'resource; added: hosts over those of the operating point, until the simulation held)';
  return { title, columns, rows, shared: 2 };
}

const limits = {
  latency: 'latency',
  utilisation: 'use',
  'unloaded-latency': 'lone requests miss the SLA',
} as const;

/** What a host of each alternative bears of each workload. */
function pairsTable({ pairs }: MixResult): TitledTable {
  const columns: Column[] = [
    { title: 'workload', align: 'left' },
    { title: 'on', align: 'left' },
    { title: 'requests/s a host' },
    { title: 'limited by', align: 'left' },
    { title: 'unloaded, ms' },
    { title: 'whole target: hosts', align: 'left' },
    { title: 'USD/h' },
  ];
  const rows = pairs.map(({ workload, alternative, capacity, alone, isPossible }) => [
    workload,
    alternative,
    capacity && isPossible ? plusMinus(capacity.ratePerS) : '–',
    capacity ? limits[capacity.limitedBy] : 'cannot run',
    capacity ? significant(capacity.unloadedS * 1e3) : '–',
    alone ? hostsInWords(alone.hostsByType) : '–',
    alone ? dollars(alone.usdPerHour) : '–',
  ]);
  return { title: 'Operating points, by main host', columns, rows, shared: 1 };
}

function hostsInWords(hostsByType: Record<string, number>): string {
  return Object.entries(hostsByType)
    .map(([host, hosts]) => `${hosts} ${host}`)
    .join(' + ');
}

/** Why pairs are impossible, and what made others possible. */
function reasons(mix: MixResult): string {
  const lines = pairReasons(mix).map((text) => wrap(text, lineWidth));
  return lines.length === 0 ? '' : `What cannot run where\n${lines.join('\n')}`;
}

/** A sentence for each pair of workload and alternative about which there is something to say. */
export function pairReasons({ pairs }: MixResult): string[] {
  return pairs
    .filter(({ reason }) => reason !== '')
    .map(
      ({ workload, alternative, reason, isPossible }) =>
        `${workload} ${isPossible ? 'on' : 'not on'} ${alternative}: ${reason}`,
    );
}

/** What simpler rules would take. */
function comparisonsTable({ comparisons, solution, objective }: MixResult): TitledTable | undefined {
  if (comparisons.length === 0) return undefined;
  const columns: Column[] = [
    { title: 'rule', align: 'left' },
    { title: 'hosts', align: 'left' },
    { title: 'USD/h' },
    { title: 'kW' },
    { title: 'over the mix %' },
    { title: 'possible', align: 'left' },
  ];
  const figure = { price: 'usdPerHour', power: 'watts', hosts: 'hosts' } as const;
  const rows = comparisons.map(({ name, totals, hostsByType, isPossible, reason }) => {
    const over = totals && solution ? totals[figure[objective]] / solution.value - 1 : undefined;
    return [
      name,
      totals ? hostsInWords(hostsByType) : '–',
      ...(totals ? moneyAndPower(totals) : ['–', '–']),
      over === undefined ? '–' : `${over < 0 ? '−' : '+'}${Math.abs(over * 100).toFixed(1)}`,
      isPossible ? 'yes' : `no: ${reason}`,
    ];
  });
  return { title: 'Simpler rules, from the same operating points', columns, rows };
}

function relaxationsTable({ relaxations }: MixResult): TitledTable | undefined {
  if (relaxations.length === 0) return undefined;
  const columns: Column[] = ['constraint', 'from', 'to', 'effect'].map((title) => ({ title, align: 'left' }));
  const rows = relaxations.map(({ constraint, from, to, effect }) => [constraint, from, to, effect]);
  return { title: 'What would make it possible, each by itself', columns, rows };
}
