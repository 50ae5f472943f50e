import { formatTime } from '../../../foundation/units.ts';
import type { ArmResult, Measured, Percentile, Result } from '../../../sim/result.ts';
import { timeUnit } from '../../numbers.ts';
import { comparedLines } from '../compared-lines.ts';
import { shareOfOne, short } from '../short-numbers.ts';
import { armStatus, isWaiting } from '../status.ts';
import { always, type SubjectView, type Tab } from '../subject-view.ts';
import { paragraph } from '../table.ts';
import type { Tools } from '../tools.ts';
import { breakdownLines } from './breakdown.ts';
import { evidenceLines } from './evidence.ts';
import { fleetLines } from './fleet.ts';
import { latencyLines } from './latency.ts';
import { overviewLines } from './overview.ts';
import { shardLines } from './shards.ts';

/** A result of `simulate`: its arms. */
export function resultView(result: Result, tools: Tools): SubjectView {
  const { arms, scenario } = result;
  const judged = judgedPercentile(result);
  const unit = timeUnit(arms.map(({ measured }) => measured?.latencyS[judged].mean ?? 0));
  const latency = ({ measured }: ArmResult) => measured?.latencyS[judged].mean;
  const baseline = Math.max(
    0,
    arms.findIndex(({ name }) => name === scenario.baseline),
  );
  return {
    title: `result ${scenario.name}`,
    goal: scenario.sla ? `${judged} ≤ ${formatTime(scenario.sla.limitS)}` : '',
    what: 'arm',
    size: arms.length,
    start: 0,
    baseline,
    hasLongNames: false,
    figureTitles: [`${judged} ${unit.name}`, 'USD/h', 'ρ'],
    key: (index) => arms[index].name,
    item: (index) => {
      const arm = arms[index];
      const timeS = latency(arm);
      return {
        name: arm.name,
        status: armStatus(arm),
        figures: [
          short(timeS && timeS * unit.perS, 4),
          short(priceOf(arm)),
          shareOfOne(arm.measured && busiestUse(arm.measured)),
        ],
      };
    },
    searchText: (index) => `${arms[index].name} ${armStatus(arms[index]).word}`.toLowerCase(),
    sorts: [
      { title: judged, of: (index) => latency(arms[index]) },
      { title: 'price', of: (index) => priceOf(arms[index]) },
      { title: 'compute', of: (index) => computeS(arms[index]) },
      { title: 'ρ', of: (index) => arms[index].measured && busiestUse(arms[index].measured) },
      { title: 'name', of: (index) => arms[index].name },
    ],
    tabs: {
      overview: always(({ index, width }) => overviewLines(result, arms[index], width)),
      latency: ofMeasured(arms, (arm, width) => latencyLines(result, arm, width)),
      breakdown: ofMeasured(arms, (arm, width) => breakdownLines(arm.measured!.breakdownS, width)),
      shards: {
        missing: (index) =>
          whyUnmeasured(arms[index]) ??
          (arms[index].shards.length === 0
            ? 'this arm has no sparse shards: the main hosts hold all tables'
            : undefined),
        lines: ({ index, width }) => shardLines(arms[index].shards, width),
      },
      fleet: ofMeasured(arms, (arm, width) => fleetLines(arm, width)),
      evidence: always(({ index, width }) => evidenceLines(result, arms[index], width)),
      compare: {
        missing: (index) => (arms.length < 2 ? 'there is no other arm' : whyUnmeasured(arms[index])),
        lines: ({ index, other, width }) => {
          const why = whyUnmeasured(arms[other]);
          if (why !== undefined) {
            const text = `Nothing to compare with ${arms[other].name}: ${why}. c marks another arm as A.`;
            return paragraph(text, width);
          }
          const pair = tools.compareArms(result, arms[other].name, arms[index].name);
          return comparedLines(pair, scenario.confidence, width);
        },
      },
    },
  };
}

/** The percentile that decides: that of the SLA, else p99. */
export function judgedPercentile({ scenario }: Result): Percentile {
  return scenario.sla?.percentile ?? 'p99';
}

/** Use of the busiest resource: what is asked of it where the load is open, else what was seen. */
export function busiestUse({ utilisation }: Measured): number {
  return Math.max(...utilisation.map(({ mean, offered }) => (offered ?? mean).mean));
}

/** Hosts of an arm are counted once its tables are placed and it was simulated. */
function priceOf({ measured, fleet }: ArmResult): number | undefined {
  return measured && fleet.pricePerHourUsd;
}

function computeS({ measured }: ArmResult): number | undefined {
  return measured && measured.computeS.cpu.mean + measured.computeS.accelerator.mean;
}

function whyUnmeasured(arm: ArmResult): string | undefined {
  if (arm.measured) return undefined;
  return isWaiting(arm)
    ? 'its first replication is not finished yet'
    : 'the arm does not fit, so nothing was simulated: see Overview';
}

function ofMeasured(
  arms: readonly ArmResult[],
  lines: (arm: ArmResult, width: number) => ReturnType<Tab['lines']>,
): Tab {
  return {
    missing: (index) => whyUnmeasured(arms[index]),
    lines: ({ index, width }) => lines(arms[index], width),
  };
}
