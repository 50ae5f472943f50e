import { InputError } from '../../../foundation/problem.ts';
import { isSameValue } from '../../../foundation/same-value.ts';
import { type ArmPlan, planArm, withPlacement } from '../../serving/plan.ts';
import { CapacityError } from '../../sharding/capacity-error.ts';
import type { Interval } from '../../statistics/interval.ts';
import type { Planner } from '../planner.ts';
import { changes } from './answers.ts';
import type { Knob } from './knobs-knob.ts';
import { dramFill } from './knobs-words.ts';
import { type Base, type Measured, measureLike } from './measure.ts';
import type { Outcome } from './reasons.ts';

/** A knob turned to one side, simulated and compared. */
export async function turnKnob(planner: Planner, base: Base, knob: Knob, factor: number): Promise<Outcome> {
  const turned = knob.turn(factor);
  if ('cannot' in turned) return unsimulated({ cannot: turned.cannot });
  const { value, arm, ratePerS = base.judgedPerS, limitS = base.limitS } = turned;
  let plan = base.plan;
  try {
    if (arm) plan = await replanned(planner, knob, base.plan, arm);
  } catch (error) {
    const message = error instanceof Error ? error.message.split('\n')[0] : '';
    if (error instanceof CapacityError) return unsimulated({ value, misfit: message });
    if (error instanceof InputError) return unsimulated({ value, cannot: message });
    throw error;
  }
  const stays = knob.isUnseen === true && isSameValue(plan.placement, base.plan.placement);
  const asked = { plan, limitS, judgedPerS: ratePerS };
  const measured = stays ? { ...asked, runs: base.runs } : await measureLike(planner, base, asked);
  const side = { value, ...changes(planner, base, measured) };
  return {
    // Another rate is no other fleet.
    side: knob.id === 'rate' ? { ...side, throughput: exactly(0), money: exactly(0) } : side,
    isSame: isSame(base, measured),
    workChanges: workChanges(base, measured),
  };
}

function exactly(value: number): Interval {
  return { mean: value, low: value, high: value };
}

function unsimulated(side: Outcome['side']): Outcome {
  return { side, isSame: false, workChanges: [] };
}

/** The plan of a turned arm; tables stay where they are unless the knob says that they may have to move. */
async function replanned(
  { scenario }: Planner,
  { changes: changed }: Knob,
  { arm: before, ...plan }: ArmPlan,
  arm: Measured['plan']['arm'],
): Promise<ArmPlan> {
  if (changed === undefined) return { ...plan, arm };
  const isModelSame = arm.model === before.model;
  if (changed === 'caches' || isModelSame) {
    const kept = await withPlacement(arm, plan.placement);
    const fills = [dramFill(kept, 'main'), dramFill(kept, 'sparse')];
    const fits = fills.every((fill) => !fill || fill.usedBytes <= fill.capacityBytes);
    if (fits || changed === 'caches') return kept;
  }
  return planArm(arm, scenario.placementFiles.get(arm.name));
}

/** Whether all runs at rates that both saw gave the very same latencies. */
function isSame(base: Measured, turned: Measured): boolean {
  return turned.runs.every((runs, replication) =>
    base.runs[replication].every((before) => {
      const run = runs.find(({ ratePerS }) => ratePerS === before.ratePerS);
      return run === undefined || isSameValue(run.percentilesS, before.percentilesS);
    }),
  );
}

function workChanges(base: Measured, turned: Measured): number[] {
  const [before, after] = [base.runs[0][0].usePerRate, turned.runs[0][0].usePerRate];
  if (before.length !== after.length) return before.map(() => 1);
  return before.map(({ offered }, index) =>
    offered === after[index].offered ? 0 : after[index].offered / offered - 1,
  );
}
