import { formatTime } from '../../../foundation/units.ts';
import type { Alternative, PlanResult } from '../../../sim/fleet/plan-result.ts';
import { plainRate, timeUnit } from '../../numbers.ts';
import type { FleetPlan } from '../../plan-fleet-sections.ts';
import { comparedLines } from '../compared-lines.ts';
import { evidenceBars } from '../evidence-lines.ts';
import { independentPair } from '../independent-pair.ts';
import type { Line } from '../line.ts';
import { defaultLines } from '../result/evidence.ts';
import { perMillion, shareOfOne, short } from '../short-numbers.ts';
import { bad, doubtful, good, type Status } from '../status.ts';
import { always, never, type SubjectView } from '../subject-view.ts';
import { sections } from '../table.ts';
import type { Tools } from '../tools.ts';
import { planFigures } from './plan-figures.ts';
import { fleetLines } from './plan-fleet.ts';
import { latencyLines } from './plan-latency.ts';
import { overviewLines } from './plan-overview.ts';

const noParts = 'a plan keeps no latency breakdown: rankfleet simulate does';
const noShards = 'a plan keeps no figures of single shards: hosts of each are in Fleet';

/** A plan of one model: its alternatives. */
export function planView(plan: FleetPlan, tools: Tools): SubjectView {
  const { alternatives, scenario, best } = plan;
  const { percentile, limitS } = scenario.sla;
  const start = Math.max(
    0,
    alternatives.findIndex(({ name }) => name === best),
  );
  const columns = scenario.targetPerS === undefined ? capacityColumns() : fleetColumns(plan);
  return {
    title: `plan ${scenario.name}`,
    goal:
      `${percentile} ≤ ${formatTime(limitS)}` +
      (scenario.targetPerS === undefined
        ? `; QPS: of one replica set; ${perMillion}`
        : ` at ${plainRate(scenario.targetPerS)} requests/s`),
    what: 'alternative',
    size: alternatives.length,
    start,
    baseline: start,
    hasLongNames: false,
    figureTitles: columns.titles,
    key: (index) => alternatives[index].name,
    item: (index) => ({
      name: alternatives[index].name,
      status: statusOf(alternatives[index], best),
      figures: columns.figures(alternatives[index]),
    }),
    searchText: (index) =>
      `${alternatives[index].name} ${alternatives[index].state}${alternatives[index].name === best ? ' best' : ''}`.toLowerCase(),
    sorts: [
      { title: percentile, of: (index) => alternatives[index].states[0]?.latencyS[percentile].mean },
      { title: 'price', of: (index) => alternatives[index].money?.usdPerMonth },
      { title: 'power', of: (index) => alternatives[index].power?.watts },
      { title: 'hosts', of: (index) => alternatives[index].fleet?.hosts },
      { title: 'ρ', of: (index) => alternatives[index].states[0]?.utilisation[0]?.offered },
      { title: 'name', of: (index) => alternatives[index].name },
    ],
    tabs: {
      overview: always(({ index, width }) => overviewLines(plan, alternatives[index], width)),
      latency: {
        missing: (index) =>
          alternatives[index].states.length === 0 && !alternatives[index].capacity
            ? `nothing was simulated: ${alternatives[index].state}`
            : undefined,
        lines: ({ index, width }) => latencyLines(plan, alternatives[index], width),
      },
      breakdown: never(noParts),
      shards: never(noShards),
      fleet: always(({ index, width }) => fleetLines(plan, alternatives[index], width)),
      evidence: always(({ index, width }) => evidenceLines(plan, alternatives[index], width)),
      compare: {
        missing: () => (alternatives.length < 2 ? 'there is no other alternative' : undefined),
        lines: ({ index, other, width }) => {
          const side = (at: number) => ({ name: alternatives[at].name, value: alternatives[at] });
          return comparedLines(
            independentPair(planFigures, side(other), side(index), tools),
            scenario.confidence,
            width,
          );
        },
      },
    },
  };
}

function statusOf({ state, states, name }: Alternative, best: string | undefined): Status {
  if (state !== 'SIZED' && state !== 'REPLICA SET') return bad(state);
  const isSure = states.every(({ met, verdict }) => met === 'yes' && verdict === 'STABLE');
  const word = name === best ? `${state}, BEST` : state;
  return isSure ? good(word) : doubtful(word);
}

interface Columns {
  titles: string[];
  figures(alternative: Alternative): string[];
}

function fleetColumns({ scenario, alternatives }: FleetPlan): Columns {
  const { percentile } = scenario.sla;
  const unit = timeUnit(alternatives.map(({ states }) => states[0]?.latencyS[percentile].mean ?? 0));
  return {
    titles: [`${percentile} ${unit.name}`, 'USD/h', 'ρ'],
    figures: ({ states, money, fleet }) => {
      const latencyS = states[0]?.latencyS[percentile].mean;
      return [
        short(latencyS && latencyS * unit.perS, 4),
        short(fleet && money?.usdPerHour),
        shareOfOne(states[0]?.utilisation[0]?.offered),
      ];
    },
  };
}

function capacityColumns(): Columns {
  return {
    titles: ['QPS', 'USD/M', 'ρ'],
    figures: ({ capacity, money }) => [
      short(capacity?.ratePerS.mean, 4),
      short(money?.usdPerMillionRequests),
      shareOfOne(capacity?.utilisation[0]?.offered),
    ],
  };
}

function evidenceLines(plan: PlanResult, { evidence }: Alternative, width: number): Line[] {
  return sections(
    width,
    [
      'Share of a tail latency by its weakest input',
      evidence
        ? evidenceBars([{ name: 'slowest 1 %', shares: evidence }], width)
        : [['nothing was simulated']],
    ],
    ['Defaults that were assumed', defaultLines(plan.defaults, width)],
  );
}
