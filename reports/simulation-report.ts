import { formatBytes, formatPercent, formatTime, significant, withPrefix } from '../foundation/units.ts';
import type { ArmResult, Measured, Percentile, Result } from '../sim/result.ts';
import { acceleratorSections } from './accelerator-section.ts';
import { answerInWords } from './answer-in-words.ts';
import { breakdownTables } from './breakdown-tables.ts';
import { compressionSection } from './compression-section.ts';
import { percentChange, plusMinus, timeUnit } from './numbers.ts';
import { preprocessingSection } from './preprocessing-section.ts';
import { type Column, textTable, wrap } from './text-table.ts';

const usualPercentiles: readonly Percentile[] = ['p50', 'p90', 'p99'];

/** Width that running text is wrapped to. */
const lineWidth = 100;

/** The whole answer to a scenario as plain text, at most about 115 columns wide. */
export function simulationReport(result: Result): string {
  const sections = [
    heading(result),
    latencyTable(result),
    costTable(result),
    compressionSection(result),
    under('Optimised placements', provenPlacements(result)),
    preprocessingSection(result),
    ...acceleratorSections(result),
    ...breakdownTables(result),
    ...doesNotFit(result),
    cautions(result).join('\n'),
    footer(result),
  ];
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`;
}

function heading(result: Result): string {
  const { question } = result.scenario;
  return [question, answerInWords(result)]
    .filter((text) => text !== '')
    .map((text) => wrap(text, lineWidth))
    .join('\n\n');
}

/** Percentiles with their intervals, and each relative to the baseline with an interval of its own. */
function latencyTable({ arms, scenario }: Result): string {
  const medians = arms.map(({ measured }) => measured?.latencyS.p50.mean ?? 0);
  const unit = timeUnit(medians);
  const isCompared = arms.some(({ measured }) => measured?.overBaseline);
  const { sla } = scenario;
  const judged = sla?.percentile;
  const shownPercentiles =
    judged === undefined || usualPercentiles.includes(judged)
      ? usualPercentiles
      : [...usualPercentiles, judged];
  const columns: Column[] = [
    { title: 'arm', align: 'left' },
    ...shownPercentiles.flatMap((name): Column[] => [
      { title: `${name} ${unit.name}` },
      ...(isCompared ? [{ title: `% vs ${shorten(scenario.baseline)}` }] : []),
    ]),
    { title: 'ρ' },
    ...(sla ? [{ title: `${sla.percentile} ≤ ${formatTime(sla.limitS)}` }] : []),
    { title: 'verdict', align: 'left' },
  ];
  const rows = arms.map(({ name, measured, verdict, sla: answer }) => [
    name,
    ...shownPercentiles.flatMap((percentile) => [
      measured ? plusMinus(measured.latencyS[percentile], unit.perS) : '–',
      ...(isCompared
        ? [measured?.overBaseline ? percentChange(measured.overBaseline[percentile]) : '–']
        : []),
    ]),
    measured ? busiestShare(measured) : '–',
    ...(sla ? [answer?.met ?? '–'] : []),
    verdict.state,
  ]);
  const level = `${significant(scenario.confidence * 100, 2)} %`;
  const hasCost = arms.some(({ measured }) => measured?.latencyS.p50.cost !== undefined);
  const costs = hasCost ? ' and the error of measured costs' : '';
  const title = `Latency (± ${level} interval over ${scenario.replications} replications${costs}, differences paired; ρ: use of the busiest resource)`;
  return `${wrap(title, lineWidth)}\n${textTable(columns, rows)}`;
}

/** Use of the busiest resource: what an open load asks of it, which may pass 1. */
export function busiestShare({ utilisation }: Measured): string {
  return Math.max(...utilisation.map(({ mean, offered }) => (offered ?? mean).mean)).toFixed(2);
}

/** What an arm costs, and how its tables lie. */
function costTable({ arms }: Result): string {
  const measured = arms.filter((arm) => arm.measured);
  if (measured.length === 0) return '';
  const isAccelerated = measured.some((arm) => arm.measured!.computeS.accelerator.mean > 0);
  const columns: Column[] = [
    { title: 'arm', align: 'left' },
    { title: 'CPU' },
    ...(isAccelerated ? [{ title: 'accelerator' }] : []),
    { title: 'compute %' },
    { title: 'RPCs' },
    { title: 'network' },
    { title: 'GB', group: 'per shard, min–max' },
    { title: 'pooling/candidate', group: 'per shard, min–max' },
    { title: 'pooling/user', group: 'per shard, min–max' },
    { title: 'hosts' },
    { title: 'USD/h' },
    ...(measured.some(({ offeredPerS }) => offeredPerS) ? [{ title: 'USD/M requests' }] : []),
  ];
  const rows = measured.map((arm) => costRow(arm, isAccelerated).slice(0, columns.length));
  const title =
    'Cost and placement (CPU, RPCs and network per request; compute: CPU and accelerator seconds over the baseline; ' +
    'pooling: estimated rows)';
  return `${wrap(title, lineWidth)}\n${textTable(columns, rows)}`;
}

function costRow(arm: ArmResult, isAccelerated: boolean): string[] {
  const measured = arm.measured as Measured;
  const { fleet, shards } = arm;
  const range = (value: (shard: ArmResult['shards'][number]) => number) => {
    if (shards.length === 0) return '–';
    const low = significant(Math.min(...shards.map(value)));
    const high = significant(Math.max(...shards.map(value)));
    return low === high ? low : `${low}–${high}`;
  };
  return [
    arm.name,
    formatTime(measured.computeS.cpu.mean),
    ...(isAccelerated ? [formatTime(measured.computeS.accelerator.mean)] : []),
    measured.overBaseline ? percentChange(measured.overBaseline.compute) : '–',
    significant(measured.rpcsPerRequest.mean),
    formatBytes(measured.networkBytesPerRequest.mean),
    range(({ sizeBytes }) => sizeBytes / 1e9),
    range(({ lookupsPerCandidate }) => lookupsPerCandidate),
    range(({ lookupsPerUser }) => lookupsPerUser),
    hostsOf(fleet),
    significant(fleet.pricePerHourUsd),
    fleet.usdPerMillionRequests === undefined ? '–' : significant(fleet.usdPerMillionRequests),
  ];
}

/** `1+4`: main and sparse hosts; `2→1+4`: those of a tier in front of them first. */
export function hostsOf({ mainHosts, sparseHosts, preprocessingHosts }: ArmResult['fleet']): string {
  const front = preprocessingHosts === undefined ? '' : `${preprocessingHosts}→`;
  return front + (sparseHosts > 0 ? `${mainHosts}+${sparseHosts}` : String(mainHosts));
}

/** What optimised placements reach, and how far from a proven bound that can be. */
export function provenPlacements({ arms }: Result): string[] {
  return arms.flatMap(({ name, placement }) =>
    placement
      ? [
          `${name}: gathers ${formatTime(placement.objectiveS)} a batch on the bounding shards, lower bound ` +
            `${formatTime(placement.lowerBoundS)}, gap ${placement.gap < 1e-5 ? 'below 0.001 %' : formatPercent(placement.gap)} (${placement.method})`,
        ]
      : [],
  );
}

function under(title: string, lines: readonly string[]): string {
  return lines.length > 0 ? [title, ...lines].join('\n') : '';
}

/** Why arms do not fit, with their remedies. */
export function doesNotFit({ arms }: Result): string[] {
  return arms
    .filter(({ verdict }) => verdict.state === 'DOES NOT FIT')
    .map(
      ({ name, verdict }) =>
        `${name} DOES NOT FIT. ${verdict.reason[0].toUpperCase()}${verdict.reason.slice(1)}`,
    );
}

/** Why arms are not STABLE, and what else a reader should know before believing a figure. */
export function cautions({ arms, scenario }: Result): string[] {
  const unstable = arms
    .filter(({ verdict }) => verdict.state === 'SATURATED' || verdict.state === 'UNDER-SAMPLED')
    .map(({ name, verdict }) => `${name} is ${verdict.state}: ${verdict.reason}`);
  const idle = arms.flatMap(({ name, shards }) => {
    const empty = shards.filter(({ tables }) => tables === 0).length;
    return empty > 0 ? [`${name}: ${empty} of ${shards.length} shards hold no table, and are paid for.`] : [];
  });
  const replays = (scenario.arms as { trace?: unknown }[]).some(({ trace }) => trace !== undefined)
    ? ['Replications replay the same trace: the intervals say nothing about other days.']
    : [];
  return [...unstable, ...idle, ...replays];
}

function footer({ arms, defaults, fingerprint }: Result): string {
  const events = arms.reduce((sum, { measured }) => sum + (measured?.events ?? 0), 0);
  const assumed =
    defaults.length > 0
      ? `Defaults assumed: ${defaults.map(({ path, value }) => `${path} ${value}`).join(', ')}.`
      : 'Defaults assumed: none.';
  return [
    wrap(assumed, lineWidth),
    evidenceLine(arms),
    `${fingerprint.product}, seed ${fingerprint.seed}, input ${fingerprint.inputHash}, ${withPrefix(events).trim()} events simulated`,
  ].join('\n');
}

/** What the first arm rests on: its latency by the weakest input of each part, and the inputs themselves. */
function evidenceLine([first]: ArmResult[]): string {
  const { figures, typicalTime } = first.evidence;
  const time = Object.entries(typicalTime ?? {}).map(([level, share]) => `${formatPercent(share)} ${level}`);
  const inputs = Object.entries(figures).map(([level, count]) => `${count} ${level}`);
  return [
    ...(time.length > 0 ? [`Latency by weakest input: ${time.join(', ')}.`] : []),
    `Inputs: ${inputs.join(', ')}.`,
  ].join(' ');
}

function shorten(name: string): string {
  return name.length > 12 ? `${name.slice(0, 11)}…` : name;
}
