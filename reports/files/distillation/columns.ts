import { type DataColumn, numberColumn, textColumn } from '../../../foundation/data-table.ts';
import type { Estimate, PriceOfGain } from '../../../sim/training/distillation/figure-result.ts';
import type { DistillationResult } from '../../../sim/training/distillation-result.ts';
import { type AnsweredArm, answeredArms } from '../../distillation/arms.ts';

/** Of each item of a table, the arm that it belongs to. */
export interface OfArm {
  arm: string;
}

export const armColumn = <Item extends OfArm>(): DataColumn<Item> => textColumn('arm', ({ arm }) => arm);

/** One item for each thing that an arm that was simulated has several of. */
export function itemsOf<Item extends object>(
  result: DistillationResult,
  of: (arm: AnsweredArm) => readonly Item[],
): (Item & OfArm)[] {
  return answeredArms(result).flatMap((arm) => of(arm).map((item) => ({ ...item, arm: arm.name })));
}

/** A figure that rests on uncertain constants, with the range that these leave. */
export function estimateColumns<Item>(
  name: string,
  suffix: string,
  of: (item: Item) => Estimate | PriceOfGain | undefined,
): DataColumn<Item>[] {
  return [
    numberColumn(`${name}${suffix}`, (item) => of(item)?.value ?? undefined),
    numberColumn(`${name}_low${suffix}`, (item) => of(item)?.low ?? undefined),
    numberColumn(`${name}_high${suffix}`, (item) => of(item)?.high ?? undefined),
  ];
}
