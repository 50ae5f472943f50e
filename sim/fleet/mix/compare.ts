import type { ResolvedWorkload } from '../../../scenarios/deployment.ts';
import { aloneValue, greedyFleet } from './greedy.ts';
import {
  hostsByType,
  isFeasible,
  type MixFleet,
  type MixInstance,
  shortages,
  totalsOf,
  unitsFor,
  unused,
} from './instance.ts';
import type { MixResult } from './mix-result.ts';
import type { PossiblePair } from './search.ts';

type Comparison = MixResult['comparisons'][number];

/** What simpler rules would choose, from the same operating points. */
export function comparisonsOf(
  instance: MixInstance,
  pairs: readonly PossiblePair[],
  workloads: readonly ResolvedWorkload[],
): Comparison[] {
  const hosts = [...new Set(pairs.map(({ point }) => point.arm!.main.host.name))];
  const onlyOn = (host: string) => (index: number) => pairs[index].point.arm!.main.host.name === host;
  const greedy = greedyFleet(instance);
  return [
    cheapestEach(instance, workloads, 'each workload on its own cheapest alternative', () => true),
    greedy
      ? comparison(instance, 'one workload after the other, cheapest first', greedy)
      : impossible(
          'one workload after the other, cheapest first',
          'finds no mix within the stock and the limits',
        ),
    ...(hosts.length > 1
      ? hosts.map((host) => cheapestEach(instance, workloads, `everything on ${host}`, onlyOn(host)))
      : []),
  ];
}

/** Each workload whole on the cheapest of some pairs, whatever the stock. */
function cheapestEach(
  instance: MixInstance,
  workloads: readonly ResolvedWorkload[],
  name: string,
  isAllowed: (pair: number) => boolean,
): Comparison {
  const { pairs } = instance;
  const fleet: MixFleet = pairs.map(() => unused);
  for (const [workload, { name: model, targetPerS }] of workloads.entries()) {
    const mine = [...pairs.keys()].filter((index) => pairs[index].workload === workload && isAllowed(index));
    if (mine.length === 0) return impossible(name, `${model} cannot run there`);
    const best = mine.reduce((one, other) =>
      aloneValue(instance, pairs[other]) < aloneValue(instance, pairs[one]) ? other : one,
    );
    fleet[best] = { ratePerS: targetPerS, units: unitsFor(pairs[best], targetPerS) };
  }
  return comparison(instance, name, fleet);
}

function impossible(name: string, reason: string): Comparison {
  return { name, hostsByType: {}, isPossible: false, reason };
}

function comparison(instance: MixInstance, name: string, fleet: MixFleet): Comparison {
  const missing = [...shortages(instance, fleet)].map(([host, count]) => `${count} ${host}`);
  const isPossible = isFeasible(instance, fleet);
  const lack = missing.length > 0 ? `the stock lacks ${missing.join(', ')}` : 'exceeds a limit of the plan';
  return {
    name,
    totals: totalsOf(instance.pairs, fleet),
    hostsByType: Object.fromEntries(hostsByType(instance.pairs, fleet)),
    isPossible,
    reason: isPossible ? '' : lack,
  };
}
