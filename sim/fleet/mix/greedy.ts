import {
  figureOf,
  fleetValue,
  isFeasible,
  type MixFleet,
  type MixInstance,
  type MixPair,
  totalsOf,
  unitsFor,
  unused,
} from './instance.ts';

/** Halvings of a rate when the largest is looked for that a stock allows. */
const halvings = 50;

/**
 * A fleet built workload by workload, each on its cheapest pairs as far as the stock goes. Several orders of the
 * workloads are tried, since who comes first takes what is scarce.
 * @returns the best feasible one, or undefined where none is
 */
export function greedyFleet(instance: MixInstance): MixFleet | undefined {
  let best: MixFleet | undefined;
  for (const order of ordersOf(instance)) {
    const fleet = fill(instance, order);
    if (!isFeasible(instance, fleet)) continue;
    if (!best || fleetValue(instance, fleet) < fleetValue(instance, best)) best = fleet;
  }
  return best;
}

/** What a pair costs when it serves a whole workload by itself. */
export function aloneValue({ workloads, objective }: MixInstance, pair: MixPair): number {
  const { targetPerS } = workloads[pair.workload];
  const totals = totalsOf([pair], [{ ratePerS: targetPerS, units: unitsFor(pair, targetPerS) }]);
  return totals[figureOf[objective]];
}

/** As listed, reversed, and by what the second best costs over the best: those who lose the most choose first. */
function ordersOf(instance: MixInstance): number[][] {
  const listed = [...instance.workloads.keys()];
  const regret = listed.map((workload) => {
    const values = instance.pairs
      .filter((pair) => pair.workload === workload)
      .map((pair) => aloneValue(instance, pair))
      .sort((a, b) => a - b);
    return (values[1] ?? Number.MAX_VALUE) - (values[0] ?? 0);
  });
  return [listed, [...listed].reverse(), [...listed].sort((a, b) => regret[b] - regret[a] || a - b)];
}

function fill(instance: MixInstance, order: readonly number[]): MixFleet {
  const { workloads, pairs } = instance;
  const left = new Map(instance.stock);
  const fleet: MixFleet = pairs.map(() => unused);
  for (const workload of order) {
    const { targetPerS, maxAlternatives = Number.POSITIVE_INFINITY } = workloads[workload];
    const mine = [...pairs.keys()]
      .filter((index) => pairs[index].workload === workload)
      .sort((a, b) => aloneValue(instance, pairs[a]) - aloneValue(instance, pairs[b]) || a - b);
    let missing = targetPerS;
    let taken = 0;
    for (const index of mine) {
      if (missing <= targetPerS * 1e-9 || taken >= maxAlternatives) break;
      const ratePerS = largestRate(pairs[index], missing, left);
      if (ratePerS <= targetPerS * 1e-9) continue;
      const units = unitsFor(pairs[index], ratePerS);
      fleet[index] = { ratePerS, units };
      for (const [host, count] of hostsOf(pairs[index], units))
        left.set(host, (left.get(host) ?? Number.POSITIVE_INFINITY) - count);
      missing -= ratePerS;
      taken++;
    }
  }
  return fleet;
}

/** The largest rate up to a wanted one whose hosts are left. */
function largestRate(pair: MixPair, wantedPerS: number, left: ReadonlyMap<string, number>): number {
  const fits = (ratePerS: number) =>
    [...hostsOf(pair, unitsFor(pair, ratePerS))].every(
      ([host, count]) => count <= (left.get(host) ?? Number.POSITIVE_INFINITY),
    );
  if (fits(wantedPerS)) return wantedPerS;
  let [low, high] = [0, wantedPerS];
  for (let step = 0; step < halvings; step++) {
    const middle = (low + high) / 2;
    if (fits(middle)) low = middle;
    else high = middle;
  }
  return low;
}

/** Hosts by type. */
function hostsOf({ roles }: MixPair, units: readonly number[]): Map<string, number> {
  const hosts = new Map<string, number>();
  roles.forEach(({ host, hostsPerUnit }, role) => {
    hosts.set(host, (hosts.get(host) ?? 0) + units[role] * hostsPerUnit);
  });
  return hosts;
}
