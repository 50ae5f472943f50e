import { counted } from '../foundation/counted.ts';
import { formatBytes, formatPercent, formatTime, hoursPerMonth, significant } from '../foundation/units.ts';
import type { Alternative, PlanResult } from '../sim/fleet/plan-result.ts';
import { plainRate, plusMinus, timeUnit, usdPerMillion, wholeUsd } from './numbers.ts';
import { type Column, type TitledTable, titledTable, wrap } from './text-table.ts';

/** Width that running text is wrapped to. */
const lineWidth = 100;

/** A plan for one model, whose alternatives share an SLA. */
export type FleetPlan = PlanResult & {
  scenario: { sla: NonNullable<PlanResult['scenario']['sla']> };
};

/** The tables of a plan for one model. */
export function fleetSections(plan: FleetPlan): string[] {
  const lines = (...texts: string[]) => texts.filter((text) => text !== '').join('\n');
  return [
    titledTable(alternativesTable(plan)),
    lines(titledTable(capacityTable(plan)), wrap(saturationNote(plan), lineWidth)),
    lines(titledTable(proofTable(plan)), wrap(proofDoubts(plan), lineWidth)),
    titledTable(roomTable(plan)),
    titledTable(frontierTable(plan)),
  ];
}

/** Fleets side by side: hosts, money, power, and the percentile that decides. */
function alternativesTable(plan: FleetPlan): TitledTable | undefined {
  const { sla, survive, spares, targetPerS } = plan.scenario;
  // Where none has a fleet the reasons say all there is.
  if (targetPerS === undefined || plan.alternatives.every(({ fleet }) => !fleet)) return undefined;
  const unit = timeUnit([sla.limitS]);
  const columns: Column[] = [
    { title: 'alternative', align: 'left' },
    { title: 'hosts', align: 'left' },
    { title: 'total' },
    { title: 'USD/month' },
    { title: 'USD/M req' },
    { title: 'kW' },
    { title: 'req/J' },
    { title: `${sla.percentile} ${unit.name}` },
    { title: 'ρ' },
  ];
  const rows = plan.alternatives.map((one) => [
    `${one.name === plan.best ? '▸' : one.state === 'SIZED' ? ' ' : '✗'} ${one.name}`,
    one.fleet ? hostsInWords(one) : one.state,
    one.fleet ? `${one.fleet.hosts}` : '–',
    one.money && one.fleet ? wholeUsd(one.money.usdPerMonth) : '–',
    one.money && one.fleet ? usdPerMillion(one.money.usdPerMillionRequests) : '–',
    one.power ? significant(one.power.watts / 1e3) : '–',
    one.power ? significant(one.power.requestsPerJoule) : '–',
    one.states[0] ? plusMinus(one.states[0].latencyS[sla.percentile], unit.perS) : '–',
    one.states[0] ? one.states[0].utilisation[0].offered.toFixed(2) : '–',
  ]);
  const extras = [
    survive === 'nothing' ? '' : `one ${survive} down`,
    spares === 0 ? '' : `${spares} ${spares === 1 ? 'spare' : 'spares'} of each role`,
  ].filter((text) => text !== '');
  const title =
    `Fleets for ${plainRate(targetPerS)} requests/s with ${formatPercent(plan.scenario.headroom)} headroom` +
    `${extras.length > 0 ? `, ${extras.join(', ')}` : ''} (▸ least ${plan.scenario.objective}` +
    `${plan.alternatives.some(({ state }) => state !== 'SIZED') ? '; ✗ infeasible, see below' : ''}; req/J: requests ` +
    `per joule; ${sla.percentile} and ρ, the use of the busiest resource, in normal operation)`;
  return { title, columns, rows };
}

/** `22 main + 2–3 × 8 shards`, in hosts. */
export function hostsInWords({ fleet }: Alternative): string {
  const { tiers, regions } = fleet!;
  const shards = tiers.filter(({ group }) => group.startsWith('shard')).map(({ total }) => total / regions);
  const others = tiers.filter(({ group }) => !group.startsWith('shard'));
  const [least, most] = [Math.min(...shards), Math.max(...shards)];
  const perShard = least === most ? `${least}` : `${least}–${most}`;
  const words = [
    ...others.map(
      ({ group, host, total }) => `${total / regions} ${group === 'main' ? host : `${group} ${host}`}`,
    ),
    ...(shards.length > 0
      ? [`${shards.length} × ${perShard} ${tiers.find(({ group }) => group.startsWith('shard'))!.host}`]
      : []),
  ];
  return regions > 1 ? `${regions} × (${words.join(' + ')})` : words.join(' + ');
}

