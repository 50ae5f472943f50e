import { formatBytes, formatTime, significant, withPrefix } from '../foundation/units.ts';
import type { ArmResult, Measured, Result } from '../sim/result.ts';
import { answerInWords } from './answer-in-words.ts';
import { breakdownTables } from './breakdown-tables.ts';
import { percentChange, plusMinus, timeUnit } from './numbers.ts';
import { type Column, textTable, wrap } from './text-table.ts';

/** Width that running text is wrapped to. */
const lineWidth = 100;

/** The whole answer to a scenario as plain text, at most about 115 columns wide. */
export function simulationReport(result: Result): string {
  const sections = [
    heading(result),
    latencyTable(result),
    costTable(result),
    ...breakdownTables(result),
    doesNotFit(result),
    cautions(result),
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
  const measured = arms.filter((arm) => arm.measured);
  if (measured.length === 0) return '';
  const unit = timeUnit(Math.max(...measured.map(({ measured: m }) => m!.latencyS.p50.mean)));
  const isCompared = measured.some(({ measured: m }) => m!.overBaseline);
  const names = ['p50', 'p90', 'p99'] as const;
  const columns: Column[] = [
    { title: 'arm', align: 'left' },
    ...names.flatMap((name): Column[] => [
      { title: `${name} ${unit.name}` },
      ...(isCompared ? [{ title: `% vs ${shorten(scenario.baseline)}` }] : []),
    ]),
    ...(scenario.sla ? [{ title: `SLA ${scenario.sla.percentile} ${formatTime(scenario.sla.limitS)}` }] : []),
    { title: 'verdict', align: 'left' },
  ];
  const rows = measured.map(({ name, measured: m, verdict, sla }) => [
    name,
    ...names.flatMap((percentile) => [
      plusMinus(m!.latencyS[percentile], unit.perS),
      ...(isCompared ? [m!.overBaseline ? percentChange(m!.overBaseline[percentile]) : '–'] : []),
    ]),
    ...(scenario.sla ? [sla?.met ?? ''] : []),
    verdict.state,
  ]);
  const level = `${significant(scenario.confidence * 100, 3)} %`;
  return `Latency (± ${level} interval over ${scenario.replications} replications; differences are paired)\n${textTable(columns, rows)}`;
}

/** What an arm costs, and how its tables lie. */
function costTable({ arms }: Result): string {
  const measured = arms.filter((arm) => arm.measured);
  if (measured.length === 0) return '';
  const columns: Column[] = [
    { title: 'arm', align: 'left' },
    { title: 'CPU/request' },
    { title: 'compute %' },
    { title: 'RPCs/request' },
    { title: 'network/request' },
    { title: 'GB', group: 'per shard, min–max: size and estimated pooling' },
    { title: 'rows/candidate', group: 'per shard, min–max: size and estimated pooling' },
    { title: 'rows/user', group: 'per shard, min–max: size and estimated pooling' },
    { title: 'hosts' },
    { title: 'USD/h' },
  ];
  return `Cost and placement (compute: CPU and accelerator seconds over the baseline)\n${textTable(columns, measured.map(costRow))}`;
}

function costRow(arm: ArmResult): string[] {
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
    measured.overBaseline ? percentChange(measured.overBaseline.compute) : '–',
    significant(measured.rpcsPerRequest.mean),
    formatBytes(measured.networkBytesPerRequest.mean),
    range(({ sizeBytes }) => sizeBytes / 1e9),
    range(({ lookupsPerCandidate }) => lookupsPerCandidate),
    range(({ lookupsPerUser }) => lookupsPerUser),
    fleet.sparseHosts > 0 ? `${fleet.mainHosts}+${fleet.sparseHosts}` : String(fleet.mainHosts),
    significant(fleet.pricePerHourUsd),
  ];
}

function doesNotFit({ arms }: Result): string {
  return arms
    .filter(({ verdict }) => verdict.state === 'DOES NOT FIT')
    .map(({ name, verdict }) => `${name} DOES NOT FIT: ${verdict.reason}`)
    .join('\n\n');
}

/** Why arms are not STABLE. */
function cautions({ arms }: Result): string {
  return arms
    .filter(({ verdict }) => verdict.state === 'SATURATED' || verdict.state === 'UNDER-SAMPLED')
    .map(({ name, verdict }) => `${name} is ${verdict.state}: ${verdict.reason}`)
    .join('\n');
}

function footer({ arms, defaults, fingerprint }: Result): string {
  const events = arms.reduce((sum, { measured }) => sum + (measured?.events ?? 0), 0);
  const assumed =
    defaults.length > 0
      ? `Defaults assumed: ${defaults.map(({ path, value }) => `${path} ${value}`).join(', ')}.`
      : 'Defaults assumed: none.';
  return [
    wrap(assumed, lineWidth),
    `Input figures by evidence: ${evidenceLine(arms)}`,
    `${fingerprint.product}, seed ${fingerprint.seed}, input ${fingerprint.inputHash}, ${withPrefix(events).trim()} events simulated`,
  ].join('\n');
}

function evidenceLine(arms: ArmResult[]): string {
  const counts = arms[0]?.evidence ?? {};
  return Object.entries(counts)
    .map(([level, count]) => `${count} ${level}`)
    .join(', ');
}

function shorten(name: string): string {
  return name.length > 12 ? `${name.slice(0, 11)}…` : name;
}
