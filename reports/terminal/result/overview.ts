import { counted } from '../../../foundation/counted.ts';
import { formatBytes, formatTime, significant } from '../../../foundation/units.ts';
import type { ArmResult, Percentile, Result } from '../../../sim/result.ts';
import { answerInWords } from '../../answer-in-words.ts';
import { percentChange, plusMinus, signedPercent, timeUnit } from '../../numbers.ts';
import { type Line, strong } from '../line.ts';
import { plainPercent } from '../short-numbers.ts';
import { armStatus, slaStatus, statusSpan } from '../status.ts';
import { type Fact, facts, paragraph, questionLines, sections, table } from '../table.ts';
import { hostsInWords } from './fleet.ts';

const percentiles: readonly Percentile[] = ['p50', 'p90', 'p95', 'p99', 'p99.9'];

/** The answer to the question, and the figures of one arm. */
export function overviewLines(result: Result, arm: ArmResult, width: number): Line[] {
  const { scenario } = result;
  return [
    ...paragraph(answerInWords(result), width),
    [''],
    [strong(arm.name), '  ', statusSpan(armStatus(arm))],
    ...paragraph(arm.verdict.reason, width),
    ...slaLine(arm),
    [''],
    ...sections(
      width,
      [
        `Latency (± ${plainPercent(scenario.confidence)} interval)`,
        percentileTable(arm, scenario.baseline, width),
      ],
      ['A request', requestFacts(arm, scenario.baseline, width)],
      ['Asked', questionLines(scenario.question, width)],
    ),
  ];
}

function slaLine({ sla }: ArmResult): Line[] {
  if (!sla) return [];
  return [[`SLA: ${sla.percentile} ≤ ${formatTime(sla.limitS)}  `, statusSpan(slaStatus(sla.met))]];
}

function percentileTable({ measured }: ArmResult, baseline: string, width: number): Line[] {
  if (!measured) return [];
  const { latencyS, overBaseline } = measured;
  const unit = timeUnit([latencyS.p50.mean]);
  const columns = [
    { title: '', align: 'left' as const },
    { title: unit.name },
    ...(overBaseline ? [{ title: `% over ${baseline}` }] : []),
  ];
  const rows = percentiles.map((name) => [
    name,
    plusMinus(latencyS[name], unit.perS),
    ...(overBaseline ? [percentChange(overBaseline[name])] : []),
  ]);
  return table(
    columns,
    [...rows, ['mean', plusMinus(latencyS.mean, unit.perS), ...(overBaseline ? ['–'] : [])]],
    width,
  );
}

function requestFacts({ measured, fleet, offeredPerS }: ArmResult, baseline: string, width: number): Line[] {
  if (!measured) return [];
  const { computeS, rpcsPerRequest, networkBytesPerRequest, throughputPerS, overBaseline } = measured;
  const list: Fact[] = [
    ['CPU', formatTime(computeS.cpu.mean)],
    ...(computeS.accelerator.mean > 0
      ? [['accelerators', formatTime(computeS.accelerator.mean)] as const]
      : []),
    ...(overBaseline
      ? [['compute', `${signedPercent(overBaseline.compute)} over ${baseline}`] as const]
      : []),
    ['RPCs', significant(rpcsPerRequest.mean)],
    ['network', formatBytes(networkBytesPerRequest.mean)],
    ['throughput', `${plusMinus(throughputPerS)} requests/s`],
    ...(offeredPerS === undefined ? [] : [['load', `${significant(offeredPerS)} requests/s`] as const]),
    ['hosts', hostsInWords(fleet)],
    ['price', `${significant(fleet.pricePerHourUsd)} USD/h`],
    ...(fleet.usdPerMillionRequests === undefined
      ? []
      : [['', `${significant(fleet.usdPerMillionRequests)} USD per million requests`] as const]),
    [
      'simulated',
      `${counted(measured.requests, 'request')} in ${counted(measured.replications, 'replication')}`,
    ],
    ['longest', formatTime(measured.latencyS.max)],
  ];
  return facts(list, width);
}