/** Latency-bounded throughput of replica sets. */
export function capacityTable({ alternatives, scenario, best }: FleetPlan): TitledTable | undefined {
  const measured = alternatives.filter(({ capacity }) => capacity);
  if (measured.length === 0) return undefined;
  const { sla } = scenario;
  const unit = timeUnit([sla.limitS]);
  const isOnly = scenario.targetPerS === undefined;
  const columns: Column[] = [
    { title: 'alternative', align: 'left' },
    { title: 'requests/s' },
    { title: 'ρ there' },
    { title: `${sla.percentile} unloaded, ${unit.name}` },
    { title: 'limited by', align: 'left' },
    { title: 'replications' },
    ...(isOnly ? [{ title: 'USD/h' }, { title: 'USD/M req' }] : []),
  ];
  const rows = measured.map(({ name, capacity, money: cost }) => {
    const { ratePerS, limitedBy, unloadedS, utilisation, replications } = capacity!;
    const [busiest] = utilisation;
    const where = `${busiest.resource} of ${busiest.group}`;
    return [
      isOnly && name === best ? `▸ ${name}` : `  ${name}`,
      limitedBy === 'unloaded-latency' ? 'none' : plusMinus(ratePerS),
      limitedBy === 'unloaded-latency' ? '–' : busiest.offered.toFixed(2),
      significant(unloadedS * unit.perS),
      limitedBy === 'unloaded-latency'
        ? 'lone requests miss the SLA'
        : limitedBy === 'utilisation'
          ? `use of ${where}`
          : 'latency',
      `${replications}`,
      ...(isOnly
        ? [cost ? significant(cost.usdPerHour) : '–', cost ? significant(cost.usdPerMillionRequests) : '–']
        : []),
    ];
  });
  const title = `Latency-bounded throughput of one replica set (one main host, one of each other role): most requests/s with ${sla.percentile} ≤ ${formatTime(sla.limitS)} and every resource at most ${formatPercent(scenario.maxUtilisation)} used (± ${significant(scenario.confidence * 100, 2)} % interval)`;
  return { title, columns, rows };
}

/** Use beyond which a small error of a capacity is a large error of a latency. */
const nearSaturation = 0.85;

/** Which throughputs lie close to saturation; empty where none does. */
export function saturationNote({ alternatives }: FleetPlan): string {
  const measured = alternatives.filter(({ capacity }) => capacity);
  const near = measured.filter(
    ({ capacity }) =>
      capacity && capacity.ratePerS.mean > 0 && capacity.utilisation[0].offered >= nearSaturation,
  );
  if (near.length === 0) return '';
  const which =
    near.length === measured.length
      ? 'All of these are'
      : `Near saturation: ${near.map(({ name }) => name).join(', ')}. These are`;
  return (
    `${which} within reach of saturation (ρ ≥ ${nearSaturation}), where an error of 1 % in a service time changes ` +
    'latency by far more: keep headroom.'
  );
}

/** The simulations that prove each fleet. */
export function proofTable({ alternatives, scenario }: FleetPlan): TitledTable | undefined {
  const proven = alternatives.filter(({ states }) => states.length > 0);
  if (proven.length === 0) return undefined;
  const { sla } = scenario;
  const unit = timeUnit([sla.limitS]);
  const isSliced = proven.some(({ states }) => states.some(({ sliceOf }) => sliceOf > 1));
  const columns: Column[] = [
    { title: 'alternative', align: 'left' },
    { title: 'state', align: 'left' },
    { title: 'requests/s' },
    { title: 'hosts serving' },
    { title: `p50 ${unit.name}` },
    { title: `${sla.percentile} ${unit.name}` },
    { title: 'ρ' },
    { title: `≤ ${formatTime(sla.limitS)}` },
    ...(isSliced ? [{ title: 'simulated' }] : []),
  ];
  const rows = proven.flatMap(({ name, states }) =>
    states.map(({ state, ratePerS, hosts, latencyS, utilisation, met, sliceOf }) => [
      name,
      state,
      plainRate(ratePerS),
      `${hosts.reduce((sum, { serving }) => sum + serving, 0)}`,
      plusMinus(latencyS.p50, unit.perS),
      plusMinus(latencyS[sla.percentile], unit.perS),
      utilisation[0].offered.toFixed(2),
      met,
      ...(isSliced ? [sliceOf === 1 ? 'whole' : `1/${sliceOf}`] : []),
    ]),
  );
  const perRegion = proven.some(({ fleet }) => fleet!.regions > 1) ? ', per region' : '';
  return { title: `Proof by simulation${perRegion}`, columns, rows, shared: 1 };
}

