import { formatBytes, hoursPerMonth, significant } from '../../../foundation/units.ts';
import type { ArmResult } from '../../../sim/result.ts';
import { wholeUsd } from '../../numbers.ts';
import type { Line } from '../line.ts';
import { type Fact, facts, sections } from '../table.ts';
import { type Use, useLines } from '../use-lines.ts';

/** Hosts of an arm, what they cost and hold, and how much of them is used. */
export function fleetLines(arm: ArmResult, width: number): Line[] {
  return sections(
    width,
    ['Hosts', facts(hostFacts(arm), width)],
    ['Cost and power', facts(costFacts(arm), width)],
    ['Memory', facts(memoryFacts(arm), width)],
    ['Use of resources, busiest first (ρ)', useLines(usesOf(arm), width)],
  );
}

/** `1 sc-large + 4 sc-small with shards`. */
export function hostsInWords(fleet: ArmResult['fleet']): string {
  const { mainHosts, mainHost, sparseHosts, sparseHost, preprocessingHosts, preprocessingHost } = fleet;
  return [
    ...(preprocessingHosts === undefined ? [] : [`${preprocessingHosts} ${preprocessingHost} in front`]),
    `${mainHosts} ${mainHost}`,
    ...(sparseHosts > 0 ? [`${sparseHosts} ${sparseHost} with shards`] : []),
  ].join(' + ');
}

function hostFacts({ fleet }: ArmResult): Fact[] {
  return [
    ...(fleet.preprocessingHosts === undefined
      ? []
      : [['preprocessing', `${fleet.preprocessingHosts} × ${fleet.preprocessingHost}`] as const]),
    ['main', `${fleet.mainHosts} × ${fleet.mainHost}`],
    ['sparse shards', fleet.sparseHosts > 0 ? `${fleet.sparseHosts} × ${fleet.sparseHost}` : 'none'],
  ];
}

function costFacts({ fleet, measured, offeredPerS }: ArmResult): Fact[] {
  const { pricePerHourUsd, usdPerMillionRequests, powerW } = fleet;
  const servedPerS = offeredPerS ?? measured?.throughputPerS.mean;
  return [
    [
      'price',
      `${significant(pricePerHourUsd)} USD/h, ${wholeUsd(pricePerHourUsd * hoursPerMonth)} USD/month`,
    ],
    ...(usdPerMillionRequests === undefined
      ? []
      : [['a million requests', `${significant(usdPerMillionRequests)} USD`] as const]),
    ...(powerW === undefined ? [] : [['power', `${significant(powerW / 1e3)} kW`] as const]),
    ...(powerW === undefined || servedPerS === undefined
      ? []
      : [['requests per joule', significant(servedPerS / powerW)] as const]),
  ];
}

function memoryFacts({ fleet, tables, accelerator }: ArmResult): Fact[] {
  return [
    ['tables, all hosts', formatBytes(fleet.tableBytes)],
    ['DRAM, all hosts', formatBytes(fleet.dramBytes)],
    ...(tables
      ? [
          [
            'one copy of the model',
            `${formatBytes(tables.bytes)} as stored, ${formatBytes(tables.originalBytes)} in the model file`,
          ] as const,
        ]
      : []),
    ...(accelerator ? [['accelerators', acceleratorInWords(accelerator)] as const] : []),
  ];
}

function acceleratorInWords({
  used,
  device,
  tables,
  tableBytes,
  cache,
}: NonNullable<ArmResult['accelerator']>): string {
  const held =
    tables === 'host'
      ? 'tables stay on the hosts'
      : `tables ${tables}, ${formatBytes(Math.max(0, ...tableBytes))} on the fullest`;
  const hits = cache ? `, ${significant(cache.hitShare * 100)} % of lookups found in the cache` : '';
  return `${used} × ${device} a host, ${held}${hits}`;
}

function usesOf({ measured }: ArmResult): Use[] {
  return (measured?.utilisation ?? []).map(({ group, resource, mean, offered }) => ({
    name: `${resource} of ${group}`,
    share: (offered ?? mean).mean,
  }));
}
