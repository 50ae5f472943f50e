import { components } from '../../serving/components.ts';
import type { ReplicationOutcome } from '../../serving/replication.ts';
import { interval } from '../../statistics/interval.ts';
import type { BuiltAlternative } from '../alternative.ts';
import type { LimitedBy } from '../capacity-search.ts';
import type { Planner } from '../planner.ts';
import { latencies, priceOf, watts } from './answers.ts';
import { knobsOf } from './knobs.ts';
import { isUnused, type Knob, type UnusedKnob } from './knobs-knob.ts';
import { type Asked, type Base, crossingOf, measureBase, throughputs } from './measure.ts';
import { componentName, isSure, type Outcome, reasonFor, type Shown } from './reasons.ts';
import { bottleneckUse, reliefOf } from './relief.ts';
import type { KnobResult, SensitivityResult } from './sensitivity-result.ts';
import { type Subject, subjectOf } from './subject.ts';
import { turnKnob } from './turn.ts';

/** Replications of every side of every knob: what they have in common cancels in the changes. */
const mostReplications = 4;
const fewestReplications = 2;

/** Events of all runs together, about, and the runs of one replication: some seconds of one thread for most plans. */
const mostEvents = 1.4e8;
const usualRuns = 200;

/** Below this a knob hardly moves anything, and a reason stands beside it. */
const hardly = 0.01;

/**
 * Turns every knob of an alternative down and up by the plan's `sensitivity` and measures what that changes: the
 * latency-bounded throughput of its hosts, the judged percentile at the target, money per request and power. Hosts
 * are held fixed: the fleet that serves the target, or the replica set where there is no target.
 * @param best an alternative with a capacity
 */
export async function analyseSensitivity(
  planner: Planner,
  best: BuiltAlternative,
): Promise<SensitivityResult> {
  const { spec, sla, scenario } = planner;
  const subject = subjectOf(planner, best);
  const asked = { plan: subject.plan, limitS: sla.limitS, judgedPerS: subject.judgedPerS };
  const outcomes = await simulated(planner, asked);
  const replications = affordable(outcomes);
  const base = await measureBase(planner, asked, subject.throughputPerS, replications);
  const shown = show(planner, base, outcomes.slice(0, replications));
  const knobs = await Promise.all(
    knobsOf({ plan: subject.plan, ratePerS: subject.judgedPerS, limitS: sla.limitS }).map((knob) =>
      isUnused(knob) ? notUsed(knob) : turned(planner, base, shown, knob),
    ),
  );
  knobs.sort((a, b) => b.effect - a.effect || largestLatency(b) - largestLatency(a));
  return {
    alternative: best.alternative.name,
    turnedBy: spec.sensitivity,
    percentile: sla.percentile,
    limitS: sla.limitS,
    fleet: [...subject.hosts].map(([group, hosts]) => ({ group, hosts })),
    copies: subject.copies,
    isReplicaSet: subject.isReplicaSet,
    replications,
    confidence: scenario.settings.confidence,
    ...findings(planner, subject, base, shown, knobs),
    knobs,
    unexplained: knobs.filter(({ state }) => state === 'unexplained').map(({ id }) => id),
  };
}

/** The unturned plan at the judged rate. */
function simulated({ workers, scenario }: Planner, { plan }: Asked): Promise<ReplicationOutcome[]> {
  const { replications, seed } = scenario.settings;
  const count = Math.max(fewestReplications, Math.min(mostReplications, replications));
  return workers.replicate(
    Array.from({ length: count }, (_, replication) => ({ plan, key: { seed, replication } })),
  );
}

/** Fewer replications where each takes long. */
function affordable(outcomes: readonly ReplicationOutcome[]): number {
  const events = outcomes.reduce((sum, outcome) => sum + outcome.events, 0) / outcomes.length;
  const wanted = Math.floor(mostEvents / (usualRuns * events));
  return Math.max(fewestReplications, Math.min(outcomes.length, wanted));
}

/** What the unturned plan shows of where its time goes. */
function show(planner: Planner, base: Base, outcomes: readonly ReplicationOutcome[]): Shown {
  const mean = (of: (outcome: ReplicationOutcome) => number) =>
    outcomes.reduce((sum, outcome) => sum + of(outcome), 0) / outcomes.length;
  return {
    plan: base.plan,
    use: outcomes[0].resources.map(({ group, resource }, index) => ({
      group,
      resource,
      offered: mean(({ resources }) => resources[index].offered ?? resources[index].utilisation),
    })),
    limitedBy: limitedBy(planner, base),
    medianS: mean(({ percentiles }) => percentiles.p50),
    ratePerS: base.judgedPerS,
    tailS: components.map((_, index) => mean(({ tail }) => tail[index])),
  };
}

