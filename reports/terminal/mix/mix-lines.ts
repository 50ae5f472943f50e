import { formatPercent, formatTime, significant, withPrefix } from '../../../foundation/units.ts';
import type { MixResult } from '../../../sim/fleet/mix/mix-result.ts';
import type { PlanResult } from '../../../sim/fleet/plan-result.ts';
import { plusMinus, timeUnit } from '../../numbers.ts';
import { mixInWords } from '../../plan-mix-in-words.ts';
import { intervalBar } from '../bars.ts';
import { type Line, strong } from '../line.ts';
import { scaleOf } from '../percentile-bars.ts';
import { type Fact, facts, paragraph, questionLines, sections, table } from '../table.ts';
import { clipMiddle, displayWidth, pad, printable } from '../text-width.ts';
import { useLines } from '../use-lines.ts';
import { type MixPair, type MixShare, shareOf } from './mix-pair.ts';

/** Which model runs where, and what one pair of workload and host bears. */
export function mixOverviewLines(
  { mix, scenario }: PlanResult & { mix: MixResult },
  pair: MixPair,
  width: number,
): Line[] {
  return [
    ...paragraph(mixInWords(mix), width),
    [''],
    [strong(`${pair.workload} on ${pair.alternative}`)],
    ...(pair.reason === '' ? [] : paragraph(pair.reason, width, pair.isPossible ? 'doubtful' : 'bad')),
    ...facts(pairFacts(mix, pair), width),
    [''],
    ...sections(width, ['Asked', questionLines(scenario.question, width)]),
  ];
}

const limits = {
  latency: 'latency',
  utilisation: 'use of its busiest resource',
  'unloaded-latency': 'lone requests miss the SLA',
} as const;

function pairFacts(mix: MixResult, pair: MixPair): Fact[] {
  const { capacity, alone } = pair;
  const share = shareOf(mix, pair);
  const workload = mix.workloads.find(({ name }) => name === pair.workload)!;
  return [
    [
      'target',
      `${withPrefix(workload.targetPerS).trim()} requests/s, ${workload.sla.percentile} ≤ ${formatTime(workload.sla.limitS)}`,
    ],
    ...(share
      ? [
          [
            'in the mix',
            `${formatPercent(share.share)}: ${withPrefix(share.ratePerS).trim()} requests/s`,
          ] as const,
          ['its hosts', hostsInWords(byType(share.tiers))] as const,
          [
            'its price',
            `${significant(share.totals.usdPerHour)} USD/h, ${significant(share.totals.watts / 1e3)} kW`,
          ] as const,
        ]
      : []),
    ...(capacity
      ? [
          ['a main host bears', `${plusMinus(capacity.ratePerS)} requests/s`] as const,
          ['limited by', limits[capacity.limitedBy]] as const,
          ['latency unloaded', formatTime(capacity.unloadedS)] as const,
        ]
      : []),
    ...(alone
      ? [
          [
            'the whole target alone',
            `${hostsInWords(alone.hostsByType)}: ${significant(alone.usdPerHour)} USD/h`,
          ] as const,
        ]
      : []),
  ];
}

function hostsInWords(hostsByType: Record<string, number>): string {
  return Object.entries(hostsByType)
    .map(([host, hosts]) => `${hosts} ${host}`)
    .join(' + ');
}

function byType(tiers: MixShare['tiers']): Record<string, number> {
  const types: Record<string, number> = {};
  for (const { host, hosts } of tiers) types[host] = (types[host] ?? 0) + hosts;
  return types;
}

/** The judged percentile in every simulated state against the limit of the workload. */
export function mixLatencyLines(mix: MixResult, pair: MixPair, width: number): Line[] {
  const { states } = shareOf(mix, pair)!;
  const { percentile, limitS } = mix.workloads.find(({ name }) => name === pair.workload)!.sla;
  const most = scaleOf(
    states.map(({ latencyS }) => latencyS),
    limitS,
  );
  const unit = timeUnit([limitS]);
  const texts = states.map(({ latencyS }) => `${plusMinus(latencyS, unit.perS)} ${unit.name}`);
  const textWidth = Math.max(...texts.map(displayWidth));
  const nameWidth = Math.min(
    Math.floor(width / 3),
    Math.max(...states.map(({ state }) => displayWidth(state))),
  );
  return sections(
    width,
    [
      `${percentile} of each simulated state (│ SLA: ≤ ${formatTime(limitS)})`,
      states.map(
        ({ state, latencyS, met }, index): Line => [
          pad(clipMiddle(printable(state), nameWidth), nameWidth),
          '  ',
          ...intervalBar(latencyS, {
            most,
            width: Math.max(4, width - nameWidth - textWidth - 4),
            limit: limitS,
            tone: met === 'yes' ? 'good' : met === 'no' ? 'bad' : 'doubtful',
          }),
          `  ${pad(texts[index], textWidth, 'right')}`,
        ],
      ),
    ],
    [
      'Use of the busiest resource (ρ)',
      useLines(
        states.map(({ state, busiest }) => ({
          name: `${states.length > 1 ? `${state}: ` : ''}${busiest.resource} of ${busiest.group}`,
          share: busiest.offered,
        })),
        width,
      ),
    ],
  );
}

/** All shares, the stock, and what simpler rules would take. */
export function mixFleetLines(mix: MixResult, width: number): Line[] {
  return sections(
    width,
    ['Which workload runs where', shareTable(mix, width)],
    ['Stock (saves: what the mix would take less of, with any number of that type)', stockTable(mix, width)],
    ['Simpler rules', facts(ruleFacts(mix), width)],
    [
      'What would make it possible, each by itself',
      mix.relaxations.flatMap(({ constraint, from, to, effect }) =>
        paragraph(`• ${constraint}: ${from} → ${to}: ${effect}`, width),
      ),
    ],
  );
}

function shareTable({ shares }: MixResult, width: number): Line[] {
  if (shares.length === 0) return [['no mix was found: see Overview']];
  return table(
    [
      { title: 'workload', align: 'left' },
      { title: 'on', align: 'left' },
      { title: 'share' },
      { title: 'hosts' },
      { title: 'USD/h' },
      { title: 'kW', optional: true },
      { title: 'requests/s', optional: true },
    ],
    shares.map(({ workload, alternative, share, totals, ratePerS }) => [
      workload,
      alternative,
      formatPercent(share),
      String(totals.hosts),
      significant(totals.usdPerHour),
      significant(totals.watts / 1e3),
      withPrefix(ratePerS).trim(),
    ]),
    width,
  );
}

function stockTable({ stock, solution, objective }: MixResult, width: number): Line[] {
  const saved = { price: 'saves USD/h', power: 'saves W', hosts: 'saves hosts' }[objective];
  return table(
    [
      { title: 'host', align: 'left' },
      { title: 'stock' },
      { title: 'used' },
      ...(solution ? [{ title: saved }] : []),
    ],
    stock.map(({ host, stock: have, used, worth }) => [
      host,
      have === undefined ? 'any' : String(have),
      solution ? String(used) : '–',
      ...(solution ? [worth === undefined || worth < 1e-3 ? '–' : significant(worth)] : []),
    ]),
    width,
  );
}

function ruleFacts({ comparisons }: MixResult): Fact[] {
  return comparisons.map(({ name, totals, isPossible, reason }) => {
    const price = totals
      ? `${significant(totals.usdPerHour)} USD/h, ${significant(totals.watts / 1e3)} kW`
      : '';
    const answer = isPossible ? 'possible' : `not possible: ${reason}`;
    return [name, [price, answer].filter((text) => text !== '').join('; ')];
  });
}
