import { formatPercent } from '../../../foundation/units.ts';
import type { MixResult } from '../../../sim/fleet/mix/mix-result.ts';
import type { PlanResult } from '../../../sim/fleet/plan-result.ts';
import { comparedLines } from '../compared-lines.ts';
import { type FigureOf, independentPair } from '../independent-pair.ts';
import { defaultLines } from '../result/evidence.ts';
import { shareOfOne, short } from '../short-numbers.ts';
import { bad, doubtful, good, type Status } from '../status.ts';
import { always, never, type SubjectView } from '../subject-view.ts';
import { sections } from '../table.ts';
import type { Tools } from '../tools.ts';
import { mixFleetLines, mixLatencyLines, mixOverviewLines } from './mix-lines.ts';
import { type MixPair, shareOf } from './mix-pair.ts';

/** A plan of several models on a finite stock: every workload on every alternative. */
export function mixView(plan: PlanResult & { mix: MixResult }, tools: Tools): SubjectView {
  const { mix, scenario } = plan;
  const { pairs } = mix;
  const start = Math.max(
    0,
    pairs.findIndex((pair) => shareOf(mix, pair)),
  );
  const name = ({ workload, alternative }: MixPair) => `${workload} on ${alternative}`;
  const latencyS = (pair: MixPair) => shareOf(mix, pair)?.states[0]?.latencyS.mean;
  const price = (pair: MixPair) => shareOf(mix, pair)?.totals.usdPerHour;
  const use = (pair: MixPair) => shareOf(mix, pair)?.states[0]?.busiest.offered;
  return {
    title: `plan ${scenario.name}`,
    goal: `${mix.workloads.length} workloads, least ${mix.objective}`,
    what: 'pair',
    size: pairs.length,
    start,
    baseline: start,
    hasLongNames: false,
    figureTitles: ['latency ms', 'USD/h', 'ρ'],
    key: (index) => name(pairs[index]),
    item: (index) => {
      const pair = pairs[index];
      const timeS = latencyS(pair);
      return {
        name: name(pair),
        status: statusOf(mix, pair),
        figures: [short(timeS && timeS * 1e3), short(price(pair)), shareOfOne(use(pair))],
      };
    },
    searchText: (index) => `${name(pairs[index])} ${statusOf(mix, pairs[index]).word}`.toLowerCase(),
    sorts: [
      { title: 'latency', of: (index) => latencyS(pairs[index]) },
      { title: 'price', of: (index) => price(pairs[index]) },
      { title: 'ρ', of: (index) => use(pairs[index]) },
      { title: 'requests/s a host', of: (index) => pairs[index].capacity?.ratePerS.mean },
      { title: 'name', of: (index) => name(pairs[index]) },
    ],
    tabs: {
      overview: always(({ index, width }) => mixOverviewLines(plan, pairs[index], width)),
      latency: {
        missing: (index) =>
          shareOf(mix, pairs[index])
            ? undefined
            : 'the mix does not use this pair, so it was not simulated in a fleet',
        lines: ({ index, width }) => mixLatencyLines(mix, pairs[index], width),
      },
      breakdown: never('a plan keeps no latency breakdown: rankfleet simulate does'),
      shards: never('a plan keeps no figures of single shards'),
      fleet: always(({ width }) => mixFleetLines(mix, width)),
      evidence: always(({ width }) =>
        sections(width, ['Defaults that were assumed', defaultLines(plan.defaults, width)]),
      ),
      compare: {
        missing: () => (pairs.length < 2 ? 'there is no other pair' : undefined),
        lines: ({ index, other, width }) => {
          const side = (at: number) => ({ name: name(pairs[at]), value: { mix, pair: pairs[at] } });
          return comparedLines(
            independentPair(figures, side(other), side(index), tools),
            scenario.confidence,
            width,
          );
        },
      },
    },
  };
}

function statusOf(mix: MixResult, pair: MixPair): Status {
  const share = shareOf(mix, pair);
  if (!pair.isPossible) return bad('CANNOT RUN');
  if (!share) return { sign: '·', word: 'NOT USED', tone: 'faint' };
  const word = `TAKES ${formatPercent(share.share)}`;
  return share.states.every(({ met }) => met === 'yes') ? good(word) : doubtful(word);
}

type Side = { mix: MixResult; pair: MixPair };

const figures: readonly FigureOf<Side>[] = [
  {
    key: 'capacityPerS',
    title: 'a host bears',
    unit: '1/s',
    group: 'latency',
    of: ({ pair }) => pair.capacity?.ratePerS,
  },
  {
    key: 'unloadedS',
    title: 'latency unloaded',
    unit: 's',
    group: 'latency',
    of: ({ pair }) => pair.capacity?.unloadedS,
  },
  {
    key: 'latencyS',
    title: 'latency in the mix',
    unit: 's',
    group: 'latency',
    of: ({ mix, pair }) => shareOf(mix, pair)?.states[0]?.latencyS,
  },
  {
    key: 'aloneUsd',
    title: 'whole target: price',
    unit: 'USD/h',
    group: 'fleet',
    of: ({ pair }) => pair.alone?.usdPerHour,
  },
  {
    key: 'aloneWatts',
    title: 'whole target: power',
    unit: 'W',
    group: 'fleet',
    of: ({ pair }) => pair.alone?.watts,
  },
  {
    key: 'aloneHosts',
    title: 'whole target: hosts',
    unit: 'count',
    group: 'fleet',
    of: ({ pair }) => pair.alone?.hosts,
  },
];