function notUsed({ id, name, kind, unused }: UnusedKnob): KnobResult {
  const none = { cannot: unused };
  return { id, name, kind, down: none, up: none, effect: 0, moves: [], state: 'explained', reason: unused };
}

async function turned(planner: Planner, base: Base, shown: Shown, knob: Knob): Promise<KnobResult> {
  const by = planner.spec.sensitivity;
  const [down, up] = await Promise.all(
    [1 - by, 1 + by].map((factor) => turnKnob(planner, base, knob, factor)),
  );
  const simulated = [down, up].filter(({ side }) => side.throughput !== undefined);
  const sides = [down.side, up.side];
  const moves = (['throughput', 'latency', 'money', 'power'] as const).filter((answer) =>
    sides.some((side) => isSure(side[answer])),
  );
  const misfits = sides.some(({ misfit }) => misfit !== undefined);
  const effect = Math.max(
    ...sides.map(({ throughput, misfit }) => (misfit ? 1 : Math.abs(throughput?.mean ?? 0))),
  );
  const { id, name, kind, value } = knob;
  const reason = isStrong(sides) || misfits ? undefined : whyNot(knob, shown, simulated, sides, by);
  const isMoving = moves.length > 0 || misfits;
  return {
    id,
    name,
    kind,
    value,
    down: down.side,
    up: up.side,
    effect,
    moves,
    state: isMoving ? 'moves' : reason === undefined ? 'unexplained' : 'explained',
    ...(reason !== undefined && { reason }),
  };
}

function whyNot(
  knob: Knob,
  shown: Shown,
  simulated: readonly Outcome[],
  sides: readonly Outcome['side'][],
  by: number,
): string | undefined {
  if (simulated.length > 0) return reasonFor(knob, shown, simulated, by);
  return [...new Set(sides.map(({ cannot }) => cannot ?? ''))].join('; ');
}

function isStrong(sides: readonly Outcome['side'][]): boolean {
  return sides.some((side) =>
    (['throughput', 'latency', 'money', 'power'] as const).some(
      (answer) => isSure(side[answer]) && Math.abs(side[answer]!.mean) >= hardly,
    ),
  );
}

function largestLatency({ down, up }: KnobResult): number {
  return Math.max(...[down, up].map(({ latency }) => Math.abs(latency?.mean ?? 0)));
}

function findings(
  planner: Planner,
  { copies }: Subject,
  base: Base,
  shown: Shown,
  knobs: readonly KnobResult[],
): Pick<SensitivityResult, 'base' | 'bottleneck' | 'relief'> {
  const { confidence } = planner.scenario.settings;
  const throughputPerS = interval(
    throughputs(planner, base).map((rate) => rate * copies),
    confidence,
  );
  const usdPerHour = priceOf(base) * copies;
  const relief = reliefOf(knobs, { throughputPerS: throughputPerS.mean, usdPerHour });
  const total = shown.tailS.reduce((sum, seconds) => sum + seconds, 0);
  const largest = shown.tailS.indexOf(Math.max(...shown.tailS));
  const { busiest, idle } = bottleneckUse(shown.use);
  const judgedPerS = base.judgedPerS * copies;
  const best = relief.find(({ knob }) => isBuyable(knobs, knob));
  return {
    base: {
      judgedPerS,
      throughputPerS,
      limitedBy: shown.limitedBy,
      latencyS: interval(latencies(planner, base), confidence),
      usdPerHour,
      watts: interval(watts(base), confidence).mean * copies,
    },
    bottleneck: {
      ...busiest,
      atCapacity: (busiest.offered * throughputPerS.mean) / judgedPerS,
      component: componentName(components[largest]),
      componentShare: shown.tailS[largest] / total,
      ...(best && { best }),
      ...(idle && { idle }),
    },
    relief,
  };
}

/** What ends the rate in most replications. */
function limitedBy(planner: Planner, base: Base): LimitedBy {
  const found = base.runs.map((runs) => crossingOf(planner, base, runs).limitedBy);
  const times = (one: LimitedBy) => found.filter((other) => other === one).length;
  return found.reduce((most, one) => (times(one) > times(most) ? one : most));
}

/** Whether a knob is one that whoever runs the fleet can turn. */
function isBuyable(knobs: readonly KnobResult[], id: string): boolean {
  const kind = knobs.find((knob) => knob.id === id)!.kind;
  return kind !== 'load' && kind !== 'model';
}
