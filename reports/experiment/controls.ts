import { counted } from '../../foundation/counted.ts';
import type { ExperimentCell, ExperimentResult } from '../../sim/training/experiment-result.ts';
import { type GainedCell, isGained, type Panel, panelsOf, titleOf } from './cells.ts';
import { listed } from './wording.ts';

/** Which arm a control stands beside, and what else could explain the arm's gain. */
const controlled: Record<string, { arm: string; asks: string }> = {
  labels: { arm: 'ah', asks: 'whether a second head gains by itself, without a teacher' },
  shuffled: { arm: 'ah', asks: 'whether it matters what the teacher says of an example' },
  'vm-sized': { arm: 'ah', asks: 'whether the teacher has to be larger than the student' },
  'double-weight': { arm: 'ah-sa', asks: 'whether AH+SA gains by its doubled weight of distillation alone' },
  'two-heads': { arm: 'ah-sa', asks: 'whether AH+SA gains by its second head alone' },
  'raised-rate': { arm: 'ah-gs', asks: 'whether β gains as a faster backbone would' },
};

/** A control beside its arm, at one age of the teacher. */
export interface Controlled {
  arm: GainedCell;
  control: GainedCell;
  /** Mean gain of the arm less that of the control. */
  lead: number;
  /** Seeds in which the arm gains more, and all of them. */
  ahead: number;
  seeds: number;
}

/** Controls that were run, by the arm that they stand beside. */
export function controlsOf({ arms }: ExperimentResult): { control: string; arm: string; asks: string }[] {
  const ids = new Set(arms.map(({ id }) => id));
  return arms.flatMap(({ id, isControl }) => {
    const known = isControl && Object.hasOwn(controlled, id) ? controlled[id] : undefined;
    return known && ids.has(known.arm) ? [{ control: id, ...known }] : [];
  });
}

/** Each age of the teacher at which an arm and its control can be compared, seed by seed. */
export function comparedWith(
  cells: readonly ExperimentCell[],
  { arm, control }: { arm: string; control: string },
): Controlled[] {
  const gained = cells.filter(isGained);
  const controls = gained.filter((cell) => cell.arm === control);
  return gained
    .filter((cell) => cell.arm === arm)
    .flatMap((cell) => {
      // A control without a log of a teacher is the same whatever the age.
      const other = controls.find(
        ({ stalenessDays }) => stalenessDays === undefined || stalenessDays === cell.stalenessDays,
      );
      return other ? [compared(cell, other)] : [];
    });
}

function compared(arm: GainedCell, control: GainedCell): Controlled {
  const [own, others] = [arm.gain.perSeed, control.gain.perSeed];
  const seeds = Math.min(own.length, others.length);
  let ahead = 0;
  for (let seed = 0; seed < seeds; seed++) if (own[seed] > others[seed]) ahead++;
  return { arm, control, lead: arm.gain.mean - control.gain.mean, ahead, seeds };
}

/** What each control asks, and what it says. */
export function controlsInWords(result: ExperimentResult): string[] {
  return controlsOf(result).flatMap((pair) => {
    const all = panelsOf(result).flatMap(({ cells }) => comparedWith(cells, pair));
    if (all.length === 0) return [];
    const behind = all.filter(({ lead }) => lead <= 0).length;
    const [arm, control] = [titleOf(result, pair.arm), titleOf(result, pair.control)];
    const [only, every] =
      all.length === 1
        ? ['the only comparison', 'the only comparison']
        : [
            `${behind} of ${counted(all.length, 'comparison')}`,
            `all of ${counted(all.length, 'comparison')}`,
          ];
    const count =
      behind === 0 ? `${arm} gains more in ${every}` : `it does at least as well as ${arm} in ${only}`;
    return [`“${control}” asks ${pair.asks}: ${count}, by the mean over seeds.`];
  });
}

/** Names of controls that do at least as well as their arm in half of the comparisons or more. */
export function rivals(result: ExperimentResult): string {
  const found = controlsOf(result).filter((pair) => {
    const all = panelsOf(result).flatMap(({ cells }) => comparedWith(cells, pair));
    return all.length > 0 && 2 * all.filter(({ lead }) => lead <= 0).length >= all.length;
  });
  return listed(
    found.map(({ control, arm }) => `“${titleOf(result, control)}” does as well as ${titleOf(result, arm)}`),
  );
}

/** Arms with their controls below them, for a table of a panel. */
export function rowsWithControls(result: ExperimentResult, { cells }: Panel): { id: string; of?: string }[] {
  const pairs = controlsOf(result).filter(({ control }) => cells.some(({ arm }) => arm === control));
  const arms = [...new Set(pairs.map(({ arm }) => arm))];
  return arms.flatMap((arm) => [
    { id: arm },
    ...pairs.filter((pair) => pair.arm === arm).map(({ control }) => ({ id: control, of: arm })),
  ]);
}