/** States that were seen for too short a time to be sure of; empty where there are none. */
export function proofDoubts({ alternatives }: FleetPlan): string {
  const doubtful = alternatives.flatMap(({ name, states }) => {
    const worse = states.filter(({ verdict }) => verdict !== 'STABLE');
    const words = [...new Set(worse.map(({ verdict }) => verdict))].join(', ');
    return worse.length > 0 ? [`${name} (${worse.length} of ${states.length} states ${words})`] : [];
  });
  if (doubtful.length === 0) return '';
  return (
    `Not sure: ${doubtful.join('; ')}. UNDER-SAMPLED: the percentile has a wide interval or none, or rests on few ` +
    'requests: ask for more replications or requests, or give a longer trace.'
  );
}

/** What is left: of the busiest resource, memory, NIC. */
export function roomTable({ alternatives }: FleetPlan): TitledTable | undefined {
  const sized = alternatives.filter(({ headroom }) => headroom);
  if (sized.length === 0) return undefined;
  const columns: Column[] = [
    { title: 'alternative', align: 'left' },
    { title: 'bottleneck', align: 'left' },
    { title: 'memory for tables, free', align: 'left' },
    { title: 'NIC free', align: 'left' },
    { title: 'refresh', align: 'left' },
  ];
  const rows = sized.map(({ name, headroom, fleet, bottleneck }) => [
    name,
    `${bottleneck!.resource} of ${bottleneck!.group} ${formatPercent(1 - bottleneck!.offered)}`,
    headroom!.memory
      .map(({ group, kind, usedBytes, capacityBytes }) => {
        const free = formatPercent(1 - usedBytes / capacityBytes);
        return `${group} ${kind} ${formatBytes(capacityBytes - usedBytes)}, ${free}`;
      })
      .join('; '),
    headroom!.nic.map(({ group, free }) => `${group} ${formatPercent(free)}`).join(', '),
    fleet!.refresh ? refreshInWords(fleet!.refresh) : '–',
  ]);
  const hasRefresh = sized.some(({ fleet }) => fleet!.refresh);
  const shown = hasRefresh ? columns : columns.slice(0, -1);
  return {
    title: 'Room left (use when load takes all headroom)',
    columns: shown,
    rows: rows.map((row) => row.slice(0, shown.length)),
  };
}

function refreshInWords({
  mode,
  loadS,
  extraHosts,
}: NonNullable<NonNullable<Alternative['fleet']>['refresh']>): string {
  return mode === 'rolling'
    ? `rolling, ${formatTime(loadS)} a host, ${counted(extraHosts, 'host')} more`
    : `double memory, ${formatTime(loadS)} a host`;
}

/** What more money buys. */
export function frontierTable({ frontier, scenario }: FleetPlan): TitledTable | undefined {
  const efficient = frontier.filter(({ isEfficient }) => isEfficient);
  if (efficient.length < 2) return undefined;
  const { sla } = scenario;
  const unit = timeUnit([sla.limitS]);
  const rows = efficient.map(({ alternative, oversize, usdPerHour, latencyS, watts }) => [
    alternative,
    oversize === 1 ? 'smallest' : `× ${oversize.toFixed(2)}`,
    wholeUsd(usdPerHour * hoursPerMonth),
    plusMinus(latencyS, unit.perS),
    significant(watts / 1e3),
  ]);
  const columns: Column[] = [
    { title: 'alternative', align: 'left' },
    { title: 'hosts' },
    { title: 'USD/month' },
    { title: `${sla.percentile} ${unit.name}` },
    { title: 'kW' },
  ];
  const title = `Pareto frontier of money, ${sla.percentile} and power (${frontier.length} fleets simulated)`;
  return { title, columns, rows };
}
