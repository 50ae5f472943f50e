import { formatPercent, formatTime, significant, withPrefix } from '../foundation/units.ts';
import type { MixResult, MixTotals } from '../sim/fleet/mix/mix-result.ts';
import { plusMinus } from './numbers.ts';
import { mixInWords } from './plan-mix-in-words.ts';
import { type Column, textTable, wrap } from './text-table.ts';

/** Width that running text is wrapped to. */
const lineWidth = 100;

/** Which model runs where, from which stock, at what price, and what proves it. */
export function mixSection(mix: MixResult): string {
  const sections = [
    wrap(mixInWords(mix), lineWidth),
    sharesTable(mix),
    stockTable(mix),
    proofTable(mix),
    pairsTable(mix),
    reasons(mix),
    comparisonsTable(mix),
    relaxationsTable(mix),
  ];
  return sections.filter((section) => section !== '').join('\n\n');
}

/** Workloads by host types: hosts of every share. */
function sharesTable({ shares, stock, solution }: MixResult): string {
  if (!solution) return '';
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
  return `Which workload runs where\n${textTable(columns, [...rows, total])}`;
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
function stockTable({ stock, objective, solution }: MixResult): string {
  if (stock.length === 0) return '';
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
  return `Stock${note}\n${textTable(columns, rows)}`;
}

/** The simulations of every share. */
function proofTable({ shares, workloads }: MixResult): string {
  if (shares.length === 0) return '';
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
      index === 0 ? workload : '',
      index === 0 ? alternative : '',
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
  return `${wrap(title, lineWidth)}\n${textTable(columns, rows)}`;
}

const limits = {
  latency: 'latency',
  utilisation: 'use',
  'unloaded-latency': 'lone requests miss the SLA',
} as const;

/** What a host of each alternative bears of each workload. */
function pairsTable({ pairs }: MixResult): string {
  const columns: Column[] = [
    { title: 'workload', align: 'left' },
    { title: 'on', align: 'left' },
    { title: 'requests/s a host' },
    { title: 'limited by', align: 'left' },
    { title: 'unloaded, ms' },
    { title: 'whole target: hosts', align: 'left' },
    { title: 'USD/h' },
  ];
  const rows = pairs.map(({ workload, alternative, capacity, alone, isPossible }, index) => [
    index === 0 || pairs[index - 1].workload !== workload ? workload : '',
    alternative,
    capacity && isPossible ? plusMinus(capacity.ratePerS) : '–',
    capacity ? limits[capacity.limitedBy] : 'cannot run',
    capacity ? significant(capacity.unloadedS * 1e3) : '–',
    alone ? hostsInWords(alone.hostsByType) : '–',
    alone ? dollars(alone.usdPerHour) : '–',
  ]);
  return `Operating points, by main host\n${textTable(columns, rows)}`;
}

function hostsInWords(hostsByType: Record<string, number>): string {
  return Object.entries(hostsByType)
    .map(([host, hosts]) => `${hosts} ${host}`)
    .join(' + ');
}

/** Why pairs are impossible, and what made others possible. */
function reasons({ pairs }: MixResult): string {
  const noted = pairs.filter(({ reason }) => reason !== '');
  if (noted.length === 0) return '';
  const lines = noted.map(({ workload, alternative, reason, isPossible }) =>
    wrap(`${workload} ${isPossible ? 'on' : 'not on'} ${alternative}: ${reason}`, lineWidth),
  );
  return `What cannot run where\n${lines.join('\n')}`;
}

/** What simpler rules would take. */
function comparisonsTable({ comparisons, solution, objective }: MixResult): string {
  if (comparisons.length === 0) return '';
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
  return `Simpler rules, from the same operating points\n${textTable(columns, rows)}`;
}

function relaxationsTable({ relaxations, solution }: MixResult): string {
  if (relaxations.length === 0) {
    return solution ? '' : 'No change of a single constraint makes a mix possible.';
  }
  const columns: Column[] = ['constraint', 'from', 'to', 'effect'].map((title) => ({ title, align: 'left' }));
  const rows = relaxations.map(({ constraint, from, to, effect }) => [constraint, from, to, effect]);
  return `What would make it possible, each by itself\n${textTable(columns, rows)}`;
}
