import { unionOf } from '../../../scenarios/distillation/union.ts';
import type { ArmCost } from './arm-cost.ts';
import { leastCount, signChange } from './break-even.ts';
import { costIn } from './compare-arms.ts';
import type { DistillationCase } from './distillation-case.ts';
import { type DistillationWorkload, examplesOf, type Vertical } from './workload.ts';

/** What is compared between the shared teacher and co-distillation. */
export type Figure = 'usdPerDay' | 'flopPerDay' | 'deviceHoursPerDay' | 'watts';

/** Where a shared teacher costs as much as co-distillation, one input changing; absent where it does for no value. */
export interface FoundBreakEven {
  figure: Figure;
  /** The shared teacher's figure over that of co-distillation, as given. */
  ratio: number;
  overlap?: number;
  trainShare?: number;
  labelShare?: number;
  /** Least runs of every vertical with which the shared teacher costs no more. */
  runs?: number;
  /** Least number of verticals like the first, each sharing a part of its traffic, with which it costs no more. */
  verticals?: number;
}

/** Most runs and verticals that are looked at. */
const mostCount = 1000;

/**
 * Break-even by search over whole costs, which hold the memory of models, label storage and moved bytes beside the
 * FLOPs of the closed form. Fleets are those that load and memory need: given ones do not follow what changes.
 * @param sharedPart of the traffic of each vertical past the first, for the number of verticals
 */
export function findBreakEven(
  { held: _, ...given }: DistillationCase,
  figure: Figure,
  sharedPart: number,
): FoundBreakEven {
  const { workload } = given;
  const of = (arm: ArmCost['arm'], changed: Partial<DistillationWorkload>) =>
    costIn(arm, withWorkload(given, { ...workload, ...changed }))[figure];
  const difference = (changed: Partial<DistillationWorkload>) =>
    of('shared-teacher', changed) - of('co-distillation', changed);
  const share = { low: 1e-6, high: 1 };
  const found = {
    overlap: signChange((overlap) => difference(withOverlap(workload, overlap)), overlapRange(workload)),
    trainShare: signChange((trainShare) => difference({ trainShare }), share),
    labelShare: signChange((labelShare) => difference({ labelShare }), share),
    runs: leastCount((runs) => difference(withRuns(workload, runs)), mostCount),
    verticals: leastCount((count) => difference(likeFirst(workload, count, sharedPart)), mostCount),
  };
  const known = Object.entries(found).filter(([, value]) => value !== undefined);
  const ratio = of('shared-teacher', {}) / of('co-distillation', {});
  return { figure, ratio, ...Object.fromEntries(known) };
}

/** Given device seconds stay those of the same verticals; where there are other ones, all are like the first. */
function withWorkload(given: DistillationCase, workload: DistillationWorkload): DistillationCase {
  const { seconds } = given;
  const own = given.workload.verticals;
  const areOwn = workload.verticals.every(({ name }, index) => name === own[index]?.name);
  if (!seconds || areOwn) return { ...given, workload };
  const likeFirst = ([first]: readonly number[]) => workload.verticals.map(() => first);
  const { verticalTrainingS, headsS } = seconds;
  return {
    ...given,
    workload,
    seconds: { ...seconds, verticalTrainingS: likeFirst(verticalTrainingS), headsS: likeFirst(headsS) },
  };
}

/** The same verticals with another union. */
export function withOverlap(workload: DistillationWorkload, overlap: number): Partial<DistillationWorkload> {
  return { uniqueExamplesPerDay: examplesOf(workload) / overlap };
}

/** From disjoint verticals to all of them seeing the traffic of the largest. */
function overlapRange(workload: DistillationWorkload): { low: number; high: number } {
  const largest = Math.max(...workload.verticals.map(({ examplesPerDay }) => examplesPerDay));
  return { low: 1, high: examplesOf(workload) / largest };
}

function withRuns({ verticals }: DistillationWorkload, runs: number): Partial<DistillationWorkload> {
  return { verticals: verticals.map((vertical) => ({ ...vertical, runs })) };
}

/** Verticals like the first one, and the union that their shared traffic leaves. */
export function likeFirst(
  { verticals: [first] }: DistillationWorkload,
  count: number,
  sharedPart: number,
): Pick<DistillationWorkload, 'verticals' | 'uniqueExamplesPerDay'> {
  const verticals = Array.from({ length: count }, (_, index): Vertical => {
    return { ...first, name: `${first.name} ${index + 1}` };
  });
  const examples = verticals.map(({ examplesPerDay }) => examplesPerDay);
  return { verticals, uniqueExamplesPerDay: unionOf(examples, sharedPart) };
}
