import { formatPercent, hostsInWords, significant, withPrefix } from '../foundation/units.ts';
import type { MixResult } from '../sim/fleet/mix/mix-result.ts';

type Solution = NonNullable<MixResult['solution']>;

/** The answer in a few sentences. */
export function mixInWords(mix: MixResult): string {
  const { solution, state } = mix;
  if (!solution) return infeasible(mix);
  const unproven =
    state === 'UNPROVEN'
      ? 'Simulations still miss an SLA with these hosts: see below, and do not rely on it.'
      : '';
  return [
    cost(mix, solution),
    ...mix.workloads.map(({ name }) => placement(mix, name)),
    proof(solution),
    rivals(mix, solution),
    uncertainty(mix, solution),
    unproven,
  ]
    .filter((text) => text !== '')
    .join(' ');
}

function cost({ objective }: MixResult, { totals }: Solution): string {
  const figures = {
    price: `${withPrefix(totals.usdPerHour).trim()} USD/h`,
    power: `${significant(totals.watts / 1e3)} kW`,
    hosts: hostsInWords(totals.hosts),
  };
  const others = (['price', 'power', 'hosts'] as const)
    .filter((one) => one !== objective)
    .map((one) => figures[one]);
  return `Least ${objective} for all workloads: ${figures[objective]} (${others.join(', ')}).`;
}

/** `ads: 79 % on H100, 21 % on new CPUs.` */
function placement({ shares }: MixResult, workload: string): string {
  const mine = shares.filter((share) => share.workload === workload).sort((a, b) => b.share - a.share);
  if (mine.length === 1) return `${workload}: all on ${mine[0].alternative}.`;
  return `${workload}: ${mine.map(({ share, alternative }) => `${formatPercent(share)} on ${alternative}`).join(', ')}.`;
}

/** A gap below this is what rounding leaves. */
const closed = 1e-6;

function proof({ gap, method, isTimeLimited }: Solution): string {
  if (gap <= closed) return 'No mix of these operating points takes less (gap 0 %).';
  const how = method === 'greedy' ? 'Found greedily' : 'Found by branch and bound';
  const when = isTimeLimited
    ? ', which the clock stopped: another run may differ'
    : ', which its limit of branches stopped';
  return `${how}${when}; at most ${formatPercent(gap)} above the best.`;
}

/** What the rule that looks at each workload by itself would do. */
function rivals({ comparisons, objective }: MixResult, { value }: Solution): string {
  const [each, greedy] = comparisons;
  const figure = { price: 'usdPerHour', power: 'watts', hosts: 'hosts' } as const;
  if (!each.isPossible && each.totals)
    return `Taking each workload’s own cheapest alternative fails: ${each.reason}.`;
  const over = greedy.totals ? greedy.totals[figure[objective]] / value - 1 : 0;
  return over > closed ? `Filling one workload after the other takes ${formatPercent(over)} more.` : '';
}

/** What the intervals of the capacities mean for the price. */
function uncertainty({ objective }: MixResult, { totals, atLowerEnds }: Solution): string {
  if (!atLowerEnds) {
    return 'With every capacity at the lower end of its interval, the hosts that are there would not do.';
  }
  const figure = { price: 'usdPerHour', power: 'watts', hosts: 'hosts' } as const;
  const over = atLowerEnds[figure[objective]] / totals[figure[objective]] - 1;
  const more = over > closed ? `${formatPercent(over)} more` : 'no more';
  return `With every capacity at the lower end of its interval, it would take ${more}.`;
}

function infeasible({ pairs, workloads, relaxations }: MixResult): string {
  const stuck = workloads.filter(
    ({ name }) => !pairs.some(({ workload, isPossible }) => workload === name && isPossible),
  );
  if (stuck.length > 0) {
    return `${stuck.map(({ name }) => name).join(' and ')} cannot run on any of the alternatives.`;
  }
  const stock = relaxations.find(({ constraint }) => constraint === 'plan.stock');
  const short = stock ? ` The stock is short: it has ${stock.from}, and ${stock.to} would do.` : '';
  return `The hosts that are there cannot serve all workloads within their SLAs and the limits.${short}`;
}
